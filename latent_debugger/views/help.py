"""The two windows of the help menu."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QDialog, QFrame, QGridLayout, QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from latent_debugger.version import version
from latent_debugger.views import theme
from latent_debugger.views.actions import ACTIONS, DOCK_ACTIONS, MENUS
from latent_debugger.views.gestures import GESTURES

_COLUMNS = (("file", "edit", "latent", "neighbours"), ("bookmark", "train", "instruments"), ("view", "help"))


class ShortcutsDialog(QDialog):
    """Every action with its shortcut, by menu, and what the mouse does where."""

    def __init__(self, actions: dict[str, QAction], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("shortcutsDialog")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Keyboard and mouse")
        content = QWidget()
        content.setObjectName("scrollContent")
        columns = QHBoxLayout(content)
        columns.setContentsMargins(3 * theme.UNIT, 2 * theme.UNIT, 3 * theme.UNIT, 2 * theme.UNIT)
        columns.setSpacing(5 * theme.UNIT)
        menus = _menus(actions)
        for areas in _COLUMNS:
            columns.addLayout(_column({MENUS[area].replace("&", ""): menus[area] for area in areas}))
        columns.addLayout(_column(GESTURES))
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setWidget(content)
        frame = QVBoxLayout(self)
        frame.setContentsMargins(0, 0, 0, 0)
        frame.addWidget(scroll)
        self.resize(content.sizeHint())


def _menus(actions: dict[str, QAction]) -> dict[str, list[tuple[str, str]]]:
    """What is called how, and its shortcut, by menu; what has none is left out."""
    found: dict[str, list[tuple[str, str]]] = {area: [] for area in MENUS}
    for spec in (*ACTIONS, *DOCK_ACTIONS):
        keys = actions[spec.id].shortcut().toString(QKeySequence.SequenceFormat.NativeText)
        if keys:
            found[spec.menu].append((spec.text.replace("&", "").rstrip("…"), keys))
    return found


def _column(sections: Mapping[str, Sequence[tuple[str, str]]]) -> QGridLayout:
    grid = QGridLayout()
    grid.setVerticalSpacing(theme.UNIT // 2)
    grid.setHorizontalSpacing(3 * theme.UNIT)
    grid.setColumnStretch(0, 1)
    for title, lines in sections.items():
        head = QLabel(title)
        head.setFont(theme.caption_font())
        head.setContentsMargins(0, theme.UNIT, 0, 0)
        grid.addWidget(head, grid.rowCount(), 0, 1, 2)
        for what, how in lines:
            row = grid.rowCount()
            keys = QLabel(how)
            keys.setProperty("quiet", True)
            grid.addWidget(QLabel(what), row, 0)
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
