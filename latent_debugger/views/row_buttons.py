"""The small buttons at a latent's row."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QWidget

from latent_debugger.views import theme
from latent_debugger.views.pixmaps import icon_pixmap

SIDE = 24
ICON = 16


class RowButton(QAbstractButton):
    """An icon that is solid when checked, else a faint outline that wakes up under the pointer.

    Signals:
        toggle_requested(dim): it was clicked. It does not check itself: whoever holds the marks does.

    Args:
        icons: unchecked and checked.
        verb: what it does to its dimension, for assistive technology.
    """

    toggle_requested = Signal(int)

    def __init__(
        self, dim: int, icons: tuple[str, str], verb: str, tooltip: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._icons, self._verb = icons, verb
        self.show_dimension(dim)
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setToolTip(tooltip)

    def show_dimension(self, dim: int) -> None:
        """From now on it is the button of this dimension."""
        self._dim = dim
        self.setAccessibleName(f"{self._verb} z {dim}")

    def nextCheckState(self) -> None:
        self.toggle_requested.emit(self._dim)

    def sizeHint(self) -> QSize:
        return QSize(SIDE, SIDE)

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = theme.current()
        awake = self.isChecked() or self.underMouse() or self.hasFocus()
        place = QRect(0, 0, ICON, ICON)
        place.moveCenter(self.rect().center())
        colour = tokens.muted if awake else tokens.faint
        painter = QPainter(self)
        painter.drawPixmap(place, icon_pixmap(self._icons[self.isChecked()], colour, ICON, self.devicePixelRatioF()))
        if self.hasFocus():
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QColor(tokens.accent))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1.5, 2.5, -1.5, -2.5), 4, 4)


class _PinButton(RowButton):
    """Unlike the locks, pins are few: one that is not set shows under the pointer only."""

    def paintEvent(self, event: QPaintEvent) -> None:
        row = self.parentWidget()
        if self.isChecked() or self.underMouse() or (row is not None and row.underMouse()):
            super().paintEvent(event)


def lock_button(dim: int, parent: QWidget) -> RowButton:
    """The padlock of a dimension."""
    tooltip = "Lock: random draws, zero and neighbours leave this value alone (L)"
    return RowButton(dim, ("unlock", "lock"), "Lock", tooltip, parent)


def pin_button(dim: int, parent: QWidget) -> RowButton:
    """The pin of a dimension. Tab passes it by, since the key P does the same."""
    tooltip = "Pin to the top; neighbours can vary the pinned dimensions only (P)"
    button = _PinButton(dim, ("pin", "pin-filled"), "Pin", tooltip, parent)
    button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    return button
