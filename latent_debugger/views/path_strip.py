"""The key frames of a path as a strip of pictures: dragged to another place in it, and where stars can be dropped."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import (
    QEvent,
    QMimeData,
    QModelIndex,
    QPoint,
    QRect,
    QSize,
    Qt,
    Signal,
    Slot,
)
from PySide6.QtGui import (
    QDrag,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QFontMetrics,
    QImage,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractItemView, QFrame, QListView, QStyleOptionViewItem, QWidget

from latent_debugger.views import theme
from latent_debugger.views.path_model import Index, KeyModel
from latent_debugger.views.pixmaps import picture_pixmap
from latent_debugger.views.star_list import STARS_MIME
from latent_debugger.views.thumbnails import GAP, Role, ThumbnailDelegate

KEYS_MIME = "application/x-latent-debugger-key-frames"
"""The rows of the key frames being dragged, a line each; only within one strip."""
SIDE = 64
_LINE = 16


class KeyDelegate(ThumbnailDelegate):
    """A tile with two lines below: name and time."""

    def __init__(self, keys: KeyModel, parent: QWidget) -> None:
        super().__init__(SIDE, named=True, parent=parent)
        self._keys = keys

    @property
    def cell_height(self) -> int:
        return self.side + 2 * GAP + 2 * _LINE + 4

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(self.side + 4 * GAP + 4, self.cell_height)

    def name_rect(self, cell: QRect) -> QRect:
        return QRect(cell.left() + 2, self.picture_rect(cell).bottom() + GAP, cell.width() - 4, _LINE)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        super().paint(painter, option, index)
        painter.save()
        font = theme.numbers_font(option.font)
        font.setPointSizeF(max(6.0, font.pointSizeF() - 1)) if font.pointSizeF() > 0 else None
        painter.setFont(font)
        painter.setPen(theme.colour("muted"))
        below = self.name_rect(option.rect).translated(0, _LINE)
        words = QFontMetrics(font).elidedText(
            self._keys.timing(index.row()), Qt.TextElideMode.ElideRight, below.width()
        )
        painter.drawText(below, Qt.AlignmentFlag.AlignCenter, words)
        painter.restore()


class KeyStrip(QListView):
    """One line of key frames that scrolls sideways.

    Signals:
        opened(row): a double click or Return: go there.
        removed(rows): Del on those selected.
        moved(rows, before): put those rows in front of row ``before``.
        dropped(ids, before): stars were dropped there.
        chosen(): the selection changed.
    """

    opened = Signal(int)
    removed = Signal(object)
    moved = Signal(object, int)
    dropped = Signal(object, int)
    chosen = Signal()

    def __init__(self, keys: KeyModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._keys = keys
        self._gap: int | None = None
        self.setObjectName("pathStrip")
        self.setAccessibleName("Key frames")
        self.tiles = KeyDelegate(keys, self)
        self.setItemDelegate(self.tiles)
        self.setModel(keys)
        self.setFlow(QListView.Flow.LeftToRight)
        self.setWrapping(False)
        self.setUniformItemSizes(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragDrop)
        self.setMouseTracking(True)
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setStyleSheet(
            "QListView::item:selected { background: transparent; }"
        )  # the delegate rings what is selected
        bar = self.horizontalScrollBar()
        bar.ensurePolished()
        self.setFixedHeight(self.tiles.cell_height + bar.sizeHint().height())
        self.doubleClicked.connect(self._open)
        self.selectionModel().selectionChanged.connect(self._choose)
        keys.modelReset.connect(self._choose)
        theme.themed.changed.connect(self.viewport().update)

    def rows(self) -> list[int]:
        """Those selected."""
        return sorted(index.row() for index in self.selectionModel().selectedRows())

    def select(self, rows: Sequence[int]) -> None:
        """Select these, and bring the first into view."""
        self.clearSelection()
        for row in rows:
            self.selectionModel().select(self._keys.index(row), self.selectionModel().SelectionFlag.Select)
        if rows:
            self.selectionModel().setCurrentIndex(
                self._keys.index(rows[0]), self.selectionModel().SelectionFlag.NoUpdate
            )
            self.scrollTo(self._keys.index(rows[0]))

    @Slot(QModelIndex)
    def _open(self, index: QModelIndex) -> None:
        self.opened.emit(index.row())

    @Slot()
    def _choose(self) -> None:
        self.chosen.emit()

    # keys

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride and self._takes(event):
            event.accept()
            return True
        return super().event(event)

    def _takes(self, event: QKeyEvent) -> bool:
        if _step(event):
            return True
        plain = event.modifiers() in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)
        return plain and event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Return, Qt.Key.Key_Enter)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = _step(event)
        if step:
            self.nudge(step)
        elif event.key() == Qt.Key.Key_Delete:
            self.remove_selected()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if self.currentIndex().isValid():
                self.opened.emit(self.currentIndex().row())
        elif event.key() in (Qt.Key.Key_Space, Qt.Key.Key_Escape):
            event.ignore()  # the panel plays, or stops
        else:
            super().keyPressEvent(event)

    @Slot()
    def remove_selected(self) -> None:
        """Take out those selected."""
        if rows := self.rows():
            self.removed.emit(rows)

    def nudge(self, step: int) -> None:
        """Put those selected one place earlier (-1) or later (1)."""
        rows = self.rows()
        if not rows:
            return
        before = rows[0] - 1 if step < 0 else rows[-1] + 2
        if 0 <= before <= len(self._keys.keys):
            self.moved.emit(rows, before)
            first = before if step < 0 else before - len(rows)
            self.select(range(first, first + len(rows)))

    def wheelEvent(self, event: QWheelEvent) -> None:
        """A plain wheel goes along the strip."""
        bar = self.horizontalScrollBar()
        if event.angleDelta().x() or bar.maximum() == 0:
            super().wheelEvent(event)
            return
        bar.setValue(bar.value() - event.angleDelta().y())
        event.accept()

    # dragging and dropping

    def startDrag(self, actions: Qt.DropAction) -> None:
        drag, data = QDrag(self), QMimeData()
        data.setData(KEYS_MIME, "\n".join(map(str, self.rows())).encode())
        drag.setMimeData(data)
        image = self.currentIndex().data(Role.PICTURE)
        if isinstance(image, QImage) and not image.isNull():
            drag.setPixmap(picture_pixmap(image, 48, self.devicePixelRatioF()))
            drag.setHotSpot(QPoint(24, 24))
        drag.exec(Qt.DropAction.MoveAction)
        self._show_gap(None)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        own = event.mimeData().hasFormat(KEYS_MIME) and event.source() is self
        if own or event.mimeData().hasFormat(STARS_MIME):
            event.setDropAction(Qt.DropAction.MoveAction if own else Qt.DropAction.CopyAction)
            event.accept()
        else:
            event.ignore()  # the window takes files

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        self._show_gap(self.gap_at(event.position().toPoint()))
        own = event.mimeData().hasFormat(KEYS_MIME)
        event.setDropAction(Qt.DropAction.MoveAction if own else Qt.DropAction.CopyAction)
        event.accept()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._show_gap(None)

    def dropEvent(self, event: QDropEvent) -> None:
        before, data = self.gap_at(event.position().toPoint()), event.mimeData()
        self._show_gap(None)
        event.accept()
        if data.hasFormat(KEYS_MIME):
            words = bytes(data.data(KEYS_MIME).data()).decode(errors="replace").split("\n")
            self.moved.emit([int(word) for word in words if word.isdigit()], before)
        else:
            self.dropped.emit(star_ids(data), before)

    def gap_at(self, position: QPoint) -> int:
        """The row that what is dropped there would stand before."""
        for row in range(len(self._keys.keys)):
            if position.x() < self.visualRect(self._keys.index(row)).center().x():
                return row
        return len(self._keys.keys)

    def _show_gap(self, row: int | None) -> None:
        if row != self._gap:
            self._gap = row
            self.viewport().update()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        count = len(self._keys.keys)
        if self._gap is None or not count:
            return
        behind = self._gap >= count
        tile = self.visualRect(self._keys.index(min(self._gap, count - 1)))
        x = tile.right() if behind else max(1, tile.left())
        painter = QPainter(self.viewport())
        painter.setPen(QPen(theme.colour("accent"), 2))
        painter.drawLine(x, tile.top() + 4, x, tile.bottom() - 4)


def star_ids(data: QMimeData) -> tuple[str, ...]:
    """The stars in a drag."""
    return tuple(bytes(data.data(STARS_MIME).data()).decode(errors="replace").split("\n"))


def _step(event: QKeyEvent) -> int:
    if event.modifiers() != Qt.KeyboardModifier.AltModifier:
        return 0
    return {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()), 0)
