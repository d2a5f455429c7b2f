"""Look through the training pictures and keep the good ones."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget


class DatasetPanel(QWidget):
    """Look through the training pictures and keep the good ones."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("datasetPanel")
        self.setAccessibleName("Dataset")
