"""Pictures along a direction, from one end of its slider to the other; a click goes there."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from latent_debugger.views import theme
from latent_debugger.views.pixmaps import tile_pixmap

COUNT = 7
_GAP, _CAPTION, _MARKER = 4, 16, 10
_SIDES, _SMALLEST = (128, 96, 64), 24
"""Of a picture where there is room: those of the usual image sizes are drawn pixel by pixel then."""


class DirectionStrip(QWidget):
    """Shows what it is given.

    Signals:
        chosen(index): the picture that was clicked, or Return on it.
    """

    chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("direction.strip")
        self.setAccessibleName("Pictures along the direction")
        self.setToolTip("The picture at places along the direction; a click goes there (← → and Return)")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setMouseTracking(True)
        self.setFont(theme.numbers_font(self.font()))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._places: tuple[float, ...] = ()
        self._pictures: list[QImage] = []
        self._place: float | None = None
        self._pointed, self._focused = -1, COUNT // 2

    @property
    def places(self) -> tuple[float, ...]:
        """Where the pictures stand along the direction."""
        return self._places

    def pictures(self) -> list[QImage]:
        """Those shown; null where one has not come yet."""
        return list(self._pictures)

    def set_places(self, places: Sequence[float]) -> None:
        """Other places; the old pictures stay until the new ones come, unless there are none to come."""
        if len(places) != len(self._places):
            self._pictures = [QImage() for _ in places]
        self._places = tuple(places)
        self._focused = min(self._focused, max(0, len(places) - 1))
        self.setVisible(bool(places))
        self.update()

    def set_picture(self, index: int, picture: QImage) -> None:
        """One of the pictures; one of no place is passed over."""
        if 0 <= index < len(self._pictures):
            self._pictures[index] = picture
            self.update()

    def clear_pictures(self) -> None:
        """They are of another direction, and may not stand in for what is to come."""
        self._pictures = [QImage() for _ in self._places]
        self.update()

    def set_place(self, place: float | None) -> None:
        """Where the latent stands."""
        if place != self._place:
            self._place = place
            self.update(0, self._side(self.width()), self.width(), _MARKER)

    # geometry

    def _side(self, width: int) -> int:
        room = (width - (COUNT - 1) * _GAP) // COUNT
        return next((side for side in _SIDES if side <= room), max(_SMALLEST, room))

    def _cell(self, index: int) -> QRect:
        side = self._side(self.width())
        return QRect(index * (side + _GAP), 0, side, side)

    def _index_at(self, position: QPointF) -> int:
        point = position.toPoint()
        return next((k for k in range(len(self._places)) if self._cell(k).contains(point)), -1)

    def sizeHint(self) -> QSize:
        return QSize(COUNT * 68, self._side(COUNT * 68) + _MARKER + _CAPTION)

    def minimumSizeHint(self) -> QSize:
        return QSize(COUNT * (_SMALLEST + _GAP) - _GAP, self.minimumHeight())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.setFixedHeight(self._side(self.width()) + _MARKER + _CAPTION)  # layouts ask a Fixed policy for no more

    # what the user does

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        pointed = self._index_at(event.position())
        if pointed != self._pointed:
            self._pointed = pointed
            self.setCursor(Qt.CursorShape.PointingHandCursor if pointed >= 0 else Qt.CursorShape.ArrowCursor)
            self.update()

    def leaveEvent(self, event: object) -> None:
        self._pointed = -1
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        index = self._index_at(event.position())
        if event.button() == Qt.MouseButton.LeftButton and index >= 0:
            self._focused = index
            self.chosen.emit(index)
            event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        if step is not None:
            self._focused = max(0, min(len(self._places) - 1, self._focused + step))
            self.update()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and self._places:
            self.chosen.emit(self._focused)
        else:
            super().keyPressEvent(event)

    # looks

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens, painter, ratio = theme.current(), QPainter(self), self.devicePixelRatioF()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        side = self._side(self.width())
        for index, (place, picture) in enumerate(zip(self._places, self._pictures, strict=True)):
            cell = self._cell(index)
            if picture.isNull():
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(QColor(tokens.raised))
                painter.drawRoundedRect(QRectF(cell), 4, 4)
            else:
                painter.drawPixmap(cell.topLeft(), tile_pixmap(picture, side, ratio, 4, tokens.raised))
            if index == self._pointed or (self.hasFocus() and index == self._focused):
                painter.setPen(QPen(QColor(tokens.accent), 2))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRoundedRect(QRectF(cell).adjusted(1, 1, -1, -1), 4, 4)
            painter.setPen(QColor(tokens.muted))
            line = QRect(cell.left() - _GAP, side + _MARKER, side + 2 * _GAP, _CAPTION)
            painter.drawText(line, Qt.AlignmentFlag.AlignCenter, _told(place))
        if self._place is not None and len(self._places) > 1:
            self._paint_marker(painter, side, QColor(tokens.accent))

    def _paint_marker(self, painter: QPainter, side: int, colour: QColor) -> None:
        """A small arrow at the place where the latent stands, at an end where that lies further out."""
        low, high = self._places[0], self._places[-1]
        share = min(1.0, max(0.0, ((self._place or 0.0) - low) / (high - low)))
        x, y = side / 2 + share * (len(self._places) - 1) * (side + _GAP), side + 2
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawPolygon(QPolygonF([QPointF(x, y), QPointF(x - 4, y + 6), QPointF(x + 4, y + 6)]))


def _told(place: float) -> str:
    text = f"{place:+.1f}".removesuffix(".0").replace("-", "\N{MINUS SIGN}")
    return "0" if text in ("+0", "\N{MINUS SIGN}0") else text
