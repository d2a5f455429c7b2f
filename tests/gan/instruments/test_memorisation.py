"""Planted copies and planted collapse are found; fresh pictures of people are neither."""

from __future__ import annotations

import numpy as np
import pytest

from gan.data.people import make_people
from gan.errors import UserError
from gan.images import Bytes
from gan.instruments.memorisation import TrainingIndex, build_index, describe, judge, nearest


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
    assert verdict.count == 120


def test_it_names_the_nearest_pairs(people: Bytes, index: TrainingIndex) -> None:
    fakes = np.concatenate([people[300:390], people[[7]], people[[301]]])
    verdict = judge(index, fakes)
    for pairs in (verdict.near_training, verdict.twins):
        assert len(pairs) == 12 and [p.distance for p in pairs] == sorted(p.distance for p in pairs)
    first, twin = verdict.near_training[0], verdict.twins[0]
    assert (first.first, first.second) == (90, 7) and first.distance < 0.01
    assert (twin.first, twin.second) == (1, 91) and twin.distance < 0.01
    drawn = describe(fakes)
    for pair in verdict.twins:
        apart = float(np.linalg.norm(drawn[pair.first] - drawn[pair.second]))
        assert pair.distance == pytest.approx(apart, abs=2e-3)
    distances = np.linalg.norm(drawn[:, None] - drawn[None], axis=-1)[np.triu_indices(len(drawn), 1)]
    assert [p.distance for p in verdict.twins] == pytest.approx(np.sort(distances)[:12], abs=2e-3)


def test_it_can_be_ended_between_any_two_blocks(people: Bytes, index: TrainingIndex) -> None:
    class EnoughError(Exception):
        pass

    shares: list[float] = []
    judge(index, people[300:], tell=shares.append)
    assert shares == sorted(shares) and shares[-1] == pytest.approx(1.0)

    def stop(share: float) -> None:
        raise EnoughError

    for work in (lambda: build_index(people[:40], stop), lambda: judge(index, people[300:], tell=stop)):
        with pytest.raises(EnoughError):
            work()


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
