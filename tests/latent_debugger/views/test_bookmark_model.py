from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QCoreApplication, QDateTime, QLocale, Qt
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from latent_debugger.state.bookmark import Bookmark
from latent_debugger.state.library import BookmarkLibrary
from latent_debugger.state.model import OpenModel
from latent_debugger.state.star_query import StarQuery
from latent_debugger.views.bookmark_model import ID, BookmarkListModel, shown_date, tooltip
from latent_debugger.views.thumbnails import Role

Star = Callable[..., Bookmark]


@pytest.fixture
def library(star: Star) -> BookmarkLibrary:
    library = BookmarkLibrary()
    library.load([star(0), star(2), star(4)])
    return library


@pytest.fixture
def listed(library: BookmarkLibrary, qtmodeltester: ModelTester, qtbot: QtBot) -> BookmarkListModel:
    listed = BookmarkListModel(library)
    qtmodeltester.check(listed)
    return listed


def names(listed: BookmarkListModel) -> list[object]:
    return [listed.index(row).data() for row in range(listed.rowCount())]


def test_it_follows_the_library(listed: BookmarkListModel, library: BookmarkLibrary, star: Star) -> None:
    assert names(listed) == ["star 0", "star 2", "star 4"]
    library.apply_put([star(3), star(1), star(5)])
    assert names(listed) == [f"star {n}" for n in range(6)]
    library.apply_removed([item.id for item in library.bookmarks() if item.seed in (0, 3)])
    assert names(listed) == ["star 1", "star 2", "star 4", "star 5"]
    library.apply_put([replace(library.bookmarks()[1], name="Renamed")])
    assert names(listed)[1] == "Renamed"
    library.load([star(9)])
    assert names(listed) == ["star 9"]


def test_an_update_and_an_insert_at_once(listed: BookmarkListModel, library: BookmarkLibrary, star: Star) -> None:
    library.apply_put([replace(library.bookmarks()[0], name="First"), star(1)])
    assert names(listed) == ["First", "star 1", "star 2", "star 4"]


def test_a_move_keeps_every_row_right(listed: BookmarkListModel, library: BookmarkLibrary) -> None:
    library.apply_put([replace(library.bookmarks()[0], position=3.0)])
    assert names(listed) == ["star 2", "star 0", "star 4"]
    assert [listed.row_of(item.id) for item in library.bookmarks()] == [0, 1, 2]
    assert listed.row_of("nobody") == -1


def test_an_update_touches_its_row_alone(listed: BookmarkListModel, library: BookmarkLibrary, qtbot: QtBot) -> None:
    with qtbot.waitSignal(listed.dataChanged) as changed:
        library.apply_put([replace(library.bookmarks()[1], name="x")])
    assert (changed.args[0].row(), changed.args[1].row()) == (1, 1)


def test_pictures_come_from_the_thumbnail(listed: BookmarkListModel, library: BookmarkLibrary) -> None:
    assert listed.index(0).data(Role.PICTURE).size().width() == 64
    for nothing in (b"", b"no png"):
        library.apply_put([replace(library.bookmarks()[0], thumbnail=nothing)])
        QCoreApplication.processEvents()  # another turn, another budget
        assert listed.index(0).data(Role.PICTURE).isNull()


