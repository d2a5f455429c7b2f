"""Instruments off the GUI thread: one job at a time for each purpose, the newest wins, every one can be cancelled.

All instruments of a window share the networks of the open model, which are loaded by the first job that needs them: an
instrument whose panel is closed asks for nothing and costs nothing. There are two threads, so that what takes a minute
(a search, an index) does not hold up what takes a moment (sensitivities at the end of a drag).
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, Signal, Slot

from gan.errors import UserError
from gan.instruments.subject import Subject
from latent_debugger.services.adapters import open_networks, subject_with_label
from latent_debugger.services.worker import Worker
from latent_debugger.state.model import OpenModel

T = TypeVar("T")
log = logging.getLogger(__name__)

_INTERVAL_S = 0.05  # nobody sees more, and every signal is an event of the GUI thread


class CancelledWorkError(UserError):
    """Nobody wants the answer any more."""

    def __init__(self) -> None:
        super().__init__("Cancelled.")


class Watch:
    """What a job is given to say how far it is, and to learn that it is not wanted any more.

    It can be called like :data:`gan.instruments.Tell`, which every instrument takes.
    """

    def __init__(self, ticket: _Ticket, tell: Callable[[_Ticket, float, object], None]) -> None:
        self._ticket, self._tell = ticket, tell
        self._told_at = 0.0

    def __call__(self, share: float) -> None:
        """``share`` (0 ... 1) of the work is done.

        Raises:
            CancelledWorkError: it is not wanted any more; let it pass.
        """
        self.show(share, None)

    def show(self, share: float, found: object) -> None:
        """The same, with what was found so far; of several in a moment only the latest need arrive.

        Raises:
            CancelledWorkError: it is not wanted any more; let it pass.
        """
        self.check()
        now = time.monotonic()
        if now - self._told_at >= _INTERVAL_S:
            self._told_at = now
            self._tell(self._ticket, share, found)

    def check(self) -> None:
        """Nothing but the question whether to go on.

        Raises:
            CancelledWorkError: it is not wanted any more; let it pass.
        """
        if self._ticket.cancelled.is_set():
            raise CancelledWorkError


@dataclass(eq=False)
class _Ticket:
    """One job of one purpose."""

    purpose: str
    advanced: Callable[[float, Any], object] | None
    cancelled: threading.Event = field(default_factory=threading.Event)


@dataclass(eq=False)
class _Loaded:
    """The networks of one file, loaded once, by whichever thread needs them first."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    subject: Subject | None = None


@dataclass(eq=False)
class _Networks:
    """The networks of one model; those of its other classes share what is loaded."""

    model: OpenModel
    loaded: _Loaded = field(default_factory=_Loaded)
    subject: Subject | None = None

    def get(self) -> Subject:
        with self.loaded.lock:
            if self.loaded.subject is None:
                self.loaded.subject = open_networks(self.model)
            if self.subject is None:
                self.subject = subject_with_label(self.loaded.subject, self.model.label)
            return self.subject


