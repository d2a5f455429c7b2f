"""The samples a run wrote beside a checkpoint: the same latents at every step. Each tile can be gone to."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal, Slot
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QAbstractItemView, QVBoxLayout, QWidget

from latent_debugger.views import theme
from latent_debugger.views.canvas import to_qimage
from latent_debugger.views.thumbnail_view import ThumbnailView
from latent_debugger.views.thumbnails import Role

Index = QModelIndex | QPersistentModelIndex
_SIDES = (32, 48, 64, 96, 128)


class PreviewWall(QWidget):
    """Tiles of one step, side by side.

    Signals:
        tile_chosen(step, index): a click on tile ``index``, or Return; both numbers are ints.
    """

    tile_chosen = Signal(object, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("previewWall")
        self.setAccessibleName("Samples")
        self.tiles = _Tiles(self)
        self.list = ThumbnailView(_SIDES, named=False)
        self.list.setObjectName("previewWallList")
        self.list.setAccessibleName("Samples")
        self.list.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.list.setModel(self.tiles)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.UNIT)
        column.addWidget(self.list)
        self.list.clicked.connect(self._choose)
        self.list.opened.connect(self._choose)

    @property
    def step(self) -> int | None:
        """The step whose samples are shown; None while there are none."""
        return self.tiles.step

    def set_sheet(self, step: int, tiles: npt.NDArray[np.uint8]) -> None:
        """Show the samples of ``step``: uint8 (n, height, width, channels)."""
        self.tiles.set_sheet(step, [to_qimage(tile) for tile in tiles])

    def clear(self, why: str) -> None:
        """Show one sentence instead."""
        self.list.set_empty(why)
        self.tiles.set_sheet(None, [])

    @Slot(QModelIndex)
    def _choose(self, index: QModelIndex) -> None:
        if self.tiles.step is not None:
            self.tile_chosen.emit(self.tiles.step, index.row())


class _Tiles(QAbstractListModel):
    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.step: int | None = None
        self._pictures: list[QImage] = []

    def set_sheet(self, step: int | None, pictures: list[QImage]) -> None:
        if len(pictures) == len(self._pictures):  # another step of the same run: the keyboard stays where it is
            self.step, self._pictures = step, pictures
            if pictures:
                self.dataChanged.emit(self.index(0), self.index(len(pictures) - 1))
            return
        self.beginResetModel()
        self.step, self._pictures = step, pictures
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 (Qt's own default)
        return 0 if parent.isValid() else len(self._pictures)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid() or not 0 <= index.row() < len(self._pictures) or self.step is None:
            return None
        match role:
            case Role.PICTURE:
                return self._pictures[index.row()]
            case Qt.ItemDataRole.AccessibleTextRole:
                return f"Sample {index.row() + 1} at step {self.step:,}"
            case Qt.ItemDataRole.ToolTipRole:
                return (
                    f"Sample {index.row() + 1} at step {self.step:,}: click to go to its latent under this checkpoint"
                )
        return None
