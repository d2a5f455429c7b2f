"""One direction as a row: kept or not, its name, slider, number, lock, and how much it is to be trusted."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import QEvent, QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QToolTip, QWidget

from gan.latent.directions import Direction
from latent_debugger.state.directions import KnownDirection
from latent_debugger.views import theme
from latent_debugger.views.latent_slider import LatentSlider
from latent_debugger.views.number_field import NumberField, exact
from latent_debugger.views.pixmaps import icon_pixmap
from latent_debugger.views.row_buttons import SIDE, RowButton

HEIGHT = 28
_NAME, _NUMBER, _EDGE = 0.3, 64, 4
_SHARE, _SHORT, _SIGN = 92, 56, 20
"""Room for how far to trust it: in words, as a figure, only a sign of doubt."""
_ICON = 12
_KEEP_HELP = "Keep: the next search of the same kind leaves it in the list"
_LOCK_HELP = "Lock: random draws, zero, neighbours and other directions leave its place alone (L)"


def trust(direction: Direction) -> str:
    """How much of the change it explains, or how often it is right; empty where nobody knows."""
    if direction.share is not None:
        return f"{direction.share:.0%}" if direction.share >= 0.01 else "< 1%"
    return f"{direction.accuracy:.0%} right" if direction.accuracy is not None else ""


class _Number(NumberField):
    """Says the name of its direction where that of a latent says its dimension."""

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            QToolTip.showText(event.globalPos(), f"{exact(self._value)} standard deviations", self)
            return True
        return super().event(event)


class DirectionRow(QWidget):
    """Shows one direction and its place; holds neither.

    Signals:
        edited(row, place, token): see :attr:`LatentSlider.edited`.
        reset_requested(row): the slider was double-clicked.
        lock_toggled(row), keep_toggled(row): the button was clicked.
        chosen(row): it was clicked.
        menu_requested(row, position): a context menu is wanted there on the screen.
        key_pressed(row, key, modifiers): one that slider and number have no use for.
    """

    edited = Signal(int, float, object)
    reset_requested = Signal(int)
    lock_toggled = Signal(int)
    keep_toggled = Signal(int)
    chosen = Signal(int)
    menu_requested = Signal(int, QPoint)
    key_pressed = Signal(int, object, object)

    def __init__(self, row: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.row = row
        self.slider = LatentSlider(row, self)
        self.number = _Number(row, self)
        self.number.setFont(theme.numbers_font(self.number.font()))
        self.lock = RowButton(row, ("unlock", "lock"), "Lock", _LOCK_HELP, self)
        self.keep = RowButton(row, ("star", "star-filled"), "Keep", _KEEP_HELP, self)
        self.setFont(theme.numbers_font(self.font()))
        self._name = self._trust = ""
        self._warned = self._current = False
        self._late: tuple[float, float] | None = None
        self.slider.edited.connect(self.edited)
        self.number.edited.connect(self.edited)
        self.slider.reset_requested.connect(self.reset_requested)
        self.lock.toggle_requested.connect(self.lock_toggled)
        self.keep.toggle_requested.connect(self.keep_toggled)

    def show_direction(self, item: KnownDirection) -> None:
        """Show name, lock and the rest; the place comes by :meth:`sync`."""
        direction = item.direction
        self._name, self._trust, self._warned = direction.name, trust(direction), bool(direction.warning)
        self.setAccessibleName(f"Row of {direction.name}")
        self.slider.setAccessibleName(direction.name)
        self.slider.setAccessibleDescription("Place along the direction in standard deviations")
        self.number.setAccessibleName(f"Place along {direction.name}")
        self.lock.setAccessibleName(f"Lock {direction.name}")
        self.keep.setAccessibleName(f"Keep {direction.name}")
        told = [escape(text) for text in (direction.name, self._trust, direction.warning) if text]
        self.setToolTip(f"<qt>{'<br>'.join(told)}</qt>")  # a name from a file may look like HTML
        if item.locked and self.slider.hasFocus():
            self.lock.setFocus()  # or Qt would pass it on to anywhere
        self.slider.setEnabled(not item.locked)
        self.number.setEnabled(not item.locked)
        self.lock.setChecked(item.locked)
        self.keep.setChecked(item.kept)
        self.update()

    def sync(self, place: float, limit: float, whole: bool = True) -> None:
        """Show ``place`` on a slider from -limit to +limit; emits nothing.

        Args:
            whole: False leaves the number, which takes much longer than the slider, to :meth:`catch_up`.
        """
        self.slider.sync(place, limit)
        self._late = (place, limit)
        if whole:
            self.catch_up()

    def catch_up(self) -> None:
        """Show in the number what the slider shows already."""
        if self._late is not None:
            place, limit = self._late
            self._late = None
            self.number.sync(place, limit / 100, abs(place) > limit)

    def set_current(self, current: bool) -> None:
        """Whether its details are on show."""
        if current != self._current:
            self._current = current
            self.update()

    # Qt

    def sizeHint(self) -> QSize:
        return QSize(360, HEIGHT)

    def minimumSizeHint(self) -> QSize:
        return QSize(220, HEIGHT)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        width, middle = self.width(), (HEIGHT - SIDE) // 2
        left = _EDGE + SIDE + self._name_width + theme.UNIT // 2
        right = width - _EDGE - self._share_width
        self.keep.setGeometry(_EDGE, middle, SIDE, SIDE)
        self.lock.setGeometry(right - SIDE, middle, SIDE, SIDE)
        self.number.setGeometry(right - SIDE - _NUMBER, 0, _NUMBER, HEIGHT)
        self.slider.setGeometry(left, middle, right - SIDE - _NUMBER - left, SIDE)

    @property
    def _name_width(self) -> int:
        return max(64, round((self.width() - SIDE - self._share_width) * _NAME))

    @property
    def _share_width(self) -> int:
        return _SHARE if self.width() >= 480 else _SHORT if self.width() >= 340 else _SIGN

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens, painter = theme.current(), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._current or self.underMouse():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(tokens.selection if self._current else tokens.raised))
            painter.drawRoundedRect(QRectF(self.rect()), 4, 4)
        painter.setPen(QColor(tokens.text))
        name = QRectF(_EDGE + SIDE, 0, self._name_width, HEIGHT)
        shown = self.fontMetrics().elidedText(self._name, Qt.TextElideMode.ElideRight, round(name.width()))
        painter.drawText(name, Qt.AlignmentFlag.AlignVCenter, shown)
        self._paint_trust(painter, tokens)

    def _paint_trust(self, painter: QPainter, tokens: theme.Tokens) -> None:
        """The figure, as far as there is room for it, behind a sign where it is a doubtful one."""
        room = self._share_width
        text = self._trust if room == _SHARE else self._trust.removesuffix(" right") if room > _SIGN else ""
        share = QRectF(self.width() - _EDGE - room, 0, room - theme.UNIT / 2, HEIGHT)
        painter.setPen(QColor(tokens.warning if self._warned else tokens.muted))
        painter.drawText(share, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, text)
        if self._warned:
            wide = self.fontMetrics().horizontalAdvance(text) + 4 if text else 0
            icon = icon_pixmap("warning", tokens.warning, _ICON, self.devicePixelRatioF())
            painter.drawPixmap(round(share.right()) - wide - _ICON, (HEIGHT - _ICON) // 2, icon)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.chosen.emit(self.row)
        self.slider.setFocus() if self.slider.isEnabled() else self.lock.setFocus()
        event.accept()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.key_pressed.emit(self.row, Qt.Key.Key_F2, event.modifiers())  # on the name, as F2 does

    def keyPressEvent(self, event: QKeyEvent) -> None:
        self.key_pressed.emit(self.row, Qt.Key(event.key()), event.modifiers())

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self.chosen.emit(self.row)
        self.menu_requested.emit(self.row, event.globalPos())

    def enterEvent(self, event: QEvent) -> None:  # type: ignore[override]
        self.update()
        super().enterEvent(event)  # type: ignore[arg-type]

    def leaveEvent(self, event: QEvent) -> None:
        self.update()
        super().leaveEvent(event)
