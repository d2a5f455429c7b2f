"""A job that takes its time: on a worker, with its progress shown and a button to end it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QObject, Slot

from gan.errors import UserError
from latent_debugger.services.progress import CancelledError, Progress
from latent_debugger.services.worker import Worker
from latent_debugger.views.main_window import MainWindow
from latent_debugger.views.progress_dialog import ProgressDialog

T = TypeVar("T")


class LongJob(QObject):
    """One at a time. How it ends is said in the window's message bar.

    Args:
        parent: who asks for it; lives as long as the window.
        worker: what the job runs on.
    """

    def __init__(self, parent: QObject, window: MainWindow, worker: Worker) -> None:
        super().__init__(parent)
        self._window, self._worker = window, worker
        self._shown: tuple[Progress, ProgressDialog] | None = None

    @property
    def running(self) -> bool:
        """Whether one is under way."""
        return self._shown is not None

    def start(self, text: str, job: Callable[[Progress], T], done: Callable[[T], object] | None = None) -> bool:
        """Run ``job`` and call ``done`` with what it answers; without ``done``, say where the file is that it answers.

        Args:
            text: what happens, for the dialog: ``Drawing the film…``

        Returns:
            False, and nothing was begun, while another is under way.
        """
        if self._shown is not None:
            return False
        progress, dialog = Progress(self), ProgressDialog(text, self._window)
        progress.advanced.connect(dialog.advance)
        dialog.canceled.connect(self.cancel)
        self._shown = progress, dialog

        def finished(result: T) -> None:
            self._end()
            if done is not None:
                done(result)
            elif isinstance(result, Path):
                self._window.messages.show_info(f"Saved {result}.")

        self._worker.submit(job, progress, done=finished, failed=self._failed)
        return True

    @Slot()
    def cancel(self) -> None:
        """End the job; the next thing it reports is its last."""
        if self._shown is not None:
            self._shown[0].cancel()

    def _failed(self, error: UserError) -> None:
        self._end()
        if isinstance(error, CancelledError):
            self._window.messages.show_info(str(error))
        else:
            self._window.messages.show_error(error)

    def _end(self) -> None:
        if self._shown is not None:
            progress, dialog = self._shown
            self._shown = None
            dialog.finish()
            progress.deleteLater()
