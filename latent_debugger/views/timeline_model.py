"""The film as Qt's model/view wants it: a row for each latent, a column for each checkpoint."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, QTimer, Slot
from PySide6.QtGui import QImage

from latent_debugger.state.lru import Lru
from latent_debugger.views.canvas import to_qimage
from latent_debugger.views.thumbnails import Role

Index = QModelIndex | QPersistentModelIndex

CURRENT = ""
"""The key of the row of the latent on the canvas."""
MAX_SIDE = 128
"""A frame is never shown larger, so it need not be kept larger."""
ROOM = 64 << 20
"""Bytes of frames that are kept; those out of view go first."""
PATIENCE_MS = 250
"""So long a frame of the latent before may stand in for the new one before it fades."""


@dataclass(frozen=True)
class FilmRow:
    """One latent of the film."""

    key: str
    """The id of a star, or :data:`CURRENT`."""
    name: str
    z: bytes
    """(dim,) float32, little-endian."""


@dataclass(frozen=True, eq=False)
class _Frame:
    z: bytes
    image: QImage
    remark: str = ""


class FilmModel(QAbstractTableModel):
    """Frames arrive one by one; the old ones stay until then, so that nothing flickers while a slider moves."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: tuple[FilmRow, ...] = ()
        self._steps: tuple[int, ...] = ()
        self._frames: Lru[tuple[str, int], _Frame] = Lru(ROOM)
        self._faded = False
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.setInterval(PATIENCE_MS)
        self._patience.timeout.connect(self._fade)

    @property
    def rows(self) -> tuple[FilmRow, ...]:
        """The latents, from top to bottom."""
        return self._rows

    @property
    def steps(self) -> tuple[int, ...]:
        """The steps of the checkpoints, from left to right."""
        return self._steps

    def set_steps(self, steps: Sequence[int], *, same_run: bool) -> None:
        """Show these checkpoints; frames of another run are forgotten."""
        new, old = tuple(steps), self._steps
        if not same_run:
            self._frames.clear()
        if new[: len(old)] == old and same_run:
            if len(new) > len(old):
                self.beginInsertColumns(QModelIndex(), len(old), len(new) - 1)
                self._steps = new
                self.endInsertColumns()
            return
        self.beginResetModel()
        self._steps = new
        self.endResetModel()

    def set_rows(self, rows: Sequence[FilmRow]) -> None:
        """Show these latents."""
        new, old = tuple(rows), self._rows
        if new == old:
            return
        if [row.key for row in new] == [row.key for row in old]:
            self._rows = new
            self._faded = False
            self._patience.start()
            for row, (was, now) in enumerate(zip(old, new, strict=True)):
                if was.name != now.name:
                    self.headerDataChanged.emit(Qt.Orientation.Vertical, row, row)
            return
        self.beginResetModel()
        self._rows = new
        self.endResetModel()

    def set_frame(self, key: str, step: int, z: bytes, image: npt.NDArray[np.uint8] | None, remark: str = "") -> None:
        """The picture (H, W, C) of a latent under a checkpoint, or why there is none. What is not shown any more is
        passed over."""
        row = next((i for i, item in enumerate(self._rows) if item.key == key and item.z == z), -1)
        if row < 0 or step not in self._steps:
            return
        frame = _Frame(z, small_picture(image) if image is not None else QImage(), remark)
        self._frames.put((key, step), frame, frame.image.sizeInBytes() + len(z))
        index = self.index(row, self._steps.index(step))
        self.dataChanged.emit(index, index)

    def missing(self, column: int) -> list[FilmRow]:
        """The latents whose picture in ``column`` has not come yet."""
        step = self._steps[column]
        return [row for row in self._rows if (f := self._frames.get((row.key, step))) is None or f.z != row.z]

    def forget(self, step: int) -> None:
        """The checkpoint of ``step`` was replaced."""
        self._frames.drop([(row.key, step) for row in self._rows])

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 (Qt's own default)
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._steps)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        row, step = self._rows[index.row()], self._steps[index.column()]
        frame = self._frames.get((row.key, step))
        match role:
            case Role.PICTURE:
                return frame.image if frame is not None else None
            case Role.STALE:
                return self._faded and frame is not None and frame.z != row.z
            case Role.BADGE:
                return frame.remark if frame is not None else ""
            case Qt.ItemDataRole.AccessibleTextRole:
                return f"{row.name} at step {step:,}" + (f", {frame.remark}" if frame and frame.remark else "")
            case Qt.ItemDataRole.ToolTipRole:
                go = "" if row.key == CURRENT else "; double click to go to the star as well"
                return f"{row.name} at step {step:,}\nClick to open this checkpoint under the same latent{go}"
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        count = len(self._steps) if orientation == Qt.Orientation.Horizontal else len(self._rows)
        if not 0 <= section < count:
            return None
        name = f"{self._steps[section]:,}" if orientation == Qt.Orientation.Horizontal else self._rows[section].name
        if role == Qt.ItemDataRole.ToolTipRole and orientation == Qt.Orientation.Horizontal:
            return f"Step {name}"
        return name if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole) else None

    @Slot()
    def _fade(self) -> None:
        self._faded = True
        if self._rows and self._steps:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._rows) - 1, len(self._steps) - 1))


def small_picture(image: npt.NDArray[np.uint8]) -> QImage:
    """A picture (H, W, C), at most :data:`MAX_SIDE` pixels wide and high."""
    picture = to_qimage(image)
    if max(picture.width(), picture.height()) <= MAX_SIDE:
        return picture
    how = Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
    return picture.scaled(MAX_SIDE, MAX_SIDE, *how)
