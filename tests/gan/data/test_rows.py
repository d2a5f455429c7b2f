"""A large array of the user's is read, not mapped: what becomes of its file is an error and no end of the program."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from gan.config import ModelConfig, TrainConfig
from gan.data import open_dataset, sources
from gan.data.cache import Cache
from gan.data.curation import scan
from gan.data.packed import remembered_sha256, sha256_of_pixels
from gan.data.rows import FileRows
from gan.errors import UserError
from gan.images import Bytes
from gan.training import runner as runs

pytestmark = pytest.mark.skipif(not hasattr(os, "preadv"), reason="a mapped file cannot be shortened")
COUNT, SIZE = 50, 32
MASK = np.arange(COUNT) % 7 == 0


@pytest.fixture
def pixels() -> Bytes:
    return np.random.RandomState(0).randint(0, 256, (COUNT, SIZE, SIZE, 3), np.uint8)


@pytest.fixture
def file(tmp_path: Path, pixels: Bytes, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(sources, "IN_MEMORY", 100)
    np.save(tmp_path / "images.npy", pixels)
    return tmp_path / "images.npy"


def shorten(file: Path) -> None:
    os.truncate(file, 20_000)


@pytest.mark.parametrize(
    "key",
    [
        0, -1, np.int64(7), slice(10, 20), slice(40, 3, -7), slice(5, 5), slice(None), [4, 2, 2], np.array([5, -3]),
        np.array([3], np.uint8), MASK, (3, 0), (slice(2, 6), slice(None), 0), (np.array([1, 2]), ..., 0), ..., None,
        [], (slice(0, 9), [1, 2], [3, 4]),
    ],
    ids=str,
)  # fmt: skip
def test_it_is_indexed_like_any_array(file: Path, pixels: Bytes, key: object) -> None:
    rows = FileRows.of(file)
    found = rows[key]  # type: ignore[index]
    np.testing.assert_array_equal(found, pixels[key])  # type: ignore[index]
    assert found.dtype == np.uint8


def test_a_part_is_a_copy_that_outlives_the_array(file: Path, pixels: Bytes) -> None:
    part, picture = FileRows.of(file)[3:6], FileRows.of(file)[9]
    shorten(file)
    np.testing.assert_array_equal(part, pixels[3:6])
    np.testing.assert_array_equal(picture, pixels[9])
    part[0] = 0


def test_it_can_be_gone_through_and_computed_with(file: Path, pixels: Bytes) -> None:
    rows = FileRows.of(file)
    np.testing.assert_array_equal(np.stack(list(rows)), pixels)
    np.testing.assert_array_equal(rows // 2, pixels // 2)
    np.testing.assert_array_equal((rows // 2)[4], pixels[4] // 2)
    assert rows.mean() == pixels.mean() and len(rows) == COUNT


@pytest.mark.parametrize("key", [COUNT, -COUNT - 1, [0, COUNT], np.array([-COUNT - 1])], ids=str)
def test_a_row_that_is_not_there_is_an_index_error(file: Path, key: object) -> None:
    with pytest.raises(IndexError):
        FileRows.of(file)[key]  # type: ignore[index]


def test_its_file_is_closed_with_it(file: Path) -> None:
    if not Path("/proc/self/fd").is_dir():
        pytest.skip("nowhere to look")

    def ours() -> int:
        links = (os.path.realpath(link) for link in Path("/proc/self/fd").iterdir())
        return sum(link == str(file.resolve()) for link in links)

    rows = FileRows.of(file)
    assert ours() > 0
    del rows
    assert ours() == 0


def test_what_another_program_overwrites_is_an_error_that_names_the_file(file: Path) -> None:
    images = open_dataset(file, SIZE, 3).images
    shorten(file)
    with pytest.raises(UserError, match=r"images\.npy was made shorter while it was in use"):
        images[[1, 40]]
    assert images[0].shape == (SIZE, SIZE, 3)  # what is left can still be read


def test_what_takes_its_place_does_not_matter(file: Path, pixels: Bytes) -> None:
    images = open_dataset(file, SIZE, 3).images
    np.save(file.with_name("new.npy"), 255 - pixels)
    file.with_name("new.npy").replace(file)
    np.testing.assert_array_equal(images[7], pixels[7])


def test_another_order_of_its_numbers_is_read_once(file: Path, pixels: Bytes) -> None:
    np.save(file, np.asfortranarray(pixels))
    data = open_dataset(file, SIZE, 3)
    assert data.sha256 == sha256_of_pixels(pixels)
    shorten(file)
    np.testing.assert_array_equal(data.images, pixels)


def test_half_a_file_has_no_identity(file: Path, tmp_path: Path) -> None:
    """A sha256 of what was left of it would be remembered."""
    listing = sources.list_pictures(file)
    images = FileRows.of(file)
    shorten(file)
    with pytest.raises(UserError, match="was made shorter"):
        remembered_sha256(listing, images, Cache(tmp_path / "cache"))
    assert not (tmp_path / "cache").exists()


def test_a_scan_of_it_ends_with_a_sentence(file: Path, tmp_path: Path) -> None:
    def progress(done: int, total: int) -> None:
        shorten(file)

    with pytest.raises(UserError, match="was made shorter"):
        scan(file, progress, cache=tmp_path / "cache")


@pytest.mark.parametrize("damage", [shorten, lambda file: file.write_bytes(b"")], ids=["shorter", "empty"])
def test_a_run_on_it_fails_with_a_sentence(file: Path, tmp_path: Path, damage: Callable[[Path], object]) -> None:
    config = TrainConfig(steps=1000, batch=8, checkpoint_every=1000, previews=1, threads=1, device="cpu")
    runner = runs.start(file, tmp_path / "run", ModelConfig(image_size=SIZE, z_dim=4, width=2), config)
    with pytest.raises(UserError, match=r"images\.npy was made shorter while it was in use"):
        runner.run(lambda _: None, lambda: bool(damage(file)))
    assert runner.directory.read_status()["state"] == "failed"
    np.save(file, np.random.RandomState(0).randint(0, 256, (COUNT, SIZE, SIZE, 3), np.uint8))
    assert runs.resume(tmp_path / "run", steps=2).run(lambda _: None) == 2


def test_an_absurd_number_of_pictures_is_refused(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A header and a hole promise a thousand million of them in no space at all."""
    monkeypatch.setattr(sources, "MOST_ROWS", COUNT - 1)
    with pytest.raises(UserError, match="holds 50 pictures; 49 are the most"):
        open_dataset(file, SIZE, 3)


def test_pictures_of_an_absurd_size_are_refused(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "_MOST_BYTES", SIZE * SIZE * 3 - 1)
    with pytest.raises(UserError, match="MiB each"):
        open_dataset(file, SIZE, 3)


def test_a_header_with_absurd_numbers_is_a_sentence_and_no_warning(file: Path) -> None:
    with open(file, "wb") as damaged:
        header = {"descr": "|u1", "fortran_order": False, "shape": (2**62, 2**62, 32, 3)}
        np.lib.format.write_array_header_1_0(damaged, header)
        damaged.write(bytes(1000))
    with pytest.raises(UserError, match="not a valid"):
        open_dataset(file, SIZE, 3)


def test_a_map_would_have_ended_the_program(file: Path) -> None:
    """What all this is for."""
    code = (
        f"import os, numpy as np; a = np.load({str(file)!r}, mmap_mode='r'); os.truncate(a.filename, 200); a[40].sum()"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode < 0
