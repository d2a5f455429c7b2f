"""Everything a user may train on, and everything they may hand over by mistake."""

from __future__ import annotations

import hashlib
import json
import os
import zipfile
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from gan.data import Dataset, Skipped, open_dataset, sources
from gan.data.people import make_people
from gan.errors import UserError

SIZE = 16


@pytest.fixture
def pixels() -> np.ndarray:
    return np.random.RandomState(0).randint(0, 256, (6, SIZE, SIZE, 3), np.uint8)


def png(image: np.ndarray | Image.Image, **options: object) -> bytes:
    buffer = BytesIO()
    picture = Image.fromarray(image) if isinstance(image, np.ndarray) else image
    picture.save(buffer, "png", **options)
    return buffer.getvalue()


def write_folder(folder: Path, pixels: np.ndarray) -> Path:
    """Pictures 0.png ... 5.png, every other one in a folder below."""
    for index, image in enumerate(pixels):
        path = folder / ("" if index % 2 else "below") / f"{index}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(png(image))
    return folder


def write_array(folder: Path, array: np.ndarray) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    np.save(folder / "images.npy", array)
    return folder


def one(path: Path, image: Image.Image, size: int = SIZE, channels: int = 3) -> np.ndarray:
    """What becomes of one picture."""
    path.mkdir(parents=True)
    for level, name in enumerate(("a.png", "b.png")):  # a copy of the same bytes would be skipped
        (path / name).write_bytes(png(image, compress_level=level))
    return open_dataset(path, size, channels).images[0]


# ---- images.npy


@pytest.mark.parametrize("name", ["", "images.npy"])
def test_an_array_is_used_as_it_is(tmp_path: Path, pixels: np.ndarray, name: str) -> None:
    folder = write_array(tmp_path / "faces", pixels)
    data = open_dataset(folder / name, SIZE, 3)
    np.testing.assert_array_equal(data.images, pixels)
    assert (data.name, data.attributes, data.skipped) == ("faces", None, 0)


def test_pictures_are_read_only(tmp_path: Path, pixels: np.ndarray) -> None:
    for path in (write_array(tmp_path / "a", pixels), write_folder(tmp_path / "b", pixels)):
        with pytest.raises(ValueError, match="read-only"):
            open_dataset(path, SIZE, 3).images[0, 0, 0, 0] = 1


def test_an_array_of_another_name(tmp_path: Path, pixels: np.ndarray) -> None:
    np.save(tmp_path / "cats.npy", pixels)
    assert open_dataset(tmp_path / "cats.npy", SIZE, 3).name == "cats"


def test_people_bring_their_attributes(tmp_path: Path) -> None:
    make_people(tmp_path / "people", 5)
    data = open_dataset(tmp_path / "people", 64, 3)
    assert data.attributes is not None
    assert data.attributes["file"] == [f"{index:05d}.png" for index in range(5)]
    assert data.attributes["skin"][:2] == ["s1", "s4"]
    assert data.attributes == open_dataset(tmp_path / "people", 32, 1).attributes


def test_an_array_is_resized_and_turned_grey(tmp_path: Path) -> None:
    image = np.zeros((32, 48, 3), np.uint8)
    image[:, 8:40] = (255, 0, 0)
    data = open_dataset(write_array(tmp_path, np.stack([image, image])), SIZE, 1)
    assert data.images.shape == (2, SIZE, SIZE, 1)
    assert (data.images[:, :, 3:-3] == 76).all()  # red's luminance; at the sides the filter sees what was cut off


@pytest.mark.parametrize(("channels", "asked"), [(1, 3), (4, 3), (3, 1), (4, 1)])
def test_an_array_of_other_channels(tmp_path: Path, channels: int, asked: int) -> None:
    array = np.full((2, SIZE, SIZE, channels), 255, np.uint8)
    assert (open_dataset(write_array(tmp_path, array), SIZE, asked).images == 255).all()


