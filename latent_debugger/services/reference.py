"""Finds and opens the pictures that the open model was trained on, off the GUI thread, and only while they are wanted.

Where they are: where the user has said; else where the run directory around the checkpoint says; else, for a model that
was trained on the built-in people, where these have been drawn.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal, Slot

from gan.checkpoints import read_info
from gan.data import open_dataset
from gan.data.parallel import Stopped
from gan.errors import UserError
from gan.training.run_directory import RunDirectory
from gan.training.run_reader import is_run
from latent_debugger.services.progress import CancelledError, Progress
from latent_debugger.services.training_pictures import draw_people, people_folder
from latent_debugger.services.worker import Worker
from latent_debugger.state.model import OpenModel
from latent_debugger.state.paths import home
from latent_debugger.state.reference import Place, ReferencePictures, ReferencePlaces, ReferenceState

log = logging.getLogger(__name__)

PEOPLE = "people"
TRAINED_ON_PEOPLE = "This model was trained on the built-in people. Press Choose to draw them."
READING, DRAWING = "Reading pictures", "Drawing people"
_INTERVAL_S = 0.05


def reference_path() -> Path:
    """Where the user's choices are remembered."""
    return home() / "reference.json"


@dataclass(eq=False)
class _Job:
    """One search; a later one ends it."""

    model: OpenModel
    progress: Progress
    stop: threading.Event


class ReferenceService(QObject):
    """Fills a :class:`~latent_debugger.state.reference.ReferenceState`.

    Args:
        state: what it fills; changed in its own thread only.
        synchronous: no thread. For tests.
    """

    failed = Signal(object)
    """UserError: what the user asked for could not be done. What was looked for unasked only leaves a trace in the
    state."""

    _advanced = Signal(object)

    def __init__(self, state: ReferenceState, parent: QObject | None = None, *, synchronous: bool = False) -> None:
        super().__init__(parent)
        self._state = state
        self._worker = Worker(
            "reference pictures", self, trouble="The pictures could not be read.", synchronous=synchronous
        )
        self._model: OpenModel | None = None
        self._wanted: set[str] = set()
        self._job: _Job | None = None
        self._looked = False  # there is no point in looking again by itself
        self._advanced.connect(self._pass_on)

    def set_model(self, model: OpenModel | None) -> None:
        """Other pictures from now on, unless it is of the same run and takes pictures of the same form."""
        before, self._model = self._model, model
        if before is not None and model is not None and _same_pictures(before, model):
            return
        self._end()
        self._looked = False
        self._state.set_none()
        self._begin()

    def want(self, purpose: str, wanted: bool) -> None:
        """Look for the pictures as soon as anybody wants them; where nobody does any more, end a search under way."""
        (self._wanted.add if wanted else self._wanted.discard)(purpose)
        if self._wanted:
            self._begin()
        elif self._job is not None:
            self.cancel()
            self._looked = False

    @Slot(object)
    def choose(self, path: Path) -> None:
        """Take these pictures for the open model's, and remember that."""
        if self._model is not None:
            place = Place(path.absolute())
            self._run(lambda job: open_chosen(job.model, place, self._report(job, READING), job.stop.is_set))

    def draw_people(self) -> None:
        """Draw the built-in people, unless that has been done, and take them for the open model's pictures."""
        if self._model is not None:
            self._run(lambda job: _draw(job, self._report(job, READING)))

    @Slot()
    def cancel(self) -> None:
        """End what is under way."""
        if self._job is not None:
            self._end()
            self._state.set_none()

    def wait_idle(self, timeout_s: float) -> bool:
        """Block until everything is answered; False after ``timeout_s`` seconds."""
        return self._worker.wait_idle(timeout_s)

    def stop(self) -> None:
        """End what is under way, and the thread."""
        self._wanted.clear()
        self._end()
        self._worker.stop()

    def _begin(self) -> None:
        if self._wanted and not self._looked and self._model is not None and self._job is None:
            self._looked = True
            self._run(lambda job: find(job.model, self._report(job, READING), job.stop.is_set), asked=False)

    def _run(self, work: Callable[[_Job], ReferencePictures | str], asked: bool = True) -> None:
        model = self._model
        if model is None:
            return
        self._end()
        self._looked = True
        self._job = job = _Job(model, Progress(self), threading.Event())
        job.progress.advanced.connect(self._drawn)
        self._state.set_looking()

        def done(found: ReferencePictures | str) -> None:
            if self._close(job):
                if isinstance(found, str):
                    self._state.set_none(hint=found)
                else:
                    self._state.set_ready(found)

        def failed(error: UserError) -> None:
            if self._close(job):
                if isinstance(error, (Stopped, CancelledError)):
                    self._state.set_none()
                else:
                    self._state.set_none(str(error))
                    if asked:
                        self.failed.emit(error)

        self._worker.submit(work, job, done=done, failed=failed)

    def _close(self, job: _Job) -> bool:
        if self._job is not job:
            return False
        self._end()
        return True

    def _end(self) -> None:
        if self._job is not None:
            job, self._job = self._job, None
            job.stop.set()
            job.progress.cancel()
            job.progress.deleteLater()

    def _report(self, job: _Job, doing: str) -> Callable[[int, int], None]:
        told_at = 0.0

        def report(done: int, total: int) -> None:
            nonlocal told_at
            if time.monotonic() - told_at >= _INTERVAL_S:
                told_at = time.monotonic()
                self._advanced.emit((job, doing, done, total))

        return report

    @Slot(object)
    def _pass_on(self, told: tuple[_Job, str, int, int]) -> None:
        job, doing, done, total = told
        if job is self._job:
            self._state.advanced.emit(doing, done, total)

    @Slot(int, int)
    def _drawn(self, done: int, total: int) -> None:
        if self._job is not None and self._job.progress is self.sender():
            self._state.advanced.emit(DRAWING, done, total)


