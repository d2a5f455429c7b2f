"""How the bookmarks' file is opened: its schema, migrations from older ones, and what to do with a damaged file."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path

from gan.errors import UserError
from latent_debugger.state.aside import set_aside
from latent_debugger.state.bookmark import Bookmark

MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        """
    CREATE TABLE bookmarks (
        id TEXT PRIMARY KEY NOT NULL,
        z BLOB NOT NULL,
        dim INTEGER NOT NULL,
        space TEXT NOT NULL,
        name TEXT NOT NULL,
        model_name TEXT NOT NULL,
        model_sha256 TEXT NOT NULL,
        run TEXT,
        step INTEGER NOT NULL,
        seed INTEGER,
        parent TEXT,
        sigma REAL,
        rating INTEGER NOT NULL,
        tags TEXT NOT NULL,
        note TEXT NOT NULL,
        created TEXT NOT NULL,
        position REAL NOT NULL,
        thumbnail BLOB NOT NULL
    )
    """,
    ),
    (  # a log of what changed last, whoever did it, so that another window need not read everything again
        "CREATE TABLE changes (tick INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE)",
        *(
            f"CREATE TRIGGER note_{event} AFTER {event} ON bookmarks BEGIN DELETE FROM changes WHERE id = {row}.id;"
            f" INSERT INTO changes (id) VALUES ({row}.id); END"
            for event, row in (("insert", "new"), ("update", "new"), ("delete", "old"))
        ),
    ),
    ("ALTER TABLE bookmarks ADD COLUMN label TEXT NOT NULL DEFAULT ''",),
)
"""Entry i leads from schema version i to i + 1 in these statements; entries are only ever appended."""

SCHEMA = len(MIGRATIONS)
BUSY_MS = 5000  # how long to wait for another window that is writing
COLUMNS = tuple(field.name for field in fields(Bookmark))
SELECT = f"SELECT {', '.join(COLUMNS)} FROM bookmarks"
_DAMAGE = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_FORMAT}


def open_database(path: Path) -> tuple[sqlite3.Connection, str]:
    """:func:`connect` where the folder may be missing and the file damaged: it is set aside, and a new one begun.

    Returns:
        The connection, and what the user should know about it in one sentence; empty when all is well.

    Raises:
        UserError: folder or file cannot be made or opened, or a newer version of the program wrote it.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = error.strerror or str(error)
        raise UserError(f"The folder {path.parent} for the stars cannot be made: {reason}.") from error
    try:
        return connect(path), ""
    except DamagedError:
        try:
            aside = set_aside(path, also=("-wal", "-shm"))  # the log SQLite keeps beside it
        except OSError as error:
            reason = error.strerror or str(error)
            raise UserError(f"The stars in {path} are damaged and cannot be set aside: {reason}.") from error
        return connect(path), f"The stars in {path.name} were damaged; the file was kept as {aside.name}."


class DamagedError(Exception):
    """The file is no database of ours."""


def connect(path: Path) -> sqlite3.Connection:
    """Open the database ``path``, made or migrated where it must be.

    Raises:
        DamagedError: it is none of ours.
        UserError: it cannot be opened, or a newer version of the program wrote it.
    """
    connection = None
    try:
        # autocommit, with every transaction spelt out; the owner sees to one thread at a time
        connection = sqlite3.connect(path, timeout=BUSY_MS / 1000, isolation_level=None, check_same_thread=False)
        connection.text_factory = lambda raw: raw.decode("utf-8", "replace")  # a flipped bit must not hide all the rest
        if connection.execute("PRAGMA integrity_check(1)").fetchone()[0] != "ok" or _version(connection) < 0:
            raise DamagedError
        if _version(connection) > SCHEMA:
            raise UserError(
                f"The stars in {path} were written by a newer version of Latent Debugger.",
                "Update it, or choose another folder with LATENT_DEBUGGER_HOME.",
            )
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")  # WAL's default would lose the last commits with the power
        _migrate(connection)
        for select in (SELECT, "SELECT tick, id FROM changes"):
            connection.execute(f"{select} LIMIT 0").close()  # have the tables the columns we know?
    except BaseException as error:
        if connection is not None:
            connection.close()
        if isinstance(error, UnicodeDecodeError):  # SQLite's own message quotes a damaged schema
            raise DamagedError from error
        if isinstance(error, sqlite3.Error):
            if _is_damage(error):
                raise DamagedError from error
            raise UserError(f"The stars in {path} cannot be opened: {error}.") from error
        raise
    return connection


def _is_damage(error: sqlite3.Error) -> bool:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the low byte is the primary code
    return code in _DAMAGE or code == sqlite3.SQLITE_ERROR  # SQLITE_ERROR: our SQL does not fit the tables found


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _migrate(connection: sqlite3.Connection) -> None:
    if _version(connection) == SCHEMA:
        return
    with transaction(connection):
        # read again under the lock: another window may have been faster
        for statements in MIGRATIONS[_version(connection) :]:
            for statement in statements:
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {SCHEMA}")


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """All of what is done inside, or nothing; others wait."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
