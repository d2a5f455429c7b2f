from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QUndoStack
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QSlider, QWidget
from pytestqt.qtbot import QtBot

from latent_debugger.state.editor import LatentEditor
from latent_debugger.state.latent import LatentState, Origin
from latent_debugger.views import theme
from latent_debugger.views.latent_panel import LatentPanel

DIM = 40
latents = arrays(np.float32, DIM, elements=st.floats(width=32, allow_nan=False, allow_infinity=False))


@pytest.fixture
def latent() -> LatentState:
    latent = LatentState()
    latent.resize(DIM)
    return latent


@pytest.fixture
def panel(latent: LatentState, qtbot: QtBot, qapp: QApplication) -> LatentPanel:
    theme.apply(qapp, "dark")
    panel = LatentPanel(latent)
    panel.resize(360, 400)
    qtbot.addWidget(panel)
    panel.show()
    qtbot.waitActive(panel)
    return panel


@pytest.fixture
def undo(panel: LatentPanel, latent: LatentState) -> QUndoStack:
    """The panel wired as in the window."""
    stack = QUndoStack(panel)
    editor = LatentEditor(latent, stack, panel)
    panel.value_edited.connect(editor.set_value)
    panel.reset_requested.connect(editor.reset_dimension)
    panel.lock_toggled.connect(editor.toggle_lock)
    return stack


def shown(panel: LatentPanel) -> list[int]:
    return [row.dim for row in panel.list.rows if row.isVisible()]


@pytest.mark.parametrize("dim", [1, 5, DIM, 130])
def test_there_is_one_slider_per_dimension(latent: LatentState, panel: LatentPanel, dim: int) -> None:
    latent.resize(dim)
    QApplication.processEvents()
    QApplication.sendPostedEvents(None, 52)  # DeferredDelete
    names = [slider.accessibleName() for slider in panel.findChildren(QSlider)]
    assert names == [f"z {i}" for i in range(dim)]


def test_without_a_model_it_says_what_to_do(qtbot: QtBot) -> None:
    panel = LatentPanel(LatentState())
    qtbot.addWidget(panel)
    assert panel.findChildren(QSlider) == []
    assert not panel.random.isEnabled()
    assert not panel.grab().isNull()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=30)
@given(z=latents, limit=st.sampled_from([0.5, 1.0, 3.0, 7.5]))
def test_showing_a_latent_never_changes_it(
    latent: LatentState, panel: LatentPanel, qtbot: QtBot, z: np.ndarray, limit: float
) -> None:
    with qtbot.assertNotEmitted(panel.value_edited):
        latent.set(z)
        panel.set_range(limit)
        panel.set_range(20.0)
    assert latent.z.tobytes() == z.tobytes()


def test_only_what_changed_is_shown_anew(latent: LatentState, panel: LatentPanel) -> None:
    latent.set_value(3, 1.5)
    assert panel.list.rows[3].slider.value() == 1500
    assert panel.list.rows[3].number.text() == "1.50"
    assert panel.list.rows[2].slider.value() == 0


def test_moving_a_slider_edits_its_dimension(latent: LatentState, panel: LatentPanel, undo: QUndoStack) -> None:
    panel.findChildren(QSlider)[12].setValue(-1250)
    assert latent.z[12] == np.float32(-1.25)
    assert undo.count() == 1
    undo.undo()
    assert panel.findChildren(QSlider)[12].value() == 0


def test_a_drag_is_one_step(latent: LatentState, panel: LatentPanel, undo: QUndoStack) -> None:
    slider = panel.list.rows[2].slider
    middle = slider.rect().center()
    QTest.mousePress(slider, Qt.MouseButton.LeftButton, pos=middle)
    for x in range(0, 60, 5):
        QTest.mouseMove(slider, middle + QPoint(x, 0))
    QTest.mouseRelease(slider, Qt.MouseButton.LeftButton, pos=middle + QPoint(60, 0))
    assert latent.z[2] > 0.5
    assert undo.count() == 1
    undo.undo()
    assert not latent.z.any()


