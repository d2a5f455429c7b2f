"""Fréchet distance between two sets of feature vectors, taken as Gaussians (Heusel et al. 2017, arXiv 1706.08500).

The equation is that of FID, the features are our own small network's: compare the figure with its real-real floor and
between models, never with a published FID.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from gan.images import Floats

Matrix = npt.NDArray[np.float64]


def frechet(a: Floats, b: Floats) -> float:
    """|m_a - m_b|² + tr(C_a + C_b - 2 (C_a C_b)^½) for means m and covariances C.

    The trace of the root is that of the symmetric (C_a^½ C_b C_a^½)^½, which has the same eigenvalues.

    Args:
        a: (n, D), n at least 2.
        b: (m, D), m at least 2. With few vectors the distance is biased upwards: compare at equal counts.
    """
    root = _square_root(covariance(a))
    product = np.linalg.eigvalsh(root @ covariance(b) @ root)
    shift = a.mean(0, dtype=np.float64) - b.mean(0, dtype=np.float64)
    traces = a.var(0, ddof=1, dtype=np.float64).sum() + b.var(0, ddof=1, dtype=np.float64).sum()
    # rounding can take the distance of equal sets a hair below zero
    return max(0.0, float(shift @ shift + traces - 2 * np.sqrt(np.maximum(product, 0)).sum()))


def covariance(points: Floats) -> Matrix:
    """(n, D) -> (D, D), with n - 1 in the denominator."""
    return np.atleast_2d(np.cov(points, rowvar=False, dtype=np.float64))


def _square_root(matrix: Matrix) -> Matrix:
    values, vectors = np.linalg.eigh(matrix)
    scaled: Matrix = vectors * np.sqrt(np.maximum(values, 0)) @ vectors.T
    return scaled
