"""Pinning and hiding rows, each as one step that can be undone."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QObject
from PySide6.QtGui import QUndoStack

from latent_debugger.state.arrangement import Arrangement
from latent_debugger.state.commands import SetMarks
from latent_debugger.state.latent import Mask


class RowEditor(QObject):
    """Changes an :class:`Arrangement` through an undo stack. What changes nothing leaves no step."""

    def __init__(self, arrangement: Arrangement, undo: QUndoStack, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows, self._undo = arrangement, undo

    def toggle_pin(self, i: int) -> None:
        """Pin row ``i`` to the top, or let it go."""
        pinned = _toggled(self._rows.pinned, i)
        self._mark(pinned, self._rows.hidden, f"{'pin' if pinned[i] else 'unpin'} z {i}")

    def toggle_hidden(self, i: int) -> None:
        """Hide row ``i``, which takes its pin away, or show it again."""
        hidden = _toggled(self._rows.hidden, i)
        self._mark(self._rows.pinned & ~hidden, hidden, f"{'hide' if hidden[i] else 'show'} z {i}")

    def unpin_all(self) -> None:
        """Let every row go."""
        self._mark(np.zeros_like(self._rows.pinned), self._rows.hidden, "unpin all")

    def show_all(self) -> None:
        """Hide no row."""
        self._mark(self._rows.pinned, np.zeros_like(self._rows.hidden), "show all")

    def _mark(self, pinned: Mask, hidden: Mask, text: str) -> None:
        same = np.array_equal(pinned, self._rows.pinned) and np.array_equal(hidden, self._rows.hidden)
        if not same:
            self._undo.push(SetMarks(self._rows, pinned, hidden, text))


def _toggled(mask: Mask, i: int) -> Mask:
    new = mask.copy()
    new[i] = not new[i]
    return new
