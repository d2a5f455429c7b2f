"""Features: what they are blind to, what they see, and how they are condensed."""

from __future__ import annotations

import numpy as np
import pytest

from gan.data.curation.features import DIMENSIONS, condense, describe

SCORES = np.zeros(4, np.float32)


def pictures(n: int, seed: int = 0) -> np.ndarray:
    coarse = np.random.RandomState(seed).randint(0, 256, (n, 12, 12, 3), np.uint8)
    return coarse.repeat(8, 1).repeat(8, 2)


def raw(images: np.ndarray) -> np.ndarray:
    return np.stack([describe(image, SCORES) for image in images])


@pytest.mark.parametrize("level", [0, 255])
def test_flat_pictures_have_finite_features(level: int) -> None:
    found = describe(np.full((96, 96, 3), level, np.uint8), SCORES)
    assert found.dtype == np.float32 and found.shape == (577,) and np.isfinite(found).all()


def test_colours_see_which_but_not_where() -> None:
    image = pictures(1)[0]
    flipped = image[:, ::-1]
    np.testing.assert_array_equal(describe(image, SCORES)[:64], describe(flipped, SCORES)[:64])
    assert (describe(image, SCORES)[64:256] != describe(flipped, SCORES)[64:256]).any()
    assert np.abs(describe(image, SCORES)[:64] - describe(255 - image, SCORES)[:64]).max() > 0


def test_layout_is_the_mean_colour_of_each_place() -> None:
    image = pictures(1)[0]
    means = image.reshape(8, 12, 8, 12, 3).mean(axis=(1, 3)) / 255
    np.testing.assert_allclose(describe(image, SCORES)[64:256], means.ravel(), rtol=1e-5)


def test_edges_know_their_direction() -> None:
    stripes = np.zeros((96, 96, 3), np.uint8)
    stripes[:, :: 2 * 6] = 255
    edges = slice(256, 256 + 288)
    upright = describe(np.ascontiguousarray(stripes), SCORES)[edges].reshape(36, 8)
    lying = describe(np.ascontiguousarray(stripes.transpose(1, 0, 2)), SCORES)[edges].reshape(36, 8)
    assert upright.sum(0).argmax() == 0 and lying.sum(0).argmax() == 4


def test_condensed_features_have_a_mean_square_of_one_and_keep_neighbours() -> None:
    images = pictures(40)
    found = condense(raw(np.concatenate([images, images ^ 1])))  # ^ 1: the least that can change
    assert found.dtype == np.float32 and found.shape == (80, min(DIMENSIONS, found.shape[1]))
    assert (found**2).sum(1).mean() == pytest.approx(1, rel=1e-4)
    apart = ((found[:, None] - found[None]) ** 2).sum(-1)
    np.fill_diagonal(apart, np.inf)
    np.testing.assert_array_equal(apart.argmin(1), (np.arange(80) + 40) % 80)


def test_condensing_is_deterministic_and_follows_the_order() -> None:
    numbers = raw(pictures(60))
    first = condense(numbers)
    np.testing.assert_array_equal(first, condense(numbers.copy()))
    order = np.random.RandomState(0).permutation(60)
    apart = first @ first.T
    other = condense(numbers[order])
    np.testing.assert_allclose(other @ other.T, apart[np.ix_(order, order)], atol=1e-4)


@pytest.mark.parametrize("n", [1, 2, 3])
def test_few_or_equal_pictures(n: int) -> None:
    assert condense(raw(pictures(n))).shape[0] == n
    found = condense(np.ones((n, 577), np.float32))
    assert found.shape[0] == n and np.isfinite(found).all()
