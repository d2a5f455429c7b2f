"""Copy check: one verdict on all of the model's pictures, and the pairs that speak for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QImage

from gan.errors import UserError
from gan.instruments.memorisation import Pair, TrainingIndex
from gan.instruments.subject import Subject
from latent_debugger.services.instruments import InstrumentService, Watch
from latent_debugger.services.memorisation import Checked, check, make_index
from latent_debugger.services.render import RenderService, Tile
from latent_debugger.services.worker import Worker
from latent_debugger.state.memorisation import MemorisationSettings, memorisation_path
from latent_debugger.state.reference import ReferencePictures
from latent_debugger.views.canvas import to_qimage
from latent_debugger.views.main_window import MainWindow
from latent_debugger.views.memorisation_check import Report
from latent_debugger.views.memorisation_nearest import share_of
from latent_debugger.views.memorisation_pair_dialog import PairDialog
from latent_debugger.views.picture_list import Item

PURPOSE = "memorisation.check"
_INDEX_SHARE = 0.5  # of the work, where the training pictures are not described yet


@dataclass(frozen=True, eq=False)
class _Answer:
    index: TrainingIndex
    checked: Checked


class CheckFlow(QObject):
    """Connects the right half of the panel.

    Args:
        index_of: the description of pictures, where there is one already.
    """

    described = Signal(object, object)
    """ReferencePictures and the TrainingIndex that a check has made of them."""
    changed = Signal()
    """A check has begun or ended."""

    def __init__(
        self,
        window: MainWindow,
        instruments: InstrumentService,
        render: RenderService,
        files: Worker,
        index_of: Callable[[ReferencePictures], TrainingIndex | None],
    ) -> None:
        super().__init__(window)
        self._window, self._section = window, window.memorisation.check
        self._instruments, self._render, self._files, self._index_of = instruments, render, files, index_of
        self._settings = MemorisationSettings.load(memorisation_path())
        self._pictures: ReferencePictures | None = None
        self._items: dict[bool, tuple[Item, ...]] = {}
        self._checked: Checked | None = None
        self._batch: int | None = None
        self._generated: dict[int, QImage] = {}  # row of a checked latent -> its picture
        section = self._section
        section.set_samples(self._settings.samples)
        section.check_requested.connect(self.begin)
        section.cancel_requested.connect(self.cancel)
        section.samples_changed.connect(self._samples_changed)
        section.pair_opened.connect(self._open_pair)
        render.tile_ready.connect(self._show_tile)

    @property
    def running(self) -> bool:
        """Whether a check is under way."""
        return self._instruments.running(PURPOSE)

    def set_pictures(self, pictures: ReferencePictures | None) -> None:
        """What to compare with from now on; None where there is nothing, or no model."""
        if pictures is not self._pictures:
            self._pictures = pictures
            self.forget()
        self._section.set_possible(pictures is not None)

    @Slot()
    def cancel(self) -> None:
        """End a check under way."""
        if self.running:
            self._instruments.cancel(PURPOSE)
            self._section.set_busy(False)
            self._section.clear("Cancelled; there is no verdict.")
            self.changed.emit()

    def forget(self) -> None:
        """The verdict is another model's, or another data set's."""
        self._instruments.cancel(PURPOSE)
        self._checked, self._batch = None, None
        self._generated.clear()
        self._section.set_busy(False)
        self._section.clear()

    @Slot()
    def begin(self) -> None:
        """Draw pictures and judge them, where there is something to compare with."""
        pictures, count = self._pictures, self._settings.samples
        if pictures is None:
            return
        self.forget()
        known = self._index_of(pictures)

        def work(subject: Subject, watch: Watch) -> _Answer:
            if known is not None:
                return _Answer(known, check(subject, watch, known, pictures.images, count))
            index = make_index(pictures.images, lambda share: watch(_INDEX_SHARE * share))
            rest = 1 - _INDEX_SHARE
            return _Answer(
                index, check(subject, lambda share: watch(_INDEX_SHARE + rest * share), index, pictures.images, count)
            )

        def done(answer: _Answer) -> None:
            self._section.set_busy(False)
            self.described.emit(pictures, answer.index)
            self._show(answer)

        begun = self._instruments.run(PURPOSE, work, done, self._failed, self._advance, slow=True)
        self._section.set_busy(begun)
        self.changed.emit()

    def _failed(self, error: UserError) -> None:
        self._section.set_busy(False)
        self._section.clear(str(error))
        self.changed.emit()

    def _advance(self, share: float, _: object) -> None:
        self._section.advance(share)

    # what was found

    def _show(self, answer: _Answer) -> None:
        verdict = answer.checked.verdict
        self._checked = answer.checked
        self._items = {
            False: tuple(_training_item(answer.index, pair, verdict.copy_limit) for pair in verdict.near_training),
            True: tuple(_twin_item(pair, verdict.twin_limit) for pair in verdict.twins),
        }
        serious = verdict.copying or verdict.collapsed
        distances = verdict.real_distances, verdict.fake_distances
        self._section.set_report(Report(verdict.text, serious, *distances, self._items[False], self._items[True]))
        for row, image in enumerate(answer.checked.training):
            self._section.set_picture(False, row, 1, to_qimage(image))
        rows = _rows(verdict.near_training, verdict.twins)
        if rows:
            self._batch = self._render.request_tiles(np.ascontiguousarray(answer.checked.latents[rows]), PURPOSE)

    @Slot(object)
    def _show_tile(self, tile: Tile) -> None:
        checked = self._checked
        if checked is None or tile.batch != self._batch:
            return
        verdict, image = checked.verdict, to_qimage(tile.image)
        row = _rows(verdict.near_training, verdict.twins)[tile.index]
        self._generated[row] = image
        for place, pair in enumerate(verdict.near_training):
            if pair.first == row:
                self._section.set_picture(False, place, 0, image)
        for place, pair in enumerate(verdict.twins):
            for side, member in enumerate((pair.first, pair.second)):
                if member == row:
                    self._section.set_picture(True, place, side, image)

    @Slot(bool, int)
    def _open_pair(self, twins: bool, row: int) -> None:
        checked = self._checked
        if checked is None or not 0 <= row < len(self._items[twins]):
            return
        pair = (checked.verdict.twins if twins else checked.verdict.near_training)[row]
        left = self._generated.get(pair.first, QImage()), f"Generated picture {pair.first + 1:,}"
        if twins:
            right = self._generated.get(pair.second, QImage()), f"Generated picture {pair.second + 1:,}"
        else:
            right = to_qimage(checked.training[row]), f"Training picture {pair.second + 1:,}"
        PairDialog.present_one(self._window).show_pair(left, right, self._items[twins][row].spoken)

    @Slot(int)
    def _samples_changed(self, count: int) -> None:
        self._settings = MemorisationSettings(count)
        self._files.submit(self._settings.save, memorisation_path(), failed=self._window.messages.show_error)


def _rows(near_training: Sequence[Pair], twins: Sequence[Pair]) -> list[int]:
    """The generated pictures that are shown."""
    wanted = [pair.first for pair in near_training]
    for pair in twins:
        wanted += [pair.first, pair.second]
    return list(dict.fromkeys(wanted))


def _training_item(index: TrainingIndex, pair: Pair, limit: float) -> Item:
    copy, share = pair.distance < limit, share_of(index.percentile(pair.distance))
    words = (
        f"{'Counts as a copy' if copy else 'No copy'}: generated picture {pair.first + 1:,} and training picture "
        f"{pair.second + 1:,} are {pair.distance:.3f} apart; {share} of the training pictures have another one that is "
        "nearer."
    )
    return Item(f"{share}, a copy" if copy else share, words, words)


def _twin_item(pair: Pair, limit: float) -> Item:
    twins = pair.distance < limit
    words = (
        f"{'Near duplicates' if twins else 'No near duplicates'}: generated pictures {pair.first + 1:,} and "
        f"{pair.second + 1:,} are {pair.distance:.3f} apart; below {limit:.3f} they would be nearer than one in a "
        "thousand training pictures is to its nearest."
    )
    return Item(f"{pair.distance:.2f}, twins" if twins else f"{pair.distance:.2f}", words, words)
