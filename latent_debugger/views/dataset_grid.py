"""The wall of pictures: thousands of tiles of one size, a key or a click for each decision."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QPoint, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPixmapCache, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QListView, QWidget

from latent_debugger.state.curation import KEEP, REJECT, UNDECIDED, Rows
from latent_debugger.views import theme
from latent_debugger.views.dataset_model import CurationListModel, CurationRole
from latent_debugger.views.dataset_tiles import GAP, CurationDelegate

SIDES = (48, 192)
"""The smallest and the largest tile, in logical pixels."""
DEFAULT_SIDE = 96
DECISION_KEYS = {Qt.Key.Key_K: KEEP, Qt.Key.Key_X: REJECT, Qt.Key.Key_U: UNDECIDED}
_PIXMAPS_KIB = 131_072  # three thousand tiles of the usual size
_OPEN = (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter)


class CurationGrid(QListView):
    """Shows a :class:`CurationListModel`.

    Signals:
        decision_pressed(value): a key says what becomes of the selected pictures: 1 keep, 0 reject, -1 undecided.
        decision_clicked(place, value): the mark of one tile was clicked.
        opened(): the current picture is wanted large.
    """

    decision_pressed = Signal(int)
    decision_clicked = Signal(int, int)
    opened = Signal()

    def __init__(self, model: CurationListModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._empty = ""
        self._pressed: tuple[QPersistentModelIndex, int] | None = None
        self.tiles = CurationDelegate(model, DEFAULT_SIDE, self)
        self.setObjectName("datasetList")
        self.setAccessibleName("Pictures")
        self.setItemDelegate(self.tiles)
        # not IconMode, which lays tens of thousands of tiles out twice as slowly
        self.setViewMode(QListView.ViewMode.ListMode)
        self.setFlow(QListView.Flow.LeftToRight)
        self.setWrapping(True)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setUniformItemSizes(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setSelectionRectVisible(True)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setDragDropMode(QAbstractItemView.DragDropMode.NoDragDrop)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.verticalScrollBar().rangeChanged.connect(self._show_handle)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setMouseTracking(True)
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)  # or scrolling would draw every tile anew
        QPixmapCache.setCacheLimit(max(QPixmapCache.cacheLimit(), _PIXMAPS_KIB))
        self.setModel(model)
        self._again = QTimer(self)
        self._again.setSingleShot(True)
        self._again.setInterval(0)
        self._again.timeout.connect(self.viewport().update)
        self.tiles.missing.connect(self._again.start)
        self.doubleClicked.connect(self._open)
        theme.themed.changed.connect(self.viewport().update)
        self.fit()

    def set_side(self, side: int) -> None:
        """How large the pictures are, in logical pixels; the one at the top stays there."""
        if side != self.tiles.side:
            top = self.indexAt(QPoint(GAP + 1, GAP + 1))
            self.tiles.side = side
            self.fit()
            if top.isValid():
                self.scrollTo(top, QAbstractItemView.ScrollHint.PositionAtTop)

    def set_empty(self, text: str) -> None:
        """The sentence shown while no picture is."""
        self._empty = text
        self.setAccessibleDescription(text)
        self.viewport().update()

    def empty_text(self) -> str:
        """The sentence shown while no picture is."""
        return self._empty

    @Slot()
    def fit(self) -> None:
        """Spread the columns over the width there is."""
        bar = self.verticalScrollBar()
        bar.ensurePolished()
        width = self.contentsRect().width() - bar.sizeHint().width() - 1
        cell = self.tiles.side + 2 * GAP
        columns = max(1, width // cell)
        self.setGridSize(QSize(max(cell, width // columns), cell))
        bar.setSingleStep(cell)

    def selected_places(self) -> Rows:
        """The places selected, ascending: int64 (k,). By ranges: thousands of indexes would take a visible moment."""
        parts = [np.arange(part.top(), part.bottom() + 1) for part in self.selectionModel().selection()]
        return np.unique(np.concatenate(parts)) if parts else np.zeros(0, np.int64)

    def dataChanged(self, first: QModelIndex, last: QModelIndex, roles: Sequence[int] = ()) -> None:
        QAbstractItemView.dataChanged(self, first, last, roles)  # QListView's would lay out every tile again
        self.viewport().update()

    @Slot(int, int)
    def _show_handle(self, low: int, high: int) -> None:
        self.verticalScrollBar().setEnabled(high > low)  # or, where all fits, the handle is as long as the bar

    @Slot()
    def _open(self) -> None:
        self.opened.emit()

    def _badge_at(self, position: QPoint) -> tuple[QPersistentModelIndex, int] | None:
        index = self.indexAt(position)
        decision = self.tiles.badge_at(self.visualRect(index), position) if index.isValid() else UNDECIDED
        return (QPersistentModelIndex(index), decision) if decision != UNDECIDED else None

    def mousePressEvent(self, event: QMouseEvent) -> None:
        left = event.button() == Qt.MouseButton.LeftButton
        self._pressed = self._badge_at(event.position().toPoint()) if left else None
        if self._pressed is None:
            super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        pressed, self._pressed = self._pressed, None
        if pressed is None:
            super().mouseReleaseEvent(event)
        elif self._badge_at(event.position().toPoint()) == pressed:
            index, decision = pressed
            again = index.data(CurationRole.DECISION) == decision and not index.data(CurationRole.BY_RANKING)
            self.decision_clicked.emit(index.row(), UNDECIDED if again else decision)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if self._badge_at(event.position().toPoint()) is None:
            super().mouseDoubleClickEvent(event)
        else:
            self.mousePressEvent(event)  # two quick clicks on a mark are two clicks

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._pressed is None:
            super().mouseMoveEvent(event)
        self._point_at(self._badge_at(event.position().toPoint()))

    def leaveEvent(self, event: QEvent) -> None:
        self._point_at(None)
        super().leaveEvent(event)

    def _point_at(self, badge: tuple[QPersistentModelIndex, int] | None) -> None:
        if badge != self.tiles.pointed:
            self.tiles.pointed = badge
            shape = Qt.CursorShape.PointingHandCursor if badge else Qt.CursorShape.ArrowCursor
            self.viewport().setCursor(shape)
            self.viewport().update()

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride and _claimed(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not _claimed(event):
            super().keyPressEvent(event)
        elif event.key() in _OPEN:
            self.opened.emit()
        else:
            self.decision_pressed.emit(DECISION_KEYS[Qt.Key(event.key())])

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.fit()
        super().resizeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        self.tiles.begin_frame()
        ground = QPainter(self.viewport())
        ground.fillRect(event.rect(), theme.colour("surface"))
        ground.end()
        super().paintEvent(event)
        if self._empty and not self.model().rowCount():
            painter = QPainter(self.viewport())
            painter.setPen(theme.colour("muted"))
            area = self.viewport().rect().adjusted(24, 8, -24, -8)
            painter.drawText(area, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self._empty)


def _claimed(event: QKeyEvent) -> bool:
    plain = event.modifiers() in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)
    return plain and (event.key() in DECISION_KEYS or event.key() in _OPEN)
