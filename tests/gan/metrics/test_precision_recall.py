from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gan.metrics import precision_recall as module
from gan.metrics.precision_recall import inside, precision_recall, radii


def brute_force(reals: np.ndarray, fakes: np.ndarray, k: int) -> tuple[float, float]:
    def covered(queries: np.ndarray, centres: np.ndarray) -> float:
        hits = 0
        for query in queries:
            for index, centre in enumerate(centres):
                others = np.delete(centres, index, axis=0)
                reach = sorted(float(np.linalg.norm(centre - other)) for other in others)[k - 1]
                if float(np.linalg.norm(query - centre)) <= reach:
                    hits += 1
                    break
        return hits / len(queries)

    return covered(fakes, reals), covered(reals, fakes)


def cloud(n: int, seed: int, centre: float = 0.0, dim: int = 8) -> np.ndarray:
    return (np.random.default_rng(seed).normal(size=(n, dim)) + centre).astype(np.float32)


@given(seed=st.integers(0, 2**32 - 1), n=st.integers(6, 20), m=st.integers(6, 20), k=st.integers(1, 5))
def test_equals_brute_force_in_any_number_of_blocks(seed: int, n: int, m: int, k: int) -> None:
    reals, fakes = cloud(n, seed, dim=3), cloud(m, seed + 1, centre=0.7, dim=3)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_BLOCK", 7)
        assert precision_recall(reals, fakes, k) == pytest.approx(brute_force(reals, fakes, k))


def test_radius_is_the_kth_other_neighbour() -> None:
    line = np.array([[0], [1], [3], [7]], np.float32)
    assert radii(line, 1).tolist() == [1, 1, 2, 4]
    assert radii(line, 3).tolist() == [7, 6, 4, 7]


def test_a_ball_holds_its_own_edge() -> None:
    centres, reach = np.zeros((1, 1), np.float32), np.ones(1, np.float32)
    assert inside(np.array([[1.0], [1.001]], np.float32), centres, reach).tolist() == [True, False]


def test_equal_sets_are_perfect() -> None:
    points = cloud(50, 0)
    assert precision_recall(points, points) == (1.0, 1.0)


def test_a_dropped_mode_costs_recall_only() -> None:
    reals = np.concatenate([cloud(200, 1, -20), cloud(200, 2, 20)])
    precision, recall = precision_recall(reals, cloud(400, 3, -20))
    assert precision > 0.8
    assert 0.3 < recall <= 0.5


def test_an_invented_mode_costs_precision_only() -> None:
    fakes = np.concatenate([cloud(300, 1, -20), cloud(100, 2, 20)])
    precision, recall = precision_recall(cloud(400, 3, -20), fakes)
    assert 0.55 < precision <= 0.75
    assert recall > 0.8


def test_a_generator_that_always_draws_one_picture_has_no_recall() -> None:
    reals = cloud(100, 1)
    collapsed = np.repeat(reals[:1] + np.float32(1e-3), 100, axis=0)
    precision, recall = precision_recall(reals, collapsed)
    assert (precision, recall) == (1.0, 0.0)


def test_too_few_points() -> None:
    with pytest.raises(ValueError, match="no neighbour number 3"):
        radii(cloud(3, 0))
