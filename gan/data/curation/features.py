"""Cheap numbers that tell one kind of picture from another: where what colours lie, where edges run, how it is drawn.

No network: they are computed from a thumbnail in about a millisecond, know no subject in particular, and hold enough
for a model of a few dozen decisions (``ranking.py``). The judge's network in ``gan.metrics`` was left out: it learnt
the data set ``people``, so it would know the answers of the very test that this has to pass, and nothing of others.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from gan.data.parallel import one_blas_thread
from gan.images import Bytes, Floats

DIMENSIONS = 100  # of what is learnt from
_CELLS = 6  # of a side, for edges
_PLACES = 8  # of a side, for colours
_DIRECTIONS = 8  # of edges, over half a turn
_SLOPES = (1, 4, 12, 30, 60, 90)  # levels a pixel
_CURVES = (2, 8, 24, 60, 120, 240)
_GREYS = (24, 64, 128, 192, 240, 254)
_SPREADS = (8, 32, 64, 96, 160, 220)  # between the strongest and the weakest of red, green and blue


def describe(thumbnail: Bytes, scores: Floats) -> Floats:
    """One picture's raw numbers, float32 (573 + len(scores),), block after block.

    Args:
        thumbnail: (96, 96, 3), letterboxed on white.
        scores: what else is known of it, of a similar size.
    """
    grey: Floats = thumbnail.astype(np.float32) @ np.array([0.299, 0.587, 0.114], np.float32)
    return np.concatenate([_colours(thumbnail), _layout(thumbnail), _edges(grey), _strokes(thumbnail, grey), scores])


@one_blas_thread()
def condense(raw: Floats) -> Floats:
    """Raw numbers of many pictures -> float32 (n, <= 100): principal components, the smaller ones raised.

    Every block weighs the same. Components are divided by the fourth root of their variance, half way to equal sizes:
    what few pictures differ in is then seen as well, without noise becoming as loud as everything else.
    """
    centred = (raw - raw.mean(0)).astype(np.float64)
    bounds = np.cumsum(_WIDTHS)
    for block in np.split(centred, bounds, axis=1):
        block /= max(np.sqrt((block**2).sum(1).mean()), 1e-12)  # a view: changed in place
    variances, directions = np.linalg.eigh(centred.T @ centred / len(raw))
    variances, directions = variances[::-1][:DIMENSIONS], directions[:, ::-1][:, :DIMENSIONS]
    real = variances > 1e-9 * max(variances[0], 1e-12)
    directions = directions[:, real] / variances[real] ** 0.25
    directions *= np.sign(directions[np.abs(directions).argmax(0), np.arange(directions.shape[1])])  # a fixed sign
    found = centred @ directions
    condensed: Floats = (found / max(np.sqrt((found**2).sum(1).mean()), 1e-12)).astype(np.float32)
    return condensed


def _colours(thumbnail: Bytes) -> Floats:
    """Roots of the shares of 64 colours: distances between roots compare distributions (Hellinger)."""
    red, green, blue = np.moveaxis(thumbnail >> 6, -1, 0)
    return _roots(np.bincount(((red << 4) | (green << 2) | blue).ravel(), minlength=64))


def _layout(thumbnail: Bytes) -> Floats:
    """Mean colour, in 0..1, of each of 8 x 8 places."""
    side = thumbnail.shape[0] // _PLACES
    bands = thumbnail.reshape(_PLACES, side, -1).sum(axis=1, dtype=np.float32)  # one axis at a time: 5 times as fast
    cells: Floats = bands.reshape(_PLACES, _PLACES, side, 3).sum(axis=2) / np.float32(255 * side**2)
    return cells.ravel()


def _edges(grey: Floats) -> Floats:
    """How strongly edges of each of 8 directions run through each of 6 x 6 places, as roots of shares."""
    half = (grey[::2, ::2] + grey[1::2, ::2] + grey[::2, 1::2] + grey[1::2, 1::2]) / 4
    dx, dy = half[1:-1, 2:] - half[1:-1, :-2], half[2:, 1:-1] - half[:-2, 1:-1]
    direction = np.floor(np.arctan2(dy, dx) * (_DIRECTIONS / np.pi)).astype(np.intp) % _DIRECTIONS
    place = np.arange(len(dx)) * _CELLS // len(dx)
    code = (place[:, None] * _CELLS + place) * _DIRECTIONS + direction
    return _roots(np.bincount(code.ravel(), np.hypot(dx, dy).ravel(), _CELLS**2 * _DIRECTIONS))


def _strokes(thumbnail: Bytes, grey: Floats) -> Floats:
    """How much is flat, finely or coarsely drawn, dark, bright, colourful; how unlike its mirror image it is."""
    centre = grey[1:-1, 1:-1]
    up, down, left, right = grey[:-2, 1:-1], grey[2:, 1:-1], grey[1:-1, :-2], grey[1:-1, 2:]
    red, green, blue = np.moveaxis(thumbnail, -1, 0)
    spread = np.maximum(np.maximum(red, green), blue) - np.minimum(np.minimum(red, green), blue)
    shares = [
        _shares(np.hypot(right - left, down - up), _SLOPES),
        _shares(np.abs(4 * centre - up - down - left - right), _CURVES),
        _shares(grey, _GREYS),
        _shares(spread, _SPREADS),
    ]
    unlike_its_mirror = np.abs(grey - grey[:, ::-1]).mean() / 64
    return np.concatenate([*shares, [unlike_its_mirror]]).astype(np.float32)


_WIDTHS = (64, 3 * _PLACES**2, _CELLS**2 * _DIRECTIONS, 4 * 7 + 1)


def _shares(values: npt.NDArray[np.floating | np.uint8], bounds: tuple[int, ...]) -> Floats:
    """Roots of the shares of values between the bounds."""
    bins = np.minimum(values, 255).astype(np.uint8)
    counts = np.bincount(bins.ravel(), minlength=256)
    return _roots(np.add.reduceat(counts, (0, *bounds)))


def _roots(counts: npt.NDArray[np.floating | np.integer]) -> Floats:
    found: Floats = np.sqrt(counts / max(float(counts.sum()), 1e-6)).astype(np.float32)
    return found
