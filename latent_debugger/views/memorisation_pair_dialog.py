"""Two pictures side by side, as large as one likes."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from latent_debugger.views import theme
from latent_debugger.views.dialog import Dialog
from latent_debugger.views.picture_tile import PictureTile

_SIDE = 44 * theme.UNIT


class PairDialog(Dialog):
    """Shows one pair; :meth:`show_pair` turns to another."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("dialog.pair", "Two pictures side by side", parent)
        self.left, self.right = PictureTile("Left picture"), PictureTile("Right picture")
        self.told = QLabel()
        self.told.setObjectName("dialog.pair.told")
        self.told.setTextFormat(Qt.TextFormat.PlainText)
        self.told.setWordWrap(True)
        self.told.setProperty("quiet", True)
        row = QHBoxLayout()
        row.setSpacing(theme.UNIT)
        for tile in (self.left, self.right):
            tile.setMinimumSize(_SIDE // 2, _SIDE // 2)
            row.addWidget(tile)
        self.column.addLayout(row, 1)
        self.column.addWidget(self.told)
        self.add_buttons(None)
        self.resize(2 * _SIDE + 5 * theme.UNIT, _SIDE + 14 * theme.UNIT)

    def show_pair(self, left: tuple[QImage, str], right: tuple[QImage, str], told: str) -> None:
        """Two pictures and their captions, and one sentence about them."""
        for tile, (image, caption) in ((self.left, left), (self.right, right)):
            tile.set_image(image)
            tile.set_caption(caption)
        self.told.setText(told)
        self.present()
