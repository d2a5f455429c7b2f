from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gan.errors import UserError
from latent_debugger.state import database_file
from latent_debugger.state.bookmark import Bookmark
from latent_debugger.state.database import BookmarkDatabase
from latent_debugger.state.database_file import SCHEMA


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "home" / "bookmarks.sqlite"


@pytest.fixture
def opened(path: Path) -> Iterator[BookmarkDatabase]:
    with closing(BookmarkDatabase(path)) as base:
        yield base


def reread(path: Path) -> list[Bookmark]:
    with closing(BookmarkDatabase(path)) as base:
        return base.all()


def aside(path: Path) -> list[Path]:
    return sorted(path.parent.glob("bookmarks.damaged-*.sqlite"))


BOOKMARKS = st.builds(
    Bookmark,
    id=st.text(min_size=1),
    z=st.just(bytes(range(8))),
    dim=st.just(2),
    space=st.text(),
    name=st.text(),
    model_name=st.text(),
    model_sha256=st.text(),
    run=st.none() | st.text(),
    step=st.integers(0, 2**40),
    seed=st.none() | st.integers(0, 2**32 - 1),
    parent=st.none() | st.text(),
    sigma=st.none() | st.floats(0, 2),
    rating=st.integers(0, 5),
    tags=st.lists(st.text()).map(tuple),
    note=st.text(),
    created=st.text(),
    position=st.floats(allow_nan=False),
    thumbnail=st.binary(),
)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(bookmarks=st.lists(BOOKMARKS, max_size=5, unique_by=lambda item: item.id))
def test_every_field_comes_back(opened: BookmarkDatabase, bookmarks: list[Bookmark]) -> None:
    opened.remove([item.id for item in opened.all()])
    opened.put(bookmarks)
    assert opened.all() == sorted(bookmarks, key=lambda item: item.position)
    assert opened.notice == ""


