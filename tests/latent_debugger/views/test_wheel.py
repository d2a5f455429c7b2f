"""The wheel changes only the field one has gone into."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QLineEdit,
    QScrollArea,
    QSlider,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)
from pytestqt.qtbot import QtBot

from latent_debugger.views import wheel


def turn(target: QWidget) -> None:
    """One notch down, as the system would deliver it: only such events go on to a parent."""
    window = target.window()
    QTest.wheelEvent(window.windowHandle(), QPointF(target.mapTo(window, target.rect().center())), QPoint(0, -120))
    QApplication.processEvents()


class OwnSlider(QSlider):
    def wheelEvent(self, event: QWheelEvent) -> None:
        self.setValue(77)


@pytest.fixture
def scroll(qtbot: QtBot) -> QScrollArea:
    """A panel of fields at 5, much higher than its view."""
    area, panel = QScrollArea(), QWidget()
    column = QVBoxLayout(panel)
    number, choice, slider = QSpinBox(), QComboBox(), QSlider(Qt.Orientation.Horizontal)
    choice.addItems([str(n) for n in range(10)])
    for field in (number, slider):
        field.setValue(5)
    choice.setCurrentIndex(5)
    for field in (number, choice, slider, OwnSlider()):
        column.addWidget(field)
    column.addStretch(1)
    panel.resize(280, 2000)
    area.setWidget(panel)
    wheel.guard(panel)
    qtbot.addWidget(area)
    area.resize(300, 200)
    area.show()
    qtbot.waitActive(area)
    area.setFocus()
    return area


def test_without_the_focus_the_panel_scrolls(scroll: QScrollArea) -> None:
    for kind in (QSpinBox, QComboBox, QSlider):
        scroll.verticalScrollBar().setValue(0)
        field = scroll.widget().findChild(kind)
        turn(field.findChild(QLineEdit) or field)
        assert (field.currentIndex() if isinstance(field, QComboBox) else field.value()) == 5
        assert not field.hasFocus() and scroll.verticalScrollBar().value() > 0


def test_with_the_focus_the_field_changes(scroll: QScrollArea) -> None:
    for kind, wanted in ((QSpinBox, 4), (QComboBox, 6)):
        field = scroll.widget().findChild(kind)
        field.setFocus()
        turn(field)
        assert (field.currentIndex() if isinstance(field, QComboBox) else field.value()) == wanted
    assert scroll.verticalScrollBar().value() == 0


def test_who_answers_the_wheel_itself_is_left_alone(scroll: QScrollArea) -> None:
    own = scroll.widget().findChild(OwnSlider)
    turn(own)
    assert own.value() == 77


def test_tab_and_click_still_reach_the_fields(scroll: QScrollArea) -> None:
    assert scroll.widget().findChild(QSpinBox).focusPolicy() == Qt.FocusPolicy.StrongFocus
