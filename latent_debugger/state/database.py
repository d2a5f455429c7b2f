"""Bookmarks on disk: SQLite, one row a star. No Qt; one thread at a time, any number of processes."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from gan.errors import UserError
from latent_debugger.state.bookmark import Bookmark, merged
from latent_debugger.state.database_file import COLUMNS, SELECT, DamagedError, connect, open_database, transaction

_CHANGES = (
    f"SELECT tick, changes.id, {', '.join(f'bookmarks.{name}' for name in COLUMNS)} "
    "FROM changes LEFT JOIN bookmarks ON bookmarks.id = changes.id WHERE tick > ? ORDER BY tick"
)
_UPSERT = (
    f"INSERT INTO bookmarks ({', '.join(COLUMNS)}) VALUES ({', '.join('?' * len(COLUMNS))}) "
    f"ON CONFLICT (id) DO UPDATE SET {', '.join(f'{name} = excluded.{name}' for name in COLUMNS[1:])}"
)


class BookmarkDatabase:
    """The bookmarks of ``path``, which is made where it is missing.

    What :meth:`put` and :meth:`remove` changed is on disk when they return: ``kill -9`` loses nothing. A damaged file
    is never deleted but set aside under another name, and a new one begun.

    Attributes:
        path: the file.
        notice: what the user should know about opening or reading it, one sentence; empty when all is well.

    Raises:
        UserError: the folder or file cannot be written, or a newer version of the program wrote it.
    """

    def __init__(self, path: Path) -> None:
        self.path = Path(path)
        self._tick = self._version = 0  # how much of others' work is known
        self._connection, self.notice = open_database(self.path)
        self._file = _identity(self.path)

    def all(self) -> list[Bookmark]:
        """Every bookmark, by position, then by age. A row that makes no sense is passed over and told in ``notice``.

        Raises:
            UserError: the file cannot be read.
        """
        with self._told("read"):
            self._version, self._tick = (
                self._data_version(),
                self._last_tick(),
            )  # first: what comes in between is read twice
            rows = self._connection.execute(f"{SELECT} ORDER BY rowid").fetchall()
        found = [bookmark for row in rows if (bookmark := _bookmark(row)) is not None]
        lost = len(rows) - len(found)
        if lost:
            self.notice = f"{lost} of {len(rows)} stars in {self.path.name} are damaged and not shown."
        return sorted(found, key=lambda bookmark: bookmark.position)

    def put(self, bookmarks: Sequence[Bookmark], before: Sequence[Bookmark] = ()) -> list[Bookmark]:
        """Add bookmarks, or change those with a known id: all of them or, on an error, none.

        Args:
            before: the versions that were changed. Of such a bookmark only what differs is written, so that it does
                not take back what another window did to it meanwhile; one that is gone by now stays gone.

        Returns:
            Those written, as they are now.

        Raises:
            UserError: the file cannot be written.
        """
        bases = {item.id: item for item in before}
        with self._told("written"), self._there(), self._writing():
            now = [self._merged(bases[item.id], item) if item.id in bases else item for item in bookmarks]
            written = [item for item in now if item is not None]
            self._connection.executemany(_UPSERT, [_row(item) for item in written])
        return written

    def remove(self, ids: Sequence[str]) -> None:
        """Remove bookmarks, all of them or none; unknown ids are passed over.

        Raises:
            UserError: the file cannot be written.
        """
        with self._told("written"), self._there(), self._writing():
            self._connection.executemany("DELETE FROM bookmarks WHERE id = ?", [(id_,) for id_ in ids])

    def changes(self) -> tuple[list[Bookmark], list[str]]:
        """What another connection has put, and the ids of what it has removed, since this was last asked.

        Costs a few microseconds where there is nothing. What this connection wrote may be among it, as it is now.

        Raises:
            UserError: the file cannot be read.
        """
        with self._told("read"), self._there():
            version = self._data_version()
            if version == self._version:
                return [], []
            rows = self._connection.execute(_CHANGES, (self._tick,)).fetchall()
            self._version = version
        if rows:
            self._tick = rows[-1][0]
        put = [bookmark for row in rows if row[2] is not None and (bookmark := _bookmark(row[2:])) is not None]
        return put, [row[1] for row in rows if row[2] is None]

    def _merged(self, base: Bookmark, mine: Bookmark) -> Bookmark | None:
        row = self._connection.execute(f"{SELECT} WHERE id = ?", (mine.id,)).fetchone()
        theirs = _bookmark(row) if row is not None else None
        return merged(base, mine, theirs) if theirs is not None else None

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """A transaction; what it wrote is nothing new to :meth:`changes`, unless others wrote before it."""
        with transaction(self._connection):
            alone = self._last_tick() == self._tick
            yield
            tick = self._last_tick()
        if alone:
            self._tick = tick

    def _last_tick(self) -> int:
        return int(self._connection.execute("SELECT COALESCE(MAX(tick), 0) FROM changes").fetchone()[0])

    def _data_version(self) -> int:
        """A number that is another one after another connection's commit."""
        return int(self._connection.execute("PRAGMA data_version").fetchone()[0])

    @contextmanager
    def _there(self) -> Iterator[None]:
        """A file that somebody deleted lives on in the open connection alone: write it again, all of it, or go over to
        what another window has put in its place."""
        if _identity(self.path) != self._file:
            try:
                if not self.path.exists():
                    self._write_again()
                connection = connect(self.path)
            except (OSError, DamagedError) as error:
                reason = getattr(error, "strerror", None) or "it is damaged"
                raise UserError(f"The stars in {self.path} cannot be written: {reason}.") from error
            self._connection.close()
            self._connection, self._file = connection, _identity(self.path)
            self._tick = self._version = 0
        yield

    def _write_again(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        whole = self.path.with_name(f"{self.path.name}.part")
        whole.unlink(missing_ok=True)
        self._connection.execute("VACUUM INTO ?", (str(whole),))
        whole.replace(self.path)

    def close(self) -> None:
        """Let go of the file; the object is of no more use."""
        self._connection.close()

    @contextmanager
    def _told(self, verb: str) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, UnicodeDecodeError, OverflowError) as error:  # the last: an integer beyond 64 bits
            raise UserError(f"The stars in {self.path} cannot be {verb}: {error}.") from error


