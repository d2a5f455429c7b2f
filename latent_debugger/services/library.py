"""The bookmark database behind a thread of its own: the window never waits for the disk."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from latent_debugger.errors import UserError
from latent_debugger.services.worker import Worker
from latent_debugger.state.bookmark import Bookmark
from latent_debugger.state.database import BookmarkDatabase

POLL_MS = 1000  # SQLite tells in microseconds whether another window has written


class LibraryService(QObject):
    """Keeps bookmarks (:class:`latent_debugger.state.commands.BookmarkStore`). Calls return at once and are carried
    out in order; a signal says when the database has committed, so that no star lights up too early.

    What another window or process does to the same database is announced by the same signals, within a second.
    """

    loaded = Signal(object)
    """tuple[Bookmark, ...]: everything in the database that was opened."""
    put_done = Signal(object)
    """tuple[Bookmark, ...]: these are on disk, as they are now."""
    removed = Signal(object)
    """tuple[str, ...]: the bookmarks with these ids are gone from the disk."""
    failed = Signal(object)
    """UserError: nothing changed."""
    notice = Signal(object)
    """str: one sentence, for example that a damaged database was set aside."""

    def __init__(self, parent: QObject | None = None, *, synchronous: bool = False) -> None:
        super().__init__(parent)
        self._worker = Worker("library", self, trouble="The stars could not be kept.", synchronous=synchronous)
        self._database: BookmarkDatabase | None = None  # only the worker touches it
        self._timer = QTimer(self)
        self._timer.setInterval(POLL_MS)
        self._timer.timeout.connect(self.refresh)

    def open(self, path: Path) -> None:
        """Open a database, or make it; ``loaded`` follows."""
        self._worker.submit(self._open, Path(path), done=self._opened, failed=self.failed.emit)

    def put(self, bookmarks: Sequence[Bookmark], before: Sequence[Bookmark] = ()) -> None:
        """Add new bookmarks, replace those with a known id; ``put_done`` follows. See :meth:`BookmarkDatabase.put`."""
        arguments = (tuple(bookmarks), tuple(before))
        self._worker.submit(self._put, *arguments, done=self._tell, failed=self.failed.emit)

    @Slot()
    def refresh(self) -> None:
        """Look for what others did, unless there is so much to do that one will look soon enough."""
        if not self._worker.busy:
            self._worker.submit(self._changes, done=self._tell, failed=self._stop_looking)

    def remove(self, ids: Sequence[str]) -> None:
        """Remove those there are; ``removed`` follows."""
        self._worker.submit(self._remove, tuple(ids), done=self.removed.emit, failed=self.failed.emit)

    def wait_idle(self, timeout_s: float) -> bool:
        """Block until every call is carried out and answered; False after ``timeout_s`` seconds."""
        return self._worker.wait_idle(timeout_s)

    def stop(self) -> None:
        """Carry out what was called for, close the database, end the thread."""
        self._timer.stop()
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
        self._timer.start()

    def _tell(self, answer: tuple[Sequence[Bookmark], Sequence[str]]) -> None:
        if not self._timer.isActive():
            self._timer.start()  # the disk is back
        put, removed = answer
        if put:
            self.put_done.emit(tuple(put))
        if removed:
            self.removed.emit(tuple(removed))

    def _stop_looking(self, error: UserError) -> None:
        """Say once, not every second, that the disk is gone."""
        self._timer.stop()
        self.failed.emit(error)

    def _put(
        self, bookmarks: tuple[Bookmark, ...], before: tuple[Bookmark, ...]
    ) -> tuple[Sequence[Bookmark], Sequence[str]]:
        written = self._opened_database().put(bookmarks, before)
        there = {item.id for item in written}
        return written, [item.id for item in bookmarks if item.id not in there]

    def _changes(self) -> tuple[Sequence[Bookmark], Sequence[str]]:
        return self._database.changes() if self._database is not None else ((), ())

    def _remove(self, ids: tuple[str, ...]) -> tuple[str, ...]:
        self._opened_database().remove(ids)
        return ids

    def _close(self) -> None:
        if self._database is not None:
            self._database.close()
            self._database = None

    def _opened_database(self) -> BookmarkDatabase:
        if self._database is None:
            raise UserError("Stars cannot be kept: their database could not be opened.", "Restart the program.")
        return self._database
