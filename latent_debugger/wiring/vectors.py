"""Vectors in and out: stars to .npy, .npy to stars, and pictures that carry their latent."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Slot

from gan.errors import UserError
from gan.images import NoLatentError, read_png_latent
from gan.latent.draws import Latents
from gan.latent.vectors import VectorNotes
from latent_debugger.services.exports import export_bookmarks, import_vectors
from latent_debugger.services.worker import Worker
from latent_debugger.state.editor import LatentEditor
from latent_debugger.state.labels import go_to
from latent_debugger.state.latent import Origin
from latent_debugger.state.session import Session
from latent_debugger.views import file_dialogs
from latent_debugger.views.main_window import MainWindow
from latent_debugger.wiring.bookmarks import BookmarkFlow


class VectorFlow(QObject):
    """Stars > Export and Import, and vectors or pictures dropped on the window."""

    def __init__(
        self, window: MainWindow, session: Session, files: Worker, editor: LatentEditor, bookmarks: BookmarkFlow
    ) -> None:
        super().__init__(window)
        self._window, self._session, self._files = window, session, files
        self._messages = window.messages
        self._editor, self._bookmarks = editor, bookmarks
        window.action_map["bookmark.export"].triggered.connect(window.bookmarks.export_selected)
        window.action_map["bookmark.import"].triggered.connect(self._choose_import)
        window.bookmarks.export_requested.connect(self._choose_export)
        window.bookmarks.import_requested.connect(self._choose_import)

    @Slot(object)
    def import_file(self, path: Path) -> None:
        """Make a star of every row of a vector file."""
        if self._session.model is None:
            self._messages.show_error(UserError("Vectors need a model to be shown with.", "Open a checkpoint first."))
            return
        self._files.submit(
            import_vectors, path, self._session.latent.dim, done=self._imported, failed=self._messages.show_error
        )

    def open_picture(self, path: Path, otherwise: Callable[[Path], object]) -> None:
        """Go to the latent that an exported picture carries; one that carries none is ``otherwise``'s."""

        def failed(error: UserError) -> None:
            if isinstance(error, NoLatentError):
                otherwise(path)
            else:
                self._messages.show_error(error)

        self._files.submit(read_png_latent, path, done=self._picture_read, failed=failed)

    @Slot(object)
    def _choose_export(self, ids: tuple[str, ...]) -> None:
        library = self._session.library
        chosen = library.find(ids) if ids else list(library.bookmarks())
        if not chosen:
            self._messages.show_error(UserError("There is no star to export.", "Star a picture first (Ctrl+D)."))
            return

        def export(name: str) -> None:
            done = partial(self._exported, len(chosen))
            self._files.submit(export_bookmarks, Path(name), chosen, done=done, failed=self._messages.show_error)

        dialog = file_dialogs.export_vectors(self._window, Path.home(), "stars.npy")
        dialog.fileSelected.connect(export)
        file_dialogs.from_last_folder(dialog, self._session.folders).open()

    @Slot()
    def _choose_import(self) -> None:
        dialog = file_dialogs.import_vectors(self._window, Path.home())
        dialog.fileSelected.connect(self._import_chosen)
        file_dialogs.from_last_folder(dialog, self._session.folders).open()

    @Slot(str)
    def _import_chosen(self, name: str) -> None:
        self.import_file(Path(name))

    def _exported(self, n: int, path: Path) -> None:
        self._messages.show_info(f"Exported {n:,} star{'s' if n != 1 else ''} to {path}.")

    def _imported(self, answer: tuple[Latents, VectorNotes]) -> None:
        latents, notes = answer
        if latents.shape[1] != self._session.latent.dim:
            return  # another model was opened meanwhile
        n = len(latents)
        new = self._bookmarks.add(list(latents), [Origin()] * n, [None] * n, notes)
        self._messages.show_info(_imported(new, n - new))

    def _picture_read(self, about: dict[str, Any]) -> None:
        try:
            label = about.get("label")
            label = label if isinstance(label, str) else ""
            go_to(self._session, self._editor, about["latent"], Origin(), "go to picture", label)
        except UserError as error:
            self._messages.show_error(error)


def _imported(new: int, copies: int) -> str:
    if not new:
        return "That star is here already." if copies == 1 else f"All {copies:,} stars are here already."
    told = f"Imported {new:,} star{'s' if new != 1 else ''}"
    return f"{told}; skipped {copies:,} that {'was' if copies == 1 else 'were'} here already." if copies else f"{told}."
