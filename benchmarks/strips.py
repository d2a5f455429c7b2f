"""Contact sheets with words: what happens to some people when they move along directions."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from gan.files import write_atomic
from gan.images import Bytes, Floats, sheet
from gan.rendering import Renderer

_GAP, _LINE = 24, 20


def strip(renderer: Renderer, people: Floats, direction: Floats, steps: Sequence[float]) -> Bytes:
    """A row for each of ``people`` (n, dim), a column for each step in standard deviations."""
    along = np.asarray(steps, np.float32)[:, np.newaxis] * direction
    latents = (people[:, np.newaxis] + along).reshape(-1, renderer.dim).astype(np.float32)
    return sheet(renderer.pixels(latents), len(steps))


def page(blocks: Sequence[tuple[str, Bytes]], columns: int) -> Image.Image:
    """Titled pictures of equal size, side by side and below each other, on white."""
    height, width, _ = blocks[0][1].shape
    rows = -(-len(blocks) // columns)
    out = Image.new("RGB", (columns * (width + _GAP) - _GAP, rows * (height + _LINE + _GAP // 2) - _GAP // 2), "white")
    pen, font = ImageDraw.Draw(out), ImageFont.load_default(14)
    for index, (title, picture) in enumerate(blocks):
        x, y = (index % columns) * (width + _GAP), (index // columns) * (height + _LINE + _GAP // 2)
        pen.text((x + 4, y + 2), title, fill=(70, 70, 70), font=font)
        out.paste(Image.fromarray(picture), (x, y + _LINE))
    return out


def save(path: Path, image: Image.Image) -> None:
    """As a PNG of 256 colours, which these drawings hardly need."""
    buffer = BytesIO()
    image.quantize(256, dither=Image.Dither.NONE).save(buffer, "png", optimize=True)
    write_atomic(path, buffer.getvalue())
