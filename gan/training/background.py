"""Writing a state takes a thread of its own: at width 64 it is 90 MB, and training would stand still for it."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

Job = Callable[[], None]


class BackgroundWriter:
    """Does one job at a time in a thread. A job that failed is not lost: :meth:`finish` does it again."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="latent-debugger-writer")
        self._job: Job | None = None
        self._future: Future[None] | None = None

    def start(self, job: Job) -> None:
        """Begin ``job``, after the one before it."""
        self.finish()
        self._job, self._future = job, self._pool.submit(job)

    def poll(self) -> None:
        """Raise what a job raised, if one ended badly; waits for nothing."""
        if self._future is None or self._future.done():
            self.finish()

    def finish(self) -> None:
        """Wait until nothing is left to do; raises what the job raised."""
        if self._job is None:
            return
        future = self._future or self._pool.submit(self._job)
        self._future = None
        future.result()
        self._job = None

    def drop(self) -> None:
        """Forget a job that failed, and wait for one that is being done."""
        if self._future is not None:
            self._future.exception()
        self._job = self._future = None

    def close(self) -> None:
        """Wait for the thread to end."""
        self._pool.shutdown()
