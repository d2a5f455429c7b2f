from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QDoubleSpinBox, QListView, QMenu, QSlider, QSpinBox, QToolButton
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from latent_debugger.state.neighbour_state import NeighbourState
from latent_debugger.views import theme
from latent_debugger.views.neighbour_model import PATIENCE_MS, NeighbourListModel
from latent_debugger.views.neighbour_panel import NeighbourPanel
from latent_debugger.views.thumbnails import Role


@pytest.fixture
def state() -> NeighbourState:
    return NeighbourState()


@pytest.fixture
def panel(state: NeighbourState, qtbot: QtBot, qapp: QApplication) -> NeighbourPanel:
    theme.apply(qapp, "dark")
    panel = NeighbourPanel(state)
    panel.resize(740, 220)
    qtbot.addWidget(panel)
    panel.show()
    qtbot.waitActive(panel)
    panel.set_tiles(16)
    QApplication.processEvents()
    return panel


def picture(value: int = 200) -> np.ndarray:
    return np.full((64, 64, 3), value, np.uint8)


def cell(panel: NeighbourPanel, row: int) -> QRect:
    return panel.list.visualRect(panel.model.index(row))


def test_it_has_the_handles_others_rely_on(panel: NeighbourPanel) -> None:
    assert panel.objectName() == "neighbourPanel"
    assert panel.findChild(QDoubleSpinBox, "neighbours.sigma").value() == 0.5
    assert panel.findChild(QSpinBox, "neighbours.count").value() == 16
    source, mode = panel.findChild(QComboBox, "neighbours.source"), panel.findChild(QComboBox, "neighbours.mode")
    assert [source.itemData(i) for i in range(source.count())] == ["current", "selected", "all"]
    assert [mode.itemData(i) for i in range(mode.count())] == ["additive", "norm", "variance"]
    assert panel.findChild(QListView, "neighbourList") is panel.list


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40)
@given(sigma=st.floats(0, 2))
def test_showing_a_sigma_never_rounds_it(panel: NeighbourPanel, state: NeighbourState, sigma: float) -> None:
    state.set_sigma(sigma)
    assert state.sigma == sigma
    assert panel.sigma.value() == pytest.approx(sigma, abs=0.00501)
    assert panel.sigma_slider.value() == pytest.approx(sigma * 100, abs=0.501)


def test_the_controls_edit_the_state(panel: NeighbourPanel, state: NeighbourState) -> None:
    panel.sigma.setValue(1.25)
    assert (state.sigma, panel.sigma_slider.value()) == (1.25, 125)
    panel.sigma_slider.setValue(70)
    assert (state.sigma, panel.sigma.value()) == (0.7, 0.7)
    panel.count.setValue(64)
    panel.source.setCurrentIndex(panel.source.findData("all"))
    assert (state.count, state.source, state.mode) == (64, "all", "additive")


def test_one_move_is_one_change(panel: NeighbourPanel, state: NeighbourState) -> None:
    changes: list[float] = []
    state.changed.connect(lambda: changes.append(state.sigma))
    panel.sigma_slider.setValue(33)
    panel.sigma.setValue(0.44)
    assert changes == [0.33, 0.44]


def test_a_sigma_can_be_typed(panel: NeighbourPanel, state: NeighbourState) -> None:
    panel.sigma.setFocus()
    panel.sigma.selectAll()
    QTest.keyClicks(panel.sigma, "1.25")
    assert state.sigma == 0.5
    QTest.keyClick(panel.sigma, Qt.Key.Key_Return)
    assert state.sigma == 1.25


def test_a_large_change_of_the_norm_warns_in_every_theme(panel: NeighbourPanel, qapp: QApplication) -> None:
    panel.set_reading(30, (10, 8), -2.4)
    assert theme.DARK.warning in panel.change.styleSheet()
    theme.apply(qapp, "light")
    assert theme.LIGHT.warning in panel.change.styleSheet()
    panel.set_reading(30, (10, 11), 1.0)
    assert panel.change.styleSheet() == ""


def test_the_controls_follow_the_state(panel: NeighbourPanel, state: NeighbourState) -> None:
    state.set_count(5)
    state.set_source("selected")
    assert panel.count.value() == 5
    assert panel.source.currentData() == "selected"


def test_the_limits(panel: NeighbourPanel) -> None:
    assert (panel.sigma.minimum(), panel.sigma.maximum()) == (0.0, 2.0)
    assert (panel.count.minimum(), panel.count.maximum()) == (4, 64)


def test_click_and_return_choose(panel: NeighbourPanel) -> None:
    chosen: list[int] = []
    panel.chosen.connect(chosen.append)
    QTest.mouseClick(panel.list.viewport(), Qt.MouseButton.LeftButton, pos=cell(panel, 5).center())
    QTest.keyClick(panel.list, Qt.Key.Key_Right)
    QTest.keyClick(panel.list, Qt.Key.Key_Return)
    assert chosen == [5, 6]


