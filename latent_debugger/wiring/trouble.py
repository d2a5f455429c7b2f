"""When something goes wrong that nobody caught; and Help > Report a problem."""

from __future__ import annotations

import logging

from PySide6.QtCore import QObject, Qt, Slot
from PySide6.QtGui import QGuiApplication
from shiboken6 import isValid

from latent_debugger.errors import Reporter
from latent_debugger.services.report import build_report, redact
from latent_debugger.services.worker import Worker
from latent_debugger.state.paths import log_folder
from latent_debugger.state.session import Session
from latent_debugger.views.main_window import MainWindow
from latent_debugger.views.report_dialog import ReportDialog
from latent_debugger.views.unexpected_dialog import UnexpectedDialog
from latent_debugger.wiring.memory import MemoryFlow

log = logging.getLogger(__name__)


class TroubleFlow(QObject):
    """Errors to dialogs. However many come, there is one dialog, and none comes back once it was dismissed."""

    def __init__(
        self, window: MainWindow, session: Session, files: Worker, memory: MemoryFlow, reporter: Reporter
    ) -> None:
        super().__init__(window)
        self._window, self._session, self._files, self._memory = window, session, files, memory
        self._dialog: UnexpectedDialog | None = None
        self._dismissed: set[str] = set()
        reporter.mistake.connect(window.messages.show_error)
        # queued: the error may have come out of a paintEvent, where no window should be made
        reporter.unexpected.connect(self._show_unexpected, Qt.ConnectionType.QueuedConnection)
        window.action_map["help.report"].triggered.connect(self._report)

    @Slot(object)
    def _show_unexpected(self, text: str) -> None:
        text = redact(text)
        if self._dialog is None:
            self._save()
            if text in self._dismissed:
                self._window.messages.show_error(f"The same unexpected error came again: {text.splitlines()[-1]}")
                return
            self._dialog = UnexpectedDialog(self._window)
            self._dialog.finished.connect(self._dismiss)
            self._dialog.present()
        self._dialog.add(text)
        self._dismissed.add(text)

    @Slot()
    def _dismiss(self) -> None:
        self._dialog = None

    def _save(self) -> None:
        try:
            self._memory.save_now()
        except Exception:  # the error may sit in the very state that is to be saved: that must not go round in circles
            log.exception("the session could not be saved")

    @Slot()
    def _report(self) -> None:
        dialog = ReportDialog.present_one(self._window)

        def show(text: str) -> None:
            if isValid(dialog):
                dialog.set_text(text)

        arguments = (log_folder(), self._session.model, self._about_window())
        self._files.submit(build_report, *arguments, done=show, failed=self._window.messages.show_error)

    def _about_window(self) -> dict[str, str]:
        screen, size = self._window.screen(), self._window.size()
        return {
            "Qt platform": QGuiApplication.platformName(),
            "Screen": f"{screen.size().width()} × {screen.size().height()}, scale {self._window.devicePixelRatioF():g}",
            "Window": f"{size.width()} × {size.height()}",
        }
