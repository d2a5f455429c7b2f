from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from latent_debugger.state.bookmark import z_bytes
from latent_debugger.state.duplicates import NEAR_SIGMA, duplicates


def at(star: Any, number: int, values: list[float], **changes: Any) -> Any:
    return star(number, id=str(number), z=z_bytes(np.asarray(values, np.float32)), dim=len(values), **changes)


def test_exact_copies_of_the_same_model_only(star: Any) -> None:
    stars = [
        at(star, 0, [1, 2, 3]),
        at(star, 1, [1, 2, 3]),
        at(star, 2, [1, 2, 3], run="run-b"),
        at(star, 3, [1, 2, 3], run=None, model_sha256="b"),
        at(star, 4, [1, 2, 3], run=None, model_sha256="b"),
        at(star, 5, [-1, 2, 3]),
    ]
    found = duplicates(stars)
    assert found.exact == ("1", "4") and found.near == ()


def test_the_best_rated_stays(star: Any) -> None:
    stars = [at(star, 0, [1, 2]), at(star, 1, [1, 2], rating=3), at(star, 2, [1, 2], rating=1)]
    assert set(duplicates(stars).exact) == {"0", "2"}


def test_near_copies_are_nearer_than_faint_noise(star: Any) -> None:
    reach = NEAR_SIGMA * 2  # sqrt(4)
    stars = [
        at(star, 0, [0, 0, 0, 0]),
        at(star, 1, [0.9 * reach, 0, 0, 0]),
        at(star, 2, [1.8 * reach, 0, 0, 0]),  # near to 1, but that goes
        at(star, 3, [0, 1.1 * reach, 0, 0]),
    ]
    assert duplicates(stars).near == ("1",)


def test_nothing_and_enormous_values(star: Any) -> None:
    assert duplicates([]).exact == ()
    assert duplicates([at(star, 0, [3e38, 3e38]), at(star, 1, [-3e38, 3e38])]).near == ()


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 1000), n=st.integers(1, 700))
def test_blocks_find_what_comparing_all_finds(star: Any, seed: int, n: int) -> None:
    z = np.random.RandomState(seed).uniform(0, 1.5, (n, 2)).astype(np.float32)
    kept: list[int] = []
    close = []
    for row in range(n):
        distances = ((z[row] - z[kept]) ** 2).sum(1)
        if (abs(distances - NEAR_SIGMA**2 * 2) < 1e-5).any():
            return  # too close to call in float32
        if (distances <= NEAR_SIGMA**2 * 2).any():
            close.append(str(row))
        else:
            kept.append(row)
    assert list(duplicates([at(star, row, z[row].tolist()) for row in range(n)]).near) == close
