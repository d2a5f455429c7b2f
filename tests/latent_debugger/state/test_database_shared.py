"""Several windows on one library, and libraries of older versions."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gan.latent.draws import draw
from latent_debugger.state.bookmark import merged
from latent_debugger.state.database import BookmarkDatabase
from latent_debugger.state.database_file import SCHEMA

OLD = sorted((Path(__file__).parents[2] / "fixtures" / "library").glob("version-*.sql"))


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[tuple[BookmarkDatabase, BookmarkDatabase]]:
    path = tmp_path / "bookmarks.sqlite"
    with closing(BookmarkDatabase(path)) as one, closing(BookmarkDatabase(path)) as other:
        yield one, other


def test_there_is_a_file_of_every_old_version() -> None:
    assert [path.name for path in OLD] == [f"version-{n}.sql" for n in range(1, SCHEMA)]


@pytest.mark.parametrize("dump", OLD, ids=lambda path: path.stem)
def test_an_old_library_is_read_whole_and_goes_on(tmp_path: Path, star: Any, dump: Path) -> None:
    path = tmp_path / "bookmarks.sqlite"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(dump.read_text(encoding="utf-8"))
    for _ in range(2):
        with closing(BookmarkDatabase(path)) as base:
            found = base.all()
            assert base.notice == "" and [item.seed for item in found] == [1, 2**32 - 1, 2]
            one, three, two = found
            assert two.name == "Ännchen “quoted” 'n'" and two.rating == 4 and two.tags == ("hat", "blue eyes")
            assert two.note == "two\nlines" and two.z == draw(1, 4, 2).tobytes() and two.thumbnail[:4] == b"\x89PNG"
            assert three.parent == one.id and three.sigma == 0.5 and three.run is None and three.thumbnail == b""
    with closing(BookmarkDatabase(path)) as base, closing(BookmarkDatabase(path)) as other:
        known = base.all()
        other.put([star(9)])
        other.remove([known[0].id])
        put, removed = base.changes()
        assert [item.id for item in put] == [item.id for item in other.all() if item.seed == 9]
        assert removed == [known[0].id]


def test_what_the_other_did_is_told_once(pair: tuple[BookmarkDatabase, BookmarkDatabase], star: Any) -> None:
    one, other = pair
    assert one.changes() == ([], [])
    first, second = star(1, position=1.0), star(2, position=2.0)
    other.put([first, second])
    assert one.changes() == ([first, second], []) and one.changes() == ([], [])
    renamed = replace(first, name="x")
    other.put([renamed], [first])
    other.remove([second.id])
    other.remove(["nobody"])
    assert one.changes() == ([renamed], [second.id])
    other.put([second])
    assert one.changes() == ([second], []) and one.changes() == ([], [])


def test_own_work_is_no_news(pair: tuple[BookmarkDatabase, BookmarkDatabase], star: Any) -> None:
    one, other = pair
    one.put([star(1)])
    assert one.changes() == ([], [])
    mine, theirs = star(2), star(3)
    other.put([theirs])
    one.put([mine])  # before it has looked
    put, removed = one.changes()
    assert theirs in put and not removed
    assert one.changes() == ([], [])
    assert len(one.all()) == 3 and one.changes() == ([], [])


def test_only_what_was_changed_is_written(pair: tuple[BookmarkDatabase, BookmarkDatabase], star: Any) -> None:
    one, other = pair
    base = star(1, tags=("a", "b"))
    one.put([base])
    other.put([replace(base, name="theirs", tags=("b", "c"))], [base])
    written = one.put([replace(base, rating=4, tags=("a", "b", "d"))], [base])
    assert written == one.all() == other.all()
    (now,) = written
    assert (now.name, now.rating, now.tags) == ("theirs", 4, ("b", "c", "d"))
    one.put([base], [replace(base, rating=4, tags=("a", "b", "d"))])  # undo takes back its own change alone
    assert (other.all()[0].name, other.all()[0].rating, other.all()[0].tags) == ("theirs", 0, ("b", "c"))


def test_what_the_other_removed_stays_removed(pair: tuple[BookmarkDatabase, BookmarkDatabase], star: Any) -> None:
    one, other = pair
    first, second = star(1), star(2)
    one.put([first, second])
    other.remove([first.id])
    assert one.put([replace(first, rating=3), replace(second, rating=3)], [first, second]) == [
        replace(second, rating=3)
    ]
    assert len(other.all()) == 1
    one.put([first])  # undoing a removal is another matter
    assert len(other.all()) == 2


TAGS = st.lists(st.sampled_from("abcd"), unique=True).map(tuple)


@given(base=TAGS, mine=TAGS, theirs=TAGS)
def test_tags_merge_one_by_one(
    star: Any, base: tuple[str, ...], mine: tuple[str, ...], theirs: tuple[str, ...]
) -> None:
    one = star(1, tags=base)
    tags = merged(one, replace(one, tags=mine), replace(one, tags=theirs)).tags
    assert len(tags) == len(set(tags))
    for tag in "abcd":
        changed_by_me = (tag in mine) != (tag in base)
        assert (tag in tags) == (tag in (mine if changed_by_me else theirs))