def test_the_star_keeps_without_going_there(panel: NeighbourPanel, qtbot: QtBot) -> None:
    star = panel.list.tiles.star_rect(cell(panel, 3)).center()
    with qtbot.assertNotEmitted(panel.chosen), qtbot.waitSignal(panel.star_requested) as asked:
        QTest.mouseClick(panel.list.viewport(), Qt.MouseButton.LeftButton, pos=star)
    assert asked.args == [3]


def test_the_menu_offers_both(panel: NeighbourPanel, qtbot: QtBot) -> None:
    panel.list.customContextMenuRequested.emit(cell(panel, 7).center())
    menu = panel.findChild(QMenu)
    go, keep = menu.actions()
    with qtbot.waitSignal(panel.chosen) as chosen:
        go.trigger()
    with qtbot.waitSignal(panel.star_requested) as asked:
        keep.trigger()
    assert (chosen.args, asked.args) == ([7], [7])
    menu.close()


def test_no_menu_beside_the_tiles(panel: NeighbourPanel) -> None:
    panel.set_tiles(0)
    panel.list.customContextMenuRequested.emit(QPoint(5, 5))
    assert panel.findChild(QMenu) is None


def test_the_button_samples_anew(panel: NeighbourPanel, qtbot: QtBot) -> None:
    with qtbot.waitSignal(panel.sample_requested):
        panel.sample.click()


@pytest.mark.parametrize(
    ("reading", "text"),
    [
        ((27.4, (9.94, 11.1), 1.7), "27° away · |z| 9.9 → 11.1 · Δ|z| +1.7 σ"),
        ((0.26, (9.9, 9.7), -0.26), "0.3° away · |z| 9.9 → 9.7 · Δ|z| −0.3 σ"),
        ((None, (0.0, 2.0), 0.0), "|z| 0.0 → 2.0 · Δ|z| +0.0 σ"),
        ((None, None, None), ""),
    ],
)
def test_the_reading(panel: NeighbourPanel, reading: Any, text: str) -> None:
    panel.set_reading(*reading)
    assert panel.change.text() == text
    assert "standard deviations" in panel.change.toolTip()


def test_the_most_sigma_follows_the_mode_and_the_value_is_not_lost(
    panel: NeighbourPanel, state: NeighbourState
) -> None:
    panel.sigma.setValue(1.5)
    panel.mode.setCurrentIndex(panel.mode.findData("variance"))
    assert (panel.sigma.maximum(), panel.sigma.value(), panel.sigma_slider.value()) == (1.0, 1.0, 100)
    panel.mode.setCurrentIndex(panel.mode.findData("norm"))
    assert (panel.sigma.maximum(), panel.sigma.value(), panel.sigma_slider.value()) == (2.0, 1.5, 150)


def test_only_pinned_dimensions(panel: NeighbourPanel, state: NeighbourState) -> None:
    panel.only_pinned.click()
    assert state.only_pinned
    state.set_only_pinned(False)
    assert not panel.only_pinned.isChecked()


def test_generations_back_and_forth(panel: NeighbourPanel, qtbot: QtBot) -> None:
    assert not panel.back.isEnabled() and not panel.forward.isEnabled() and panel.generation.text() == ""
    panel.set_generation(2, 3, True, True)
    assert panel.generation.text() == "2 of 3"
    with qtbot.waitSignals([panel.back_requested, panel.forward_requested]):
        panel.back.click()
        panel.forward.click()


def test_every_control_is_named_and_explained(panel: NeighbourPanel) -> None:
    for kind in (QComboBox, QDoubleSpinBox, QSpinBox, QSlider, QToolButton):
        for control in panel.findChildren(kind):
            assert control.accessibleName() and control.toolTip(), control.objectName()


def test_controls_wrap_in_a_narrow_dock(panel: NeighbourPanel) -> None:
    assert panel.source.y() == panel.sigma.y()
    panel.resize(340, 300)
    QApplication.processEvents()
    assert panel.source.y() > panel.sigma.geometry().bottom()
    assert panel.sample.geometry().right() < panel.width()


def test_the_empty_panel_tells_why(panel: NeighbourPanel) -> None:
    panel.set_tiles(0)
    panel.set_empty("Select a star to see its neighbours.")
    assert panel.list.empty_text() == "Select a star to see its neighbours."


def test_the_model_is_a_proper_one(qtmodeltester: ModelTester) -> None:
    model = NeighbourListModel()
    model.set_tiles(4)
    model.set_tile(1, picture())
    qtmodeltester.check(model)
    model.set_tiles(9)
    model.set_tiles(2)
    model.set_tiles(0)


