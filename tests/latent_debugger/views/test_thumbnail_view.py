from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QRect, Qt
from PySide6.QtGui import QImage, QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from latent_debugger.views import theme
from latent_debugger.views.neighbour_model import NeighbourListModel
from latent_debugger.views.pixmaps import icon_pixmap, picture_pixmap
from latent_debugger.views.thumbnail_view import ThumbnailView

Make = Callable[[int, int, int], ThumbnailView]


@pytest.fixture
def make(qtbot: QtBot, qapp: QApplication) -> Make:
    """``make(width, height, tiles)`` shows a list of square tiles of 64 or 128 pixels."""

    theme.apply(qapp, "dark")

    def view(width: int, height: int, tiles: int) -> ThumbnailView:
        view = ThumbnailView((64, 128), named=False)
        model = NeighbourListModel(view)
        view.setModel(model)
        view.resize(width, height)
        qtbot.addWidget(view)
        view.show()
        qtbot.waitActive(view)
        model.set_tiles(tiles)
        QApplication.processEvents()
        return view

    return view


def rects(view: ThumbnailView) -> list[QRect]:
    return [view.visualRect(view.model().index(row, 0)) for row in range(view.model().rowCount())]


@pytest.mark.parametrize(("width", "height", "tiles"), [(700, 180, 16), (300, 300, 64), (900, 400, 4), (90, 90, 8)])
def test_tiles_never_leave_the_width_nor_touch(make: Make, width: int, height: int, tiles: int) -> None:
    view = make(width, height, tiles)
    places = rects(view)
    for i, place in enumerate(places):
        assert place.left() >= 0
        assert place.right() < view.viewport().width()
        assert not any(place.intersects(other) for other in places[:i])


def test_few_tiles_are_large_and_all_in_view(make: Make) -> None:
    view = make(900, 300, 8)
    assert view.tiles.side == 128
    assert all(view.viewport().rect().contains(place) for place in rects(view))


def test_many_tiles_are_small_and_scroll(make: Make) -> None:
    view = make(400, 160, 64)
    assert view.tiles.side == 64
    assert view.verticalScrollBar().maximum() > 0


def test_a_line_is_filled_before_it_wraps(make: Make) -> None:
    view = make(74 * 5 + 4, 160, 10)
    assert [place.top() for place in rects(view)[:5]] == [rects(view)[0].top()] * 5


def test_the_grid_follows_the_size(make: Make) -> None:
    view = make(900, 300, 8)
    view.resize(200, 200)
    QApplication.processEvents()
    assert view.tiles.side == 64
    assert rects(view)[2].top() > rects(view)[0].top()


def star(view: ThumbnailView, row: int) -> QPoint:
    return view.tiles.star_rect(rects(view)[row]).center()


def test_a_click_on_the_star_is_no_click_on_the_tile(make: Make, qtbot: QtBot) -> None:
    view = make(700, 180, 16)
    stars, clicks = [], []
    view.star_clicked.connect(lambda index: stars.append(index.row()))
    view.clicked.connect(lambda index: clicks.append(index.row()))
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=star(view, 3))
    assert (stars, clicks) == ([3], [])
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=rects(view)[4].center())
    assert (stars, clicks) == ([3], [4])


def test_a_press_that_leaves_the_star_does_nothing(make: Make) -> None:
    view = make(700, 180, 16)
    stars, clicks = [], []
    view.star_clicked.connect(lambda index: stars.append(index.row()))
    view.clicked.connect(lambda index: clicks.append(index.row()))
    QTest.mousePress(view.viewport(), Qt.MouseButton.LeftButton, pos=star(view, 3))
    QTest.mouseRelease(view.viewport(), Qt.MouseButton.LeftButton, pos=rects(view)[5].center())
    assert (stars, clicks) == ([], [])


def test_the_star_appears_under_the_pointer(make: Make) -> None:
    view = make(700, 180, 16)
    place = view.tiles.star_rect(rects(view)[2])
    QTest.mouseMove(view.viewport(), rects(view)[9].center())
    QApplication.processEvents()
    without = view.viewport().grab(place).toImage()
    QTest.mouseMove(view.viewport(), star(view, 2))
    QApplication.processEvents()
    assert view.viewport().grab(place).toImage() != without
    assert view.viewport().cursor().shape() == Qt.CursorShape.PointingHandCursor


def test_keys_open_and_star_the_current_tile(make: Make) -> None:
    view = make(700, 180, 16)
    opened, stars, claimed = [], [], []
    view.claim_keys(Qt.Key.Key_Delete)
    view.opened.connect(lambda index: opened.append(index.row()))
    view.star_clicked.connect(lambda index: stars.append(index.row()))
    view.key_claimed.connect(claimed.append)
    view.setFocus()
    view.setCurrentIndex(view.model().index(0, 0))
    QTest.keyClick(view, Qt.Key.Key_Right)
    QTest.keyClick(view, Qt.Key.Key_Return)
    QTest.keyClick(view, Qt.Key.Key_Space)
    QTest.keyClick(view, Qt.Key.Key_Delete)
    assert (opened, stars, claimed) == ([1], [1], [Qt.Key.Key_Delete])


@pytest.mark.parametrize(("key", "taken"), [(Qt.Key.Key_Return, True), (Qt.Key.Key_F2, True), (Qt.Key.Key_N, False)])
def test_it_claims_its_keys_from_the_windows_shortcuts(make: Make, key: Qt.Key, taken: bool) -> None:
    view = make(700, 180, 16)
    view.claim_keys(Qt.Key.Key_F2)
    event = QKeyEvent(QEvent.Type.ShortcutOverride, key, Qt.KeyboardModifier.NoModifier)
    event.ignore()
    QApplication.sendEvent(view, event)
    assert event.isAccepted() == taken


def test_the_empty_text_is_painted_and_told(make: Make) -> None:
    view = make(300, 200, 0)
    blank = view.grab().toImage()
    view.set_empty("Nothing here.")
    assert view.grab().toImage() != blank
    assert view.accessibleDescription() == view.empty_text() == "Nothing here."


def test_whole_multiples_keep_their_pixels() -> None:
    pixels = np.random.RandomState(0).randint(0, 256, (8, 8, 3), np.uint8)
    image = QImage(pixels.data, 8, 8, 24, QImage.Format.Format_RGB888).copy()
    enlarged = picture_pixmap(image, 16, 2.0)
    assert enlarged.deviceIndependentSize().toSize().width() == 16
    shown = enlarged.toImage().convertToFormat(QImage.Format.Format_RGB888)
    got = np.frombuffer(shown.constBits(), np.uint8).reshape(32, shown.bytesPerLine())[:, :96].reshape(32, 32, 3)
    assert np.array_equal(got, pixels.repeat(4, 0).repeat(4, 1))


def test_icons_are_drawn_once(qapp: QApplication) -> None:
    first = icon_pixmap("star", "#123456", 16, 2.0)
    assert first.width() == 32
    assert icon_pixmap("star", "#123456", 16, 2.0).cacheKey() == first.cacheKey()
    assert icon_pixmap("star", "#654321", 16, 2.0).cacheKey() != first.cacheKey()
