"""Learning from decisions: on points in a plane first, then on people hidden among other illustrated persons."""

from __future__ import annotations

import numpy as np
import pytest

from gan.data.curation.features import condense, describe
from gan.data.curation.ranking import accept_top, next_to_ask, rank
from gan.data.curation.scores import background_and_figure

from .mixed import PERSONS, mixed

NO_SCORES = np.zeros(4, np.float32)


@pytest.fixture
def plane() -> np.ndarray:
    """400 points in 5 dimensions; the first coordinate decides."""
    return np.random.RandomState(0).standard_normal((400, 5)).astype(np.float32)


def decide(features: np.ndarray, truth: np.ndarray, count: int, batch: int = 4, seed: int = 0) -> np.ndarray:
    """Decisions (n,) of a user who answers what is asked, by the truth."""
    keep = np.full(len(truth), -1, np.int8)
    while (decided := int((keep >= 0).sum())) < count:
        asked = next_to_ask(features, keep, min(batch, count - decided), seed=seed)
        keep[asked] = truth[asked]
    return keep


def test_without_decisions_nothing_is_proposed(plane: np.ndarray) -> None:
    ranking = rank(plane, np.full(400, -1, np.int8))
    assert (ranking.probability == 0.5).all()
    assert (ranking.enough, ranking.proposed, ranking.accuracy) == (False, 0, None)
    np.testing.assert_array_equal(ranking.order, np.arange(400))


@pytest.mark.parametrize(
    ("kept", "rejected", "enough"), [(3, 27, True), (27, 3, True), (2, 60, False), (15, 14, False)]
)
def test_thirty_decisions_with_three_of_each_kind_are_enough(
    plane: np.ndarray, kept: int, rejected: int, enough: bool
) -> None:
    by_truth = np.argsort(-plane[:, 0])
    keep = np.full(400, -1, np.int8)
    keep[by_truth[:kept]], keep[by_truth[-rejected:]] = 1, 0
    ranking = rank(plane, keep)
    assert ranking.enough is enough
    assert (ranking.accuracy is not None) is enough
    assert (ranking.proposed >= kept) if enough else (ranking.proposed == kept)


def test_the_rule_is_found(plane: np.ndarray) -> None:
    truth = plane[:, 0] > 0.3
    ranking = rank(plane, decide(plane, truth, 60))
    assert ranking.enough
    assert ((ranking.probability > 0.5) == truth).mean() > 0.97
    assert ranking.accuracy is not None and ranking.accuracy > 0.8


def test_a_rule_that_is_chance_is_judged_as_chance(plane: np.ndarray) -> None:
    accuracies = []
    for seed in range(10):
        truth = np.random.RandomState(seed).rand(400) < 0.5
        keep = np.where(np.arange(400) < 60, truth, -1).astype(np.int8)
        accuracies.append(rank(plane, keep).accuracy)
    assert 0.4 < np.mean(accuracies) < 0.6


def test_the_order_is_kept_then_probable_then_rejected(plane: np.ndarray) -> None:
    truth = plane[:, 0] > 0
    keep = decide(plane, truth, 40)
    ranking = rank(plane, keep)
    places = np.argsort(ranking.order)
    kept, rejected = int((keep == 1).sum()), int((keep == 0).sum())
    assert sorted(ranking.order.tolist()) == list(range(400))
    assert set(ranking.order[:kept]) == set(np.flatnonzero(keep == 1))
    assert set(ranking.order[-rejected:]) == set(np.flatnonzero(keep == 0))
    between = ranking.probability[ranking.order[kept:-rejected]]
    assert (np.diff(between) <= 0).all()
    assert (ranking.probability[keep == 1] == 1).all() and (ranking.probability[keep == 0] == 0).all()
    assert places[keep == 1].max() < ranking.proposed


def test_ranking_is_deterministic(plane: np.ndarray) -> None:
    keep = decide(plane, plane[:, 0] > 0, 40)
    first, second = rank(plane, keep), rank(plane, keep)
    np.testing.assert_array_equal(first.probability, second.probability)
    np.testing.assert_array_equal(first.order, second.order)
    assert first.accuracy == second.accuracy


