from __future__ import annotations

import json
import struct
import zlib
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from PIL import Image, PngImagePlugin

from gan.errors import UserError
from gan.images import (
    LATENT_CHUNK,
    add_chunks,
    encode_png,
    enlarge,
    latent_chunk,
    read_png_latent,
    save_png,
    sheet,
    to_float,
    to_pillow,
    to_uint8,
)

PICTURE = np.random.RandomState(0).randint(0, 256, (6, 7, 3), np.uint8)
pictures = hnp.arrays(np.uint8, st.tuples(*[st.integers(1, 5)] * 3, st.sampled_from([1, 3])))
floats32 = st.floats(width=32, allow_nan=False, allow_infinity=False)


def _with_text(path: Path, text: str) -> Path:
    info = PngImagePlugin.PngInfo()
    info.add_itxt(LATENT_CHUNK, text)
    Image.fromarray(PICTURE).save(path, "png", pnginfo=info)
    return path


def test_every_byte_survives_the_way_through_floats() -> None:
    everything = np.arange(256, dtype=np.uint8).reshape(1, 16, 16, 1)
    floats = to_float(everything)
    assert (floats.min(), floats.max(), floats.dtype) == (-1, 1, np.float32)
    assert np.array_equal(to_uint8(floats), everything)


@settings(deadline=None)
@given(pictures)
def test_layouts(images: np.ndarray) -> None:
    n, h, w, c = images.shape
    floats = to_float(images)
    assert floats.shape == (n, c, h, w) and floats.flags.c_contiguous
    back = to_uint8(floats)
    assert np.array_equal(back, images) and back.flags.c_contiguous
    assert floats[-1, -1, 0, -1] == np.float32(images[-1, 0, -1, -1]) / np.float32(127.5) - 1


def test_rounding_and_clipping() -> None:
    values = np.array([-1e30, -1.01, -1, -0.5, 0, 0.5, 1, 1.01, 1e30], np.float32)
    assert to_uint8(values.reshape(1, 1, 1, -1)).ravel().tolist() == [0, 0, 0, 64, 128, 191, 255, 255, 255]


