"""Where the open model stands in its run: the other checkpoints, and the ones to come."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from gan.checkpoints import read_header
from gan.errors import UserError
from gan.training.run_reader import StepFile
from latent_debugger.services.run_watch import RunView, RunWatch
from latent_debugger.services.worker import Worker
from latent_debugger.state.timeline import Reel, Stage


class ReelSource(QObject):
    """Finds the checkpoints that belong to the one on show, and goes on looking while its run is in a run directory.

    In a folder of checkpoints without a run around them, as the bundled models are, those of the same run count.

    Args:
        files: reads folders without a run.
        synchronous: no threads and no timers. For tests.
    """

    changed = Signal(object)
    """Reel, or None while there is nothing to tell."""

    def __init__(self, files: Worker, parent: QObject | None = None, *, synchronous: bool = False) -> None:
        super().__init__(parent)
        self._files = files
        self._watch = RunWatch(self, name="timeline", with_metrics=False, synchronous=synchronous)
        self._watch.changed.connect(self._show_run)
        self._watch.failed.connect(self._show_folder)
        self._checkpoint: Path | None = None
        self._run: str | None = None
        self._reel: Reel | None = None
        self._wanted: set[str] = set()

    @property
    def reel(self) -> Reel | None:
        """What was found last; None while nothing is, or nobody wants to know."""
        return self._reel

    def show(self, checkpoint: Path | None, run: str | None) -> None:
        """Tell which checkpoint is on show, and the uuid of its run."""
        same = checkpoint is not None and self._checkpoint is not None and checkpoint.parent == self._checkpoint.parent
        if same and run == self._run:
            self._checkpoint = checkpoint
            known = self._reel is None or any(stage.path == checkpoint for stage in self._reel.stages)
            if self._watch.path is None and not known:
                self._show_folder()  # nobody watches it, but it has got a new file
            return
        self._checkpoint, self._run = checkpoint, run
        self._begin()

    def want(self, purpose: str, wanted: bool) -> None:
        """Look as long as anybody wants it, and cost nothing else."""
        active = bool(self._wanted)
        (self._wanted.add if wanted else self._wanted.discard)(purpose)
        if bool(self._wanted) != active:
            self._begin()

    @Slot()
    def look(self) -> None:
        """Look at the run now."""
        self._watch.look()

    def wait_idle(self, timeout_s: float) -> bool:
        """Block until what was asked for is read and emitted; False after ``timeout_s`` seconds."""
        return self._watch.wait_idle(timeout_s)

    def stop(self) -> None:
        """Look no more."""
        self._wanted.clear()
        self._watch.stop()

    def _begin(self) -> None:
        path = self._checkpoint
        self._set(None)
        if not self._wanted or path is None or self._run is None:
            self._watch.watch(None)
        elif path.parent.name == "checkpoints":
            self._watch.watch(path.parent.parent)
        else:
            self._watch.watch(None)
            self._show_folder()

    @Slot(object)
    def _show_run(self, view: RunView) -> None:
        found = view.snapshot
        if found.run != self._run:  # somebody has copied a checkpoint into the folder of another run
            self._show_folder()
            return
        self._set(Reel(found.path, found.run, _stages(found.checkpoints), _stages(found.samples), found.alive))

    @Slot()
    @Slot(object)
    def _show_folder(self, _: object = None) -> None:
        checkpoint, run = self._checkpoint, self._run
        if checkpoint is None or run is None:
            return

        def done(reel: Reel) -> None:
            if self._wanted and (self._checkpoint, self._run) == (checkpoint, run):
                self._set(reel if reel.stages else None)

        self._files.submit(siblings, checkpoint.parent, run, done=done)

    def _set(self, reel: Reel | None) -> None:
        if reel != self._reel:
            self._reel = reel
            self.changed.emit(reel)


def siblings(folder: Path, run: str) -> Reel:
    """The files ``step-*.safetensors`` in ``folder`` whose headers name this run; others are passed over."""
    stages = (stage for path in folder.glob("step-*.safetensors") if (stage := _stage_of(path, run)) is not None)
    return Reel(folder, run, tuple(sorted(stages, key=lambda stage: stage.step)))


def _stage_of(path: Path, run: str) -> Stage | None:
    """What the header of a checkpoint tells; None where that is of another run, or none."""
    try:
        stat = path.stat()  # before it is read: what replaces it meanwhile has another
        about = read_header(path)
    except (OSError, UserError):
        return None
    return Stage(about.step, path, (stat.st_mtime_ns, stat.st_size)) if about.run == run else None


def _stages(files: tuple[StepFile, ...]) -> tuple[Stage, ...]:
    return tuple(Stage(file.step, file.path, file.stamp) for file in files)
