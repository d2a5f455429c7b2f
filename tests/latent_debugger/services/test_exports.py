from __future__ import annotations

import io
import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as st_numpy
from PIL import Image

from gan.errors import UserError
from gan.images import read_png_latent
from latent_debugger.services.exports import (
    export_bookmarks,
    import_vectors,
    save_picture,
    save_snapshot,
    thumbnail_png,
)
from latent_debugger.state.bookmark import Bookmark
from latent_debugger.state.snapshot import SessionSnapshot

PICTURE = np.arange(4 * 4 * 3, dtype=np.uint8).reshape(4, 4, 3)


def star(latent, **changes) -> Bookmark:
    latent = np.asarray(latent, np.float32)
    plain = Bookmark(
        id="0" * 32, z=latent.tobytes(), dim=len(latent), space="z", name="a star", model_name="m",
        model_sha256="a" * 64, run="r", step=1, seed=None, parent=None, sigma=None, rating=3, tags=("x", "ü"),
        created="", position=0.0, thumbnail=b"",
    )  # fmt: skip
    return replace(plain, **changes)


@given(st_numpy.arrays(np.float32, (3, 5), elements=st.floats(width=32, allow_nan=False, allow_infinity=False)))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50, deadline=None)
def test_what_is_exported_is_imported_bit_for_bit(tmp_path, latents):
    path = export_bookmarks(tmp_path / "stars.npy", [star(row) for row in latents])
    assert np.load(path, allow_pickle=False).dtype == np.float32
    back, notes = import_vectors(path, 5)
    assert back.tobytes() == latents.tobytes()
    assert notes.names == ["a star"] * 3 and notes.ratings == [3] * 3 and notes.tags == [["x", "ü"]] * 3
    assert notes.model_sha256 == "a" * 64 and notes.run == "r" and notes.space == "z"


def test_an_archive_holds_it_all_in_one_file(tmp_path):
    stars = [star([1, 2]), star([3, 4], name="b", note="n", tags=())]
    path = export_bookmarks(tmp_path / "stars.NPZ", stars)
    assert [found.name for found in tmp_path.iterdir()] == ["stars.NPZ"]
    back, notes = import_vectors(path, 2)
    assert back.tolist() == [[1, 2], [3, 4]]
    assert notes.names == ["a star", "b"] and notes.notes == ["", "n"] and notes.tags == [["x", "ü"], []]
    assert notes.run == "r"
    with pytest.raises(UserError, match="2 dimensions"):
        import_vectors(path, 3)


def test_missing_suffixes_are_added(tmp_path):
    assert export_bookmarks(tmp_path / "my.stars", [star([1])]) == tmp_path / "my.stars.npy"
    assert (tmp_path / "my.stars.json").exists()
    assert save_picture(tmp_path / "face", PICTURE, 1, np.zeros(2), "z", "", 0) == tmp_path / "face.png"
    assert export_bookmarks(tmp_path / "LOUD.NPY", [star([1])]) == tmp_path / "LOUD.NPY"


def test_stars_of_several_models_name_none(tmp_path):
    export_bookmarks(tmp_path / "s.npy", [star([1, 2]), star([3, 4], model_sha256="b" * 64, run=None)])
    notes = json.loads((tmp_path / "s.json").read_text())
    assert notes["model_sha256"] is None and notes["run"] is None


@pytest.mark.parametrize("stars", [[], [star([1]), star([1, 2])], [star([1]), star([1], space="w")]])
def test_what_fits_into_no_array_is_refused(tmp_path, stars):
    with pytest.raises(UserError):
        export_bookmarks(tmp_path / "s.npy", stars)
    assert list(tmp_path.iterdir()) == []


def _npy(array, **options) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array, **options)
    return buffer.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"text",
        _npy(np.ones((2, 4), np.float32))[:-1],
        _npy(np.array([{"a": 1}], object), allow_pickle=True),
        _npy(np.full((2, 4), np.nan, np.float32)),
        _npy(np.full((2, 4), np.inf, np.float32)),
        _npy(np.ones((2, 4), np.int64)),
        _npy(np.ones((2, 4), np.complex64)),
        _npy(np.ones((2, 3), np.float32)),
        _npy(np.ones((2, 2, 4), np.float32)),
        _npy(np.ones((0, 4), np.float32)),
        _npy(np.float32(1)),
    ],
    ids=["empty", "text", "truncated", "objects", "NaN", "inf", "int", "complex", "dim", "3-d", "no rows", "0-d"],
)
def test_bad_vectors_are_refused_in_one_sentence(tmp_path, data):
    (tmp_path / "v.npy").write_bytes(data)
    with pytest.raises(UserError) as error:
        import_vectors(tmp_path / "v.npy", 4)
    assert error.value.text.endswith(".")


def test_vectors_without_notes(tmp_path):
    np.save(tmp_path / "v.npy", np.ones((2, 4), np.float64))
    latents, notes = import_vectors(tmp_path / "v.npy", 4)
    assert latents.dtype == np.float32 and notes.names == []


@pytest.mark.parametrize("channels", [1, 3])
def test_a_picture_carries_its_latent_and_every_pixel_becomes_a_square(tmp_path, channels):
    latent = np.array([0.1, -2.5e-7, 3e38], np.float32)
    path = save_picture(tmp_path / "p.png", PICTURE[..., :channels], 16, latent, "z", "a" * 64, 20_000)
    pixels = np.asarray(Image.open(path)).reshape(64, 64, channels)
    assert np.array_equal(pixels[::16, ::16], PICTURE[..., :channels])
    assert np.array_equal(pixels, PICTURE[..., :channels].repeat(16, 0).repeat(16, 1))
    carried = read_png_latent(path)
    assert np.array(carried["latent"], np.float32).tobytes() == latent.tobytes()
    assert (carried["space"], carried["model_sha256"], carried["step"]) == ("z", "a" * 64, 20_000)


@pytest.mark.parametrize("scale", [0, 17, -1])
def test_a_scale_out_of_range_is_refused(tmp_path, scale):
    with pytest.raises(UserError):
        save_picture(tmp_path / "p.png", PICTURE, scale, np.zeros(2, np.float32), "z", "", 0)


def test_an_unwritable_place_is_told(tmp_path):
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(UserError):
        export_bookmarks(tmp_path / "file" / "s.npy", [star([1])])
    with pytest.raises(UserError):
        save_picture(tmp_path / "file" / "p.png", PICTURE, 1, np.zeros(2, np.float32), "z", "", 0)


def test_snapshot_round_trip(tmp_path):
    snapshot = SessionSnapshot(model_path="/m", seed=5)
    save_snapshot(tmp_path / "session.json", snapshot)
    assert SessionSnapshot.load(tmp_path / "session.json") == snapshot


@pytest.mark.parametrize(("size", "wanted"), [(64, 64), (128, 128), (256, 128)])
@pytest.mark.parametrize("channels", [1, 3])
def test_thumbnails_are_small_pngs(size, wanted, channels):
    picture = np.full((size, size, channels), 200, np.uint8)
    pixels = np.asarray(Image.open(io.BytesIO(thumbnail_png(picture)))).reshape(wanted, wanted, channels)
    assert (pixels == 200).all()