def _identity(path: Path) -> tuple[int, int] | None:
    """Which file that is on disk; None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _row(bookmark: Bookmark) -> tuple[Any, ...]:
    values = {name: getattr(bookmark, name) for name in COLUMNS}
    values["tags"] = json.dumps(bookmark.tags)
    # half a surrogate pair, which JSON may bring along, cannot be stored as text
    return tuple(
        value.encode(errors="replace").decode() if isinstance(value, str) else value for value in values.values()
    )


def _bookmark(row: tuple[Any, ...]) -> Bookmark | None:
    """A row as a bookmark; None where it cannot be one."""
    values = dict(zip(COLUMNS, row, strict=True))
    try:
        tags = json.loads(values["tags"])
        values["tags"] = tuple(tag for tag in tags if isinstance(tag, str)) if isinstance(tags, list) else ()
    except (TypeError, ValueError, RecursionError):
        values["tags"] = ()
    if not all(isinstance(values[name], kinds) for name, kinds in _KINDS.items()):
        return None
    try:
        return Bookmark(**values)
    except ValueError:
        return None


_KINDS: dict[str, tuple[type, ...]] = {
    **dict.fromkeys(("id", "space", "name", "model_name", "model_sha256", "note", "created", "label"), (str,)),
    **dict.fromkeys(("run", "parent"), (str, type(None))),
    **dict.fromkeys(("dim", "step", "rating"), (int,)),
    "seed": (int, type(None)),
    "sigma": (float, type(None)),
    "position": (float,),
    **dict.fromkeys(("z", "thumbnail"), (bytes,)),
}
