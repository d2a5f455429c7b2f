"""A grid of tiles that fills its width evenly and tells clicks on a star from clicks on a picture."""

from __future__ import annotations

from PySide6.QtCore import (
    QAbstractItemModel,
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QSize,
    Qt,
    Signal,
    Slot,
)
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPixmapCache, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QListView, QWidget

from latent_debugger.views import theme
from latent_debugger.views.thumbnails import GAP, Role, ThumbnailDelegate

_PIXMAPS_KIB = 65536  # a screen full of tiles at a high resolution; Qt's own 10 MiB would thrash
_OPEN = frozenset({Qt.Key.Key_Return, Qt.Key.Key_Enter})


class ThumbnailView(QListView):
    """A grid of tiles that wraps, fills its width and scrolls.

    Signals:
        opened(QModelIndex): Return on a tile.
        star_clicked(QModelIndex): the star of a tile, or Space on it.
        key_claimed(key): one of the keys of :meth:`claim_keys`.

    Args:
        sides: sizes of a picture in logical pixels, ascending; the largest at which every tile is in view is taken,
            or else the smallest.
        named: whether there is a name below each picture.
    """

    opened = Signal(QModelIndex)
    star_clicked = Signal(QModelIndex)
    key_claimed = Signal(object)

    def __init__(self, sides: tuple[int, ...], named: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sides = sides
        self._empty = ""
        self._claimed: frozenset[int] = frozenset()
        self._pressed_star = QPersistentModelIndex()
        self.tiles = ThumbnailDelegate(sides[0], named, self)
        self.setItemDelegate(self.tiles)
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setMovement(QListView.Movement.Static)
        self.setUniformItemSizes(True)
        self.setSpacing(0)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setMouseTracking(True)
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setDragDropMode(QAbstractItemView.DragDropMode.NoDragDrop)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        QPixmapCache.setCacheLimit(max(QPixmapCache.cacheLimit(), _PIXMAPS_KIB))
        theme.themed.changed.connect(self.viewport().update)

    def setModel(self, model: QAbstractItemModel | None) -> None:
        super().setModel(model)
        if model is not None:
            model.rowsInserted.connect(self.fit)
            model.rowsRemoved.connect(self.fit)
            model.modelReset.connect(self.fit)
        self.fit()

    def set_empty(self, text: str) -> None:
        """The sentence shown while there is no tile."""
        self._empty = text
        self.setAccessibleDescription(text)
        self.viewport().update()

    def empty_text(self) -> str:
        """The sentence shown while there is no tile."""
        return self._empty

    def claim_keys(self, *keys: Qt.Key) -> None:
        """Announce these keys by :attr:`key_claimed`, whatever shortcuts the window has, while the list has focus."""
        self._claimed = frozenset(keys)

    @Slot()
    def fit(self) -> None:
        """Choose size and width of the tiles for the room there is."""
        count = self.model().rowCount() if self.model() is not None else 0
        width, height = self.contentsRect().width() - 1, self.contentsRect().height()
        side = next((side for side in reversed(self._sides) if self._holds(side, count, width, height)), 0)
        # decided here, not as needed: Qt would leave room for a scroll bar that is not there
        scrolls = Qt.ScrollBarPolicy.ScrollBarAlwaysOff if side else Qt.ScrollBarPolicy.ScrollBarAlwaysOn
        if not side:
            side = self._sides[0]
            bar = self.verticalScrollBar()
            bar.ensurePolished()
            width -= bar.sizeHint().width()
        self.tiles.side = side
        columns = max(1, width // (side + 2 * GAP))
        self.setGridSize(QSize(max(1, width // columns), self.tiles.cell_height))
        self.setVerticalScrollBarPolicy(scrolls)

    def _holds(self, side: int, count: int, width: int, height: int) -> bool:
        cell_height = self.tiles.cell_height - self.tiles.side + side
        return width // (side + 2 * GAP) * (height // cell_height) >= count

    def _star_at(self, position: QPoint) -> QModelIndex:
        """The tile whose star lies there; an invalid index where there is none."""
        index = self.indexAt(position)
        has_star = index.isValid() and index.data(Role.STARRED) is not None
        return index if has_star and self.tiles.star_rect(self.visualRect(index)).contains(position) else QModelIndex()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        star = self._star_at(event.position().toPoint())
        self._pressed_star = QPersistentModelIndex(star)
        if not (star.isValid() and event.button() == Qt.MouseButton.LeftButton):
            super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if not self._pressed_star.isValid():
            super().mouseReleaseEvent(event)
            return
        star = self._star_at(event.position().toPoint())
        if star == self._pressed_star:
            self.star_clicked.emit(star)
        self._pressed_star = QPersistentModelIndex()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        self._point_at(self._star_at(event.position().toPoint()))

    def leaveEvent(self, event: QEvent) -> None:
        self._point_at(QModelIndex())
        super().leaveEvent(event)

    def _point_at(self, star: QModelIndex) -> None:
        if star != self.tiles.pointed:
            self.tiles.pointed = QPersistentModelIndex(star)
            self.viewport().setCursor(
                Qt.CursorShape.PointingHandCursor if star.isValid() else Qt.CursorShape.ArrowCursor
            )
            self.viewport().update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if not self._star_at(event.position().toPoint()).isValid():
            super().mouseDoubleClickEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        index = self.currentIndex()
        if event.key() in _OPEN and index.isValid():
            self.opened.emit(index)
        elif event.key() == Qt.Key.Key_Space and index.isValid() and index.data(Role.STARRED) is not None:
            self.star_clicked.emit(index)
        elif self._claims(event):
            self.key_claimed.emit(Qt.Key(event.key()))
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        if (
            isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.ShortcutOverride
            and (self._claims(event) or event.key() in _OPEN)
            and self.state() != QAbstractItemView.State.EditingState
        ):
            event.accept()
            return True
        return super().event(event)

    def _claims(self, event: QKeyEvent) -> bool:
        plain = event.modifiers() in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)
        return plain and event.key() in self._claimed

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.fit()
        super().resizeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._empty and not self.model().rowCount():
            painter = QPainter(self.viewport())
            painter.setPen(theme.colour("muted"))
            area = self.viewport().rect().adjusted(24, 8, -24, -8)
            painter.drawText(area, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self._empty)
