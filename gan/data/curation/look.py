"""One picture, looked at: its thumbnail and everything that is measured of it alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image

from gan.data.curation.features import describe
from gan.data.curation.scores import background_and_figure, hashes, sharpness
from gan.data.pictures import Unusable, decode, flatten, letterbox
from gan.data.sources import Source, read_checked
from gan.images import Bytes, Floats

THUMBNAIL = 96  # pixels
_FINE_ENOUGH = 512  # pixels of a side, from which a large JPEG is looked at


@dataclass(frozen=True, eq=False)
class Look:
    """What is known of a picture by itself.

    Attributes:
        sha256: of its bytes, in hexadecimal.
        size: width and height in pixels, as shown.
        scores: those of :data:`gan.data.curation.scores.SCORES` that need no other picture.
        hashes: see :func:`gan.data.curation.scores.hashes`.
        raw: see :func:`gan.data.curation.features.describe`.
    """

    sha256: str
    size: tuple[int, int]
    scores: dict[str, float]
    hashes: tuple[int, int]
    raw: Floats


def look(source: Source) -> tuple[str, tuple[Look, Bytes]] | Unusable:
    """The sha256 of a picture's bytes, what is known of it and its thumbnail (96, 96, 3); or why it cannot be used."""
    try:
        content, sha256 = read_checked(source)
        image, size = decode(content, _FINE_ENOUGH)
    except Unusable as reason:
        return reason
    try:
        image = flatten(image, "RGB", "white")
        grey = image.convert("L")
        small = letterbox(image, THUMBNAIL, "white")
    except Exception:  # what decoders accept, conversions may still refuse
        return Unusable("damaged, or of an unknown kind")
    thumbnail = np.asarray(small)
    plain, one = background_and_figure(_without_letterbox(small, size))
    sharp, shorter = sharpness(grey), min(size)
    scores = {"background": plain, "one_figure": one, "size": float(shorter), "sharpness": sharp}
    alike = np.array([plain / 100, one / 100, np.log2(shorter) / 4, np.log1p(sharp) / 8], np.float32)
    seen = Look(sha256, size, scores, hashes(small.convert("L")), describe(thumbnail, alike))
    return sha256, (seen, thumbnail)


def _without_letterbox(thumbnail: Image.Image, size: tuple[int, int]) -> Bytes:
    scale = THUMBNAIL / max(size)
    width, height = (max(1, round(side * scale)) for side in size)
    left, top = (THUMBNAIL - width) // 2, (THUMBNAIL - height) // 2
    return np.asarray(thumbnail.crop((left, top, left + width, top + height)))
