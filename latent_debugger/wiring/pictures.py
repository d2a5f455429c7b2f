"""The picture on the canvas, to a file or to the clipboard."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Slot
from PySide6.QtGui import QGuiApplication

from latent_debugger.services.exports import save_picture
from latent_debugger.services.worker import Worker
from latent_debugger.state.session import Session
from latent_debugger.views import file_dialogs
from latent_debugger.views.main_window import MainWindow
from latent_debugger.wiring.frames import FrameFlow


class PictureFlow(QObject):
    """File > Save picture and Edit > Copy picture."""

    def __init__(self, window: MainWindow, files: Worker, session: Session, frames: FrameFlow) -> None:
        super().__init__(window)
        self._window, self._files, self._session, self._frames = window, files, session, frames
        window.action_map["edit.copy_picture"].triggered.connect(self._copy)
        window.action_map["file.save_picture"].triggered.connect(self._choose_file)

    @Slot()
    def _copy(self) -> None:
        if self._frames.latest is not None:
            QGuiApplication.clipboard().setImage(self._window.canvas.picture)
            self._window.messages.show_info("The picture is in the clipboard.")

    @Slot()
    def _choose_file(self) -> None:
        frame, model = self._frames.latest, self._session.model
        if frame is None or model is None:
            return
        dialog = file_dialogs.save_picture(self._window, Path.home(), model.image_size, f"{model.name}.png")

        def save(name: str) -> None:
            scale = file_dialogs.scale_of(dialog)
            about = (frame.z, model.space, frame.model_sha256, model.step, model.label)
            failed = self._window.messages.show_error
            self._files.submit(save_picture, Path(name), frame.image, scale, *about, done=self._saved, failed=failed)

        dialog.fileSelected.connect(save)
        file_dialogs.from_last_folder(dialog, self._session.folders).open()

    def _saved(self, path: Path) -> None:
        self._window.messages.show_info(f"Saved {path}.")
