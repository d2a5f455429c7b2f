from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolTip, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from latent_debugger.views.number_field import NumberField, exact, parse, rounded

Edits = list[tuple[int, float, object]]
float32s = st.floats(width=32, allow_nan=False, allow_infinity=False)


@pytest.fixture
def field(qtbot: QtBot) -> Iterator[NumberField]:
    window = QWidget()
    layout = QVBoxLayout(window)
    field = NumberField(3)
    layout.addWidget(field)
    other = NumberField(4)
    layout.addWidget(other)
    qtbot.addWidget(window)
    window.show()
    qtbot.waitActive(window)
    other.setFocus()
    field.sync(0.0, 0.03)
    yield field


@pytest.fixture
def edits(field: NumberField) -> Edits:
    edits: Edits = []
    field.edited.connect(lambda dim, value, token: edits.append((dim, value, token)))
    field.edited.connect(lambda dim, value, token: field.sync(float(np.float32(value)), 0.03))
    return edits


@given(float32s)
def test_exact_text_reads_back_bit_for_bit(value: float) -> None:
    assert np.float32(parse(exact(value))).tobytes() == np.float32(value).tobytes()


@given(float32s)
def test_rounded_text_is_short_and_close(value: float) -> None:
    text = rounded(value)
    assert len(text) <= 10
    assert float(text) == pytest.approx(value, rel=0.006, abs=0.006)
    assert text != "-0.00"


@pytest.mark.parametrize(
    ("text", "value"),
    [(" 1.5 ", 1.5), ("0,25", 0.25), ("−2", -2.0), ("1e3", 1000.0), ("", None), ("1.2.3", None), ("nan", None),
     ("inf", None), ("1e39", None), ("twelve", None)],
)  # fmt: skip
def test_parse(text: str, value: float | None) -> None:
    assert parse(text) == value


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40)
@given(value=float32s)
@example(-0.0)
def test_looking_at_a_value_never_changes_it(field: NumberField, edits: Edits, value: float) -> None:
    field.sync(value, 0.03)
    assert field.text() == rounded(value)
    field.setFocus()
    assert field.text() == exact(value)
    QTest.keyClick(field, Qt.Key.Key_Return)
    field.clearFocus()
    assert field.text() == rounded(value)
    assert edits == []


def test_typing_a_number_gives_it_once(field: NumberField, edits: Edits) -> None:
    field.setFocus()
    QTest.keyClicks(field, "5.25")
    assert edits == []
    QTest.keyClick(field, Qt.Key.Key_Return)
    field.clearFocus()
    assert edits == [(3, 5.25, None)]


def test_leaving_the_field_gives_the_number(field: NumberField, edits: Edits) -> None:
    field.setFocus()
    QTest.keyClicks(field, "-0,5")
    QTest.keyClick(field, Qt.Key.Key_Tab)
    assert not field.hasFocus()
    assert edits == [(3, -0.5, None)]
    assert field.text() == "-0.50"


def test_typing_survives_a_change_elsewhere(field: NumberField) -> None:
    field.setFocus()
    QTest.keyClicks(field, "1.")
    field.sync(0.0, 0.03)
    assert field.text() == "1."
    field.sync(2.0, 0.03)
    assert field.text() == "2.0"


def test_escape_takes_the_typing_back(field: NumberField, edits: Edits) -> None:
    field.setFocus()
    QTest.keyClicks(field, "8")
    QTest.keyClick(field, Qt.Key.Key_Escape)
    field.clearFocus()
    assert edits == []
    assert field.text() == "0.00"


def test_what_is_no_number_is_explained_and_forgotten(field: NumberField, edits: Edits) -> None:
    field.setFocus()
    QTest.keyClicks(field, "abc")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert field.text() == "abc"
    assert QToolTip.text() == "Type a number, such as 1.25."
    QToolTip.hideText()
    field.clearFocus()
    assert field.text() == "0.00"
    assert edits == []


def test_a_number_that_is_refused_goes_back(field: NumberField) -> None:
    field.setFocus()
    QTest.keyClicks(field, "8")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert field.text() == "0.0"  # nobody took it


def test_arrows_step_and_a_burst_is_one(field: NumberField, edits: Edits) -> None:
    field.setFocus()
    QTest.keyClick(field, Qt.Key.Key_Up)
    QTest.keyClick(field, Qt.Key.Key_Up, Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClick(field, Qt.Key.Key_PageDown)
    assert [value for _, value, _ in edits] == pytest.approx([0.03, 0.33, 0.03])
    assert edits[0][2] is edits[1][2] is edits[2][2] is not None


def test_the_wheel_needs_the_focus(field: NumberField, edits: Edits) -> None:
    def wheel() -> bool:
        event = QWheelEvent(
            QPointF(4, 4), field.mapToGlobal(QPointF(4, 4)), QPoint(), QPoint(0, 120), Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(field, event)
        return event.isAccepted()

    assert not wheel()
    assert edits == []
    field.setFocus()
    assert wheel()
    assert [value for _, value, _ in edits] == [0.03]


def test_steps_stop_at_the_end_of_float32(field: NumberField, edits: Edits) -> None:
    highest = float(np.finfo(np.float32).max)
    field.sync(highest, highest)
    field.setFocus()
    QTest.keyClick(field, Qt.Key.Key_Up)
    assert edits == []


def test_it_can_be_the_number_of_another_dimension(field: NumberField, edits: Edits) -> None:
    field.setFocus()
    QTest.keyClicks(field, "5")
    field.show_dimension(9)
    field.sync(0.25, 0.03)
    assert (field.text(), field.accessibleName()) == ("0.25", "Value of z 9")
    QTest.keyClick(field, Qt.Key.Key_Up)
    assert [(dim, round(value, 6)) for dim, value, _ in edits] == [(9, 0.28)]
