from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from gan.errors import UserError
from gan.latent.draws import draw
from gan.latent.neighbours import (
    MODES,
    around,
    around_with_parents,
    chi_deviation,
    chi_mean,
    lock_mask,
    max_sigma,
    mean_angle,
    neighbours,
    norm_change,
    norm_percentile,
)

modes = st.sampled_from(MODES)
sigmas = st.floats(0, 1)
anything = st.floats(-1e6, 1e6, width=32, allow_subnormal=True)


def latents(dim: int = 6) -> st.SearchStrategy[np.ndarray]:
    return hnp.arrays(np.float32, dim, elements=anything)


@pytest.mark.parametrize("mode", MODES)
def test_row_by_row_from_the_seed(mode: str) -> None:
    z, sigma = draw(1, 5, 1)[0].astype(np.float64), 0.7
    random = np.random.RandomState(3)
    rows = []
    for _ in range(4):
        noise = random.standard_normal(5)
        row = z * (math.sqrt(1 - sigma**2) if mode == "variance" else 1) + sigma * noise
        rows.append(row * np.linalg.norm(z) / np.linalg.norm(row) if mode == "norm" else row)
    found = neighbours(z.astype(np.float32), sigma, 4, 3, mode)  # type: ignore[arg-type]
    assert found.dtype == np.float32 and found.shape == (4, 5)
    np.testing.assert_allclose(found, rows, rtol=1e-6)


@settings(deadline=None)
@given(st.integers(1, 4), st.integers(1, 6), st.integers(1, 6), modes, sigmas)
def test_the_first_rows_do_not_depend_on_how_many(stars: int, few: int, more: int, mode: str, sigma: float) -> None:
    given_stars = draw(stars, 4, 9)
    rows, parents = around_with_parents(given_stars, sigma, few + more, 5, mode, [1])  # type: ignore[arg-type]
    again, parents_again = around_with_parents(given_stars, sigma, few, 5, mode, [1])  # type: ignore[arg-type]
    assert rows[:few].tobytes() == again.tobytes()
    assert np.array_equal(parents[:few], parents_again)


@settings(deadline=None)
@given(latents(), modes)
def test_sigma_zero_changes_nothing(z: np.ndarray, mode: str) -> None:
    found = neighbours(z, 0.0, 3, 0, mode)  # type: ignore[arg-type]
    assert np.array_equal(found, np.repeat(z[None], 3, 0))


@settings(deadline=None)
@given(latents(), modes, sigmas, st.sets(st.integers(0, 5)))
def test_locked_dimensions_keep_every_bit(z: np.ndarray, mode: str, sigma: float, locked: set[int]) -> None:
    indices = sorted(locked)
    found = neighbours(z, sigma, 3, 1, mode, indices)  # type: ignore[arg-type]
    for row in found:
        assert row[indices].tobytes() == z[indices].tobytes()
    mask = np.isin(np.arange(6), indices)
    assert neighbours(z, sigma, 3, 1, mode, mask).tobytes() == found.tobytes()  # type: ignore[arg-type]


def test_a_lock_does_not_shift_the_noise_of_other_dimensions() -> None:
    z = draw(1, 6, 0)[0]
    free, locked = neighbours(z, 0.5, 4, 2), neighbours(z, 0.5, 4, 2, locked=[0, 3])
    others = [1, 2, 4, 5]
    assert np.array_equal(free[:, others], locked[:, others])


def test_additive_noise_has_mean_zero_and_deviation_sigma() -> None:
    z = draw(1, 8, 4)[0]
    change = neighbours(z, 0.5, 5000, 11).astype(np.float64) - z
    assert np.abs(change.mean(0)).max() < 5 * 0.5 / math.sqrt(5000)
    assert np.abs(change.std(0) - 0.5).max() < 5 * 0.5 / math.sqrt(2 * 5000)
    correlation = np.corrcoef(change.T) - np.eye(8)
    assert np.abs(correlation).max() < 5 / math.sqrt(5000)


