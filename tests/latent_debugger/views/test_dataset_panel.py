from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication, QItemSelectionModel, QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent, QImage
from PySide6.QtWidgets import QApplication, QMenu, QPushButton
from pytestqt.qtbot import QtBot

from latent_debugger.state.curation import KEEP, REJECT, UNDECIDED, Curation, Problem
from latent_debugger.views.dataset_panel import DatasetPanel
from latent_debugger.views.dataset_problems import ProblemsDialog

from ..piles import make_opinion, make_pile

KEYS = Qt.Key


@pytest.fixture
def curation(qapp: QApplication) -> Curation:
    return Curation()


@pytest.fixture
def panel(qtbot: QtBot, curation: Curation) -> Iterator[DatasetPanel]:
    made = DatasetPanel(curation)
    qtbot.addWidget(made)
    made.resize(1200, 500)
    made.show()
    curation.set_pile(make_pile(40, sharpness=np.arange(40)))
    made.list.setFocus()
    QCoreApplication.processEvents()
    yield made


def press(qtbot: QtBot, panel: DatasetPanel, *keys: Qt.Key, shift: bool = False) -> None:
    modifier = Qt.KeyboardModifier.ShiftModifier if shift else Qt.KeyboardModifier.NoModifier
    for key in keys:
        qtbot.keyClick(panel.list, key, modifier)


def select(panel: DatasetPanel, first: int, last: int) -> None:
    flags = QItemSelectionModel.SelectionFlag
    panel.list.selectionModel().setCurrentIndex(panel.model.index(first), flags.ClearAndSelect)
    for place in range(first, last + 1):
        panel.list.selectionModel().select(panel.model.index(place), flags.Select)


def test_without_a_pile_it_says_how_to_open_one(qtbot: QtBot, curation: Curation) -> None:
    panel = DatasetPanel(curation)
    qtbot.addWidget(panel)
    panel.show()
    assert "folder" in panel.start.text.text() and panel.start.isVisible() and not panel.list.isVisible()
    with qtbot.waitSignal(panel.open_requested):
        panel.start.open.click()
    with qtbot.waitSignal(panel.open_file_requested):
        panel.start.open_file.click()


def test_a_scan_shows_its_progress_and_can_be_cancelled(qtbot: QtBot, panel: DatasetPanel) -> None:
    panel.set_scanning("cats")
    panel.set_progress(1200, 15000)
    assert panel.start.text.text() == "Looking through cats: 1,200 of 15,000 pictures"
    assert panel.start.bar.maximum() == 15000 and panel.start.isVisible()
    with qtbot.waitSignal(panel.cancel_requested):
        panel.start.cancel.click()
    panel.set_scanning("")
    assert panel.list.isVisible(), "what was open is on show again"


def test_a_scroll_bar_has_a_handle_only_where_something_scrolls(
    qtbot: QtBot, panel: DatasetPanel, curation: Curation
) -> None:
    bar = panel.list.verticalScrollBar
    qtbot.waitUntil(lambda: bar().maximum() > 0)
    assert bar().isEnabled()
    curation.set_pile(make_pile(3))
    qtbot.waitUntil(lambda: bar().maximum() == 0)
    assert not bar().isEnabled() and bar().isVisible()
    curation.set_pile(make_pile(40))
    qtbot.waitUntil(lambda: bar().maximum() > 0)
    assert bar().isEnabled()


def test_keys_decide_and_go_on_to_the_next(qtbot: QtBot, panel: DatasetPanel, curation: Curation) -> None:
    press(qtbot, panel, KEYS.Key_K, KEYS.Key_X, KEYS.Key_Right, KEYS.Key_K)
    assert curation.keep()[:5].tolist() == [KEEP, REJECT, UNDECIDED, KEEP, UNDECIDED]
    assert panel.wall.current_picture() == 4
    assert panel.counts.text() == "2 kept · 1 rejected · 37 undecided"
    press(qtbot, panel, KEYS.Key_Left, KEYS.Key_U)
    assert curation.keep()[3] == UNDECIDED
    curation.undo.undo()
    assert curation.keep()[3] == KEEP


