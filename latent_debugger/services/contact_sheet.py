"""All stars on one picture: a grid with their names and ratings."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QImage, QPainter

from gan.data.pictures import flatten
from gan.errors import UserError
from gan.files import write_atomic
from latent_debugger.services.progress import Progress
from latent_debugger.state.bookmark import Bookmark

PICTURES = (128, 96, 64, 48, 32)
"""Sizes of a picture in pixels; the largest is taken with which the sheet stays below ``MAX_PIXELS``."""
MAX_PIXELS = 40_000_000
_NAMED = 64  # below, names would be unreadable
_MARGIN, _GAP, _HEAD = 32, 16, 56
_PAPER, _INK, _GREY, _EMPTY = "#ffffff", "#1b2024", "#6a737b", "#e9ebed"


@dataclass(frozen=True)
class Grid:
    """Where everything lies, in pixels."""

    picture: int
    columns: int
    rows: int

    @classmethod
    def fitting(cls, n: int) -> Grid:
        """For ``n`` stars, slightly wider than high.

        Raises:
            UserError: there are none, or far too many.
        """
        if not n:
            raise UserError("There is no star for a contact sheet.", "Star a picture first (Ctrl+D).")
        for picture in PICTURES:
            columns = max(1, min(n, math.ceil(math.sqrt(n * 1.4))))
            grid = cls(picture, columns, math.ceil(n / columns))
            if grid.width * grid.height <= MAX_PIXELS:
                return grid
        raise UserError(f"{n:,} stars do not fit on one contact sheet.", "Select fewer.")

    @property
    def caption(self) -> int:
        """Height of the lines under a picture."""
        return 36 if self.picture >= _NAMED else 0

    @property
    def width(self) -> int:
        return max(2 * _MARGIN + self.columns * (self.picture + _GAP) - _GAP, 320)

    @property
    def height(self) -> int:
        return _HEAD + _MARGIN + self.rows * (self.picture + self.caption + _GAP) - _GAP

    def place(self, index: int) -> tuple[int, int]:
        """Left and top of a picture."""
        row, column = divmod(index, self.columns)
        return _MARGIN + column * (self.picture + _GAP), _HEAD + row * (self.picture + self.caption + _GAP)


def contact_sheet(path: Path, bookmarks: Sequence[Bookmark], progress: Progress) -> Path:
    """Write a PNG that shows the thumbnails of ``bookmarks`` with their names and ratings. Takes a while for many.

    Returns:
        The file written: ``path``, with ``.png`` where that was missing.

    Raises:
        UserError: there is nothing to show, or the file cannot be written.
        CancelledError: the user ended it.
    """
    path = path if path.suffix.lower() == ".png" else path.with_name(path.name + ".png")
    n = len(bookmarks)
    grid = Grid.fitting(n)
    sheet = Image.new("RGBA", (grid.width, grid.height), _PAPER)
    for index, item in enumerate(bookmarks):
        progress.report(index, 2 * n)
        sheet.paste(_picture(item, grid.picture), grid.place(index))
    pixels = np.array(sheet)
    image = QImage(pixels.data, grid.width, grid.height, 4 * grid.width, QImage.Format.Format_RGBA8888)
    painter = QPainter(image)
    _write_head(painter, bookmarks)
    if grid.caption:
        for index, item in enumerate(bookmarks):
            progress.report(n + index, 2 * n)
            _write_caption(painter, grid, index, item)
    painter.end()
    buffer = BytesIO()
    Image.fromarray(pixels).convert("RGB").save(buffer, "png", compress_level=4)
    progress.report(2 * n, 2 * n)
    write_atomic(path, buffer.getvalue())
    return path


def _picture(bookmark: Bookmark, side: int) -> Image.Image:
    """The thumbnail (side, side) on the paper: its own pixels where they fit a whole number of times, else
    smoothly scaled."""
    try:
        image = flatten(Image.open(BytesIO(bookmark.thumbnail), formats=["PNG"]), "RGB", _PAPER)
    except Exception:  # none yet, or damaged: Pillow raises nearly anything
        return Image.new("RGB", (side, side), _EMPTY)
    whole = side % image.width == 0 and side % image.height == 0
    return image.resize((side, side), Image.Resampling.NEAREST if whole else Image.Resampling.LANCZOS)


def _write_head(painter: QPainter, bookmarks: Sequence[Bookmark]) -> None:
    models = sorted({item.model_name for item in bookmarks})
    count = "1 star" if len(bookmarks) == 1 else f"{len(bookmarks):,} stars"
    shown = ", ".join(models[:3]) + (" and others" if len(models) > 3 else "")
    painter.setFont(_font(15, QFont.Weight.DemiBold))
    painter.setPen(QColor(_INK))
    painter.drawText(_MARGIN, 36, count)
    left = _MARGIN + QFontMetrics(painter.font()).horizontalAdvance(count) + 12
    painter.setFont(_font(13))
    painter.setPen(QColor(_GREY))
    painter.drawText(left, 36, shown)


def _write_caption(painter: QPainter, grid: Grid, index: int, bookmark: Bookmark) -> None:
    x, y = grid.place(index)
    below = QRect(x, y + grid.picture + 4, grid.picture, 16)
    painter.setFont(_font(12))
    painter.setPen(QColor(_INK))
    name = QFontMetrics(painter.font()).elidedText(bookmark.name, Qt.TextElideMode.ElideRight, grid.picture)
    painter.drawText(below, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, name)
    painter.setFont(_font(10))
    painter.setPen(QColor(_GREY))
    painter.drawText(below.translated(0, 15), Qt.AlignmentFlag.AlignLeft, "★" * bookmark.rating)


def _font(pixels: int, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
    font = QFont()
    font.setPixelSize(pixels)
    font.setWeight(weight)
    return font
