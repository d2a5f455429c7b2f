"""A pile of pictures and what the user, or the ranking on the user's behalf, has decided about each.

The ranking learns from decisions made by hand only: what it decided itself would teach it nothing but its own opinion.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack

UNDECIDED, REJECT, KEEP = -1, 0, 1
UNDO_LIMIT = 1000
"""Steps; most hold one row."""
VERBS = {KEEP: "keep", REJECT: "reject", UNDECIDED: "undecide"}

Rows = npt.NDArray[np.int64]
Keep = npt.NDArray[np.int8]
Flags = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Score:
    """One thing that can be said of every picture.

    Attributes:
        name: as in the manifest.
        label: a few words, for a menu.
        about: one sentence that says what is measured.
        unit: of the number; empty where it has none.
        high: whether high numbers are the good ones.
    """

    name: str
    label: str
    about: str
    unit: str
    high: bool


@dataclass(frozen=True)
class Problem:
    """A file that is no usable picture: where it is, relative to the pile, and why in a few words."""

    path: str
    reason: str


@dataclass(frozen=True, eq=False)
class Pile:
    """Pictures to look through; n of them.

    Attributes:
        source: what was opened.
        manifest: where the decisions are kept.
        paths: of each picture, relative.
        sizes: (n, 2) width and height in pixels.
        thumbnails: uint8 (n, H, W, 3), memory-mapped.
        values: score name -> (n,).
        scores: what ``values`` mean, in the order of menus.
        problems: files left out.
        handle: what the service that opened it knows it by.
    """

    source: Path
    manifest: Path
    paths: tuple[str, ...]
    sizes: npt.NDArray[np.int32]
    thumbnails: npt.NDArray[np.uint8]
    values: Mapping[str, Floats]
    scores: tuple[Score, ...]
    problems: tuple[Problem, ...] = ()
    handle: object = None

    @property
    def name(self) -> str:
        """A word or two that tell it from others."""
        folder = self.source.parent.name
        return f"{folder}/{self.source.name}" if self.source.suffix == ".npy" and folder else self.source.name

    def __len__(self) -> int:
        return len(self.paths)


@dataclass(frozen=True, eq=False)
class Opinion:
    """What the ranking thinks, from the decisions made by hand.

    Attributes:
        probability: (n,) that the user keeps a picture, 0 to 1.
        proposed: how many it would keep, those kept already among them.
        accuracy: share of the user's decisions it gets right when it has not seen them; None before ``enough``.
        enough: whether there were enough decisions, of both kinds, to learn from.
        asks: the undecided pictures that would teach it most, most telling first.
    """

    probability: Floats
    proposed: int
    accuracy: float | None
    enough: bool
    asks: Rows


@dataclass(frozen=True)
class Counts:
    """How many pictures are in which state; ``by_ranking`` of the kept and rejected were decided by the ranking."""

    kept: int = 0
    rejected: int = 0
    undecided: int = 0
    by_ranking: int = 0


@dataclass(frozen=True, eq=False)
class Decisions:
    """``keep`` (n,): -1 undecided, 0 reject, 1 keep; ``by_ranking`` (n,): it was not decided by hand."""

    keep: Keep
    by_ranking: Flags = field(default_factory=lambda: np.zeros(0, np.bool_))

    def by_hand(self) -> Keep:
        """The user's own word about each picture; what the ranking decided is undecided here."""
        return np.where(self.by_ranking, np.int8(UNDECIDED), self.keep)