def test_accepting_the_top_changes_only_the_undecided(plane: np.ndarray) -> None:
    truth = plane[:, 0] > 0
    keep = decide(plane, truth, 40)
    ranking = rank(plane, keep)
    before = keep.copy()
    accepted = accept_top(ranking, keep)
    np.testing.assert_array_equal(keep, before)
    assert (accepted[keep >= 0] == keep[keep >= 0]).all()
    assert (accepted == 1).sum() == ranking.proposed
    assert (accept_top(ranking, keep, 0) == keep).all()
    assert (accept_top(ranking, keep, 10_000)[keep == -1] == 1).all()
    assert (accept_top(ranking, keep, 10_000)[keep == 0] == 0).all()


def test_questions_are_undecided_and_different(plane: np.ndarray) -> None:
    keep = decide(plane, plane[:, 0] > 0, 30)
    asked = next_to_ask(plane, keep, 20)
    assert len(set(asked.tolist())) == 20
    assert (keep[asked] == -1).all()
    np.testing.assert_array_equal(asked, next_to_ask(plane, keep, 20, rank(plane, keep)))


def test_questions_end_with_the_pictures(plane: np.ndarray) -> None:
    keep = np.ones(400, np.int8)
    assert len(next_to_ask(plane, keep, 5)) == 0
    keep[[7, 9]] = -1
    assert sorted(next_to_ask(plane, keep, 5).tolist()) == [7, 9]
    alike = np.ones((50, 3), np.float32)
    assert len(set(next_to_ask(alike, np.full(50, -1, np.int8), 50).tolist())) == 50


def test_first_questions_are_spread_over_all_kinds() -> None:
    random = np.random.RandomState(1)
    centres = 10 * random.standard_normal((8, 6))
    kind = np.repeat(np.arange(8), [300, 200, 100, 50, 20, 20, 20, 20])
    features = (centres[kind] + 0.1 * random.standard_normal((len(kind), 6))).astype(np.float32)
    asked = next_to_ask(features, np.full(len(kind), -1, np.int8), 8)
    assert set(kind[asked]) == set(range(8))


def test_later_questions_are_the_doubtful_ones(plane: np.ndarray) -> None:
    truth = plane[:, 0] > 0
    keep = decide(plane, truth, 40)
    asked = next_to_ask(plane, keep, 10)
    assert np.abs(plane[asked, 0]).mean() < 0.6 * np.abs(plane[keep == -1, 0]).mean()


@pytest.mark.parametrize("n", [1, 2, 5])
def test_few_pictures(n: int) -> None:
    features = np.eye(n, dtype=np.float32)
    keep = np.full(n, -1, np.int8)
    assert len(next_to_ask(features, keep, 3)) == min(n, 3)
    keep[0] = 1
    assert rank(features, keep).order[0] == 0


def learn(pictures: np.ndarray, kinds: np.ndarray, seed: int) -> tuple[float, float]:
    """Precision and recall of "accept the top N", as many as proposed, after 60 decisions."""
    scores = [np.array([*background_and_figure(picture), 0, 0], np.float32) / 100 for picture in pictures]
    features = condense(np.stack([describe(picture, score) for picture, score in zip(pictures, scores, strict=True)]))
    truth = kinds == "people"
    keep = decide(features, truth, 60, seed=seed)
    ranking = rank(features, keep)
    accepted = accept_top(ranking, keep) == 1
    assert ranking.enough and accepted.sum() == ranking.proposed
    return truth[accepted].mean(), accepted[truth].mean()


def test_sixty_decisions_find_a_few_hidden_people() -> None:
    pictures, kinds = mixed(7, wanted=40, others=120)
    precision, recall = learn(pictures, kinds, 0)
    assert precision >= 0.95 and recall >= 0.9


@pytest.mark.slow
@pytest.mark.parametrize("seed", [11, 12, 13, 14, 15])
def test_sixty_decisions_find_a_thousand_people_among_three_thousand_others(seed: int) -> None:
    pictures, kinds = mixed(seed)
    assert (kinds == "people").sum() == 1000 and len(kinds) == 4000
    assert np.isin(kinds, PERSONS).sum() >= 1500
    precision, recall = learn(pictures, kinds, seed)
    print(f"seed {seed}: precision {precision:.3f}, recall {recall:.3f}")
    assert precision >= 0.95 and recall >= 0.9