# in the worker


def find(
    model: OpenModel, progress: Callable[[int, int], None], should_stop: Callable[[], bool]
) -> ReferencePictures | str:
    """The pictures of ``model``; where nobody knows where they are, what could be done about it, or an empty text.

    Raises:
        UserError: somebody knows, but they have gone or cannot be read.
        Stopped: ``should_stop()`` said so.
    """
    told = told_of_data(model)
    place = ReferencePlaces.load(reference_path()).get(model) or place_in_run(model)
    if place is None and told.get("name") == PEOPLE:
        folder = people_folder(model.image_size)
        if not (folder / "images.npy").is_file():
            return TRAINED_ON_PEOPLE
        place = Place(folder)
    return "" if place is None else open_pictures(model, told, place, progress, should_stop)


def open_chosen(
    model: OpenModel, place: Place, progress: Callable[[int, int], None], should_stop: Callable[[], bool]
) -> ReferencePictures:
    """Open what the user has chosen, framed as the run did it where that is known, and remember it.

    Raises:
        UserError: it is no data set.
        Stopped: ``should_stop()`` said so.
    """
    known = place_in_run(model)
    if known is not None:
        place = Place(place.path, known.framing, known.ground)
    found = open_pictures(model, told_of_data(model), place, progress, should_stop)
    known_places, trouble = ReferencePlaces.recover(reference_path(), "The list of training pictures")
    if trouble:
        log.warning("%s", trouble)
    known_places.with_place(model, place).save(reference_path())
    return found


def open_pictures(
    model: OpenModel,
    told: dict[str, Any],
    place: Place,
    progress: Callable[[int, int], None],
    should_stop: Callable[[], bool],
) -> ReferencePictures:
    """The pictures at ``place`` as ``model`` takes them; grey for grey, colours for the rest.

    Args:
        told: what the checkpoint says of its training pictures.

    Raises:
        UserError: see :func:`gan.data.open_dataset`.
        Stopped: ``should_stop()`` said so.
    """
    channels = 1 if model.channels == 1 else 3
    dataset = open_dataset(
        place.path, model.image_size, channels, progress, framing=place.framing, ground=place.ground,
        should_stop=should_stop,
    )  # fmt: skip
    said = told.get("sha256")
    same = dataset.sha256 == said if isinstance(said, str) and said else None
    return ReferencePictures(place, dataset.name, dataset.images, dataset.sha256, same)


def told_of_data(model: OpenModel) -> dict[str, Any]:
    """name, count and sha256 of the training pictures, as far as the checkpoint tells them; other projects' tell none.

    Raises:
        UserError: it cannot be read any more.
    """
    native = model.choices is None and model.adapter is None
    return read_info(model.path).data if native else {}


def place_in_run(model: OpenModel) -> Place | None:
    """Where the run directory around the checkpoint says that its pictures are; None without one."""
    folder = model.path.absolute().parent
    if folder.name != "checkpoints" or not is_run(folder.parent):
        return None
    try:
        config = RunDirectory(folder.parent).read_config()
    except UserError:
        return None  # the checkpoint is fine without it
    path = config.data.get("path")
    if config.run != model.run or not isinstance(path, str) or not path:
        return None
    return Place(Path(path), config.train.framing, config.train.ground)


def _draw(job: _Job, progress: Callable[[int, int], None]) -> ReferencePictures:
    folder = draw_people(job.model.image_size, job.progress)
    return open_chosen(job.model, Place(folder), progress, job.stop.is_set)


def _same_pictures(before: OpenModel, after: OpenModel) -> bool:
    same_form = (before.image_size, before.channels) == (after.image_size, after.channels)
    return same_form and before.run is not None and before.run == after.run
