"""Every checkpoint of a run under the same z."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget


class TimelinePanel(QWidget):
    """Every checkpoint of a run under the same z."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("timelinePanel")
        self.setAccessibleName("Timeline")