def test_ranges_and_everything_are_decided_in_one_step(qtbot: QtBot, panel: DatasetPanel, curation: Curation) -> None:
    press(qtbot, panel, KEYS.Key_Right, KEYS.Key_Right, shift=True)
    assert panel.list.selected_places().tolist() == [0, 1, 2]
    press(qtbot, panel, KEYS.Key_K)
    assert curation.keep()[:4].tolist() == [KEEP, KEEP, KEEP, UNDECIDED]
    assert panel.list.selected_places().tolist() == [0, 1, 2], "a mistake can be mended at once"
    qtbot.keyClick(panel.list, KEYS.Key_A, Qt.KeyboardModifier.ControlModifier)
    press(qtbot, panel, KEYS.Key_X)
    assert (curation.keep() == REJECT).all()
    assert curation.undo.count() == 2


def test_the_last_picture_stays_current(qtbot: QtBot, panel: DatasetPanel) -> None:
    press(qtbot, panel, KEYS.Key_End, KEYS.Key_K)
    assert panel.wall.current_picture() == 39


def test_among_the_undecided_what_is_decided_makes_room_for_the_next(
    qtbot: QtBot, panel: DatasetPanel, curation: Curation
) -> None:
    panel.filter.show_only("undecided")
    select(panel, 5, 5)
    press(qtbot, panel, KEYS.Key_K)
    assert panel.model.rowCount() == 39
    assert panel.wall.current_picture() == 6 and panel.wall.selected_pictures().tolist() == [6]
    press(qtbot, panel, KEYS.Key_X)
    assert panel.wall.current_picture() == 7
    curation.undo.undo()
    assert panel.model.rowCount() == 39 and panel.wall.current_picture() == 7
    curation.decide(np.arange(40), KEEP)
    assert panel.model.rowCount() == 0
    assert panel.list.empty_text() == "Nothing is undecided any more."


def test_selection_and_current_survive_another_order(panel: DatasetPanel) -> None:
    select(panel, 3, 5)
    panel.filter.order_box.setCurrentIndex(panel.filter.order_box.findData("sharpness"))
    assert panel.model.picture_at(0) == 39
    assert sorted(panel.wall.selected_pictures().tolist()) == [3, 4, 5]
    assert panel.wall.current_picture() == 3
    panel.filter.reverse.click()
    assert panel.model.picture_at(0) == 0
    select(panel, 7, 7)
    panel.filter.reverse.click()
    assert panel.wall.current_picture() == 39, "of a single one, the top of the new order is what one wants to see"


def test_a_click_on_a_mark_decides_and_undecides(qtbot: QtBot, panel: DatasetPanel, curation: Curation) -> None:
    select(panel, 0, 0)
    place = panel.list.visualRect(panel.model.index(2))

    def click(decision: int) -> None:
        spot = panel.list.tiles.badge_rect(place, decision).center()
        qtbot.mouseClick(panel.list.viewport(), Qt.MouseButton.LeftButton, pos=spot)

    click(REJECT)
    assert curation.keep()[2] == REJECT and panel.wall.current_picture() == 0
    click(KEEP)
    assert curation.keep()[2] == KEEP
    click(KEEP)
    assert curation.keep()[2] == UNDECIDED
    select(panel, 1, 3)
    click(KEEP)
    assert curation.keep()[:5].tolist() == [-1, 1, 1, 1, -1], "a mark of a selected tile speaks for all"


def test_what_the_ranking_kept_is_confirmed_by_a_click(qtbot: QtBot, panel: DatasetPanel, curation: Curation) -> None:
    curation.set_opinion(make_opinion(np.linspace(1, 0, 40)))
    curation.keep_best(4)
    spot = panel.list.tiles.badge_rect(panel.list.visualRect(panel.model.index(2)), KEEP).center()
    qtbot.mouseClick(panel.list.viewport(), Qt.MouseButton.LeftButton, pos=spot)
    assert curation.keep()[2] == KEEP and not curation.by_ranking()[2]
    assert "in one go" in str(panel.model.index(1).data(Qt.ItemDataRole.ToolTipRole))
    assert "in one go" not in str(panel.model.index(2).data(Qt.ItemDataRole.ToolTipRole))


