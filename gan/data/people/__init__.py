"""The data set ``people``: illustrated people on white, drawn from CC0 artwork, with every attribute known.

All that was drawn is written beside the pictures, so that learnt latent directions can be scored.
"""

from __future__ import annotations

import csv
from collections.abc import Callable
from io import BytesIO
from itertools import islice
from pathlib import Path

import numpy as np
import resvg_py
from PIL import Image

from gan.data.people.attributes import COLUMNS, people
from gan.data.people.svg import Artwork
from gan.errors import UserError
from gan.files import atomic_path
from gan.images import Bytes

__all__ = ["make_people", "render"]


def make_people(
    out: Path, n: int = 6000, size: int = 64, seed: int = 0, progress: Callable[[int], None] | None = None
) -> None:
    """Write ``out/images.npy``, uint8 (n, size, size, 3), and ``out/attributes.csv``, one row for each picture.

    The same seed gives the same people, and the first ones do not depend on ``n``.

    Args:
        progress: told after every picture how many there are.

    Raises:
        UserError: a number is out of range, or ``out`` cannot be written to.
    """
    if n < 1:
        raise UserError(f"{n} pictures cannot be drawn.", "Ask for at least one.")
    if not 16 <= size <= 1024:
        raise UserError(f"Pictures of {size} pixels cannot be drawn.", "Choose a size from 16 to 1024.")
    if seed < 0:
        raise UserError(f"{seed} is no seed.", "Choose a whole number from 0.")
    artwork = Artwork()
    # Both files appear together at the end. Appended, not memory-mapped: a full disk is then an error and no crash.
    with (
        atomic_path(out / "images.npy") as images,
        atomic_path(out / "attributes.csv") as attributes,
        open(images, "wb") as pixels,
        open(attributes, "w", newline="") as text,
    ):
        header = {"descr": "|u1", "fortran_order": False, "shape": (n, size, size, 3)}
        np.lib.format.write_array_header_1_0(pixels, header)
        rows = csv.DictWriter(text, COLUMNS)
        rows.writeheader()
        for index, person in enumerate(islice(people(seed), n)):
            pixels.write(render(artwork.svg(person), size).tobytes())
            rows.writerow({"file": f"{index:05d}.png", "index": index, **person.attributes})
            if progress is not None:
                progress(index + 1)


def render(svg: str, size: int) -> Bytes:
    """Rasterise a square SVG on white -> (size, size, 3)."""
    png = resvg_py.svg_to_bytes(svg_string=svg, width=size, height=size, background="#ffffff", skip_system_fonts=True)
    with Image.open(BytesIO(png)) as image:
        return np.asarray(image.convert("RGB"))
