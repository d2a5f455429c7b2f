"""A path as files: a film, a folder of pictures, or its latents. Plain functions, run on a Worker.

The pictures are the window's own, drawn one after another by a renderer of the job's: a film of thousands needs the
memory of a few, and does not hold up the canvas.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import numpy as np
import torch

from gan.films import MAX_GIF_FPS, Quality, sized, write_gif, write_mp4, write_pngs
from gan.images import Bytes, latent_chunk
from gan.instruments.paths import Clock, Picture, Route, profile
from gan.latent.draws import Latents
from gan.latent.vectors import VectorNotes, save_vectors
from gan.rendering import Renderer, open_renderer
from latent_debugger.services.adapters import check_unchanged, open_with
from latent_debugger.services.progress import Progress
from latent_debugger.state.model import OpenModel
from latent_debugger.state.path import FilmOptions

log = logging.getLogger(__name__)

_SUFFIXES = {"mp4": ".mp4", "gif": ".gif", "png": ""}
_MEASURING = 0.1
"""The share of the progress that measuring for a constant speed is taken for."""


@dataclass(frozen=True, eq=False)
class PathFilm:
    """What is to be exported."""

    model: OpenModel
    route: Route
    even: bool
    """At constant speed."""
    options: FilmOptions

    @property
    def fps(self) -> int:
        """Pictures a second: a GIF has at most 50."""
        return min(self.options.fps, MAX_GIF_FPS) if self.options.kind == "gif" else self.options.fps

    @property
    def count(self) -> int:
        """How many pictures.

        Raises:
            UserError: more than anybody wants.
        """
        return self.route.count(self.fps)


def export_film(target: Path, film: PathFilm, progress: Progress) -> Path:
    """Write an MP4, a GIF, or a folder of PNG pictures, each of which carries its latent.

    Returns:
        The file or folder written: ``target``, with the suffix where that was missing.

    Raises:
        UserError: the model has changed on disk, the film is too long or too large, or it cannot be written.
        CancelledError: the user ended it.
    """
    target, options = _with_suffix(Path(target), _SUFFIXES[film.options.kind]), film.options
    total = film.count  # before anything is loaded
    renderer = _renderer(film.model)
    clock, done = _clock(renderer, film, progress, total)

    def drawn() -> Iterator[tuple[Latents, Bytes]]:
        for number, z in enumerate(film.route.frames(film.fps, clock)):
            progress.report(done + number, done + total)
            yield z, renderer.pixels(z[np.newaxis])[0]

    if options.kind == "png":
        model = film.model
        factor = options.scale

        def carrying(z: Latents, picture: Bytes) -> tuple[Bytes, dict[str, dict[str, object]]]:
            shown = picture if factor == 1 else sized(picture, factor, options.smooth)
            return shown, latent_chunk(z, model.space, model.sha256, model.step, model.label)

        write_pngs(target, (carrying(z, picture) for z, picture in drawn()))
        return target
    pictures = (sized(picture, options.scale, options.smooth) for _, picture in drawn())
    if options.kind == "gif":
        write_gif(target, pictures, film.fps)
    else:
        encoder = write_mp4(target, pictures, film.fps, cast(Quality, options.quality))
        log.info("%s was encoded by %s", target.name, encoder)
    return target


def export_latents(target: Path, film: PathFilm, progress: Progress) -> Path:
    """Write the latents of every picture as float32 (n, dim), and the model they belong to beside them.

    Returns:
        The file written: ``target``, with ``.npy`` where that was missing.

    Raises:
        UserError: they are too many, or the file cannot be written.
        CancelledError: the user ended it.
    """
    target, model = _with_suffix(Path(target), ".npy"), film.model
    total = film.count
    clock, done = _clock(_renderer(model), film, progress, total) if film.even else (None, 0)
    latents = np.empty((total, model.dim), np.float32)
    for number, z in enumerate(film.route.frames(film.fps, clock)):
        progress.report(done + number, done + total)
        latents[number] = z
    names = [f"{number / film.fps:.3f} s" for number in range(total)]
    notes = VectorNotes(names=names, space=model.space, model_sha256=model.sha256, run=model.run)
    save_vectors(target, latents, notes)
    return target


def _clock(renderer: Renderer, film: PathFilm, progress: Progress, total: int) -> tuple[Clock | None, int]:
    """The clock of a constant speed, if it is wanted; and how many pictures' worth of progress that was."""
    if not film.even:
        return None, 0
    share = max(1, round(_MEASURING * total))

    def picture(z: Latents) -> Picture:
        return cast(Picture, renderer.raw(z[np.newaxis])[0] / np.float32(2))

    def tell(part: float) -> None:
        progress.report(round(part * share), share + total)

    return profile(film.route, picture, tell=tell).clock(), share


def _renderer(model: OpenModel) -> Renderer:
    device = torch.device("cpu")  # a graphics card is left to the canvas
    if model.adapter is not None:
        renderer: Renderer = open_with(model.path, model.adapter, device)
    else:
        renderer = open_renderer(model.path, str(device), model.choices)
    check_unchanged(model.path, renderer.info, model.sha256)
    return renderer


def _with_suffix(path: Path, suffix: str) -> Path:
    return path if not suffix or path.suffix.lower() == suffix else path.with_name(path.name + suffix)
