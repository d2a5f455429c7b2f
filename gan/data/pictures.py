"""From a picture file, any format and shape, to a square of pixels."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import IO

import numpy as np
from PIL import Image, ImageOps

from gan.images import Bytes

# EPS starts Ghostscript and WMF asks Windows: neither should happen because a file lies in a folder.
_FORBIDDEN = {"EPS", "WMF"}
_LEAST_SIDE = 8
Opener = Callable[[], IO[bytes]]


def suffixes() -> frozenset[str]:
    """Lower-case file suffixes, with their dot, of the formats that can be read."""
    readable = set(_formats())
    return frozenset(suffix for suffix, name in Image.registered_extensions().items() if name in readable)


def read_pictures(
    openers: Iterable[Opener], total: int, size: int, channels: int, progress: Callable[[int, int], None] | None = None
) -> Bytes:
    """Read what can be read, in order -> (n <= total, size, size, channels).

    Damaged, tiny (a side under 8 pixels) and dangerously large pictures are left out.

    Args:
        progress: told (done, total) after every file, used or not.
    """
    images = np.empty((total, size, size, channels), np.uint8)  # pages never written to cost no memory
    formats = _formats()
    count = 0
    with _decoder_warnings():
        for done, opener in enumerate(openers, start=1):
            image = _read(opener, formats, size, channels)
            if image is not None:
                images[count] = image
                count += 1
            if progress is not None:
                progress(done, total)
    return images[:count]


def square(image: Image.Image, size: int, channels: int) -> Bytes:
    """The middle square of a picture on white -> (size, size, channels); 1 channel is its luminance."""
    if image.mode.startswith("I;16"):  # Pillow would clip 16 bits, not scale them
        image = Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
    if image.has_transparency_data:
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    image = image.convert("RGB" if channels == 3 else "L")
    image = ImageOps.fit(image, (size, size), Image.Resampling.LANCZOS)
    return np.asarray(image).reshape(size, size, channels)


def _read(opener: Opener, formats: list[str], size: int, channels: int) -> Bytes | None:
    try:
        with opener() as file, Image.open(file, formats=formats) as image:
            if min(image.size) < _LEAST_SIDE:
                return None
            image.draft(None, (2 * size, 2 * size))  # a large JPEG is decoded no finer than it is needed
            return square(ImageOps.exif_transpose(image), size, channels)
    except Exception:  # Pillow's many decoders raise whatever comes to them on damaged bytes
        return None


def _formats() -> list[str]:
    Image.init()
    return [name for name in Image.OPEN if name not in _FORBIDDEN]


@contextmanager
def _decoder_warnings() -> Iterator[None]:
    """Damaged metadata is nobody's business; a picture so large that Pillow warns of it is refused."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        yield
