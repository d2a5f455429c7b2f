"""Says when the pointer rests on a tile of a list."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPersistentModelIndex, QTimer, Signal, Slot
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QAbstractItemView

REST_MS = 400
"""A pointer that stays so long on something wants to know more."""
_NEXT_MS = 60
"""Once one tile is shown, the next one comes sooner."""


class TileHover(QObject):
    """Watches ``view``, which has its model and tracks the mouse.

    Signals:
        rested(QPersistentModelIndex): the pointer stays on this tile, with no button down.
        left(): it is elsewhere, or pressed, or the list moves below it.
    """

    rested = Signal(object)
    left = Signal()

    def __init__(self, view: QAbstractItemView, parent: QObject | None = None) -> None:
        super().__init__(parent if parent is not None else view)
        self._view = view
        self._tile = QPersistentModelIndex()
        self._told = False
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.timeout.connect(self._tell)
        view.viewport().installEventFilter(self)
        view.verticalScrollBar().valueChanged.connect(self._leave)
        for signal in (view.model().rowsRemoved, view.model().modelReset):
            signal.connect(self._leave)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if kind == QEvent.Type.MouseMove and isinstance(event, QMouseEvent):
            if event.buttons():
                self._leave()
            else:
                self._move(event)
        elif kind in (QEvent.Type.Leave, QEvent.Type.MouseButtonPress, QEvent.Type.Hide):
            pressed = kind == QEvent.Type.MouseButtonPress
            tile = QPersistentModelIndex(self._tile)
            self._leave()
            if pressed:
                self._tile = tile  # whoever has clicked wants no preview of the same tile any more
        return False

    def _move(self, event: QMouseEvent) -> None:
        tile = QPersistentModelIndex(self._view.indexAt(event.position().toPoint()))
        if tile == self._tile:
            return
        shown = self._told
        if not tile.isValid():
            self._leave()
            return
        self._tile = tile
        self._rest.start(_NEXT_MS if shown else REST_MS)

    @Slot()
    def _leave(self) -> None:
        self._rest.stop()
        self._tile = QPersistentModelIndex()
        if self._told:
            self._told = False
            self.left.emit()

    @Slot()
    def _tell(self) -> None:
        if self._tile.isValid():
            self._told = True
            self.rested.emit(self._tile)
