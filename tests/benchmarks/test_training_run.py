"""What a run spends beside its updates is found by wrapping the methods that spend it."""

from __future__ import annotations

import pytest

from benchmarks.training_run import timed


class Work:
    """Its clock goes on by what it is given to do."""

    now = 0.0

    def do(self, seconds: float) -> float:
        """Work for so long."""
        Work.now += seconds
        if seconds > 10:
            raise TimeoutError
        return seconds


def test_each_call_is_timed_and_then_none() -> None:
    plain, work = Work.do, Work()
    with timed(Work, "do", lambda: Work.now) as spent:
        assert work.do(3.0) == 3.0
        with pytest.raises(TimeoutError):
            work.do(12.0)
        assert spent == [3.0, 12.0]
    assert Work.do is plain
    work.do(1.0)
    assert spent == [3.0, 12.0]


def test_the_methods_are_put_back_after_a_failure() -> None:
    plain = Work.do
    with pytest.raises(KeyError), timed(Work, "do"):
        raise KeyError
    assert Work.do is plain
