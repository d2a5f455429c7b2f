"""What is exported is what the window shows: the same pictures, at the right moments."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image
from PySide6.QtWidgets import QApplication

from gan.checkpoints import read_info
from gan.errors import UserError
from gan.images import read_png_latent
from gan.instruments.paths import KeyFrame, Route
from gan.latent.draws import draw
from gan.latent.vectors import load_notes, load_vectors
from gan.rendering import open_renderer
from latent_debugger.services.path_export import PathFilm, export_film, export_latents
from latent_debugger.services.progress import CancelledError, Progress
from latent_debugger.state.model import OpenModel
from latent_debugger.state.path import FilmOptions

ROUTE = Route(tuple(KeyFrame(z, 0.5) for z in draw(3, 8, 1)))


def opened(path: Path) -> OpenModel:
    info = read_info(path)
    size, channels = info.config.image_size, info.config.channels
    return OpenModel(path, "tiny", 8, "z", size, channels, info.step, "run", info.sha256, "cpu", "wgan-gp")


@pytest.fixture
def film(qapp: QApplication, make_checkpoint: Callable[..., Path]) -> PathFilm:
    model = opened(make_checkpoint("tiny.safetensors"))
    return PathFilm(model, ROUTE, even=False, options=FilmOptions("png", 10, 1))


def test_png_pictures_are_the_windows_own_and_carry_their_latents(tmp_path: Path, film: PathFilm) -> None:
    folder = export_film(tmp_path / "walk", film, Progress())
    files = sorted(folder.iterdir())
    assert len(files) == film.count == 11
    renderer = open_renderer(film.model.path, "cpu")
    for file, z in zip(files, ROUTE.frames(10), strict=True):
        with Image.open(file) as image:
            assert np.array_equal(np.asarray(image), renderer.pixels(z[np.newaxis])[0])
        about = read_png_latent(file)
        assert np.array_equal(np.float32(about["latent"]), z) and about["model_sha256"] == film.model.sha256


def test_a_film_has_its_length_and_its_size(tmp_path: Path, film: PathFilm) -> None:
    options = FilmOptions("mp4", 20, 2, quality="best")
    path = export_film(tmp_path / "walk", replace(film, options=options), Progress())
    assert path.name == "walk.mp4"
    renderer = open_renderer(film.model.path, "cpu")
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        frames = [frame.to_ndarray(format="rgb24") for frame in container.decode(stream)]
        assert stream.average_rate == 20
    assert len(frames) == 21 and frames[0].shape == (64, 64, 3)
    for frame, z in zip(frames, ROUTE.frames(20), strict=True):
        wanted = renderer.pixels(z[np.newaxis])[0].repeat(2, 0).repeat(2, 1)
        assert np.abs(frame.astype(int) - wanted).mean() < 8


def test_a_gif_is_slow_enough_for_a_gif(tmp_path: Path, film: PathFilm) -> None:
    fast = replace(film, options=FilmOptions("gif", 60, 4))
    assert fast.fps == 50 and fast.count == 51
    with Image.open(export_film(tmp_path / "walk.GIF", fast, Progress())) as gif:
        assert (gif.n_frames, gif.size) == (51, (128, 128))


def test_latents_are_those_of_the_pictures(tmp_path: Path, film: PathFilm) -> None:
    path = export_latents(tmp_path / "walk", film, Progress())
    found = load_vectors(path, 8)
    np.testing.assert_array_equal(found, np.stack(list(ROUTE.frames(10))))
    notes = load_notes(path, len(found))
    assert notes.model_sha256 == film.model.sha256 and notes.run == "run" and notes.names[5] == "0.500 s"


def test_constant_speed_is_constant(tmp_path: Path, film: PathFilm) -> None:
    a, b = draw(2, 8, 3)
    route = Route((KeyFrame(a, 2.0, "in"), KeyFrame(b)))

    def spread(even: bool) -> float:
        found = load_vectors(export_latents(tmp_path / "walk", replace(film, route=route, even=even), Progress()), 8)
        renderer = open_renderer(film.model.path, "cpu")
        pictures = np.concatenate([renderer.raw(z[np.newaxis]) for z in found])
        steps = np.sqrt(np.mean(np.square(np.diff(pictures, axis=0)), axis=(1, 2, 3)))
        return float(steps.std() / steps.mean())

    assert spread(even=True) < 0.1 < 0.3 < spread(even=False)


@pytest.mark.parametrize("kind", ["mp4", "gif", "png"])
def test_it_can_be_cancelled_on_the_way(tmp_path: Path, film: PathFilm, kind: str) -> None:
    class Impatient(Progress):
        def report(self, done: int, total: int) -> None:
            if done > 4:
                self.cancel()
            super().report(done, total)

    for even in (False, True):
        job = replace(film, even=even, options=replace(film.options, kind=kind))
        with pytest.raises(CancelledError):
            export_film(tmp_path / "out" / "walk", job, Impatient())
    assert list((tmp_path / "out").iterdir()) == []


def test_mistakes_are_said_before_anything_is_written(tmp_path: Path, film: PathFilm) -> None:
    with pytest.raises(UserError, match="frames"):
        export_film(tmp_path / "a", replace(film, route=Route((KeyFrame(draw(1, 8, 0)[0], 1e9),) * 2)), Progress())
    film.model.path.write_bytes(film.model.path.read_bytes() + b" ")
    with pytest.raises(UserError):
        export_film(tmp_path / "a", film, Progress())
    assert [path.name for path in tmp_path.iterdir()] == ["tiny.safetensors"]
