"""The thread under every service: it runs one job after another, and sleeps while there is none."""

from __future__ import annotations

import atexit
import threading
import time
from collections.abc import Callable

from latent_debugger.errors import report_unexpected

Job = Callable[[], object]


class Loop:
    """One thread, started by the first job and joined by :meth:`stop`.

    The thread is a daemon that is also stopped at exit: a forgotten service must neither keep a closed program alive
    nor be torn down in the middle of a computation.

    Args:
        name: shown in thread lists.
        take: answers the next job, or None; called with ``lock`` held.
        prepare: called once in the thread before its first job.
        synchronous: no thread at all: :meth:`wake` runs every job in the caller. For tests.

    Attributes:
        lock: hold it to change whatever ``take`` looks at, then :meth:`wake`.
    """

    def __init__(
        self,
        name: str,
        take: Callable[[], Job | None],
        prepare: Callable[[], object] | None = None,
        *,
        synchronous: bool = False,
    ) -> None:
        self.lock = threading.Condition(threading.RLock())
        self.synchronous = synchronous
        self._name = f"latent-debugger {name}"
        self._take = take
        self._prepare = prepare
        self._thread: threading.Thread | None = None
        self._idle = True
        self._stopping = False

    @property
    def stopped(self) -> bool:
        """True from the call of :meth:`stop` on."""
        return self._stopping

    def wake(self) -> None:
        """Say that there may be a job. After :meth:`stop` nothing happens."""
        if self.synchronous:
            while not self._stopping and (job := self._take()) is not None:
                _run(job)
            return
        with self.lock:
            if self._stopping:
                return
            self._idle = False
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name=self._name, daemon=True)
                atexit.register(self.stop)
                self._thread.start()
            self.lock.notify_all()

    def wait_idle(self, timeout_s: float) -> bool:
        """Block until there is nothing to do; False when that took longer than ``timeout_s`` seconds."""
        deadline = time.monotonic() + timeout_s
        with self.lock:
            return self.lock.wait_for(lambda: self._idle, max(0.0, deadline - time.monotonic()))

    def stop(self) -> None:
        """Run the jobs that ``take`` still answers, then end the thread and wait for it. Calling it again is fine."""
        with self.lock:
            self._stopping = True
            thread = self._thread
            self.lock.notify_all()
        if thread is not None and thread is not threading.current_thread():
            thread.join()
            atexit.unregister(self.stop)
            self._take = _nothing  # lets go of the service: no reference cycle keeps it

    def _work(self) -> None:
        if self._prepare is not None:
            self._prepare()
        while (job := self._next()) is not None:
            _run(job)
            del job  # what it refers to must not stay alive while the thread sleeps

    def _next(self) -> Job | None:
        with self.lock:
            while (job := self._take()) is None:
                self._idle = True
                self.lock.notify_all()
                if self._stopping:
                    return None
                self.lock.wait()
            self._idle = False
            return job


def _nothing() -> None:
    return None


def _run(job: Job) -> None:
    try:
        job()
    except Exception as error:
        report_unexpected(error)