@settings(deadline=None)
@given(pictures, st.integers(0, 4), st.integers(0, 3))
def test_sheet_holds_every_picture_in_its_place(images: np.ndarray, columns: int, gap: int) -> None:
    n, h, w, c = images.shape
    out = sheet(images, columns, gap)
    used = columns or int(np.ceil(np.sqrt(n)))
    rows = -(-n // used)
    assert out.shape == (rows * h + (rows - 1) * gap, used * w + (used - 1) * gap, c)
    white = np.ones(out.shape, bool)
    for index, image in enumerate(images):
        y, x = index // used * (h + gap), index % used * (w + gap)
        assert np.array_equal(out[y : y + h, x : x + w], image)
        white[y : y + h, x : x + w] = False
    assert (out[white] == 255).all()


def test_enlarge_repeats_pixels() -> None:
    large = enlarge(PICTURE, 3)
    assert large.shape == (18, 21, 3) and large.flags.c_contiguous
    assert all(np.array_equal(large[dy::3, dx::3], PICTURE) for dy in range(3) for dx in range(3))
    assert np.array_equal(enlarge(PICTURE, 1), PICTURE)


@pytest.mark.parametrize(("channels", "mode"), [(1, "L"), (3, "RGB"), (4, "RGBA")])
def test_png_keeps_pixels(channels: int, mode: str) -> None:
    image = np.random.RandomState(1).randint(0, 256, (5, 4, channels), np.uint8)
    assert to_pillow(image).mode == mode
    with Image.open(BytesIO(encode_png(image))) as found:
        assert found.mode == mode
        assert np.array_equal(np.asarray(found).reshape(image.shape), image)


@settings(max_examples=25, deadline=None)  # each writes a file
@given(hnp.arrays(np.float32, st.integers(1, 40), elements=floats32))
def test_latent_in_a_png_comes_back_bit_for_bit(tmp_path_factory: pytest.TempPathFactory, latent: np.ndarray) -> None:
    path = tmp_path_factory.mktemp("png") / "p.png"
    save_png(path, PICTURE, latent_chunk(latent, "z", "ab" * 32, 20_000))
    about = read_png_latent(path)
    assert np.array(about["latent"], np.float32).tobytes() == latent.tobytes()
    assert (about["space"], about["model_sha256"], about["step"]) == ("z", "ab" * 32, 20_000)
    with Image.open(path) as image:
        assert np.array_equal(np.asarray(image), PICTURE)


def test_the_chunk_is_itxt_for_other_programs_to_read() -> None:
    png = encode_png(PICTURE, latent_chunk(np.zeros(2, np.float32), "z", "s", 1))
    start = png.index(b"iTXt") + 4
    (length,) = struct.unpack(">I", png[start - 8 : start - 4])
    keyword, _, rest = png[start : start + length].partition(b"\0")
    assert keyword == b"latent-debugger"
    assert json.loads(rest[4:])["latent"] == [0.0, 0.0]  # uncompressed, no language, no translated keyword


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_a_latent_is_added_to_a_finished_png(tmp_path: Path, channels: int) -> None:
    picture = np.random.RandomState(0).randint(0, 256, (6, 7, channels), np.uint8)
    latent = np.random.RandomState(1).standard_normal(100).astype(np.float32)
    png = add_chunks(encode_png(picture), latent_chunk(latent, "z", "a" * 64, 7))
    assert png == encode_png(picture)[:-12] + png[len(encode_png(picture)) - 12 : -12] + png[-12:]
    (tmp_path / "a.png").write_bytes(png)
    about = read_png_latent(tmp_path / "a.png")
    assert np.asarray(about["latent"], np.float32).tobytes() == latent.tobytes() and about["step"] == 7
    with Image.open(tmp_path / "a.png") as image:
        assert np.array_equal(np.asarray(image).reshape(picture.shape), picture)
    for bad in (b"", b"no png", png[:-3]):
        with pytest.raises(ValueError):
            add_chunks(bad, {})


def test_what_is_no_png_with_a_latent(tmp_path: Path) -> None:
    save_png(tmp_path / "plain.png", PICTURE)
    with pytest.raises(UserError, match="carries no latent"):
        read_png_latent(tmp_path / "plain.png")
    Image.fromarray(PICTURE).save(tmp_path / "jpeg.png", "jpeg")
    (tmp_path / "empty.png").touch()
    for name in ("none.png", "jpeg.png", "empty.png", "."):
        with pytest.raises(UserError, match="cannot be read"):
            read_png_latent(tmp_path / name)


@pytest.mark.parametrize(
    "text",
    [
        "", "{", "[1, 2]", "3", '"latent"', "null", "{}", "[" * 100_000, '{"latent": null}', '{"latent": 3}',
        '{"latent": [[1]]}', '{"latent": [1, [2]]}', '{"latent": ["a"]}', '{"latent": [NaN]}', '{"latent": [1e999]}',
        '{"latent": [1' + "0" * 400 + "]}", '{"latent": [' + "1" * 5000 + "]}", '{"latent": {"0": 1}}',
    ],
)  # fmt: skip
def test_a_damaged_latent_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(UserError, match="damaged"):
        read_png_latent(_with_text(tmp_path / "p.png", text))


def test_damage_anywhere_is_a_sentence_or_harmless(tmp_path: Path) -> None:
    latent = np.arange(4, dtype=np.float32)
    good = encode_png(PICTURE, latent_chunk(latent, "z", "ab", 3))
    path = tmp_path / "p.png"
    for offset in range(len(good)):
        flips = [good[:offset] + bytes([good[offset] ^ mask]) + good[offset + 1 :] for mask in (0xFF, 0x20)]
        for data in (good[:offset], *flips):
            path.write_bytes(data)
            try:
                about = read_png_latent(path)
            except UserError:
                continue
            assert np.array_equal(about["latent"], latent)


@pytest.mark.parametrize("side", [10_000, 100_000])
def test_a_decompression_bomb_is_refused(tmp_path: Path, side: int) -> None:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0))
    path = tmp_path / "bomb.png"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b""))
    with pytest.raises(UserError, match="exceeds limit"):
        read_png_latent(path)


def test_a_bomb_in_the_text_is_refused(tmp_path: Path) -> None:
    info = PngImagePlugin.PngInfo()
    info.add_itxt(LATENT_CHUNK, " " * 50_000_000, zip=True)
    Image.fromarray(PICTURE).save(tmp_path / "p.png", "png", pnginfo=info)
    with pytest.raises(UserError, match="cannot be read"):
        read_png_latent(tmp_path / "p.png")