def test_settings_of_the_file(opened: BookmarkDatabase, path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert connection.execute("PRAGMA user_version").fetchone() == (SCHEMA,)
    assert opened._connection.execute("PRAGMA synchronous").fetchone() == (2,), "FULL"


def test_replacing_keeps_the_place_among_equals(opened: BookmarkDatabase, star: Any) -> None:
    stars = [star(k, position=1.0) for k in range(3)]
    opened.put(stars)
    renamed = replace(stars[0], name="renamed")
    opened.put([renamed])
    assert opened.all() == [renamed, stars[1], stars[2]]
    front = replace(stars[2], position=0.5)
    opened.put([front])
    assert opened.all() == [front, renamed, stars[1]]


def test_removed_and_put_again_is_back_at_its_place(opened: BookmarkDatabase, star: Any) -> None:
    stars = [star(k, position=float(k)) for k in range(3)]
    opened.put(stars)
    opened.remove([stars[1].id, "nobody"])
    assert opened.all() == [stars[0], stars[2]]
    opened.put([stars[1]])
    assert opened.all() == stars


def test_a_put_that_fails_changes_nothing(opened: BookmarkDatabase, star: Any) -> None:
    with pytest.raises(UserError):
        opened.put([star(1), star(2, step=2**70)])
    with pytest.raises(UserError):
        opened.put([star(1), star(2, position=float("nan"))])
    assert opened.all() == []
    opened.put([star(3)])
    assert len(opened.all()) == 1


def test_half_a_surrogate_pair_does_not_stop_a_star(opened: BookmarkDatabase, star: Any) -> None:
    opened.put([star(1, name="a\ud800b", tags=("\ud800",))])
    assert opened.all()[0].name == "a?b" and opened.all()[0].z == star(1).z


def test_two_windows_share_a_library(opened: BookmarkDatabase, path: Path, star: Any) -> None:
    with closing(BookmarkDatabase(path)) as other:
        opened.put([star(1, position=1.0)])
        other.put([star(2, position=2.0)])
        assert [item.name for item in opened.all()] == [item.name for item in other.all()] == ["star 1", "star 2"]


KILLED = """
import os, signal, sys
from pathlib import Path
from gan.latent.draws import draw
from latent_debugger.state.bookmark import Bookmark
from latent_debugger.state.database import BookmarkDatabase
from latent_debugger.state.database_file import SCHEMA
from latent_debugger.state.latent import Origin
from latent_debugger.state.model import OpenModel

model = OpenModel(Path("m"), "m", 5, "z", 64, 3, 0, None, "a", "cpu", "")
base = BookmarkDatabase(Path(sys.argv[1]))
for k in range(20):
    z, origin = draw(1, 5, k)[0], Origin(seed=k)
    base.put([Bookmark.new(z, model=model, origin=origin, name=str(k), thumbnail=b"", position=k)])
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")
def test_kill_9_loses_nothing(path: Path, star: Any) -> None:
    root = Path(__file__).parents[3]
    environment = {**os.environ, "PYTHONPATH": str(root)}
    done = subprocess.run([sys.executable, "-c", KILLED, str(path)], env=environment, timeout=60, check=False)
    assert done.returncode == -signal.SIGKILL
    found = reread(path)
    assert [item.name for item in found] == [str(k) for k in range(20)]
    assert all(item.z == star(k).z for k, item in enumerate(found))


@pytest.mark.parametrize("content", [b"this is no database" * 100, b"SQLite format 3\0" + bytes(range(256)) * 40])
def test_a_damaged_file_is_set_aside_and_named(path: Path, star: Any, content: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(content)
    with closing(BookmarkDatabase(path)) as base:
        (kept,) = aside(path)
        assert kept.read_bytes() == content
        assert kept.name in base.notice and base.notice.endswith(".")
        base.put([star(1)])
    assert len(reread(path)) == 1


def test_a_schema_that_is_no_text_is_damage(path: Path) -> None:
    BookmarkDatabase(path).close()
    path.write_bytes(path.read_bytes().replace(b"CREATE TABLE bookmarks", b"CREATE \xea\xff\xfe\xea\xea bookmarks"))
    with closing(BookmarkDatabase(path)) as base:
        assert base.all() == [] and "kept as" in base.notice
    assert len(aside(path)) == 1


def test_two_damaged_files_in_one_second_are_both_kept(path: Path) -> None:
    path.parent.mkdir()
    for content in (b"one" * 500, b"two" * 500):
        path.write_bytes(content)
        BookmarkDatabase(path).close()
        path.unlink()
    assert {kept.read_bytes()[:3] for kept in aside(path)} == {b"one", b"two"}


def test_a_database_of_other_tables_is_set_aside(path: Path) -> None:
    path.parent.mkdir()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE bookmarks (url TEXT)")
    with closing(BookmarkDatabase(path)) as base:
        assert base.all() == [] and base.notice
    assert len(aside(path)) == 1


def test_a_newer_database_is_refused_and_left_alone(path: Path, star: Any) -> None:
    with closing(BookmarkDatabase(path)) as base:
        base.put([star(1)])
        base._connection.execute(f"PRAGMA user_version = {SCHEMA + 1}")
    before = path.read_bytes()
    with pytest.raises(UserError, match="newer version"):
        BookmarkDatabase(path)
    assert path.read_bytes() == before and aside(path) == []


def test_older_databases_are_migrated(path: Path, star: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(BookmarkDatabase(path)) as base:
        base.put([star(1)])
    monkeypatch.setattr(database_file, "MIGRATIONS", (*database_file.MIGRATIONS, ("CREATE TABLE more (id TEXT)",)))
    monkeypatch.setattr(database_file, "SCHEMA", SCHEMA + 1)
    for _ in range(2):
        with closing(BookmarkDatabase(path)) as base:
            assert len(base.all()) == 1 and base.notice == ""
            assert base._connection.execute("SELECT count(*) FROM more").fetchone() == (0,)


def test_a_migration_that_fails_leaves_the_old_schema(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    BookmarkDatabase(path).close()
    with closing(sqlite3.connect(path)) as connection, closing(sqlite3.connect(path)) as reader:
        connection.execute("BEGIN IMMEDIATE")  # another window holds the lock
        monkeypatch.setattr(database_file, "MIGRATIONS", (*database_file.MIGRATIONS, ("CREATE TABLE more (id TEXT)",)))
        monkeypatch.setattr(database_file, "SCHEMA", SCHEMA + 1)
        monkeypatch.setattr(database_file, "BUSY_MS", 10)
        with pytest.raises(UserError, match="locked"):
            BookmarkDatabase(path)
        assert reader.execute("PRAGMA user_version").fetchone() == (SCHEMA,)
    assert aside(path) == []


def test_a_row_that_makes_no_sense_costs_no_other(opened: BookmarkDatabase, star: Any) -> None:
    stars = [star(k, position=float(k)) for k in range(4)]
    opened.put(stars)
    for change, id_ in (("dim = 9", stars[0].id), ("name = x'00'", stars[1].id), ("tags = '{'", stars[2].id)):
        opened._connection.execute(f"UPDATE bookmarks SET {change} WHERE id = ?", (id_,))
    found = opened.all()
    assert [item.id for item in found] == [stars[2].id, stars[3].id] and found[0].tags == ()
    assert "2 of 4" in opened.notice


@pytest.mark.parametrize("seed", range(25))
def test_flipped_and_missing_bytes_never_crash_nor_delete(path: Path, star: Any, seed: int) -> None:
    with closing(BookmarkDatabase(path)) as base:
        base.put([star(k, thumbnail=bytes(500)) for k in range(30)])
    chance = random.Random(seed)
    content = bytearray(path.read_bytes())
    if seed % 5 == 0:
        del content[chance.randrange(1, len(content)) :]
    else:
        start = 100 * (seed % 2)  # the header's 100 bytes, or what follows
        for _ in range(20):
            content[chance.randrange(start, 100 if not start else len(content))] = chance.randrange(256)
    path.write_bytes(content)
    try:
        with closing(BookmarkDatabase(path)) as base:
            found = base.all()
            assert len(found) == 30 or base.notice
    except UserError:
        assert path.read_bytes() == content, "refused, and left as it was"
    if aside(path):
        assert aside(path)[0].read_bytes() == content


def test_an_unusable_place_is_told_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(UserError):
        BookmarkDatabase(tmp_path / "file" / "bookmarks.sqlite")
    (tmp_path / "folder").mkdir()
    with pytest.raises(UserError, match="cannot be opened"):
        BookmarkDatabase(tmp_path / "folder")
    assert (tmp_path / "folder").is_dir()
