"""One dimension of the latent: its name, slider, number and lock, in 26 pixels.

A hundred to a thousand rows are built at once, so a row places its children itself, draws its name, and makes number
and lock only when it first comes into view.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QEnterEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QWidget

from latent_debugger.views import theme
from latent_debugger.views.latent_slider import LatentSlider
from latent_debugger.views.number_field import NumberField
from latent_debugger.views.pixmaps import icon_pixmap

HEIGHT = 26
_NAME, _NUMBER, _LOCK, _EDGE, _ICON = 52, 64, 24, 4, 16


class LockButton(QAbstractButton):
    """A padlock: shut when checked, else a faint open one that wakes up under the pointer.

    Signals:
        lock_toggled(dim): it was clicked. It does not check itself: whoever holds the locks does.
    """

    lock_toggled = Signal(int)

    def __init__(self, dim: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._dim = dim
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setAccessibleName(f"Lock z {dim}")
        self.setToolTip("Lock: random draws, zero and neighbours leave this value alone")

    def nextCheckState(self) -> None:
        self.lock_toggled.emit(self._dim)

    def sizeHint(self) -> QSize:
        return QSize(_LOCK, HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = theme.current()
        awake = self.isChecked() or self.underMouse() or self.hasFocus()
        place = QRect(0, 0, _ICON, _ICON)
        place.moveCenter(self.rect().center())
        name, colour = "lock" if self.isChecked() else "unlock", tokens.muted if awake else tokens.faint
        painter = QPainter(self)
        painter.drawPixmap(place, icon_pixmap(name, colour, _ICON, self.devicePixelRatioF()))
        if self.hasFocus():
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QColor(tokens.accent))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1.5, 2.5, -1.5, -2.5), 4, 4)


class LatentRow(QWidget):
    """Shows one value and its lock; holds neither.

    Signals:
        edited(dim, value, token): see :attr:`LatentSlider.edited`.
        lock_toggled(dim): the padlock was clicked.
        reset_requested(dim): slider or name were double-clicked.
    """

    edited = Signal(int, float, object)
    lock_toggled = Signal(int)
    reset_requested = Signal(int)

    def __init__(self, dim: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.dim = dim
        self.name = f"z {dim}"
        self.locked = False
        self.slider = LatentSlider(dim, self)
        self.slider.edited.connect(self.edited)
        self.slider.reset_requested.connect(self.reset_requested)
        self._value = 0.0
        self._limit = 0.0
        self._number: NumberField | None = None
        self._lock: LockButton | None = None

    @property
    def number(self) -> NumberField:
        """The editable number."""
        return self._number if self._number is not None else self.furnish()[0]

    @property
    def lock(self) -> LockButton:
        """The padlock."""
        return self._lock if self._lock is not None else self.furnish()[1]

    def furnish(self) -> tuple[NumberField, LockButton]:
        """Make number and lock, where they are not there yet."""
        if self._number is not None and self._lock is not None:
            return self._number, self._lock
        self._number, self._lock = number, lock = NumberField(self.dim, self), LockButton(self.dim, self)
        number.edited.connect(self.edited)
        lock.lock_toggled.connect(self.lock_toggled)
        QWidget.setTabOrder(self.slider, number)
        QWidget.setTabOrder(number, lock)
        self.sync(self._value, self._limit)
        self.set_locked(self.locked)
        self._place()
        number.show()
        lock.show()
        return number, lock

    def sync(self, value: float, limit: float) -> None:
        """Show ``value`` on a slider from -limit to +limit; emits nothing."""
        self._value, self._limit = value, limit
        self.slider.sync(value, limit)
        if self._number is not None:
            self._number.sync(value, limit / 100, abs(value) > limit)

    def set_locked(self, locked: bool) -> None:
        """Show the lock; what is locked cannot be edited by hand either."""
        self.locked = locked
        self.slider.setEnabled(not locked)
        if self._number is not None and self._lock is not None:
            self._number.setEnabled(not locked)
            self._lock.setChecked(locked)
        self.update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and event.position().x() < _NAME and not self.locked:
            self.reset_requested.emit(self.dim)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._place()

    def _place(self) -> None:
        lock = self.width() - _EDGE - _LOCK
        number = lock - _NUMBER
        self.slider.setGeometry(_NAME, 0, number - _NAME, HEIGHT)
        if self._number is not None and self._lock is not None:
            self._number.setGeometry(number, 2, _NUMBER, HEIGHT - 4)
            self._lock.setGeometry(lock, 0, _LOCK, HEIGHT)

    def enterEvent(self, event: QEnterEvent) -> None:
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = theme.current()
        painter = QPainter(self)
        if self.underMouse():
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(tokens.raised))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(2, 0, -2, 0), 4, 4)
        painter.setPen(QColor(tokens.faint if self.locked else tokens.muted))
        painter.drawText(
            QRect(0, 0, _NAME - 6, HEIGHT), Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, self.name
        )
