from __future__ import annotations

import sys
import time

import pytest
import torch

from gan.training.monitor import Every, Pace, device_memory_mb, memory_mb


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    return now


def test_every(clock: list[float]) -> None:
    due = Every(2.0)
    answers = []
    for moment in (100, 101, 102, 103, 104.5, 105, 106.4, 106.5):
        clock[0] = moment
        answers.append(due())
    assert answers == [False, False, True, False, True, False, False, True]
    assert Every(0)()


def test_pace_leaves_pauses_out(clock: list[float]) -> None:
    pace = Pace(1000)
    clock[0] = 110
    assert pace(1500) == 50
    clock[0] = 210
    pace.waited(90)
    assert pace(2000) == 50
    clock[0] = 211
    assert pace(1000) == 0  # it went back


def test_memory_is_that_of_this_process() -> None:
    before = memory_mb()
    if sys.platform not in ("linux", "darwin"):
        assert before is None
        return
    assert before is not None and 20 < before < 100_000
    block = bytearray(b"x") * 200_000_000
    after = memory_mb()
    assert after is not None and after >= before + 190
    del block


def test_no_device_memory_on_the_cpu() -> None:
    assert device_memory_mb(torch.device("cpu")) is None
