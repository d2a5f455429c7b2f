from __future__ import annotations

import errno
from pathlib import Path

import numpy as np
import pytest

from gan.errors import UserError
from gan.files import atomic_path
from gan.training.breakpoints import Watch, collapsed, disk_low, diverged, diversity, finite, is_disk_full

PIXELS = 3 * 64 * 64  # no two such pictures are further apart than 221.7
NORMAL = [5.0, 28.0, 12.0, 9.0, -3.0, 8.0] * 10


def _pictures(spread: float, n: int = 32) -> np.ndarray:
    random = np.random.RandomState(0)
    tones = random.uniform(-1, 1, (n, 4, 4, 3)).repeat(16, 1).repeat(16, 2)
    return np.clip(127.5 + 127.5 * spread * tones, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), -float("inf")])
def test_finite(bad: float) -> None:
    assert finite([1.0, None, -2, 0]) and finite([])
    assert not finite([1.0, bad])


@pytest.mark.parametrize(
    ("earlier", "recent", "expected"),
    [
        (NORMAL, [5000.0] * 5, True),
        (NORMAL, [-5000.0] * 5, True),
        (NORMAL, [9.0, 5000.0, 9.0, 5000.0, 9.0], False),  # spikes
        (NORMAL, [200.0] * 5, False),  # a large jump, but no impossible distance
        ([150.0] * 60, [900.0] * 5, False),  # impossible, but it always was: the scale of a clipped critic
        ([150.0] * 60, [1600.0] * 5, True),
        ([1e-6] * 60, [1.5] * 5, False),  # a clipped critic that wakes up
        (NORMAL[:20], [2000.0] * 5, False),  # too early to say what is usual
        ([], [2300.0] * 5, True),  # but not for this
        (NORMAL, [5000.0] * 3, False),
        ([], [], False),
    ],
)
def test_divergence(earlier: list[float], recent: list[float], expected: bool) -> None:
    assert diverged(earlier, recent, PIXELS) is expected


def test_slow_exponential_growth_is_noticed_and_growth_of_the_first_minutes_is_not() -> None:
    watch = Watch(PIXELS, 1.0)
    told = [step for step in range(200) if watch.estimate(step, 1.1**step)]
    assert told and 1.1 ** told[0] < 10 * 10 * PIXELS**0.5
    first_minutes = [1.2, 8.2, 21.0, 15.7, 28.4, 17.0, 19.9, 14.8, 12.4, 8.5, 8.1, 5.8, 6.0, 4.8, 4.8, 5.5, 3.6, 3.9]
    watch = Watch(PIXELS, 1.0)  # as the bundled model began
    assert not any(watch.estimate(step, value) for step, value in enumerate(first_minutes * 5))


def test_a_resumed_run_is_not_stopped_again_at_once() -> None:
    watch = Watch(PIXELS, 1.0)
    values = [10.0] * 40 + [1e4] * 50
    told = [step for step, value in enumerate(values) if watch.estimate(step, value)]
    assert len(told) == 1
    trouble = Watch(PIXELS, 1.0, [10.0] * 40 + [1e4] * 4).estimate(70, 1e4)
    assert trouble is not None and not trouble.roll_back
    assert trouble.text == "The estimate diverges: 1e+04 at step 70, though no pictures are more than 222 apart."
    watch = Watch(PIXELS, 1.0)
    watch.accept([1e4, 9e3, 1e4, 2e4, 1e4])  # by another process, from the end of the log
    assert not any(watch.estimate(step, 1e4) for step in range(50))
    assert [step for step in range(10) if watch.estimate(step, 2e5)] == [2]
    watch = Watch(PIXELS, 1.0)
    watch.accept([])
    assert watch.estimates == []


def test_numbers_that_are_not_finite_roll_back() -> None:
    watch = Watch(PIXELS, 1.0)
    assert watch.numbers(3, {"step": 3, "critic_loss": 1.0, "penalty": None}) is None
    trouble = watch.numbers(4, {"step": 4, "wasserstein": 1.0, "critic_loss": float("nan")})
    assert trouble is not None and trouble.roll_back and not trouble.can_go_on
    assert trouble.text == "At step 4 the critic loss was no finite number."


def test_disk() -> None:
    assert disk_low(299, 100) and not disk_low(300, 100)
    watch = Watch(PIXELS, 1.0)
    assert watch.disk(10**9, 10**6) is None
    trouble = watch.disk(2_000_000, 10**6)
    assert trouble is not None
    assert trouble.text == "The disk runs low: 2 MB are free, a checkpoint with its state takes 1 MB."
    assert watch.disk(2_000_000, 10**6) is None  # told, and resumed regardless
    assert watch.disk(10**9, 10**6) is None
    assert watch.disk(2_000_000, 10**6) is not None  # it was well in between


def test_which_errors_mean_a_full_disk(tmp_path: Path) -> None:
    for number, expected in ((errno.ENOSPC, True), (errno.EDQUOT, True), (errno.EACCES, False)):
        with pytest.raises(UserError) as caught, atomic_path(tmp_path / "file"):
            raise OSError(number, "so it is")
        assert is_disk_full(caught.value) is expected
    assert not is_disk_full(UserError("no"))


def test_diversity_is_the_mean_distance_of_two_pictures() -> None:
    images = _pictures(1.0, 6)
    small = images.reshape(6, 16, 4, 16, 4, 3).mean((2, 4)) / 127.5 - 1
    pairs = [(i, j) for i in range(6) for j in range(i)]
    expected = np.mean([np.sqrt(np.square(small[i] - small[j]).mean()) for i, j in pairs])
    assert diversity(images) == pytest.approx(expected, rel=1e-4)
    assert diversity(np.repeat(images[:1], 6, 0)) == pytest.approx(0, abs=1e-3)
    assert diversity(images[..., :1]) > 0
    assert diversity(images[:1]) == 0
    noise = np.random.RandomState(1).randint(0, 256, (6, 64, 64, 3), np.uint8)
    assert diversity(noise) < 0.4 * diversity(images)  # pixel noise is no variety


def test_collapse() -> None:
    assert not collapsed(0.0, 0.0, 0.4)  # step 0: all the same grey
    assert not collapsed(0.05, 0.1, 0.4)  # never was diverse
    assert collapsed(0.1, 0.38, 0.4)
    assert not collapsed(0.3, 0.38, 0.4)


def test_samples_that_collapse_are_told_once() -> None:
    real = diversity(_pictures(1.0))
    watch = Watch(PIXELS, real)
    sheets = [0.0, 0.3, 0.8, 0.9, 0.7, 0.1, 0.1, 0.8, 0.1]
    told = [step for step, spread in enumerate(sheets) if watch.samples(step, diversity(_pictures(spread)))]
    assert told == [5, 8]
    watch = Watch(PIXELS, 0.4, best_diversity=0.38)
    trouble = watch.samples(700, 0.04)
    assert trouble is not None and trouble.can_go_on
    assert trouble.text == "The samples of step 700 collapse: they differ 10 % as much as real pictures, once 95 %."
