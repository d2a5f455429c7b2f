"""The neighbours as Qt's model/view wants them: a picture for each, or none yet."""

from __future__ import annotations

from collections.abc import Sequence

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
    """``n`` tiles. The old pictures stay until the new ones come, so that nothing flickers as sigma moves.

    Neighbours are known by their place among those drawn; they may stand in another order.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pictures: list[QImage] = []
        self._pending: set[int] = set()
        self._starred: frozenset[int] = frozenset()
        self._order: list[int] = []
        self._ranks: tuple[str, ...] = ()
        self._faded = False
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.setInterval(PATIENCE_MS)
        self._patience.timeout.connect(self._fade)

    def set_tiles(self, n: int) -> None:
        """``n`` new neighbours are on their way; none of them is starred. As many as before keep their order until
        another is set, or tiles would jump as sigma moves."""
        old = len(self._pictures)
        if n > old:
            self.beginInsertRows(QModelIndex(), old, n - 1)
            self._pictures += [QImage() for _ in range(n - old)]
            self._order = list(range(n))
            self.endInsertRows()
        elif n < old:
            self.beginRemoveRows(QModelIndex(), n, old - 1)
            del self._pictures[n:]
            self._order = list(range(n))
            self.endRemoveRows()
        self._pending = set(range(n))
        self._starred, self._ranks = frozenset(), ()
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
        place = self.index(self._order.index(row))
        self.dataChanged.emit(place, place)

    def set_starred_rows(self, rows: set[int]) -> None:
        """Which neighbours are bookmarks."""
        self._starred = frozenset(rows)
        self._all_changed()

    def set_order(self, order: Sequence[int] | None, ranks: Sequence[str] = ()) -> None:
        """Let the neighbours stand in another order.

        Args:
            order: the neighbour of each place, every one once; None for the order they were drawn in.
            ranks: what to say of each neighbour in its tooltip; for none unless given.
        """
        wanted = list(range(len(self._pictures))) if order is None else [int(row) for row in order]
        if sorted(wanted) != list(range(len(self._pictures))):
            return  # of neighbours that are on show no more
        self._ranks = tuple(ranks) if len(ranks) == len(wanted) else ()
        self._order = wanted
        self._all_changed()

    def neighbour_at(self, place: int) -> int:
        """Which neighbour stands there; -1 for none."""
        return self._order[place] if 0 <= place < len(self._order) else -1

    def pending(self) -> int:
        """How many pictures have not come yet."""
        return len(self._pending)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 (Qt's own default)
        return 0 if parent.isValid() else len(self._pictures)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid() or not 0 <= index.row() < len(self._pictures):
            return None
        row = self._order[index.row()]
        match role:
            case Role.PICTURE:
                return self._pictures[row]
            case Role.STARRED:
                return row in self._starred
            case Role.STALE:
                return self._faded and row in self._pending
            case Qt.ItemDataRole.AccessibleTextRole:
                starred = ", starred" if row in self._starred else ""
                return f"Neighbour {index.row() + 1}{starred}" + (f", {self._ranks[row]}" if self._ranks else "")
            case Qt.ItemDataRole.ToolTipRole:
                rank = f"{self._ranks[row]}\n" if self._ranks else ""
                return f"{rank}Click to go there; the star keeps it (Space)"
        return None

    @Slot()
    def _fade(self) -> None:
        self._faded = True
        self._all_changed()

    def _all_changed(self) -> None:
        if self._pictures:
            self.dataChanged.emit(self.index(0), self.index(len(self._pictures) - 1))
