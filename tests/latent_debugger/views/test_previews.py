"""Floating previews: where they lie, what they show, when they go."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QSize, QStringListModel, Qt
from PySide6.QtGui import QColor, QImage, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QListView, QWidget
from pytestqt.qtbot import QtBot

from latent_debugger.views import theme
from latent_debugger.views.preview_hover import TileHover
from latent_debugger.views.preview_large import PreviewLarge
from latent_debugger.views.preview_popup import GAP, corner
from latent_debugger.views.preview_strip import COUNT, PreviewStrip

SCREEN = QRect(0, 0, 1000, 800)
SIZE = QSize(300, 100)


@pytest.fixture
def owner(qtbot: QtBot, qapp: QApplication) -> QWidget:
    theme.apply(qapp, "dark")
    owner = QWidget()
    owner.resize(400, 300)
    qtbot.addWidget(owner)
    owner.show()
    return owner


@pytest.fixture
def strip(owner: QWidget) -> PreviewStrip:
    strip = PreviewStrip(owner)
    strip.set_dimension(5, 0.75, 3.0, "moves", locked=False)
    return strip


def red() -> QImage:
    image = QImage(8, 8, QImage.Format.Format_RGB888)
    image.fill(QColor("red"))
    return image


@pytest.mark.parametrize(
    ("place", "above", "expected"),
    [
        (QRect(0, 300, 200, 20), False, QPoint(200 + GAP, 259)),
        (QRect(800, 300, 200, 20), False, QPoint(800 - GAP - 300, 259)),
        (QRect(0, 0, 200, 20), False, QPoint(200 + GAP, 0)),
        (QRect(0, 780, 200, 20), False, QPoint(200 + GAP, 700)),
        (QRect(100, 0, 800, 20), False, QPoint(700, 20 + GAP)),
        (QRect(100, 700, 800, 20), False, QPoint(700, 700 - GAP - 100)),
        (QRect(400, 500, 100, 200), True, QPoint(299, 500 - GAP - 100)),
        (QRect(0, 50, 100, 200), True, QPoint(0, 250 + GAP)),
    ],
)
def test_it_lies_beside_its_place_and_on_the_screen(place: QRect, above: bool, expected: QPoint) -> None:
    found = corner(place, SIZE, SCREEN, above)
    assert found == expected and SCREEN.contains(QRect(found, SIZE))


def test_the_strip_goes_from_one_end_of_the_range_to_the_other(strip: PreviewStrip) -> None:
    assert strip.values == pytest.approx(np.linspace(-3, 3, 9))
    assert strip.pending() == COUNT
    assert strip.mark_x() == strip.tile_rect(5).center().x() + 0.5
    for value, tile in ((99.0, 8), (-99.0, 0), (-3.0, 0)):
        strip.set_value(value)
        assert strip.mark_x() == strip.tile_rect(tile).center().x() + 0.5
    for index in range(COUNT):
        strip.set_picture(index, red())
        assert strip.rect().contains(strip.tile_rect(index))
    strip.set_picture(COUNT, red())
    assert strip.pending() == 0
    shot = strip.grab().toImage()
    assert shot.pixelColor(strip.tile_rect(4).center()) == QColor("red")


def test_a_click_on_a_picture_chooses_its_value(strip: PreviewStrip) -> None:
    chosen: list[tuple[int, float]] = []
    strip.chosen.connect(lambda *told: chosen.append(told))
    strip.show_beside(QRect(0, 0, 10, 10))
    QTest.mouseClick(strip, Qt.MouseButton.LeftButton, pos=strip.tile_rect(0).center())
    QTest.mouseClick(strip, Qt.MouseButton.LeftButton, pos=QPoint(2, 2))
    QTest.mouseClick(strip, Qt.MouseButton.RightButton, pos=strip.tile_rect(1).center())
    assert chosen == [(5, -3.0)] and strip.isVisible()
    strip.set_dimension(6, 0.0, 3.0, "", locked=True)
    QTest.mouseClick(strip, Qt.MouseButton.LeftButton, pos=strip.tile_rect(0).center())
    assert len(chosen) == 1
    strip.dismiss()


def test_it_never_takes_the_focus_and_goes_by_escape_press_and_wheel(
    owner: QWidget, strip: PreviewStrip, qtbot: QtBot
) -> None:
    field = QLineEdit(owner)
    field.show()
    field.setFocus()
    qtbot.waitActive(owner)
    gone: list[bool] = []
    strip.gone.connect(lambda: gone.append(True))
    strip.show_beside(QRect(0, 0, 10, 10))
    assert QApplication.focusWidget() is field and strip.focusPolicy() == Qt.FocusPolicy.NoFocus
    QTest.keyClick(field, Qt.Key.Key_A)
    assert strip.isVisible() and field.text() == "a"
    QTest.keyClick(field, Qt.Key.Key_Escape)
    assert not strip.isVisible() and gone == [True]
    strip.show_beside(QRect(0, 0, 10, 10))
    QTest.mousePress(owner, Qt.MouseButton.LeftButton, pos=QPoint(200, 200))
    assert not strip.isVisible() and len(gone) == 2
    strip.show_beside(QRect(0, 0, 10, 10))
    QApplication.sendEvent(QApplication.instance(), QEvent(QEvent.Type.ApplicationDeactivate))
    assert not strip.isVisible() and len(gone) == 3
    QTest.mouseRelease(owner, Qt.MouseButton.LeftButton, pos=QPoint(200, 200))


def test_it_lingers_for_a_pointer_that_is_on_its_way(strip: PreviewStrip, qtbot: QtBot) -> None:
    strip.show_beside(QRect(0, 0, 10, 10))
    strip.leave_soon()
    strip.stay()
    qtbot.wait(350)
    assert strip.isVisible()
    strip.leave_soon()
    qtbot.waitUntil(lambda: not strip.isVisible())


def test_a_large_picture_lets_the_pointer_through(owner: QWidget) -> None:
    large = PreviewLarge(owner)
    large.set_picture(red(), "Aunt Agatha")
    named = large.height()
    assert large.testAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
    assert large.grab().toImage().pixelColor(100, 100) == QColor("red")
    large.set_picture(red(), "")
    assert large.height() < named
    blue = red()
    blue.fill(QColor("blue"))
    large.set_image(blue)
    assert large.grab().toImage().pixelColor(100, 100) == QColor("blue")


@pytest.fixture
def hover(qtbot: QtBot) -> tuple[QListView, list[object]]:
    view, told = QListView(), []
    view.setModel(QStringListModel(["a", "b", "c"], view))
    view.setMouseTracking(True)
    qtbot.addWidget(view)
    view.show()
    watch = TileHover(view)
    watch.rested.connect(lambda tile: told.append(tile.row()))
    watch.left.connect(lambda: told.append("left"))
    return view, told


def move(view: QListView, row: int, buttons: Qt.MouseButton = Qt.MouseButton.NoButton) -> None:
    index = view.model().index(row, 0)
    place = QPointF(view.visualRect(index).center()) if row >= 0 else QPointF(5, view.viewport().height() - 2)
    glob = QPointF(view.viewport().mapToGlobal(place.toPoint()))
    event = QMouseEvent(QEvent.Type.MouseMove, place, glob, buttons, buttons, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(view.viewport(), event)


def test_a_rest_on_a_tile_is_told_and_the_next_tile_follows(
    hover: tuple[QListView, list[object]], qtbot: QtBot
) -> None:
    view, told = hover
    move(view, 0)
    assert not told
    qtbot.waitUntil(lambda: told == [0])
    move(view, 1)
    qtbot.waitUntil(lambda: told == [0, 1])
    move(view, -1)
    assert told == [0, 1, "left"]


def test_a_press_ends_it_for_this_tile(hover: tuple[QListView, list[object]], qtbot: QtBot) -> None:
    view, told = hover
    move(view, 0)
    qtbot.waitUntil(lambda: told == [0])
    place = view.visualRect(view.model().index(0, 0)).center()
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert told == [0, "left"]
    move(view, 0)
    qtbot.wait(500)
    assert told == [0, "left"], "the same tile again"
    move(view, 1, Qt.MouseButton.LeftButton)
    qtbot.wait(500)
    assert told == [0, "left"], "a drag"
    move(view, 2)
    qtbot.waitUntil(lambda: told[-1] == 2)
    QApplication.sendEvent(view.viewport(), QEvent(QEvent.Type.Leave))
    assert told[-1] == "left"


def test_a_tile_that_goes_takes_its_preview_along(hover: tuple[QListView, list[object]], qtbot: QtBot) -> None:
    view, told = hover
    move(view, 1)
    qtbot.waitUntil(lambda: told == [1])
    view.model().removeRow(1)
    assert told == [1, "left"]
