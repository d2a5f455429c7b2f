"""What can be said of a picture without knowing what the user wants: one number each, to sort and filter by."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from PIL import Image

from gan.data.parallel import one_blas_thread
from gan.images import Bytes, Floats

_RIM = 2  # pixels of a thumbnail
_GROUND_APART = 24  # levels by which a colour may differ from the background's and still belong to it
_FIGURE_APART = 40  # levels from which it stands out
_SPECK = 9  # pixels of a thumbnail: smaller pieces are dust, and soft edges
SHARPNESS_SIDE = 256  # pixels that the longer side is reduced to, where it is longer
NEAR_BITS = 14  # of the 64 of each hash, in which near-duplicates may differ
_NEAR_CELLS = 12  # of a side, in which the pixels of two pictures are compared
NEAR_LEVELS = 20  # of 255, by which no cell of two near-duplicates differs; a changed mouth does
_OUTLIER_NEIGHBOUR = 10  # the distance to the how-manieth nearest picture counts
_OUTLIER_REFERENCES = 3000  # pictures that all are compared with, where there are more
_BLOCK = 256  # pictures that are compared with all others at once
_PAIRED_BLOCK = 64  # the same, where every pair may be alike
_PAIRS = 1024  # whose pixels are compared at once

Rows = npt.NDArray[np.intp]


@dataclass(frozen=True)
class ScoreInfo:
    """How to show a score.

    Attributes:
        label: a few words, for a column or a menu.
        about: one sentence that says what is measured.
        unit: of the number; empty where it has none.
        good: which end most users want.
    """

    label: str
    about: str
    unit: str
    good: Literal["high", "low"]


SCORES: dict[str, ScoreInfo] = {
    "background": ScoreInfo(
        "Plain background", "Share of the picture's rim that has the rim's most common colour.", "%", "high"
    ),
    "one_figure": ScoreInfo(
        "One figure",
        "Share of everything that stands out from the background which belongs to its largest connected piece.",
        "%",
        "high",
    ),
    "size": ScoreInfo("Size", "The shorter side of the picture.", "px", "high"),
    "sharpness": ScoreInfo(
        "Sharpness",
        "Spread of the picture's second derivative (the variance of the Laplacian): blurred pictures have little.",
        "",
        "high",
    ),
    "copies": ScoreInfo("Near-duplicates", "How many other pictures look almost the same.", "", "low"),
    "group": ScoreInfo(
        "Look-alikes",
        "Number of the group of near-duplicates that a picture belongs to; 0 where it has none.",
        "",
        "low",
    ),
    "outlier": ScoreInfo(
        "Outlier",
        "Distance to its nearest neighbours in colours and shapes; 1 is typical of these pictures.",
        "×",
        "low",
    ),
}
"""Score name -> how to show it; the keys of ``Collection.scores`` and of a manifest's ``scores``."""


def background_and_figure(picture: Bytes) -> tuple[float, float]:
    """How plain the background is, and how much of what stands out from it is one piece, both in percent.

    Args:
        picture: (H, W, 3), small: a thumbnail without its letterbox.
    """
    from scipy import ndimage  # here, since the window imports this file at its start

    pixels = picture.astype(np.int16)
    rim = np.concatenate([pixels[:_RIM].reshape(-1, 3), pixels[-_RIM:].reshape(-1, 3),
                          pixels[:, :_RIM].reshape(-1, 3), pixels[:, -_RIM:].reshape(-1, 3)])  # fmt: skip
    code = (rim[:, 0] >> 4) * 256 + (rim[:, 1] >> 4) * 16 + (rim[:, 2] >> 4)
    ground = np.median(rim[code == np.bincount(code).argmax()], axis=0).astype(np.int16)
    plain = float((np.abs(rim - ground).max(1) <= _GROUND_APART).mean())
    red, green, blue = np.moveaxis(np.abs(pixels - ground) > _FIGURE_APART, -1, 0)
    figure = red | green | blue
    # thin lines break when a picture is made small: pieces a pixel apart belong together
    near = ndimage.binary_dilation(figure, np.ones((3, 3), bool))
    pieces, count = ndimage.label(near, np.ones((3, 3), int))
    areas = np.bincount(pieces[figure], minlength=count + 1)[1:]
    areas = areas[areas >= _SPECK]
    one = float(areas.max() / areas.sum()) if len(areas) else 0.0
    return 100 * plain, 100 * one


def sharpness(grey: Image.Image) -> float:
    """Variance of the Laplacian of a luminance picture, at most 256 pixels long (Pech-Pacheco et al. 2000)."""
    if max(grey.size) > SHARPNESS_SIDE:
        grey = grey.copy()
        grey.thumbnail((SHARPNESS_SIDE, SHARPNESS_SIDE), Image.Resampling.BOX)
    pixels = np.asarray(grey).astype(np.int16)
    if min(pixels.shape) < 3:
        return 0.0
    centre = 4 * pixels[1:-1, 1:-1]
    laplacian = pixels[:-2, 1:-1] + pixels[2:, 1:-1] + pixels[1:-1, :-2] + pixels[1:-1, 2:] - centre
    values = laplacian.ravel().astype(np.float32)
    return max(0.0, float(values @ values) / len(values) - float(values.mean()) ** 2)


def hashes(grey: Image.Image) -> tuple[int, int]:
    """Two perceptual hashes of 64 bits each: of low frequencies (phash), of neighbouring brightness (dhash)."""
    import imagehash  # brings SciPy's transforms and wavelets: only those who scan need it

    found = imagehash.phash(grey), imagehash.dhash(grey)
    return tuple(int.from_bytes(np.packbits(one.hash).tobytes(), "big") for one in found)  # type: ignore[return-value]


