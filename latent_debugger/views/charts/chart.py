"""One chart on pyqtgraph: lines in the theme's colours, the room between two of them, and the values at the cursor.

pyqtgraph's own decimation looks at every point in each paint; here each redraw gives it a few points a pixel
(:mod:`latent_debugger.views.charts.curve`). Qt strokes a long jagged path slowly where it is wider than a pixel:
what is jagged is a filled band with a hair line around it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPen, QPolygonF, QResizeEvent
from PySide6.QtWidgets import QGraphicsPolygonItem, QWidget

from latent_debugger.views import theme
from latent_debugger.views.charts.curve import Column, Curve, band, finite, means, span, value_at, window_of

_WIDTH = 1.5
_DOT = 5  # pixels across
_FAINT = 46  # of 255: the band of all values behind their mean
_NUMBER = 3 * theme.UNIT  # pixels
_PIXELS = 2
"""Of a line's points, at least."""


@dataclass(frozen=True, eq=False)
class Line:
    """One series to draw."""

    label: str
    token: str
    """Theme token of its colour."""
    x: Column
    """(n,), rising."""
    y: Column
    """(n,); NaN where nothing was measured."""
    dashed: bool = False
    """Another run's."""


class Chart(pg.PlotWidget):
    """Draws :class:`Line` objects. The wheel zooms along the steps, dragging moves, a double click shows all.

    Signals:
        reading(x): the step under the cursor, None when it has left.
        zoomed(on): whether only a part is on show.
    """

    reading = Signal(object)
    zoomed = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        self._axes = {"bottom": _Steps("bottom"), "left": _Values("left")}
        super().__init__(parent, axisItems=self._axes)
        self.setFrameShape(pg.PlotWidget.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # nothing in it for keys; the wheel works under the pointer
        self.setMinimumHeight(12 * theme.UNIT)
        self._curves: list[Curve] = []
        self._lines: list[Line] = []
        self._shown: list[Curve] = []
        self._smoothing, self._fill, self._whole = 0.0, False, True
        self._window = 0
        self._axis = ""
        plot = self.getPlotItem()
        plot.setMenuEnabled(False)
        plot.hideButtons()
        plot.setMouseEnabled(x=True, y=False)
        plot.setContentsMargins(0, theme.UNIT // 2, theme.UNIT, 0)
        for axis in self._axes.values():
            axis.enableAutoSIPrefix(False)
            axis.setStyle(tickLength=-4, tickTextOffset=4)
        self._box = plot.getViewBox()
        self._box.disableAutoRange()
        self._cursor = pg.InfiniteLine(angle=90, movable=False)
        self._cursor.hide()
        self._box.addItem(self._cursor, ignoreBounds=True)
        self._items: list[tuple[QGraphicsPolygonItem, pg.PlotCurveItem]] = []
        self._dots = pg.ScatterPlotItem(pen=None, size=_DOT)  # what was measured once makes no line
        self._box.addItem(self._dots, ignoreBounds=True)
        self._gap = QGraphicsPolygonItem()
        self._gap.setZValue(-10)
        self._box.addItem(self._gap, ignoreBounds=True)
        self._box.sigXRangeChanged.connect(self._draw)
        self._box.sigRangeChangedManually.connect(self._leave_whole)
        self.scene().sigMouseMoved.connect(self._point)
        theme.themed.changed.connect(self._dress)
        self.set_axis("")
        self._dress()

    # setters

    def set_axis(self, text: str) -> None:
        """Name what is upwards, with its unit."""
        if text != self._axis:
            self._axes["left"].forget()
        self._axis = text
        self._label_axes()

    def set_lines(self, lines: list[Line], *, fill: bool = False) -> None:
        """Draw these instead of what was there; what part is on show stays, unless that was everything.

        Args:
            fill: shade the room between the first two.
        """
        dressed = [(line.token, line.dashed) for line in lines] != [(line.token, line.dashed) for line in self._lines]
        self._lines, self._fill = lines, fill
        self._curves = [finite(line.x, line.y) for line in lines]
        if dressed or len(self._items) != len(lines):
            self._make_items()
        self._fit() if self._whole else self._draw()

    def set_smoothing(self, smoothing: float) -> None:
        """From 0, every value as it is, to 1, means over a tenth of the series."""
        self._smoothing = smoothing
        self._draw()

    def show_all(self) -> None:
        """Leave the zoom."""
        self._whole = True
        self._fit()
        self.zoomed.emit(False)

    def values_at(self, x: float | None) -> list[float | None]:
        """Each line's value, as drawn, at the step ``x``; at its end where ``x`` is None."""
        return [
            value_at(shown, x if x is not None else (curve[0][-1] if len(curve[0]) else 0.0))
            for shown, curve in zip(self._shown, self._curves, strict=True)
        ]

    # drawing

    def _make_items(self) -> None:
        for pair in self._items:
            for item in pair:
                self._box.removeItem(item)
        self._items = []
        for line in self._lines:
            spread, mean = QGraphicsPolygonItem(), pg.PlotCurveItem(antialias=True)
            mean.setSegmentedLineMode("off" if line.dashed else "on")  # in pieces, each begins with a dash: no gaps
            spread.setZValue(-5)
            for item in (spread, mean):
                self._box.addItem(item, ignoreBounds=True)
            self._items.append((spread, mean))
        self._dress()

    def _fit(self) -> None:
        ends = [(x[0], x[-1]) for x, _ in self._curves if len(x)]
        left, right = (min(a for a, _ in ends), max(b for _, b in ends)) if ends else (0.0, 1.0)
        if left == right:
            left, right = left - 0.5, right + 0.5
        before = self._box.viewRange()[0]
        self._box.setXRange(left, right, padding=0.01)
        if self._box.viewRange()[0] == before:  # nobody else will say that there is news
            self._draw()

    def _draw(self) -> None:
        left, right = self._box.viewRange()[0]
        columns = max(64, round(self._box.width()) // _PIXELS)
        self._shown = []
        for curve, (spread, mean) in zip(self._curves, self._items, strict=True):
            window = window_of(self._smoothing, len(curve[0]))
            shown = means(curve, left, right, columns, window)
            self._shown.append(shown)
            mean.setData(*shown)
            x, low, high = band(curve, left, right, columns)
            spread.setPolygon(_polygon((x, low), (x, high)) if window > 1 or (low != high).any() else QPolygonF())
        self._dot()
        self._gap.setPolygon(_between(*self._shown[:2]) if self._fill and len(self._shown) > 1 else QPolygonF())
        found = span(self._shown, left, right)
        if found is not None:
            self._box.setYRange(*found, padding=0)

    def _dot(self) -> None:
        tokens = theme.current()
        shown = zip(self._lines, self._shown, strict=False)  # nothing, until it is drawn
        single = [(line.token, x[0], y[0]) for line, (x, y) in shown if len(x) == 1]
        self._dots.setData([{"pos": (x, y), "brush": QColor(getattr(tokens, token))} for token, x, y in single])

    def _dress(self) -> None:
        tokens, ratio = theme.current(), self.devicePixelRatioF()  # pyqtgraph's pens are as wide on every screen
        self.setBackground(QColor(tokens.surface))
        for axis in self._axes.values():
            axis.setPen(QColor(tokens.border))
            axis.setTextPen(QColor(tokens.muted))
            axis.setTickPen(QColor(tokens.border))
        font = theme.numbers_font()
        font.setPointSizeF(font.pointSizeF() * 0.9)
        for axis in self._axes.values():
            axis.setTickFont(font)
        self._label_axes()
        self._cursor.setPen(_pen(tokens.muted, ratio))
        for line, (spread, mean) in zip(self._lines, self._items, strict=False):
            colour = getattr(tokens, line.token)
            mean.setPen(_pen(colour, ratio * _WIDTH, dashed=line.dashed))
            spread.setPen(_pen(colour, 1.0, _FAINT))
            spread.setBrush(_shade(colour, _FAINT))
        self._gap.setPen(Qt.PenStyle.NoPen)
        self._gap.setBrush(_shade(tokens.warning, _FAINT))
        self._dot()

    def _label_axes(self) -> None:
        colour = theme.current().muted
        self._axes["bottom"].setLabel("step (generator updates)", color=colour)
        self._axes["left"].setLabel(self._axis, color=colour)

    # what the user does

    def _leave_whole(self, _: object = None) -> None:
        if self._whole:
            self._whole = False
            self.zoomed.emit(True)

    def _point(self, place: QPointF) -> None:
        inside = self._box.sceneBoundingRect().contains(place)
        self._cursor.setVisible(inside)
        if inside:
            x = self._box.mapSceneToView(place).x()
            self._cursor.setPos(x)
            self.reading.emit(x)
        else:
            self.reading.emit(None)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.DevicePixelRatioChange:
            self._dress()
        return bool(super().event(event))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.show_all()
        event.accept()

    def leaveEvent(self, event: object) -> None:
        self._cursor.hide()
        self.reading.emit(None)
        super().leaveEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if getattr(self, "_items", None):  # Qt resizes before __init__ is through
            self._draw()


class _Steps(pg.AxisItem):
    """1,200 rather than 1.2e+03."""

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        return [f"{value:,.0f}" if abs(value - round(value)) < spacing / 100 else "" for value in values]


class _Values(pg.AxisItem):
    """As wide as the widest number it has had to write: it grows, but does not dance while values come in."""

    def __init__(self, orientation: str) -> None:
        super().__init__(orientation)
        self.setStyle(autoExpandTextSpace=True, autoReduceTextSpace=False)
        self.forget()

    def forget(self) -> None:
        """Other values follow: begin with room for a short number."""
        self.textWidth = _NUMBER
        self.setWidth(None)


def _polygon(first: Curve, second: Curve) -> QPolygonF:
    """Along the first curve and back along the second."""
    x, y = (np.concatenate([a, b[::-1]]) for a, b in zip(first, second, strict=True))
    return pg.functions.arrayToQPolygonF(x, y)


def _between(first: Curve, second: Curve) -> QPolygonF:
    """The room between two curves, as far as both reach."""
    if not len(first[0]) or not len(second[0]):
        return QPolygonF()
    left, right = max(first[0][0], second[0][0]), min(first[0][-1], second[0][-1])
    inside = [(x >= left) & (x <= right) for x, _ in (first, second)]
    parts = [(x[mask], y[mask]) for (x, y), mask in zip((first, second), inside, strict=True)]
    return _polygon(*parts) if all(len(x) > 1 for x, _ in parts) else QPolygonF()


def _shade(colour: str, alpha: int) -> QColor:
    shade = QColor(colour)
    shade.setAlpha(alpha)
    return shade


def _pen(colour: str, width: float, alpha: int = 255, *, dashed: bool = False) -> QPen:
    style = Qt.PenStyle.DashLine if dashed else Qt.PenStyle.SolidLine
    return pg.mkPen(_shade(colour, alpha), width=width, style=style)
