"""Open whatever the user trains on: a folder, ``images.npy``, a zip file or a manifest."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from gan.data.pictures import Opener, read_pictures, square
from gan.data.sources import in_folder, in_manifest, in_zip
from gan.errors import UserError
from gan.images import Bytes, to_pillow

Progress = Callable[[int, int], None]
Columns = dict[str, list[str]]
_KINDS = "Choose a folder of pictures, an images.npy, a .zip of pictures or a .jsonl manifest."
_HASH_BLOCK = 1024


@dataclass(frozen=True, eq=False)
class Dataset:
    """Pictures of one size, ready to train on.

    Attributes:
        name: what to call it.
        images: uint8 (n, H, W, C); read-only, and on disk where they already were in this form.
        sha256: of shape and pixels of ``images``, in hexadecimal.
        attributes: column -> one text for each picture, where an ``attributes.csv`` lies beside ``images.npy``.
        skipped: files that were no usable pictures.
    """

    name: str
    images: Bytes
    sha256: str
    attributes: Columns | None = None
    skipped: int = 0


def open_dataset(path: Path, image_size: int, channels: int, progress: Progress | None = None) -> Dataset:
    """Open a data set as pictures of ``image_size`` squared with 1 or 3 ``channels``.

    Other shapes are cut to their middle square and resized, transparency becomes white, damaged files are skipped.

    Args:
        path: a folder of pictures (nested), a folder with ``images.npy`` or that file, a ``.zip`` of pictures, or a
            ``.jsonl`` manifest.
        progress: told (done, total) as pictures are read; not called where they are used as they lie on disk.

    Raises:
        UserError: it is missing or unreadable, no data set, too large to be honest, or under two usable pictures.
    """
    try:
        images, attributes, skipped = _read(path, image_size, channels, progress)
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror or 'it is damaged'}.") from error
    except MemoryError as error:
        raise UserError(f"{path} does not fit into memory.", "Choose fewer or smaller pictures.") from error
    if len(images) < 2:
        found = "only one usable picture" if len(images) else "no usable picture"
        raise UserError(f"{path} holds {found}.", "Training needs at least two.")
    images.flags.writeable = False
    return Dataset(_name(path), images, _sha256(images), attributes, skipped)


def _read(path: Path, size: int, channels: int, progress: Progress | None) -> tuple[Bytes, Columns | None, int]:
    """Pictures, attributes and the number of files skipped."""
    if not path.exists():
        raise UserError(f"{path} does not exist.", _KINDS)
    if (path / "images.npy").is_file():
        path = path / "images.npy"
    if path.suffix.lower() == ".npy" and not path.is_dir():
        images = _read_array(path, size, channels, progress)
        return images, _read_attributes(path.with_name("attributes.csv"), len(images)), 0
    openers = _openers(path)
    images = read_pictures(openers, len(openers), size, channels, progress)
    return images, None, len(openers) - len(images)


def _openers(path: Path) -> list[Opener]:
    if path.is_dir():
        return in_folder(path)
    if path.suffix.lower() == ".zip":
        return in_zip(path)
    if path.suffix.lower() == ".jsonl":
        return in_manifest(path)
    raise UserError(f"{path} is no data set.", _KINDS)


def _read_array(path: Path, size: int, channels: int, progress: Progress | None) -> Bytes:
    try:
        array: Bytes = np.lib.format.open_memmap(path, mode="r")
    except OSError:
        raise
    except Exception as error:  # a damaged header makes NumPy raise nearly anything
        raise UserError(
            f"{path} is not a valid .npy file of pictures.", "It may be damaged or hold objects."
        ) from error
    if array.dtype != np.uint8 or array.ndim != 4 or array.shape[-1] not in (1, 3, 4) or 0 in array.shape:
        shape = " x ".join(map(str, array.shape))
        raise UserError(f"{path} holds {array.dtype} {shape}, no pictures.", "They are uint8, n x height x width x 3.")
    if array.shape[1:] == (size, size, channels):
        return array
    images = np.empty((len(array), size, size, channels), np.uint8)
    for index, image in enumerate(array):
        images[index] = square(to_pillow(np.ascontiguousarray(image)), size, channels)
        if progress is not None:
            progress(index + 1, len(array))
    return images


def _read_attributes(path: Path, n: int) -> Columns | None:
    if not path.is_file():
        return None
    try:
        with open(path, newline="", encoding="utf-8-sig") as file:
            header, *rows = csv.reader(file, strict=True)
    except (ValueError, csv.Error) as error:
        raise UserError(f"{path} is not a valid table.", "Mend it or move it away.") from error
    if len(rows) != n or any(len(row) != len(header) for row in rows):
        raise UserError(f"{path} does not have one full row for each of the {n} pictures.", "Mend it or move it away.")
    return {name: [row[column] for row in rows] for column, name in enumerate(header)}


def _sha256(images: Bytes) -> str:
    digest = hashlib.sha256(repr(images.shape).encode())
    for start in range(0, len(images), _HASH_BLOCK):
        digest.update(np.ascontiguousarray(images[start : start + _HASH_BLOCK]).data)
    return digest.hexdigest()


def _name(path: Path) -> str:
    path = path.resolve()
    if path.name == "images.npy":
        return path.parent.name
    return path.name if path.is_dir() else path.stem
