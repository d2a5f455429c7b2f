"""A trainer inside its run directory: what ``python -m gan train`` and the window's training thread both run."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import torch

from gan.checkpoints import CheckpointInfo, save_checkpoint
from gan.config import ModelConfig, TrainConfig
from gan.data import Dataset, open_dataset
from gan.errors import UserError
from gan.files import write_json
from gan.images import save_sheet
from gan.latent.draws import draw
from gan.latent.vectors import save_vectors
from gan.rendering import open_renderer
from gan.training.device import training_threads
from gan.training.run_directory import MetricsLog, RunConfig, RunDirectory
from gan.training.state import load_state, save_state
from gan.training.trainer import CheckpointDue, Progress, Trainer

METRICS_EVERY = 1.0  # seconds
STATUS_EVERY = 2.0
STATE_EVERY = 25.0  # looked at after each step; a watcher may count on 30
PAUSE_POLL = 0.2


@dataclass(frozen=True)
class Report:
    """What a watcher in the same process is told, about once a second."""

    progress: Progress
    steps: int
    """Where the run will end."""
    images_per_second: float
    """Real pictures shown to the critic per second of work, over the last seconds."""


class Runner:
    """One run. Build it with :func:`start` or :func:`resume`, then call :meth:`run` once."""

    def __init__(self, directory: RunDirectory, config: RunConfig, data: Dataset) -> None:
        self.directory, self.config = directory, config
        self.trainer = Trainer(config.model, config.train, data.images)
        self._steps = config.train.steps
        self._want = "run"
        self._control_seen = 0
        self._previews = draw(config.train.previews, config.model.z_dim, config.train.seed)

    def run(self, report: Callable[[Report], None], should_stop: Callable[[], bool] = lambda: False) -> int:
        """Train to the end, or until told to stop; returns the step reached. Everything is saved on the way out.

        Raises:
            UserError: the run cannot be written; ``status.json`` says so too.
        """
        torch.set_num_threads(training_threads(self.config.train.threads))
        trainer, directory = self.trainer, self.directory
        # whoever stopped this run earlier left its wish behind
        directory.write_control("run", self._steps)
        self._control_seen = directory.control_path.stat().st_mtime_ns
        save_vectors(directory.preview_z_path, self._previews)
        metrics = MetricsLog(directory.metrics_path, trainer.step)
        try:
            self._save_state()
            self._loop(metrics, report, should_stop)
            self._save_state()
            finished = trainer.step >= self._steps
            directory.write_status("done", trainer.step, "" if finished else "stopped; resume to go on")
        except BaseException as error:
            message = error.text if isinstance(error, UserError) else f"{type(error).__name__}: {error}"
            directory.write_status("failed", trainer.step, message)
            raise
        finally:
            metrics.close()
        return trainer.step

    def _loop(self, metrics: MetricsLog, report: Callable[[Report], None], should_stop: Callable[[], bool]) -> None:
        trainer = self.trainer
        metrics_due, status_due, state_due = _Every(METRICS_EVERY), _Every(STATUS_EVERY), _Every(STATE_EVERY)
        window: list[Progress] = []
        since = time.monotonic()
        for event in trainer.run(lambda: self._steps, lambda: should_stop() or self._want == "stop"):
            if isinstance(event, CheckpointDue):
                self._save_checkpoint()
            elif isinstance(event, Progress):
                window.append(event)
                last = event.step >= self._steps
                if metrics_due() or last:
                    seconds, since = time.monotonic() - since, time.monotonic()
                    rate = len(window) * self.config.train.n_critic * self.config.train.batch / max(seconds, 1e-9)
                    mean = _mean(window)
                    metrics.append({**asdict(mean), "time": time.time(), "images_per_second": round(rate, 1)})
                    report(Report(mean, self._steps, rate))
                    window.clear()
                if status_due():
                    self.directory.write_status("running", trainer.step)
                if state_due():
                    self._save_state()
            self._read_control()
            if self._want == "pause" and not should_stop():
                since += self._pause(should_stop)

    def _pause(self, should_stop: Callable[[], bool]) -> float:
        """Wait until told to go on; returns the seconds waited. What was learnt is saved first."""
        began, heartbeat = time.monotonic(), _Every(STATUS_EVERY)
        self._save_state()
        self.directory.write_status("paused", self.trainer.step)
        while self._want == "pause" and not should_stop():
            time.sleep(PAUSE_POLL)
            if heartbeat():
                self.directory.write_status("paused", self.trainer.step)
            self._read_control()
        return time.monotonic() - began

    def _read_control(self) -> None:
        """One stat a step; the file is only read when it was replaced. What makes no sense is ignored."""
        try:
            stamp = self.directory.control_path.stat().st_mtime_ns
            if stamp == self._control_seen:
                return
            self._control_seen = stamp
            value = json.loads(self.directory.control_path.read_bytes())
        except (OSError, ValueError, RecursionError):
            return
        if isinstance(value, dict):
            if value.get("want") in ("run", "pause", "stop"):
                self._want = value["want"]
            steps = value.get("steps")
            if isinstance(steps, int) and not isinstance(steps, bool) and steps > 0:
                self._steps = steps
                self._remember_steps()

    def _remember_steps(self) -> None:
        """The new end belongs to the run: a resume after a crash must not stop at the old one."""
        self.config = self.config.with_steps(self._steps)
        write_json(self.directory.config_path, self.config.to_json())

    def _save_state(self) -> None:
        save_state(self.directory.state(self.trainer.step), self.trainer)
        self.directory.drop_old_states()
        self.directory.write_status("running", self.trainer.step)

    def _save_checkpoint(self) -> None:
        """The averaged generator and the critic, then the sheet of samples it makes."""
        trainer, directory = self.trainer, self.directory
        info = CheckpointInfo(
            path=directory.checkpoint(trainer.step),
            family=self.config.model.family,
            config=self.config.model,
            step=trainer.step,
            images_seen=trainer.images_seen,
            objective=self.config.train.objective,
            run=self.config.run,
            data={key: self.config.data.get(key) for key in ("name", "count", "sha256")},
        )
        save_checkpoint(info.path, trainer.ema.generator, info, trainer.critic)
        # from the file, not from memory: the window will render the same bytes, and so the same pixels
        images = open_renderer(info.path, str(trainer.device)).pixels(self._previews)
        save_sheet(directory.sample(trainer.step), images, trainer.step)


def start(data: Path, out: Path, model: ModelConfig, train: TrainConfig) -> Runner:
    """Set up a new run on the pictures at ``data`` in the folder ``out``.

    Raises:
        UserError: there are no pictures, or ``out`` already holds a run.
    """
    directory = RunDirectory(out)
    if directory.config_path.exists():
        raise UserError(f"{out} already holds a run.", "Add --resume to go on with it, or choose another folder.")
    dataset = open_dataset(data, model.image_size, model.channels)
    about = {"path": str(data.absolute()), "name": dataset.name, "count": len(dataset.images), "sha256": dataset.sha256}
    config = RunConfig.new(model, train, about)
    runner = Runner(directory, config, dataset)
    write_json(directory.config_path, config.to_json())
    return runner


def resume(out: Path, steps: int | None = None) -> Runner:
    """Set up an earlier run where its newest readable state left it.

    Args:
        steps: where to end now; None keeps what the run was started with.

    Raises:
        UserError: ``out`` is no run, another process works on it, or its pictures have changed.
    """
    directory = RunDirectory(out)
    config = directory.read_config()
    if directory.is_alive():
        raise UserError(f"Process {directory.read_status().get('pid')} is training {out} right now.", "Stop it first.")
    if steps is not None:
        config = config.with_steps(steps)
    dataset = open_dataset(Path(str(config.data.get("path"))), config.model.image_size, config.model.channels)
    if dataset.sha256 != config.data.get("sha256"):
        raise UserError(f"The pictures at {config.data.get('path')} are not those this run was started on.")
    runner = Runner(directory, config, dataset)
    if steps is not None:
        write_json(directory.config_path, config.to_json())
    states = directory.states()
    for state in reversed(states):
        try:
            load_state(state, runner.trainer)
            return runner
        except UserError:
            continue  # a damaged newest state must not cost the run: the one before it is kept for this
    if states:  # beginning again would write over what is there
        raise UserError(f"Every training state in {out} is damaged.", "Start a new run in another folder.")
    return runner


class _Every:
    """True once per ``seconds``."""

    def __init__(self, seconds: float) -> None:
        self._seconds, self._next = seconds, time.monotonic() + seconds

    def __call__(self) -> bool:
        now = time.monotonic()
        if now < self._next:
            return False
        self._next = now + self._seconds
        return True


def _mean(window: list[Progress]) -> Progress:
    """The newest step with every metric averaged since the last report."""
    last = window[-1]
    names = ("wasserstein", "critic_loss", "generator_loss")
    return Progress(last.step, last.images_seen, *(sum(getattr(p, n) for p in window) / len(window) for n in names))
