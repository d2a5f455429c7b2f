"""The grid of the bookmarks: stars are dragged to another place in it, or out of the window as files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEvent, QMimeData, QPoint, QRect, Qt, QUrl, Signal
from PySide6.QtGui import (
    QDrag,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
)
from PySide6.QtWidgets import QAbstractItemView, QWidget

from latent_debugger.views import theme
from latent_debugger.views.bookmark_model import ID, BookmarkListModel
from latent_debugger.views.pixmaps import picture_pixmap
from latent_debugger.views.thumbnail_view import ThumbnailView
from latent_debugger.views.thumbnails import Role

STARS_MIME = "application/x-latent-debugger-stars"
"""The ids of the stars being dragged, a line each."""
RATING_KEYS = (Qt.Key.Key_0, Qt.Key.Key_1, Qt.Key.Key_2, Qt.Key.Key_3, Qt.Key.Key_4, Qt.Key.Key_5)
_SIDES = (80,)

FileSource = Callable[[tuple[str, ...]], list[Path]]


class StarList(ThumbnailView):
    """Thumbnails with names and ratings.

    Signals:
        moved(ids, target): put these in front of the star ``target``, or behind all where it is None.
        nudged(step): put the selected ones one place earlier (-1) or later (1), asked for by Alt and an arrow key.
    """

    moved = Signal(object, object)
    nudged = Signal(int)

    def __init__(self, stars: BookmarkListModel, parent: QWidget | None = None) -> None:
        super().__init__(_SIDES, named=True, parent=parent)
        self._stars = stars
        self.setObjectName("bookmarkList")
        self.setAccessibleName("Stars")
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.claim_keys(Qt.Key.Key_F2, Qt.Key.Key_Delete, *RATING_KEYS)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragDrop)
        self.movable = True
        self._files: FileSource | None = None
        self._gap: int | None = None  # the row that what is being dragged would stand before
        self.setModel(stars)

    def set_file_source(self, source: FileSource) -> None:
        """``source(ids)`` writes the files that those stars are dragged out as."""
        self._files = source

    def selected_ids(self) -> tuple[str, ...]:
        """The ids selected, in the order of the list."""
        items = self._stars.items()
        return tuple(items[row].id for row in sorted(self._selected_rows()))

    def selected_count(self) -> int:
        """How many are selected."""
        return len(self._selected_rows())

    def _selected_rows(self) -> set[int]:
        # by ranges: thousands of indexes would take a visible moment to make
        return {row for part in self.selectionModel().selection() for row in range(part.top(), part.bottom() + 1)}

    def drag_data(self) -> QMimeData:
        """The selected stars, for this list and for other programs."""
        ids = self.selected_ids()
        data = QMimeData()
        data.setData(STARS_MIME, "\n".join(ids).encode())
        if self._files is not None and ids:
            data.setUrls([QUrl.fromLocalFile(str(path)) for path in self._files(ids)])
        return data

    def startDrag(self, actions: Qt.DropAction) -> None:
        image = self.currentIndex().data(Role.PICTURE)
        drag = QDrag(self)
        drag.setMimeData(self.drag_data())
        if image is not None and not image.isNull():
            shown: QPixmap = picture_pixmap(image, 48, self.devicePixelRatioF())
            drag.setPixmap(shown)
            drag.setHotSpot(QPoint(24, 24))
        drag.exec(Qt.DropAction.CopyAction | Qt.DropAction.MoveAction, Qt.DropAction.CopyAction)
        self._show_gap(None)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride and _step(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if step := _step(event):
            self.nudged.emit(step)
        else:
            super().keyPressEvent(event)

    # dropping: only stars, and only where the order is the user's own

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if self.movable and event.mimeData().hasFormat(STARS_MIME):
            event.setDropAction(Qt.DropAction.MoveAction)
            event.accept()
        else:
            event.ignore()  # the window takes files

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        self._show_gap(self.gap_at(event.position().toPoint()))
        self._scroll_near_edge(event.position().toPoint())
        event.setDropAction(Qt.DropAction.MoveAction)
        event.accept()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._show_gap(None)

    def dropEvent(self, event: QDropEvent) -> None:
        row = self.gap_at(event.position().toPoint())
        self._show_gap(None)
        ids = tuple(event.mimeData().data(STARS_MIME).data().decode(errors="replace").split("\n"))
        target = self.model().index(row, 0)
        event.setDropAction(Qt.DropAction.MoveAction)
        event.accept()
        self.moved.emit(ids, target.data(ID) if target.isValid() else None)

    def gap_at(self, position: QPoint) -> int:
        """The row that a star dropped there would stand before."""
        rows = self.model().rowCount()
        size = self.gridSize()
        columns = max(1, self.viewport().width() // max(1, size.width()))
        line = max(0, position.y() + self.verticalOffset()) // max(1, size.height())
        column = (position.x() + size.width() // 2) // max(1, size.width())
        return min(rows, line * columns + min(max(column, 0), columns))

    def _show_gap(self, row: int | None) -> None:
        if row != self._gap:
            self._gap = row
            self.viewport().update()

    def _scroll_near_edge(self, position: QPoint) -> None:
        bar, edge = self.verticalScrollBar(), 24
        if position.y() < edge:
            bar.setValue(bar.value() - edge)
        elif position.y() > self.viewport().height() - edge:
            bar.setValue(bar.value() + edge)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        rows = self.model().rowCount()
        if self._gap is None or not rows:
            return
        behind = self._gap >= rows
        tile: QRect = self.visualRect(self.model().index(min(self._gap, rows - 1), 0))
        x = tile.right() if behind else max(1, tile.left())
        painter = QPainter(self.viewport())
        painter.setPen(QPen(theme.colour("accent"), 2))
        painter.drawLine(x, tile.top() + 4, x, tile.bottom() - 4)


def _step(event: QKeyEvent) -> int:
    if event.modifiers() != Qt.KeyboardModifier.AltModifier:
        return 0
    return {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()), 0)
