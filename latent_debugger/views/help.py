"""The two windows of the help menu."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QDialog, QFrame, QGridLayout, QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from latent_debugger.version import version
from latent_debugger.views import theme
from latent_debugger.views.actions import MENUS


class ShortcutsDialog(QDialog):
    """Every action with its shortcut, in two columns, by menu."""

    def __init__(self, actions: dict[str, QAction], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("shortcutsDialog")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Keyboard shortcuts")
        content = QWidget()
        content.setObjectName("scrollContent")
        columns = QHBoxLayout(content)
        columns.setContentsMargins(3 * theme.UNIT, 2 * theme.UNIT, 3 * theme.UNIT, 2 * theme.UNIT)
        columns.setSpacing(6 * theme.UNIT)
        for areas in (("file", "edit", "latent", "neighbours"), ("bookmark", "view", "help")):
            columns.addLayout(self._column(areas, actions))
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setWidget(content)
        frame = QVBoxLayout(self)
        frame.setContentsMargins(0, 0, 0, 0)
        frame.addWidget(scroll)
        self.resize(content.sizeHint())

    @staticmethod
    def _column(areas: tuple[str, ...], actions: dict[str, QAction]) -> QGridLayout:
        grid = QGridLayout()
        grid.setVerticalSpacing(theme.UNIT // 2)
        grid.setHorizontalSpacing(3 * theme.UNIT)
        grid.setColumnStretch(0, 1)
        for area in areas:
            title = QLabel(MENUS[area].replace("&", ""))
            title.setFont(theme.caption_font())
            title.setContentsMargins(0, theme.UNIT, 0, 0)
            grid.addWidget(title, grid.rowCount(), 0, 1, 2)
            for name, action in actions.items():
                if name.startswith(f"{area}."):
                    row = grid.rowCount()
                    label = QLabel(action.text().replace("&", "").rstrip("…"))
                    keys = QLabel(action.shortcut().toString(QKeySequence.SequenceFormat.NativeText))
                    keys.setProperty("quiet", True)
                    grid.addWidget(label, row, 0)
                    grid.addWidget(keys, row, 1, Qt.AlignmentFlag.AlignRight)
        grid.setRowStretch(grid.rowCount(), 1)
        return grid


class AboutDialog(QDialog):
    """Name, version, licence and whose pictures the bundled model learnt from."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("aboutDialog")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("About Latent Debugger")
        name = QLabel(f"Latent Debugger {version()}".rstrip())
        font = theme.caption_font()
        font.setPointSizeF(font.pointSizeF() * 1.4)
        name.setFont(font)
        words = QLabel(
            "See and steer what a GAN's generator has learnt.\n\n"
            "MIT licence. The bundled model was trained on drawings made from\n"
            "Open Peeps by Pablo Stanley (CC0). Built with PyTorch and Qt."
        )
        words.setProperty("quiet", True)
        column = QVBoxLayout(self)
        column.setContentsMargins(*[4 * theme.UNIT] * 4)
        column.setSpacing(theme.UNIT)
        column.addWidget(name)
        column.addWidget(words)
