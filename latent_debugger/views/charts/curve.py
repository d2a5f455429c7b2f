"""What of a long series is drawn: a few points for each few pixels, whatever its length. NumPy only.

A million points must be redrawn while somebody zooms. A band from the lowest to the highest value keeps every peak, and
a line of means runs through it. Means are summed over short stretches only: in a running sum one absurd value early in
a run would drown all later ones.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_LARGEST = 1e30
"""Of what can be drawn; sums of larger values, and the axis that would hold them, may overflow."""

_SPIKE = 3.0
_UNDER = -0.03
"""Of the height, what is left below 0 where no value is negative: enough to see a line there."""

Column = NDArray[np.float64]
Curve = tuple[Column, Column]
"""x and y, each (n,), x rising."""


def finite(x: Column, y: Column) -> Curve:
    """The points where ``y`` is a number that can be drawn: a column that was not measured in every line has gaps."""
    known = np.abs(y) <= _LARGEST  # NaN is not
    return (x, y) if known.all() else (x[known], y[known])


def window_of(smoothing: float, n: int) -> int:
    """How many points one point of the smoothed curve stands for.

    Args:
        smoothing: 0 (none) to 1 (a tenth of the series).
        n: points of the series.
    """
    return 1 + round(smoothing**2 * n / 10)


def band(curve: Curve, left: float, right: float, columns: int) -> tuple[Column, Column, Column]:
    """x, lowest and highest value of each of at most ``columns`` stretches between ``left`` and ``right``."""
    x, y, starts = _stretches(curve, left, right, columns, beside=1)
    if not len(x):
        return x, y, y
    return x[starts], np.minimum.reduceat(y, starts), np.maximum.reduceat(y, starts)


def means(curve: Curve, left: float, right: float, columns: int, window: int = 1) -> Curve:
    """The mean over ``window`` points around each of at most ``columns`` stretches between ``left`` and ``right``.

    At the ends of the series, where there are fewer points around, the mean is that of those.
    """
    x, y, starts = _stretches(curve, left, right, columns, beside=window)
    if not len(x):
        return x, y
    counts = np.diff(np.append(starts, len(x))).astype(np.float64)
    x, sums = np.add.reduceat(x, starts) / counts, np.add.reduceat(y, starts)
    half = round((window - 1) / 2 * len(starts) / len(y))
    if half:
        box = np.ones(2 * min(half, len(x) - 1) + 1)
        reach = slice(len(box) // 2, len(box) // 2 + len(x))
        sums, counts = np.convolve(sums, box)[reach], np.convolve(counts, box)[reach]
    return x, sums / counts


def value_at(curve: Curve, x: float) -> float | None:
    """The curve's value at the point nearest to ``x``; None where it has none."""
    steps, values = curve
    if not len(steps):
        return None
    after = int(np.searchsorted(steps, x))
    near = [i for i in (after - 1, after) if 0 <= i < len(steps)]
    return float(values[min(near, key=lambda i: abs(steps[i] - x))])


def span(curves: list[Curve], left: float, right: float) -> tuple[float, float] | None:
    """Lowest and highest value to show, with a little room: all of what is drawn.

    Where that is :data:`_SPIKE` times the height of all but its outermost two hundredths, those are left out: one
    absurd value would make a flat line of everything else.
    """
    shown = [y[(x >= left) & (x <= right)] for x, y in curves]
    values = np.concatenate([np.empty(0), *shown])
    if not len(values):
        return None
    low, high = float(values.min()), float(values.max())
    usual = [float(v) for v in np.percentile(values, (1, 99))]
    if high - low >= _SPIKE * (usual[1] - usual[0]):
        low, high = usual
    room = 0.08 * (high - low) or 0.05 * abs(high) or 0.5
    floor = low - room if low < 0 else max(low - room, _UNDER * (high + room))  # no negative numbers for a share
    return floor, high + room


def _stretches(
    curve: Curve, left: float, right: float, columns: int, beside: int
) -> tuple[Column, Column, NDArray[np.intp]]:
    """What is visible, and ``beside`` points to either side; and where each stretch of equally many points begins."""
    x, y = curve
    start = max(0, int(np.searchsorted(x, left)) - beside)
    stop = int(np.searchsorted(x, right, "right")) + beside
    x, y = x[start:stop], y[start:stop]
    size = max(1, -(-len(x) // max(1, columns)))
    return x, y, np.arange(0, len(x), size)
