"""A sheet of samples comes apart into what it was made of, and a bad one into a sentence."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from gan.errors import UserError
from gan.images import SHEET_CHUNK, save_png, save_sheet
from gan.latent.vectors import save_vectors
from latent_debugger.services.film_samples import read_sample, read_sheet
from latent_debugger.state.timeline import Stage


@pytest.mark.parametrize(("n", "channels", "scale"), [(1, 3, 1), (6, 3, 1), (7, 1, 1), (64, 3, 1), (5, 3, 2)])
def test_tiles_are_what_was_put_in(tmp_path: Path, n: int, channels: int, scale: int) -> None:
    images = np.random.RandomState(n).randint(0, 256, (n, 16, 16, channels), np.uint8)
    path = tmp_path / "step-00000007.png"
    save_sheet(path, images, 7, scale)
    sheet = read_sheet(path, 7)
    expected = images.repeat(scale, 1).repeat(scale, 2)
    assert sheet.step == 7 and sheet.tiles.flags.c_contiguous
    assert np.array_equal(sheet.tiles, np.broadcast_to(expected, (*expected.shape[:3], 3)))


def test_what_is_no_sheet_is_told_in_one_sentence(tmp_path: Path) -> None:
    pixels = np.zeros((16, 32, 3), np.uint8)
    good = {"columns": 2, "tile": 16, "count": 2, "step": 1}
    save_png(tmp_path / "good.png", pixels, {SHEET_CHUNK: good})
    assert len(read_sheet(tmp_path / "good.png", 1).tiles) == 2
    wrong = (
        {"columns": 3}, {"columns": 0}, {"tile": -16}, {"tile": "16"}, {"count": 3}, {"count": 10**9}, {"count": None},
    )  # fmt: skip
    for k, change in enumerate(wrong):
        save_png(tmp_path / f"{k}.png", pixels, {SHEET_CHUNK: {**good, **change}})
    save_png(tmp_path / "list.png", pixels, {SHEET_CHUNK: [1]})  # type: ignore[dict-item]
    save_png(tmp_path / "none.png", pixels)
    (tmp_path / "text.png").write_text("no picture")
    (tmp_path / "half.png").write_bytes((tmp_path / "good.png").read_bytes()[:60])
    for path in [*tmp_path.glob("*.png"), tmp_path / "missing.png"]:
        if path.name != "good.png":
            with pytest.raises(UserError) as told:
                read_sheet(path, 1)
            assert "\n" not in str(told.value)


def test_a_tile_tells_its_latent_and_its_checkpoint(tmp_path: Path) -> None:
    latents = np.random.RandomState(0).standard_normal((4, 8)).astype(np.float32)
    with pytest.raises(UserError):
        read_sample(tmp_path, 7, 0)
    save_vectors(tmp_path / "preview_z.npy", latents)
    sample = read_sample(tmp_path, 7, 2)
    assert np.array_equal(sample.z, latents[2]) and (sample.step, sample.checkpoint) == (7, None)
    checkpoint = tmp_path / "checkpoints" / "step-00000007.safetensors"
    checkpoint.parent.mkdir()
    checkpoint.write_bytes(b"x")
    assert read_sample(tmp_path, 7, 3).checkpoint == Stage(7, checkpoint)
    for index in (4, -1):
        with pytest.raises(UserError, match="only 4"):
            read_sample(tmp_path, 7, index)
