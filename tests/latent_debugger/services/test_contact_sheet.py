from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtWidgets import QApplication

from gan.errors import UserError
from gan.images import encode_png
from latent_debugger.services.contact_sheet import MAX_PIXELS, PICTURES, Grid, contact_sheet
from latent_debugger.services.progress import CancelledError, Progress
from latent_debugger.state.bookmark import Bookmark


def star(number: int, thumbnail: bytes) -> Bookmark:
    return Bookmark(
        id=str(number), z=bytes(8), dim=2, space="z", name=f"Star {number}", model_name="m", model_sha256="a", run=None,
        step=1, seed=None, parent=None, sigma=None, rating=number % 6, created="", position=0.0, thumbnail=thumbnail,
    )  # fmt: skip


def plain(colour: tuple[int, int, int], side: int = 64) -> bytes:
    return encode_png(np.full((side, side, 3), colour, np.uint8))


def test_every_picture_stands_in_its_place(qapp: QApplication, tmp_path: Path) -> None:
    colours = [(250, 10, 10), (10, 250, 10), (10, 10, 250), (9, 9, 9), (200, 100, 0)]
    stars = [star(n, plain(colour, 64 if n % 2 else 50)) for n, colour in enumerate(colours)]
    path = contact_sheet(tmp_path / "sheet", stars, Progress())
    assert path == tmp_path / "sheet.png"
    sheet, grid = np.asarray(Image.open(path)), Grid.fitting(5)
    assert sheet.shape == (grid.height, grid.width, 3)
    for index, colour in enumerate(colours):
        x, y = grid.place(index)
        tile = sheet[y : y + grid.picture, x : x + grid.picture]
        assert (abs(tile.astype(int) - colour) <= 1).all()
        assert sheet[y + grid.picture : y + grid.picture + grid.caption, x : x + grid.picture].min() < 128, "a name"
    assert sheet[0, 0].tolist() == [255, 255, 255]


def test_what_has_no_picture_leaves_a_grey_place(qapp: QApplication, tmp_path: Path) -> None:
    path = contact_sheet(tmp_path / "s.png", [star(0, b""), star(1, b"no png"), star(2, plain((1, 2, 3)))], Progress())
    x, y = Grid.fitting(3).place(1)
    assert np.asarray(Image.open(path))[y, x].tolist() == [0xE9, 0xEB, 0xED]


@pytest.mark.parametrize("n", [1, 2, 17, 1000, 10_000])
def test_a_sheet_is_never_too_large(n: int) -> None:
    grid = Grid.fitting(n)
    assert grid.width * grid.height <= MAX_PIXELS and grid.columns * grid.rows >= n and grid.picture in PICTURES
    x, y = grid.place(n - 1)
    assert x + grid.picture <= grid.width and y + grid.picture + grid.caption <= grid.height


def test_none_and_far_too_many_are_refused() -> None:
    for n in (0, 10**6):
        with pytest.raises(UserError):
            Grid.fitting(n)


def test_it_can_be_cancelled(qapp: QApplication, tmp_path: Path) -> None:
    progress = Progress()
    told: list[tuple[int, int]] = []
    progress.advanced.connect(lambda done, total: (told.append((done, total)), progress.cancel()))
    with pytest.raises(CancelledError):
        contact_sheet(tmp_path / "s.png", [star(n, plain((n, n, n))) for n in range(50)], progress)
    assert told == [(0, 100)]
    assert list(tmp_path.iterdir()) == []


def test_transparency_shows_the_paper(qapp: QApplication, tmp_path: Path) -> None:
    picture = np.full((64, 64, 4), (200, 10, 10, 0), np.uint8)
    picture[:, 32:, 3] = 255
    path = contact_sheet(tmp_path / "s.png", [star(0, encode_png(picture))], Progress())
    grid = Grid.fitting(1)
    x, y = grid.place(0)
    tile = np.asarray(Image.open(path))[y : y + grid.picture, x : x + grid.picture]
    assert tile[5, 5].tolist() == [255, 255, 255] and tile[5, -5].tolist() == [200, 10, 10]
