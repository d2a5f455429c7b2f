from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gan.errors import UserError
from gan.images import encode_png, read_png_latent
from gan.latent.draws import draw
from latent_debugger.services.exports import import_vectors
from latent_debugger.services.star_files import MAX_PICTURES, file_name, write_star_files
from latent_debugger.state.bookmark import Bookmark

PNG = encode_png(np.full((8, 8, 3), 7, np.uint8))


def star(number: int, name: str = "Anna", thumbnail: bytes = PNG) -> Bookmark:
    return Bookmark(
        id=str(number), z=draw(1, 5, number).tobytes(), dim=5, space="z", name=name, model_name="m", model_sha256="a",
        run=None, step=7, seed=None, parent=None, sigma=None, created="", position=0.0, thumbnail=thumbnail,
    )  # fmt: skip


def test_pictures_carry_their_latents(tmp_path: Path) -> None:
    stars = [star(1), star(2), star(3, "a/b: <c>?")]
    paths = write_star_files(tmp_path, stars)
    assert [path.name for path in paths] == ["Anna.png", "Anna (2).png", "a_b_ _c_.png"]
    for path, item in zip(paths, stars, strict=True):
        assert np.asarray(read_png_latent(path)["latent"], np.float32).tobytes() == item.z


def test_without_a_thumbnail_the_vector_travels(tmp_path: Path) -> None:
    paths = write_star_files(tmp_path, [star(1, thumbnail=b"")])
    assert [path.name for path in paths] == ["Anna.npy", "Anna.json"]
    latents, notes = import_vectors(paths[0], 5)
    assert latents.tobytes() == star(1).z and notes.names == ["Anna"]


def test_many_travel_as_one_file(tmp_path: Path) -> None:
    paths = write_star_files(tmp_path, [star(n) for n in range(MAX_PICTURES + 1)])
    assert [path.name for path in paths] == ["stars.npy", "stars.json"]


def test_what_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(UserError):
        write_star_files(tmp_path / "missing", [star(1)])
    with pytest.raises(UserError, match="different latent sizes"):
        write_star_files(tmp_path, [star(1, thumbnail=b""), replace(star(2), dim=1, z=bytes(4))])


@given(st.text())
def test_every_name_is_a_file_name(name: str) -> None:
    found = file_name(name)
    assert 1 <= len(found) <= 81 and found == found.strip(" .") and not set(found) & set('/\\:*?"<>|\n\0')
    assert found.lower() not in {"con", "nul", "com1"}
