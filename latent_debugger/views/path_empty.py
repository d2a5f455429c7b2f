"""What stands where a path would be: how to begin one."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from latent_debugger.views import theme

EMPTY = "A path leads from picture to picture. Select stars on the right and add them, or drag them here."
NO_MODEL = "Open a checkpoint to go along a path through its pictures."


class EmptyPath(QWidget):
    """A sentence, and the ways to add the first key frames as buttons."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._words = QLabel(NO_MODEL)
        self._words.setObjectName("path.empty")
        self._words.setProperty("quiet", True)
        self._words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._words.setWordWrap(True)
        self._choices = QWidget()
        self._row = QHBoxLayout(self._choices)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(theme.UNIT)
        self._row.addStretch(1)
        self._row.addStretch(1)
        column = QVBoxLayout(self)
        column.setSpacing(theme.UNIT)
        column.addStretch(1)
        column.addWidget(self._words)
        column.addWidget(self._choices)
        column.addStretch(1)
        self.set_model(False)

    def add_actions(self, adding: Sequence[QAction]) -> None:
        """Make a button of each."""
        for place, action in enumerate(adding, 1):
            button = QToolButton()
            button.setDefaultAction(action)
            button.setObjectName(f"path.empty.{action.objectName().partition('.')[2]}")
            button.setAccessibleName(action.toolTip())
            button.setProperty("card", True)
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            self._row.insertWidget(place, button)

    def set_model(self, open_: bool) -> None:
        """Whether there is a model to show pictures with."""
        self._words.setText(EMPTY if open_ else NO_MODEL)
        self._choices.setVisible(open_)