@settings(deadline=None)
@given(latents(), st.floats(0, 2), st.sets(st.integers(0, 5), max_size=5))
def test_mode_norm_keeps_the_length_of_the_free_part(z: np.ndarray, sigma: float, locked: set[int]) -> None:
    free = ~np.isin(np.arange(6), list(locked))
    found = neighbours(z, sigma, 3, 1, "norm", list(locked)).astype(np.float64)
    wanted = np.linalg.norm(z.astype(np.float64)[free])
    np.testing.assert_allclose(np.linalg.norm(found[:, free], axis=1), wanted, rtol=1e-6, atol=1e-44)


def test_mode_variance_keeps_the_standard_normal() -> None:
    sigma = 0.6
    before = draw(4000, 3, 0)
    after = np.concatenate([neighbours(z, sigma, 1, seed, "variance") for seed, z in enumerate(before, start=10**6)])
    both = np.cov(np.concatenate([before, after], 1).T)
    keep = math.sqrt(1 - sigma**2)
    expected = np.block([[np.eye(3), keep * np.eye(3)], [keep * np.eye(3), np.eye(3)]])
    assert np.abs(both - expected).max() < 6 / math.sqrt(4000)
    assert np.abs(after.mean(0)).max() < 5 / math.sqrt(4000)


@pytest.mark.parametrize(
    ("mode", "good", "bad"),
    [("additive", (0, 2), (-0.1, 2.01)), ("norm", (0, 2), (-0.1, 2.01)), ("variance", (0, 1), (-0.1, 1.01))],
)
def test_range_of_sigma(mode: str, good: tuple[float, ...], bad: tuple[float, ...]) -> None:
    z = draw(1, 4, 0)[0]
    for sigma in good:
        assert np.isfinite(neighbours(z, sigma, 2, 0, mode)).all()  # type: ignore[arg-type]
    for sigma in (*bad, math.nan, math.inf):
        with pytest.raises(UserError, match="sigma"):
            neighbours(z, sigma, 2, 0, mode)  # type: ignore[arg-type]


def test_what_makes_no_sense_is_refused() -> None:
    z = draw(1, 4, 0)[0]
    with pytest.raises(UserError, match="'spherical' is unknown"):
        neighbours(z, mode="spherical")  # type: ignore[arg-type]
    with pytest.raises(UserError, match="seed"):
        neighbours(z, seed=-1)
    for index in (-1, 4, 10**30):
        with pytest.raises(UserError, match="dimensions 0 to 3"):
            neighbours(z, locked=[index])
    with pytest.raises(UserError, match="mask of 3 locks"):
        neighbours(z, locked=np.array([True, False, True]))


def test_lock_mask() -> None:
    assert lock_mask((), 3).tolist() == [False] * 3
    assert lock_mask([2, 0, 2], 3).tolist() == [True, False, True]
    assert lock_mask(np.array([False, True]), 2).tolist() == [False, True]


def test_around_chooses_every_star_about_equally_often() -> None:
    stars = draw(4, 3, 0) * 100
    found, parents = around_with_parents(stars, 0.5, 2000, 1)
    assert np.array_equal(around(stars, 0.5, 2000, 1), found)
    counts = np.bincount(parents, minlength=4)
    assert counts.size == 4 and np.abs(counts - 500).max() < 5 * math.sqrt(2000 * 0.25 * 0.75)
    distances = np.linalg.norm(found[:, None] - stars, axis=2)
    assert np.array_equal(distances.argmin(1), parents)
    assert abs(np.std(found - stars[parents]) - 0.5) < 0.03


def test_one_star_is_the_same_as_its_neighbours() -> None:
    star = draw(1, 5, 8)
    assert around(star, 0.5, 6, 2).tobytes() == neighbours(star[0], 0.5, 6, 2).tobytes()
    assert around_with_parents(star, 0.5, 6, 2)[1].tolist() == [0] * 6


def test_inputs_stay_as_they_were() -> None:
    stars = draw(3, 4, 0)
    before = stars.copy()
    stars.flags.writeable = False
    for mode in MODES:
        around(stars, 0.5, 5, 0, mode, [1])
    assert np.array_equal(stars, before)


