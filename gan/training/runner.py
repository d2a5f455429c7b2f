"""A trainer inside its run directory: what ``python -m gan train`` and the window's training thread both run."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Literal, TypeVar

import numpy as np
import torch
from filelock import BaseFileLock

from gan.config import ModelConfig, TrainConfig, check_together
from gan.data import Dataset, Stopped
from gan.data.reading import Progress as Reading
from gan.data.reading import ShouldStop
from gan.errors import UserError
from gan.files import write_json
from gan.training.breakpoints import Trouble, Watch, disk_full, diversity, is_disk_full
from gan.training.device import training_threads
from gan.training.engine import Engine, open_engine
from gan.training.fine_tune import describe_parent
from gan.training.keeper import Keeper
from gan.training.monitor import Every, Measured
from gan.training.own_folder import OwnFolder
from gan.training.run_directory import RunConfig, RunDirectory, RunState, last_step
from gan.training.set_up import (
    check_apart,
    check_new,
    claim,
    continued,
    found,
    let_go,
    open_pictures,
    restore,
    same_pictures,
    sentence_of,
    step_told,
    take_parent,
)
from gan.training.state import share_state
from gan.training.steering import Steering
from gan.training.trainer import CheckpointDue, Progress, Trainer

METRICS_EVERY = 1.0  # seconds
STATUS_EVERY = 2.0
STATE_EVERY = 25.0  # looked at after each step; a watcher may count on 30
HELD_OUT_EVERY = 10.0
STOPPED = "Stopped; resume to go on."

T = TypeVar("T")
OnTrouble = Literal["pause", "stop"]
"""At a breakpoint, pause: wait for somebody to say *run*; stop: save and fail, where nobody looks and time costs money.
"""


@dataclass(frozen=True)
class Report:
    """What a watcher in the same process is told, about once a second."""

    progress: Progress
    steps: int
    """Where the run will end."""
    images_per_second: float
    """Real pictures shown to the critic per second of work, over the last seconds."""


class Runner:
    """One run. Build it with :func:`start` or :func:`resume`, then call :meth:`run` once.

    Attributes:
        note: what a user should know of how it began, in one sentence; empty mostly.
        lock: released when :meth:`run` ends.
    """

    def __init__(self, directory: RunDirectory, config: RunConfig, data: Dataset, engine: Engine) -> None:
        self.directory, self.config = directory, config
        self.lock: BaseFileLock | None = None
        self.trainer = Trainer(config.model, config.train, data.images, engine)
        self.note = ""
        self._steering = Steering(directory, config.train.steps)
        self._folder = OwnFolder(directory, config.run)
        self._rolled_back = False
        some = np.linspace(0, len(data.images) - 1, min(64, len(data.images))).astype(int)
        self._watch = Watch(data.images[0].size, diversity(data.images[some]))

    def run(
        self,
        report: Callable[[Report], None],
        should_stop: Callable[[], bool] = lambda: False,
        on_trouble: OnTrouble = "stop",
    ) -> int:
        """Train to the end, or until told to stop; returns the step reached. Everything is saved on the way out.

        Args:
            report: told about once a second how it goes.
            should_stop: asked after each update.
            on_trouble: what to do at a breakpoint.

        Raises:
            UserError: the run cannot be written, or it met trouble and nobody is there to resume it; ``status.json``
                says so too.
        """
        torch.set_num_threads(training_threads(self.config.train.threads, self.trainer.engine.beside))
        if not self.trainer.engine.is_main:
            self.trainer.follow(partial(share_state, self.trainer))
            return self.trainer.step
        self._report, self._steering.should_stop = report, should_stop
        self._pauses = on_trouble == "pause" and self.config.train.pause_on_trouble
        self._started = time.time()
        try:
            self._keeper = Keeper(self.directory, self.config, self.trainer, self._watch)
            try:
                self._begin()
                while self._train():
                    pass
                self._end()
            finally:
                self._keeper.close()
        except BaseException as error:
            self._fail(error)
            raise
        finally:
            let_go(self.lock)
            self.trainer.dismiss()
        return self.trainer.step

    def _begin(self) -> None:
        self._metrics_due, self._status_due = Every(METRICS_EVERY), Every(STATUS_EVERY)
        self._state_due, self._held_out_due = Every(STATE_EVERY), Every(HELD_OUT_EVERY)
        self._measured = Measured(self.trainer)
        self.trainer.tick = self._sign_of_life
        is_resumed = bool(self.directory.states())
        self._save_state()
        if is_resumed:
            self._keeper.room()  # who resumes on a disk that runs low knows it: it is not told again
        self._follow_control()
        if self._steering.want == "run":
            self._tell("running")
        step, every = self.trainer.step, self.config.train.checkpoint_every
        if step and step % every == 0 and not self.directory.sample(step).is_file():
            self._save_checkpoint()  # it was killed between the state and the checkpoint of this step

    def _train(self) -> bool:
        """Until the end, a stop or a roll-back; whether there is more to do."""
        self._wait_if_paused()
        steering = self._steering
        for event in self.trainer.run(lambda: steering.steps, lambda: steering.stopping):
            self._follow_control()
            if isinstance(event, CheckpointDue):
                self._save_checkpoint()
            elif isinstance(event, Progress):
                self._handle(self._progress(event))
            self._wait_if_paused()
            if self._rolled_back:
                self._rolled_back = False
                return True
        self._follow_control()  # it may have been extended during the last checkpoint
        return self.trainer.step < steering.steps and not steering.stopping

    def _end(self) -> None:
        if self._measured.updates:  # stopped between two lines
            self._write_line(last=True)
        self._save_state()
        finished = self.trainer.step >= self._steering.steps
        with suppress(UserError):  # the wish to stop is fulfilled, and must not end the run that is resumed
            self.directory.write_control("run")
        self._tell("done", "" if finished else STOPPED)

    def _fail(self, error: BaseException) -> None:
        if self._folder.is_there():  # or writing would make a folder again that was taken away
            self.directory.release_reserve()
            with suppress(UserError):
                self._tell("failed", sentence_of(error))

    def _progress(self, event: Progress) -> Trouble | None:
        """An update is done: write down what is due."""
        trouble = self._watch.numbers(event.step, asdict(event))
        if trouble is not None:
            return trouble
        self._measured.updates.append(event)
        last = event.step >= self._steering.steps
        if self._metrics_due() or last:
            trouble = self._write_line(last=last)
        if self._status_due() and self._steering.want == "run":
            self._write(partial(self._tell, "running"))
        if self._state_due():
            trouble = self._write(self._keeper.state) or trouble
        self._write(self._keeper.poll)
        return trouble

    def _sign_of_life(self) -> None:
        """A burst of critic updates can take longer than a watcher's patience."""
        if self._status_due() and self._folder.is_there() and not self._steering.has_news:
            with suppress(UserError):
                self._tell("running")

    def _write_line(self, *, last: bool) -> Trouble | None:
        # the last line is the one that a run is judged by
        mean, rate, line = self._measured.take(with_held_out=self._held_out_due() or last)
        self._write(partial(self._keeper.line, line))
        self._report(Report(mean, self._steering.steps, rate))
        return self._watch.estimate(mean.step, mean.wasserstein)

    def _write(self, action: Callable[[], T]) -> T | None:
        """Do it; while the disk is full, pause and then do it again. None where it was given up to stop."""
        while True:
            self._check_folder()
            try:
                return action()
            except UserError as error:
                if not is_disk_full(error):
                    raise
                self._handle(disk_full(error))
            if self._steering.stopping:
                return None

    def _save_state(self) -> None:
        """Keep the state and wait for it to be on disk."""
        self._handle(self._write(self._keeper.state))
        self._write(self._keeper.finish)

    def _save_checkpoint(self) -> None:
        self._check_folder()
        self._handle(self._keeper.room())
        self._save_state()  # first: where a killed run goes on must not lie before what it has shown
        if not self._rolled_back:
            self._handle(self._write(self._keeper.checkpoint))

    def _handle(self, trouble: Trouble | None) -> None:
        """Go back where numbers are spoilt; then wait for somebody to say *run*, or fail where nobody would."""
        if trouble is None or (trouble.can_go_on and not self.config.train.pause_on_trouble):
            return
        if trouble.roll_back:
            trouble = self._roll_back(trouble)
        if not self._pauses:
            with suppress(UserError):
                self._keeper.state()
                self._keeper.finish()
            raise trouble.to_error()
        self._steering.ask_to_pause(trouble.message)
        self._wait_if_paused()

    def _roll_back(self, trouble: Trouble) -> Trouble:
        step = self._keeper.roll_back()
        self._rolled_back = True
        self._measured = Measured(self.trainer)
        return replace(trouble, text=f"{trouble.text} The run went back to step {step}.")

    def _wait_if_paused(self) -> None:
        """Wait until told to go on. What was learnt is saved first."""
        if not self._steering.pausing:
            return
        heartbeat = Every(STATUS_EVERY)
        self._check_folder()
        self.directory.release_reserve()
        self._save_before_pause()
        self._tell_paused()

        def look() -> None:
            self._check_folder()
            self._follow_control()
            if heartbeat():
                self._tell_paused()

        self._measured.pace.waited(self._steering.wait(look))
        self.directory.hold_reserve()
        if not self._steering.stopping:
            self._write(partial(self._tell, "running"))

    def _save_before_pause(self) -> None:
        try:
            trouble = self._keeper.state()
            if trouble is not None:
                self._steering.message = self._roll_back(trouble).message
            self._keeper.finish()
        except UserError as error:
            if not is_disk_full(error):
                raise
            self._steering.message = self._steering.message or disk_full(error).message

    def _tell_paused(self) -> None:
        with suppress(UserError):  # a disk without room for a line; the pause holds all the same
            self._tell("paused", self._steering.message)

    def _tell(self, state: RunState, message: str = "") -> None:
        steps = self._steering.steps
        self.directory.write_status(state, self.trainer.step, message, steps, self._started, self.note)

    def _check_folder(self) -> None:
        if not self._folder.is_there():
            raise UserError(f"The run's folder {self.directory.path} has gone.", "Nothing more can be saved there.")

    def _follow_control(self) -> None:
        if self._steering.follow():
            # the new end belongs to the run: a resume after a crash must not stop at the old one
            self.config = self.config.with_steps(self._steering.steps)
            self._write(partial(write_json, self.directory.config_path, self.config.to_json()))


