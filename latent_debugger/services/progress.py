"""How far a long job is, and the user's wish to end it."""

from __future__ import annotations

import threading
import time

from PySide6.QtCore import QObject, Signal

from latent_debugger.errors import UserError

_INTERVAL_S = 0.05  # nobody sees more, and every signal is an event of the GUI thread


class CancelledError(UserError):
    """The user ended it; nothing was written."""

    def __init__(self) -> None:
        super().__init__("Cancelled; nothing was written.")


class Progress(QObject):
    """Shared by the window, which cancels, and one job on a worker, which reports."""

    advanced = Signal(int, int)
    """Done, of how many; at most 20 times a second. Connect it to slots of QObjects only."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._cancelled = threading.Event()
        self._told_at = 0.0

    def cancel(self) -> None:
        """The next report ends the job. From any thread."""
        self._cancelled.set()

    def report(self, done: int, total: int) -> None:
        """``done`` of ``total`` steps are done; called by the job.

        Raises:
            CancelledError: the user ended it.
        """
        if self._cancelled.is_set():
            raise CancelledError
        if time.monotonic() - self._told_at >= _INTERVAL_S:
            self._told_at = time.monotonic()
            self.advanced.emit(done, total)