def test_the_menu_decides_about_what_is_under_the_pointer(
    qtbot: QtBot, panel: DatasetPanel, curation: Curation
) -> None:
    panel.list.customContextMenuRequested.emit(panel.list.visualRect(panel.model.index(7)).center())
    menu = panel.findChild(QMenu)
    assert menu is not None
    next(action for action in menu.actions() if action.text().startswith("Reject")).trigger()
    menu.close()
    assert curation.keep()[7] == REJECT
    panel.list.customContextMenuRequested.emit(QPoint(5000, 5000))  # beside all pictures: no menu


def test_a_range_of_a_score_filters(qtbot: QtBot, panel: DatasetPanel) -> None:
    assert not panel.filter.range.isVisible()
    panel.filter.score_box.setCurrentIndex(panel.filter.score_box.findData("sharpness"))
    chart = panel.filter.range
    assert chart.isVisible() and panel.model.rowCount() == 40
    for _ in range(24):
        qtbot.keyClick(chart, KEYS.Key_Right)
    low, high = chart.range()
    assert 15 < low < 25 and high == np.inf
    assert panel.model.pictures().tolist() == [k for k in range(40) if k >= low]
    qtbot.keyClick(chart, KEYS.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    assert chart.range()[1] < np.inf and "to" in chart.accessibleDescription()
    qtbot.keyClick(chart, KEYS.Key_Home)
    assert panel.model.rowCount() == 40
    panel.filter.show_only("kept")
    assert panel.filter.query().score == ""


def test_handles_of_the_range_are_dragged(qtbot: QtBot, panel: DatasetPanel) -> None:
    panel.filter.score_box.setCurrentIndex(panel.filter.score_box.findData("sharpness"))
    chart = panel.filter.range
    middle = QPoint(chart.width() // 2, chart.height() // 2)
    qtbot.mousePress(chart, Qt.MouseButton.LeftButton, pos=QPoint(6, 10))
    qtbot.mouseMove(chart, middle)
    qtbot.mouseRelease(chart, Qt.MouseButton.LeftButton, pos=middle)
    assert 15 < chart.range()[0] < 25 and panel.model.rowCount() < 30
    qtbot.mouseDClick(chart, Qt.MouseButton.LeftButton, pos=middle)
    assert panel.model.rowCount() == 40


def test_the_large_view_has_the_same_keys(qtbot: QtBot, panel: DatasetPanel, curation: Curation) -> None:
    with qtbot.waitSignal(panel.wall.large_wanted) as wanted:
        press(qtbot, panel, KEYS.Key_Right, KEYS.Key_Space)
    assert wanted.args == [1] and panel.loupe.isVisible() and not panel.list.isVisible()
    assert panel.loupe.details.text().startswith("00001.png\n64 × 48 px · undecided")
    assert panel.loupe.picture.image().width() == 96, "the thumbnail, until the whole is there"
    panel.wall.set_large(0, QImage(10, 10, QImage.Format.Format_RGB32))
    assert panel.loupe.picture.image().width() == 96, "that was asked for earlier"
    panel.wall.set_large(1, QImage(300, 200, QImage.Format.Format_RGB32))
    assert panel.loupe.picture.image().width() == 300
    qtbot.keyClick(panel.loupe, KEYS.Key_K)
    assert curation.keep()[1] == KEEP and panel.wall.current_picture() == 2
    qtbot.keyClick(panel.loupe, KEYS.Key_Left)
    assert panel.wall.current_picture() == 1 and "kept" in panel.loupe.details.text()
    curation.undo.undo()
    assert "undecided" in panel.loupe.details.text()
    qtbot.keyClick(panel.loupe, KEYS.Key_Escape)
    assert panel.list.isVisible()


def test_the_large_view_closes_when_nothing_is_left(qtbot: QtBot, panel: DatasetPanel, curation: Curation) -> None:
    panel.filter.show_only("undecided")
    panel.wall.toggle_loupe()
    curation.decide(np.arange(40), REJECT)
    assert panel.list.isVisible()


def test_the_ranking_column_tells_what_it_knows(panel: DatasetPanel, curation: Curation) -> None:
    learning = panel.learning
    assert "some 30" in learning.told.text() and not learning.best.isEnabled() and not learning.rest.isEnabled()
    curation.decide([0, 1, 2], KEEP)
    curation.decide([3], REJECT)
    assert learning.told.text().endswith("So far: 3 kept, 1 rejected.")
    assert learning.progress.value() == 4
    curation.set_opinion(make_opinion(np.linspace(1, 0, 40), proposed=12))
    assert learning.told.text() == "It is right about 90 % of your decisions it had not seen. It would keep 12."
    assert learning.number.value() == 12 and learning.best.isEnabled() and not learning.progress.isVisible()
    assert "9 undecided pictures" in learning.best.toolTip()


def test_it_says_what_is_missing(panel: DatasetPanel, curation: Curation) -> None:
    told = panel.learning.told
    curation.decide(np.arange(35), KEEP)
    assert told.text() == "It needs both kinds: reject a few more pictures, too."
    curation.decide(np.arange(5), REJECT)
    assert told.text() == "It is learning from your decisions…"
    curation.reject_rest()
    assert told.text() == "Everything is decided. “Decided in one go” shows what to check."
    assert panel.filter.show_box.findText("Decided in one go") >= 0


def test_the_number_to_keep_is_the_users_once_it_is_touched(panel: DatasetPanel, curation: Curation) -> None:
    learning = panel.learning
    curation.decide([0], KEEP)
    curation.set_opinion(make_opinion(np.linspace(1, 0, 40), proposed=12))
    learning.number.setValue(20)
    curation.set_opinion(make_opinion(np.linspace(1, 0, 40), proposed=14))
    assert learning.number.value() == 20
    learning.best.click()
    assert curation.counts().kept == 20 and curation.undo.count() == 2
    learning.rest.click()
    assert curation.counts().undecided == 0
    assert not (learning.best.isEnabled() or learning.rest.isEnabled() or learning.number.isEnabled())
    curation.undo.undo()
    curation.undo.undo()
    assert curation.counts().kept == 1


def test_it_asks_what_would_teach_it_most(qtbot: QtBot, panel: DatasetPanel, curation: Curation) -> None:
    curation.set_opinion(make_opinion(np.full(40, 0.5), asks=[9, 4]))
    panel.filter.show_only("undecided")
    panel.learning.ask.click()
    assert panel.model.pictures().tolist() == [9, 4] and panel.wall.current_picture() == 9
    assert panel.learning.told.text() == "Decide these 2: 2 left. It would keep 5 by now."
    press(qtbot, panel, KEYS.Key_K, KEYS.Key_X)
    assert curation.keep()[[9, 4]].tolist() == [KEEP, REJECT]
    assert panel.model.rowCount() == 2, "answers can be looked at again until it has thought"
    curation.set_opinion(make_opinion(np.full(40, 0.5), asks=[20, 21]))
    assert panel.model.pictures().tolist() == [20, 21] and panel.wall.current_picture() == 20
    panel.learning.ask.click()
    assert panel.filter.query().show == "undecided"
    panel.filter.show_only("ask")
    assert panel.learning.ask.isChecked()


@pytest.mark.parametrize("before", ["all", "undecided"])
def test_deciding_many_in_one_go_leaves_the_questions(panel: DatasetPanel, curation: Curation, before: str) -> None:
    curation.set_opinion(make_opinion(np.linspace(0, 1, 40), asks=[9, 4]))
    panel.filter.show_only(before)
    for button in (panel.learning.best, panel.learning.rest):
        panel.learning.ask.click()
        assert panel.filter.query().show == "ask"
        button.click()
        assert panel.filter.query().show == before and not panel.learning.ask.isChecked()
    assert curation.counts().undecided == 0


def test_an_order_of_the_rankings_waits_until_it_is_asked_for(panel: DatasetPanel, curation: Curation) -> None:
    curation.set_opinion(make_opinion(np.linspace(0, 1, 40)))
    panel.filter.order_box.setCurrentIndex(panel.filter.order_box.findData("likely"))
    assert panel.model.picture_at(0) == 39 and not panel.filter.again.isEnabled()
    curation.set_opinion(make_opinion(np.linspace(1, 0, 40)))
    assert panel.model.picture_at(0) == 39, "nothing jumps under the user's hands"
    assert panel.filter.again.isEnabled()
    panel.filter.again.click()
    assert panel.model.picture_at(0) == 0 and not panel.filter.again.isEnabled()


def test_left_out_files_are_listed(qtbot: QtBot, panel: DatasetPanel, curation: Curation) -> None:
    assert not panel.problems.isVisible()
    found = [
        Problem("a.png", "damaged, or no picture"),
        Problem("b.png", "a copy of 0.png"),
        Problem("c.png", "a copy of 1.png"),
    ]
    curation.set_pile(make_pile(5, found))
    assert panel.problems.text() == "3 left out"
    panel.problems.click()
    dialog = panel.findChild(ProblemsDialog)
    assert dialog is not None
    assert dialog.text().splitlines()[1] == "b.png: a copy of 0.png"
    assert "2 copies of others; 1 damaged, or no picture." in panel.problems.toolTip()
    dialog.close()
    curation.set_pile(make_pile(5, found[1:2]))
    assert "1 file was left out: 1 copy of another." in panel.problems.toolTip()


def test_training_needs_something_to_train_on(qtbot: QtBot, panel: DatasetPanel, curation: Curation) -> None:
    assert panel.train.isEnabled() and "40 pictures that are not rejected" in panel.train.toolTip()
    curation.decide([0, 1], KEEP)
    assert "2 pictures that are kept" in panel.train.toolTip()
    with qtbot.waitSignal(panel.train_requested):
        panel.train.click()
    curation.decide(np.arange(40), REJECT)
    assert not panel.train.isEnabled()


def test_folders_are_dropped_on_it(qtbot: QtBot, panel: DatasetPanel, tmp_path: object) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(tmp_path))])
    copy, button, none = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    with qtbot.waitSignal(panel.dropped) as dropped:
        panel.dropEvent(QDropEvent(QPointF(5, 5), copy, data, button, none))
    assert dropped.args == [tmp_path]


