"""How the error of a search falls, on a logarithmic scale."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from latent_debugger.views import theme

GOOD = 1e-3
"""An error that one hardly sees."""
_LEFT, _BOTTOM, _TOP = 44, 20, 8
_LEAST, _MOST = -5, 0  # powers of ten
_MOST_POINTS = 2000


class ErrorCurve(QWidget):
    """The best error so far against the share of the search that is done."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("projection.curve")
        self.setAccessibleName("Error during the search")
        self.setToolTip("The mean square error of the best find so far, for pictures from 0 to 1 (logarithmic)")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(15 * theme.UNIT, 10 * theme.UNIT)
        self._points: list[tuple[float, float]] = []
        theme.themed.changed.connect(self.update)

    @property
    def points(self) -> tuple[tuple[float, float], ...]:
        """(share 0 ... 1, error) of everything told so far."""
        return tuple(self._points)

    def clear(self) -> None:
        """Begin anew."""
        self._points.clear()
        self.update()

    def add(self, share: float, error: float) -> None:
        """The best error after this share of the search; one that is no number is passed over."""
        if math.isfinite(error) and error > 0 and len(self._points) < _MOST_POINTS:
            self._points.append((min(max(share, 0.0), 1.0), error))
            self.setAccessibleDescription(f"{error:.1e} after {100 * share:.0f} %")
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(30 * theme.UNIT, 20 * theme.UNIT)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(theme.numbers_font(self.font()))
        area = QRectF(_LEFT, _TOP, max(1, self.width() - _LEFT - theme.UNIT), max(1, self.height() - _TOP - _BOTTOM))
        errors = [error for _, error in self._points]
        low = max(_LEAST, math.floor(math.log10(min([*errors, GOOD]))))
        high = min(_MOST, max(low + 1, math.ceil(math.log10(max([*errors, 0.1])))))

        def y_of(error: float) -> float:
            share = (math.log10(max(error, 10.0**low)) - low) / (high - low)
            return float(area.bottom() - min(share, 1.0) * area.height())

        for power in range(low, high + 1):
            y = y_of(10.0**power)
            good = power == round(math.log10(GOOD))
            style = Qt.PenStyle.DashLine if good else Qt.PenStyle.SolidLine
            painter.setPen(QPen(theme.colour("muted" if good else "border"), 1, style))
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
            painter.setPen(theme.colour("muted"))
            label = QRectF(0, y - 9, _LEFT - 6, 18)
            painter.drawText(label, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, _power(power))
        painter.setPen(theme.colour("muted"))
        below = QRectF(area.left(), area.bottom() + 2, area.width(), _BOTTOM - 2)
        painter.drawText(below, Qt.AlignmentFlag.AlignCenter, "Mean square error during the search")
        if self._points:
            line = QPolygonF([QPointF(area.left() + share * area.width(), y_of(e)) for share, e in self._points])
            painter.setPen(QPen(theme.colour("accent"), 2))
            painter.drawPolyline(line)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour("accent"))
            painter.drawEllipse(line.last(), 3.0, 3.0)


def _power(power: int) -> str:
    return f"{10.0**power:.5f}".rstrip("0").rstrip(".") if power > -4 else f"10{_RAISED[power]}"


_RAISED = {-4: "⁻⁴", -5: "⁻⁵"}
