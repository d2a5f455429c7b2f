"""Open whatever the user trains on: a folder, ``images.npy``, a zip file or a manifest."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from gan.config import Framing
from gan.data.cache import Cache, default_cache
from gan.data.packed import Pack, pack, remembered_sha256
from gan.data.pictures import Frame, Skipped
from gan.data.reading import Progress, ShouldStop
from gan.data.sources import Listing, list_pictures, open_array
from gan.errors import UserError
from gan.images import Bytes

Columns = dict[str, list[str]]


@dataclass(frozen=True, eq=False)
class Dataset:
    """Pictures of one size, ready to train on.

    Attributes:
        name: what to call it.
        images: uint8 (n, H, W, C); read-only. Memory-mapped from the cache; or an array of the user's, in memory or,
            where it is large, read whenever it is indexed (then UserError says what became of its file).
        sha256: of shape and pixels of ``images``, in hexadecimal.
        attributes: column -> one text for each picture, where an ``attributes.csv`` lies beside ``images.npy``.
        skipped_files: files that are no usable pictures, or copies of others, and why.
    """

    name: str
    images: Bytes
    sha256: str
    attributes: Columns | None = None
    skipped_files: tuple[Skipped, ...] = ()

    @property
    def skipped(self) -> int:
        """How many files are not used."""
        return len(self.skipped_files)


def open_dataset(
    path: Path,
    image_size: int,
    channels: int,
    progress: Progress | None = None,
    *,
    framing: Framing = "crop",
    ground: str = "#ffffff",
    cache: Path | None = None,
    should_stop: ShouldStop | None = None,
) -> Dataset:
    """Open a data set as pictures of ``image_size`` squared with 1 or 3 ``channels``.

    What is not in this form yet is read once, in parallel, and packed into the cache. Cameras' rotation is undone,
    transparency becomes ``ground``; damaged, tiny, bomb-sized files and copies (identical bytes) are skipped.

    Args:
        path: a folder of pictures (nested), a folder with ``images.npy`` or that file, a ``.zip`` of pictures, or a
            ``.jsonl`` manifest (of which :func:`gan.data.manifest.chosen` says what is used).
        progress: told (done, total) as pictures are read; not called where they are used as they lie on disk.
        framing: what happens to shapes that are not square.
        ground: an opaque colour, like "#ffffff".
        cache: its folder; None is :func:`gan.data.cache.default_cache`.
        should_stop: asked often while pictures are read.

    Raises:
        UserError: it is missing or unreadable, no data set, too large to be honest, or under two usable pictures.
        Stopped: ``should_stop()`` said so.
    """
    frame, folder = Frame(image_size, channels, framing, ground), cache or default_cache()
    try:
        listing = list_pictures(path)
        packed = _as_it_lies(listing, frame, folder)
        if packed is None:
            packed = pack(listing, frame, Cache(folder / "packs"), progress, should_stop)
    except OSError as error:
        raise UserError(f"{error.filename or path} cannot be read: {error.strerror or 'it is damaged'}.") from error
    except MemoryError as error:
        raise UserError(f"{path} does not fit into memory.", "Choose fewer or smaller pictures.") from error
    if len(packed.images) < 2:
        raise _too_few(path, len(packed.images), packed.skipped)
    packed.images.flags.writeable = False
    attributes = _read_attributes(listing, len(packed.images)) if listing.array else None
    return Dataset(_name(path), packed.images, packed.sha256, attributes, packed.skipped)


def _as_it_lies(listing: Listing, frame: Frame, folder: Path) -> Pack | None:
    """An array that has the right form already."""
    if not listing.array:
        return None
    images = open_array(listing.origin)
    if images.shape[1:] != (frame.size, frame.size, frame.channels):
        return None
    return Pack(images, remembered_sha256(listing, images, Cache(folder / "identities")))


def _too_few(path: Path, count: int, skipped: Sequence[Skipped]) -> UserError:
    found = "only one usable picture" if count else "no usable picture"
    why = f" {len(skipped)} skipped; the first is {skipped[0].path}: {skipped[0].reason}." if skipped else ""
    return UserError(f"{path} holds {found}.", f"Training needs at least two.{why}")


def _read_attributes(listing: Listing, n: int) -> Columns | None:
    path = listing.origin.with_name("attributes.csv")
    if not path.is_file():
        return None
    try:
        with open(path, newline="", encoding="utf-8-sig") as file:
            header, *rows = csv.reader(file, strict=True)
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror or error}.") from error
    except (ValueError, csv.Error) as error:
        raise UserError(f"{path} is not a valid table.", "Mend it or move it away.") from error
    if len(rows) != n or any(len(row) != len(header) for row in rows):
        raise UserError(f"{path} does not have one full row for each of the {n} pictures.", "Mend it or move it away.")
    return {name: [row[column] for row in rows] for column, name in enumerate(header)}


def _name(path: Path) -> str:
    path = path.resolve()
    if path.name == "images.npy":
        return path.parent.name
    return path.name if path.is_dir() else path.stem
