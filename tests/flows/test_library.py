"""A library that is lived with: rated, tagged, sorted, searched, shared, taken elsewhere and brought back."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit

from gan.latent.draws import draw
from gan.latent.vectors import save_vectors
from latent_debugger.state.bookmark import z_bytes
from latent_debugger.state.database import BookmarkDatabase
from latent_debugger.state.paths import library_path
from latent_debugger.state.star_query import StarQuery
from latent_debugger.views.main_window import MainWindow
from latent_debugger.views.progress_dialog import ProgressDialog
from latent_debugger.views.star_list import STARS_MIME

from .conftest import Driver

Open = Callable[..., Driver]


@pytest.fixture
def d(open_window: Open, make_model: Callable[..., Path], tmp_path: Path) -> Driver:
    """The window with five stars, Star 1 to Star 5."""
    d = open_window(make_model())
    save_vectors(tmp_path / "five.npy", draw(5, 12, 3))
    d.wiring.open_file(tmp_path / "five.npy")
    settled(d)
    return d


def settled(d: Driver) -> None:
    """Wait until every star has its picture."""
    d.settle()
    d.qtbot.waitUntil(lambda: all(star.thumbnail for star in d.stars()), timeout=20_000)
    d.settle()


def shown(d: Driver) -> list[str]:
    return [item.name for item in d.window.bookmarks.model.items()]


def press(d: Driver, key: Qt.Key) -> None:
    QTest.keyClick(d.window.bookmarks.list, key)
    d.settle()


def field(d: Driver, name: str) -> QLineEdit:
    found = d.find(QLineEdit, name)
    assert isinstance(found, QLineEdit)
    return found


def type_into(d: Driver, name: str, text: str) -> None:
    edit = field(d, name)
    edit.selectAll()
    QTest.keyClicks(edit, text)
    QTest.keyClick(edit, Qt.Key.Key_Return)
    d.settle()


def test_rating_tagging_and_naming_several_is_one_step_each(d: Driver) -> None:
    before = d.stars()
    steps = d.wiring.session.undo.count()
    d.window.bookmarks.select(tuple(star.id for star in before[1:4]))
    press(d, Qt.Key.Key_4)
    type_into(d, "star.tags", "hat, blue")
    type_into(d, "star.name", "Aunt")
    assert [star.rating for star in d.stars()] == [0, 4, 4, 4, 0]
    assert [star.tags for star in d.stars()] == [(), *[("hat", "blue")] * 3, ()]
    assert [star.name for star in d.stars()] == ["Star 1", "Aunt 1", "Aunt 2", "Aunt 3", "Star 5"]
    assert d.wiring.session.undo.count() == steps + 3
    d.window.bookmarks.select((before[1].id,))
    note = d.window.bookmarks.inspector.note
    note.setFocus()
    QTest.keyClicks(note, "the eyes are right")
    d.window.close()  # even what was not left yet
    with_note = BookmarkDatabase(library_path())
    assert [star.note for star in with_note.all()] == ["", "the eyes are right", "", "", ""]
    with_note.close()


def test_every_edit_can_be_undone(d: Driver) -> None:
    before = d.stars()
    d.window.bookmarks.select((before[0].id, before[2].id))
    press(d, Qt.Key.Key_5)
    type_into(d, "star.tags", "x")
    type_into(d, "star.name", "Uncle")
    d.window.bookmarks.list.moved.emit((before[4].id, before[0].id), before[1].id)
    d.settle()
    assert [star.name for star in d.stars()] == ["Uncle 1", "Star 5", "Star 2", "Uncle 2", "Star 4"]
    after = d.stars()
    for _ in range(4):
        d.trigger("edit.undo")
    assert d.stars() == before
    for _ in range(4):
        d.trigger("edit.redo")
    assert d.stars() == after


def test_search_filter_and_sort(d: Driver) -> None:
    stars = d.stars()
    panel = d.window.bookmarks
    panel.select((stars[0].id, stars[3].id))
    press(d, Qt.Key.Key_3)
    panel.select((stars[4].id,))
    press(d, Qt.Key.Key_5)
    panel.filter.set_query(StarQuery(order="rating"))
    assert shown(d) == ["Star 5", "Star 1", "Star 4", "Star 2", "Star 3"]
    panel.filter.set_query(StarQuery(min_rating=3))
    assert shown(d) == ["Star 1", "Star 4", "Star 5"]
    QTest.keyClicks(panel.search, "star 4")
    assert shown(d) == ["Star 4"] and panel.count.text() == "1 of 5"
    panel.select(())
    asked: list[object] = []
    panel.export_requested.disconnect()
    panel.export_requested.connect(asked.append)
    panel.export_selected()
    assert asked == [(stars[3].id,)], "what the search hides is not exported"
    panel.search.clear()
    panel.filter.show_all()
    assert shown(d) == [f"Star {n}" for n in range(1, 6)]


def test_a_new_star_is_never_called_like_an_old_one(d: Driver) -> None:
    d.window.bookmarks.delete_requested.emit((d.stars()[1].id,))
    d.settle()
    d.trigger("latent.random")
    d.trigger("bookmark.add")
    d.trigger("latent.random")
    d.trigger("bookmark.add")
    assert shown(d) == ["Star 1", "Star 3", "Star 4", "Star 5", "Star 6", "Star 7"]


def test_pressing_the_star_twice_in_a_hurry_makes_one(d: Driver) -> None:
    d.trigger("latent.random")
    d.wiring.bookmarks.add_current()
    d.wiring.bookmarks.add_current()
    d.settle()
    assert len(d.stars()) == 6


def test_an_archive_brings_everything_back(d: Driver, tmp_path: Path) -> None:
    d.window.bookmarks.select(tuple(star.id for star in d.stars()))
    press(d, Qt.Key.Key_2)
    type_into(d, "star.tags", "hat")
    before = d.stars()
    d.answer_dialog("bookmark.export", "dialog.export", tmp_path / "all.npz")
    d.answer_dialog("bookmark.import", "dialog.import", tmp_path / "all.npz")
    assert d.message() == "All 5 stars are here already." and d.stars() == before
    d.window.bookmarks.delete_requested.emit((before[0].id, before[1].id))
    d.settle()
    d.wiring.open_file(tmp_path / "all.npz")  # as dropped on the window
    settled(d)
    assert d.message() == "Imported 2 stars; skipped 3 that were here already."
    back = d.stars()
    assert [(s.z, s.name, s.rating, s.tags) for s in back[3:]] == [(s.z, s.name, s.rating, s.tags) for s in before[:2]]
    d.trigger("edit.undo")
    assert len(d.stars()) == 3


def test_a_star_dragged_out_is_a_picture_that_leads_back(d: Driver) -> None:
    star = d.stars()[2]
    d.window.bookmarks.select((star.id,))
    data = d.window.bookmarks.list.drag_data()
    assert data.data(STARS_MIME).data().decode() == star.id
    (path,) = [Path(url.toLocalFile()) for url in data.urls()]
    assert path.name == "Star 3.png" and path.is_file()
    d.wiring.open_file(path)
    d.settle()
    assert z_bytes(d.z) == star.z
    d.close()
    assert not path.exists()


def test_stars_are_reordered_by_hand(d: Driver) -> None:
    view = d.window.bookmarks.list
    first, last = (view.visualRect(view.model().index(row, 0)) for row in (0, 4))
    assert view.gap_at(first.center() - QPoint(5, 0)) == 0 and view.gap_at(first.center() + QPoint(5, 0)) == 1
    assert view.gap_at(last.center() + QPoint(300, 500)) == 5
    view.moved.emit((d.stars()[0].id,), None)
    d.settle()
    assert shown(d) == ["Star 2", "Star 3", "Star 4", "Star 5", "Star 1"]
    d.window.bookmarks.select((d.stars()[2].id, d.stars()[3].id))
    for key, wanted in ((Qt.Key.Key_Up, 1), (Qt.Key.Key_Up, 0), (Qt.Key.Key_Up, 0), (Qt.Key.Key_Down, 1)):
        QTest.keyClick(view, key, Qt.KeyboardModifier.AltModifier)
        d.settle()
        assert [shown(d).index(name) for name in ("Star 4", "Star 5")] == [wanted, wanted + 1]
    d.trigger("bookmark.move_later")
    d.trigger("bookmark.move_later")
    d.trigger("bookmark.move_later")
    assert shown(d) == ["Star 2", "Star 3", "Star 1", "Star 4", "Star 5"]
    d.window.bookmarks.filter.set_query(StarQuery(order="name"))
    d.trigger("bookmark.move_earlier")
    assert [star.name for star in d.stars()][-1] == "Star 5", "not while the list is sorted"


def test_contact_sheet(d: Driver, tmp_path: Path) -> None:
    d.answer_dialog("bookmark.contact_sheet", "dialog.contact_sheet", tmp_path / "sheet.png")
    assert d.message() == f"Saved {tmp_path / 'sheet.png'}."
    with Image.open(tmp_path / "sheet.png") as sheet:
        assert sheet.width > 320


def test_a_contact_sheet_can_be_cancelled(d: Driver, tmp_path: Path) -> None:
    d.wiring.star_tools._make_sheet(tmp_path / "sheet.png", list(d.stars()) * 1000)
    dialog = d.find(ProgressDialog, "dialog.progress")
    assert isinstance(dialog, ProgressDialog)
    dialog.canceled.emit()
    d.settle()
    assert d.message() == "Cancelled; nothing was written." and not (tmp_path / "sheet.png").exists()


def test_a_window_that_closes_waits_for_no_contact_sheet(d: Driver, tmp_path: Path) -> None:
    d.wiring.star_tools._make_sheet(tmp_path / "sheet.png", list(d.stars()) * 500)
    d.close()
    assert not (tmp_path / "sheet.png").exists()


def test_duplicates_are_found_and_can_be_deleted(d: Driver, tmp_path: Path) -> None:
    z = draw(7, 12, 3)
    z[5], z[6] = z[0] + np.float32(0.01), z[1] + np.float32(0.2)
    save_vectors(tmp_path / "more.npy", z)
    d.trigger("bookmark.find_duplicates")
    assert d.message() == "Every star is different."
    d.wiring.open_file(tmp_path / "more.npy")
    settled(d)
    assert len(d.stars()) == 7 and "skipped 5" in d.message()
    d.window.bookmarks.filter.set_query(StarQuery(min_rating=1))  # hides them all
    d.trigger("bookmark.find_duplicates")
    assert d.message() == "1 near copy is selected; Del removes it."
    assert d.window.bookmarks.selected() == (d.stars()[5].id,)
    d.trigger("bookmark.delete")
    assert len(d.stars()) == 6


def test_two_windows_on_one_library_lose_nothing(d: Driver, open_window: Open, make_model: Callable[..., Path]) -> None:
    other = open_window(make_model())
    star = d.stars()[0]
    assert other.stars() == d.stars()
    # at once, before either has heard of the other
    for driver, key in ((d, Qt.Key.Key_5), (other, None)):
        driver.window.bookmarks.select((star.id,))
        if key is not None:
            QTest.keyClick(driver.window.bookmarks.list, key)
        else:
            driver.window.bookmarks.rename_requested.emit(star.id, "Anna")
    for driver in (d, other):
        driver.trigger("latent.random")
        driver.trigger("bookmark.add")
    d.qtbot.waitUntil(lambda: d.stars() == other.stars() and len(d.stars()) == 7, timeout=10_000)
    now = d.wiring.session.library.get(star.id)
    assert now is not None and (now.name, now.rating) == ("Anna", 5)
    d.window.bookmarks.select((star.id,))
    assert field(d, "star.name").text() == "Anna"
    while d.wiring.session.undo.canUndo():
        d.trigger("edit.undo")
    d.qtbot.waitUntil(lambda: d.stars() == other.stars(), timeout=10_000)
    assert [item.name for item in other.stars()] == ["Star 6"], "only what the other window added is left"


OTHER_PROCESS = """
import sys
from dataclasses import replace
from pathlib import Path
from latent_debugger.state.database import BookmarkDatabase
base = BookmarkDatabase(Path(sys.argv[1]))
first, second, *_ = base.all()
base.put([replace(first, note="from afar")], [first])
base.remove([second.id])
base.close()
"""


def test_another_process_is_followed(d: Driver) -> None:
    first, _, *rest = d.stars()
    subprocess.run([sys.executable, "-c", OTHER_PROCESS, str(library_path())], check=True, timeout=60)
    d.qtbot.waitUntil(lambda: len(d.stars()) == 4, timeout=10_000)
    assert d.stars() == (replace(first, note="from afar"), *rest)


def test_a_damaged_library_is_set_aside_and_named(open_window: Open, make_model: Callable[..., Path]) -> None:
    library_path().parent.mkdir(parents=True, exist_ok=True)
    library_path().write_bytes(b"SQLite format 3\0" + bytes(range(256)) * 64)
    d = open_window(make_model())
    (aside,) = library_path().parent.glob("bookmarks.damaged-*.sqlite")
    assert aside.name in d.message()
    assert d.stars() == ()
    d.trigger("latent.random")
    d.trigger("bookmark.add")
    assert len(d.stars()) == 1


def test_keys_of_the_list_leave_other_shortcuts_alone(d: Driver) -> None:
    window: MainWindow = d.window
    window.bookmarks.select((d.stars()[0].id,))
    window.bookmarks.list.setFocus()
    QTest.keyClick(window.bookmarks.list, Qt.Key.Key_1, Qt.KeyboardModifier.ControlModifier)
    d.settle()
    assert d.stars()[0].rating == 0