def test_stars_of_another_model_are_marked(
    listed: BookmarkListModel, library: BookmarkLibrary, model: OpenModel
) -> None:
    assert listed.index(0).data(Role.BADGE) == ""
    listed.set_model_context(replace(model, step=900, sha256="b" * 64))  # another step of the same run
    assert listed.index(0).data(Role.BADGE) == ""
    listed.set_model_context(replace(model, run="run-b"))
    assert listed.index(0).data(Role.BADGE) == "other model"
    assert "other model" in listed.index(0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert "other model" in listed.index(0).data(Qt.ItemDataRole.ToolTipRole)


@pytest.mark.parametrize(
    ("typed", "asked"), [("Anna", ["Anna"]), ("  two \n words ", ["two words"]), ("", []), ("  ", []), ("star 0", [])]
)
def test_a_new_name_is_asked_for_not_made(
    listed: BookmarkListModel, library: BookmarkLibrary, typed: str, asked: list[str]
) -> None:
    asked_for: list[tuple[str, str]] = []
    listed.rename_requested.connect(lambda id_, name: asked_for.append((id_, name)))
    listed.setData(listed.index(0), typed)
    assert asked_for == [(library.bookmarks()[0].id, name) for name in asked]
    assert names(listed)[0] == "star 0"


def test_a_row_tells_its_id_and_rating(listed: BookmarkListModel, library: BookmarkLibrary, star: Star) -> None:
    library.load([star(7, rating=4)])
    assert listed.index(0).data(ID) == library.bookmarks()[0].id
    assert listed.index(0).data(Role.RATING) == 4
    assert "4 of 5 stars" in listed.index(0).data(Qt.ItemDataRole.AccessibleTextRole)


def test_it_shows_what_the_query_says(
    listed: BookmarkListModel, library: BookmarkLibrary, star: Star, model: OpenModel
) -> None:
    listed.set_query(StarQuery(min_rating=3))
    assert names(listed) == []
    library.apply_put([replace(library.bookmarks()[1], rating=3), star(5, rating=5), star(6)])
    assert names(listed) == ["star 2", "star 5"]
    library.apply_put([replace(library.bookmarks()[1], rating=2)])
    assert names(listed) == ["star 5"]
    listed.set_query(StarQuery(order="name"))
    library.apply_put([replace(library.bookmarks()[-1], name="A")])
    assert names(listed) == ["A", "star 0", "star 2", "star 4", "star 5"]
    assert [listed.row_of(item.id) for item in listed.items()] == list(range(5))
    listed.set_query(StarQuery(own_model=True))
    assert len(names(listed)) == 5
    listed.set_model_context(replace(model, run="run-b"))
    assert names(listed) == []


def test_a_long_import_is_one_insertion(
    listed: BookmarkListModel, library: BookmarkLibrary, star: Star, qtbot: QtBot
) -> None:
    inserted: list[tuple[int, int]] = []
    listed.rowsInserted.connect(lambda _, first, last: inserted.append((first, last)))
    library.apply_put([star(n) for n in range(10, 60)])
    assert inserted == [(3, 52)]
    with qtbot.waitSignal(listed.modelReset):  # 40 single rows all over the list
        library.apply_put([star(n, position=n + 0.5) for n in range(10, 50)])
    assert names(listed)[:5] == ["star 0", "star 2", "star 4", "star 10", "star 10"]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    steps=st.lists(st.tuples(st.booleans(), st.integers(0, 9), st.integers(0, 9), st.integers(0, 5)), max_size=15),
    query=st.builds(StarQuery, min_rating=st.integers(0, 3), order=st.sampled_from(["manual", "rating", "newest"])),
)
def test_a_view_that_follows_the_signals_stays_right(
    star: Star, qapp: object, steps: list[tuple[bool, int, int, int]], query: StarQuery
) -> None:
    library = BookmarkLibrary()
    listed = BookmarkListModel(library)
    mirror: list[str] = []

    def ids(first: int, last: int) -> list[str]:
        return [listed.index(row).data(ID) for row in range(first, last + 1)]

    def insert(_: object, first: int, last: int) -> None:
        mirror[first:first] = ids(first, last)

    def remove(_: object, first: int, last: int) -> None:
        del mirror[first : last + 1]

    def begin_anew() -> None:
        mirror[:] = ids(0, listed.rowCount() - 1)

    listed.rowsInserted.connect(insert)
    listed.rowsRemoved.connect(remove)
    listed.modelReset.connect(begin_anew)
    listed.set_query(query)
    for put, which, position, rating in steps:
        if put:
            library.apply_put([star(which, id=str(which), position=float(position), rating=rating)])
        else:
            library.apply_removed([str(which)])
        assert mirror == ids(0, listed.rowCount() - 1)
        assert list(listed.items()) == query.apply(library.bookmarks(), None)


def test_the_tooltip_tells_everything_and_is_safe(star: Star) -> None:
    text = tooltip(star(12, name="<b>", step=20000, sigma=0.5))
    for part in ("&lt;b&gt;", "people64, step 20,000", "Seed 12", "σ 0.5"):
        assert part in text
    assert len(tooltip(star(12)).split("<br>")) == 5  # name, model, seed, date, what to do
    assert len(tooltip(star(12, created="once")).split("<br>")) == 4
    assert "Untitled" in tooltip(star(12, name=""))


def test_a_date_is_written_as_people_do_there() -> None:
    moment, before = QDateTime(2026, 11, 3, 17, 5, 0), QLocale()
    try:
        for name, wanted in (("C", "2026-11-03 17:05"), ("de_DE", "03.11.26 17:05"), ("en_GB", "03/11/2026 17:05")):
            QLocale.setDefault(QLocale(name))
            assert shown_date(moment) == wanted
    finally:
        QLocale.setDefault(before)


def test_stars_follow_the_critics_scores(listed: BookmarkListModel, library: BookmarkLibrary) -> None:
    first, second, third = (item.id for item in library.bookmarks())
    listed.set_query(StarQuery(order="critic"))
    assert [item.id for item in listed.items()] == [first, second, third]
    listed.set_scores({second: 3.0, third: 1.0}, {second: "Liked more than 90 %"})
    assert [item.id for item in listed.items()] == [second, third, first]
    assert "Liked more than 90 %" in str(listed.index(0).data(Qt.ItemDataRole.ToolTipRole))
    assert "Liked" not in str(listed.index(1).data(Qt.ItemDataRole.ToolTipRole))
    listed.set_query(StarQuery())
    assert [item.id for item in listed.items()] == [first, second, third]
