"""Work on many files at once, in order, in flat memory, and stop when told to.

Threads, not processes: decoding, resampling and hashing release Python's lock (measured: docs/data.md), a thread costs
nothing to start, and a window full of threads cannot be forked.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet
from contextlib import contextmanager
from threading import RLock
from typing import TypeVar

from threadpoolctl import threadpool_limits

from gan.cores import cores
from gan.errors import UserError

T = TypeVar("T")
R = TypeVar("R")
_MOST_WORKERS = 16
_ASK_EVERY = 0.1  # seconds between questions whether to stop, while one picture takes long
_blas_lock = RLock()
_AHEAD = 8  # items a worker that are under way or wait to be fetched


class Stopped(UserError):  # noqa: N818 - an outcome, like StopIteration
    """The user asked to stop; nothing was left half done."""

    def __init__(self) -> None:
        super().__init__("Reading the pictures was stopped.")


def ordered_map(
    function: Callable[[T], R],
    items: Iterable[T],
    should_stop: Callable[[], bool] | None = None,
    workers: int | None = None,
) -> Generator[R, None, None]:
    """``map(function, items)`` on several threads: results in order, few of them in memory at any time.

    Whatever ends the iteration, no thread of it is left behind.

    Args:
        should_stop: asked before every result, from the calling thread.
        workers: threads; None is one for each core that this process may use.

    Raises:
        Stopped: ``should_stop()`` said so.
    """
    workers = workers or available_cores()
    waiting: deque[Future[R]] = deque()
    pool = ThreadPoolExecutor(workers, thread_name_prefix="latent-debugger-pictures")
    try:
        for item in items:
            waiting.append(pool.submit(function, item))
            if len(waiting) >= workers * _AHEAD:
                yield _next(waiting, should_stop)
        while waiting:
            yield _next(waiting, should_stop)
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Let NumPy multiply matrices on one thread: several wait for each other by spinning.

    Beside a training run on the same cores, an eigenvalue problem of 577 x 577 took 8 s with two threads and 0.4 s
    with one. The setting belongs to the process, so one block runs at a time.
    """
    with _blas_lock, threadpool_limits(1, user_api="blas"):
        yield


def available_cores() -> int:
    """How many cores this process may use, within reason."""
    return min(cores(), _MOST_WORKERS)


def _next(waiting: deque[Future[R]], should_stop: Callable[[], bool] | None) -> R:
    first = waiting.popleft()
    while True:
        if should_stop is not None and should_stop():
            raise Stopped
        try:
            return first.result(None if should_stop is None else _ASK_EVERY)
        except NotYet:
            if first.done():  # it was the function's own
                raise