def test_fortran_order_has_the_same_identity(tmp_path: Path, pixels: np.ndarray) -> None:
    plain = open_dataset(write_array(tmp_path / "c", pixels), SIZE, 3)
    other = open_dataset(write_array(tmp_path / "f", np.asfortranarray(pixels)), SIZE, 3)
    assert plain.sha256 == other.sha256


@pytest.mark.parametrize(
    "array",
    [
        np.zeros((4, SIZE, SIZE, 3), np.float32),
        np.zeros((4, SIZE, SIZE, 2), np.uint8),
        np.zeros((4, 3, SIZE, SIZE), np.uint8),
        np.zeros((4, SIZE, SIZE), np.uint8),
        np.zeros((4, 0, 0, 3), np.uint8),
        np.zeros((0, SIZE, SIZE, 3), np.uint8),
        np.zeros((1, SIZE, SIZE, 3), np.uint8),
        np.array([{"a": 1}], object),
        np.array("text"),
    ],
    ids=["floats", "channels", "channels-first", "no-channels", "no-pixels", "none", "one", "objects", "text"],
)
def test_an_array_of_something_else(tmp_path: Path, array: np.ndarray) -> None:
    with pytest.raises(UserError):
        open_dataset(write_array(tmp_path, array), SIZE, 3)


@pytest.mark.parametrize(
    "content",
    [b"", b"\x93NUMPY", b"hello", b"\x80\x04\x95", b"\x93NUMPY\x01\x00v\x00" + b"{" * 118],
    ids=["empty", "magic", "text", "pickle", "header"],
)
def test_a_damaged_array(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "images.npy").write_bytes(content)
    with pytest.raises(UserError, match="valid"):
        open_dataset(tmp_path, SIZE, 3)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 199), st.binary(min_size=1, max_size=4), st.integers(0, 400))
def test_any_damage_to_an_array_is_a_users_error_at_most(tmp_path: Path, at: int, junk: bytes, cut: int) -> None:
    buffer = BytesIO()
    np.save(buffer, np.zeros((3, 8, 8, 3), np.uint8))
    content = bytearray(buffer.getvalue())
    content[at : at + len(junk)] = junk
    (tmp_path / "images.npy").write_bytes(content[: len(content) - cut])
    try:
        assert open_dataset(tmp_path, 8, 3).images.shape[1:] == (8, 8, 3)
    except UserError as error:
        assert "\n" not in error.text


@pytest.mark.parametrize(
    "table", [b"", b"a,b\n1,2\n", b"a,b\n" + b"1\n" * 6, b"\xff\xfe\x00", b'a\n"' + b"x\n" * 6], ids=range(5)
)
def test_a_table_that_does_not_fit(tmp_path: Path, pixels: np.ndarray, table: bytes) -> None:
    (write_array(tmp_path, pixels) / "attributes.csv").write_bytes(table)
    with pytest.raises(UserError, match=r"attributes\.csv"):
        open_dataset(tmp_path, SIZE, 3)


# ---- folders of pictures


def test_a_folder_is_read_in_order_of_its_paths(tmp_path: Path, pixels: np.ndarray) -> None:
    data = open_dataset(write_folder(tmp_path / "cats.v2", pixels), SIZE, 3)
    np.testing.assert_array_equal(data.images, pixels[[1, 3, 5, 0, 2, 4]])
    assert (data.name, data.skipped, data.attributes) == ("cats.v2", 0, None)


def test_progress_tells_done_and_total(tmp_path: Path, pixels: np.ndarray) -> None:
    told: list[tuple[int, int]] = []
    open_dataset(write_folder(tmp_path, pixels), SIZE, 3, progress=lambda *step: told.append(step))
    assert told == [(done, 6) for done in range(1, 7)]


