"""The wheel scrolls; it changes a field only where somebody has gone into it.

Qt's own number fields and choices take the wheel, and the focus with it, wherever the pointer happens to be: scrolling
through a panel would change what lies on the way.
"""

from __future__ import annotations

from types import FunctionType

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QAbstractSpinBox, QComboBox, QSlider, QWidget

_FIELDS = (QAbstractSpinBox, QComboBox, QSlider)


class WheelNeedsFocus(QObject):
    """Passes the wheel over an unfocused field on to what lies behind it."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Wheel and isinstance(watched, QWidget) and not watched.hasFocus():
            event.ignore()  # so that it goes on to the parent
            return True
        return False


def guard(root: QWidget) -> None:
    """Let every field below ``root`` that takes the wheel take it only with the focus.

    Fields whose own class says what the wheel does there (the latents' sliders) are left alone.
    """
    keeper = WheelNeedsFocus(root)
    for kind in _FIELDS:
        for field in root.findChildren(kind):
            if not isinstance(type(field).wheelEvent, FunctionType):  # Qt's own are no Python functions
                field.setFocusPolicy(Qt.FocusPolicy(field.focusPolicy() & ~_WHEEL))
                field.installEventFilter(keeper)


_WHEEL = Qt.FocusPolicy.WheelFocus & ~Qt.FocusPolicy.StrongFocus
