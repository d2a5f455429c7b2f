"""What is done with many stars at once: a contact sheet, a search for duplicates, dragging them out as files."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Slot

from gan.errors import UserError
from latent_debugger.services.contact_sheet import contact_sheet
from latent_debugger.services.star_files import write_star_files
from latent_debugger.services.worker import Worker
from latent_debugger.state.bookmark import Bookmark
from latent_debugger.state.duplicates import Duplicates, duplicates
from latent_debugger.state.session import Session
from latent_debugger.views import file_dialogs
from latent_debugger.views.main_window import MainWindow
from latent_debugger.wiring.long_job import LongJob


class StarToolsFlow(QObject):
    """Stars > Contact sheet, Stars > Find duplicates, and dragging stars out of the window."""

    def __init__(self, window: MainWindow, session: Session, files: Worker) -> None:
        super().__init__(window)
        self._window, self._session, self._files = window, session, files
        self._messages = window.messages
        self._folder: Path | None = None
        self._drags = 0
        self._sheet = LongJob(self, window, files)
        window.action_map["bookmark.contact_sheet"].triggered.connect(self._choose_sheet)
        window.action_map["bookmark.find_duplicates"].triggered.connect(self._find_duplicates)
        window.action_map["bookmark.find"].triggered.connect(self._focus_search)
        window.bookmarks.list.set_file_source(self._write_dragged)
        window.closing.connect(self._close)

    def _selected(self) -> list[Bookmark]:
        """The selected stars, or all that are shown."""
        panel = self._window.bookmarks
        ids = panel.selected()
        if not ids:
            return list(panel.model.items())
        return self._session.library.find(ids)

    # contact sheet

    @Slot()
    def _choose_sheet(self) -> None:
        stars = self._selected()
        if not stars:
            self._messages.show_error(
                UserError("There is no star for a contact sheet.", "Star a picture first (Ctrl+D).")
            )
            return
        if self._sheet.running:
            self._messages.show_info("A contact sheet is being made already.")
            return
        dialog = file_dialogs.contact_sheet(self._window, Path.home())
        dialog.fileSelected.connect(lambda name: self._make_sheet(Path(name), stars))
        file_dialogs.from_last_folder(dialog, self._session.folders).open()

    def _make_sheet(self, path: Path, stars: list[Bookmark]) -> None:
        self._sheet.start("Drawing the contact sheet…", lambda progress: contact_sheet(path, stars, progress))

    # search and duplicates

    @Slot()
    def _focus_search(self) -> None:
        self._show_dock()
        self._window.bookmarks.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._window.bookmarks.search.selectAll()

    def _show_dock(self) -> None:
        self._window.docks["bookmarks"].show()
        self._window.docks["bookmarks"].raise_()

    @Slot()
    def _find_duplicates(self) -> None:
        stars = self._session.library.bookmarks()
        self._files.submit(duplicates, stars, done=self._show_duplicates, failed=self._messages.show_error)

    def _show_duplicates(self, found: Duplicates) -> None:
        ids = tuple(id_ for id_ in (*found.exact, *found.near) if self._session.library.get(id_) is not None)
        self._show_dock()
        self._window.bookmarks.reveal(ids)
        self._messages.show_info(_told(len(found.exact), len(found.near)))

    # dragging

    def _write_dragged(self, ids: tuple[str, ...]) -> list[Path]:
        """Files for the stars being dragged; they stay until the window closes, for nobody says when they are read."""
        stars = self._session.library.find(ids)
        try:
            if self._folder is None:
                self._folder = Path(tempfile.mkdtemp(prefix="latent-debugger-"))
            self._drags += 1
            folder = self._folder / str(self._drags)
            folder.mkdir()
            return write_star_files(folder, stars)
        except OSError as error:
            self._messages.show_error(UserError(f"The stars cannot be dragged: {error.strerror or error}."))
        except UserError as error:
            self._messages.show_error(error)
        return []

    @Slot()
    def _close(self) -> None:
        self._sheet.cancel()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)


def _told(exact: int, near: int) -> str:
    if not exact + near:
        return "Every star is different."
    parts = [f"{n:,} {kind}" for n, kind in ((exact, "exact"), (near, "near")) if n]
    copies = "copy is" if exact + near == 1 else "copies are"
    return f"{' and '.join(parts)} {copies} selected; Del removes {'it' if exact + near == 1 else 'them'}."
