from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from latent_debugger.state.bookmark import Bookmark
from latent_debugger.state.library import BookmarkLibrary
from latent_debugger.state.star_edit import StarEdit
from latent_debugger.views.rating_field import RatingField
from latent_debugger.views.star_inspector import StarInspector

Star = Callable[..., Bookmark]


@pytest.fixture
def library(star: Star) -> BookmarkLibrary:
    library = BookmarkLibrary()
    library.load(
        [
            star(0, rating=3, tags=("hat", "red"), note="first"),
            star(1, rating=3, tags=("hat",), note="second", sigma=0.5),
            star(2, rating=1),
        ]
    )
    return library


@pytest.fixture
def inspector(library: BookmarkLibrary, qtbot: QtBot) -> StarInspector:
    inspector = StarInspector(library)
    inspector.resize(284, 220)
    qtbot.addWidget(inspector)
    inspector.show()
    qtbot.waitActive(inspector)
    return inspector


@pytest.fixture
def asked(inspector: StarInspector) -> list[tuple[tuple[str, ...], StarEdit]]:
    found: list[tuple[tuple[str, ...], StarEdit]] = []
    inspector.edited.connect(lambda ids, edit: found.append((ids, edit)))
    return found


def ids(library: BookmarkLibrary, *rows: int) -> tuple[str, ...]:
    return tuple(library.bookmarks()[row].id for row in rows)


def retype(field: QLineEdit, text: str) -> None:
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, text) if text else QTest.keyClick(field, Qt.Key.Key_Delete)
    QTest.keyClick(field, Qt.Key.Key_Return)


def test_one_star_is_shown_whole(inspector: StarInspector, library: BookmarkLibrary) -> None:
    inspector.set_selection(ids(library, 0))
    assert inspector.name.text() == "star 0" and inspector.rating.rating() == 3
    assert inspector.tags.text() == "hat, red" and inspector.note.toPlainText() == "first"
    assert inspector.source.text().splitlines()[:2] == ["people64, step 7", "Seed 0"]


def test_a_neighbour_names_its_parent(inspector: StarInspector, library: BookmarkLibrary) -> None:
    first, second, _ = library.bookmarks()
    library.apply_put([replace(second, parent=first.id)])
    inspector.set_selection((second.id,))
    assert "Neighbour of star 0 at σ 0.5" in inspector.source.text()


def test_several_show_what_they_share(inspector: StarInspector, library: BookmarkLibrary) -> None:
    inspector.set_selection(ids(library, 0, 1))
    assert inspector.name.text() == "" and inspector.name.placeholderText() == "2 stars"
    assert inspector.tags.text() == "hat" and inspector.rating.rating() == 3
    assert inspector.note.toPlainText() == "" and inspector.note.placeholderText() == "Different notes"
    inspector.set_selection(ids(library, 0, 2))
    assert inspector.rating.rating() is None and inspector.tags.text() == ""


def test_what_is_typed_is_asked_for_once(
    inspector: StarInspector, library: BookmarkLibrary, asked: list[tuple[tuple[str, ...], StarEdit]]
) -> None:
    chosen = ids(library, 0, 1)
    inspector.set_selection(chosen)
    retype(inspector.name, "Aunt")
    retype(inspector.tags, "new, hat")
    retype(inspector.tags, "")
    assert asked == [
        (chosen, StarEdit(name="Aunt")),
        (chosen, StarEdit(add_tags=("new",))),
        (chosen, StarEdit(remove_tags=("hat",))),
    ]


def test_leaving_things_as_they_are_asks_for_nothing(
    inspector: StarInspector, library: BookmarkLibrary, asked: list[tuple[tuple[str, ...], StarEdit]]
) -> None:
    inspector.set_selection(ids(library, 0))
    retype(inspector.name, "star 0")
    retype(inspector.name, "")
    assert inspector.name.text() == "star 0"
    retype(inspector.tags, "hat, red")
    inspector.note.setFocus()
    inspector.name.setFocus()
    inspector.set_selection(ids(library, 1))
    inspector.set_selection(())
    inspector.commit()
    assert asked == []


def test_a_note_counts_when_it_is_left_or_another_star_is_chosen(
    inspector: StarInspector, library: BookmarkLibrary, asked: list[tuple[tuple[str, ...], StarEdit]]
) -> None:
    first, second = ids(library, 0), ids(library, 1)
    inspector.set_selection(first)
    inspector.note.setFocus()
    QTest.keyClicks(inspector.note, "A ")
    assert asked == []
    inspector.name.setFocus()
    assert asked == [(first, StarEdit(note="A first"))]
    inspector.note.setFocus()
    QTest.keyClicks(inspector.note, "B ")
    inspector.set_selection(second)
    assert asked[1][0] == first and asked[1][1].note is not None and "B" in asked[1][1].note
    assert inspector.note.toPlainText() == "second"


def test_news_do_not_disturb_what_is_being_typed(inspector: StarInspector, library: BookmarkLibrary) -> None:
    inspector.set_selection(ids(library, 0))
    inspector.name.setFocus()
    QTest.keyClicks(inspector.name, "x")
    library.apply_put([replace(library.bookmarks()[0], name="elsewhere", rating=5)])
    assert "x" in inspector.name.text() and inspector.name.text() != "elsewhere"
    assert inspector.rating.rating() == 5
    library.apply_removed(ids(library, 0))
    inspector.commit()  # for nobody


def test_clicks_on_the_stars_rate(inspector: StarInspector, library: BookmarkLibrary, asked: list[object]) -> None:
    chosen = ids(library, 0)
    inspector.set_selection(chosen)
    rating: RatingField = inspector.rating
    places = [next(QPoint(x, 13) for x in range(100) if rating.star_at(QPoint(x, 13)) == n) for n in range(1, 6)]
    QTest.mouseClick(rating, Qt.MouseButton.LeftButton, pos=places[4])
    QTest.mouseClick(rating, Qt.MouseButton.LeftButton, pos=places[2])  # the last one lit
    rating.setFocus()
    for key in (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_0):
        QTest.keyClick(rating, key)
    wanted = [5, 0, 2, 4, 0]
    assert asked == [(chosen, StarEdit(rating=n)) for n in wanted]
    assert rating.rating() == 3, "until the library has it"


def test_tags_are_completed_after_the_last_comma(inspector: StarInspector, library: BookmarkLibrary) -> None:
    inspector.set_selection(ids(library, 2))
    completer = inspector.tags.completer()
    inspector.tags.setText("red, h")
    completer.setCompletionPrefix("h")
    assert completer.splitPath("red, h") == ["h"]
    assert completer.currentCompletion() == "red, hat"
