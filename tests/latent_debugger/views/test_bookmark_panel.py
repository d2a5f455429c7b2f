from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QListView, QMenu
from pytestqt.qtbot import QtBot

from latent_debugger.state.bookmark import Bookmark
from latent_debugger.state.library import BookmarkLibrary
from latent_debugger.state.model import OpenModel
from latent_debugger.views import theme
from latent_debugger.views.bookmark_panel import BookmarkPanel

Star = Callable[..., Bookmark]


@pytest.fixture
def library() -> BookmarkLibrary:
    return BookmarkLibrary()


@pytest.fixture
def stars(star: Star) -> list[Bookmark]:
    return [star(n) for n in range(4)]


@pytest.fixture
def panel(library: BookmarkLibrary, qtbot: QtBot, qapp: QApplication) -> BookmarkPanel:
    theme.apply(qapp, "dark")
    panel = BookmarkPanel(library)
    panel.resize(300, 400)
    qtbot.addWidget(panel)
    panel.show()
    qtbot.waitActive(panel)
    return panel


@pytest.fixture
def filled(panel: BookmarkPanel, library: BookmarkLibrary, stars: list[Bookmark]) -> BookmarkPanel:
    library.apply_put(stars)
    QApplication.processEvents()
    return panel


def place(panel: BookmarkPanel, row: int) -> QPoint:
    return panel.list.visualRect(panel.list.model().index(row, 0)).center()


