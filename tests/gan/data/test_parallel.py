"""Results come in order, few at a time, and no thread stays."""

from __future__ import annotations

import threading
import time

import pytest
from threadpoolctl import threadpool_info

from gan.data.parallel import Stopped, one_blas_thread, ordered_map


def threads() -> int:
    return sum(thread.name.startswith("latent-debugger-pictures") for thread in threading.enumerate())


def test_results_come_in_order() -> None:
    def slow_first(number: int) -> int:
        time.sleep(0.02 if number % 5 == 0 else 0)
        return number * number

    assert list(ordered_map(slow_first, range(50), workers=4)) == [n * n for n in range(50)]
    assert threads() == 0


def test_work_is_done_by_several_threads_at_once() -> None:
    together = threading.Barrier(3, timeout=60)  # passes only if three are inside at the same time
    assert list(ordered_map(lambda _: together.wait() >= 0, range(3), workers=3)) == [True] * 3


def test_only_a_few_are_under_way() -> None:
    begun: list[int] = []
    results = ordered_map(begun.append, range(10_000), workers=2)
    next(results)
    assert len(begun) < 100
    results.close()
    assert len(begun) < 100 and threads() == 0


def test_an_error_ends_it() -> None:
    with pytest.raises(ZeroDivisionError):
        list(ordered_map(lambda number: 1 // number, [2, 1, 0, 5], workers=2))
    assert threads() == 0


def test_a_timeout_of_the_work_itself_is_an_error_too() -> None:
    def refuse(_: int) -> None:
        raise TimeoutError("mine")

    with pytest.raises(TimeoutError, match="mine"):
        list(ordered_map(refuse, [1], lambda: False))


def test_stopping_does_not_wait_for_a_slow_picture() -> None:
    release, asked = threading.Event(), []

    def should_stop() -> bool:
        asked.append(None)
        if len(asked) > 3:
            release.set()  # the picture is still being worked on when the wish to stop is seen
            return True
        return False

    with pytest.raises(Stopped, match="stopped"):
        list(ordered_map(lambda _: release.wait(60), range(100), should_stop, workers=1))
    assert threads() == 0


def test_matrices_are_multiplied_on_one_thread_for_a_while() -> None:
    def threads_of_numpy() -> list[int]:
        return [pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"]

    before = threads_of_numpy()
    with one_blas_thread(), one_blas_thread():
        assert set(threads_of_numpy()) <= {1}
    assert threads_of_numpy() == before
