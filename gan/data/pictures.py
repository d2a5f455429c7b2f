"""From a picture file, any format and shape, to a square of pixels."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from typing import Literal, get_args

import numpy as np
from PIL import Image, ImageColor, ImageOps

from gan.config import Framing
from gan.errors import UserError
from gan.images import Bytes, to_pillow

# EPS starts Ghostscript and WMF asks Windows: neither should happen because a file lies in a folder.
_FORBIDDEN = {"EPS", "WMF"}
LEAST_SIDE = 8  # pixels
_ORIENTATION, _ON_ITS_SIDE = 0x0112, (5, 6, 7, 8)  # EXIF: quarter turns


@dataclass(frozen=True)
class Skipped:
    """A file that is not used.

    Attributes:
        path: where it is, relative to the data set, POSIX.
        reason: why, as a few words: "damaged", "a copy of below/0.png".
    """

    path: str
    reason: str


class Unusable(Exception):  # noqa: N818 - an outcome, like StopIteration
    """A file that is no usable picture; its text is the reason."""


class Unreadable(Unusable):
    """A file that may be a picture, if only it could be read."""


@dataclass(frozen=True)
class Frame:
    """The squares to make.

    Attributes:
        size: pixels.
        channels: 3 for colour, 1 for luminance.
        framing: what happens to other shapes.
        ground: an opaque colour, like "#ffffff", under transparency and around letterboxed pictures.
    """

    size: int
    channels: int = 3
    framing: Framing = "crop"
    ground: str = "#ffffff"

    def __post_init__(self) -> None:
        if self.framing not in get_args(Framing):
            raise UserError(f"{self.framing!r} is no way to frame pictures.", "Choose crop, pad or fit.")
        try:
            opaque = len(ImageColor.getrgb(self.ground)) == 3
        except ValueError:
            opaque = False
        if not opaque:
            raise UserError(f"{self.ground!r} is no opaque colour.", 'Write one like "#ffffff" or "white".')


def suffixes() -> frozenset[str]:
    """Lower-case file suffixes, with their dot, of the formats that can be read."""
    readable = set(_formats())
    return frozenset(suffix for suffix, name in Image.registered_extensions().items() if name in readable)


def decode(content: bytes | Bytes, least: int) -> tuple[Image.Image, tuple[int, int]]:
    """Open a picture the right way up; call it within :func:`quiet_decoders`.

    Args:
        content: a file's bytes, or pixels (H, W, 1 or 3 or 4).
        least: pixels that are enough for either side: a large JPEG is decoded no finer than needed.

    Returns:
        the picture, and its full width and height.

    Raises:
        Unusable: it is damaged, tiny, or dangerously large.
    """
    if isinstance(content, np.ndarray):
        return to_pillow(np.ascontiguousarray(content)), (content.shape[1], content.shape[0])
    if not content:
        raise Unusable("empty")
    try:
        with Image.open(BytesIO(content), formats=_formats()) as image:
            if min(image.size) < LEAST_SIDE:
                raise Unusable(f"tiny: {image.width} × {image.height} pixels")
            width, height = image.size
            image.draft(None, (least, least))
            image.load()
            orientation = image.getexif().get(_ORIENTATION, 1)
            upright = image if orientation == 1 else ImageOps.exif_transpose(image)  # which always copies
            return upright, (height, width) if orientation in _ON_ITS_SIDE else (width, height)
    except Unusable:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise Unusable("far too many pixels to be opened safely") from None
    except Exception:  # Pillow's many decoders raise whatever comes to them on damaged bytes
        raise Unusable("damaged, or no picture") from None


def square(image: Image.Image, frame: Frame) -> Bytes:
    """A picture as a square on its ground -> (size, size, channels).

    Raises:
        Unusable: it is of a kind that cannot be converted.
    """
    try:
        return _square(image, frame)
    except Exception:  # what decoders accept, conversions may still refuse
        raise Unusable("damaged, or of an unknown kind") from None


def _square(image: Image.Image, frame: Frame) -> Bytes:
    image = flatten(image, "RGB" if frame.channels == 3 else "L", frame.ground)
    size = (frame.size, frame.size)
    if frame.framing == "crop":
        image = ImageOps.fit(image, size, Image.Resampling.LANCZOS)
    elif frame.framing == "pad":
        image = letterbox(image, frame.size, frame.ground)
    else:
        image = image.resize(size, Image.Resampling.LANCZOS)
    return np.asarray(image).reshape(*size, frame.channels)


def flatten(image: Image.Image, mode: Literal["RGB", "L"], ground: str) -> Image.Image:
    """Any picture as 8-bit colour or luminance, transparency on ``ground``."""
    if image.mode.startswith("I;16"):  # Pillow would clip 16 bits, not scale them
        image = Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
    if image.has_transparency_data:
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, ground), image)
    return image.convert(mode)


def letterbox(image: Image.Image, size: int, ground: str) -> Image.Image:
    """The whole picture in the middle of a square; its sides keep their ratio."""
    scale = size / max(image.size)
    width, height = (max(1, round(side * scale)) for side in image.size)
    if (width, height) != image.size:
        image = image.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=3.0)
    canvas = Image.new(image.mode, (size, size), ImageColor.getcolor(ground, image.mode))
    canvas.paste(image, ((size - width) // 2, (size - height) // 2))
    return canvas


_quiet_lock = threading.Lock()
_quiet_depth = 0
_quiet_before: warnings.catch_warnings[None] | None = None


@contextmanager
def quiet_decoders() -> Iterator[None]:
    """Damaged metadata is nobody's business; a picture so large that Pillow warns of it is refused.

    Warning filters belong to the process: of several threads in here, the first sets them and the last puts them back.
    """
    global _quiet_depth, _quiet_before
    with _quiet_lock:
        _quiet_depth += 1
        if _quiet_depth == 1:
            _quiet_before = warnings.catch_warnings()
            _quiet_before.__enter__()
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", Image.DecompressionBombWarning)
    try:
        yield
    finally:
        with _quiet_lock:
            _quiet_depth -= 1
            if _quiet_depth == 0 and _quiet_before is not None:
                _quiet_before.__exit__(None, None, None)
                _quiet_before = None


@cache
def _formats() -> tuple[str, ...]:
    Image.init()
    return tuple(name for name in Image.OPEN if name not in _FORBIDDEN)
