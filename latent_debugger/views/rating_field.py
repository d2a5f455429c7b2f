"""Five stars to click on."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from latent_debugger.state.star_edit import MAX_RATING
from latent_debugger.views import theme
from latent_debugger.views.pixmaps import icon_pixmap

_STAR, _STEP = 16, 18


class RatingField(QWidget):
    """Shows 0 to 5 stars, or that several differ, and asks for another number; it changes only by :meth:`set_rating`.

    A click on the last star that is lit takes all away. Keys: 0 to 5, left and right.
    """

    chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rating: int | None = 0
        self._pointed = 0
        self.setAccessibleName("Rating")
        self.setToolTip("Rate with a click, or with 0 to 5 on the keyboard")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def rating(self) -> int | None:
        """0 to 5; None where several stars differ."""
        return self._rating

    def set_rating(self, rating: int | None) -> None:
        """Show 0 to 5 stars; None for several that differ."""
        self._rating = rating
        self.setAccessibleDescription("mixed" if rating is None else f"{rating} of {MAX_RATING} stars")
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(MAX_RATING * _STEP + 6, 26)

    def star_at(self, position: QPoint) -> int:
        """Which star lies there, 1 to 5; 0 for none."""
        number = (position.x() - 4) // _STEP + 1
        return number if self.rect().contains(position) and 1 <= number <= MAX_RATING else 0

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._point_at(self.star_at(event.position().toPoint()))

    def leaveEvent(self, event: QEvent) -> None:
        self._point_at(0)

    def _point_at(self, star: int) -> None:
        if star != self._pointed:
            self._pointed = star
            self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        star = self.star_at(event.position().toPoint())
        if star and event.button() == Qt.MouseButton.LeftButton:
            self.chosen.emit(0 if star == self._rating else star)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        now, key = self._rating or 0, event.key()
        if Qt.Key.Key_0 <= key <= Qt.Key.Key_5:
            self.chosen.emit(key - Qt.Key.Key_0)
        elif key == Qt.Key.Key_Right and now < MAX_RATING:
            self.chosen.emit(now + 1)
        elif key == Qt.Key.Key_Left and now > 0:
            self.chosen.emit(now - 1)
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        tokens, ratio = theme.current(), self.devicePixelRatioF()
        lit = self._pointed or self._rating or 0
        for number in range(1, MAX_RATING + 1):
            on = number <= lit and self.isEnabled()
            colour = tokens.accent if on else tokens.faint
            star = icon_pixmap("star-filled" if on else "star", colour, _STAR, ratio)
            painter.setOpacity(0.5 if self._rating is None and not on else 1.0)
            painter.drawPixmap(4 + (number - 1) * _STEP, (self.height() - _STAR) // 2, star)
        painter.setOpacity(1.0)
        if self.hasFocus():
            painter.setPen(QPen(theme.colour("accent"), 1))
            painter.drawRoundedRect(self.rect().adjusted(0, 0, -1, -1), 4, 4)
