"""Nine pictures over the range of one dimension, with its present value marked. A click goes to one of them."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics, QImage, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from latent_debugger.views import theme
from latent_debugger.views.pixmaps import tile_pixmap
from latent_debugger.views.preview_popup import PreviewPopup

COUNT = 9
SIDES = (64, 48, 32)
"""Of a picture, in logical pixels: the largest that fits the screen."""
_GAP = theme.UNIT // 2
_HEAD, _SCALE, _FIGURES = 24, 12, 16
_CORNER = 4.0


class PreviewStrip(PreviewPopup):
    """One dimension at a time.

    Signals:
        chosen(dim, value): a picture was clicked.
    """

    chosen = Signal(int, float)

    def __init__(self, owner: QWidget) -> None:
        super().__init__(owner)
        self.setObjectName("preview.strip")
        self.setMouseTracking(True)
        self.dim = -1
        self.values: tuple[float, ...] = ()
        self._value = 0.0
        self._words = ""
        self._locked = False
        self._pictures: list[QImage] = []
        self._pointed = -1
        self._side = SIDES[0]

    def set_dimension(self, dim: int, value: float, limit: float, words: str, locked: bool) -> None:
        """Show ``dim``, whose slider goes from -limit to +limit; its pictures are still to come.

        Args:
            words: what else is known of it; may be empty.
            locked: no picture can be gone to.
        """
        self.dim, self._words, self._locked, self._pointed = dim, words, locked, -1
        self.values = tuple(np.linspace(-limit, limit, COUNT).tolist())
        self._pictures = [QImage()] * COUNT
        room = self.screen().availableGeometry().width()
        self._side = next((side for side in SIDES if self._width(side) <= room), SIDES[-1])
        height = theme.UNIT + _HEAD + self._side + _SCALE + _FIGURES + theme.UNIT // 2
        self.setFixedSize(self._width(self._side), height)
        self.setAccessibleName(f"Pictures over the range of z {dim}")
        self.setCursor(Qt.CursorShape.ArrowCursor)
        self.set_value(value)

    def set_value(self, value: float) -> None:
        """Mark the present value."""
        self._value = value
        self.setAccessibleDescription(f"z {self.dim} is at {value:.2f}")
        tiles = self.tile_rect(0)  # they stay: this may happen 60 times a second
        self.update(0, 0, self.width(), tiles.top())
        self.update(0, tiles.bottom() + 1, self.width(), _SCALE)

    def set_words(self, words: str) -> None:
        """Say something else of the dimension."""
        if words != self._words:
            self._words = words
            self.update(0, 0, self.width(), self.tile_rect(0).top())

    def set_picture(self, index: int, image: QImage) -> None:
        """The picture at ``values[index]``."""
        if 0 <= index < len(self._pictures):
            self._pictures[index] = image
            self.update(self.tile_rect(index))

    def picture(self, index: int) -> QImage:
        """The picture at ``values[index]``; null while it has not come."""
        return self._pictures[index]

    def pending(self) -> int:
        """How many pictures have not come yet."""
        return sum(image.isNull() for image in self._pictures)

    def tile_rect(self, index: int) -> QRect:
        """Where a picture lies."""
        return QRect(theme.UNIT + index * (self._side + _GAP), theme.UNIT + _HEAD, self._side, self._side)

    def mark_x(self) -> float:
        """Where the present value is marked, along the strip; a value beyond the range is marked at its end."""
        first, last = self.tile_rect(0).center().x() + 0.5, self.tile_rect(COUNT - 1).center().x() + 0.5
        span = self.values[-1] - self.values[0]
        share = (self._value - self.values[0]) / span if span else 0.5
        return first + min(max(share, 0.0), 1.0) * (last - first)

    @staticmethod
    def _width(side: int) -> int:
        return 2 * theme.UNIT + COUNT * side + (COUNT - 1) * _GAP

    def _at(self, event: QMouseEvent) -> int:
        place = event.position().toPoint()
        found = (i for i in range(len(self.values)) if self.tile_rect(i).contains(place))
        return -1 if self._locked else next(found, -1)

    def _point(self, index: int) -> None:
        if index != self._pointed:
            self._pointed = index
            self.setCursor(Qt.CursorShape.PointingHandCursor if index >= 0 else Qt.CursorShape.ArrowCursor)
            self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._point(self._at(event))

    def leaveEvent(self, event: QEvent) -> None:
        self._point(-1)
        super().leaveEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        index = self._at(event)
        if event.button() == Qt.MouseButton.LeftButton and index >= 0:
            self.chosen.emit(self.dim, self.values[index])
        event.accept()

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self.values:
            return
        painter, ratio = QPainter(self), self.devicePixelRatioF()
        self.paint_frame(painter)
        self._paint_head(painter)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(self._small())
        for index, image in enumerate(self._pictures):
            place = self.tile_rect(index)
            if not event.region().intersects(place):
                continue
            if image.isNull():
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(theme.colour("hover"))
                painter.drawRoundedRect(QRectF(place), _CORNER, _CORNER)
            else:
                pixmap = tile_pixmap(image, self._side, ratio, _CORNER, theme.current().canvas)
                painter.drawPixmap(place.topLeft(), pixmap)
            if index == self._pointed:
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.setPen(QPen(theme.colour("accent"), 2))
                painter.drawRoundedRect(QRectF(place), _CORNER, _CORNER)
            painter.setPen(theme.colour("text" if index == self._pointed else "muted"))
            figures = QRect(place.left(), place.bottom() + 1 + _SCALE, self._side, _FIGURES)
            painter.drawText(figures, Qt.AlignmentFlag.AlignCenter, _figure(self.values[index]))
        self._paint_mark(painter)

    def _paint_head(self, painter: QPainter) -> None:
        line = QRect(theme.UNIT, theme.UNIT // 2, self.width() - 2 * theme.UNIT, _HEAD)
        painter.setFont(theme.numbers_font(theme.caption_font(self.font())))
        painter.setPen(theme.colour("text"))
        side = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(line, side | Qt.AlignmentFlag.AlignLeft, f"z {self.dim}   {self._value:.2f}")
        words = "Locked: unlock it (L) to go to one of these" if self._locked else self._words
        painter.setFont(theme.numbers_font(self.font()))
        painter.setPen(theme.colour("muted"))
        rest = line.adjusted(16 * theme.UNIT, 0, 0, 0)
        fitting = QFontMetrics(painter.font()).elidedText(words, Qt.TextElideMode.ElideRight, rest.width())
        painter.drawText(rest, side | Qt.AlignmentFlag.AlignRight, fitting)

    def _paint_mark(self, painter: QPainter) -> None:
        """A scale below the pictures, and a marker that points at the present value."""
        y = self.tile_rect(0).bottom() + 1 + _SCALE / 2
        first, last, x = self.tile_rect(0).center().x(), self.tile_rect(COUNT - 1).center().x(), self.mark_x()
        beyond = abs(self._value) > self.values[-1]
        colour = theme.colour("warning" if beyond else "accent")
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("pressed"))
        painter.drawRoundedRect(QRectF(first, y - 1, last - first, 2), 1, 1)
        painter.setBrush(colour)
        top = y - _SCALE / 2 + 1
        painter.drawPolygon(QPolygonF([QPointF(x, top), QPointF(x - 5, top + 8), QPointF(x + 5, top + 8)]))

    def _small(self) -> QFont:
        font = theme.numbers_font(self.font())
        if font.pointSizeF() > 0:
            font.setPointSizeF(font.pointSizeF() - 1)
        return font


def _figure(value: float) -> str:
    """Two digits behind the point where they tell something."""
    return f"{round(value, 2) + 0.0:.2f}".rstrip("0").rstrip(".")  # + 0.0 turns -0.0 into 0.0
