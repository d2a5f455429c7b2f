"""One picture in a square, with a caption below; a sentence where there is none yet."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from latent_debugger.views import icons, theme
from latent_debugger.views.pixmaps import rounded_tile

_CAPTION = 20
_CORNER = 4.0
_OPEN = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class PictureTile(QWidget):
    """Shows what it is given, as large as it goes.

    Signals:
        clicked(): a click.
        opened(): a double click, or Return.

    Args:
        name: what it is, for those who cannot see it.
        empty: what is written while there is no picture.
        icon: above that.
    """

    clicked = Signal()
    opened = Signal()

    def __init__(self, name: str, empty: str = "", icon: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self._name, self._empty, self._icon = name, empty, icon
        self._image = QImage()
        self._drawn: tuple[object, QPixmap] | None = None  # for which size and ground
        self._caption, self._live, self._drop_target = "", False, False
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(12 * theme.UNIT, 12 * theme.UNIT + _CAPTION)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        theme.themed.changed.connect(self.update)

    @property
    def image(self) -> QImage:
        """What is shown; null while there is nothing."""
        return self._image

    @property
    def caption(self) -> str:
        """What stands below."""
        return self._caption

    def set_image(self, image: QImage | None) -> None:
        """Show another picture, or none."""
        self._image, self._drawn = image if image is not None else QImage(), None
        self.update()

    def set_caption(self, text: str) -> None:
        """What stands below."""
        self._caption = text
        self.setAccessibleName(f"{self._name}: {text}" if text else self._name)
        self.update()

    def set_empty(self, text: str) -> None:
        """What is written while there is no picture."""
        self._empty = text
        self.update()

    def set_live(self, live: bool) -> None:
        """Whether it can be opened: then it takes the focus, and shows where the pointer is."""
        self._live = live
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus if live else Qt.FocusPolicy.NoFocus)
        if live:
            self.setCursor(Qt.CursorShape.PointingHandCursor)
        else:
            self.unsetCursor()
        self.update()

    def show_drop_target(self, on: bool) -> None:
        """Ring it while a file hovers over its panel."""
        self._drop_target = on
        self.update()

    def sizeHint(self) -> QSize:
        side = 26 * theme.UNIT
        return QSize(side, side + _CAPTION)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.setMaximumWidth(max(self.minimumWidth(), self.height() - _CAPTION))  # nothing beside the picture

    def square(self) -> QRect:
        """Where the picture lies."""
        side = max(0, min(self.width(), self.height() - _CAPTION))
        return QRect((self.width() - side) // 2, (self.height() - _CAPTION - side) // 2, side, side)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        place = self.square()
        if self._image.isNull():
            painter.setPen(QPen(theme.colour("border"), 1, Qt.PenStyle.DashLine))
            painter.setBrush(theme.colour("canvas"))
            painter.drawRoundedRect(QRectF(place).adjusted(0.5, 0.5, -0.5, -0.5), _CORNER, _CORNER)
            self._paint_empty(painter, place)
        else:
            painter.drawPixmap(place.topLeft(), self._pixmap(place.width()))
        if self._drop_target or (self._live and (self.hasFocus() or self.underMouse())):
            painter.setBrush(Qt.BrushStyle.NoBrush)
            strong = self._drop_target or self.hasFocus()
            painter.setPen(QPen(theme.colour("accent" if strong else "border"), 2))
            painter.drawRoundedRect(QRectF(place).adjusted(1, 1, -1, -1), _CORNER, _CORNER)
        painter.setPen(theme.colour("muted"))
        painter.setFont(theme.numbers_font(self.font()))
        below = QRect(0, place.bottom() + 1, self.width(), _CAPTION)
        words = painter.fontMetrics().elidedText(self._caption, Qt.TextElideMode.ElideRight, below.width())
        painter.drawText(below, Qt.AlignmentFlag.AlignCenter, words)

    def _pixmap(self, side: int) -> QPixmap:
        """The picture; kept here, for the finds of a search, never seen again, would fill the cache that all share."""
        how = side, self.devicePixelRatioF(), _CORNER, theme.current().canvas
        if self._drawn is None or self._drawn[0] != how:
            self._drawn = how, rounded_tile(self._image, *how)
        return self._drawn[1]

    def _paint_empty(self, painter: QPainter, place: QRect) -> None:
        side = 3 * theme.UNIT
        flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
        room = place.adjusted(theme.UNIT, theme.UNIT, -theme.UNIT, -theme.UNIT)
        words = painter.fontMetrics().boundingRect(room, flags, self._empty) if self._empty else QRect()
        height = words.height() + (side + theme.UNIT if self._icon else 0)
        top = place.center().y() - height // 2
        if self._icon:
            box = QRectF(place.center().x() - side / 2, top, side, side)
            icons.paint(painter, self._icon, theme.colour("faint"), box)
            top += side + theme.UNIT
        painter.setPen(theme.colour("muted"))
        painter.drawText(QRect(room.left(), top, room.width(), words.height() + 2), flags, self._empty)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self._live and event.button() == Qt.MouseButton.LeftButton:
            self.clicked.emit()
        else:
            super().mousePressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if self._live and event.button() == Qt.MouseButton.LeftButton:
            self.opened.emit()

    def event(self, event: QEvent) -> bool:
        returns = isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride and event.key() in _OPEN
        if returns and self._live:
            event.accept()  # or Return would go to the list of stars
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self._live and event.key() in _OPEN:
            self.opened.emit()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()
