from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from latent_debugger.views.latent_slider import UNITS, LatentSlider

Edits = list[tuple[int, float, object]]


@pytest.fixture
def slider(qtbot: QtBot) -> LatentSlider:
    slider = LatentSlider(7)
    slider.resize(220, 24)  # the groove is 200 wide
    slider.sync(0.0, 3.0)
    qtbot.addWidget(slider)
    slider.show()
    qtbot.waitActive(slider)
    return slider


@pytest.fixture
def edits(slider: LatentSlider) -> Edits:
    edits: Edits = []
    slider.edited.connect(lambda dim, value, token: edits.append((dim, value, token)))
    return edits


def wheel(widget: LatentSlider, notches: float = 1) -> QWheelEvent:
    centre = QPointF(widget.rect().center())
    event = QWheelEvent(
        centre, widget.mapToGlobal(centre), QPoint(), QPoint(0, round(notches * 120)), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(widget, event)
    return event


def at(x: int) -> QPoint:
    return QPoint(x, 12)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(value=st.floats(width=32, allow_nan=False, allow_infinity=False), limit=st.floats(0.5, 20))
def test_showing_a_value_says_nothing(slider: LatentSlider, edits: Edits, value: float, limit: float) -> None:
    slider.sync(value, limit)
    assert edits == []
    assert slider.overflow == (value > limit) - (value < -limit)
    assert slider.value() == round(max(-limit, min(limit, value)) * UNITS)
    assert slider.maximum() == -slider.minimum() == round(limit * UNITS)


def test_set_value_edits(slider: LatentSlider, edits: Edits) -> None:
    slider.setValue(1234)
    slider.setValue(1235)
    assert edits == [(7, 1.234, None), (7, 1.235, None)]


def test_another_range_is_no_edit(slider: LatentSlider, edits: Edits) -> None:
    slider.sync(2.5, 3.0)
    slider.sync(2.5, 1.0)
    assert slider.overflow == 1
    slider.sync(2.5, 5.0)
    assert slider.overflow == 0
    assert edits == []


def test_click_on_the_groove_goes_there(slider: LatentSlider, edits: Edits) -> None:
    QTest.mouseClick(slider, Qt.MouseButton.LeftButton, pos=at(160))
    assert [value for _, value, _ in edits] == [pytest.approx(1.5, abs=0.02)]


def test_one_drag_has_one_token_and_the_next_another(slider: LatentSlider, edits: Edits) -> None:
    for start in (110, 150):
        QTest.mousePress(slider, Qt.MouseButton.LeftButton, pos=at(start))
        for x in range(start, start + 40, 10):
            QTest.mouseMove(slider, at(x))
        QTest.mouseRelease(slider, Qt.MouseButton.LeftButton, pos=at(start + 40))
    tokens = [token for _, _, token in edits]
    assert None not in tokens
    assert len({id(token) for token in tokens}) == 2
    slider.setValue(0)
    assert edits[-1] == (7, 0.0, None)


def test_a_drag_made_by_code_has_one_token_too(slider: LatentSlider, edits: Edits) -> None:
    for _ in range(2):
        slider.setSliderDown(True)
        slider.setValue(slider.value() + 10)
        slider.setValue(slider.value() + 10)
        slider.setSliderDown(False)
    tokens = [token for _, _, token in edits]
    assert tokens[0] is tokens[1] and tokens[2] is tokens[3] and tokens[0] is not tokens[2]
    assert None not in tokens


def test_pressing_the_handle_changes_nothing(slider: LatentSlider, edits: Edits) -> None:
    slider.sync(0.5004, 3.0)
    for offset in (-4, 0, 4):
        QTest.mouseClick(slider, Qt.MouseButton.LeftButton, pos=at(round(110 + 0.5 / 6 * 200) + offset))
    assert edits == []


def test_an_overflowing_value_is_dragged_from_the_end(slider: LatentSlider, edits: Edits) -> None:
    slider.sync(-4.5, 3.0)
    assert slider.overflow == -1
    assert slider.value() == slider.minimum()
    QTest.mousePress(slider, Qt.MouseButton.LeftButton, pos=at(10))
    assert edits == []
    QTest.mouseMove(slider, at(20))
    QTest.mouseRelease(slider, Qt.MouseButton.LeftButton, pos=at(20))
    assert edits[-1][1] == pytest.approx(-2.7, abs=0.02)
    assert slider.overflow == 0


def test_double_click_asks_for_zero(slider: LatentSlider, qtbot: QtBot) -> None:
    with qtbot.waitSignal(slider.reset_requested) as asked:
        qtbot.mouseDClick(slider, Qt.MouseButton.LeftButton, pos=at(110))
    assert asked.args == [7]


def test_other_buttons_do_nothing(slider: LatentSlider, edits: Edits) -> None:
    QTest.mouseClick(slider, Qt.MouseButton.RightButton, pos=at(40))
    assert edits == []


def test_the_wheel_needs_the_focus(slider: LatentSlider, edits: Edits) -> None:
    slider.clearFocus()
    assert not wheel(slider).isAccepted()
    assert edits == []
    slider.setFocus()
    assert wheel(slider).isAccepted()
    wheel(slider, -2)
    assert [value for _, value, _ in edits] == [0.03, -0.03]
    assert edits[0][2] is edits[1][2] is not None


def test_small_turns_of_the_wheel_add_up(slider: LatentSlider, edits: Edits) -> None:
    slider.setFocus()
    for _ in range(4):
        wheel(slider, 0.25)
    assert [value for _, value, _ in edits] == [0.03]


@pytest.mark.parametrize(
    ("key", "modifier", "value"),
    [
        (Qt.Key.Key_Right, Qt.KeyboardModifier.NoModifier, 0.03),
        (Qt.Key.Key_Down, Qt.KeyboardModifier.NoModifier, -0.03),
        (Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier, -0.3),
        (Qt.Key.Key_PageUp, Qt.KeyboardModifier.NoModifier, 0.3),
        (Qt.Key.Key_End, Qt.KeyboardModifier.NoModifier, 3.0),
    ],
)
def test_keys(slider: LatentSlider, edits: Edits, key: Qt.Key, modifier: Qt.KeyboardModifier, value: float) -> None:
    QTest.keyClick(slider, key, modifier)
    assert [edit[1] for edit in edits] == [value]


def test_a_burst_of_keys_is_one_step(slider: LatentSlider, edits: Edits) -> None:
    for _ in range(3):
        QTest.keyClick(slider, Qt.Key.Key_Right)
    QTest.keyClick(slider, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert len(edits) == 4
    assert len({id(token) for _, _, token in edits}) == 1
    assert edits[0][2] is not None


def test_a_locked_slider_stays(slider: LatentSlider, edits: Edits) -> None:
    slider.sync(0.5, 3.0)
    slider.setEnabled(False)
    slider.setValue(2000)
    QTest.mouseClick(slider, Qt.MouseButton.LeftButton, pos=at(40))
    assert edits == []
    assert slider.value() == 500


def test_it_paints_in_every_state(slider: LatentSlider) -> None:
    inside = slider.grab().toImage()
    slider.sync(9.0, 3.0)
    beyond = slider.grab().toImage()
    slider.setEnabled(False)
    assert len({image.cacheKey() for image in (inside, beyond)}) == 2
    assert inside != beyond != slider.grab().toImage()
