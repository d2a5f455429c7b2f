"""Looking through a pile of pictures, off the GUI thread: scan, rank, save the decisions, show a picture large."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from PIL import Image
from PySide6.QtCore import QObject, Signal, Slot

from gan.data.curation import SCORES, Collection, next_to_ask, rank, scan
from gan.data.manifest import Entry
from gan.data.parallel import Stopped
from gan.data.pictures import Unusable, decode, flatten, quiet_decoders
from gan.data.sources import array_in, in_manifest, read_checked
from gan.errors import UserError
from gan.images import Bytes
from latent_debugger.services.curation_files import load_decisions, place_of, save_decisions
from latent_debugger.services.progress import CancelledError, Progress
from latent_debugger.services.worker import Worker
from latent_debugger.state.curation import Decisions, Opinion, Pile, Problem, Score

LARGE = 1600
"""Pixels: no side of a picture shown large is longer."""
QUESTIONS = 12
"""Pictures that the ranking asks about in one go."""
Reason = Literal["decided", "asked", "training"]
"""Why decisions are saved: some were made, the user chose where, or training on them is to begin."""


@dataclass(frozen=True, eq=False)
class Handle:
    """What the panel's pile is to this service: the collection, and entries of its manifest about files not there."""

    collection: Collection
    others: tuple[Entry, ...] = ()


@dataclass(frozen=True, eq=False)
class Opened:
    """A pile, what was decided about it before, and a sentence where something was wrong with that."""

    pile: Pile
    decisions: Decisions
    notice: str = ""


@dataclass(frozen=True, eq=False)
class Saved:
    """The decisions about ``pile``, as they were when this was asked for, are in ``manifest``."""

    pile: Pile
    manifest: Path
    reason: Reason = "decided"


@dataclass(frozen=True, eq=False)
class Thought:
    """What the ranking thinks of ``pile``."""

    pile: Pile
    opinion: Opinion


@dataclass(frozen=True, eq=False)
class Large:
    """Picture ``row`` of ``pile``, uint8 (H, W, 3); or why there is none."""

    pile: Pile
    row: int
    image: Bytes | None = None
    trouble: str = ""


class CurationService(QObject):
    """Works for the panel *Dataset*.

    Args:
        synchronous: everything happens before a call returns. For tests.
    """

    opened = Signal(object)
    """Opened."""
    failed = Signal(object)
    """UserError: nothing was opened."""
    stopped = Signal()
    """The user ended the scan; nothing was opened."""
    progressed = Signal(int, int)
    """Pictures looked at, of how many; of the scan that was asked for last."""
    thought = Signal(object)
    """Thought."""
    saved = Signal(object)
    """Saved."""
    save_failed = Signal(object)
    """UserError."""
    think_failed = Signal(object)
    """UserError."""
    shown = Signal(object)
    """Large."""

    def __init__(self, parent: QObject | None = None, *, synchronous: bool = False) -> None:
        super().__init__(parent)
        self._scans = Worker("dataset scan", self, synchronous=synchronous)
        self._jobs = Worker("dataset", self, synchronous=synchronous)  # a scan takes minutes, saving must not wait
        self._scan: tuple[Progress, threading.Event] | None = None
        self._wanted: tuple[Pile, int] | None = None
        self._showing = False

    @property
    def scanning(self) -> bool:
        """True while a pile is being looked at."""
        return self._scan is not None

    def open(self, source: Path) -> None:
        """Look at every picture of ``source``; a scan under way ends."""
        self._end_scan()
        progress, stop = Progress(self), threading.Event()
        progress.advanced.connect(self.progressed)
        self._scan = scan_id = (progress, stop)

        def scanned(collection: Collection) -> None:
            if self._scan is scan_id:  # behind what is being saved: it may be about the same pictures
                self._jobs.submit(open_pile, collection, done=done, failed=failed)

        def done(answer: Opened) -> None:
            if self._scan is scan_id:
                self._end_scan()
                self.opened.emit(answer)

        def failed(error: UserError) -> None:
            if self._scan is scan_id:
                self._end_scan()
                if isinstance(error, (Stopped, CancelledError)):
                    self.stopped.emit()
                else:
                    self.failed.emit(error)

        self._scans.submit(look_through, source, progress, stop, done=scanned, failed=failed)

    @Slot()
    def cancel(self) -> None:
        """End the scan under way; :attr:`stopped` follows."""
        if self._scan is not None:
            self._scan[1].set()

    def _end_scan(self) -> None:
        if self._scan is not None:
            progress, stop = self._scan
            self._scan = None
            stop.set()
            progress.advanced.disconnect(self.progressed)
            progress.deleteLater()

    def think(self, pile: Pile, decisions: Decisions) -> None:
        """Learn from the decisions made by hand; :attr:`thought` follows."""
        self._jobs.submit(think, pile, decisions, done=self.thought.emit, failed=self.think_failed.emit)

    def save(self, pile: Pile, decisions: Decisions, manifest: Path, reason: Reason = "decided") -> None:
        """Write the manifest; :attr:`saved` or :attr:`save_failed` follows.

        Args:
            reason: where it is not ``asked``, it goes elsewhere if it cannot be written there.
        """
        self._jobs.submit(save, pile, decisions, manifest, reason, done=self.saved.emit, failed=self.save_failed.emit)

    def show(self, pile: Pile, row: int) -> None:
        """Read a picture in full; :attr:`shown` follows, unless another one is asked for before it was begun."""
        self._wanted = (pile, row)
        self._show_next()

    def _show_next(self) -> None:
        if self._wanted is not None and not self._showing:
            wanted, self._wanted = self._wanted, None
            self._showing = True
            self._jobs.submit(read_large, *wanted, done=self._read, failed=self._read)

    def _read(self, answer: Large | UserError) -> None:
        self._showing = False
        if isinstance(answer, Large):
            self.shown.emit(answer)
        self._show_next()

    def wait_idle(self, timeout_s: float) -> bool:
        """Block until all is done and answered; False after ``timeout_s`` (each of two threads)."""
        return self._scans.wait_idle(timeout_s) and self._jobs.wait_idle(timeout_s)

    def stop(self) -> None:
        """End a scan, finish saving, end the threads."""
        self._end_scan()
        self._wanted = None
        self._scans.stop()
        self._jobs.stop()


