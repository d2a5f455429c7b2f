from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QApplication,
    QDockWidget,
    QLineEdit,
    QListWidget,
    QMainWindow,
    QPushButton,
    QSlider,
    QVBoxLayout,
    QWidget,
)
from pytestqt.qtbot import QtBot

from latent_debugger.views.regions import Regions, reachable

Made = tuple[Regions, list[QWidget]]


@pytest.fixture
def made(qtbot: QtBot) -> Iterator[Made]:
    """A middle and two docks, each with a field and two buttons."""
    window = QMainWindow()
    parts = [QWidget(), QDockWidget("one"), QDockWidget("two")]
    for part in parts:
        content = part if not isinstance(part, QDockWidget) else QWidget()
        column = QVBoxLayout(content)
        for control in (QLineEdit(), QPushButton("one"), QPushButton("two")):
            column.addWidget(control)
        if isinstance(part, QDockWidget):
            part.setFeatures(QDockWidget.DockWidgetFeature.NoDockWidgetFeatures)
            part.setWidget(content)
            window.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, part)
    window.setCentralWidget(parts[0])
    qtbot.addWidget(window)
    regions = Regions(parts, window)
    window.show()
    window.activateWindow()
    qtbot.waitActive(window)
    yield regions, parts


def controls(part: QWidget) -> list[QWidget]:
    return list(reachable(part))


def test_tab_stops_are_found_in_order(made: Made) -> None:
    _, parts = made
    assert [type(item) for item in controls(parts[1])] == [QLineEdit, QPushButton, QPushButton]
    controls(parts[1])[1].setEnabled(False)
    assert len(controls(parts[1])) == 2


def test_round_and_back(qtbot: QtBot, made: Made) -> None:
    regions, parts = made
    controls(parts[0])[0].setFocus()
    visited = []
    for step in (regions.next, regions.next, regions.next, regions.previous):
        step()
        visited.append(next(i for i, part in enumerate(parts) if part.isAncestorOf(focused())))
    assert visited == [1, 2, 0, 2]


def test_it_avoids_text_fields_until_one_was_used(made: Made) -> None:
    regions, parts = made
    controls(parts[0])[2].setFocus()
    regions.previous()
    assert controls(parts[2])[1].hasFocus(), "letters typed now would be commands"
    controls(parts[2])[0].setFocus()
    regions.next()
    assert controls(parts[0])[2].hasFocus()
    regions.previous()
    assert controls(parts[2])[0].hasFocus()


def test_hidden_and_empty_parts_are_passed_over(made: Made) -> None:
    regions, parts = made
    parts[1].hide()
    controls(parts[0])[1].setFocus()
    regions.next()
    assert parts[2].isAncestorOf(focused())
    parts[1].show()
    for control in controls(parts[1]):
        control.setEnabled(False)
    regions.previous()
    assert controls(parts[0])[1].hasFocus()


def test_what_had_the_focus_may_be_gone(qtbot: QtBot, made: Made) -> None:
    regions, parts = made
    old = controls(parts[1])[2]
    old.setFocus()
    controls(parts[0])[1].setFocus()
    old.deleteLater()
    qtbot.wait(1)
    regions.next()
    assert controls(parts[1])[1].hasFocus()


def focused() -> QWidget:
    found = QApplication.focusWidget()
    assert found is not None
    return found


def test_a_list_with_something_in_it_comes_before_sliders(made: Made) -> None:
    regions, parts = made
    dock = parts[2]
    assert isinstance(dock, QDockWidget)
    slider, tiles = QSlider(), QListWidget()
    for control in (slider, tiles):
        dock.widget().layout().addWidget(control)
        control.show()
    tiles.addItem("a picture")
    controls(parts[0])[2].setFocus()
    regions.previous()
    assert tiles.hasFocus()
