"""Pairs of pictures that are suspiciously alike, side by side in a row that scrolls."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
    Slot,
)
from PySide6.QtGui import QImage, QKeyEvent, QPainter, QPen, QResizeEvent
from PySide6.QtWidgets import QFrame, QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from latent_debugger.views import theme
from latent_debugger.views.picture_list import Item
from latent_debugger.views.pixmaps import tile_pixmap

Index = QModelIndex | QPersistentModelIndex
_PAD, _BETWEEN, _CAPTION = 6, 2, 18
_CORNER = 4.0
_OPEN = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
PICTURES = Qt.ItemDataRole.UserRole + 1
"""tuple of two QImages; null ones while they have not come."""


class PairModel(QAbstractListModel):
    """Captions, and two pictures each."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._items: list[Item] = []
        self._pictures: list[list[QImage]] = []

    def set_items(self, items: Sequence[Item]) -> None:
        """Other pairs; their pictures follow."""
        self.beginResetModel()
        self._items = list(items)
        self._pictures = [[QImage(), QImage()] for _ in items]
        self.endResetModel()

    def data_of(self, row: int) -> Item:
        """What is told of a pair."""
        return self._items[row]

    def set_picture(self, row: int, side: int, picture: QImage) -> None:
        """The left (0) or right (1) picture of a pair; one that is no more is passed over."""
        if 0 <= row < len(self._items):
            self._pictures[row][side] = picture
            self.dataChanged.emit(self.index(row), self.index(row))

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 (Qt's own default)
        return 0 if parent.isValid() else len(self._items)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid() or not 0 <= index.row() < len(self._items):
            return None
        return tuple(self._pictures[index.row()]) if role == PICTURES else self._items[index.row()].told(role)


class PairView(QListView):
    """One row of pairs, as high as there is room.

    Signals:
        opened(row): a click, or Return.
    """

    opened = Signal(int)

    def __init__(self, model: PairModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("memorisation.pairs")
        self.setAccessibleName("Pairs that are most alike")
        self._delegate = _PairDelegate(self)
        self.setItemDelegate(self._delegate)
        self.setModel(model)
        self.setFlow(QListView.Flow.LeftToRight)
        self.setWrapping(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setMouseTracking(True)
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setHorizontalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMinimumSize(20 * theme.UNIT, 9 * theme.UNIT)
        self.clicked.connect(self._open)
        theme.themed.changed.connect(self.viewport().update)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        bar = self.horizontalScrollBar()
        room = self.height() - bar.sizeHint().height() - _CAPTION - 2 * _PAD
        self._delegate.side = max(24, min(128, room))
        self.scheduleDelayedItemsLayout()

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride and event.key() in _OPEN:
            event.accept()  # or Return would go to the list of stars
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in _OPEN and self.currentIndex().isValid():
            self.opened.emit(self.currentIndex().row())
        else:
            super().keyPressEvent(event)

    @Slot(QModelIndex)
    def _open(self, index: QModelIndex) -> None:
        self.opened.emit(index.row())


class _PairDelegate(QStyledItemDelegate):
    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.side = 64

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(2 * (self.side + _PAD) + _BETWEEN, self.side + _CAPTION + 2 * _PAD)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        state, pictures = option.state, index.data(PICTURES) or ()
        corner = option.rect.topLeft() + QPoint(_PAD, _PAD)
        both = QRect(corner, QSize(2 * self.side + _BETWEEN, self.side))
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        selected = bool(state & QStyle.StateFlag.State_Selected)
        if selected or state & (QStyle.StateFlag.State_MouseOver | QStyle.StateFlag.State_HasFocus):
            painter.setPen(QPen(theme.colour("accent" if selected else "border"), 2))
            painter.drawRoundedRect(QRectF(both).adjusted(-3, -3, 3, 3), _CORNER + 3, _CORNER + 3)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("hover"))
        ratio = painter.device().devicePixelRatioF()
        for column, image in enumerate(pictures):
            place = QRect(corner + QPoint(column * (self.side + _BETWEEN), 0), QSize(self.side, self.side))
            if image.isNull():
                painter.drawRoundedRect(QRectF(place), _CORNER, _CORNER)
            else:
                ground = theme.current().canvas
                painter.drawPixmap(place.topLeft(), tile_pixmap(image, self.side, ratio, _CORNER, ground))
        painter.setPen(theme.colour("text" if selected else "muted"))
        painter.setFont(theme.numbers_font(option.font))
        below = QRect(both.left(), both.bottom() + 2, both.width(), _CAPTION)
        painter.drawText(below, Qt.AlignmentFlag.AlignCenter, index.data() or "")
        painter.restore()
