"""A slider for one dimension of a latent.

Why not a plain QSlider: it holds integers in a range, a latent holds any float32. This one shows a value without
ever owning it. What lies beyond the range is drawn as overflow, what lies between two positions stays between them,
and only somebody's hand (or ``setValue``) makes it speak.
"""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
    QWheelEvent,
)
from PySide6.QtWidgets import QSlider, QStyle, QWidget

from latent_debugger.views import theme
from latent_debugger.views.burst import Burst

UNITS = 1000
"""Positions of the slider per 1.0 of the latent."""
_RADIUS = 6.0
_MARGIN = 10.0
"""From either end of the widget to the end of the groove: room for the handle and for the overflow mark."""
_THICKNESS = 24
_NOTCH = 120
"""What a wheel's click reports: eighths of a degree."""
_BY_KEYS = frozenset({Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason})
_ARROWS = {Qt.Key.Key_Left: -1, Qt.Key.Key_Down: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Up: 1}


class LatentSlider(QSlider):
    """Shows ``value`` of dimension ``dim`` between -limit and +limit, from left to right or from bottom to top.

    Signals:
        edited(dim, value, token): somebody moved it. All edits of one drag, or of one burst of keys or wheel, carry
            the same token; an edit by ``setValue`` alone carries None.
        reset_requested(dim): a double click.

    Attributes:
        by_keys: whether the keyboard brought the focus here; a press of the mouse is not a look at the dimension.
    """

    edited = Signal(int, float, object)
    reset_requested = Signal(int)

    def __init__(self, dim: int, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setAccessibleName(f"z {dim}")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self._dim = dim
        self.by_keys = False
        self._shown = 0.0
        self._limit = 0.0
        self._burst = Burst()
        self._token: object = None
        self._grip = 0.0
        self._wheel = 0
        self._drag: object = None
        self.valueChanged.connect(self._moved)
        self.sliderReleased.connect(self._end_drag)

    def sync(self, value: float, limit: float) -> None:
        """Show ``value`` on a scale from -limit to +limit; emits no :attr:`edited`."""
        self.blockSignals(True)  # not a flag, nor sliderChange(): Python would be called 512 times for nothing
        if limit != self._limit:
            self._limit = limit
            end = round(limit * UNITS)
            self.setRange(-end, end)
            self.setSingleStep(max(1, end // 100))
            self.setPageStep(max(1, end // 10))
        was = self.overflow
        self._shown = value
        self.setValue(round(max(-limit, min(limit, value)) * UNITS))
        if was != self.overflow:
            self.update()
        self.blockSignals(False)

    @property
    def overflow(self) -> int:
        """-1 or +1 where the value shown lies below or above the range, else 0."""
        return (self._shown > self._limit) - (self._shown < -self._limit)

    @Slot()
    def _moved(self) -> None:
        if not self.isEnabled():  # locked: setValue() does not ask
            self.sync(self._shown, self._limit)
            return
        if self.isSliderDown() and self._drag is None:
            self._drag = object()
        self._shown = self.value() / UNITS
        self.edited.emit(self._dim, self._shown, self._drag or self._token)

    @Slot()
    def _end_drag(self) -> None:
        self._drag = None

    # Mouse: the groove is a scale, so a click goes there; Qt's own sliders take a step towards it.

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            event.ignore()
            return
        self.by_keys = False
        x, handle = self._along(event.position()), self._x(self.sliderPosition())
        on_handle = abs(x - handle) <= _RADIUS + 1
        self._grip = x - handle if on_handle else 0.0
        self.setSliderDown(True)
        if not on_handle:
            self.setSliderPosition(self._position(x))
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self.isSliderDown():
            self.setSliderPosition(self._position(self._along(event.position()) - self._grip))
            event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.isSliderDown():
            self.setSliderDown(False)
            event.accept()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.reset_requested.emit(self._dim)
            event.accept()

    # Wheel and keys

    def focusInEvent(self, event: QFocusEvent) -> None:
        self.by_keys = event.reason() in _BY_KEYS
        super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.by_keys = False
        super().focusOutEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if not self.hasFocus():  # the list scrolls instead
            event.ignore()
            return
        self._wheel += event.angleDelta().y() or event.angleDelta().x()
        notches, self._wheel = int(self._wheel / _NOTCH), self._wheel - int(self._wheel / _NOTCH) * _NOTCH
        large = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        self._step(notches * (self.pageStep() if large else self.singleStep()))
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        direction = _ARROWS.get(Qt.Key(event.key()))
        if direction is not None and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            event.ignore()  # the list goes to another dimension
            return
        if direction is not None and event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self._step(direction * self.pageStep())
            return
        self._token = self._burst.token()
        super().keyPressEvent(event)
        self._token = None

    def _step(self, positions: int) -> None:
        if positions:
            self._token = self._burst.token()
            self.setValue(self.value() + positions)
            self._token = None

    # Looks

    def sizeHint(self) -> QSize:
        size = QSize(120, _THICKNESS)
        return size.transposed() if self._upright else size

    def minimumSizeHint(self) -> QSize:
        size = QSize(60, 20)
        return size.transposed() if self._upright else size

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens, y = theme.current(), (self.width() if self._upright else self.height()) / 2
        zero, x, beyond = self._x(0), self._x(self.sliderPosition()), self.overflow
        colour = QColor(tokens.faint if not self.isEnabled() else tokens.warning if beyond else tokens.accent)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._upright:  # the same drawing, turned to the left
            painter.translate(0, self.height())
            painter.rotate(-90)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(tokens.pressed))
        painter.drawRoundedRect(QRectF(_MARGIN, y - 1.5, self._length - 2 * _MARGIN, 3), 1.5, 1.5)
        painter.setBrush(QColor(tokens.faint))
        painter.drawRect(QRectF(round(zero), y - 4, 1, 8))
        painter.setBrush(colour)
        painter.drawRect(QRectF(min(zero, x), y - 1.5, abs(x - zero), 3))
        if beyond:
            _paint_chevron(painter, x, y, beyond, colour)
        else:
            self._paint_handle(painter, QPointF(x, y), colour)

    def _paint_handle(self, painter: QPainter, centre: QPointF, colour: QColor) -> None:
        tokens, radius = theme.current(), _RADIUS - 1
        if not self.isEnabled():
            radius = 3.0
        elif self.isSliderDown():
            colour, radius = QColor(tokens.accent_hover), _RADIUS
        elif self.underMouse():
            colour = QColor(tokens.accent_hover)
        ring = QColor(tokens.text if self.hasFocus() else tokens.surface)
        painter.setPen(QPen(ring, 1.5 if self.hasFocus() else 2))
        painter.setBrush(colour)
        painter.drawEllipse(centre, radius, radius)

    # Geometry

    @property
    def _upright(self) -> bool:
        return self.orientation() == Qt.Orientation.Vertical

    @property
    def _length(self) -> int:
        return self.height() if self._upright else self.width()

    def _along(self, place: QPointF) -> float:
        """How far from the low end."""
        return self.height() - place.y() if self._upright else place.x()

    def _x(self, position: int) -> float:
        span = max(1, self.maximum() - self.minimum())
        return _MARGIN + (position - self.minimum()) / span * (self._length - 2 * _MARGIN)

    def _position(self, x: float) -> int:
        span = round(self._length - 2 * _MARGIN)
        return QStyle.sliderValueFromPosition(self.minimum(), self.maximum(), round(x - _MARGIN), span)


def _paint_chevron(painter: QPainter, x: float, y: float, side: int, colour: QColor) -> None:
    """Two arrow heads at the end of the groove: the value lies further out."""
    painter.setPen(QPen(colour, 2, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for offset in (-1.0, 4.0):
        tip = x + side * (offset + 3)
        base = tip - side * 4
        painter.drawPolyline(QPolygonF([QPointF(base, y - 4.5), QPointF(tip, y), QPointF(base, y + 4.5)]))