def test_an_edited_number_may_lie_beyond_the_sliders(latent: LatentState, panel: LatentPanel, undo: QUndoStack) -> None:
    row = panel.list.rows[1]
    row.number.setFocus()
    QTest.keyClicks(row.number, "123.456")
    QTest.keyClick(row.number, Qt.Key.Key_Return)
    assert latent.z[1] == np.float32(123.456)
    assert row.slider.overflow == 1
    assert row.slider.value() == row.slider.maximum()
    assert row.number.property("overflow") is True
    row.number.clearFocus()
    assert row.number.text() == "123.46"
    assert latent.z[1] == np.float32(123.456)
    assert undo.count() == 1


def test_double_click_on_slider_or_name_asks_for_zero(panel: LatentPanel, qtbot: QtBot) -> None:
    asked: list[int] = []
    panel.reset_requested.connect(asked.append)
    row = panel.list.rows[4]
    qtbot.mouseDClick(row.slider, Qt.MouseButton.LeftButton, pos=row.slider.rect().center())
    qtbot.mouseDClick(row, Qt.MouseButton.LeftButton, pos=QPoint(20, 13))
    assert asked == [4, 4]


def test_a_locked_row_is_protected(latent: LatentState, panel: LatentPanel, undo: QUndoStack, qtbot: QtBot) -> None:
    latent.set_value(5, 0.75)
    row = panel.list.rows[5]
    QTest.mouseClick(row.lock, Qt.MouseButton.LeftButton)
    assert latent.locks[5]
    assert row.lock.isChecked()
    assert not row.slider.isEnabled() and not row.number.isEnabled() and row.lock.isEnabled()
    row.slider.setValue(2000)
    qtbot.mouseDClick(row, Qt.MouseButton.LeftButton, pos=QPoint(20, 13))
    assert latent.z[5] == 0.75
    QTest.keyClick(row.lock, Qt.Key.Key_Space)
    assert not latent.locks[5]
    assert row.slider.isEnabled()


def test_a_lock_shows_what_is_true_not_what_was_clicked(panel: LatentPanel) -> None:
    QTest.mouseClick(panel.list.rows[0].lock, Qt.MouseButton.LeftButton)  # nobody listens
    assert not panel.list.rows[0].lock.isChecked()


def wheel(widget: QWidget) -> None:
    """One notch towards the user over the middle of a widget, as the window system would deliver it."""
    window = widget.window()
    place = QPointF(widget.mapTo(window, widget.rect().center()))
    QTest.wheelEvent(window.windowHandle(), place, QPoint(0, -120))
    QApplication.processEvents()


def test_the_wheel_scrolls_unless_it_is_over_the_focus(
    panel: LatentPanel, latent: LatentState, undo: QUndoStack
) -> None:
    bar, row = panel.list.verticalScrollBar(), panel.list.rows[6]
    panel.list.rows[2].slider.setFocus()
    for unfocused in (row.slider, row.number, row):
        bar.setValue(0)
        wheel(unfocused)
        assert bar.value() > 0
    bar.setValue(0)
    assert not latent.z.any()
    row.slider.setFocus()
    wheel(row.slider)
    row.number.setFocus()
    wheel(row.number)
    assert bar.value() == 0
    assert latent.z[6] == pytest.approx(-0.06)


def test_the_wheel_over_a_locked_row_scrolls(panel: LatentPanel, latent: LatentState) -> None:
    latent.set_locks(np.ones(DIM, np.bool_))
    wheel(panel.list.rows[3].slider)
    assert panel.list.verticalScrollBar().value() > 0


def test_find_hides_rows_but_keeps_their_sliders(panel: LatentPanel, latent: LatentState) -> None:
    QTest.keyClicks(panel.find_field, "3")
    assert shown(panel) == [3, *range(30, 40)]
    assert len(panel.findChildren(QSlider)) == DIM
    latent.set_value(7, 1.0)
    assert panel.list.rows[7].slider.value() == 1000
    panel.find_field.setText("nothing")
    assert shown(panel) == []
    panel.find_field.clear()
    assert shown(panel) == list(range(DIM))


