from __future__ import annotations

import numpy as np
import pytest

from gan.metrics.frechet import covariance, frechet


def cloud(n: int, seed: int, dim: int = 6) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(n, dim)).astype(np.float32)


def test_equal_sets_are_at_distance_zero() -> None:
    assert frechet(cloud(100, 0), cloud(100, 0)) == pytest.approx(0, abs=1e-9)


def test_a_shift_costs_its_squared_length() -> None:
    points, shift = cloud(200, 0), np.array([3, 0, 4, 0, 0, 0], np.float32)
    assert frechet(points, points + shift) == pytest.approx(25, rel=1e-5)


def test_a_scale_costs_the_squared_difference_of_deviations() -> None:
    # N(0, C) against N(0, s² C): tr C (1 - s)²
    points = cloud(300, 1)
    points -= points.mean(0)
    assert frechet(points, 3 * points) == pytest.approx(4 * np.trace(covariance(points)), rel=1e-5)


def test_equals_the_general_matrix_root() -> None:
    rng = np.random.default_rng(3)
    a, b = (cloud(400, seed) @ rng.normal(size=(6, 6)).astype(np.float32) for seed in (1, 2))
    # the trace of (C_a C_b)^½ from the eigenvalues of the unsymmetric product
    root = np.sqrt(np.linalg.eigvals(covariance(a) @ covariance(b)).astype(complex)).real.sum()
    expected = ((a.mean(0) - b.mean(0)) ** 2).sum() + np.trace(covariance(a) + covariance(b)) - 2 * root
    assert frechet(a, b) == pytest.approx(expected, rel=1e-4)
    assert frechet(a, b) == pytest.approx(frechet(b, a), rel=1e-9)


def test_works_on_fewer_vectors_than_dimensions() -> None:
    assert np.isfinite(frechet(cloud(3, 0), cloud(4, 1)))