@pytest.mark.parametrize("dim", [1, 2, 3, 7, 50, 300])
def test_chi_moments_in_closed_form(dim: int) -> None:
    mean = math.sqrt(2) * math.gamma((dim + 1) / 2) / math.gamma(dim / 2)
    assert chi_mean(dim) == pytest.approx(mean, rel=1e-12)
    assert chi_deviation(dim) == pytest.approx(math.sqrt(dim - mean**2), rel=1e-9)


def test_chi_moments_of_samples_and_of_many_dimensions() -> None:
    lengths = np.linalg.norm(draw(20_000, 10, 0), axis=1)
    assert lengths.mean() == pytest.approx(chi_mean(10), abs=0.02)
    assert lengths.std() == pytest.approx(chi_deviation(10), abs=0.02)
    assert chi_deviation(1024) == pytest.approx(math.sqrt(0.5), rel=1e-3)


def test_norm_change() -> None:
    before, after = np.array([3, 4], np.float32), np.array([[6, 8], [0, 0]], np.float32)
    assert norm_change(before, after[:1]) == pytest.approx(5 / chi_deviation(2))
    assert norm_change(before, after) == pytest.approx(0, abs=1e-6)
    assert norm_change(after, after[::-1]) == pytest.approx(0, abs=1e-6)
    stars = draw(500, 100, 0)
    assert norm_change(stars, np.concatenate([neighbours(z, 0.5, 1, s) for s, z in enumerate(stars, 10**6)])) == (
        pytest.approx(1.7, abs=0.15)
    )  # the design's figure for the original author's sigma


@pytest.mark.parametrize("dim", [3, 16, 100])
def test_norm_percentile_of_draws_is_uniform(dim: int) -> None:
    shares = np.sort([norm_percentile(z) for z in draw(4000, dim, 5)])
    assert np.abs(shares - (np.arange(4000) + 0.5) / 4000).max() < 0.01 + 1.63 / math.sqrt(4000)


@pytest.mark.parametrize(
    ("dim", "exact", "error"),
    [
        (1, lambda r: math.erf(r / math.sqrt(2)), 0.06),
        (2, lambda r: 1 - math.exp(-r * r / 2), 0.013),
        (4, lambda r: 1 - math.exp(-r * r / 2) * (1 + r * r / 2), 0.01),
    ],
)
def test_norm_percentile_in_closed_form(dim: int, exact, error: float) -> None:
    radii = np.linspace(0, 8, 100)
    shares = [norm_percentile(np.eye(1, dim, dtype=np.float32)[0] * np.float32(r)) for r in radii]
    assert np.abs(np.array(shares) - [exact(r) for r in radii]).max() < error
    assert shares == sorted(shares) and shares[0] >= 0 and shares[-1] <= 1


def test_norm_percentile_far_away() -> None:
    assert norm_percentile(np.zeros(100, np.float32)) < 1e-6
    assert norm_percentile(np.full(100, 3e38, np.float32)) == 1.0


def test_mean_angle() -> None:
    before = np.array([2, 0], np.float32)
    after = np.array([[0, 3], [-1, 0], [5, 0], [0, 0]], np.float32)
    assert mean_angle(before, after) == pytest.approx((90 + 180 + 0) / 3)
    assert mean_angle(before, after[3:]) is None
    assert mean_angle(np.zeros(2, np.float32), after) is None
    tiny = np.array([[1, 1e-6]], np.float32)
    assert mean_angle(before, tiny) == pytest.approx(math.degrees(1e-6), rel=1e-3)


@pytest.mark.parametrize("mode", MODES)
def test_max_sigma_is_what_is_accepted(mode: str) -> None:
    most = max_sigma(mode)
    neighbours(np.ones(3, np.float32), most, mode=mode)
    with pytest.raises(UserError):
        neighbours(np.ones(3, np.float32), most + 0.01, mode=mode)
