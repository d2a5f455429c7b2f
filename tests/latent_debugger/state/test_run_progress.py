from __future__ import annotations

import numpy as np
import pytest

from latent_debugger.state.run_progress import duration, seconds_left, steps_per_second


def log(steps: list[float], times: list[float]) -> dict[str, np.ndarray]:
    return {"step": np.array(steps, float), "time": np.array(times, float)}


def test_the_pace_is_that_of_the_work_without_its_pauses() -> None:
    metrics = log([0, 10, 20, 30, 40], [0, 1, 2, 3602, 3603])
    assert steps_per_second(metrics) == pytest.approx(10)
    assert seconds_left(metrics, 40, 140) == pytest.approx(10)


def test_an_update_may_take_longer_than_a_pause() -> None:
    times = [0, 40, 80, 120, 3720, 3760]
    metrics = log(list(range(6)), times)
    assert steps_per_second(metrics) == pytest.approx(1 / 40)
    assert seconds_left(metrics, 5, 1000) == pytest.approx(995 * 40)


def test_a_pause_right_after_the_first_line_is_none_of_the_work() -> None:
    assert steps_per_second(log([0, 10, 20], [0, 3600, 3601])) == pytest.approx(10)


def test_only_the_last_minute_counts() -> None:
    slow = log(list(range(100)), [float(i) for i in range(100)])
    fast = {
        "step": np.append(slow["step"], 100 + 50 * np.arange(100)),
        "time": np.append(slow["time"], 100 + np.arange(100)),
    }
    assert steps_per_second(fast) == pytest.approx(50)


@pytest.mark.parametrize(
    "metrics",
    [
        {},
        {"step": np.arange(3.0)},
        log([], []),
        log([5], [1]),
        log([1, 2], [1, 1]),
        log([1, 2], [np.nan, 2]),
        log([0, 1, 2], [0, 1e300, 2e300]),
    ],
)
def test_too_little_tells_nothing(metrics: dict[str, np.ndarray]) -> None:
    assert steps_per_second(metrics) is None and seconds_left(metrics, 1, 2) is None


def test_past_the_end_nothing_is_left() -> None:
    assert seconds_left(log([0, 10], [0, 1]), 20, 10) == 0


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.4, "0:00"), (42, "0:42"), (725, "12:05"), (3730, "1:02:10"), (273_600, "3 d 4 h")]
)
def test_durations_read_as_clocks_do(seconds: float, text: str) -> None:
    assert duration(seconds) == text
