"""A queue of jobs on one thread, with the answers given in the GUI thread."""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar, TypeVarTuple

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, Signal, Slot

from latent_debugger.errors import UserError, report_unexpected
from latent_debugger.services.loop import Job, Loop

T = TypeVar("T")
Ts = TypeVarTuple("Ts")
log = logging.getLogger(__name__)


@dataclass(eq=False)
class _Task:
    """A job on its way through the worker; ``outcome`` or ``error`` is filled in there."""

    call: Callable[[], object]
    done: Callable[[Any], object] | None
    failed: Callable[[UserError], object] | None
    outcome: object = None
    error: UserError | None = None


class Worker(QObject):
    """Runs functions first in, first out, on one thread of its own.

    Args:
        name: shown in thread lists.
        trouble: what the user reads when a function fails in a way that is a bug.
        synchronous: :meth:`submit` runs the function and its callback before it returns. For tests.
    """

    busy_changed = Signal(bool)
    """Emitted in this object's thread: True with the first job, False after the answer to the last one."""

    _finished = Signal(object)

    def __init__(
        self,
        name: str,
        parent: QObject | None = None,
        *,
        trouble: str = "Something unexpected went wrong.",
        synchronous: bool = False,
    ) -> None:
        super().__init__(parent)
        self._trouble = trouble
        self._queue: deque[_Task] = deque()
        self._loop = Loop(name, self._take, synchronous=synchronous)
        self._unanswered = 0
        self._finished.connect(self._deliver, Qt.ConnectionType.QueuedConnection)
        self.destroyed.connect(self._loop.stop)  # before a parent takes this object from under its thread

    @property
    def synchronous(self) -> bool:
        """True when there is no thread."""
        return self._loop.synchronous

    @property
    def busy(self) -> bool:
        """True while an answer is due."""
        return self._unanswered > 0

    def submit(
        self,
        function: Callable[[*Ts], T],
        *args: *Ts,
        done: Callable[[T], object] | None = None,
        failed: Callable[[UserError], object] | None = None,
    ) -> None:
        """Queue ``function(*args)``. Then ``done(result)`` or ``failed(error)`` is called in this object's thread.

        Anything but a UserError is reported as unexpected, and ``failed`` is told in one sentence. After :meth:`stop`
        nothing is queued any more.
        """
        if self._loop.stopped:
            return
        with self._loop.lock:
            self._queue.append(_Task(lambda: function(*args), done, failed))
        self._unanswered += 1
        if self._unanswered == 1:
            self.busy_changed.emit(True)
        self._loop.wake()

    def wait_idle(self, timeout_s: float) -> bool:
        """Block until all jobs are done and answered (in this object's thread only); False after ``timeout_s``."""
        deadline = time.monotonic() + timeout_s
        while self._unanswered and self._loop.wait_idle(deadline - time.monotonic()):
            QCoreApplication.sendPostedEvents(self, QEvent.Type.MetaCall.value)
        return self._unanswered == 0

    def stop(self) -> None:
        """Finish what is queued, end the thread and wait for it; answers not yet given are withheld."""
        self._loop.stop()
        self._unanswered = 0

    def _take(self) -> Job | None:
        if not self._queue:
            return None
        task = self._queue.popleft()
        return lambda: self._run(task)

    def _run(self, task: _Task) -> None:
        try:
            task.outcome = task.call()
        except UserError as error:
            task.error = error
        except Exception as error:
            report_unexpected(error)
            task.error = UserError(self._trouble, "The log says more.")
        if self._loop.synchronous:
            self._deliver(task)
        else:
            if task.error is not None and self._loop.stopped:
                log.warning("too late to be shown: %s", task.error)
            self._finished.emit(task)

    @Slot(object)
    def _deliver(self, task: _Task) -> None:
        if self._loop.stopped:
            return
        try:
            if task.error is None:
                if task.done is not None:
                    task.done(task.outcome)
            elif task.failed is not None:
                task.failed(task.error)
            else:
                report_unexpected(task.error)
        finally:
            self._unanswered -= 1
            if self._unanswered == 0:
                self.busy_changed.emit(False)
