"""The film of a run as files: a strip of all its pictures, or a GIF that moves. Plain functions, run on a Worker."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QImage, QPainter

from gan.errors import UserError
from gan.files import write_atomic
from gan.images import Bytes, sheet, to_pillow
from gan.latent.draws import Latents
from gan.rendering import open_renderer
from latent_debugger.services.progress import Progress
from latent_debugger.state.timeline import Stage

log = logging.getLogger(__name__)

MAX_COLUMNS = 400
"""Of a longer run evenly spread checkpoints are taken, the first and the last among them."""
PICTURES = (128, 96, 64, 48, 32)
"""Sizes of a picture of the strip in pixels; the largest is taken with which it stays below ``MAX_WIDTH``."""
MAX_WIDTH = 16_000
FRAME_MS, LAST_MS = 160, 1600
"""How long a picture of the GIF stays, and the last one."""
GIF_SIDE = 256
"""What a picture of the GIF is enlarged to, by a whole factor, where there is one latent only; half with more."""
_MARGIN, _GAP, _HEAD, _STEPS, _NAMES, _CAPTION = 24, 4, 48, 20, 112, 28
_PAPER, _INK, _GREY, _EMPTY = "#ffffff", "#1b2024", "#6a737b", 0xE9


@dataclass(frozen=True, eq=False)
class Film:
    """What is to be exported."""

    title: str
    """What the user calls the run."""
    stages: tuple[Stage, ...]
    """The checkpoints, oldest first."""
    names: tuple[str, ...]
    """Of the latents."""
    latents: Latents
    """(rows, dim)"""


def export_strip(path: Path, film: Film, progress: Progress) -> Path:
    """Write a PNG: a line for each latent, a column for each checkpoint.

    Returns:
        The file written: ``path``, with ``.png`` where that was missing.

    Raises:
        UserError: there is no checkpoint that can be read, or the file cannot be written.
        CancelledError: the user ended it.
    """
    stages = spread(film.stages)
    columns, rows = len(stages), len(film.names)
    side = next((side for side in PICTURES if columns * (side + _GAP) <= MAX_WIDTH), PICTURES[-1])
    left = _MARGIN + (_NAMES if rows > 1 else 0)
    width = max(left + columns * (side + _GAP) - _GAP + _MARGIN, 360)
    height = _HEAD + _STEPS + rows * (side + _GAP) - _GAP + _MARGIN
    canvas = Image.new("RGBA", (width, height), _PAPER)
    for column, pictures in enumerate(_pictures(stages, film.latents, progress)):
        for row, picture in enumerate(pictures):
            place = left + column * (side + _GAP), _HEAD + _STEPS + row * (side + _GAP)
            canvas.paste(_fitted(picture, side), place)
    pixels = np.array(canvas)
    image = QImage(pixels.data, width, height, 4 * width, QImage.Format.Format_RGBA8888)
    painter = QPainter(image)
    _write(painter, QRect(_MARGIN, 16, width - 2 * _MARGIN, 24), _headline(film), 15, _INK, QFont.Weight.DemiBold)
    every = -(-56 // (side + _GAP))  # a number needs as much room
    for column, stage in enumerate(stages):
        if column % every == 0:
            below = QRect(left + column * (side + _GAP), _HEAD, every * (side + _GAP) - _GAP, 16)
            _write(painter, below, f"{stage.step:,}", 11, _GREY)
    for row, name in enumerate(film.names if rows > 1 else ()):
        _write(painter, QRect(_MARGIN, _HEAD + _STEPS + row * (side + _GAP), _NAMES - 8, side), name, 12, _INK)
    painter.end()
    buffer = BytesIO()
    Image.fromarray(pixels).convert("RGB").save(buffer, "png", compress_level=4)
    return _write_file(path, ".png", buffer)


def export_gif(path: Path, film: Film, progress: Progress) -> Path:
    """Write a GIF that goes through the checkpoints, all latents side by side, and begins anew.

    Returns:
        The file written: ``path``, with ``.gif`` where that was missing.

    Raises:
        UserError: there is no checkpoint that can be read, or the file cannot be written.
        CancelledError: the user ended it.
    """
    stages = spread(film.stages)
    goal = GIF_SIDE if len(film.names) == 1 else GIF_SIDE // 2
    frames = []
    for stage, pictures in zip(stages, _pictures(stages, film.latents, progress), strict=True):
        side = pictures.shape[1]
        tiles = np.stack([np.asarray(_fitted(picture, side * max(1, goal // side))) for picture in pictures])
        frames.append(_captioned(sheet(tiles), f"step {stage.step:,}"))
    durations = [FRAME_MS] * (len(frames) - 1) + [LAST_MS]
    buffer = BytesIO()
    frames[0].save(buffer, "gif", save_all=True, append_images=frames[1:], duration=durations, loop=0)
    return _write_file(path, ".gif", buffer)


def spread(stages: Sequence[Stage], most: int = MAX_COLUMNS) -> list[Stage]:
    """At most ``most`` of ``stages``, evenly spread, the first and the last among them."""
    if len(stages) <= most:
        return list(stages)
    return [stages[round(k * (len(stages) - 1) / (most - 1))] for k in range(most)]


def _pictures(stages: Sequence[Stage], latents: Latents, progress: Progress) -> Iterator[Bytes]:
    """(rows, H, W, 3) under each checkpoint in turn; grey where it cannot be read."""
    size: tuple[int, int] | None = None
    blank = 0
    for done, stage in enumerate(stages):
        progress.report(done, len(stages))
        try:
            drawn = open_renderer(stage.path, "cpu").pixels(latents)
        except UserError as error:
            log.warning("left out of the film: %s", error)
            if size is None:
                blank += 1
                continue
            yield _grey(len(latents), size)
            continue
        if size is None:
            size = (drawn.shape[1], drawn.shape[2])
            for _ in range(blank):  # it was not known how large a picture is
                yield _grey(len(latents), size)
        yield np.broadcast_to(drawn, (*drawn.shape[:3], 3))
    if size is None:
        raise UserError("There is no checkpoint that can be shown.", "Open a run that has some.")
    progress.report(len(stages), len(stages))


def _grey(rows: int, size: tuple[int, int]) -> Bytes:
    return np.full((rows, *size, 3), _EMPTY, np.uint8)


def _fitted(picture: Bytes, side: int) -> Image.Image:
    """Its own pixels where they fit a whole number of times, else smoothly scaled."""
    image = to_pillow(np.ascontiguousarray(picture))
    whole = side % image.width == 0 and side % image.height == 0
    return image.resize((side, side), Image.Resampling.NEAREST if whole else Image.Resampling.LANCZOS)


def _captioned(picture: Bytes, text: str) -> Image.Image:
    """(H, W, 3) with a line of text below, in 256 colours."""
    height, width = picture.shape[:2]
    pixels = np.full((height + _CAPTION, width, 4), 255, np.uint8)
    pixels[:height, :, :3] = picture
    image = QImage(pixels.data, width, height + _CAPTION, 4 * width, QImage.Format.Format_RGBA8888)
    painter = QPainter(image)
    _write(painter, QRect(8, height, width - 16, _CAPTION), text, 14, _INK)
    painter.end()
    return Image.fromarray(pixels).convert("RGB").quantize(256, Image.Quantize.MEDIANCUT)


def _headline(film: Film) -> str:
    first, last = film.stages[0].step, film.stages[-1].step
    return f"{film.title}, step {first:,}" + (f" to {last:,}" if last != first else "")


def _write(
    painter: QPainter, place: QRect, text: str, pixels: int, colour: str, weight: QFont.Weight = QFont.Weight.Normal
) -> None:
    font = QFont()
    font.setPixelSize(pixels)
    font.setWeight(weight)
    painter.setFont(font)
    painter.setPen(QColor(colour))
    shown = QFontMetrics(font).elidedText(text, Qt.TextElideMode.ElideRight, place.width())
    painter.drawText(place, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, shown)


def _write_file(path: Path, suffix: str, buffer: BytesIO) -> Path:
    path = path if path.suffix.lower() == suffix else path.with_name(path.name + suffix)
    write_atomic(path, buffer.getvalue())
    return path
