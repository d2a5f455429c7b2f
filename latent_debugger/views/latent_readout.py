"""The line below the faders: what rows have at hand, faders are too narrow for."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from latent_debugger.views import theme
from latent_debugger.views.number_field import NumberField
from latent_debugger.views.row_buttons import RowButton


class LatentReadout(QWidget):
    """Name, number, lock and pin of one dimension: the one under the pointer, else the one last touched.

    Signals:
        edited(dim, value, token): see :attr:`NumberField.edited`.
        lock_toggled(dim), pin_toggled(dim): the button was clicked.
    """

    edited = Signal(int, float, object)
    lock_toggled = Signal(int)
    pin_toggled = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("latent.readout")
        self.setAccessibleName("Value of the fader")
        self.name, self.number = QLabel(), NumberField(0)
        self.name.setFont(theme.numbers_font(self.name.font()))
        self.number.setFont(self.name.font())
        self.lock = RowButton(0, ("unlock", "lock"), "Lock", "Lock, or unlock (L)")
        self.pin = RowButton(0, ("pin", "pin-filled"), "Pin", "Pin to the left, or unpin (P)")
        line = QHBoxLayout(self)
        line.setContentsMargins(theme.UNIT, theme.UNIT, theme.UNIT, 0)
        line.setSpacing(theme.UNIT)
        line.addWidget(self.name, 1)
        line.addWidget(self.number)
        line.addWidget(self.lock)
        line.addWidget(self.pin)
        self.number.setFixedWidth(96)
        self.dim = 0
        self.number.edited.connect(self.edited)
        self.lock.toggle_requested.connect(self.lock_toggled)
        self.pin.toggle_requested.connect(self.pin_toggled)

    @property
    def busy(self) -> bool:
        """Whether a number is being typed here."""
        return self.number.hasFocus()

    def show_dimension(self, dim: int, value: float, limit: float, locked: bool, pinned: bool) -> None:
        """Show another dimension, or the same one anew; emits nothing."""
        self.dim = dim
        self.name.setText(f"z {dim}")
        self.number.show_dimension(dim)
        self.number.sync(value, limit / 100, abs(value) > limit)
        self.number.setEnabled(not locked)
        for button, checked in ((self.lock, locked), (self.pin, pinned)):
            button.show_dimension(dim)
            button.setChecked(checked)
            button.update()
