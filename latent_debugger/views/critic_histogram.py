"""Where a score lies among those of random pictures, and of real ones: two small histograms over one axis."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from latent_debugger.state.critic import Scale
from latent_debugger.views import theme

BINS = 32
_AXIS = 16  # pixels below the axis, for the words
_TOP = 18  # above the columns, for the legend
_PATCH = 8.0  # a patch of the legend
_TIP = 5.0  # half the width of the marker's head


class CriticHistogram(QWidget):
    """Random pictures as filled columns, real pictures as an outline, the current one as an upright line.

    The axis has no numbers: scores have no unit, only their order means something.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("critic.histogram")
        self.setAccessibleName("Scores of random pictures and of training pictures")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._scale: Scale | None = None
        self._score: float | None = None
        self._waiting = ""
        theme.themed.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(40 * theme.UNIT, 13 * theme.UNIT)

    def minimumSizeHint(self) -> QSize:
        return QSize(20 * theme.UNIT, 9 * theme.UNIT)

    def set_scale(self, scale: Scale | None) -> None:
        """What scores are compared with; None while that is not known."""
        self._scale = scale
        self.update()

    def set_score(self, score: float | None) -> None:
        """The current picture's; None while it is not known."""
        self._score = score
        self.update()

    def set_waiting(self, text: str) -> None:
        """What to say while there is no scale."""
        self._waiting = text
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(self.rect()).adjusted(_TIP + 1, _TOP, -_TIP - 1, -_AXIS)
        if self._scale is None:
            painter.setPen(theme.colour("muted"))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self._waiting)
            return
        bins = self._scale.bins(BINS)
        top = max(float(bins.fakes.max()), float(bins.reals.max()) if bins.reals is not None else 0.0)
        self._paint_columns(painter, area, bins.fakes / top)
        if bins.reals is not None:
            self._paint_outline(painter, area, bins.reals / top)
        painter.setPen(QPen(theme.colour("border"), 1))
        painter.drawLine(area.bottomLeft(), area.bottomRight())
        place = bins.place(self._score) if self._score is not None else 1.0
        self._paint_words(painter, area, bins.reals is not None, left=place > 0.5)
        if self._score is not None:
            self._paint_marker(painter, area, area.left() + place * area.width())

    def _paint_columns(self, painter: QPainter, area: QRectF, heights: npt.NDArray[np.float64]) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("faint"))
        step = area.width() / len(heights)
        for k, height in enumerate(heights):
            size = height * area.height()
            painter.drawRect(QRectF(area.left() + k * step, area.bottom() - size, max(1.0, step - 1), size))

    def _paint_outline(self, painter: QPainter, area: QRectF, heights: npt.NDArray[np.float64]) -> None:
        path, step = QPainterPath(area.bottomLeft()), area.width() / len(heights)
        for k, height in enumerate(heights):
            y = area.bottom() - height * area.height()
            path.lineTo(area.left() + k * step, y)
            path.lineTo(area.left() + (k + 1) * step, y)
        path.lineTo(area.bottomRight())
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(theme.colour("accent"), 1.5))
        painter.drawPath(path)

    def _paint_words(self, painter: QPainter, area: QRectF, reals: bool, left: bool) -> None:
        """The words below, and the legend where the marker is not."""
        font = QFont(self.font())
        font.setPointSizeF(max(6.0, font.pointSizeF() - 1))
        painter.setFont(font)
        painter.setPen(theme.colour("muted"))
        below = QRectF(area.left(), area.bottom() + 2, area.width(), _AXIS - 2)
        painter.drawText(below, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, "← liked less")
        painter.drawText(below, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, "liked more →")
        above = QRectF(area.left(), 0, area.width(), _TOP - 4)
        keys = [("random", "faint", True), *([("training", "accent", False)] if reals else [])]
        room = sum(_width(painter, word) for word, _, _ in keys) - 2 * theme.UNIT
        at = above.left() if left else above.right() - room
        for word, token, filled in keys:
            self._key(painter, QRectF(at, above.top(), _width(painter, word), above.height()), word, token, filled)
            at += _width(painter, word)

    def _key(self, painter: QPainter, place: QRectF, word: str, token: str, filled: bool) -> None:
        """A word of the legend."""
        side = _PATCH
        patch = QRectF(place.left() + 0.5, place.center().y() - side / 2, side, side)
        colour = theme.colour(token)
        painter.setBrush(colour if filled else Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(colour, 1.5))
        painter.drawRect(patch)
        painter.setPen(theme.colour("muted"))
        text = place.adjusted(side + 6, 0, 0, 0)
        painter.drawText(text, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, word)

    def _paint_marker(self, painter: QPainter, area: QRectF, x: float) -> None:
        colour = theme.colour("text")
        painter.setPen(QPen(colour, 2))
        painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))
        head = QPainterPath(QPointF(x, area.top() + 1))
        head.lineTo(x - _TIP, area.top() - 7)
        head.lineTo(x + _TIP, area.top() - 7)
        head.closeSubpath()
        painter.fillPath(head, colour)


def _width(painter: QPainter, word: str) -> float:
    """What a word of the legend takes, with the gap behind it."""
    return _PATCH + 6 + painter.fontMetrics().horizontalAdvance(word) + 2 * theme.UNIT