def look_through(source: Path, progress: Progress, stop: threading.Event) -> Collection:
    """Scan ``source``.

    Raises:
        UserError: there is nothing to look through, or the user has had enough (``Stopped``).
    """
    return scan(array_in(source.absolute()), progress.report, stop.is_set)


def open_pile(collection: Collection) -> Opened:
    """Read what was decided before.

    Raises:
        UserError: the manifest is damaged and cannot be set aside.
    """
    manifest = place_of(collection.source)
    found = load_decisions(collection, manifest)
    return Opened(pile_of(Handle(collection, found.others), manifest), found.decisions, found.notice)


def pile_of(handle: Handle, manifest: Path) -> Pile:
    """A collection as the panel shows it."""
    collection = handle.collection
    known = [name for name in SCORES if name in collection.scores]
    return Pile(
        source=collection.source,
        manifest=manifest,
        paths=collection.paths,
        sizes=collection.sizes,
        thumbnails=collection.thumbnails,
        values=collection.scores,
        scores=tuple(_score(name) for name in known),
        problems=tuple(Problem(problem.path, problem.reason) for problem in collection.problems),
        handle=handle,
    )


def think(pile: Pile, decisions: Decisions) -> Thought:
    """Rank all pictures by the decisions made by hand, and choose what to ask next."""
    features, hand, by_ranking = handle_of(pile).collection.features, decisions.by_hand(), decisions.by_ranking
    ranking = rank(features, hand)
    if by_ranking.any():  # what it decided itself teaches nothing, and is not asked about either
        open_ones = np.flatnonzero(~by_ranking)
        asks = open_ones[next_to_ask(features[open_ones], hand[open_ones], QUESTIONS)]
    else:
        asks = next_to_ask(features, hand, QUESTIONS, ranking)
    opinion = Opinion(ranking.probability, ranking.proposed, ranking.accuracy, ranking.enough, asks)
    return Thought(pile, opinion)


def save(pile: Pile, decisions: Decisions, manifest: Path, reason: Reason) -> Saved:
    """Write the manifest.

    Raises:
        UserError: it can be written nowhere.
    """
    handle = handle_of(pile)
    place = save_decisions(handle.collection, decisions, manifest, handle.others, spare=reason != "asked")
    return Saved(pile, place, reason)


def read_large(pile: Pile, row: int) -> Large:
    """A picture as it is, at most :data:`LARGE` pixels wide and high."""
    (source,) = in_manifest(handle_of(pile).collection.root / "manifest.jsonl", [Entry(pile.paths[row])])
    try:
        with quiet_decoders():
            image, _ = decode(read_checked(source)[0], LARGE)
            image.thumbnail((LARGE, LARGE), Image.Resampling.LANCZOS)
            return Large(pile, row, np.asarray(flatten(image, "RGB", "#ffffff")))
    except Unusable as error:
        return Large(pile, row, trouble=f"{pile.paths[row]}: {error}")
    except Exception as error:  # what decoders accept, conversions may still refuse
        return Large(pile, row, trouble=f"{pile.paths[row]} cannot be shown: {error}")


def handle_of(pile: Pile) -> Handle:
    """What :func:`pile_of` made it of."""
    assert isinstance(pile.handle, Handle)
    return pile.handle


def _score(name: str) -> Score:
    info = SCORES[name]
    return Score(name, info.label, info.about, info.unit, info.good == "high")