def start(
    data: Path,
    out: Path,
    model: ModelConfig,
    train: TrainConfig,
    parent: Path | None = None,
    progress: Reading | None = None,
    should_stop: ShouldStop | None = None,
) -> Runner:
    """Set up a new run on the pictures at ``data`` in the folder ``out``.

    Args:
        parent: a checkpoint of the same architecture whose weights to begin with.
        progress: told (done, total) while pictures are read.
        should_stop: asked often while pictures are read.

    Raises:
        UserError: there are no pictures, ``out`` already holds a run, or ``parent`` does not fit.
        Stopped: ``should_stop()`` said so; nothing was made.
    """
    check_apart(data, out)
    check_together(model, train)  # here, too: reading the pictures may take minutes
    directory, engine = RunDirectory(out), open_engine(train)
    engine.main_first(partial(check_new, directory, train, engine))
    origin = None if parent is None else engine.main_first(partial(describe_parent, parent, model))
    dataset = engine.main_first(partial(open_pictures, data, model, train, progress, should_stop))
    about = {"path": str(data.absolute()), "name": dataset.name, "count": len(dataset.images), "sha256": dataset.sha256}
    config = RunConfig.new(model, train, about, origin)
    runner = Runner(directory, config, dataset, engine)
    engine.main_first(partial(take_parent, config, runner.trainer))
    share_state(runner.trainer)
    runner.lock = engine.main_first(partial(found, directory, config, engine))
    return runner


