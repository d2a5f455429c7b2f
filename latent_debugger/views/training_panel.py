"""Start a run, or watch one."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget


class TrainingPanel(QWidget):
    """Start a run, or watch one."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("trainingPanel")
        self.setAccessibleName("Training")
