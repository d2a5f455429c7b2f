"""Films are read back with the libraries that others read them with."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from gan import films
from gan.errors import UserError
from gan.films import MAX_SIDE, sized, write_gif, write_mp4, write_pngs
from gan.images import Bytes

PATIENT = pytest.mark.timeout(120)


def pictures(n: int, height: int = 48, width: int = 64) -> Iterator[Bytes]:
    """A soft hill of colour that moves to the right."""
    y, x = np.mgrid[0:height, 0:width]
    for k in range(n):
        hill = np.exp(-((x - 10 - 3 * k) ** 2 + (y - height / 2) ** 2) / 200)
        yield np.stack([255 * hill, 128 + 0 * hill, 255 - 200 * hill], -1).astype(np.uint8)


def decoded(path: Path) -> tuple[list[Bytes], float]:
    with av.open(str(path)) as film:
        stream = film.streams.video[0]
        frames = [frame.to_ndarray(format="rgb24") for frame in film.decode(stream)]
        assert stream.average_rate is not None
        return frames, float(stream.average_rate)


@pytest.mark.parametrize(("quality", "worst"), [("small", 6.0), ("good", 4.0), ("best", 3.0)])
def test_an_mp4_shows_the_pictures_in_their_colours(tmp_path: Path, quality: films.Quality, worst: float) -> None:
    wanted = list(pictures(8))
    assert write_mp4(tmp_path / "a.mp4", wanted, 12, quality) == "libx264"
    found, fps = decoded(tmp_path / "a.mp4")
    assert len(found) == 8 and fps == 12
    for a, b in zip(wanted, found, strict=True):
        assert np.abs(a.astype(int) - b).mean() < worst
    assert [path.name for path in tmp_path.iterdir()] == ["a.mp4"]


def test_colours_are_tagged_as_what_they_are(tmp_path: Path) -> None:
    """A film that says nothing is taken for BT.601 when it is small: then greens and reds would be 15 to 27 off."""
    colours = [(200, 40, 40), (40, 200, 40), (0, 128, 255), (255, 255, 255), (0, 0, 0), (230, 190, 160)]
    write_mp4(tmp_path / "a.mp4", [np.full((32, 32, 3), colour, np.uint8) for colour in colours], 10, "best")
    found, _ = decoded(tmp_path / "a.mp4")
    for frame, colour in zip(found, colours, strict=True):
        assert np.abs(frame.astype(int) - colour).max() <= 4


def test_odd_sides_are_made_even(tmp_path: Path) -> None:
    write_mp4(tmp_path / "a.mp4", pictures(3, 33, 41), 30)
    found, _ = decoded(tmp_path / "a.mp4")
    assert [frame.shape for frame in found] == [(34, 42, 3)] * 3
    assert np.abs(found[1][:33, :41].astype(int) - list(pictures(3, 33, 41))[1]).mean() < 6


def test_without_x264_another_encoder_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(films, "ENCODERS", ("nothing of this name", "mpeg4"))
    assert write_mp4(tmp_path / "a.mp4", pictures(4), 10) == "mpeg4"
    found, _ = decoded(tmp_path / "a.mp4")
    assert len(found) == 4
    monkeypatch.setattr(films, "ENCODERS", ("nothing of this name",))
    with pytest.raises(UserError, match="cannot encode"):
        write_mp4(tmp_path / "b.mp4", pictures(4), 10)
    assert not (tmp_path / "b.mp4").exists()


@pytest.mark.parametrize("fps", [1, 7, 24, 30, 50])
def test_a_gif_keeps_time_and_colours(tmp_path: Path, fps: int) -> None:
    wanted = list(pictures(6))
    write_gif(tmp_path / "a.gif", wanted, fps)
    with Image.open(tmp_path / "a.gif") as gif:
        assert (gif.n_frames, gif.size, gif.info["loop"]) == (6, (64, 48), 0)
        spent = 0
        for frame, picture in enumerate(wanted):
            gif.seek(frame)
            spent += gif.info["duration"]
            assert np.abs(np.asarray(gif.convert("RGB")).astype(int) - picture).mean() < 2
        assert spent == pytest.approx(6000 / fps, abs=10)


def test_a_long_film_needs_little_memory(tmp_path: Path) -> None:
    """Python's own share of it; what the encoder holds does not grow with the length either."""
    size = 300 * 128 * 128 * 3
    for write in (write_mp4, write_gif):
        tracemalloc.start()
        write(tmp_path / "long", pictures(300, 128, 128), 30)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < size / 5


def test_png_pictures_are_exact_and_carry_their_text(tmp_path: Path) -> None:
    wanted = list(pictures(3))
    folder = tmp_path / "out" / "walk"
    assert write_pngs(folder, ((picture, {"about": {"n": n}}) for n, picture in enumerate(wanted))) == 3
    for n, picture in enumerate(wanted):
        with Image.open(folder / f"0000{n}.png") as image:
            assert np.array_equal(np.asarray(image), picture)
            assert json.loads(image.text["about"]) == {"n": n}  # type: ignore[attr-defined]
    with pytest.raises(UserError, match="not empty"):
        write_pngs(folder, [])
    empty = tmp_path / "empty"
    empty.mkdir()
    assert write_pngs(empty, [(wanted[0], {})]) == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["empty", "out"]


def breaking() -> Iterator[Bytes]:
    yield from pictures(3)
    raise UserError("Cancelled.")


def test_what_is_cancelled_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(b"the film before")
    with pytest.raises(UserError, match="Cancelled"):
        write_mp4(tmp_path / "a.mp4", breaking(), 10)
    assert (tmp_path / "a.mp4").read_bytes() == b"the film before"
    with pytest.raises(UserError, match="Cancelled"):
        write_gif(tmp_path / "a.gif", breaking(), 10)
    with pytest.raises(UserError, match="Cancelled"):
        write_pngs(tmp_path / "pngs", ((picture, {}) for picture in breaking()))
    assert [path.name for path in tmp_path.iterdir()] == ["a.mp4"]
    for write in (write_mp4, write_gif):
        with pytest.raises(UserError, match="no picture"):
            write(tmp_path / "none", [], 10)


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    for write in (write_mp4, write_gif):
        with pytest.raises(UserError, match="cannot be written"):
            write(tmp_path / "file" / "a", pictures(2), 10)
    with pytest.raises(UserError, match="cannot be written"):
        write_pngs(tmp_path / "file" / "a", ())


def test_sizes() -> None:
    grey = np.array([[[0], [200]]], np.uint8)
    assert sized(grey, 2).tolist() == [[[0] * 3, [0] * 3, [200] * 3, [200] * 3]] * 2
    clear = np.array([[[10, 20, 30, 0], [10, 20, 30, 255]]], np.uint8)
    assert sized(clear, 1).tolist() == [[[255, 255, 255], [10, 20, 30]]]
    (smooth,) = sized(grey, 4, smooth=True)[:1]
    assert smooth.shape == (8, 3) and len({int(v) for v in smooth[:, 0]}) > 2
    with pytest.raises(UserError, match="smaller size"):
        sized(np.zeros((1, MAX_SIDE // 2, 3), np.uint8), 3)
