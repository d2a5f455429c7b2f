from __future__ import annotations

import os

import pytest

from gan.cores import cores
from gan.data.parallel import available_cores
from gan.training.device import training_threads


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="this system has no affinity")
def test_a_share_of_the_machine_is_what_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 64)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(4)))
    assert cores() == available_cores() == 4
    assert (training_threads(0), training_threads(0, processes=3), training_threads(7)) == (3, 1, 7)


def test_where_nobody_can_say_all_are_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 6)
    assert cores() == 6
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert cores() == 1
