"""The packed cache: once read, never again; shared, cut short, damaged or unwritable, the pictures stay right."""

from __future__ import annotations

import os
import shutil
import threading
from collections import namedtuple
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import gan.data.packed
from gan.data import Skipped, open_dataset
from gan.data.packed import sha256_of_pixels
from gan.data.parallel import Stopped
from gan.data.sources import Source
from gan.errors import UserError

SIZE = 16
Usage = namedtuple("Usage", "total used free")


@pytest.fixture
def pixels() -> np.ndarray:
    return np.random.RandomState(0).randint(0, 256, (12, SIZE, SIZE, 3), np.uint8)


@pytest.fixture
def folder(tmp_path: Path, pixels: np.ndarray) -> Path:
    for index, image in enumerate(pixels):
        save(tmp_path / "cats" / f"{index:02d}.png", image)
    return tmp_path / "cats"


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


def save(path: Path, image: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(image).save(path)


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The files that were read."""
    found: list[str] = []
    read = gan.data.packed.read_checked
    monkeypatch.setattr(gan.data.packed, "read_checked", lambda source: (found.append(source.path), read(source))[1])
    return found


def test_a_pack_is_a_memory_map_with_the_identity_of_its_pixels(folder: Path, cache: Path, pixels: np.ndarray) -> None:
    data = open_dataset(folder, SIZE, 3, cache=cache)
    assert isinstance(data.images, np.memmap)
    np.testing.assert_array_equal(data.images, pixels)
    assert data.sha256 == sha256_of_pixels(pixels)
    with pytest.raises(ValueError, match="read-only"):
        data.images[0] = 0


def test_the_second_time_nothing_is_read_or_hashed(
    folder: Path, cache: Path, opened: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "bad.png").write_bytes(b"bad")
    cold = open_dataset(folder, SIZE, 3, cache=cache)
    assert len(opened) == 13
    opened.clear()
    monkeypatch.setattr(gan.data.packed, "sha256_of_npy", lambda _: pytest.fail("hashed again"))
    told: list[tuple[int, int]] = []
    warm = open_dataset(folder, SIZE, 3, lambda *step: told.append(step), cache=cache)
    assert (opened, told) == ([], [])
    assert (warm.sha256, warm.skipped_files) == (cold.sha256, cold.skipped_files)
    np.testing.assert_array_equal(warm.images, cold.images)


def test_an_array_as_it_lies_is_hashed_once(
    tmp_path: Path, cache: Path, pixels: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    np.save(tmp_path / "images.npy", pixels)
    cold = open_dataset(tmp_path, SIZE, 3, cache=cache)
    monkeypatch.setattr(gan.data.packed, "sha256_of_pixels", lambda _: "hashed again")
    assert open_dataset(tmp_path, SIZE, 3, cache=cache).sha256 == cold.sha256 == sha256_of_pixels(pixels)
    pixels[3] ^= 1
    np.save(tmp_path / "images.npy", pixels)
    assert open_dataset(tmp_path, SIZE, 3, cache=cache).sha256 == "hashed again"


@pytest.mark.parametrize("change", ["add", "remove", "rewrite", "rename"])
def test_a_changed_folder_is_packed_anew(folder: Path, cache: Path, pixels: np.ndarray, change: str) -> None:
    before = open_dataset(folder, SIZE, 3, cache=cache)
    expected = pixels.copy()
    if change == "add":
        save(folder / "zz.png", 255 - pixels[0])
        expected = np.concatenate([pixels, 255 - pixels[:1]])
    elif change == "remove":
        (folder / "11.png").unlink()
        expected = pixels[:-1]
    elif change == "rewrite":
        expected[4] = 255 - pixels[4]
        save(folder / "04.png", expected[4])
    else:
        (folder / "00.png").rename(folder / "zz.png")
        expected = np.roll(pixels, -1, axis=0)
    after = open_dataset(folder, SIZE, 3, cache=cache)
    np.testing.assert_array_equal(after.images, expected)
    assert after.sha256 == sha256_of_pixels(expected)
    np.testing.assert_array_equal(before.images, pixels)  # whoever trains on the old pack still can


def test_every_way_of_framing_has_a_pack_of_its_own(folder: Path, cache: Path) -> None:
    for _ in range(2):
        for size, channels, framing, ground in (
            (16, 3, "crop", "white"),
            (8, 3, "crop", "white"),
            (16, 1, "pad", "red"),
        ):
            data = open_dataset(folder, size, channels, framing=framing, ground=ground, cache=cache)  # type: ignore[arg-type]
            assert data.images.shape == (12, size, size, channels)
    assert len(list((cache / "packs").iterdir())) == 3


def test_a_vanished_folder_is_one_sentence_and_its_pack_goes_on(folder: Path, cache: Path, pixels: np.ndarray) -> None:
    data = open_dataset(folder, SIZE, 3, cache=cache)
    shutil.rmtree(folder)
    np.testing.assert_array_equal(data.images, pixels)
    with pytest.raises(UserError, match=r"cats does not exist\.") as caught:
        open_dataset(folder, SIZE, 3, cache=cache)
    assert caught.value.text.count(".") == 1


def test_a_folder_that_vanishes_while_it_is_read(
    folder: Path, cache: Path, pixels: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = gan.data.packed.read_checked
    once = threading.Lock()

    def read_and_unmount(source: Source) -> tuple[object, str]:
        with once:
            if source.path > "05.png" and folder.exists():
                folder.rename(folder.with_name("elsewhere"))
        return read(source)

    monkeypatch.setattr(gan.data.packed, "read_checked", read_and_unmount)
    with pytest.raises(UserError, match="vanished while it was read"):
        open_dataset(folder, SIZE, 3, cache=cache)
    monkeypatch.undo()
    folder.with_name("elsewhere").rename(folder)  # mounted again, nothing has changed
    np.testing.assert_array_equal(open_dataset(folder, SIZE, 3, cache=cache).images, pixels)


def test_a_file_that_could_not_be_read_gets_another_chance(
    folder: Path, cache: Path, pixels: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(path: Path) -> bytes:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patched:
        whole = Path.read_bytes
        patched.setattr(Path, "read_bytes", lambda path: fail(path) if path.name == "03.png" else whole(path))
        data = open_dataset(folder, SIZE, 3, cache=cache)
        assert data.skipped_files == (Skipped("03.png", "cannot be read: Input/output error"),)
        assert len(data.images) == 11 and isinstance(data.images, np.memmap)
    np.testing.assert_array_equal(open_dataset(folder, SIZE, 3, cache=cache).images, pixels)
    assert len(list((cache / "packs").iterdir())) == 1


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        ({}, "holds no usable picture"),
        ({"a.png": None}, "holds only one usable picture"),
        ({"a.png": b"bad", "b.jpg": b"", "c.gif": b"GIF89a"}, "holds no usable picture"),
    ],
    ids=["empty", "one-picture", "all-corrupt"],
)
def test_a_folder_without_pictures_is_one_sentence(
    tmp_path: Path, cache: Path, pixels: np.ndarray, files: dict[str, bytes | None], sentence: str
) -> None:
    (tmp_path / "few").mkdir()
    for name, content in files.items():
        if content is None:
            save(tmp_path / "few" / name, pixels[0])
        else:
            (tmp_path / "few" / name).write_bytes(content)
    for _ in range(2):  # cold and warm
        with pytest.raises(UserError) as caught:
            open_dataset(tmp_path / "few", SIZE, 3, cache=cache)
        assert sentence in caught.value.text and caught.value.text.count(".") == 1
        assert "\n" not in str(caught.value)


def test_what_is_skipped_is_listed_with_its_reason(folder: Path, cache: Path, pixels: np.ndarray) -> None:
    whole = (folder / "03.png").read_bytes()
    (folder / "bad.png").write_bytes(whole[:60])
    (folder / "empty.png").touch()
    (folder / "same.png").write_bytes(whole)
    save(folder / "tiny.png", pixels[0, :5])
    data = open_dataset(folder, SIZE, 3, cache=cache)
    assert data.skipped_files == (
        Skipped("bad.png", "damaged, or no picture"),
        Skipped("empty.png", "empty"),
        Skipped("same.png", "a copy of 03.png"),
        Skipped("tiny.png", "tiny: 16 × 5 pixels"),
    )
    assert data.skipped == 4
    np.testing.assert_array_equal(data.images, pixels)


def test_copies_in_an_array_are_meant(tmp_path: Path, cache: Path, pixels: np.ndarray) -> None:
    np.save(tmp_path / "images.npy", np.repeat(pixels, 2, axis=0))
    assert len(open_dataset(tmp_path, 8, 3, cache=cache).images) == 24


def test_a_file_without_permission_is_listed_and_not_tried_again(
    folder: Path, cache: Path, monkeypatch: pytest.MonkeyPatch, opened: list[str]
) -> None:
    def refuse(path: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    whole = Path.read_bytes
    monkeypatch.setattr(Path, "read_bytes", lambda path: refuse(path) if path.name == "00.png" else whole(path))
    for _ in range(2):
        data = open_dataset(folder, SIZE, 3, cache=cache)
        assert data.skipped_files == (Skipped("00.png", "cannot be read: no permission"),)
    assert len(opened) == 12


def test_stopping_leaves_nothing_behind(folder: Path, cache: Path, opened: list[str]) -> None:
    told: list[int] = []
    with pytest.raises(Stopped):
        open_dataset(
            folder, SIZE, 3, lambda done, _: told.append(done), cache=cache, should_stop=lambda: len(told) >= 5
        )
    assert told == [1, 2, 3, 4, 5]
    assert list((cache / "packs").iterdir()) == []
    assert len(open_dataset(folder, SIZE, 3, cache=cache).images) == 12


def block(cache: Path, monkeypatch: pytest.MonkeyPatch, how: str) -> None:
    if how == "file in the way":
        cache.write_text("in the way")
    elif how == "no room":
        monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(1 << 40, 1 << 40, 1 << 10))
    elif how == "full in the middle":

        def fill_up(path: Path, rows: object, *_: object) -> int:
            for count, row in enumerate(rows):  # type: ignore[arg-type, var-annotated]
                path.write_bytes(row.tobytes())
                if count == 5:
                    raise OSError(28, "No space left on device")
            return 0

        monkeypatch.setattr(gan.data.packed, "write_rows", fill_up)
    else:
        monkeypatch.setattr(os, "fsync", lambda _: (_ for _ in ()).throw(OSError(5, "Input/output error")))


@pytest.mark.parametrize("how", ["file in the way", "no room", "full in the middle", "disk error"])
def test_without_a_cache_nothing_is_lost(
    folder: Path, cache: Path, pixels: np.ndarray, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    (folder / "bad.png").write_bytes(b"bad")
    expected = open_dataset(folder, SIZE, 3, cache=cache.with_name("other"))
    block(cache, monkeypatch, how)
    data = open_dataset(folder, SIZE, 3, cache=cache)
    np.testing.assert_array_equal(data.images, pixels)
    assert (data.sha256, data.skipped_files) == (expected.sha256, expected.skipped_files)
    assert not data.images.flags.writeable
    if cache.is_dir():
        assert list((cache / "packs").iterdir()) == []


def test_an_array_is_used_where_the_cache_cannot_be_written(tmp_path: Path, cache: Path, pixels: np.ndarray) -> None:
    np.save(tmp_path / "images.npy", pixels)
    cache.write_text("in the way")
    assert open_dataset(tmp_path, SIZE, 3, cache=cache).sha256 == sha256_of_pixels(pixels)


@pytest.mark.parametrize("file", ["images.npy", "about.json"])
@pytest.mark.parametrize("damage", ["cut", "gone", "junk"])
def test_a_damaged_pack_is_made_again(folder: Path, cache: Path, pixels: np.ndarray, file: str, damage: str) -> None:
    open_dataset(folder, SIZE, 3, cache=cache)
    (entry,) = (cache / "packs").iterdir()
    if damage == "gone":
        (entry / file).unlink()
    else:
        content = (entry / file).read_bytes()
        (entry / file).write_bytes(content[: len(content) // 2] if damage == "cut" else b"junk")
    data = open_dataset(folder, SIZE, 3, cache=cache)
    np.testing.assert_array_equal(data.images, pixels)
    assert data.sha256 == sha256_of_pixels(pixels)


def test_two_builders_at_once_do_not_hurt_each_other(folder: Path, cache: Path, pixels: np.ndarray) -> None:
    both_inside = threading.Barrier(2, timeout=60)
    found = []

    def work() -> None:
        def meet(done: int, _: int) -> None:
            if done == 6:
                both_inside.wait()

        found.append(open_dataset(folder, SIZE, 3, meet, cache=cache))

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert len(found) == 2
    for data in found:
        np.testing.assert_array_equal(data.images, pixels)
    assert len(list((cache / "packs").iterdir())) == 1


def test_warning_filters_are_put_back(folder: Path, cache: Path) -> None:
    import warnings

    before = list(warnings.filters)
    open_dataset(folder, SIZE, 3, cache=cache)
    assert list(warnings.filters) == before


# ---- framing


def framed(tmp_path: Path, image: Image.Image, framing: str, ground: str = "#ffffff", channels: int = 3) -> np.ndarray:
    for level in range(2):
        buffer = BytesIO()
        image.save(buffer, "png", compress_level=level)
        tmp_path.mkdir(exist_ok=True)
        (tmp_path / f"{level}.png").write_bytes(buffer.getvalue())
    return open_dataset(tmp_path, SIZE, channels, framing=framing, ground=ground).images[0]  # type: ignore[arg-type]


def halves() -> Image.Image:
    """Wide: red on the left, blue on the right."""
    image = Image.new("RGB", (64, 32), "red")
    image.paste("blue", (32, 0, 64, 32))
    return image


def test_pad_shows_the_whole_picture_on_the_ground(tmp_path: Path) -> None:
    shown = framed(tmp_path, halves(), "pad", "lime")
    assert (shown[:4] == (0, 255, 0)).all() and (shown[12:] == (0, 255, 0)).all()
    assert (shown[5:11, :4] == (255, 0, 0)).all() and (shown[5:11, 12:] == (0, 0, 255)).all()


def test_pad_in_grey(tmp_path: Path) -> None:
    shown = framed(tmp_path, Image.new("L", (64, 32), 0), "pad", "#808080", 1)
    assert (shown[:4] == 128).all() and (shown[5:11] == 0).all()


def test_fit_squeezes(tmp_path: Path) -> None:
    shown = framed(tmp_path, halves(), "fit")
    assert (shown[:, :4] == (255, 0, 0)).all() and (shown[:, 12:] == (0, 0, 255)).all()


@pytest.mark.parametrize("framing", ["crop", "pad", "fit"])
def test_extreme_shapes(tmp_path: Path, framing: str) -> None:
    assert framed(tmp_path, Image.new("RGB", (3000, 8), "red"), framing).shape == (SIZE, SIZE, 3)


@pytest.mark.parametrize("framing", ["crop", "pad", "fit"])
def test_transparency_shows_the_ground(tmp_path: Path, framing: str) -> None:
    assert (framed(tmp_path, Image.new("RGBA", (32, 32), (9, 9, 9, 0)), framing, "#102030") == (16, 32, 48)).all()


@pytest.mark.parametrize(
    "wrong", [{"framing": "stretch"}, {"ground": "snow-ish"}, {"ground": "#ffffff80"}, {"ground": ""}]
)
def test_mistakes_in_framing(folder: Path, wrong: dict[str, str]) -> None:
    with pytest.raises(UserError, match="is no"):
        open_dataset(folder, SIZE, 3, **wrong)  # type: ignore[arg-type]
