"""How fast the pictures change along a path: a curve one can click into, with its key frames and its cliffs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyqtgraph as pg
from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent
from PySide6.QtWidgets import QWidget

from latent_debugger.views import theme

AXIS_WIDTH = 5 * theme.UNIT
"""Of the axis on the left: what stands above the curve begins there, too."""
_FAINT = 46  # of 255
_MARK = 9


class SpeedChart(pg.PlotWidget):
    """Draws the speed over time. A click or a drag goes there.

    Signals:
        moved(time): the user went there, in seconds.
    """

    moved = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        self._axes = {"bottom": pg.AxisItem("bottom"), "left": pg.AxisItem("left")}
        super().__init__(parent, axisItems=self._axes)
        self.setObjectName("path.chart")
        self.setAccessibleName("Speed along the path")
        self.setToolTip(
            "How fast the pictures change: root mean square of all pixels, a second; 1 is from black to white.\n"
            "A peak is a cliff, where they jump: click to look at it."
        )
        self.setFrameShape(pg.PlotWidget.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the slider above is there for keys
        self.setMinimumHeight(8 * theme.UNIT)
        self._seconds = 0.0
        plot = self.getPlotItem()
        plot.setMenuEnabled(False)
        plot.hideButtons()
        plot.setMouseEnabled(x=False, y=False)
        plot.setContentsMargins(0, 2, 0, 0)
        for axis in self._axes.values():
            axis.enableAutoSIPrefix(False)
            axis.setStyle(tickLength=-4, tickTextOffset=3)
        self._axes["left"].setWidth(AXIS_WIDTH)
        self._box = plot.getViewBox()
        self._box.disableAutoRange()
        self._box.setDefaultPadding(0)
        self._curve = pg.PlotCurveItem(antialias=True)
        self._cliffs = pg.ScatterPlotItem(size=_MARK, symbol="t", pxMode=True)
        self._now = pg.InfiniteLine(angle=90, movable=False)
        self._now.setZValue(10)
        self._keys: list[pg.InfiniteLine] = []
        for item in (self._curve, self._cliffs, self._now):
            self._box.addItem(item, ignoreBounds=True)
        theme.themed.changed.connect(self._dress)
        self._dress()

    def set_speed(
        self, times: npt.NDArray[np.float64], speeds: npt.NDArray[np.float64], cliffs: Sequence[int], seconds: float
    ) -> None:
        """Draw ``speeds`` at ``times`` (n,), of ``seconds`` in all, and mark the peaks with these indexes."""
        self._seconds = seconds
        top = float(speeds.max()) if len(speeds) else 0.0
        self._curve.setData(times, speeds, fillLevel=0)
        rows = list(cliffs)
        self._cliffs.setData(times[rows], speeds[rows])
        self._box.setXRange(0, max(seconds, 1e-3), padding=0)
        self._box.setYRange(0, top * 1.15 if top > 0 else 1.0, padding=0)
        mark = _round(top)
        self._axes["left"].setTicks([[(0.0, "0"), (mark, f"{mark:g}")] if mark > 0 else [(0.0, "0")]])

    def set_keys(self, times: Sequence[float]) -> None:
        """Mark the moments of the key frames."""
        while len(self._keys) > len(times):
            self._box.removeItem(self._keys.pop())
        while len(self._keys) < len(times):
            line = pg.InfiniteLine(angle=90, movable=False)
            line.setZValue(-5)
            line.setPen(self._key_pen())
            self._box.addItem(line, ignoreBounds=True)
            self._keys.append(line)
        for line, time in zip(self._keys, times, strict=True):
            line.setPos(time)

    def set_time(self, time: float) -> None:
        """Where it is now."""
        self._now.setPos(time)

    def _dress(self) -> None:
        tokens = theme.current()
        self.setBackground(QColor(tokens.surface))
        font = theme.numbers_font()
        font.setPointSizeF(font.pointSizeF() * 0.9)
        for axis in self._axes.values():
            axis.setPen(QColor(tokens.border))
            axis.setTextPen(QColor(tokens.muted))
            axis.setTickPen(QColor(tokens.border))
            axis.setTickFont(font)
        shade = QColor(tokens.accent)
        shade.setAlpha(_FAINT)
        self._curve.setPen(pg.mkPen(tokens.accent, width=1.5))
        self._curve.setBrush(shade)
        self._cliffs.setPen(pg.mkPen(None))
        self._cliffs.setBrush(QColor(tokens.warning))
        self._now.setPen(pg.mkPen(tokens.text, width=1.5))
        for line in self._keys:
            line.setPen(self._key_pen())

    def _key_pen(self) -> object:
        return pg.mkPen(theme.current().faint, width=1, style=Qt.PenStyle.DotLine)

    # what the user does: pyqtgraph's own ways to move and zoom are of no use here

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._go(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._go(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        event.accept()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        event.accept()

    def wheelEvent(self, event: object) -> None:
        event.ignore()  # type: ignore[attr-defined]

    def _go(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton and self._seconds > 0:
            place = self._box.mapSceneToView(self.mapToScene(event.position().toPoint()))
            assert isinstance(place, QPointF)
            self.moved.emit(min(max(place.x(), 0.0), self._seconds))
        event.accept()


def _round(value: float) -> float:
    """The largest number of one digit that is not above ``value``; 0 for 0."""
    if value <= 0:
        return 0.0
    power = 10.0 ** np.floor(np.log10(value))
    return float(f"{np.floor(value / power * (1 + 1e-9)) * power:.3g}")
