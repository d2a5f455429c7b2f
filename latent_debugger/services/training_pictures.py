"""Pictures for the Training panel, and whether a run can begin in a folder. Plain functions, run on a Worker."""

from __future__ import annotations

from pathlib import Path

from gan.checkpoints import read_parent
from gan.config import ModelConfig, TrainConfig
from gan.data.glimpse import glimpse
from gan.data.people import make_people
from gan.data.sources import kind_known
from gan.errors import UserError
from gan.images import Bytes
from gan.training.run_reader import is_run
from latent_debugger.services.progress import Progress
from latent_debugger.state.paths import home

PEOPLE = 6000
REAL = 24


def people_folder(size: int) -> Path:
    """Where the built-in pictures of this size in pixels are kept."""
    return home() / "pictures" / f"people-{size}"


def draw_people(size: int, progress: Progress) -> Path:
    """Draw the built-in data set, unless it is there already.

    Raises:
        CancelledError: the user ended it.
        UserError: the folder cannot be written to.
    """
    folder = people_folder(size)
    if not (folder / "images.npy").is_file():
        make_people(folder, PEOPLE, size, progress=lambda done: progress.report(done, PEOPLE))
    return folder


def model_of(path: Path) -> ModelConfig:
    """The networks of a checkpoint that can be trained further.

    Raises:
        UserError: it is none.
    """
    return read_parent(path).config


def glance(data: Path) -> None:
    """Whether there is something at ``data`` that may hold pictures; they are not read.

    Raises:
        UserError: there is not.
    """
    try:
        kind_known(data)
    except OSError as error:
        raise UserError(f"{data} cannot be read: {error.strerror or error}.") from error


def check_place(out: Path) -> None:
    """Whether a new run can go to the folder ``out``; nothing is made there.

    Raises:
        UserError: it holds one, or is no folder.
    """
    if is_run(out):
        raise UserError(
            "This folder already holds a run.", "Name another one; or go on with that run: Watch a run…, then Resume."
        )
    try:
        if out.exists() and not out.is_dir():
            raise UserError("This is a file.", "Name a folder for the run.")
    except (OSError, ValueError) as error:  # a name that no system takes
        raise UserError("There can be no such folder.", "Name another one.") from error


def real_pictures(data: Path, model: ModelConfig, train: TrainConfig) -> Bytes:
    """Some training pictures as the networks see them, (n, H, W, C); the same ones each time. The others are not read.

    Raises:
        UserError: they cannot be read (any more).
    """
    return glimpse(data, model.image_size, model.channels, REAL, framing=train.framing, ground=train.ground)
