"""The bookmark database behind a thread of its own: the window never waits for the disk."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from latent_debugger.errors import UserError
from latent_debugger.services.worker import Worker
from latent_debugger.state.bookmark import Bookmark
from latent_debugger.state.database import BookmarkDatabase


class LibraryService(QObject):
    """Keeps bookmarks (:class:`latent_debugger.state.commands.BookmarkStore`). Calls return at once and are carried
    out in order; a signal says when the database has committed, so that no star lights up too early."""

    loaded = Signal(object)
    """tuple[Bookmark, ...]: everything in the database that was opened."""
    put_done = Signal(object)
    """tuple[Bookmark, ...]: these are on disk."""
    removed = Signal(object)
    """tuple[str, ...]: the bookmarks with these ids are gone from the disk."""
    failed = Signal(object)
    """UserError: nothing changed."""
    notice = Signal(object)
    """str: one sentence, for example that a damaged database was set aside."""

    def __init__(self, parent: QObject | None = None, *, synchronous: bool = False) -> None:
        super().__init__(parent)
        self._worker = Worker("library", self, trouble="The bookmarks could not be kept.", synchronous=synchronous)
        self._database: BookmarkDatabase | None = None  # only the worker touches it

    def open(self, path: Path) -> None:
        """Open a database, or make it; ``loaded`` follows."""
        self._worker.submit(self._open, Path(path), done=self._opened, failed=self.failed.emit)

    def put(self, bookmarks: Sequence[Bookmark]) -> None:
        """Add new bookmarks, replace those with a known id; ``put_done`` follows."""
        self._worker.submit(self._put, tuple(bookmarks), done=self.put_done.emit, failed=self.failed.emit)

    def remove(self, ids: Sequence[str]) -> None:
        """Remove those there are; ``removed`` follows."""
        self._worker.submit(self._remove, tuple(ids), done=self.removed.emit, failed=self.failed.emit)

    def wait_idle(self, timeout_s: float) -> bool:
        """Block until every call is carried out and answered; False after ``timeout_s`` seconds."""
        return self._worker.wait_idle(timeout_s)

    def stop(self) -> None:
        """Carry out what was called for, close the database, end the thread."""
        self._worker.submit(self._close)
        self._worker.stop()

    def _open(self, path: Path) -> tuple[tuple[Bookmark, ...], str]:
        self._close()
        self._database = database = BookmarkDatabase(path)
        return tuple(database.all()), database.notice

    def _opened(self, answer: tuple[tuple[Bookmark, ...], str]) -> None:
        bookmarks, notice = answer
        self.loaded.emit(bookmarks)
        if notice:
            self.notice.emit(notice)

    def _put(self, bookmarks: tuple[Bookmark, ...]) -> tuple[Bookmark, ...]:
        self._opened_database().put(bookmarks)
        return bookmarks

    def _remove(self, ids: tuple[str, ...]) -> tuple[str, ...]:
        self._opened_database().remove(ids)
        return ids

    def _close(self) -> None:
        if self._database is not None:
            self._database.close()
            self._database = None

    def _opened_database(self) -> BookmarkDatabase:
        if self._database is None:
            raise UserError("Bookmarks cannot be kept: their database could not be opened.", "Restart the program.")
        return self._database
