"""The newest samples of a run, all of them at once, and beside them, equally large, pictures it is trained on."""

from __future__ import annotations

from math import ceil, sqrt

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QHelpEvent, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from latent_debugger.views import theme
from latent_debugger.views.canvas import to_qimage

Tiles = npt.NDArray[np.uint8]
"""(n, height, width, channels)"""

_CAPTION = 20
_REAL_COLUMNS = 3
_EMPTY = "Pictures appear with\nthe first checkpoint."
_MOVES = {Qt.Key.Key_Left: (0, -1), Qt.Key.Key_Right: (0, 1), Qt.Key.Key_Up: (-1, 0), Qt.Key.Key_Down: (1, 0)}


class TrainingPreview(QWidget):
    """Every sample can be gone to: by a click, or with the arrow keys and Return.

    Signals:
        tile_chosen(step, index): both are ints.
    """

    tile_chosen = Signal(object, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("training.preview")
        self.setAccessibleName("Newest samples")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(160, 120)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self._samples: list[QImage] = []
        self._real: list[QImage] = []
        self._step: int | None = None
        self._current, self._hovered = 0, -1
        theme.themed.changed.connect(self.update)

    @property
    def step(self) -> int | None:
        """The step of the samples on show; None where there are none."""
        return self._step

    @property
    def real_count(self) -> int:
        """Training pictures on show."""
        return len(self._real)

    # setters

    def set_samples(self, step: int, tiles: Tiles) -> None:
        """Show the samples of ``step``."""
        self._samples = [to_qimage(tile) for tile in tiles]
        self._step = step
        self._current = min(self._current, max(0, len(self._samples) - 1))
        self._describe()
        self.update()

    def set_real(self, tiles: Tiles) -> None:
        """Show some training pictures beside the samples."""
        self._real = [to_qimage(tile) for tile in tiles]
        self.update()

    def clear(self) -> None:
        """Show that there is nothing yet."""
        self._samples, self._real, self._step, self._hovered = [], [], None, -1
        self._describe()
        self.update()

    def tile_rect(self, index: int) -> QRect:
        """Where sample ``index`` is painted."""
        side, columns, _ = self._grid()
        return QRect(QPoint(index % columns * side, _CAPTION + index // columns * side), QSize(side, side))

    # layout

    def _grid(self) -> tuple[int, int, int]:
        """Side of a tile in pixels, columns and rows of samples."""
        columns = max(1, ceil(sqrt(len(self._samples))))
        rows = max(1, ceil(len(self._samples) / columns))
        beside = _REAL_COLUMNS if self._real else 0
        width = self.width() - (theme.UNIT if beside else 0)
        return max(1, min(width // (columns + beside), (self.height() - _CAPTION) // rows)), columns, rows

    def _tile_at(self, place: QPointF) -> int:
        side, columns, _ = self._grid()
        column, row = int(place.x() // side), int((place.y() - _CAPTION) // side)
        index = row * columns + column
        inside = 0 <= column < columns and row >= 0 and index < len(self._samples)
        return index if inside else -1

    def sizeHint(self) -> QSize:
        return QSize(320, 260)

    # painting

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(theme.colour("muted"))
        painter.setFont(theme.numbers_font(self.font()))
        if not self._samples:
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, _EMPTY)
            return
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        side, columns, rows = self._grid()
        self._caption(painter, 0, columns * side, f"Samples, step {self._step:,}")
        for index, image in enumerate(self._samples):
            painter.drawImage(self.tile_rect(index), image)
        if self._real:
            left = columns * side + theme.UNIT
            self._caption(painter, left, _REAL_COLUMNS * side, "Training")
            for index, image in enumerate(self._real[: _REAL_COLUMNS * rows]):
                place = QPoint(left + index % _REAL_COLUMNS * side, _CAPTION + index // _REAL_COLUMNS * side)
                painter.drawImage(QRect(place, QSize(side, side)), image)
        for index, marked in ((self._hovered, self._hovered >= 0), (self._current, self.hasFocus())):
            if marked:
                painter.setPen(QPen(QColor(theme.current().accent), 2))
                painter.drawRect(self.tile_rect(index).adjusted(1, 1, -1, -1))

    def _caption(self, painter: QPainter, left: int, width: int, text: str) -> None:
        shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, width)
        painter.drawText(QRect(left, 0, width, _CAPTION), Qt.AlignmentFlag.AlignVCenter, shown)

    def _describe(self) -> None:
        text = (
            "" if self._step is None else f"Sample {self._current + 1} of {len(self._samples)} at step {self._step:,}"
        )
        self.setAccessibleDescription(text)

    # what the user does

    def _go(self, index: int) -> None:
        if self._step is not None and 0 <= index < len(self._samples):
            self._current = index
            self._describe()
            self.update()
            self.tile_chosen.emit(self._step, index)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        hovered = self._tile_at(event.position())
        if hovered != self._hovered:
            self._hovered = hovered
            self.setCursor(Qt.CursorShape.PointingHandCursor if hovered >= 0 else Qt.CursorShape.ArrowCursor)
            self.update()

    def leaveEvent(self, event: QEvent) -> None:
        self._hovered = -1
        self.update()
        super().leaveEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._go(self._tile_at(event.position()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self._go(self._current)
        elif key in _MOVES and self._samples:
            _, columns, _ = self._grid()
            down, right = _MOVES[Qt.Key(key)]
            self._current = min(len(self._samples) - 1, max(0, self._current + down * columns + right))
            self._describe()
            self.update()
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            index, told = self._tile_at(QPointF(event.pos())), ""
            if index >= 0:
                told = f"Sample {index + 1} at step {self._step:,}: click to go to its latent under this checkpoint"
            QToolTip.showText(event.globalPos(), told, self)
            return True
        takes = (Qt.Key.Key_Return, Qt.Key.Key_Enter)  # a shortcut would take them first
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride and event.key() in takes:
            event.accept()
            return True
        return super().event(event)
