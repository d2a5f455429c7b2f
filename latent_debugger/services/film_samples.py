"""The sheets of samples a run writes beside its checkpoints, cut into tiles. Plain functions, run on a Worker."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from gan.data.pictures import quiet_decoders
from gan.errors import UserError
from gan.images import SHEET_CHUNK, UNREADABLE, Bytes
from gan.latent.draws import Latents
from gan.latent.vectors import load_vectors
from gan.training.run_directory import RunDirectory
from latent_debugger.state.timeline import Stage

MAX_TILES = 1024


@dataclass(frozen=True, eq=False)
class Sheet:
    """The samples of one step."""

    step: int
    tiles: Bytes
    """(N, H, W, 3), in the order of the rows of ``preview_z.npy``."""


@dataclass(frozen=True, eq=False)
class Sample:
    """One tile of a sheet, as a latent."""

    step: int
    z: Latents
    """(dim,)"""
    checkpoint: Stage | None
    """The checkpoint it was drawn with; None where that is no longer kept."""


def read_sample(run: Path, step: int, index: int) -> Sample:
    """What tile ``index`` of the sheet of ``step`` was drawn from.

    Raises:
        UserError: ``run`` does not tell.
    """
    path = run / "preview_z.npy"
    latents = load_vectors(path)
    if not 0 <= index < len(latents):
        raise UserError(f"{path.name} has only {len(latents)} latents, but this is sample {index + 1}.")
    checkpoint = RunDirectory(run).checkpoint(step)
    return Sample(step, latents[index].copy(), Stage(step, checkpoint) if checkpoint.is_file() else None)


def read_sheet(path: Path, step: int) -> Sheet:
    """Cut a sheet of samples into its tiles, as its text chunk says.

    Raises:
        UserError: it is missing, damaged, or no sheet of samples.
    """
    try:
        with quiet_decoders(), Image.open(path, formats=["PNG"]) as image:
            image.load()  # the chunk may stand behind the pixels
            text = image.info.get(SHEET_CHUNK)
            pixels = np.asarray(image.convert("RGB"))
    except UNREADABLE as error:
        raise UserError(f"The samples in {path.name} cannot be read.") from error
    try:
        about = json.loads(text) if isinstance(text, str) else None
        columns, tile, count = (about[key] for key in ("columns", "tile", "count")) if about else (0, 0, 0)
    except (ValueError, RecursionError, TypeError, KeyError):
        columns = tile = count = 0
    height, width = pixels.shape[:2]
    fits = all(isinstance(value, int) and value > 0 for value in (columns, tile, count)) and count <= MAX_TILES
    if not fits or columns * tile != width or -(-count // columns) * tile != height:
        raise UserError(f"{path.name} does not say how its samples are laid out.")
    rows = height // tile
    cut = pixels.reshape(rows, tile, columns, tile, 3).swapaxes(1, 2).reshape(rows * columns, tile, tile, 3)
    return Sheet(step, np.ascontiguousarray(cut[:count]))
