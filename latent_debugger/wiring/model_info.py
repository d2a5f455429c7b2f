"""View > Model information: read from the checkpoint off the GUI thread, again when another one is opened."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Slot
from shiboken6 import isValid

from latent_debugger.services.adapters import adapted_model_info
from latent_debugger.services.model_info import read_model_info
from latent_debugger.services.worker import Worker
from latent_debugger.state.model_info import ModelInfo
from latent_debugger.state.session import Session
from latent_debugger.views.main_window import MainWindow
from latent_debugger.views.model_info_dialog import ModelInfoDialog
from latent_debugger.wiring.models import ModelFlow


class ModelInfoFlow(QObject):
    """Keeps the dialog, while it is open, at the model on show."""

    def __init__(self, window: MainWindow, session: Session, files: Worker, models: ModelFlow) -> None:
        super().__init__(window)
        self._window, self._session, self._files = window, session, files
        self._dialog: ModelInfoDialog | None = None
        window.action_map["view.model_info"].triggered.connect(self._show)
        models.opened.connect(self._read)
        models.stepped.connect(self._read)

    @Slot()
    def _show(self) -> None:
        if self._session.model is not None:
            self._dialog = ModelInfoDialog.present_one(self._window)
            self._read(self._session.model.path)

    @Slot(object)
    def _read(self, path: Path) -> None:
        if self._dialog is not None and isValid(self._dialog):
            model, failed = self._session.model, self._window.messages.show_error
            if model is not None and model.adapter is not None:
                self._files.submit(adapted_model_info, model, done=self._fill, failed=failed)
            else:
                self._files.submit(read_model_info, path, done=self._fill, failed=failed)

    def _fill(self, info: ModelInfo) -> None:
        if self._dialog is not None and isValid(self._dialog):
            self._dialog.set_info(info)
