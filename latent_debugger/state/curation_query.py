"""Which pictures of a pile are on show, in which order."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from latent_debugger.state.curation import KEEP, REJECT, UNDECIDED, Curation, Flags, Floats, Pile, Rows

BY_NAME, LIKELY, UNSURE = "name", "likely", "unsure"
"""Orders that are no score."""
ALL, ALIKE, ASK, BY_RANKING = "all", "alike", "ask", "ranking"
"""Choices of what to show, besides the decisions; ``ask`` is what the ranking wants to hear about."""
SHOWN = (ALL, "undecided", "kept", "rejected", BY_RANKING, ALIKE, ASK)
GROUP = "group"
"""The score that numbers groups of look-alikes; 0 is none."""


@dataclass(frozen=True)
class CurationQuery:
    """What the user wants to see.

    Attributes:
        show: one of :data:`SHOWN`.
        order: a score's name, or one of the orders above.
        best_first: the good end of the order first; by name, from a to z.
        score, low, high: only pictures whose score lies between (both included); an empty name filters nothing.
    """

    show: str = ALL
    order: str = BY_NAME
    best_first: bool = True
    score: str = ""
    low: float = -math.inf
    high: float = math.inf

    @property
    def by_decision(self) -> bool:
        """Whether a decision may change what is on show."""
        return self.show not in (ALL, ALIKE, ASK)

    @property
    def by_opinion(self) -> bool:
        """Whether the order is the ranking's."""
        return self.order in (LIKELY, UNSURE) and self.show not in (ALIKE, ASK)


def rows_of(query: CurationQuery, curation: Curation) -> Rows:
    """The pictures to show, in order: int64 (k,)."""
    pile = curation.pile
    if pile is None:
        return np.zeros(0, np.int64)
    if query.show == ASK:
        return curation.asks
    shown = _shown(query.show, curation, pile)
    if query.score in pile.values and (query.low > -math.inf or query.high < math.inf):
        values = pile.values[query.score]
        shown &= (values >= query.low) & (values <= query.high)
    rows = np.flatnonzero(shown)
    if query.show == ALIKE:
        size = pile.sizes.min(axis=1)[rows]
        return rows[np.lexsort((-size, pile.values[GROUP][rows]))] if GROUP in pile.values else rows
    return rows[_order(query, curation, pile, rows)]


def _shown(show: str, curation: Curation, pile: Pile) -> Flags:
    decisions = {"undecided": UNDECIDED, "kept": KEEP, "rejected": REJECT}
    if show in decisions:
        return np.equal(curation.keep(), decisions[show])
    if show == BY_RANKING:
        return curation.by_ranking().copy()
    if show == ALIKE:
        return np.greater(pile.values.get(GROUP, np.zeros(len(pile), np.float32)), 0)
    return np.ones(len(pile), np.bool_)


def _order(query: CurationQuery, curation: Curation, pile: Pile, rows: Rows) -> Rows:
    """A permutation of ``rows`` (k,)."""
    key: Floats
    if query.order in (LIKELY, UNSURE):
        if curation.opinion is None:
            return np.arange(len(rows))
        likely = curation.opinion.probability[rows]
        key = -likely if query.order == LIKELY else np.abs(likely - 0.5)
    elif query.order in pile.values:
        high = next((score.high for score in pile.scores if score.name == query.order), True)
        key = pile.values[query.order][rows] * (-1 if high else 1)
    else:  # paths are sorted as the pile lists them
        key = np.arange(len(rows), dtype=np.float32)
    return np.argsort(key if query.best_first else -key, kind="stable")


@dataclass(frozen=True, eq=False)
class Histogram:
    """How often a score has which value.

    Attributes:
        counts: int64 (bins,); the outer bins hold what lies beyond the edges, too.
        edges: (bins + 1,); equal steps between the bulk of the values.
    """

    counts: Rows
    edges: Floats


def histogram(values: Floats, bins: int = 48) -> Histogram:
    """Count ``values`` (n,) in equal steps from their 0.5th to their 99.5th percentile: one stray giant must not press
    all others into the first bin."""
    finite = values[np.isfinite(values)]
    if not len(finite):
        return Histogram(np.zeros(bins, np.int64), np.linspace(0, 1, bins + 1, dtype=np.float32))
    low, high = np.percentile(finite, (0.5, 99.5))
    if high <= low:
        low, high = float(finite.min()), float(finite.max())
    if high <= low:
        high = low + 1.0
    edges = np.linspace(low, high, bins + 1, dtype=np.float32)
    return Histogram(np.histogram(np.clip(finite, low, high), bins, (low, high))[0].astype(np.int64), edges)
