"""How far apart pictures are: real ones and generated ones, as two histograms on one axis."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from latent_debugger.views import theme

Distances = npt.NDArray[np.float32]
_BINS = 40
_LEGEND, _BOTTOM = 18, 18


class DistanceChart(QWidget):
    """Distances between pairs of pictures: where the generated ones lie far left of the real ones, the generator draws
    less different pictures than it was shown."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("memorisation.chart")
        self.setAccessibleName("Distances between pictures")
        self.setToolTip(
            "Distances between pairs of pictures chosen by lot. A healthy generator’s lie where the real ones’ do;\n"
            "further left, its pictures are too much alike."
        )
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(20 * theme.UNIT, 10 * theme.UNIT)
        self._counts: tuple[Distances, Distances] | None = None
        self._most = 1.0
        theme.themed.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(30 * theme.UNIT, 16 * theme.UNIT)

    def set_distances(self, real: Distances | None, generated: Distances | None) -> None:
        """Show two sets of distances (m,), or nothing."""
        if real is None or generated is None:
            self._counts = None
            self.setAccessibleDescription("")
        else:
            self._most = max(float(real.max(initial=0)), float(generated.max(initial=0)), 1e-6)
            edges = np.linspace(0, self._most, _BINS + 1)
            shares = [np.histogram(set_, edges)[0] / max(1, len(set_)) for set_ in (real, generated)]
            self._counts = shares[0].astype(np.float32), shares[1].astype(np.float32)
            middles = float(np.median(real)), float(np.median(generated))
            self.setAccessibleDescription(f"Median {middles[0]:.2f} of real pairs, {middles[1]:.2f} of generated pairs")
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._counts is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(theme.numbers_font(self.font()))
        area = QRectF(4, _LEGEND, max(1, self.width() - 8), max(1, self.height() - _LEGEND - _BOTTOM))
        highest = max(float(counts.max()) for counts in self._counts) or 1.0
        painter.setPen(QPen(theme.colour("border"), 1))
        painter.drawLine(area.bottomLeft(), area.bottomRight())
        left = area.left()
        for name, token, counts in zip(
            ("Real pairs", "Generated pairs"), ("muted", "accent"), self._counts, strict=True
        ):
            _paint_steps(painter, area, counts / highest, theme.colour(token))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour(token))
            painter.drawRoundedRect(QRectF(left, 4, 10, 10), 2, 2)
            painter.setPen(theme.colour("muted"))
            painter.drawText(QPointF(left + 15, 14), name)
            left += 15 + painter.fontMetrics().horizontalAdvance(name) + 2 * theme.UNIT
        painter.setPen(theme.colour("muted"))
        below = QRectF(area.left(), area.bottom() + 2, area.width(), _BOTTOM - 2)
        painter.drawText(below, Qt.AlignmentFlag.AlignLeft, "0")
        painter.drawText(below, Qt.AlignmentFlag.AlignRight, f"{self._most:.1f}")
        painter.drawText(below, Qt.AlignmentFlag.AlignHCenter, "distance")


def _paint_steps(painter: QPainter, area: QRectF, heights: Distances, colour: QColor) -> None:
    width = area.width() / len(heights)
    points = [area.bottomLeft()]
    for column, height in enumerate(heights):
        y = area.bottom() - float(height) * area.height()
        points += [QPointF(area.left() + column * width, y), QPointF(area.left() + (column + 1) * width, y)]
    fill = QColor(colour)
    fill.setAlphaF(0.25)
    painter.setPen(QPen(colour, 1.5))
    painter.setBrush(fill)
    painter.drawPolygon(QPolygonF([*points, area.bottomRight()]))
