from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from gan.data import open_dataset
from gan.data.glimpse import glimpse
from gan.errors import UserError


def _picture(path: Path, shade: int) -> None:
    Image.fromarray(np.full((40, 30, 3), shade, np.uint8)).save(path)


def test_they_are_those_of_the_data_set(tmp_path: Path) -> None:
    folder = tmp_path / "pictures"
    folder.mkdir()
    for index in range(50):
        _picture(folder / f"{index:02}.png", 5 * index)
    some = glimpse(folder, 32, 3, 8, framing="pad", ground="#ff0000")
    everything = open_dataset(folder, 32, 3, framing="pad", ground="#ff0000", cache=tmp_path / "cache").images
    assert np.array_equal(some, everything[np.linspace(0, 49, 8).astype(int)])
    assert glimpse(folder, 32, 1, 100).shape == (50, 32, 32, 1)


def test_the_others_are_not_opened_and_nothing_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = tmp_path / "cache"
    monkeypatch.setenv("LATENT_DEBUGGER_CACHE", str(cache))
    folder = tmp_path / "pictures"
    folder.mkdir()
    for index in range(9):
        _picture(folder / f"{index}.png", index)
    read: list[str] = []
    monkeypatch.setattr("gan.data.sources._read_file", lambda path: (read.append(path.name), path.read_bytes())[1])
    assert len(glimpse(folder, 32, 3, 3)) == 3
    assert sorted(read) == ["0.png", "4.png", "8.png"]
    assert not cache.exists()


def test_damaged_ones_are_passed_over(tmp_path: Path) -> None:
    for index in range(4):
        _picture(tmp_path / f"{index}.png", index)
    (tmp_path / "2.png").write_bytes(b"no picture")
    assert len(glimpse(tmp_path, 32, 3, 4)) == 3
    for index in (0, 1, 3):
        (tmp_path / f"{index}.png").write_bytes(b"no picture")
    with pytest.raises(UserError, match="holds no usable picture"):
        glimpse(tmp_path, 32, 3, 4)
    with pytest.raises(UserError, match="does not exist"):
        glimpse(tmp_path / "gone", 32, 3, 4)
