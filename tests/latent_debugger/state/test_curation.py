from __future__ import annotations

import numpy as np
import pytest

from latent_debugger.state.curation import KEEP, REJECT, UNDECIDED, Counts, Curation, Decisions, Opinion, Pile

from ..piles import make_opinion, make_pile


@pytest.fixture
def curation(qapp: object) -> Curation:
    made = Curation()
    made.set_pile(make_pile(10))
    return made


def test_a_new_pile_is_undecided(curation: Curation) -> None:
    assert curation.counts() == Counts(0, 0, 10, 0)
    assert curation.opinion is None and not len(curation.asks)
    assert not curation.undo.canUndo()


def test_each_decision_is_one_step_that_undo_takes_back(curation: Curation) -> None:
    heard: list[list[int]] = []
    curation.decided.connect(lambda rows: heard.append(rows.tolist()))
    curation.decide([3, 1, 2], KEEP)
    curation.decide([2], REJECT)
    assert curation.counts() == Counts(2, 1, 7, 0)
    assert heard == [[1, 2, 3], [2]]
    assert curation.undo.undoText() == "reject 1 picture"
    curation.undo.undo()
    assert curation.keep().tolist()[:4] == [-1, 1, 1, 1]
    curation.undo.undo()
    assert curation.counts() == Counts(0, 0, 10, 0)
    curation.undo.redo()
    assert curation.counts().kept == 3


def test_saying_the_same_again_is_no_step(curation: Curation) -> None:
    curation.decide([1], KEEP)
    curation.decide([1], KEEP)
    curation.decide([4], UNDECIDED)
    assert curation.undo.count() == 1


def test_keeping_the_best_fills_up_to_the_number_with_the_likeliest_undecided(curation: Curation) -> None:
    curation.decide([0, 9], KEEP)
    curation.decide([8], REJECT)
    curation.set_opinion(make_opinion(np.arange(10) / 10))
    assert curation.keep_best(5) == 3
    assert np.flatnonzero(curation.keep() == KEEP).tolist() == [0, 5, 6, 7, 9]
    assert np.flatnonzero(curation.by_ranking()).tolist() == [5, 6, 7]
    assert curation.counts() == Counts(5, 1, 4, 3)
    curation.undo.undo()
    assert curation.counts() == Counts(2, 1, 7, 0)
    assert curation.keep_best(2) == 0


def test_nothing_is_kept_without_an_opinion(curation: Curation) -> None:
    assert curation.keep_best(5) == 0
    assert not curation.undo.canUndo()


def test_rejecting_the_rest_is_one_step(curation: Curation) -> None:
    curation.decide([0, 1], KEEP)
    assert curation.reject_rest() == 8
    assert curation.counts() == Counts(2, 8, 0, 8)
    curation.undo.undo()
    assert curation.counts() == Counts(2, 0, 8, 0)


def test_only_decisions_by_hand_teach(curation: Curation) -> None:
    curation.decide([0], KEEP)
    curation.set_opinion(make_opinion(np.linspace(1, 0, 10)))
    curation.keep_best(3)
    assert curation.decisions().by_hand().tolist() == [1] + 9 * [-1]
    assert curation.decided_by_hand() == (1, 0)
    # a decision confirmed by hand is the user's own
    curation.decide([1], KEEP)
    assert curation.decisions().by_hand().tolist() == [1, 1] + 8 * [-1]
    curation.undo.undo()
    assert curation.by_ranking()[1]


def test_decisions_are_a_copy(curation: Curation) -> None:
    before = curation.decisions()
    curation.decide([0], KEEP)
    assert before.keep[0] == UNDECIDED


def test_questions_stay_until_all_are_answered(curation: Curation) -> None:
    curation.set_opinion(make_opinion(np.full(10, 0.5), asks=[1, 2]))
    curation.decide([1], KEEP)
    curation.set_opinion(make_opinion(np.full(10, 0.5), asks=[7, 8]))
    assert curation.asks.tolist() == [1, 2] and curation.asks_left() == 1
    curation.decide([2], REJECT)
    curation.set_opinion(make_opinion(np.full(10, 0.5), asks=[2, 7, 8]))
    assert curation.asks.tolist() == [7, 8]


def test_another_pile_starts_anew(curation: Curation) -> None:
    curation.decide([0], KEEP)
    curation.set_opinion(make_opinion(np.full(10, 0.5), asks=[1]))
    keep = np.array([1, -1, 0], np.int8)
    curation.set_pile(make_pile(3), Decisions(keep, np.array([True, False, False])))
    assert curation.counts() == Counts(1, 1, 1, 1)
    assert curation.opinion is None and not curation.undo.canUndo() and not len(curation.asks)
    with pytest.raises(ValueError):
        curation.set_pile(make_pile(4), Decisions(keep))


def test_names_tell_arrays_apart() -> None:
    pile: Pile = make_pile(1)
    assert pile.name == "mixed"


def test_an_opinion_is_a_value() -> None:
    opinion: Opinion = make_opinion(np.array([0.25]))
    assert opinion.enough and opinion.probability.dtype == np.float32