def test_what_is_no_usable_picture_is_skipped_and_counted(tmp_path: Path, pixels: np.ndarray) -> None:
    write_folder(tmp_path, pixels)
    whole = png(pixels[0])
    (tmp_path / "cut.png").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "empty.jpg").write_bytes(b"")
    (tmp_path / "text.webp").write_bytes(b"not a picture")
    (tmp_path / "tiny.png").write_bytes(png(pixels[0, :4, :4]))
    (tmp_path / "folder.png").mkdir()
    (tmp_path / "notes.txt").write_text("not counted: its name promises no picture")
    (tmp_path / ".hidden.png").write_bytes(whole)
    data = open_dataset(tmp_path, SIZE, 3)
    assert (len(data.images), data.skipped) == (6, 4)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
def test_a_pipe_is_not_waited_for(tmp_path: Path, pixels: np.ndarray) -> None:
    os.mkfifo(write_folder(tmp_path, pixels) / "pipe.png")
    assert open_dataset(tmp_path, SIZE, 3).skipped == 1


@pytest.mark.parametrize("kind", ["png", "jpg", "webp", "bmp", "gif", "tif"])
def test_formats(tmp_path: Path, kind: str) -> None:
    for green, name in ((60, "a"), (61, "b")):
        Image.new("RGB", (40, 40), (200, green, 20)).save(tmp_path / f"{name}.{kind}")
    image = open_dataset(tmp_path, SIZE, 3).images[0].astype(int)
    assert np.abs(image - (200, 60, 20)).max() < 8


def test_a_picture_that_would_start_ghostscript_is_not_read(tmp_path: Path) -> None:
    for name in "abc":
        Image.new("RGB", (40, 40)).save(tmp_path / f"{name}.eps")
        (tmp_path / f"{name}.eps").rename(tmp_path / f"{name}.png")
    with pytest.raises(UserError, match="no usable picture"):
        open_dataset(tmp_path, SIZE, 3)


def test_the_middle_square_is_kept(tmp_path: Path) -> None:
    image = Image.new("RGB", (100, 40), "red")
    image.paste("blue", (30, 0, 70, 40))
    upright = image.transpose(Image.Transpose.ROTATE_90)
    assert (one(tmp_path / "wide", image)[:, 3:-3] == (0, 0, 255)).all()
    assert (one(tmp_path / "tall", upright)[3:-3] == (0, 0, 255)).all()


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_transparency_becomes_white(tmp_path: Path, mode: str) -> None:
    image = Image.new("RGBA", (20, 20), (10, 20, 30, 0))
    if mode == "P":
        image = image.convert("RGB").quantize(2)
        image.info["transparency"] = image.getpixel((0, 0))
    else:
        image = image.convert(mode)
    assert (one(tmp_path / "faces", image) == 255).all()


def test_sixteen_bits_are_scaled(tmp_path: Path) -> None:
    image = Image.fromarray(np.full((20, 20), 128 << 8, np.uint16))
    assert (one(tmp_path / "faces", image) == 128).all()


def test_cmyk_and_bilevel_pictures(tmp_path: Path) -> None:
    for name in "a":
        Image.new("CMYK", (20, 20), (0, 0, 0, 0)).save(tmp_path / f"{name}.jpg")
        Image.new("1", (20, 20), 1).save(tmp_path / f"{name}.png")
    assert (open_dataset(tmp_path, SIZE, 3).images == 255).all()