def click(panel: BookmarkPanel, row: int, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    QTest.mouseClick(panel.list.viewport(), Qt.MouseButton.LeftButton, modifier, place(panel, row))


def test_it_has_the_handles_others_rely_on(panel: BookmarkPanel) -> None:
    assert panel.objectName() == "bookmarkPanel"
    assert panel.findChild(QListView, "bookmarkList") is panel.list


def test_the_empty_panel_says_the_next_step(panel: BookmarkPanel, library: BookmarkLibrary, star: Star) -> None:
    assert panel.list.empty_text() == "No stars yet. Press Ctrl+D to star the picture you see."
    assert not panel.export.isEnabled() and panel.load.isEnabled()
    library.apply_put([star(0)])
    assert panel.export.isEnabled()
    assert panel.count.text() == "1 star"


def test_the_inspector_is_a_line_until_a_star_is_selected(filled: BookmarkPanel, stars: list[Bookmark]) -> None:
    folded = filled.inspector.height()
    assert filled.inspector.folded and folded < 64
    filled.select((stars[0].id,))
    assert not filled.inspector.folded and filled.inspector.height() > 2 * folded
    filled.select(())
    assert filled.inspector.folded and filled.inspector.height() == folded


def test_nothing_moves_between_the_clicks_of_a_double_click(
    filled: BookmarkPanel, stars: list[Bookmark], qtbot: QtBot
) -> None:
    recalled: list[str] = []
    filled.recall_requested.connect(recalled.append)
    filled._open_soon.setInterval(60_000)
    click(filled, 3)
    height = filled.list.height()
    assert filled.inspector.folded and filled._open_soon.isActive()
    qtbot.mouseDClick(filled.list.viewport(), Qt.MouseButton.LeftButton, pos=place(filled, 3))
    assert recalled == [stars[3].id] and filled.list.height() == height
    filled._open_soon.timeout.emit()
    assert not filled.inspector.folded
    assert filled.list.viewport().rect().contains(place(filled, 3)), "what was clicked is still in view"


def test_the_inspector_comes_back_as_high_as_it_was_made(
    filled: BookmarkPanel, stars: list[Bookmark], qtbot: QtBot
) -> None:
    filled.resize(300, 800)
    filled.select((stars[0].id,))
    handle, before = filled._split.handle(1), filled.inspector.height()
    with qtbot.waitSignal(filled.inspector_resized):
        handle.moveSplitter(handle.y() - 100)  # what dragging it comes to
    height = filled.inspector.height()
    assert height == before + 100
    assert filled.inspector_height() == height
    filled.select(())
    filled.select((stars[1].id,))
    assert abs(filled.inspector.height() - height) <= 2


def test_clicks_select(filled: BookmarkPanel, stars: list[Bookmark]) -> None:
    announced: list[tuple[str, ...]] = []
    filled.selection_changed.connect(announced.append)
    click(filled, 2)
    click(filled, 0, Qt.KeyboardModifier.ControlModifier)
    assert filled.selected() == (stars[0].id, stars[2].id)
    assert announced == [(stars[2].id,), (stars[0].id, stars[2].id)]
    assert filled.count.text() == "2 of 4"


def test_the_selection_survives_updates(
    filled: BookmarkPanel, library: BookmarkLibrary, stars: list[Bookmark], star: Star, model: OpenModel, qtbot: QtBot
) -> None:
    chosen = (stars[1].id, stars[3].id)
    filled.select(chosen)
    with qtbot.assertNotEmitted(filled.selection_changed):
        library.apply_put([replace(stars[1], name="x"), star(9)])
        library.apply_removed([stars[0].id])
        library.apply_put([replace(stars[2], position=70.0)])  # another order
        library.load(library.bookmarks())
        filled.set_model_context(replace(model, run="run-b"))
    assert filled.selected() == chosen


def test_what_is_gone_is_not_selected(filled: BookmarkPanel, library: BookmarkLibrary, stars: list[Bookmark]) -> None:
    announced: list[tuple[str, ...]] = []
    filled.select((stars[1].id, stars[3].id))
    filled.selection_changed.connect(announced.append)
    library.apply_removed([stars[1].id])
    assert filled.selected() == (stars[3].id,)
    library.load([])
    assert filled.selected() == ()
    assert announced == [(stars[3].id,), ()]


def test_double_click_and_return_recall(filled: BookmarkPanel, stars: list[Bookmark], qtbot: QtBot) -> None:
    recalled: list[str] = []
    filled.recall_requested.connect(recalled.append)
    click(filled, 1)
    assert recalled == []
    qtbot.mouseDClick(filled.list.viewport(), Qt.MouseButton.LeftButton, pos=place(filled, 1))
    QTest.keyClick(filled.list, Qt.Key.Key_Right)
    QTest.keyClick(filled.list, Qt.Key.Key_Return)
    assert recalled == [stars[1].id, stars[2].id]


def test_f2_renames_in_place(filled: BookmarkPanel, stars: list[Bookmark], qtbot: QtBot) -> None:
    click(filled, 1)
    QTest.keyClick(filled.list, Qt.Key.Key_F2)
    editor = filled.list.viewport().findChild(QLineEdit)
    assert editor.text() == "star 1"
    editor.selectAll()
    QTest.keyClicks(editor, "Anna")
    with qtbot.waitSignal(filled.rename_requested) as asked:
        QTest.keyClick(editor, Qt.Key.Key_Return)
    assert asked.args == [stars[1].id, "Anna"]
    assert filled.list.model().index(1, 0).data() == "star 1"  # until the library has it


def test_escape_leaves_the_name(filled: BookmarkPanel, qtbot: QtBot) -> None:
    click(filled, 1)
    filled.rename_current()
    editor = filled.list.viewport().findChild(QLineEdit)
    QTest.keyClicks(editor, "Anna")
    with qtbot.assertNotEmitted(filled.rename_requested):
        QTest.keyClick(editor, Qt.Key.Key_Escape)


def test_delete_asks_for_the_selected(filled: BookmarkPanel, stars: list[Bookmark], qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(filled.delete_requested):
        filled.delete_selected()
    filled.select((stars[0].id, stars[1].id))
    with qtbot.waitSignal(filled.delete_requested) as asked:
        QTest.keyClick(filled.list, Qt.Key.Key_Delete)
    assert asked.args == [(stars[0].id, stars[1].id)]


def test_export_asks_for_the_selected_or_all(filled: BookmarkPanel, stars: list[Bookmark]) -> None:
    asked: list[tuple[str, ...]] = []
    filled.export_requested.connect(asked.append)
    filled.export.click()
    filled.select((stars[2].id,))
    filled.export.click()
    assert asked == [(), (stars[2].id,)]


def test_import_asks(filled: BookmarkPanel, qtbot: QtBot) -> None:
    with qtbot.waitSignal(filled.import_requested):
        filled.load.click()


def test_search_shows_matching_stars_only(filled: BookmarkPanel) -> None:
    QTest.keyClicks(filled.search, "STAR 3")
    assert [filled.list.model().index(row, 0).data() for row in range(filled.list.model().rowCount())] == ["star 3"]
    filled.search.setText("nobody")
    assert filled.list.model().rowCount() == 0
    assert filled.list.empty_text() == "No star matches “nobody”."
    filled.search.clear()
    assert filled.list.model().rowCount() == 4


def test_what_a_search_hides_cannot_be_deleted(filled: BookmarkPanel, stars: list[Bookmark]) -> None:
    filled.select(tuple(item.id for item in stars))
    filled.search.setText("star 2")
    assert filled.selected() == (stars[2].id,)


def test_the_menu_offers_what_the_keys_do(filled: BookmarkPanel, stars: list[Bookmark], qtbot: QtBot) -> None:
    click(filled, 2)
    filled.list.customContextMenuRequested.emit(place(filled, 2))
    menu = filled.findChild(QMenu)
    entries = {action.text(): action for action in menu.actions()}
    assert list(entries) == ["Go there", "Rename", "Rate", "Export…", "Delete"]
    with qtbot.waitSignal(filled.delete_requested) as asked:
        entries["Delete"].trigger()
    assert asked.args == [(stars[2].id,)]
    menu.close()


def test_a_new_star_scrolls_into_view(filled: BookmarkPanel, library: BookmarkLibrary, star: Star) -> None:
    library.apply_put([star(n) for n in range(10, 40)])
    QApplication.processEvents()
    assert filled.list.viewport().rect().contains(place(filled, 33))


def test_three_stars_stand_side_by_side_in_a_fresh_dock(
    filled: BookmarkPanel, library: BookmarkLibrary, star: Star
) -> None:
    library.apply_put([star(n) for n in range(10, 40)])
    QApplication.processEvents()
    rows = [filled.list.visualRect(filled.list.model().index(row, 0)).top() for row in range(6)]
    assert rows[0] == rows[1] == rows[2] < rows[3]