def test_find_locked_follows_the_locks(panel: LatentPanel, latent: LatentState) -> None:
    panel.find_field.setText("locked")
    assert shown(panel) == []
    latent.set_locks(np.arange(DIM) % 20 == 5)
    assert shown(panel) == [5, 25]


def test_rows_get_their_numbers_when_they_come_into_view(panel: LatentPanel, latent: LatentState) -> None:
    latent.set_value(DIM - 1, 0.5)
    assert panel.findChild(QLineEdit, "") is not None
    assert len(panel.list.rows[DIM - 1].findChildren(QLineEdit)) == 0
    panel.list.verticalScrollBar().setValue(panel.list.verticalScrollBar().maximum())
    field = panel.list.rows[DIM - 1].findChild(QLineEdit)
    assert field.text() == "0.50"
    assert field.isVisible()


def test_tab_goes_from_slider_to_number_to_lock_to_the_next_row(panel: LatentPanel) -> None:
    panel.list.verticalScrollBar().setValue(panel.list.verticalScrollBar().maximum())
    for row in panel.list.rows[1:3] + panel.list.rows[-2:]:
        row.slider.setFocus()
        QTest.keyClick(row.slider, Qt.Key.Key_Tab)
        assert row.number.hasFocus()
        QTest.keyClick(row.number, Qt.Key.Key_Tab)
        assert row.lock.hasFocus()
        QTest.keyClick(row.lock, Qt.Key.Key_Tab)
        if row.dim < DIM - 1:
            assert panel.list.rows[row.dim + 1].slider.hasFocus()


def test_another_range_moves_handles_only(panel: LatentPanel, latent: LatentState) -> None:
    latent.set_value(0, 4.0)
    slider = panel.list.rows[0].slider
    assert slider.overflow == 1
    panel.range_field.setValue(5.0)
    assert slider.overflow == 0
    assert (slider.value(), slider.maximum()) == (4000, 5000)
    assert panel.slider_range() == 5.0


def test_the_buttons_ask(panel: LatentPanel, qtbot: QtBot) -> None:
    with qtbot.waitSignals([panel.random_requested, panel.zero_requested]):
        panel.random.click()
        panel.zero.click()


def test_a_seed_is_submitted_by_return(panel: LatentPanel, qtbot: QtBot) -> None:
    field = panel.findChild(QLineEdit, "latent.seed")
    QTest.keyClicks(field, "4294967295")
    with qtbot.waitSignal(panel.seed_submitted) as submitted:
        QTest.keyClick(field, Qt.Key.Key_Return)
    assert submitted.args == [2**32 - 1]


def test_the_seed_fades_once_the_latent_is_another(panel: LatentPanel, latent: LatentState) -> None:
    latent.set(np.full(DIM, 0.5), Origin(seed=42))
    panel.set_seed(42)
    QApplication.processEvents()
    assert theme.current().muted not in panel.seed_field.styleSheet()
    latent.set_value(0, 0.0)
    QApplication.processEvents()
    assert panel.seed_field.text() == "42"
    assert theme.current().muted in panel.seed_field.styleSheet()


def test_every_control_has_a_name_for_assistive_technology(panel: LatentPanel) -> None:
    for row in panel.list.rows[:3]:
        assert row.slider.accessibleName() and row.number.accessibleName() and row.lock.accessibleName()
    for name in ("latent.find", "latent.range", "latent.seed"):
        assert panel.findChild(QWidget, name).accessibleName()


def test_it_follows_the_theme(panel: LatentPanel, qapp: QApplication) -> None:
    dark = panel.grab().toImage().pixelColor(4, 4)
    theme.apply(qapp, "light")
    light = panel.grab().toImage().pixelColor(4, 4)
    theme.apply(qapp, "dark")
    assert light.lightness() > dark.lightness()