def test_the_camera_may_have_been_turned(tmp_path: Path) -> None:
    image = Image.new("RGB", (SIZE, SIZE), "white")
    image.paste("black", (0, 0, SIZE, SIZE // 2))
    exif = Image.Exif()
    exif[0x0112] = 3  # upside down
    for level, name in enumerate("ab"):
        (tmp_path / f"{name}.png").write_bytes(png(image, exif=exif, compress_level=level))
    shown = open_dataset(tmp_path, SIZE, 1).images[0, :, :, 0]
    assert (shown[: SIZE // 2] == 255).all()
    assert (shown[SIZE // 2 :] == 0).all()


def test_small_pictures_are_enlarged(tmp_path: Path) -> None:
    assert one(tmp_path / "faces", Image.new("RGB", (10, 12), "lime"), size=32).shape == (32, 32, 3)


def test_a_large_jpeg_keeps_its_detail(tmp_path: Path) -> None:
    squares = np.kron(np.indices((8, 8)).sum(0) % 2, np.ones((128, 128))).astype(np.uint8) * 255
    for quality, name in ((75, "a"), (76, "b")):
        Image.fromarray(squares).save(tmp_path / f"{name}.jpg", quality=quality)
    shown = open_dataset(tmp_path, 64, 1).images[0, :, :, 0]
    assert set(np.unique(np.rint(shown[4::8, 4::8] / 255))) == {0, 1}
    assert np.abs(shown[4::8, 4::8].astype(int) - squares[64::128, 64::128]).max() < 16


def bomb() -> bytes:
    """A small PNG that says it is 30000 pixels wide and high."""
    import struct
    import zlib

    head = b"IHDR" + struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0)
    data = b"IDAT" + zlib.compress(bytes(10_000))
    chunks = [struct.pack(">I", len(c) - 4) + c + struct.pack(">I", zlib.crc32(c)) for c in (head, data, b"IEND")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def test_a_decompression_bomb_is_skipped(tmp_path: Path, pixels: np.ndarray) -> None:
    (write_folder(tmp_path, pixels) / "bomb.png").write_bytes(bomb())
    skipped = open_dataset(tmp_path, SIZE, 3).skipped_files
    assert skipped == (Skipped("bomb.png", "far too many pixels to be opened safely"),)


def test_a_folder_of_bombs(tmp_path: Path) -> None:
    for name in "abc":
        (tmp_path / f"{name}.png").write_bytes(bomb())
    with pytest.raises(UserError, match="no usable picture"):
        open_dataset(tmp_path, SIZE, 3)


# ---- zip files


def write_zip(path: Path, files: dict[str, bytes]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def test_a_zip_equals_the_folder(tmp_path: Path, pixels: np.ndarray) -> None:
    folder = write_folder(tmp_path / "cats", pixels)
    files = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*.png")}
    files |= {"__MACOSX/._1.png": b"", "README.txt": b"hello", "a folder.png/": b""}
    data = open_dataset(write_zip(tmp_path / "cats.zip", files), SIZE, 3)
    assert (data.name, data.skipped) == ("cats", 0)
    assert data.sha256 == open_dataset(folder, SIZE, 3).sha256


def test_damaged_members_are_skipped(tmp_path: Path, pixels: np.ndarray) -> None:
    files = {f"{index}.png": png(image) for index, image in enumerate(pixels)}
    path = write_zip(tmp_path / "cats.zip", files | {"bad.png": b"bad"})
    content = bytearray(path.read_bytes())
    content[200] ^= 255  # inside the first picture
    path.write_bytes(content)
    assert open_dataset(path, SIZE, 3).skipped == 2


def test_nothing_is_written_by_a_zip_that_wants_to_escape(tmp_path: Path, pixels: np.ndarray) -> None:
    path = write_zip(
        tmp_path / "a.zip", {"../1.png": b"", "/2.png": png(pixels[1]), "a/../../3.png": b"", "4.png": png(pixels[0])}
    )
    assert len(open_dataset(path, SIZE, 3).images) == 2
    assert list(tmp_path.iterdir()) == [path]


def claim(path: Path, size: int, claimed: int) -> Path:
    """Let the members of ``size`` bytes say that they unpack to ``claimed``."""
    path.write_bytes(path.read_bytes().replace(size.to_bytes(4, "little"), claimed.to_bytes(4, "little")))
    return path


def test_a_zip_bomb_is_refused(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "bomb.zip", {f"{index}.bmp": bytes(1_234_567) for index in range(8)})
    with pytest.raises(UserError, match="unpack to 8 GiB"):
        open_dataset(claim(path, 1_234_567, 1 << 30), SIZE, 3)


def test_a_member_too_large_for_a_picture_is_skipped(tmp_path: Path, pixels: np.ndarray) -> None:
    files = {f"{index}.png": png(image) for index, image in enumerate(pixels)}
    path = write_zip(tmp_path / "a.zip", files | {"large.bmp": bytes(1_234_567)})
    assert open_dataset(claim(path, 1_234_567, 1 << 30), SIZE, 3).skipped == 1


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_any_damage_to_a_zip_is_a_users_error_at_most(tmp_path: Path, data: st.DataObject) -> None:
    image = png(np.zeros((8, 8, 3), np.uint8))
    content = bytearray(write_zip(tmp_path / "a.zip", {f"{n}.png": image for n in "abc"}).read_bytes())
    at = data.draw(st.integers(0, len(content) - 1))
    junk = data.draw(st.binary(min_size=1, max_size=6))
    content[at : at + len(junk)] = junk
    (tmp_path / "a.zip").write_bytes(content)
    try:
        assert 2 <= len(open_dataset(tmp_path / "a.zip", 8, 3).images) <= 3
    except UserError as error:
        assert "\n" not in error.text


# ---- manifests


def write_manifest(folder: Path, entries: list[object]) -> Path:
    path = folder / "cats.jsonl"
    path.write_text("".join(json.dumps(entry) + "\n" for entry in entries))
    return path


def test_a_manifest_chooses_and_orders(tmp_path: Path, pixels: np.ndarray) -> None:
    write_folder(tmp_path, pixels)
    path = write_manifest(
        tmp_path,
        [
            {"path": "5.png", "keep": True},
            {"path": "1.png", "keep": False},
            {"path": "below/0.png", "keep": True, "scores": {"blur": 0.3}},
            {"path": "3.png", "keep": None},
            {"path": "gone.png", "keep": True},
        ],
    )
    data = open_dataset(path, SIZE, 3)
    np.testing.assert_array_equal(data.images, pixels[[5, 0]])
    assert (data.name, data.skipped_files) == ("cats", (Skipped("gone.png", "no such file"),))


def test_where_nobody_was_kept_the_undecided_are_used(tmp_path: Path, pixels: np.ndarray) -> None:
    write_folder(tmp_path, pixels)
    entries = [{"path": "5.png"}, {"path": "below/0.png", "keep": None}, {"path": "1.png", "keep": False}]
    np.testing.assert_array_equal(open_dataset(write_manifest(tmp_path, entries), SIZE, 3).images, pixels[[5, 0]])


def test_a_file_that_changed_since_the_manifest_is_skipped(tmp_path: Path, pixels: np.ndarray) -> None:
    write_folder(tmp_path, pixels)
    entries = [
        {"path": f"{index}.png", "sha256": hashlib.sha256(png(pixels[index])).hexdigest().upper()} for index in (1, 3)
    ]
    path = write_manifest(tmp_path, [*entries, {"path": "5.png", "sha256": "0" * 64}])
    data = open_dataset(path, SIZE, 3)
    np.testing.assert_array_equal(data.images, pixels[[1, 3]])
    assert data.skipped_files == (Skipped("5.png", "changed since the manifest was written"),)


def test_a_manifest_leads_into_zip_files_and_arrays(tmp_path: Path, pixels: np.ndarray) -> None:
    write_zip(tmp_path / "in" / "a.zip", {"below/1.png": png(pixels[1])})
    write_array(tmp_path / "in" / "faces", pixels)
    names = ["a.zip/below/1.png", "faces/images.npy/4", "faces/images.npy/6", "faces/images.npy/-1", "a.zip/2.png"]
    data = open_dataset(write_manifest(tmp_path / "in", [{"path": name} for name in names]), SIZE, 3)
    np.testing.assert_array_equal(data.images, pixels[[1, 4]])
    assert [file.reason for file in data.skipped_files] == ["not in images.npy"] * 2 + ["not in a.zip"]


@pytest.mark.parametrize("line", ["{", "[]", '"a.png"', '{"file": "a.png"}', '{"path": 3}', "[" * 10_000])
def test_a_line_that_is_no_entry_is_named(tmp_path: Path, line: str) -> None:
    (tmp_path / "a.jsonl").write_text('{"path": "a.png"}\n\n' + line)
    with pytest.raises(UserError, match="Line 3 of"):
        open_dataset(tmp_path / "a.jsonl", SIZE, 3)


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\xfd", b'{"path": "\\u0000"}', b'{"path": ""}'])
def test_a_manifest_of_nothing(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.jsonl").write_bytes(content)
    with pytest.raises(UserError):
        open_dataset(tmp_path / "a.jsonl", SIZE, 3)


# ---- all of them


def test_identity_follows_the_pixels(tmp_path: Path, pixels: np.ndarray) -> None:
    data = open_dataset(write_array(tmp_path / "a", pixels), SIZE, 3)
    again = open_dataset(write_array(tmp_path / "b", pixels), SIZE, 3)
    pixels[3, 2, 1, 0] ^= 1
    other = open_dataset(write_array(tmp_path / "c", pixels), SIZE, 3)
    assert len(data.sha256) == 64
    assert data.sha256 == again.sha256 != other.sha256


@pytest.mark.parametrize("name", ["missing", "empty", "text.txt", "bad.zip", "nothing.zip", "one"])
def test_what_is_no_data_set(tmp_path: Path, pixels: np.ndarray, name: str) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "text.txt").write_text("hello")
    (tmp_path / "bad.zip").write_text("hello")
    write_zip(tmp_path / "nothing.zip", {})
    write_folder(tmp_path / "one", pixels[:1])
    with pytest.raises(UserError) as caught:
        open_dataset(tmp_path / name, SIZE, 3)
    assert name in caught.value.text
    assert caught.value.text.endswith(".")


def test_a_relative_folder_has_a_name(tmp_path: Path, pixels: np.ndarray, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(write_folder(tmp_path / "cats", pixels))
    data: Dataset = open_dataset(Path(), SIZE, 3)
    assert data.name == "cats"


def test_a_manifest_may_name_pictures_anywhere(tmp_path: Path) -> None:
    """docs/data.md says why."""
    elsewhere, lists = tmp_path / "elsewhere", tmp_path / "lists"
    elsewhere.mkdir()
    lists.mkdir()
    pixels = np.random.RandomState(0).randint(0, 256, (3, SIZE, SIZE, 3), np.uint8)
    for k in range(3):
        Image.fromarray(pixels[k]).save(elsewhere / f"{k}.png")
    named = [str(elsewhere / "0.png"), "../elsewhere/1.png", "../lists/../elsewhere/2.png"]
    (lists / "all.jsonl").write_text("".join(json.dumps({"path": path}) + "\n" for path in named))
    assert np.array_equal(open_dataset(lists / "all.jsonl", SIZE, 3).images, pixels)


def test_an_array_made_shorter_by_somebody_else_is_no_crash(tmp_path: Path) -> None:
    """A memory map of it would end the program (SIGBUS)."""
    pictures = np.random.RandomState(0).randint(0, 256, (50, SIZE, SIZE, 3), np.uint8)
    np.save(tmp_path / "images.npy", pictures)
    images = open_dataset(tmp_path, SIZE, 3).images
    np.save(tmp_path / "images.npy", pictures[:1])
    np.testing.assert_array_equal(images, pictures)
    with pytest.raises(ValueError, match="read-only"):
        images[0] = 0


def test_a_large_array_stays_on_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "IN_MEMORY", 100)
    np.save(tmp_path / "images.npy", np.zeros((5, SIZE, SIZE, 3), np.uint8))
    assert isinstance(open_dataset(tmp_path, SIZE, 3).images, np.memmap)
