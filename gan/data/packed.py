"""Pictures of one size, packed into one memory-mapped file of a cache, so that training never opens a picture file.

A pack is a folder with ``images.npy`` and ``about.json``. It is found by a key made of names, sizes and times, without
reading a picture; beside its pixels lies their sha256, so a warm start hashes nothing either.
"""

from __future__ import annotations

import hashlib
import json
import math
from contextlib import closing, suppress
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import numpy as np

from gan.data.cache import Cache
from gan.data.pictures import Frame, Skipped, Unusable, decode, square
from gan.data.reading import Progress, Reading, ShouldStop
from gan.data.rows import collect_rows, open_rows, write_rows
from gan.data.sources import Listing, Source, read_checked
from gan.images import Bytes

VERSION = 1  # of how pixels are made: another number makes every pack anew
_IMAGES, _ABOUT = "images.npy", "about.json"
_HASH_BLOCK = 1024  # pictures
_READ_BLOCK = 4 << 20  # bytes


@dataclass(frozen=True, eq=False)
class Pack:
    """What became of a listing.

    Attributes:
        images: uint8 (n, H, W, C), memory-mapped read-only where the cache could be written.
        sha256: of shape and pixels, in hexadecimal.
        skipped: what was left out.
    """

    images: Bytes
    sha256: str
    skipped: tuple[Skipped, ...] = ()


def pack(
    listing: Listing,
    frame: Frame,
    cache: Cache,
    progress: Progress | None = None,
    should_stop: ShouldStop | None = None,
) -> Pack:
    """The pictures of a listing, from the cache or else read in parallel and left there for the next time.

    A cache that cannot be written to, or whose disk is full, costs memory instead.

    Args:
        progress: told (done, total) after every picture, used or not; not called where the cache has them.

    Raises:
        Stopped: ``should_stop()`` said so.
        MemoryError: neither cache nor memory can take them.
    """
    key = listing.key(f"pack {VERSION} {frame}")
    found = _open(cache, key, frame)
    if found is not None:
        return found
    total, shape = len(listing.sources), (frame.size, frame.size, frame.channels)
    with suppress(OSError):
        with cache.building(key, room=total * math.prod(shape)) as folder:
            reading = Reading(listing, partial(load, frame=frame), progress, should_stop)
            with closing(reading.results()) as results:
                count = write_rows(folder / _IMAGES, (image for _, image in results), total, shape)
            about = {
                "sha256": sha256_of_npy(folder / _IMAGES),
                "count": count,
                "skipped": [asdict(file) for file in reading.skipped],
                "unsure": reading.unsure,
            }
            (folder / _ABOUT).write_text(json.dumps(about))
        found = _open(cache, key, frame, unsure=True)
    return found or _in_memory(Reading(listing, partial(load, frame=frame), progress, should_stop), total, shape)


def _in_memory(reading: Reading[Bytes], total: int, shape: tuple[int, ...]) -> Pack:
    with closing(reading.results()) as results:
        images = collect_rows((image for _, image in results), total, shape)
    return Pack(images, sha256_of_pixels(images), tuple(reading.skipped))


def remembered_sha256(listing: Listing, images: Bytes, cache: Cache) -> str:
    """The sha256 of ``images``, the array of ``listing`` as it lies; worked out once, then found in the cache."""
    key = listing.key("identity")
    with suppress(OSError, ValueError, KeyError, TypeError):
        if (entry := cache.find(key)) is not None:
            return str(json.loads((entry / _ABOUT).read_bytes())["sha256"])
    sha256 = sha256_of_pixels(images)
    with suppress(OSError), cache.building(key) as folder:
        (folder / _ABOUT).write_text(json.dumps({"sha256": sha256}))
    return sha256


def sha256_of_pixels(images: Bytes) -> str:
    """The identity of pictures: the sha256 of their shape and pixels, in hexadecimal."""
    digest = hashlib.sha256(repr(images.shape).encode())
    for start in range(0, len(images), _HASH_BLOCK):
        digest.update(np.ascontiguousarray(images[start : start + _HASH_BLOCK]).data)
    return digest.hexdigest()


def sha256_of_npy(path: Path) -> str:
    """:func:`sha256_of_pixels` of what :func:`gan.data.rows.write_rows` wrote.

    It is read and not mapped: mapped pages count as this process's memory.
    """
    images = open_rows(path)
    digest = hashlib.sha256(repr(images.shape).encode())
    left = images.nbytes
    with open(path, "rb") as file:
        file.seek(images.offset)  # type: ignore[attr-defined]
        while left > 0 and (block := file.read(min(left, _READ_BLOCK))):
            digest.update(block)
            left -= len(block)
    return digest.hexdigest()


def _open(cache: Cache, key: str, frame: Frame, unsure: bool = False) -> Pack | None:
    """The pack ``key`` if it is there and whole; a damaged one is forgotten.

    Args:
        unsure: whether a pack will do that lacks pictures which may be readable by now.
    """
    entry = cache.find(key)
    if entry is None:
        return None
    try:
        about = json.loads((entry / _ABOUT).read_bytes())
        images = open_rows(entry / _IMAGES)
        if images.shape != (about["count"], frame.size, frame.size, frame.channels) or images.dtype != np.uint8:
            raise ValueError("not the pictures it should hold")
        if about["unsure"] and not unsure:
            raise ValueError("not all pictures could be read then")
        return Pack(images, str(about["sha256"]), tuple(Skipped(**file) for file in about["skipped"]))
    except Exception:  # whatever a disk has done to it
        cache.drop(key)
        return None


def load(source: Source, frame: Frame) -> tuple[str, Bytes] | Unusable:
    """sha256 and pixels (H, W, C) of one picture, or why not; runs in a thread of its own."""
    try:
        content, sha256 = read_checked(source)
        return sha256, square(decode(content, 2 * frame.size)[0], frame)
    except Unusable as reason:
        return reason