def near_duplicates(
    codes: npt.NDArray[np.uint64], thumbnails: Bytes, still_wanted: Callable[[], None] = lambda: None
) -> tuple[Floats, Floats]:
    """How many near-duplicates each picture has, and the number of its group (from 1; 0 is none): float32 (n,) each.

    Every pair is compared by its hashes; those that agree are compared by their pixels, since hashes are blind to
    colour and to a changed mouth. No pair is kept: of a pile of look-alikes there are too many.

    Args:
        codes: uint64 (n, 2), see :func:`hashes`.
        thumbnails: uint8 (n, H, W, 3).
        still_wanted: called often; may raise to end it.
    """
    n = len(codes)
    counts, labels = np.zeros(n, np.int64), np.arange(n)
    for first, second in _near_pairs(codes, thumbnails, still_wanted):
        counts += np.bincount(first, minlength=n) + np.bincount(second, minlength=n)
        labels = _joined(labels, first, second)
    groups = np.zeros(n, np.float32)
    paired = counts > 0
    _, first_seen, inverse = np.unique(labels[paired], return_index=True, return_inverse=True)
    groups[paired] = np.argsort(np.argsort(first_seen))[inverse] + 1  # numbered in the order of the pictures
    return counts.astype(np.float32), groups


def _near_pairs(
    codes: npt.NDArray[np.uint64], thumbnails: Bytes, still_wanted: Callable[[], None]
) -> Generator[tuple[Rows, Rows], None, None]:
    """Every pair of near-duplicates once, the earlier picture first, block by block."""
    n = len(codes)
    cells = np.concatenate([_cells(thumbnails[start : start + _BLOCK], _NEAR_CELLS) for start in range(0, n, _BLOCK)])
    # if no small cell is further apart than that, no large one is: those few numbers rule out most pairs
    large = cells.reshape(n, 2, _NEAR_CELLS // 2, 2, _NEAR_CELLS // 2, 3).mean(axis=(2, 4)).astype(np.uint8)
    guides = np.arange(n)  # of each picture one within half the distance: those of the same guide are alike for certain
    for start in range(0, n, _PAIRED_BLOCK):
        still_wanted()
        block = codes[start : start + _PAIRED_BLOCK]
        near = np.bitwise_count(block[:, None, 0] ^ codes[None, start:, 0]) <= NEAR_BITS
        first, second = np.nonzero(np.triu(near, 1))
        first, second = first + start, second + start
        close = np.bitwise_count(codes[first, 1] ^ codes[second, 1]) <= NEAR_BITS
        first, second = first[close], second[close]
        sure = guides[first] == guides[second]
        yield first[sure], second[sure]
        first, second = first[~sure], second[~sure]
        may_be = _apart(large, first, second) <= NEAR_LEVELS
        first, second = first[may_be], second[may_be]
        apart = _apart(cells, first, second)
        alike = apart <= NEAR_LEVELS
        yield first[alike], second[alike]
        guided = np.flatnonzero((apart <= NEAR_LEVELS // 2) & (guides[second] == second))  # and had none yet
        led, earliest = np.unique(second[guided], return_index=True)
        guides[led] = first[guided[earliest]]


def _joined(labels: Rows, first: Rows, second: Rows) -> Rows:
    """The components (n,) of a graph after its nodes ``first`` and ``second`` were linked, pair by pair."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    ends, others = labels[first], labels[second]
    new = ends != others
    if not new.any():
        return labels
    links = coo_matrix((np.ones(int(new.sum()), bool), (ends[new], others[new])), (len(labels), len(labels)))
    components: Rows = connected_components(links, directed=False)[1]
    return components[labels]


def _cells(thumbnails: Bytes, cells: int) -> Bytes:
    """Mean colour (n, cells, cells, 3)."""
    n, side = len(thumbnails), thumbnails.shape[1] // cells
    bands = thumbnails.reshape(n, cells, side, -1).sum(axis=2, dtype=np.int32)  # one axis at a time: much faster
    means: Bytes = (bands.reshape(n, cells, cells, side, 3).sum(axis=3) // side**2).astype(np.uint8)
    return means


def _apart(numbers: Bytes, first: Rows, second: Rows) -> Bytes:
    """How far the numbers of ``first`` and ``second`` are apart where they differ most, pair by pair."""
    flat = numbers.reshape(len(numbers), -1)
    found = np.zeros(len(first), np.uint8)
    for begin in range(0, len(first), _PAIRS):
        part = slice(begin, begin + _PAIRS)
        one, other = flat.take(first[part], axis=0), flat.take(second[part], axis=0)
        found[part] = (np.maximum(one, other) - np.minimum(one, other)).max(axis=1)
    return found


@one_blas_thread()
def outliers(features: Floats) -> Floats:
    """Distance to the tenth nearest picture, over the median of all such distances -> float32 (n,).

    Of many pictures a fixed random 3,000 stand for all.
    """
    n = len(features)
    if n < 3:
        return np.ones(n, np.float32)
    references = features
    if n > _OUTLIER_REFERENCES:
        references = features[np.sort(np.random.RandomState(0).permutation(n)[:_OUTLIER_REFERENCES])]
    rank = min(_OUTLIER_NEIGHBOUR, len(references) - 1)  # the nearest is often the picture itself
    squares = (references**2).sum(1)
    distance = np.empty(n, np.float32)
    for start in range(0, n, _BLOCK):
        block = features[start : start + _BLOCK]
        apart = (block**2).sum(1)[:, None] + squares - 2 * block @ references.T
        distance[start : start + _BLOCK] = np.sqrt(np.maximum(np.partition(apart, rank, axis=1)[:, rank], 0))
    typical = float(np.median(distance))
    return distance / np.float32(typical) if typical > 0 else np.ones(n, np.float32)
