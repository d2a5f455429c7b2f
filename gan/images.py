"""Pictures between the network's floats and the screen's bytes; sheets; PNG files that carry their latent.

Two layouts only: float NCHW in [-1, 1] inside networks, uint8 NHWC everywhere else.
"""

from __future__ import annotations

import json
import struct
import warnings
import zlib
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, PngImagePlugin, UnidentifiedImageError

from gan.errors import UserError
from gan.files import require_ordinary, write_atomic

LATENT_CHUNK = "latent-debugger"
SHEET_CHUNK = "latent-debugger-sheet"
UNREADABLE = (
    OSError,
    ValueError,
    SyntaxError,  # Pillow's word for a damaged chunk
    UnidentifiedImageError,
    Image.DecompressionBombError,
    Image.DecompressionBombWarning,
)
"""What Pillow raises for a file that is damaged, dangerous or no picture."""
Bytes = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]


def to_uint8(images: Floats) -> Bytes:
    """(N, C, H, W) in [-1, 1], clipped -> (N, H, W, C) in 0..255: -1 is 0, 0 is 128, 1 is 255."""
    scaled = np.clip((images + np.float32(1)) * np.float32(127.5), 0, 255)
    return np.ascontiguousarray(np.rint(scaled).astype(np.uint8).transpose(0, 2, 3, 1))


def to_float(images: Bytes) -> Floats:
    """(N, H, W, C) in 0..255 -> (N, C, H, W) in [-1, 1]; the inverse of :func:`to_uint8`."""
    floats = images.astype(np.float32) / np.float32(127.5) - np.float32(1)
    return np.ascontiguousarray(floats.transpose(0, 3, 1, 2))


def sheet(images: Bytes, columns: int = 0, gap: int = 0) -> Bytes:
    """Tile (N, H, W, C) into one picture (rows x H, columns x W, C), row by row; free tiles and gaps are white.

    Args:
        columns: tiles in a row; 0 chooses the nearest to a square.
        gap: white pixels between tiles.
    """
    n, h, w, c = images.shape
    columns = columns or int(np.ceil(np.sqrt(n)))
    rows = -(-n // columns)
    out = np.full((rows * (h + gap) - gap, columns * (w + gap) - gap, c), 255, np.uint8)
    for index, image in enumerate(images):
        y, x = (index // columns) * (h + gap), (index % columns) * (w + gap)
        out[y : y + h, x : x + w] = image
    return out


def enlarge(image: Bytes, factor: int) -> Bytes:
    """(H, W, C) -> (factor H, factor W, C), every pixel repeated."""
    return np.ascontiguousarray(image.repeat(factor, 0).repeat(factor, 1))


def on_ground(images: Bytes, colour: tuple[int, ...] = (255, 255, 255)) -> Bytes:
    """(..., 4) with transparency -> (..., 3) laid on ``colour`` (three bytes)."""
    shares = images[..., 3:].astype(np.float32) / 255.0
    mixed: Bytes = np.rint(images[..., :3] * shares + np.array(colour, np.float32) * (1.0 - shares)).astype(np.uint8)
    return mixed


def to_pillow(image: Bytes) -> Image.Image:
    """(H, W, 1 or 3 or 4) -> a Pillow picture."""
    return Image.fromarray(image[..., 0] if image.shape[-1] == 1 else image)


def encode_png(image: Bytes, chunks: dict[str, dict[str, Any]] | None = None) -> bytes:
    """One picture (H, W, C) as PNG bytes; ``chunks`` become iTXt chunks holding JSON."""
    info = PngImagePlugin.PngInfo()
    for name, value in (chunks or {}).items():
        info.add_itxt(name, json.dumps(value))
    buffer = BytesIO()
    to_pillow(image).save(buffer, "png", pnginfo=info)
    return buffer.getvalue()


def add_chunks(png: bytes, chunks: dict[str, dict[str, Any]]) -> bytes:
    """A PNG with further iTXt chunks holding JSON, as :func:`encode_png` writes them; its pixels are not touched.

    Raises:
        ValueError: it does not end like a PNG.
    """
    if len(png) < 20 or png[-8:-4] != b"IEND":
        raise ValueError("no PNG")
    added = b"".join(_itxt(name, json.dumps(value)) for name, value in chunks.items())
    return png[:-12] + added + png[-12:]


def _itxt(name: str, text: str) -> bytes:
    body = b"iTXt" + name.encode("latin-1") + b"\0\0\0\0\0" + text.encode()
    return struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))


def save_png(path: Path, image: Bytes, chunks: dict[str, dict[str, Any]] | None = None) -> None:
    """Write one picture (H, W, C) atomically; see :func:`encode_png`."""
    write_atomic(path, encode_png(image, chunks))


def save_sheet(path: Path, images: Bytes, step: int, scale: int = 1) -> None:
    """Write (N, H, W, C) as one near-square sheet, enlarged ``scale`` times, atomically.

    Its iTXt chunk tells columns, tile size in pixels of the file, count and training step, so that tiles can be found.
    """
    columns = int(np.ceil(np.sqrt(len(images))))
    about = {"columns": columns, "tile": images.shape[1] * scale, "count": len(images), "step": step}
    save_png(path, enlarge(sheet(images, columns), scale), {SHEET_CHUNK: about})


def latent_chunk(latent: Floats, space: str, sha256: str, step: int, label: str = "") -> dict[str, dict[str, Any]]:
    """The chunk that makes an exported PNG reproducible: its latent (dim,), space, model and step, and the class that
    was drawn where the model has some."""
    values = [float(value) for value in latent]
    about = {"latent": values, "space": space, "model_sha256": sha256, "step": step}
    return {LATENT_CHUNK: {**about, "label": label} if label else about}


class NoLatentError(UserError):
    """A picture like any other."""


def read_png_latent(path: Path) -> dict[str, Any]:
    """The JSON that :func:`latent_chunk` put into a PNG.

    Raises:
        NoLatentError: it is a PNG without a latent.
        UserError: the file is no PNG, or its latent is damaged.
    """
    require_ordinary(path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(path, formats=["PNG"]) as image:
                image.load()
                text = image.info.get(LATENT_CHUNK)
    except UNREADABLE as error:
        raise UserError(f"{path.name} cannot be read as a PNG picture: {error}.") from error
    if not isinstance(text, str):
        raise NoLatentError(f"{path.name} carries no latent.", "Only pictures exported by Latent Debugger do.")
    try:
        value: dict[str, Any] = json.loads(text)
        latent = np.asarray(value["latent"], np.float64)
    except (ValueError, RecursionError, TypeError, KeyError, OverflowError):
        raise UserError(f"The latent inside {path.name} is damaged.") from None
    if latent.ndim != 1 or not np.isfinite(latent).all():
        raise UserError(f"The latent inside {path.name} is damaged.")
    return value