class InstrumentService(QObject):
    """Runs functions of :mod:`gan.instruments` on the open model. All callbacks are called in this object's thread.

    Args:
        synchronous: no threads: jobs are done before :meth:`run` returns. For tests.
    """

    busy_changed = Signal(str, bool)
    """A purpose, and whether something is being worked out for it."""

    _told = Signal(object)

    def __init__(self, parent: QObject | None = None, *, synchronous: bool = False) -> None:
        super().__init__(parent)
        trouble = "The instrument failed."
        self._quick = Worker("instruments", self, trouble=trouble, synchronous=synchronous)
        self._slow = Worker("slow instruments", self, trouble=trouble, synchronous=synchronous)
        self._networks: _Networks | None = None
        self._tickets: dict[str, _Ticket] = {}
        self._stopped = False
        kind = Qt.ConnectionType.DirectConnection if synchronous else Qt.ConnectionType.QueuedConnection
        self._told.connect(self._pass_on, kind)

    @property
    def model(self) -> OpenModel | None:
        """The model that jobs work on."""
        return self._networks.model if self._networks is not None else None

    def set_model(self, model: OpenModel | None) -> None:
        """Work on another model, or none, from now on; what an older one was asked is cancelled and never answered.

        The same file again, on another device for example, changes nothing.
        """
        now = self.model
        if now is not None and model is not None and now == model.on_device(now.device):
            return
        self.cancel_all()
        before, self._networks = self._networks, None
        if model is not None:
            self._networks = _Networks(model)
            if before is not None and before.model.with_label(model.label) == model.on_device(before.model.device):
                self._networks.loaded = before.loaded

    def run(
        self,
        purpose: str,
        work: Callable[[Subject, Watch], T],
        done: Callable[[T], object],
        failed: Callable[[UserError], object],
        advanced: Callable[[float, Any], object] | None = None,
        *,
        slow: bool = False,
    ) -> bool:
        """Do ``work`` on the open model's networks in a thread, then call ``done(result)`` or ``failed(error)``.

        An older job of the same purpose is cancelled. A cancelled job calls nothing any more.

        Args:
            work: gets the networks and a :class:`Watch`, which it has to call now and then (at least every 0.2 s).
            advanced: gets the share done (0 ... 1) and what :meth:`Watch.show` was given, about 20 times a second.
            slow: it may take more than a second; then it does not hold up the quick ones.

        Returns:
            False, and nothing was begun, without a model.
        """
        networks = self._networks
        if networks is None or self._stopped:
            return False
        self.cancel(purpose)
        ticket = self._tickets[purpose] = _Ticket(purpose, advanced)
        self.busy_changed.emit(purpose, True)
        watch = Watch(ticket, self._tell)

        def job() -> T:
            watch.check()
            subject = networks.get()
            watch.check()
            return work(subject, watch)

        def answered(result: T) -> None:
            QCoreApplication.sendPostedEvents(self, QEvent.Type.MetaCall.value)  # what was told on the way comes first
            if self._close(ticket):
                done(result)

        def refused(error: UserError) -> None:
            if self._close(ticket) and not isinstance(error, CancelledWorkError):
                failed(error)

        (self._slow if slow else self._quick).submit(job, done=answered, failed=refused)
        return True

    def cancel(self, purpose: str) -> None:
        """End the job of ``purpose``, if there is one; none of its callbacks is called from now on."""
        ticket = self._tickets.pop(purpose, None)
        if ticket is not None:
            ticket.cancelled.set()
            self.busy_changed.emit(purpose, False)

    def cancel_all(self) -> None:
        """End every job."""
        for purpose in tuple(self._tickets):
            self.cancel(purpose)

    def running(self, purpose: str) -> bool:
        """Whether an answer for ``purpose`` is due."""
        return purpose in self._tickets

    def wait_idle(self, timeout_s: float) -> bool:
        """Block until everything is answered (in this object's thread only); False after ``timeout_s`` seconds."""
        deadline = time.monotonic() + timeout_s
        while self._quick.busy or self._slow.busy:
            for worker in (self._quick, self._slow):
                if not worker.wait_idle(max(0.0, deadline - time.monotonic())):
                    return False
        return True

    def stop(self) -> None:
        """End every job and both threads, and wait for them; nothing is answered any more."""
        self._stopped = True
        for ticket in self._tickets.values():
            ticket.cancelled.set()
        self._tickets.clear()
        self._networks = None
        self._quick.stop()
        self._slow.stop()

    def _close(self, ticket: _Ticket) -> bool:
        """Take the ticket off the list; False where it was cancelled meanwhile."""
        if self._tickets.get(ticket.purpose) is not ticket:
            return False
        del self._tickets[ticket.purpose]
        self.busy_changed.emit(ticket.purpose, False)
        return True

    def _tell(self, ticket: _Ticket, share: float, found: object) -> None:
        if ticket.advanced is not None:
            self._told.emit((ticket, share, found))

    @Slot(object)
    def _pass_on(self, told: tuple[_Ticket, float, object]) -> None:
        ticket, share, found = told
        if self._tickets.get(ticket.purpose) is ticket and ticket.advanced is not None:
            ticket.advanced(share, found)
