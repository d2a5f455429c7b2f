"""A number one can read at a glance and edit exactly.

It shows two decimals, and the exact float32 as soon as one edits it or points at it. What was not changed is never
given back, so that reading a value cannot round it.
"""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QEvent, QPoint, Qt, Signal
from PySide6.QtGui import QFocusEvent, QHelpEvent, QKeyEvent, QWheelEvent
from PySide6.QtWidgets import QLineEdit, QToolTip, QWidget

from latent_debugger.views import theme
from latent_debugger.views.burst import Burst

_NOTCH = 120


_STYLE = """
NumberField {{ background: transparent; border: 1px solid transparent; min-height: 0; padding: 0 5px; }}
NumberField:hover {{ border-color: {border}; }}
NumberField:focus {{ background: {raised}; border-color: {accent}; }}
NumberField[overflow="true"] {{ color: {warning}; }}
NumberField:disabled {{ background: transparent; border-color: transparent; color: {muted}; }}
"""


def flat_style() -> str:
    """A stylesheet for lists of rows: their numbers look like text until the pointer or the focus comes."""
    tokens = theme.current()
    return _STYLE.format(
        border=tokens.border, raised=tokens.raised, accent=tokens.accent, warning=tokens.warning, muted=tokens.muted
    )


def exact(value: float) -> str:
    """The shortest text that reads back as the same float32."""
    return str(np.float32(value))


def rounded(value: float) -> str:
    """Two decimals; large numbers shorter, and never a negative zero."""
    if abs(value) >= 10_000:
        return f"{value:.3g}"
    text = f"{value:.2f}"
    return "0.00" if text == "-0.00" else text


def parse(text: str) -> float | None:
    """The number that ``text`` means (a decimal comma will do), or None where it is no finite float32."""
    try:
        value = float(text.strip().replace(",", ".").replace("\N{MINUS SIGN}", "-"))
    except ValueError:
        return None
    return value if _fits(value) else None


def _fits(value: float) -> bool:
    with np.errstate(over="ignore"):
        return bool(np.isfinite(np.float32(value)))


class NumberField(QLineEdit):
    """The editable number of dimension ``dim``.

    Signals:
        edited(dim, value, token): somebody typed another number, or stepped it; steps in one burst share a token.
    """

    edited = Signal(int, float, object)

    def __init__(self, dim: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(f"Value of z {dim}")
        self.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._dim = dim
        self._value = 0.0
        self._offered = ""
        self._step = 0.03
        self._overflow = False
        self._burst = Burst()

    def show_dimension(self, dim: int) -> None:
        """From now on it is the number of another dimension; what was typed and not submitted is gone."""
        if dim != self._dim:
            self._dim, self._offered = dim, ""
            self._burst.end()
            self.setAccessibleName(f"Value of z {dim}")

    def sync(self, value: float, step: float, overflow: bool = False) -> None:
        """Show ``value``; the arrow keys and the wheel change it by ``step``. Emits nothing.

        Args:
            overflow: the value lies beyond the slider; the stylesheet may colour ``[overflow="true"]``.
        """
        self._step = step
        if overflow != self._overflow:
            self._overflow = overflow
            self.setProperty("overflow", overflow)
            self.style().polish(self)
        same = value == self._value and math.copysign(1, value) == math.copysign(1, self._value)
        if not same or not self._offered:  # or else what somebody is typing here would be lost
            self._value = value
            self._offer()

    def _offer(self) -> None:
        self._offered = exact(self._value) if self.hasFocus() else rounded(self._value)
        self.setText(self._offered)

    def _submit(self) -> bool:
        """Give the number typed; False where it is none."""
        if self.text() == self._offered:
            return True
        value = parse(self.text())
        if value is None:
            if self.isVisible():
                QToolTip.showText(self.mapToGlobal(QPoint(0, self.height())), "Type a number, such as 1.25.", self)
            self.selectAll()
            return False
        self._burst.end()
        self.edited.emit(self._dim, value, None)
        self._offer()
        self.selectAll()
        return True

    def _step_by(self, steps: float) -> None:
        if not steps or not self._submit():
            return
        value = self._value + steps * self._step
        if _fits(value):
            self.edited.emit(self._dim, value, self._burst.token())
            self.selectAll()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self._offer()
        self.selectAll()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() != Qt.FocusReason.PopupFocusReason:  # its own context menu
            self._submit()
            self._offer()
            self.deselect()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        large = 10 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1
        match event.key():
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                self._submit()
            case Qt.Key.Key_Escape:
                self._offer()
                self.selectAll()
            case Qt.Key.Key_Up:
                self._step_by(large)
            case Qt.Key.Key_Down:
                self._step_by(-large)
            case Qt.Key.Key_PageUp:
                self._step_by(10)
            case Qt.Key.Key_PageDown:
                self._step_by(-10)
            case _:
                super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if not self.hasFocus():  # the list scrolls instead
            event.ignore()
            return
        self._step_by(event.angleDelta().y() / _NOTCH)
        event.accept()

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            QToolTip.showText(event.globalPos(), f"z {self._dim} = {exact(self._value)}", self)
            return True
        if takes_return(event):
            event.accept()
            return True
        return super().event(event)


def takes_return(event: QEvent) -> bool:
    """Whether Return is about to go to a shortcut: a field that it submits must claim it first."""
    return (
        isinstance(event, QKeyEvent)
        and event.type() == QEvent.Type.ShortcutOverride
        and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
    )
