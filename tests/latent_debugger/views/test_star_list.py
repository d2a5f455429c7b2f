from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from latent_debugger.state.bookmark import Bookmark
from latent_debugger.state.library import BookmarkLibrary
from latent_debugger.views import theme
from latent_debugger.views.bookmark_model import BookmarkListModel
from latent_debugger.views.star_list import RATING_KEYS, STARS_MIME, StarList
from latent_debugger.views.thumbnail_cache import A_TURN, CAPACITY, ThumbnailCache

Star = Callable[..., Bookmark]


@pytest.fixture
def stars(star: Star) -> list[Bookmark]:
    return [star(n) for n in range(7)]


@pytest.fixture
def view(stars: list[Bookmark], qtbot: QtBot, qapp: QApplication) -> StarList:
    theme.apply(qapp, "dark")
    library = BookmarkLibrary()
    library.load(stars)
    view = StarList(BookmarkListModel(library))
    view.model().setParent(view)
    library.setParent(view)
    view.resize(300, 400)
    qtbot.addWidget(view)
    view.show()
    qtbot.waitActive(view)
    return view


def place(view: StarList, row: int) -> QPoint:
    return view.visualRect(view.model().index(row, 0)).center()


def select(view: StarList, *rows: int) -> None:
    modifier = Qt.KeyboardModifier.NoModifier
    for row in rows:
        QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, modifier, place(view, row))
        modifier = Qt.KeyboardModifier.ControlModifier


ACTIONS = Qt.DropAction.CopyAction | Qt.DropAction.MoveAction
PLAIN = (Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)


def test_dragging_tells_where_the_stars_go(view: StarList, stars: list[Bookmark]) -> None:
    moves: list[tuple[tuple[str, ...], str | None]] = []
    view.moved.connect(lambda ids, target: moves.append((ids, target)))
    select(view, 4, 2)
    data = view.drag_data()
    for at in (place(view, 0) - QPoint(10, 0), place(view, 6) + QPoint(10, 0)):
        enter = QDragEnterEvent(at, ACTIONS, data, *PLAIN)
        view.dragEnterEvent(enter)
        assert enter.isAccepted() and enter.dropAction() == Qt.DropAction.MoveAction
        view.dragMoveEvent(QDragMoveEvent(at, ACTIONS, data, *PLAIN))
        assert not view.grab().isNull()  # with the line that shows the gap
        view.dropEvent(QDropEvent(QPointF(at), ACTIONS, data, *PLAIN))
    chosen = (stars[2].id, stars[4].id)
    assert moves == [(chosen, stars[0].id), (chosen, None)]


def test_files_are_left_to_the_window_and_a_sorted_list_keeps_its_order(view: StarList) -> None:
    files, mine = QMimeData(), QMimeData()
    files.setUrls([QUrl.fromLocalFile("/a.npy")])
    mine.setData(STARS_MIME, b"x")
    enter = QDragEnterEvent(QPoint(5, 5), ACTIONS, files, *PLAIN)
    view.dragEnterEvent(enter)
    assert not enter.isAccepted()
    view.movable = False
    enter = QDragEnterEvent(QPoint(5, 5), ACTIONS, mine, *PLAIN)
    view.dragEnterEvent(enter)
    assert not enter.isAccepted()


def test_a_drag_carries_files_where_somebody_writes_them(view: StarList, stars: list[Bookmark]) -> None:
    select(view, 1)
    assert not view.drag_data().hasUrls()
    asked: list[tuple[str, ...]] = []
    view.set_file_source(lambda ids: (asked.append(ids), [Path("/tmp/a.png")])[1])
    assert [url.toLocalFile() for url in view.drag_data().urls()] == ["/tmp/a.png"]
    assert asked == [(stars[1].id,)]


def test_digits_rate_but_only_alone(view: StarList) -> None:
    claimed: list[Qt.Key] = []
    view.key_claimed.connect(claimed.append)
    view.setFocus()
    for key in RATING_KEYS:
        QTest.keyClick(view, key)
        QTest.keyClick(view, key, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(view, Qt.Key.Key_3, Qt.KeyboardModifier.KeypadModifier)
    assert claimed == [*RATING_KEYS, Qt.Key.Key_3]


def test_pictures_are_decoded_a_few_at_a_time_and_forgotten(star: Star, qtbot: QtBot) -> None:
    cache = ThumbnailCache()
    many = [star(n) for n in range(A_TURN + 5)]
    first = [cache.picture(item) for item in many]
    refused = {item.id for item, picture in zip(many, first, strict=True) if picture is None}
    assert first[0] is not None and len(refused) >= 5
    with qtbot.waitSignal(cache.ready) as ready:
        pass
    assert ready.args == [refused]
    while any(cache.picture(item) is None for item in many):
        qtbot.wait(1)
    assert cache.picture(star(9, thumbnail=b"")).isNull()
    for n in range(CAPACITY // A_TURN + 3):
        for item in (star(k) for k in range(A_TURN)):
            cache.picture(item)
        qtbot.wait(1)
        assert len(cache._pictures) <= CAPACITY, n