def resume(
    out: Path, steps: int | None = None, progress: Reading | None = None, should_stop: ShouldStop | None = None
) -> Runner:
    """Set up an earlier run where its newest readable state left it.

    Args:
        steps: where to end now; None keeps what the run was started with. Once the run is claimed this holds, whatever
            else goes wrong.
        progress: told (done, total) while pictures are read.
        should_stop: asked often while pictures are read.

    Raises:
        UserError: ``out`` is no run, another process works on it, or its pictures have changed.
        Stopped: ``should_stop()`` said so; the run is as it was.
    """
    directory = RunDirectory(out)
    config = directory.read_config()
    if steps is not None:
        config = config.with_steps(steps)
    engine = open_engine(config.train)
    reached = last_step(directory)  # before it is claimed
    lock = engine.main_first(partial(claim, directory, config, engine))
    try:
        if steps is not None and engine.is_main:  # before the pictures may be missing: a later resume wants it too
            write_json(directory.config_path, config.to_json())
        dataset = engine.main_first(partial(same_pictures, config, progress, should_stop))
        runner = Runner(directory, config, dataset, engine)
        engine.main_first(partial(restore, directory, config, runner.trainer))
        share_state(runner.trainer)
        runner.lock, runner.note = lock, continued(runner.trainer.step, reached)
    except BaseException as error:
        if engine.is_main:
            with suppress(UserError):  # on a full disk
                if isinstance(error, Stopped):
                    directory.write_status("done", step_told(directory), STOPPED, config.train.steps)
                else:
                    directory.write_status("failed", step_told(directory), sentence_of(error), config.train.steps)
        let_go(lock)
        raise
    return runner
