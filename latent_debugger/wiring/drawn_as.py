"""File > How it is drawn: pictures of each answer to what another project's file does not tell."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Slot
from shiboken6 import isValid

from gan.errors import UserError
from gan.importers.choices import OPTIONS, ChoiceNeededError, Choices
from latent_debugger.services.foreign import Sketch
from latent_debugger.services.models import ModelService
from latent_debugger.state.session import Session
from latent_debugger.views.canvas import to_qimage
from latent_debugger.views.drawn_as_dialog import DrawnAsDialog
from latent_debugger.views.main_window import MainWindow
from latent_debugger.wiring.models import ModelFlow


class DrawnAsFlow(QObject):
    """Asks when a file cannot be opened without an answer, and when the user wants to give another one."""

    def __init__(self, window: MainWindow, session: Session, service: ModelService, models: ModelFlow) -> None:
        super().__init__(window)
        self._window, self._session, self._service, self._models = window, session, service, models
        self._dialog: DrawnAsDialog | None = None
        self._path, self._turn = Path(), 0  # the turn is read by the thread that draws
        window.action_map["file.drawn_as"].triggered.connect(self._offer)
        models.choice_needed.connect(self._ask)

    @Slot()
    def _offer(self) -> None:
        model = self._session.model
        if model is not None and model.choices is not None:
            self._open(model.path, model.choices)

    @Slot(object, object)
    def _ask(self, path: Path, error: ChoiceNeededError) -> None:
        first = {question: OPTIONS[question][0] for question in error.questions}
        self._open(path, Choices(**first))  # type: ignore[arg-type]

    def _open(self, path: Path, start: Choices) -> None:
        before = self._open_dialog()
        if before is not None:
            before.close()
        self._path = path
        self._turn += 1
        self._dialog = dialog = DrawnAsDialog(path.name, self._window)
        dialog.wanted.connect(self._draw)
        dialog.chosen.connect(self._use)
        dialog.finished.connect(self._forget)
        dialog.present()

        def begin(first: Sketch | None) -> None:
            if first is not None and self._open_dialog() is dialog:
                dialog.set_picture(first.choices, to_qimage(first.picture))
                dialog.set_choices(first.choices, first.source)

        def give_up(error: UserError) -> None:
            if self._open_dialog() is dialog:
                dialog.say(str(error))

        self._service.sketch(path, start, self._still_wanted(), begin, give_up)

    @Slot(object)
    def _draw(self, choices: Choices) -> None:
        dialog = self._open_dialog()
        if dialog is None:
            return

        def show(found: Sketch | None) -> None:
            if found is not None and self._open_dialog() is dialog:
                dialog.set_picture(choices, to_qimage(found.picture))

        def cross_out(error: UserError) -> None:
            if self._open_dialog() is dialog:
                dialog.set_picture(choices, None)

        self._service.sketch(self._path, choices, self._still_wanted(), show, cross_out)

    @Slot(object)
    def _use(self, choices: Choices) -> None:
        self._forget()
        self._window.messages.clear()
        self._models.open_as(self._path, choices)

    @Slot()
    def _forget(self) -> None:
        """What is still to be drawn for the dialog is wanted no more."""
        self._dialog, self._turn = None, self._turn + 1

    def _still_wanted(self) -> Callable[[], bool]:
        turn = self._turn
        return lambda: self._turn == turn

    def _open_dialog(self) -> DrawnAsDialog | None:
        dialog = self._dialog
        return dialog if dialog is not None and isValid(dialog) and dialog.isVisible() else None
