"""Films on disk hold the pictures the window shows, at their places."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtWidgets import QApplication

from gan.errors import UserError
from gan.latent.draws import draw
from gan.rendering import open_renderer
from latent_debugger.services import film_export
from latent_debugger.services.film_export import Film, export_gif, export_strip, spread
from latent_debugger.services.progress import CancelledError, Progress
from latent_debugger.state.timeline import Stage

SIDE = film_export.PICTURES[0]


@pytest.fixture
def film(make_checkpoint: Callable[..., Path]) -> Film:
    stages = [Stage(s, make_checkpoint(f"step-{s:08d}.safetensors", seed=s, step=s)) for s in (0, 500, 1000)]
    return Film("people", tuple(stages), ("Canvas", "Star 1"), draw(2, 8, 5))


def test_the_strip_shows_every_latent_under_every_checkpoint(qapp: QApplication, tmp_path: Path, film: Film) -> None:
    path = export_strip(tmp_path / "out" / "strip", film, Progress())
    assert path.name == "strip.png"
    strip = np.asarray(Image.open(path))
    left, top = film_export._MARGIN + film_export._NAMES, film_export._HEAD + film_export._STEPS
    for column, stage in enumerate(film.stages):
        pictures = open_renderer(stage.path, "cpu").pixels(film.latents)
        for row, picture in enumerate(pictures):
            x, y = left + column * (SIDE + film_export._GAP), top + row * (SIDE + film_export._GAP)
            assert np.array_equal(strip[y : y + SIDE, x : x + SIDE], picture.repeat(4, 0).repeat(4, 1))
    assert strip[:top, left:].min() < 128 and strip[top:, :left].min() < 128, "steps and names are written"
    assert strip[0, 0].tolist() == [255, 255, 255]


def test_the_gif_goes_through_the_checkpoints(qapp: QApplication, tmp_path: Path, film: Film) -> None:
    one = Film(film.title, film.stages, film.names[:1], film.latents[:1])
    with Image.open(export_gif(tmp_path / "film.gif", one, Progress())) as gif:
        assert (gif.n_frames, gif.size) == (3, (256, 256 + film_export._CAPTION))
        assert gif.info["loop"] == 0
        for frame, stage in enumerate(one.stages):
            gif.seek(frame)
            assert gif.info["duration"] == (film_export.LAST_MS if frame == 2 else film_export.FRAME_MS)
            picture = open_renderer(stage.path, "cpu").pixels(one.latents)[0].repeat(8, 0).repeat(8, 1)
            shown = np.asarray(gif.convert("RGB"))[:256].astype(int)
            assert np.abs(shown - picture).mean() < 6, "256 colours"
    two = export_gif(tmp_path / "two", film, Progress())
    with Image.open(two) as gif:
        assert two.name == "two.gif" and gif.size == (256, 128 + film_export._CAPTION)


def test_a_damaged_checkpoint_is_grey_and_none_at_all_is_an_error(
    qapp: QApplication, tmp_path: Path, film: Film
) -> None:
    for stage in film.stages[:2]:
        stage.path.write_bytes(b"damaged")
    strip = np.asarray(Image.open(export_strip(tmp_path / "strip.png", film, Progress())))
    left, top = film_export._MARGIN + film_export._NAMES, film_export._HEAD + film_export._STEPS
    for column in range(2):
        x = left + column * (SIDE + film_export._GAP)
        assert (strip[top : top + SIDE, x : x + SIDE] == 0xE9).all()
    film.stages[2].path.unlink()
    with pytest.raises(UserError, match="no checkpoint"):
        export_gif(tmp_path / "film.gif", film, Progress())
    assert not (tmp_path / "film.gif").exists()


def test_it_can_be_cancelled(qapp: QApplication, tmp_path: Path, film: Film) -> None:
    for export in (export_strip, export_gif):
        progress = Progress()
        progress.cancel()
        with pytest.raises(CancelledError):
            export(tmp_path / "out" / "film", film, progress)
    assert not (tmp_path / "out").exists()


def test_a_long_run_is_thinned_out_evenly() -> None:
    stages = [Stage(step, Path(f"{step}")) for step in range(1001)]
    found = spread(stages, 11)
    assert [stage.step for stage in found] == list(range(0, 1001, 100))
    assert spread(stages[:11], 11) == stages[:11]
