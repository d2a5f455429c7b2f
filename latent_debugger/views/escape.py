"""Escape leaves a field for text, so that keys without Ctrl mean commands again."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, Slot
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QLineEdit, QWidget


class LeaveByEscape(QObject):
    """Escape in ``field`` puts the focus on ``home``; where ``clears``, it first empties a field that holds text."""

    def __init__(self, field: QLineEdit, home: QWidget, clears: bool = False) -> None:
        super().__init__(field)
        self._field, self._home, self._clears = field, home, clears
        key = QShortcut(QKeySequence(Qt.Key.Key_Escape), field, context=Qt.ShortcutContext.WidgetShortcut)
        key.activated.connect(self._press)

    @Slot()
    def _press(self) -> None:
        if self._clears and self._field.text():
            self._field.clear()
        else:
            self._home.activateWindow()  # the field may be in a floating panel
            self._home.setFocus()