class Curation(QObject):
    """The pile that is open, and the decisions about it. Everything the user does goes through :attr:`undo`.

    The history is this state's own: the window's would be cleared whenever a model with another z_dim is opened, and
    taking a slider back should not take a decision back.
    """

    opened = Signal()
    """Another pile, or none."""
    decided = Signal(object)
    """Rows (k,) whose decision changed."""
    opinion_changed = Signal()
    asks_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.undo = QUndoStack(self)
        self.undo.setUndoLimit(UNDO_LIMIT)
        self._pile: Pile | None = None
        self._keep: Keep = np.zeros(0, np.int8)
        self._by_ranking: Flags = np.zeros(0, np.bool_)
        self._opinion: Opinion | None = None
        self._asks: Rows = np.zeros(0, np.int64)

    @property
    def pile(self) -> Pile | None:
        """What is open; None before anything is."""
        return self._pile

    @property
    def opinion(self) -> Opinion | None:
        """The ranking's latest word; it may lag behind the decisions. None before there is one."""
        return self._opinion

    @property
    def asks(self) -> Rows:
        """The pictures it wants to hear about now; they stay until all are decided."""
        return self._asks

    def keep(self) -> Keep:
        """(n,): -1 undecided, 0 reject, 1 keep; not to be written to."""
        return self._keep

    def by_ranking(self) -> Flags:
        """(n,): decided by the ranking, not by hand; not to be written to."""
        return self._by_ranking

    def decisions(self) -> Decisions:
        """A copy, for another thread."""
        return Decisions(self._keep.copy(), self._by_ranking.copy())

    def counts(self) -> Counts:
        """How many are kept, rejected, undecided."""
        kept, rejected = int((self._keep == KEEP).sum()), int((self._keep == REJECT).sum())
        return Counts(kept, rejected, len(self._keep) - kept - rejected, int(self._by_ranking.sum()))

    def decided_by_hand(self) -> tuple[int, int]:
        """How many the user kept and rejected."""
        hand = self._keep[~self._by_ranking]
        return int((hand == KEEP).sum()), int((hand == REJECT).sum())

    def asks_left(self) -> int:
        """How many of :attr:`asks` are still undecided."""
        return int((self._keep[self._asks] == UNDECIDED).sum())

    # what services bring

    def set_pile(self, pile: Pile | None, decisions: Decisions | None = None) -> None:
        """Look at another pile; the history starts anew."""
        n = len(pile) if pile is not None else 0
        self.undo.clear()
        self._pile, self._opinion, self._asks = pile, None, np.zeros(0, np.int64)
        self._keep = decisions.keep.astype(np.int8) if decisions is not None else np.full(n, UNDECIDED, np.int8)
        known = decisions is not None and len(decisions.by_ranking) == n
        self._by_ranking = decisions.by_ranking.copy() if known and decisions is not None else np.zeros(n, np.bool_)
        if len(self._keep) != n:
            raise ValueError(f"{len(self._keep)} decisions about {n} pictures")
        self.opened.emit()

    def set_opinion(self, opinion: Opinion) -> None:
        """The ranking has learned; new questions only where the old ones are answered."""
        self._opinion = opinion
        if not self.asks_left():
            self._asks = opinion.asks[self._keep[opinion.asks] == UNDECIDED]
            self.asks_changed.emit()
        self.opinion_changed.emit()

    def apply(self, rows: Rows, keep: Keep, by_ranking: Flags) -> None:
        """What commands do: set these rows (k,) to these values (k,)."""
        self._keep[rows], self._by_ranking[rows] = keep, by_ranking
        self.decided.emit(rows)

    # what the user does

    def decide(self, rows: npt.ArrayLike, value: int) -> None:
        """Keep, reject or undecide pictures by hand; one step. Nothing happens where that is what they are."""
        wanted = np.unique(np.asarray(rows, np.int64))
        changed = wanted[(self._keep[wanted] != value) | self._by_ranking[wanted]]
        self._push(changed, value, False, f"{VERBS[value]} {_pictures(len(changed))}")

    def best(self, total: int) -> Rows:
        """The undecided pictures that :meth:`keep_best` would keep, best first."""
        if self._opinion is None:
            return np.zeros(0, np.int64)
        wanted = max(0, total - int((self._keep == KEEP).sum()))
        undecided = np.flatnonzero(self._keep == UNDECIDED)
        order = np.argsort(-self._opinion.probability[undecided], kind="stable")
        return undecided[order[:wanted]]

    def keep_best(self, total: int) -> int:
        """Keep the likeliest undecided pictures until ``total`` are kept; one step. How many that were."""
        rows = self.best(total)
        self._push(rows, KEEP, True, f"keep the best {_pictures(len(rows))}")
        return len(rows)

    def reject_rest(self) -> int:
        """Reject everything undecided; one step. How many that were."""
        rows = np.flatnonzero(self._keep == UNDECIDED)
        self._push(rows, REJECT, True, f"reject the rest, {_pictures(len(rows))}")
        return len(rows)

    def _push(self, rows: Rows, value: int, by_ranking: bool, text: str) -> None:
        if len(rows):
            self.undo.push(Decide(self, rows, value, by_ranking, text))


class Decide(QUndoCommand):
    """Set the decision about some pictures."""

    def __init__(self, curation: Curation, rows: Rows, value: int, by_ranking: bool, text: str) -> None:
        super().__init__(text)
        self._curation, self._rows, self._value = curation, rows, value
        self._by = by_ranking and value != UNDECIDED
        self._before = curation.keep()[rows].copy(), curation.by_ranking()[rows].copy()

    @property
    def rows(self) -> Rows:
        """The pictures it is about."""
        return self._rows

    def redo(self) -> None:
        n = len(self._rows)
        self._curation.apply(self._rows, np.full(n, self._value, np.int8), np.full(n, self._by, np.bool_))

    def undo(self) -> None:
        self._curation.apply(self._rows, *self._before)


def _pictures(n: int) -> str:
    return "1 picture" if n == 1 else f"{n:,} pictures"
