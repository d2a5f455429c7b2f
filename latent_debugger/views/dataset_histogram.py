"""A score's values as a small chart, with two handles for what is let through."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from latent_debugger.state.curation_query import Histogram
from latent_debugger.views import theme
from latent_debugger.views.dataset_model import tell

_HANDLE = 5  # pixels on either side of a line where it can be taken
_STEPS = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}


class HistogramRange(QWidget):
    """Drag the handles, or use the arrow keys: plain ones move the lower end, with Shift the upper one; a double click,
    or Home, lets everything through.

    Signals:
        range_changed(low, high): floats; infinite where that end lets everything through.
    """

    range_changed = Signal(float, float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("dataset.range")
        self.setAccessibleName("Range of the score")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._histogram: Histogram | None = None
        self._unit = ""
        self._ends = [0, 0]  # edges, from 0 to the number of bins
        self._held: int | None = None
        theme.themed.changed.connect(self.update)
        self._explain()

    def sizeHint(self) -> QSize:
        return QSize(22 * theme.UNIT, 28)

    def minimumSizeHint(self) -> QSize:
        return QSize(10 * theme.UNIT, 28)

    def set_histogram(self, histogram: Histogram | None, unit: str = "") -> None:
        """Show another score; everything is let through."""
        self._histogram, self._unit = histogram, unit
        self._ends = [0, len(histogram.counts) if histogram is not None else 0]
        self._held = None
        self._explain()
        self.update()

    def range(self) -> tuple[float, float]:
        """What is let through; infinite where an end lets everything through."""
        if self._histogram is None:
            return -math.inf, math.inf
        edges, (first, last) = self._histogram.edges, self._ends
        low = -math.inf if first == 0 else float(edges[first])
        return low, math.inf if last == len(edges) - 1 else float(edges[last])

    def _move(self, end: int, edge: int) -> None:
        if self._histogram is None:
            return
        bins = len(self._histogram.counts)
        low, high = (0, self._ends[1] - 1) if end == 0 else (self._ends[0] + 1, bins)
        edge = min(max(edge, low), high)
        if edge != self._ends[end]:
            self._ends[end] = edge
            self._explain()
            self.update()
            self.range_changed.emit(*self.range())

    def _let_all(self) -> None:
        if self._histogram is not None:
            self._move(0, 0)
            self._move(1, len(self._histogram.counts))

    def _explain(self) -> None:
        low, high = self.range()
        ends = [f"from {tell(low, self._unit)}" if low > -math.inf else "", ""]
        ends[1] = f"to {tell(high, self._unit)}" if high < math.inf else ""
        told = " ".join(filter(None, ends)) or "all values"
        self.setAccessibleDescription(told)
        self.setToolTip(
            f"Showing {told}. Drag the ends, or use ← → and Shift+← →; a double click lets everything through."
        )

    # Qt

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self._histogram is not None:
            x = event.position().x()
            self._held = min((0, 1), key=lambda end: abs(self._x(self._ends[end]) - x) - (0.1 if end else 0))
            self._move(self._held, self._edge_at(x))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._held is not None:
            self._move(self._held, self._edge_at(event.position().x()))
        near = any(abs(self._x(edge) - event.position().x()) <= _HANDLE for edge in self._ends)
        self.setCursor(Qt.CursorShape.SplitHCursor if near else Qt.CursorShape.ArrowCursor)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._held = None

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self._let_all()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, end = Qt.Key(event.key()), 1 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 0
        if key in _STEPS:
            self._move(end, self._ends[end] + _STEPS[key])
        elif key == Qt.Key.Key_Home:
            self._let_all()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        frame = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(QPen(theme.colour("accent" if self.hasFocus() else "border"), 1))
        painter.setBrush(theme.colour("raised"))
        painter.drawRoundedRect(frame, 4, 4)
        if self._histogram is None:
            return
        counts = self._histogram.counts
        heights = np.sqrt(counts / max(1, counts.max())) * (self.height() - 6)  # rare values stay visible
        painter.setPen(Qt.PenStyle.NoPen)
        for k, height in enumerate(heights):
            let = self._ends[0] <= k < self._ends[1]
            painter.setBrush(theme.colour("accent" if let else "border"))
            left, right = self._x(k), self._x(k + 1)
            painter.drawRect(QRectF(left, self.height() - 3 - height, max(1.0, right - left - 0.75), height))
        painter.setPen(QPen(theme.colour("text"), 2))
        for edge in self._ends:
            x = self._x(edge)
            painter.drawLine(QPointF(x, 4), QPointF(x, self.height() - 4))

    def _x(self, edge: int) -> float:
        bins = len(self._histogram.counts) if self._histogram is not None else 1
        return 5 + edge * (self.width() - 10) / bins

    def _edge_at(self, x: float) -> int:
        bins = len(self._histogram.counts) if self._histogram is not None else 1
        return round((x - 5) * bins / max(1, self.width() - 10))
