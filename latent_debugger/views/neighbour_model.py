"""The neighbours as Qt's model/view wants them: a picture for each, or none yet."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt, QTimer, Slot
from PySide6.QtGui import QImage

from latent_debugger.views.canvas import to_qimage
from latent_debugger.views.thumbnails import Role

Index = QModelIndex | QPersistentModelIndex

PATIENCE_MS = 150
"""So long an old picture may stand in for the new one before it fades; less, and a moving sigma would flicker."""


class NeighbourListModel(QAbstractListModel):
    """``n`` tiles. The old pictures stay until the new ones come, so that nothing flickers as sigma moves."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pictures: list[QImage] = []
        self._pending: set[int] = set()
        self._starred: frozenset[int] = frozenset()
        self._faded = False
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.setInterval(PATIENCE_MS)
        self._patience.timeout.connect(self._fade)

    def set_tiles(self, n: int) -> None:
        """``n`` new neighbours are on their way; none of them is starred."""
        old = len(self._pictures)
        if n > old:
            self.beginInsertRows(QModelIndex(), old, n - 1)
            self._pictures += [QImage() for _ in range(n - old)]
            self.endInsertRows()
        elif n < old:
            self.beginRemoveRows(QModelIndex(), n, old - 1)
            del self._pictures[n:]
            self.endRemoveRows()
        self._pending = set(range(n))
        self._starred = frozenset()
        if not self._faded and not self._patience.isActive():
            self._patience.start()
        self._all_changed()

    def set_tile(self, row: int, image: npt.NDArray[np.uint8]) -> None:
        """The picture of a neighbour: uint8 (height, width, channels). A row that is no more is passed over."""
        if not 0 <= row < len(self._pictures):
            return
        self._pictures[row] = to_qimage(image)
        self._pending.discard(row)
        if not self._pending:
            self._patience.stop()
            self._faded = False
        self.dataChanged.emit(self.index(row), self.index(row))

    def set_starred_rows(self, rows: set[int]) -> None:
        """Which neighbours are bookmarks."""
        self._starred = frozenset(rows)
        self._all_changed()

    def pending(self) -> int:
        """How many pictures have not come yet."""
        return len(self._pending)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 (Qt's own default)
        return 0 if parent.isValid() else len(self._pictures)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid() or not 0 <= index.row() < len(self._pictures):
            return None
        row = index.row()
        match role:
            case Role.PICTURE:
                return self._pictures[row]
            case Role.STARRED:
                return row in self._starred
            case Role.STALE:
                return self._faded and row in self._pending
            case Qt.ItemDataRole.AccessibleTextRole:
                return f"Neighbour {row + 1}" + (", starred" if row in self._starred else "")
            case Qt.ItemDataRole.ToolTipRole:
                return "Click to go there; the star keeps it (Space)"
        return None

    @Slot()
    def _fade(self) -> None:
        self._faded = True
        self._all_changed()

    def _all_changed(self) -> None:
        if self._pictures:
            self.dataChanged.emit(self.index(0), self.index(len(self._pictures) - 1))
