"""Planted copies and planted collapse are found; fresh pictures of people are neither."""

from __future__ import annotations

import numpy as np
import pytest

from gan.data.people import make_people
from gan.errors import UserError
from gan.images import Bytes
from gan.instruments.memorisation import TrainingIndex, build_index, judge, nearest


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Bytes:
    folder = tmp_path_factory.mktemp("people")
    make_people(folder, 420, 64, seed=5)
    found: Bytes = np.load(folder / "images.npy")
    return found


@pytest.fixture(scope="module")
def index(people: Bytes) -> TrainingIndex:
    return build_index(people[:300])


def test_a_planted_copy_is_found_first(people: Bytes, index: TrainingIndex) -> None:
    noisy = np.clip(people[17].astype(int) + np.random.default_rng(0).integers(-4, 5, people[17].shape), 0, 255)
    for picture in (people[17], noisy.astype(np.uint8)):
        found = nearest(index, picture)
        assert len(found) == 5 and found[0].index == 17 and found[0].percentile < 1
        assert [match.distance for match in found] == sorted(match.distance for match in found)
        assert found[1].percentile > 5


def test_fresh_pictures_are_no_copies(people: Bytes, index: TrainingIndex) -> None:
    verdict = judge(index, people[300:])
    assert not verdict.copying and not verdict.collapsed
    assert "No sign of copying" in verdict.text and "No sign of collapse" in verdict.text
    low, high = verdict.copies_interval
    assert 0 <= low <= verdict.copies <= high <= 1


def test_copies_are_called_copies(people: Bytes, index: TrainingIndex) -> None:
    mixed = np.concatenate([people[:30], people[300:400]])
    verdict = judge(index, mixed)
    assert verdict.copying and "It copies" in verdict.text
    assert verdict.copies == pytest.approx(30 / 130, abs=0.03)


def test_a_collapsed_generator_is_flagged_with_its_support(people: Bytes, index: TrainingIndex) -> None:
    random = np.random.default_rng(1)
    few = people[300:310][random.integers(10, size=120)]
    verdict = judge(index, few)
    assert verdict.collapsed and "has collapsed" in verdict.text
    assert verdict.support == pytest.approx(10, rel=0.3)


def test_too_little_is_refused(people: Bytes, index: TrainingIndex) -> None:
    with pytest.raises(UserError, match="at least 32"):
        judge(index, people[:31])
    with pytest.raises(UserError, match="at least two"):
        build_index(people[:1])


def test_grey_pictures_work(people: Bytes) -> None:
    grey = people[:40, :, :, :1]
    assert nearest(build_index(grey), grey[3])[0].index == 3
