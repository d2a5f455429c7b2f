"""The field for a seed: Return draws the latent that belongs to it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Signal
from PySide6.QtGui import QValidator
from PySide6.QtWidgets import QLineEdit, QWidget

from gan.latent.draws import MAX_SEED
from latent_debugger.views import theme
from latent_debugger.views.number_field import takes_return


class SeedValidator(QValidator):
    """Lets 0 ... 2**32 - 1 be typed and nothing else; QIntValidator ends at 2**31."""

    def validate(self, text: str, position: int) -> tuple[QValidator.State, str, int]:
        digits = text.strip()
        if not digits:
            return QValidator.State.Intermediate, digits, min(position, len(digits))
        fits = digits.isascii() and digits.isdigit() and int(digits) <= MAX_SEED
        return (QValidator.State.Acceptable if fits else QValidator.State.Invalid), digits, min(position, len(digits))


class SeedField(QLineEdit):
    """Holds the seed of the latest draw; fades once the latent is no longer that seed's.

    Signals:
        submitted(int as object): Return was pressed on a seed.
    """

    submitted = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setValidator(SeedValidator(self))
        self.setAccessibleName("Seed")
        self.setToolTip("Type a seed and press Return: the same seed always draws the same latent (Ctrl+G)")
        self._current = True
        self.returnPressed.connect(self._submit)
        theme.themed.changed.connect(self._restyle)

    def set_seed(self, seed: int | None) -> None:
        """Show the seed of the latest draw; None for none. Emits nothing."""
        self.setText("" if seed is None else str(seed))
        self.setCursorPosition(0)  # where the field is narrow, the first digits show

    def seed(self) -> int | None:
        """The seed shown."""
        return int(self.text()) if self.hasAcceptableInput() else None

    def set_current(self, current: bool) -> None:
        """Whether the latent is still the one of the seed shown."""
        if current != self._current:
            self._current = current
            self._restyle()

    def _restyle(self) -> None:
        tokens = theme.current()
        self.setStyleSheet(f"SeedField {{ color: {tokens.text if self._current else tokens.muted}; }}")

    def _submit(self) -> None:
        if self.hasAcceptableInput():
            self.submitted.emit(int(self.text()))
            self.selectAll()

    def event(self, event: QEvent) -> bool:
        if takes_return(event):
            event.accept()
            return True
        return super().event(event)
