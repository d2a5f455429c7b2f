"""Improved precision and recall (Kynkäänniemi et al. 2019, arXiv 1904.06991).

A set of points stands for the region it was drawn from: the union of one ball around each point that reaches its k-th
nearest neighbour within the set. Precision is the share of fakes inside the region of the reals (are they good?),
recall the share of reals inside the region of the fakes (is anything missing?).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import torch

from gan.images import Floats
from gan.rendering import one_thread

NEIGHBOURS = 3  # k of the paper
_BLOCK = 1024  # rows of the distance matrix in memory at once


class PrecisionRecall(NamedTuple):
    """Both lie in 0 ... 1."""

    precision: float
    recall: float


def precision_recall(reals: Floats, fakes: Floats, k: int = NEIGHBOURS) -> PrecisionRecall:
    """Compare two sets of feature vectors; use equal counts, since balls shrink as a set grows.

    Args:
        reals: (n, D) float32.
        fakes: (m, D) float32.
        k: the neighbour that a ball reaches.

    Raises:
        ValueError: a set has no k-th neighbour.
    """
    with one_thread():
        return PrecisionRecall(
            precision=float(inside(fakes, reals, radii(reals, k)).mean()),
            recall=float(inside(reals, fakes, radii(fakes, k)).mean()),
        )


def radii(points: Floats, k: int = NEIGHBOURS) -> Floats:
    """(n, D) -> (n,): the distance from every point to its k-th nearest other point.

    Raises:
        ValueError: fewer than k + 1 points.
    """
    if len(points) <= k:
        raise ValueError(f"{len(points)} points have no neighbour number {k}")
    # each row holds the point itself at distance 0, so the k-th other one is the (k + 1)-th smallest
    blocks = [_distances(block, points).kthvalue(k + 1, dim=1).values for block in _blocks(points)]
    return torch.cat(blocks).numpy()


def inside(queries: Floats, centres: Floats, reach: Floats) -> npt.NDArray[np.bool_]:
    """(m, D) queries -> (m,): does any ball, ``centres`` (n, D) with radii ``reach`` (n,), hold the query?"""
    limits = torch.from_numpy(reach)
    return torch.cat([(_distances(block, centres) <= limits).any(dim=1) for block in _blocks(queries)]).numpy()


def _blocks(points: Floats) -> list[Floats]:
    return [points[start : start + _BLOCK] for start in range(0, len(points), _BLOCK)]


def _distances(a: Floats, b: Floats) -> torch.Tensor:
    # by differences, not by |a|² + |b|² - 2ab: equal points must be at distance 0, a collapsed generator makes many
    return torch.cdist(torch.from_numpy(a), torch.from_numpy(b), compute_mode="donot_use_mm_for_euclid_dist")
