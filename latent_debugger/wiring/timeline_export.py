"""Train > Export film strip and Export GIF."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from PySide6.QtCore import QObject, Slot

from latent_debugger.services.film_export import Film, export_gif, export_strip
from latent_debugger.services.progress import Progress
from latent_debugger.services.timeline import ReelSource
from latent_debugger.services.worker import Worker
from latent_debugger.state.session import Session
from latent_debugger.views import file_dialogs
from latent_debugger.views.main_window import MainWindow
from latent_debugger.views.timeline_model import FilmRow
from latent_debugger.wiring.long_job import LongJob

Export = Callable[[Path, Film, Progress], Path]


class TimelineExportFlow(QObject):
    """Writes the film of the run on show.

    Args:
        rows: answers what is shown under every checkpoint.
    """

    def __init__(
        self, window: MainWindow, session: Session, source: ReelSource, rows: Callable[[], list[FilmRow]]
    ) -> None:
        super().__init__(window)
        self._window, self._session, self._source, self._rows = window, session, source, rows
        # not the worker of other files: a film of hundreds of checkpoints takes its time
        self._worker = Worker("film export", self, trouble="The film could not be exported.")
        self._job = LongJob(self, window, self._worker)
        window.action_map["timeline.export_strip"].triggered.connect(self._choose_strip)
        window.action_map["timeline.export_gif"].triggered.connect(self._choose_gif)

    def wait_idle(self, timeout_s: float) -> bool:
        """Block until the film is written; False after ``timeout_s`` seconds."""
        return self._worker.wait_idle(timeout_s)

    def stop(self) -> None:
        """Abandon what is being written."""
        self._job.cancel()
        self._worker.stop()

    @Slot()
    def _choose_strip(self) -> None:
        film = self._film()
        if film is not None:
            dialog = file_dialogs.film_strip(self._window, Path.home(), f"{film.title} film strip.png")
            dialog.fileSelected.connect(lambda name: self._write(export_strip, Path(name), film))
            file_dialogs.from_last_folder(dialog, self._session.folders).open()

    @Slot()
    def _choose_gif(self) -> None:
        film = self._film()
        if film is not None:
            dialog = file_dialogs.film_gif(self._window, Path.home(), f"{film.title}.gif")
            dialog.fileSelected.connect(lambda name: self._write(export_gif, Path(name), film))
            file_dialogs.from_last_folder(dialog, self._session.folders).open()

    def _film(self) -> Film | None:
        """What is on show now; None, and said why, where that is nothing."""
        reel, model, rows = self._source.reel, self._session.model, self._rows()
        if self._job.running:
            self._window.messages.show_info("A film is being written already.")
        elif model is None or reel is None or not reel.stages or not rows:
            self._window.show_panel("timeline")
            self._window.messages.show_info("Choose what to export on the timeline first, then export again.")
        else:
            latents = np.stack([np.frombuffer(row.z, "<f4") for row in rows]).astype(np.float32)
            return Film(model.name, reel.stages, tuple(row.name for row in rows), latents)
        return None

    def _write(self, export: Export, path: Path, film: Film) -> None:
        self._job.start("Drawing the film…", lambda progress: export(path, film, progress))
