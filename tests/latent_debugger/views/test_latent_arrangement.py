"""The latent panel with another order, another view, pins and hidden rows."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent, QUndoStack
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QSlider
from pytestqt.qtbot import QtBot

from gan.latent.draws import draw
from latent_debugger.state.arrangement import Arrangement
from latent_debugger.state.editor import LatentEditor
from latent_debugger.state.latent import LatentState
from latent_debugger.state.row_editor import RowEditor
from latent_debugger.views import theme
from latent_debugger.views.latent_panel import LatentPanel
from latent_debugger.views.section_header import SectionHeader

DIM = 40


@pytest.fixture
def latent() -> LatentState:
    latent = LatentState()
    latent.resize(DIM)
    latent.set(draw(1, DIM, 0)[0])
    return latent


@pytest.fixture
def rows(latent: LatentState) -> Arrangement:
    return Arrangement(latent)


@pytest.fixture
def panel(latent: LatentState, rows: Arrangement, qtbot: QtBot, qapp: QApplication) -> LatentPanel:
    """Wired as in the window."""
    theme.apply(qapp, "dark")
    panel = LatentPanel(latent, rows)
    panel.resize(360, 600)
    qtbot.addWidget(panel)
    panel.show()
    qtbot.waitActive(panel)
    undo = QUndoStack(panel)
    editor, row_editor = LatentEditor(latent, undo, panel), RowEditor(rows, undo, panel)
    panel.value_edited.connect(editor.set_value)
    panel.lock_toggled.connect(editor.toggle_lock)
    panel.reset_requested.connect(editor.reset_dimension)
    panel.pin_toggled.connect(row_editor.toggle_pin)
    panel.hide_toggled.connect(row_editor.toggle_hidden)
    panel.unpin_requested.connect(row_editor.unpin_all)
    panel.show_all_requested.connect(row_editor.show_all)
    return panel


def seen(panel: LatentPanel) -> list[int]:
    """Dimensions from the start of the list to its end, whether scrolled into view or not."""
    shown = [row for row in panel.list.rows if row.isVisible()]
    return [row.dim for row in sorted(shown, key=lambda row: (row.y(), row.x()))]


def headers(panel: LatentPanel) -> dict[str, SectionHeader]:
    found = (header for header in panel.findChildren(SectionHeader) if header.isVisible())
    return {header.accessibleName().partition(",")[0]: header for header in found}


def indices(mask: np.ndarray) -> list[int]:
    return mask.nonzero()[0].tolist()


@pytest.mark.parametrize("faders", [False, True])
def test_both_views_have_the_very_same_sliders(
    panel: LatentPanel, rows: Arrangement, latent: LatentState, faders: bool
) -> None:
    before = panel.findChildren(QSlider)
    rows.set_faders(faders)
    after = panel.findChildren(QSlider)
    assert after == before
    assert [slider.accessibleName() for slider in after] == [f"z {i}" for i in range(DIM)]
    after[7].setValue(1250)
    assert latent.z[7] == 1.25
    latent.resize(9)
    QApplication.sendPostedEvents(None, 52)  # DeferredDelete
    assert [slider.accessibleName() for slider in panel.findChildren(QSlider)] == [f"z {i}" for i in range(9)]
    assert all((s.orientation() == Qt.Orientation.Vertical) == faders for s in panel.findChildren(QSlider))


def test_faders_stand_side_by_side_and_grow_upwards(panel: LatentPanel, rows: Arrangement, latent: LatentState) -> None:
    rows.set_faders(True)
    first, second = panel.list.rows[:2]
    assert first.y() == second.y() and second.x() > first.x() and first.height() > 300
    slider = first.slider
    middle = slider.rect().center()
    QTest.mousePress(slider, Qt.MouseButton.LeftButton, pos=QPoint(middle.x(), 12))
    QTest.mouseRelease(slider, Qt.MouseButton.LeftButton, pos=QPoint(middle.x(), 12))
    assert latent.z[0] > 2.8
    QTest.mousePress(slider, Qt.MouseButton.LeftButton, pos=QPoint(middle.x(), slider.height() - 12))
    QTest.mouseRelease(slider, Qt.MouseButton.LeftButton, pos=QPoint(middle.x(), slider.height() - 12))
    assert latent.z[0] < -2.8
    QTest.keyClick(slider, Qt.Key.Key_Up)
    assert latent.z[0] > -2.95
    assert panel.list.horizontalScrollBar().maximum() > 0
    assert panel.list.verticalScrollBar().maximum() == 0
    rows.set_faders(False)
    assert second.y() > first.y() and panel.list.horizontalScrollBar().maximum() == 0


def test_the_read_out_shows_and_edits_the_fader_last_touched(
    panel: LatentPanel, rows: Arrangement, latent: LatentState
) -> None:
    assert not panel.readout.isVisible()
    rows.set_faders(True)
    assert panel.readout.isVisible()
    panel.list.rows[3].slider.setFocus()
    assert (panel.readout.name.text(), panel.readout.number.text()) == ("z 3", f"{latent.z[3]:.2f}")
    panel.readout.number.setFocus()
    QTest.keyClicks(panel.readout.number, "7.5")
    QTest.keyClick(panel.readout.number, Qt.Key.Key_Return)
    assert latent.z[3] == 7.5
    assert panel.list.rows[3].slider.overflow == 1
    panel.readout.lock.click()
    panel.readout.pin.click()
    assert (indices(latent.locks), indices(rows.pinned)) == ([3], [3])
    assert not panel.readout.number.isEnabled() and panel.readout.pin.isChecked()


def test_pointing_at_a_fader_reads_it_out(panel: LatentPanel, rows: Arrangement) -> None:
    rows.set_faders(True)
    panel.list.rows[2].slider.setFocus()
    panel.list.pointed.emit(9)
    assert panel.readout.dim == 9 and panel.readout.number.accessibleName() == "Value of z 9"
    panel.list.pointed.emit(-1)
    assert panel.readout.dim == 2


def test_sorting_follows_the_latent_but_not_a_hand(panel: LatentPanel, rows: Arrangement, latent: LatentState) -> None:
    rows.set_sort("value")
    assert seen(panel) == np.argsort(-latent.z, kind="stable").tolist()
    still = seen(panel)
    panel.findChildren(QSlider)[still[-1]].setValue(2999)
    assert seen(panel) == still
    latent.set(draw(1, DIM, 5)[0])
    assert seen(panel) == np.argsort(-latent.z, kind="stable").tolist()
    rows.set_sort("magnitude")
    assert seen(panel) == np.argsort(-np.abs(latent.z), kind="stable").tolist()


def test_groups_fold_by_mouse_and_keyboard(panel: LatentPanel, rows: Arrangement) -> None:
    rows.set_group("16")
    assert list(headers(panel)) == ["z 0 – 15", "z 16 – 31", "z 32 – 39"]
    QTest.mouseClick(headers(panel)["z 16 – 31"], Qt.MouseButton.LeftButton)
    assert seen(panel) == [*range(16), *range(32, 40)]
    assert headers(panel)["z 16 – 31"].accessibleName().endswith("folded")
    header = headers(panel)["z 0 – 15"]
    header.setFocus()
    QTest.keyClick(header, Qt.Key.Key_Space)
    assert seen(panel) == [*range(32, 40)]
    panel.find_field.setText("17")
    assert seen(panel) == [17]
    panel.find_field.clear()
    rows.set_faders(True)
    assert seen(panel) == [*range(32, 40)]
    assert not panel.grab().isNull()


def test_locked_rows_can_stand_apart(panel: LatentPanel, rows: Arrangement, latent: LatentState) -> None:
    rows.set_group("locks")
    latent.set_locks(np.isin(np.arange(DIM), (3, 4)))
    assert seen(panel)[-2:] == [3, 4]


def test_pins_go_to_the_top(panel: LatentPanel, rows: Arrangement) -> None:
    row = panel.list.rows[12]
    QTest.mouseClick(row.pin, Qt.MouseButton.LeftButton)
    assert seen(panel)[:2] == [12, 0]
    assert row.pin.isChecked() and list(headers(panel)) == ["Pinned", "Others"]
    panel.arrange.unpin_all.trigger()
    assert seen(panel) == list(range(DIM)) and not headers(panel)


def test_hidden_rows_wait_folded_at_the_end(panel: LatentPanel, rows: Arrangement) -> None:
    panel.hide_toggled.emit(0)
    panel.hide_toggled.emit(5)
    assert seen(panel) == [1, 2, 3, 4, *range(6, DIM)]
    assert len(panel.findChildren(QSlider)) == DIM
    headers(panel)["Hidden"].click()
    assert seen(panel)[-2:] == [0, 5]
    panel.arrange.show_all.trigger()
    assert seen(panel) == list(range(DIM))


def test_the_menu_of_a_row_by_keyboard(panel: LatentPanel, rows: Arrangement, latent: LatentState) -> None:
    slider = panel.list.rows[4].slider
    slider.setFocus()
    place = slider.rect().center()
    asked = QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, place, slider.mapToGlobal(place))
    QApplication.sendEvent(slider, asked)
    menu = panel.findChild(QMenu, "", Qt.FindChildOption.FindDirectChildrenOnly)
    lock, pin, hide, _, zero = menu.actions()
    for action in (lock, pin, zero):
        action.trigger()
    assert (indices(latent.locks), indices(rows.pinned), latent.z[4]) == ([4], [4], 0)
    hide.trigger()
    assert (indices(rows.hidden), indices(rows.pinned)) == ([4], [])
    menu.close()


def test_control_and_an_arrow_go_to_the_next_dimension_shown(panel: LatentPanel, rows: Arrangement) -> None:
    panel.hide_toggled.emit(1)
    for faders, on, back in ((False, Qt.Key.Key_Down, Qt.Key.Key_Up), (True, Qt.Key.Key_Right, Qt.Key.Key_Left)):
        rows.set_faders(faders)
        panel.list.rows[0].slider.setFocus()
        QTest.keyClick(panel.list.rows[0].slider, on, Qt.KeyboardModifier.ControlModifier)
        assert panel.focused_dimension() == 2
        QTest.keyClick(panel.list.rows[2].slider, back, Qt.KeyboardModifier.ControlModifier)
        assert panel.focused_dimension() == 0


@pytest.mark.parametrize("faders", [False, True])
def test_locking_and_unlocking_keeps_the_focus_at_the_dimension(
    panel: LatentPanel, rows: Arrangement, faders: bool
) -> None:
    rows.set_faders(faders)
    panel.list.rows[4].slider.setFocus()
    for _ in range(3):
        panel.lock_toggled.emit(4)
        assert panel.focused_dimension() == 4


def test_a_locked_fader_can_be_reached_by_keyboard(panel: LatentPanel, rows: Arrangement, latent: LatentState) -> None:
    latent.set_locks(np.arange(DIM) == 1)
    rows.set_faders(True)
    panel.list.rows[0].slider.setFocus()
    QTest.keyClick(panel.list.rows[0].slider, Qt.Key.Key_Right, Qt.KeyboardModifier.ControlModifier)
    assert panel.list.rows[1].hasFocus()
    QTest.keyClick(panel.list.rows[1], Qt.Key.Key_Right, Qt.KeyboardModifier.ControlModifier)
    assert panel.focused_dimension() == 2


def test_tab_goes_on_in_the_order_one_sees(panel: LatentPanel, rows: Arrangement, qtbot: QtBot) -> None:
    rows.set_faders(True)
    rows.set_sort("value")
    order = seen(panel)
    qtbot.wait(200)
    panel.list.rows[order[0]].slider.setFocus()
    QTest.keyClick(panel.list.rows[order[0]].slider, Qt.Key.Key_Tab)
    assert panel.list.rows[order[1]].slider.hasFocus()


def test_the_arrange_menu_says_what_is_chosen(panel: LatentPanel, rows: Arrangement) -> None:
    menu = panel.arrange.menu()
    actions = {action.text(): action for action in menu.actions()}
    actions["Sort by value"].trigger()
    actions["Groups of 32"].trigger()
    actions["Fader bank"].trigger()
    assert (rows.settings.sort, rows.settings.group, rows.settings.faders) == ("value", "32", True)
    rows.set_sort("number")
    rows.set_faders(False)
    menu.aboutToShow.emit()
    assert actions["Sort by number"].isChecked() and not actions["Fader bank"].isChecked()
    assert not actions["Unpin all"].isEnabled() and not actions["Show hidden rows"].isEnabled()


def test_the_wheel_moves_the_bank_sideways(panel: LatentPanel, rows: Arrangement, latent: LatentState) -> None:
    rows.set_faders(True)
    z, window = latent.z, panel.windowHandle()
    place = panel.list.rows[3].slider.mapTo(panel, panel.list.rows[3].slider.rect().center())
    QTest.wheelEvent(window, place.toPointF(), QPoint(0, -120))
    QApplication.processEvents()
    assert panel.list.horizontalScrollBar().value() > 0
    assert latent.z is z


def test_a_large_latent_can_be_shown_in_every_way(panel: LatentPanel, rows: Arrangement, latent: LatentState) -> None:
    latent.resize(512)
    latent.set(draw(1, 512, 0)[0])
    for faders in (False, True):
        rows.set_faders(faders)
        for sort in ("value", "magnitude", "number"):
            rows.set_sort(sort)
            assert len(seen(panel)) == 512
    for button in (panel.arrange, panel.readout.lock, panel.readout.pin):
        assert button.accessibleName() and button.toolTip()


def test_only_rows_in_view_ask_to_be_painted(panel: LatentPanel, rows: Arrangement, latent: LatentState) -> None:
    """Qt looks at every widget that asks: 500 rows out of view took longer than the painting."""

    def check() -> None:
        QApplication.processEvents()
        asking = {row.dim for row in panel.list.rows if row.updatesEnabled() and row.slider.updatesEnabled()}
        in_view = {row.dim for row in panel.list.rows if not row.visibleRegion().isEmpty()}
        assert in_view and asking == in_view

    panel.resize(360, 300)
    check()
    for order in ("value", "number"):
        rows.set_sort(order)
        latent.set(draw(1, DIM, 1)[0])
        check()
        panel.list.verticalScrollBar().setValue(301)
        check()
    rows.set_group("locks")
    latent.set_locks(np.arange(DIM) > 20)
    check()
    panel.find_field.setText("z 3")
    check()
    panel.find_field.clear()
    panel.resize(300, 500)
    check()
    rows.set_faders(True)
    check()
    panel.list.horizontalScrollBar().setValue(100)
    check()
    latent.resize(DIM + 1)
    check()
