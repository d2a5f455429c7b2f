"""What is looked at, and put in place, before a run begins or goes on. Process 0 does it; the others find it done."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import BaseFileLock

from gan.checkpoints import read_config
from gan.config import ModelConfig, TrainConfig
from gan.data import Dataset, open_dataset
from gan.data.reading import Progress, ShouldStop
from gan.data.sources import array_in
from gan.errors import UserError
from gan.files import write_json
from gan.training.engine import Engine
from gan.training.fine_tune import apply_parent
from gan.training.run_directory import RunConfig, RunDirectory
from gan.training.state import load_newest
from gan.training.tensorboard import require_tensorboard
from gan.training.trainer import Trainer

_WAIT = "Stop it first. Is this a copy of its folder? Then wait half a minute."


def check_new(directory: RunDirectory, train: TrainConfig, engine: Engine) -> None:
    """Refuse a folder that holds a run.

    Raises:
        UserError: it does, or a package is missing.
    """
    if engine.is_main and directory.config_path.exists():
        hint = "Choose another folder, or resume that run (in a shell: --resume)."
        raise UserError(f"{directory.path} already holds a run.", hint)
    if train.tensorboard:
        require_tensorboard()


def check_apart(data: Path, out: Path) -> None:
    """Whether the run will not write its sheets among the pictures it learns from, which it could not be resumed on.

    Raises:
        UserError: ``out`` lies in the folder of pictures ``data``.
    """
    is_folder = data.is_dir() and array_in(data) == data  # an array is one file
    if is_folder and out.resolve().is_relative_to(data.resolve()):
        raise UserError(
            f"{out} lies among the pictures, and the run's own would join them.", f"Choose a folder outside {data}."
        )


def claim(directory: RunDirectory, config: RunConfig, engine: Engine) -> BaseFileLock | None:
    """Say that this process has the run: nobody else may begin meanwhile.

    Returns:
        What keeps two processes on this computer from claiming it in the same moment; release it in the end.

    Raises:
        UserError: another process has it, or ``config.json`` describes other networks than it has trained.
    """
    if not engine.is_main:
        return None
    if directory.is_alive():  # on whichever computer
        pid = directory.read_status().get("pid")
        raise UserError(f"Process {pid} is training {directory.path} right now.", _WAIT)
    directory.check_writable()
    with _kept(directory.lock()) as lock:
        check_networks(directory, config)
        directory.write_status("running", step_told(directory), "Starting.", config.train.steps)
    return lock


def found(directory: RunDirectory, config: RunConfig, engine: Engine) -> BaseFileLock | None:
    """Put a new run in place, and :func:`claim` it.

    Raises:
        UserError: another process has begun one there meanwhile, or it cannot be written.
    """
    if not engine.is_main:
        return None
    with _kept(directory.lock()) as lock:
        check_new(directory, config.train, engine)  # somebody may have been faster while the pictures were read
        if not directory.control_path.exists():
            directory.write_control("run")
        write_json(directory.config_path, config.to_json())
        directory.write_status("running", 0, "Starting.", config.train.steps)
    return lock


@contextmanager
def _kept(lock: BaseFileLock | None) -> Iterator[BaseFileLock | None]:
    """A lock that outlives the block, unless the block fails."""
    try:
        yield lock
    except BaseException:
        let_go(lock)
        raise


def let_go(lock: BaseFileLock | None) -> None:
    """Release what :func:`claim` returned."""
    if lock is not None:
        lock.release()


def open_pictures(
    data: Path,
    model: ModelConfig,
    train: TrainConfig,
    progress: Progress | None = None,
    should_stop: ShouldStop | None = None,
) -> Dataset:
    """The pictures at ``data`` as the networks of ``model`` take them.

    Args:
        progress: told (done, total) while they are read.
        should_stop: asked often while they are read.

    Raises:
        UserError: see :func:`gan.data.open_dataset`.
        Stopped: ``should_stop()`` said so.
    """
    return open_dataset(
        data,
        model.image_size,
        model.channels,
        progress,
        framing=train.framing,
        ground=train.ground,
        should_stop=should_stop,
    )


def same_pictures(
    config: RunConfig, progress: Progress | None = None, should_stop: ShouldStop | None = None
) -> Dataset:
    """The pictures that a run was started on.

    Raises:
        UserError: they have gone, or have changed.
        Stopped: ``should_stop()`` said so.
    """
    if config.train.tensorboard:
        require_tensorboard()
    data = Path(str(config.data.get("path")))
    dataset = open_pictures(data, config.model, config.train, progress, should_stop)
    if dataset.sha256 != config.data.get("sha256"):
        raise UserError(f"The pictures at {config.data.get('path')} are not those this run was started on.")
    return dataset


def restore(directory: RunDirectory, config: RunConfig, trainer: Trainer) -> None:
    """Put ``trainer`` where the run is.

    Raises:
        UserError: every state is damaged or has gone, or the checkpoint it began with has.
    """
    if not trainer.engine.is_main or load_newest(directory.states(), trainer):
        return
    if directory.checkpoints():  # beginning again would write over them
        raise UserError(
            f"{directory.path} has checkpoints, but no training state to go on from.",
            "Put its folder state/ back, or begin a new run with its newest checkpoint (in a shell: --from).",
        )
    take_parent(config, trainer)  # it was killed before its first state


def check_networks(directory: RunDirectory, config: RunConfig) -> None:
    """Whether ``config.json`` describes the networks that were trained, as the run's newest checkpoint tells.

    Raises:
        UserError: it does not; the sentence names the fields.
    """
    for path in reversed(directory.checkpoints()):
        try:
            theirs = read_config(path).to_json()
        except UserError:  # damaged: the one before may tell
            continue
        ours = config.model.to_json()
        changed = [name for name in ours if ours[name] != theirs.get(name)]
        if changed:
            told = ", ".join(f"{name} {ours[name]} (it was trained with {theirs.get(name)})" for name in changed)
            raise UserError(
                f"{directory.config_path} says {told}.",
                "Put that back as it was, or start a new run for other networks.",
            )
        return


def take_parent(config: RunConfig, trainer: Trainer) -> None:
    """Begin with another checkpoint's weights, where the run is fine-tuned from one."""
    if trainer.engine.is_main and config.parent is not None:
        apply_parent(config.parent, trainer)


def step_told(directory: RunDirectory) -> int:
    """The step in ``status.json``, 0 where it tells none."""
    step = directory.read_status().get("step")
    return step if isinstance(step, int) else 0


def continued(step: int, reached: int) -> str:
    """What to say of a run that goes on from ``step`` but had come as far as ``reached``; empty where nothing is lost.

    A state is kept every 25 seconds: what a killed process learnt after the last one has to be learnt again.
    """
    lost = reached - step
    if lost <= 0:
        return ""
    return f"Continued from step {step:,}; {lost:,} update{'s' if lost > 1 else ''} made since then were lost."


def sentence_of(error: BaseException) -> str:
    """What ``status.json`` says of a run that failed."""
    if isinstance(error, UserError):
        return str(error)
    if isinstance(error, KeyboardInterrupt):
        return "It was interrupted."
    name, text = type(error).__name__, str(error)
    return f"{name}: {text}" if text else f"{name}."
