from __future__ import annotations

import numpy as np
import pytest
import torch

from gan.data.people import render
from gan.data.people.attributes import people
from gan.data.people.svg import Artwork
from gan.metrics.features import FEATURES, WEIGHTS, features, prepared
from gan.metrics.frechet import frechet
from gan.metrics.precision_recall import precision_recall


@pytest.fixture(scope="module")
def persons() -> np.ndarray:
    """400 people of a seed that neither the network nor the score's data set uses."""
    artwork = Artwork()
    source = people(7)
    return np.stack([render(artwork.svg(next(source)), 64) for _ in range(400)])


def test_the_weights_stay_small() -> None:
    assert WEIGHTS.stat().st_size < 600_000


@pytest.mark.parametrize("shape", [(5, 64, 64, 3), (5, 32, 32, 1), (5, 128, 128, 3), (3, 50, 70, 1)])
def test_any_size_and_one_or_three_channels(shape: tuple[int, ...]) -> None:
    images = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    found = features(images)
    assert found.shape == (shape[0], FEATURES)
    assert found.dtype == np.float32
    assert np.isfinite(found).all()


def test_grey_is_the_same_picture_with_one_or_three_channels(persons: np.ndarray) -> None:
    grey = persons[:4, ..., :1]
    assert np.array_equal(features(grey), features(grey.repeat(3, axis=3)))


def test_64_px_pictures_are_not_resampled(persons: np.ndarray) -> None:
    assert torch.equal(prepared(persons[:1])[0, 0], torch.from_numpy(persons[0, ..., 0] / np.float32(127.5) - 1))


def test_other_sizes_of_one_picture_lie_close(persons: np.ndarray) -> None:
    large = persons[:50].repeat(2, axis=1).repeat(2, axis=2)
    shift = np.linalg.norm(features(large) - features(persons[:50]), axis=1)
    apart = np.linalg.norm(features(persons[50:100]) - features(persons[:50]), axis=1)
    assert np.median(shift) < 0.25 * np.median(apart)


def test_a_picture_has_the_same_features_in_any_company_and_with_any_threads(persons: np.ndarray) -> None:
    told: list[int] = []
    together = features(persons[:70], told.append)
    assert told == [64, 70]
    assert np.array_equal(features(persons[:3]), together[:3])
    assert np.array_equal(features(persons[66:70]), together[66:])
    torch.set_num_threads(2)
    try:
        assert np.array_equal(features(persons[:70]), together)
    finally:
        torch.set_num_threads(1)


def test_precision_reacts_to_damage_and_recall_to_monotony(persons: np.ndarray) -> None:
    reals, others = features(persons[:200]), features(persons[200:])
    noise = np.random.default_rng(0).normal(0, 60, persons[200:].shape)
    noisy = features(np.clip(persons[200:] + noise, 0, 255).astype(np.uint8))
    monotonous = features(persons[200:210].repeat(20, axis=0))

    floor = precision_recall(reals, others)
    assert min(floor) > 0.7
    assert precision_recall(reals, noisy).precision < 0.7 * floor.precision
    assert precision_recall(reals, monotonous).recall < 0.3 * floor.recall
    assert frechet(reals, noisy) > 3 * frechet(reals, others)
