from __future__ import annotations

import numpy as np
import pytest

from latent_debugger.state.curation import KEEP, REJECT, Curation
from latent_debugger.state.curation_query import CurationQuery, histogram, rows_of

from ..piles import make_opinion, make_pile


@pytest.fixture
def curation(qapp: object) -> Curation:
    made = Curation()
    made.set_pile(make_pile(6, sharpness=[3, 1, 2, 9, 9, 0], outlier=[1, 5, 2, 4, 3, 6], group=[0, 2, 1, 2, 0, 1]))
    made.decide([1, 2], KEEP)
    made.decide([4], REJECT)
    return made


def shown(curation: Curation, **query: object) -> list[int]:
    return rows_of(CurationQuery(**query), curation).tolist()  # type: ignore[arg-type]


def test_nothing_is_open(qapp: object) -> None:
    assert not len(rows_of(CurationQuery(), Curation()))


@pytest.mark.parametrize(
    ("show", "rows"),
    [
        ("all", [0, 1, 2, 3, 4, 5]),
        ("undecided", [0, 3, 5]),
        ("kept", [1, 2]),
        ("rejected", [4]),
        ("ranking", []),
        ("ask", []),
    ],
)
def test_what_is_shown(curation: Curation, show: str, rows: list[int]) -> None:
    assert shown(curation, show=show) == rows


def test_look_alikes_stand_together(curation: Curation) -> None:
    assert shown(curation, show="alike", order="sharpness") == [2, 5, 1, 3]


def test_scores_order_from_their_good_end_and_ties_stay_in_order(curation: Curation) -> None:
    assert shown(curation, order="sharpness") == [3, 4, 0, 2, 1, 5]
    assert shown(curation, order="sharpness", best_first=False) == [5, 1, 2, 0, 3, 4]
    assert shown(curation, order="outlier") == [0, 2, 4, 3, 1, 5]
    assert shown(curation, best_first=False) == [5, 4, 3, 2, 1, 0]


def test_a_range_of_a_score_includes_both_ends(curation: Curation) -> None:
    assert shown(curation, score="sharpness", low=2.0, high=3.0) == [0, 2]
    assert shown(curation, score="sharpness", low=9.0, show="undecided") == [3]
    assert shown(curation, score="unheard of", low=9.0) == [0, 1, 2, 3, 4, 5]


def test_the_ranking_orders_once_there_is_one(curation: Curation) -> None:
    assert shown(curation, order="likely") == [0, 1, 2, 3, 4, 5]
    curation.set_opinion(make_opinion([0.9, 1, 1, 0.4, 0, 0.1], asks=[3, 5]))
    assert shown(curation, order="likely") == [1, 2, 0, 3, 5, 4]
    assert shown(curation, order="unsure", show="undecided") == [3, 0, 5]
    assert shown(curation, show="ask", order="sharpness", score="sharpness", low=9.0) == [3, 5]


def test_what_the_ranking_decided_can_be_looked_at(curation: Curation) -> None:
    curation.reject_rest()
    assert shown(curation, show="ranking") == [0, 3, 5]


def test_a_histogram_counts_everything_in_equal_steps() -> None:
    values = np.concatenate([np.linspace(0, 100, 1000), [1e6]]).astype(np.float32)
    found = histogram(values, bins=10)
    assert found.counts.sum() == 1001
    assert len(found.edges) == 11 and np.allclose(np.diff(found.edges), np.diff(found.edges)[0], rtol=1e-3)
    assert found.edges[-1] < 200, "one giant does not stretch it"
    assert found.counts[-1] >= found.counts[4]


@pytest.mark.parametrize("values", [[], [np.nan], [4.0, 4.0, 4.0]])
def test_histograms_of_hardly_anything(values: list[float]) -> None:
    found = histogram(np.array(values, np.float32), bins=4)
    assert found.counts.sum() == np.isfinite(values).sum()
    assert (np.diff(found.edges) > 0).all()