def test_names_that_look_like_html_are_shown_as_they_are(panel: DatasetPanel, curation: Curation) -> None:
    curation.set_pile(replace(make_pile(2), paths=("<b>x</b>.png", "1.png"), source=Path("/data/<i>mixed</i>")))
    assert "&lt;b&gt;x" in str(panel.model.index(0).data(Qt.ItemDataRole.ToolTipRole))
    assert str(panel.model.index(1).data(Qt.ItemDataRole.ToolTipRole)).startswith("1.png\n")
    assert panel.name.textFormat() == Qt.TextFormat.PlainText and "&lt;i&gt;" in panel.name.toolTip()


def test_a_narrow_panel_puts_the_ranking_below(panel: DatasetPanel) -> None:
    assert panel.learning.x() > panel.list.x() + 100
    panel.filter.score_box.setCurrentIndex(1)
    panel.resize(420, 900)
    QCoreApplication.processEvents()
    assert panel.width() == 420, "nothing keeps it wider"
    assert panel.learning.mapTo(panel, QPoint()).y() > panel.list.mapTo(panel, QPoint()).y() + 100


def test_thumbnails_change_their_size(panel: DatasetPanel) -> None:
    panel.filter.size.setValue(160)
    assert panel.list.tiles.side == 160
    assert panel.list.visualRect(panel.model.index(0)).height() == 170


def test_everything_that_can_be_reached_has_a_name(panel: DatasetPanel) -> None:
    for button in panel.findChildren(QPushButton):
        assert button.accessibleName() and button.toolTip(), button.objectName()


def test_fifteen_thousand_pictures_are_painted_a_screen_at_a_time(panel: DatasetPanel, curation: Curation) -> None:
    curation.set_pile(make_pile(15_000))
    drawn: list[int] = []
    thumbnail = panel.model.thumbnail
    panel.model.thumbnail = lambda picture: drawn.append(picture) or thumbnail(picture)  # type: ignore[method-assign,func-returns-value]
    for _ in range(20):
        QCoreApplication.processEvents()
    assert 0 < len(drawn) < 200
    panel.list.verticalScrollBar().setValue(panel.list.verticalScrollBar().maximum())
    for _ in range(20):
        QCoreApplication.processEvents()
    assert max(drawn) == 14_999 and len(drawn) < 400