def test_old_pictures_stand_in_until_the_new_ones_come(panel: NeighbourPanel) -> None:
    model = panel.model
    for row in range(16):
        model.set_tile(row, picture(row))
    assert model.pending() == 0
    model.set_starred_rows({2})
    model.set_tiles(17)
    assert model.pending() == 17
    assert not model.index(3).data(Role.PICTURE).isNull()
    assert model.index(16).data(Role.PICTURE).isNull()
    assert model.index(2).data(Role.STARRED) is False
    panel.set_tile(3, picture(99))
    assert model.index(3).data(Role.PICTURE).pixelColor(0, 0).red() == 99


def test_old_pictures_fade_when_the_new_ones_are_slow(panel: NeighbourPanel, qtbot: QtBot) -> None:
    for row in range(16):
        panel.set_tile(row, picture())
    panel.set_tiles(16)
    assert not panel.model.index(0).data(Role.STALE)
    qtbot.waitUntil(lambda: panel.model.index(0).data(Role.STALE), timeout=20 * PATIENCE_MS)
    panel.set_tile(0, picture())
    assert not panel.model.index(0).data(Role.STALE)
    assert panel.model.index(1).data(Role.STALE)
    for row in range(1, 16):
        panel.set_tile(row, picture())
    panel.set_tiles(16)
    assert not panel.model.index(1).data(Role.STALE)


def test_a_picture_that_comes_too_late_is_passed_over(panel: NeighbourPanel) -> None:
    panel.set_tiles(4)
    panel.set_tile(12, picture())
    assert panel.model.rowCount() == 4


@pytest.mark.parametrize("shape", [(32, 32, 1), (128, 128, 3), (33, 47, 4)])
def test_pictures_of_every_kind_are_painted(panel: NeighbourPanel, shape: tuple[int, int, int]) -> None:
    before = panel.list.grab().toImage()
    panel.set_tile(0, np.full(shape, 180, np.uint8))
    panel.set_starred_rows({0})
    assert panel.list.grab().toImage() != before


def test_neighbours_may_stand_in_another_order(panel: NeighbourPanel) -> None:
    seen: list[int] = []
    panel.chosen.connect(seen.append)
    panel.star_requested.connect(seen.append)
    panel.set_tiles(4)
    panel.model.set_order([2, 0, 3, 1], ["first", "second", "third", "fourth"])
    panel.set_starred_rows({3})
    panel.set_tile(3, picture(9))
    index = panel.model.index
    assert [panel.model.neighbour_at(k) for k in range(-1, 5)] == [-1, 2, 0, 3, 1, -1]
    assert [bool(index(k).data(Role.STARRED)) for k in range(4)] == [False, False, True, False]
    assert index(2).data(Role.PICTURE).pixelColor(0, 0).red() == 9
    assert str(index(0).data(Qt.ItemDataRole.ToolTipRole)).startswith("third")
    assert index(2).data(Qt.ItemDataRole.AccessibleTextRole) == "Neighbour 3, starred, fourth"
    QTest.mouseClick(panel.list.viewport(), Qt.MouseButton.LeftButton, pos=cell(panel, 0).center())
    assert seen == [2]

    panel.set_tiles(4)  # as sigma moves: the order stays, what was said of them does not
    assert panel.model.neighbour_at(0) == 2 and "third" not in index(0).data(Qt.ItemDataRole.ToolTipRole)
    panel.model.set_order([0, 1, 2])  # of others, which are gone
    assert panel.model.neighbour_at(0) == 2
    panel.model.set_order(None)
    assert [panel.model.neighbour_at(k) for k in range(4)] == [0, 1, 2, 3]
    panel.model.set_order([3, 2, 1, 0])
    panel.set_tiles(6)
    assert [panel.model.neighbour_at(k) for k in range(6)] == list(range(6))
    panel.set_tiles(2)
    assert [panel.model.neighbour_at(k) for k in range(3)] == [0, 1, -1]


def test_sorting_is_off_where_nobody_can_judge(panel: NeighbourPanel) -> None:
    seen: list[bool] = []
    panel.sort_toggled.connect(seen.append)
    assert not panel.sort.isEnabled()
    panel.set_sort(True)
    assert panel.sort.isEnabled() and panel.sort.isChecked()
    panel.set_sort(True, "No critic.")
    assert not panel.sort.isEnabled() and not panel.sort.isChecked() and panel.sort.toolTip() == "No critic."
    assert not seen
    panel.set_sort(False)
    panel.sort.click()
    assert seen == [True]


def test_a_note_stands_before_the_reading(panel: NeighbourPanel) -> None:
    panel.set_note("best of 80")
    panel.set_reading(30.0, None, None)
    assert panel.change.text() == "best of 80 · 30° away"
    panel.set_reading(None, None, None)
    assert not panel.change.text()
