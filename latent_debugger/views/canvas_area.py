"""The middle of the window: a slim header, the canvas, and messages that float over its top.

They float because a bar between header and canvas would make the picture jump whenever it comes and goes.
"""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QToolButton, QWidget

from latent_debugger.views import theme
from latent_debugger.views.canvas import ImageCanvas
from latent_debugger.views.dock import TITLE_HEIGHT
from latent_debugger.views.hint_strip import HintStrip
from latent_debugger.views.message_bar import MessageBar

HEADER_ACTIONS = ("file.open", "", "edit.undo", "edit.redo", "", "edit.copy_picture", "file.save_picture")
"""What the header offers; an empty name is a gap."""
CANVAS_ACTIONS = ("bookmark.add", "edit.copy_picture", "file.save_picture", "latent.random", "view.smooth")
"""The picture's own menu."""


class CanvasArea(QWidget):
    """Holds ``canvas``, ``messages`` and ``hints``.

    Args:
        actions: the window's actions by id.
    """

    def __init__(self, actions: dict[str, QAction], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("central")
        self.canvas = ImageCanvas()
        self.messages = MessageBar()
        self.hints = HintStrip()
        self._title = QLabel()
        self._title.setObjectName("canvasTitle")
        self._title.setFont(theme.caption_font())
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(0)
        grid.addWidget(self._header(actions), 0, 0)
        grid.addWidget(self.canvas, 1, 0)
        grid.addWidget(self.messages, 1, 0, Qt.AlignmentFlag.AlignTop)
        grid.setRowStretch(1, 1)
        self.messages.raise_()
        for name in CANVAS_ACTIONS:
            self.canvas.addAction(actions[name])

    def set_title(self, text: str) -> None:
        """Name the model above its picture."""
        self._title.setText(text)

    def _header(self, actions: dict[str, QAction]) -> QWidget:
        header = QWidget()
        header.setObjectName("canvasHeader")
        header.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        header.setFixedHeight(TITLE_HEIGHT)
        row = QHBoxLayout(header)
        row.setContentsMargins(theme.UNIT, 0, theme.UNIT // 2, 0)
        row.setSpacing(0)
        row.addWidget(self._title)
        row.addWidget(self.hints, 1)
        for name in HEADER_ACTIONS:
            if not name:
                row.addSpacing(theme.UNIT)
                continue
            button = QToolButton()
            button.setDefaultAction(actions[name])
            button.setObjectName(f"header.{name}")
            button.setAccessibleName(actions[name].toolTip())
            button.setAutoRaise(True)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            row.addWidget(button)
        return header
