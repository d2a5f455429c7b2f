"""One dimension of the latent, as a row of 26 pixels (pin, name, slider, number and lock) or as an upright fader.

A hundred to a thousand rows are built at once, so a row places its children itself, draws its name, and makes number,
lock and pin only when it comes into view and things are at rest; until then it paints what they would show.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QEnterEvent,
    QFontInfo,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QWidget

from latent_debugger.views import theme
from latent_debugger.views.latent_meters import Meters
from latent_debugger.views.latent_slider import LatentSlider
from latent_debugger.views.number_field import NumberField, rounded
from latent_debugger.views.pixmaps import icon_pixmap
from latent_debugger.views.row_buttons import ICON, SIDE, RowButton, lock_button, pin_button

HEIGHT, WIDTH = 26, 24
"""Of a row; of a fader."""
_NAME, _NUMBER, _EDGE = 64, 64, 4
_NUMBER_MARGIN = 10
"""From the number to the right end of its field."""
_METER = (10.0, 0.0, -10.0, -3.0), (2.0, 10.0, 0.0, -10.0)
"""Where the bar of the sensitivity lies within the slider: of a row, of a fader."""
_HEAD, _FOOT = 16, 18
"""Above a fader, for the lock; below, for the number of its dimension."""


class RowSignals(QObject):
    """What rows say. All rows of a list share one: to connect each of them takes longer than to make it.

    Signals:
        edited(dim, value, token): see :attr:`LatentSlider.edited`.
        lock_toggled(dim), pin_toggled(dim): the button was clicked.
        reset_requested(dim): slider or name were double-clicked.
        menu_requested(dim, position): a context menu is wanted there on the screen.
        pointed(dim): the pointer came in; -1 when it leaves.
    """

    edited = Signal(int, float, object)
    lock_toggled = Signal(int)
    pin_toggled = Signal(int)
    reset_requested = Signal(int)
    menu_requested = Signal(int, QPoint)
    pointed = Signal(int)


class LatentRow(QWidget):
    """Shows one value and its marks; holds none of them.

    Args:
        said: where it says what the user wants.
        meters: what is known of all dimensions' sensitivities.
    """

    def __init__(self, dim: int, said: RowSignals, meters: Meters, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.dim = dim
        self._said, self._meters = said, meters
        self.name = f"z {dim}"
        self.setAccessibleName(f"Row of z {dim}")
        self.locked = self.pinned = self.hidden = False
        self.slider = LatentSlider(dim, self)
        self.slider.edited.connect(said.edited)
        self.slider.reset_requested.connect(said.reset_requested)
        self._value = 0.0
        self._limit = 0.0
        self._upright = self._late = False
        self._furniture: tuple[NumberField, RowButton, RowButton] | None = None

    @property
    def number(self) -> NumberField:
        """The editable number."""
        return self.furnish()[0]

    @property
    def lock(self) -> RowButton:
        """The padlock."""
        return self.furnish()[1]

    @property
    def pin(self) -> RowButton:
        """The pin."""
        return self.furnish()[2]

    def furnish(self) -> tuple[NumberField, RowButton, RowButton]:
        """Make number, lock and pin, where they are not there yet."""
        if self._furniture is not None:
            self.catch_up()
            return self._furniture
        number, lock, pin = NumberField(self.dim, self), lock_button(self.dim, self), pin_button(self.dim, self)
        self._furniture = number, lock, pin
        number.edited.connect(self._said.edited)
        lock.toggle_requested.connect(self._said.lock_toggled)
        pin.toggle_requested.connect(self._said.pin_toggled)
        QWidget.setTabOrder(self.slider, number)
        QWidget.setTabOrder(number, lock)
        self.sync(self._value, self._limit)
        self._show_marks()
        self._place()
        for widget in self._furniture:
            widget.setVisible(not self._upright)
        return self._furniture

    def on_name(self, place: QPoint) -> bool:
        """Whether a point of the row lies on the dimension's name or number."""
        return place.y() > self.height() - _FOOT if self._upright else place.x() < _NAME

    def tab_stops(self) -> tuple[QWidget, ...]:
        """Its children that Tab visits, in order."""
        return (self.slider, *self._furniture[:2]) if self._furniture is not None else (self.slider,)

    def sync(self, value: float, limit: float, whole: bool = True) -> None:
        """Show ``value`` on a slider from -limit to +limit; emits nothing.

        Args:
            whole: False leaves the number, which takes five times as long as the slider, to :meth:`catch_up`.
        """
        self._value, self._limit, self._late = value, limit, True
        self.slider.sync(value, limit)
        if whole:
            self.catch_up()

    def catch_up(self) -> None:
        """Show in the number what the slider shows already."""
        if not self._late:
            return
        self._late = False
        if self._furniture is None:
            self.update()
        else:
            self._furniture[0].sync(self._value, self._limit / 100, abs(self._value) > self._limit)

    def set_locked(self, locked: bool) -> None:
        """Show the lock; what is locked cannot be edited by hand either."""
        self.locked = locked
        self._hold_focus()
        self.slider.setEnabled(not locked)
        self._show_marks()

    def set_marks(self, pinned: bool, hidden: bool) -> None:
        """Show whether it is pinned, or among the hidden ones."""
        self.pinned, self.hidden = pinned, hidden
        self._show_marks()

    def set_upright(self, upright: bool) -> None:
        """Be a fader, or a row."""
        self._upright = upright
        self._hold_focus()
        self.slider.setOrientation(Qt.Orientation.Vertical if upright else Qt.Orientation.Horizontal)
        for widget in self._furniture or ():
            widget.setVisible(not upright)
        self._place()
        self.update()

    def take_focus(self) -> None:
        """Give the focus to what stands for the dimension: its slider, or what is left of it while that is locked."""
        held = self.slider if not self.locked else self if self._upright else self.lock
        held.setFocus(Qt.FocusReason.TabFocusReason)

    def _hold_focus(self) -> None:
        """A locked fader has nothing that Tab could visit but itself; focus stays with the dimension."""
        alone = self._upright and self.locked
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus if alone else Qt.FocusPolicy.NoFocus)
        if alone and self.slider.hasFocus():
            self.setFocus()
        elif not alone and self.hasFocus():
            self.slider.setEnabled(True)
            self.slider.setFocus()

    def _show_marks(self) -> None:
        if self._furniture is not None:
            number, lock, pin = self._furniture
            number.setEnabled(not self.locked)
            lock.setChecked(self.locked)
            pin.setChecked(self.pinned)
        self.update()

    def _place(self) -> None:
        if self._upright:
            self.slider.setGeometry(0, _HEAD, self.width(), self.height() - _HEAD - _FOOT)
            return
        lock = self.width() - _EDGE - SIDE
        number = lock - _NUMBER
        self.slider.setGeometry(_NAME, 0, number - _NAME, HEIGHT)
        if self._furniture is not None:
            for widget, place in zip(
                self._furniture,
                (QRect(number, 2, _NUMBER, HEIGHT - 4), QRect(lock, 0, SIDE, HEIGHT), QRect(2, 0, SIDE - 4, HEIGHT)),
                strict=True,
            ):
                widget.setGeometry(place)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        on_name = self.on_name(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and on_name and not self.locked:
            self._said.reset_requested.emit(self.dim)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self._said.menu_requested.emit(self.dim, event.globalPos())

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._place()

    def enterEvent(self, event: QEnterEvent) -> None:
        if not self._upright:
            self.furnish()
        self.update()
        self._said.pointed.emit(self.dim)

    def leaveEvent(self, event: QEvent) -> None:
        self.update()
        self._said.pointed.emit(-1)

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = theme.current()
        painter = QPainter(self)
        if self.underMouse() or self.hasFocus():
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QColor(tokens.accent) if self.hasFocus() else Qt.PenStyle.NoPen)
            painter.setBrush(QColor(tokens.raised))
            inset = (0.5, 2, -0.5, -2) if self._upright else (2, 0, -2, 0)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(*inset), 4, 4)
        dead = self._meters.is_dead(self.dim)
        if self._meters.shares:
            self._meters.paint(painter, self.dim, QRectF(self.slider.geometry()).adjusted(*_METER[self._upright]))
        painter.setPen(QColor(tokens.faint if self.locked or self.hidden or dead else tokens.muted))
        if dead:
            font = painter.font()
            font.setStrikeOut(True)
            painter.setFont(font)
        if not self._upright:
            place = QRect(0, 0, _NAME - 6, HEIGHT)
            painter.drawText(place, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, self.name)
            if dead:
                painter.setFont(self.font())
            if self._furniture is None:
                self._paint_furniture(painter)
            return
        font = painter.font()
        font.setPointSizeF(QFontInfo(font).pointSizeF() * 0.8)
        painter.setFont(font)
        foot = QRect(0, self.height() - _FOOT, self.width(), _FOOT)
        painter.drawText(foot, Qt.AlignmentFlag.AlignCenter, str(self.dim))
        if self.locked:
            side = _HEAD - 4
            icon = icon_pixmap("lock", tokens.muted, side, self.devicePixelRatioF())
            painter.drawPixmap((self.width() - side) // 2, 4, icon)

    def _paint_furniture(self, painter: QPainter) -> None:
        tokens, lock = theme.current(), self.width() - _EDGE - SIDE
        beyond = abs(self._value) > self._limit
        painter.setPen(QColor(tokens.muted if self.locked else tokens.warning if beyond else tokens.text))
        place = QRect(lock - _NUMBER, 0, _NUMBER - _NUMBER_MARGIN, HEIGHT)
        painter.drawText(place, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, rounded(self._value))
        for name, x, on in (("lock", lock, self.locked), ("pin-filled", 0, self.pinned)):
            if on or name == "lock":
                shape, colour = (name, tokens.muted) if on else ("unlock", tokens.faint)
                icon = icon_pixmap(shape, colour, ICON, self.devicePixelRatioF())
                painter.drawPixmap(x + (SIDE - ICON) // 2, (HEIGHT - ICON) // 2, icon)
