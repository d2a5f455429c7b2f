"""Instruments > Export path: a film, or the latents of its pictures."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Slot

from latent_debugger.services.path_export import PathFilm, export_film, export_latents
from latent_debugger.services.worker import Worker
from latent_debugger.state.path import FilmOptions
from latent_debugger.state.path_editor import PathState
from latent_debugger.state.session import Session
from latent_debugger.views import file_dialogs
from latent_debugger.views.main_window import MainWindow
from latent_debugger.views.path_export_dialog import PathExportDialog
from latent_debugger.wiring.long_job import LongJob


class PathExportFlow(QObject):
    """Asks how and where, and writes on a worker of its own: a film takes its time."""

    def __init__(self, window: MainWindow, session: Session, state: PathState, parent: QObject) -> None:
        super().__init__(parent)
        self._window, self._session, self._state = window, session, state
        self._worker = Worker("path export", self, trouble="The path could not be exported.")
        self.job = LongJob(self, window, self._worker)
        window.action_map["path.export_film"].triggered.connect(self._choose_film)
        window.action_map["path.export_latents"].triggered.connect(self._choose_latents)

    def wait_idle(self, timeout_s: float) -> bool:
        """Block until it is written; False after ``timeout_s`` seconds."""
        return self._worker.wait_idle(timeout_s)

    def stop(self) -> None:
        """Abandon what is being written."""
        self.job.cancel()
        self._worker.stop()

    @Slot()
    def _choose_film(self) -> None:
        film = self._film(self._state.film)
        if film is not None:
            for old in self._window.findChildren(PathExportDialog):
                old.close()  # it may be about another path
            dialog = PathExportDialog(self._state.film, film.route, film.model.image_size, self._window)
            dialog.export_requested.connect(self._choose_file)
            dialog.open()

    @Slot(object)
    def _choose_file(self, options: FilmOptions) -> None:
        self._state.set_film(options)
        film = self._film(options)
        if film is None:
            return

        def write(name: str) -> None:
            self.job.start("Drawing the film…", lambda progress: export_film(Path(name), film, progress))

        dialog = file_dialogs.save_path(self._window, Path.home(), options.kind)
        dialog.fileSelected.connect(write)
        file_dialogs.from_last_folder(dialog, self._session.folders).open()

    @Slot()
    def _choose_latents(self) -> None:
        film = self._film(self._state.film)
        if film is None:
            return

        def write(name: str) -> None:
            self.job.start("Writing the latents…", lambda progress: export_latents(Path(name), film, progress))

        dialog = file_dialogs.save_path(self._window, Path.home(), "npy")
        dialog.fileSelected.connect(write)
        file_dialogs.from_last_folder(dialog, self._session.folders).open()

    def _film(self, options: FilmOptions) -> PathFilm | None:
        """What is to be exported now; None, and said why, where that is nothing."""
        route, model = self._state.plan.route(), self._session.model
        if self.job.running:
            self._window.messages.show_info("A path is being exported already.")
        elif model is None or route is None:
            self._window.show_panel("paths")
            self._window.messages.show_info("Add stars to the path first, then export again.")
        else:
            return PathFilm(model, route, self._state.plan.even, options)
        return None
