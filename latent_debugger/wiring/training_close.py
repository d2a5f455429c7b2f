"""Closing the window while something is being trained: nothing is left running unnoticed."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Slot
from PySide6.QtGui import QCloseEvent

from latent_debugger.services.training import TrainingService
from latent_debugger.state.runs import RunEnd
from latent_debugger.state.session import Session
from latent_debugger.views.main_window import MainWindow
from latent_debugger.views.training_close import CloseQuestion

_SAVING = "Saving the training; the window closes then."


class ClosingFlow(QObject):
    """Asks, and closes the window after the answer."""

    def __init__(self, window: MainWindow, session: Session, service: TrainingService) -> None:
        super().__init__(window)
        self._window, self._session, self._service = window, session, service
        self._question: CloseQuestion | None = None
        self._waited_for: set[Path] | None = None
        self._answered = False
        window.close_asked.connect(self._ask)
        service.ended.connect(self._end)

    @property
    def under_way(self) -> bool:
        """Whether runs are being stopped so that the window can close."""
        return self._waited_for is not None

    @Slot(object)
    def _ask(self, event: QCloseEvent) -> None:
        trained = self._trained()
        told = self._waited_for is not None and not self._service.in_this_process()
        if self._answered or told or not trained:  # processes of their own stop by themselves once they were told
            return
        event.ignore()
        if self._waited_for is not None:
            self._window.messages.show_notice(_SAVING)
            return
        if self._question is None:
            here = self._service.in_this_process()
            apart = [path.name for path in trained if path not in here]
            self._question = CloseQuestion([path.name for path in here], apart, self._window)
            self._question.answered.connect(self._answer)
        self._question.open()

    def _trained(self) -> list[Path]:
        """What is trained from here, or goes on from an earlier window on this computer."""
        found = list(self._service.hosted())
        found += [entry.path for entry in self._session.runs.entries if entry.ours and entry.life == "alive"]
        return list(dict.fromkeys(found))

    @Slot(str)
    def _answer(self, answer: str) -> None:
        self._question = None
        if answer == "go_on":
            self._close()
        elif answer == "stop":
            self._waited_for = set(self._service.hosted())
            for path in self._trained():
                self._service.tell(path, "stop")
            self._window.messages.show_notice(_SAVING)
            if not self._waited_for:
                self._close()

    @Slot(object)
    def _end(self, end: RunEnd) -> None:
        if self._waited_for is not None:
            self._waited_for.discard(end.path)
            if not self._waited_for:
                self._close()

    def _close(self) -> None:
        self._answered = True
        self._window.close()
