"""Where errors go that nobody caught: the log, and a signal for the window, whichever thread they come from."""

from __future__ import annotations

import logging
import sys
import threading
import traceback
from collections.abc import Callable
from types import TracebackType

from PySide6.QtCore import QMessageLogContext, QObject, QtMsgType, Signal, Slot, qInstallMessageHandler
from shiboken6 import isValid

from gan.errors import UserError

__all__ = ["Reporter", "UserError", "report_unexpected"]

log = logging.getLogger("latent_debugger")

_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}


class Reporter(QObject):
    """Collects what nobody caught, in any thread; its signals are emitted in the thread it lives in."""

    unexpected = Signal(object)
    """str: a bug's traceback, or a critical message of Qt's."""
    mistake = Signal(object)
    """UserError: a user's mistake that escaped; show it like any other."""

    _arrived = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._arrived.connect(self._announce)  # direct within the own thread, queued from any other
        self._restore: Callable[[], None] | None = None

    def install(self) -> None:
        """Take over sys.excepthook, threading.excepthook and Qt's message handler until :meth:`uninstall`."""
        global _installed
        if self._restore is not None:
            return
        before = sys.excepthook, threading.excepthook, qInstallMessageHandler(self._on_qt_message), _installed
        sys.excepthook, threading.excepthook, _installed = self._on_exception, self._on_thread_exception, self

        def restore() -> None:
            global _installed
            sys.excepthook, threading.excepthook, handler, _installed = before
            qInstallMessageHandler(handler)

        self._restore = restore

    def uninstall(self) -> None:
        """Put the hooks back that :meth:`install` found. Calling it again does nothing."""
        if self._restore is not None:
            self._restore()
            self._restore = None

    def report(self, error: BaseException) -> None:
        """Log ``error`` and emit the signal it belongs to. Any thread."""
        if isinstance(error, UserError):
            log.warning("%s", error)
            self._send(error)
        else:
            text = "".join(traceback.format_exception(error))
            log.error("%s", text)
            self._send(text)

    def _on_exception(self, kind: type[BaseException], error: BaseException, where: TracebackType | None) -> None:
        if isinstance(error, KeyboardInterrupt | SystemExit):
            sys.__excepthook__(kind, error, where)
        else:
            self.report(error)

    def _on_thread_exception(self, args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None and not isinstance(args.exc_value, SystemExit):
            self.report(args.exc_value)

    def _on_qt_message(self, kind: QtMsgType, context: QMessageLogContext, message: str | None) -> None:
        if any(words in (message or "") for words in _NOISE):
            return
        level = _LEVELS.get(kind, logging.WARNING)
        log.log(level, "Qt: %s", message)
        if level >= logging.ERROR:
            self._send(f"Qt: {message}")

    def _send(self, value: UserError | str) -> None:
        if isValid(self):  # the last errors of a closing program find the reporter gone; the log has them
            self._arrived.emit(value)

    @Slot(object)
    def _announce(self, value: UserError | str) -> None:
        (self.mistake if isinstance(value, UserError) else self.unexpected).emit(value)


_NOISE = ("propagateSizeHints", "does not support raise()")
"""What the offscreen platform says of every window, and of every one that floats."""
_installed: Reporter | None = None


def report_unexpected(error: BaseException) -> None:
    """Hand a caught exception to the installed reporter, or to the log where there is none. Any thread."""
    if _installed is not None:
        _installed.report(error)
    else:
        log.error("%s", "".join(traceback.format_exception(error)))
