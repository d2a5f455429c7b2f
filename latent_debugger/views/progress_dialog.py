"""How far something slow is, with a button to end it. Short jobs never show it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QProgressDialog, QPushButton, QWidget

_PATIENCE_MS = 500


class ProgressDialog(QProgressDialog):
    """``canceled`` says that the user has had enough; :meth:`finish` takes it away."""

    def __init__(self, text: str, parent: QWidget) -> None:
        super().__init__(text, "Cancel", 0, 100, parent)
        self.setObjectName("dialog.progress")
        self.setAccessibleName(text)
        self.setWindowTitle(text.removesuffix("…"))
        self.setWindowModality(Qt.WindowModality.NonModal)
        cancel = QPushButton("Cancel")
        cancel.setAutoDefault(False)  # ending it is not what the window proposes
        self.setCancelButton(cancel)
        self.setAutoClose(False)
        self.setAutoReset(False)
        self.setMinimumDuration(_PATIENCE_MS)

    @Slot(int, int)
    def advance(self, done: int, total: int) -> None:
        """``done`` of ``total`` steps are done."""
        self.setMaximum(total)
        self.setValue(done)

    def finish(self) -> None:
        """There is nothing to wait for any more."""
        self.reset()
        self.hide()
        self.deleteLater()
