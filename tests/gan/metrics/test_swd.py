from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from gan.metrics import swd as module
from gan.metrics.swd import descriptors, down, laplacian_level, level_sizes, normalise, sliced_wasserstein, swd, up


def pictures(n: int, size: int = 32, channels: int = 3, seed: int = 0) -> np.ndarray:
    """Coloured discs at random places: pictures with structure at every level."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:size, :size]
    out = np.full((n, size, size, channels), 255, np.uint8)
    for image in out:
        cy, cx, radius = rng.uniform(size * 0.3, size * 0.7, 3)
        image[(y - cy) ** 2 + (x - cx) ** 2 < (radius / 2) ** 2] = rng.integers(0, 255, channels)
    return out


def test_levels_go_down_to_16_px() -> None:
    assert level_sizes(64) == (64, 32, 16)
    assert level_sizes(16) == (16,)
    for wrong in (8, 48):
        with pytest.raises(ValueError, match="power of two"):
            level_sizes(wrong)


def test_the_levels_of_a_pyramid_add_up_to_the_picture() -> None:
    image = torch.rand(2, 3, 64, 64)
    rebuilt = laplacian_level(image, 2)
    for level in (1, 0):
        rebuilt = up(rebuilt) + laplacian_level(image, level)
    assert torch.allclose(rebuilt, image, atol=1e-6)


def test_filters_keep_a_constant_picture() -> None:
    image = torch.full((1, 3, 32, 32), 7.0)
    assert torch.allclose(down(image), torch.full((1, 3, 16, 16), 7.0))
    assert torch.allclose(up(image)[..., 2:-2, 2:-2], torch.full((1, 3, 60, 60), 7.0))


def test_descriptors_are_patches_of_the_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "normalise", lambda patches: None)
    images = pictures(3, size=16)
    found = descriptors(images, level=0).reshape(3, -1, 3, 7, 7)
    windows = np.lib.stride_tricks.sliding_window_view(images.transpose(0, 3, 1, 2), (7, 7), axis=(2, 3))
    for index in range(3):
        known = {window.tobytes() for window in windows[index].transpose(1, 2, 0, 3, 4).reshape(-1, 147)}
        assert {patch.astype(np.uint8).tobytes() for patch in found[index].reshape(-1, 147)} <= known


def test_descriptors_are_normalised_per_channel() -> None:
    rng = np.random.default_rng(0)
    patches = (rng.normal(size=(500, 3, 49)) * [[[1], [5], [0]]] + [[[3], [-2], [4]]]).astype(np.float32)
    normalise(patches)
    assert np.allclose(patches.mean((0, 2)), 0, atol=1e-5)
    assert np.allclose(patches.std((0, 2)), [1, 1, 0], atol=1e-5)


@given(st.integers(0, 2**32 - 1), st.integers(1, 40))
def test_in_one_dimension_it_is_the_wasserstein_distance(seed: int, count: int) -> None:
    rng = np.random.default_rng(seed)
    a, b = rng.normal(size=(2, count, 1)).astype(np.float32)
    # the area between the two distribution functions, which needs no sorting by rank
    edges = np.sort(np.concatenate([a, b]).ravel().astype(np.float64))
    cdf_a, cdf_b = ((points <= edges[:-1]).mean(0) for points in (a, b))
    assert sliced_wasserstein(a, [b]) == pytest.approx([(np.abs(cdf_a - cdf_b) * np.diff(edges)).sum()], abs=1e-5)


def test_two_gaussians_of_known_shift() -> None:
    dim, shift = 20, 3.0
    rng = np.random.default_rng(1)
    a, b = rng.normal(size=(2, 20_000, dim)).astype(np.float32)
    b[:, 0] += shift
    # a unit direction t moves the mean by 3 t_0, and E|t_0| = Γ(d/2) / (√π Γ((d+1)/2))
    expected = shift * math.gamma(dim / 2) / (math.sqrt(math.pi) * math.gamma((dim + 1) / 2))
    assert sliced_wasserstein(a, [b]) == pytest.approx([expected], rel=0.15)  # 256 directions: 5 % per standard error


def test_equal_sets_are_at_distance_zero_in_any_order_of_patches() -> None:
    rng = np.random.default_rng(2)
    a = rng.normal(size=(300, 5)).astype(np.float32)
    assert sliced_wasserstein(a, [rng.permutation(a)]) == pytest.approx([0], abs=1e-6)
    assert swd(pictures(10), [pictures(10)]) == [{32: 0.0, 16: 0.0}]


@pytest.mark.parametrize("channels", [1, 3])
def test_symmetric_and_the_same_for_the_same_seed(channels: int) -> None:
    a, b = pictures(12, channels=channels, seed=1), pictures(12, channels=channels, seed=2)
    assert swd(a, [b], seed=5) == swd(b, [a], seed=5) == swd(a, [b], seed=5)
    assert swd(a, [b], seed=5) != swd(a, [b], seed=6)


def test_thread_count_does_not_matter() -> None:
    a, b = pictures(12, seed=1), pictures(12, seed=2)
    one = swd(a, [b])
    torch.set_num_threads(2)
    try:
        assert swd(a, [b]) == one
    finally:
        torch.set_num_threads(1)


def test_noise_shows_at_full_size_more_than_at_16_px() -> None:
    a, b = pictures(60, seed=1), pictures(60, seed=2)
    noise = np.random.default_rng(0).normal(0, 25, b.shape)
    noisy = np.clip(b + noise, 0, 255).astype(np.uint8)
    clean, dirty = swd(a, [b, noisy])
    assert dirty[32] > 2 * clean[32]
    assert dirty[32] - clean[32] > 2 * (dirty[16] - clean[16])


def test_other_sets_do_not_change_a_distance() -> None:
    a, b, c = (pictures(6, seed=seed) for seed in (1, 2, 3))
    shares: list[float] = []
    assert swd(a, [b, c], progress=shares.append) == [*swd(a, [b]), *swd(a, [c])]
    assert shares == [0.5, 1.0]


def test_sets_must_have_one_shape() -> None:
    with pytest.raises(ValueError, match="as many"):
        swd(pictures(3), [pictures(3), pictures(4)])
    with pytest.raises(ValueError, match="the shape"):
        sliced_wasserstein(np.zeros((3, 2), np.float32), [np.zeros((4, 2), np.float32)])
