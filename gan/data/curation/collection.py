"""A pile of pictures, looked at once: thumbnails, scores and features of each, kept in the cache."""

from __future__ import annotations

import json
import math
from collections.abc import Generator
from contextlib import closing, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from gan.data.cache import Cache, default_cache
from gan.data.curation.features import condense
from gan.data.curation.look import THUMBNAIL, Look, look
from gan.data.curation.scores import near_duplicates, outliers
from gan.data.parallel import Stopped
from gan.data.pictures import Skipped
from gan.data.reading import Progress, Reading, ShouldStop
from gan.data.rows import collect_rows, open_rows, write_rows
from gan.data.sources import Listing, list_pictures
from gan.errors import UserError
from gan.images import Bytes, Floats

VERSION = 1  # of what is looked at: another number looks at everything anew
_THUMBNAILS, _NUMBERS, _ABOUT = "thumbnails.npy", "numbers.npz", "about.json"
_SHAPE = (THUMBNAIL, THUMBNAIL, 3)


@dataclass(frozen=True, eq=False)
class Collection:
    """Pictures of any size and kind, as a user looks through them.

    Attributes:
        root: the folder that ``paths`` are relative to.
        source: what was scanned: a folder, a .zip, an images.npy or a manifest.
        paths: of each picture, POSIX, relative to ``root``; ``cats.zip/below/0.png`` in a zip file, ``images.npy/17``
            in an array. Damaged, tiny, bomb-sized files and copies (identical bytes) are in ``problems`` instead.
        sha256: of each picture's bytes (an array's row: of its pixels), in hexadecimal.
        sizes: int32 (n, 2): width and height in pixels, as shown (after EXIF rotation).
        thumbnails: uint8 (n, 96, 96, 3), whole pictures letterboxed on white; read-only, memory-mapped.
        features: float32 (n, F), what :func:`gan.data.curation.ranking.rank` learns from; read-only.
        scores: name -> float32 (n,), names as in :data:`gan.data.curation.scores.SCORES`.
        keep: int8 (n,): what a scanned manifest already says: -1 undecided, 0 reject, 1 keep; -1 elsewhere.
        problems: files that are no usable pictures, and why.
    """

    root: Path
    source: Path
    paths: tuple[str, ...]
    sha256: tuple[str, ...]
    sizes: npt.NDArray[np.int32]
    thumbnails: Bytes
    features: Floats
    scores: dict[str, Floats]
    keep: npt.NDArray[np.int8]
    problems: tuple[Skipped, ...] = ()

    def __len__(self) -> int:
        return len(self.paths)


def scan(
    source: Path,
    progress: Progress | None = None,
    should_stop: ShouldStop | None = None,
    cache: Path | None = None,
) -> Collection:
    """Look at every picture once, in parallel, in flat memory; what was found is kept in the cache.

    Args:
        source: a folder (nested), a .zip, an images.npy (or its folder), or a .jsonl manifest.
        progress: told (done, total), always from the calling thread; not called where the cache has everything.
        should_stop: asked often; true ends the scan with :class:`gan.data.parallel.Stopped`.
        cache: folder for what was found; None is :func:`gan.data.cache.default_cache`.

    Raises:
        UserError: it is missing, unreadable, no data set, or holds no usable picture.
        Stopped: ``should_stop()`` said so.
    """
    try:
        listing = list_pictures(source, decided=False)
        found = _found(listing, Cache((cache or default_cache()) / "scans"), progress, should_stop)
    except OSError as error:
        raise UserError(f"{error.filename or source} cannot be read: {error.strerror or 'it is damaged'}.") from error
    except MemoryError as error:
        raise UserError(f"What is in {source} does not fit into memory.", "Choose fewer pictures.") from error
    if not len(found.at):
        first = f" The first is {found.problems[0].path}: {found.problems[0].reason}." if found.problems else ""
        raise UserError(f"{source} holds no usable picture.", f"Choose another folder.{first}")
    sources = [listing.sources[index] for index in found.at]
    words = [None if one.entry is None else one.entry.keep for one in sources]
    return Collection(
        listing.base,
        source,
        tuple(listing.prefix + one.path for one in sources),
        tuple(found.numbers["sha256"].astype(str).tolist()),
        found.numbers["sizes"],
        found.thumbnails,
        found.numbers["features"],
        {name[len("score ") :]: values for name, values in found.numbers.items() if name.startswith("score ")},
        np.array([-1 if word is None else int(word) for word in words], np.int8),
        tuple(Skipped(listing.prefix + file.path, file.reason) for file in found.problems),
    )


@dataclass(frozen=True, eq=False)
class _Found:
    """What a scan leaves in the cache: ``numbers`` by name, and of each picture ``at`` which place of the listing."""

    thumbnails: Bytes
    numbers: dict[str, npt.NDArray[Any]]
    problems: tuple[Skipped, ...]

    @property
    def at(self) -> npt.NDArray[np.int64]:
        return self.numbers["at"]


def _found(listing: Listing, cache: Cache, progress: Progress | None, should_stop: ShouldStop | None) -> _Found:
    key = listing.key(f"scan {VERSION}")
    found = _open(cache, key) or _look_at_all(listing, cache, key, progress, should_stop)
    for values in found.numbers.values():
        values.flags.writeable = False
    return found


def _look_at_all(
    listing: Listing, cache: Cache, key: str, progress: Progress | None, should_stop: ShouldStop | None
) -> _Found:
    total = len(listing.sources)
    found = None
    with suppress(OSError):
        with cache.building(key, room=total * math.prod(_SHAPE)) as folder:
            looks = _Looks(listing, progress, should_stop)
            with closing(looks.thumbnails()) as rows:
                write_rows(folder / _THUMBNAILS, rows, total, _SHAPE)
            numbers = looks.numbers(open_rows(folder / _THUMBNAILS), should_stop)
            np.savez(folder / _NUMBERS, **numbers)  # type: ignore[arg-type]
            about = {"problems": [asdict(file) for file in looks.skipped], "unsure": looks.unsure}
            (folder / _ABOUT).write_text(json.dumps(about))
        found = _open(cache, key, unsure=True)
    if found is None:  # the cache cannot be written to
        looks = _Looks(listing, progress, should_stop)
        with closing(looks.thumbnails()) as rows:
            thumbnails = collect_rows(rows, total, _SHAPE)
        found = _Found(thumbnails, looks.numbers(thumbnails, should_stop), tuple(looks.skipped))
    return found


def _open(cache: Cache, key: str, unsure: bool = False) -> _Found | None:
    """The scan ``key`` if it is there and whole; a damaged one is forgotten.

    Args:
        unsure: whether a scan will do that lacks pictures which may be readable by now.
    """
    entry = cache.find(key)
    if entry is None:
        return None
    try:
        with np.load(entry / _NUMBERS, allow_pickle=False) as archive:
            numbers = dict(archive)
        thumbnails = open_rows(entry / _THUMBNAILS)
        about = json.loads((entry / _ABOUT).read_bytes())
        problems = tuple(Skipped(**file) for file in about["problems"])
        if thumbnails.shape != (len(numbers["at"]), *_SHAPE) or (about["unsure"] and not unsure):
            raise ValueError("not the pictures it should hold")
    except Exception:  # whatever a disk has done to it
        cache.drop(key)
        return None
    return _Found(thumbnails, numbers, problems)


class _Looks(Reading[tuple[Look, Bytes]]):
    """One way through a listing for the thumbnails of all usable pictures; what else was seen is kept for the end."""

    def __init__(self, listing: Listing, progress: Progress | None, should_stop: ShouldStop | None) -> None:
        super().__init__(listing, look, progress, should_stop)
        self._at: list[int] = []
        self._looks: list[Look] = []

    def thumbnails(self) -> Generator[Bytes, None, None]:
        """Of every usable picture (96, 96, 3), in order."""
        with closing(self.results()) as results:
            for index, (seen, thumbnail) in results:
                self._at.append(index)
                self._looks.append(seen)
                yield thumbnail

    def numbers(self, thumbnails: Bytes, should_stop: ShouldStop | None) -> dict[str, npt.NDArray[Any]]:
        """All that is kept of the pictures besides their thumbnails, by name.

        Raises:
            Stopped: ``should_stop()`` said so.
        """

        def may_go_on() -> None:
            if should_stop is not None and should_stop():
                raise Stopped

        if not self._looks:
            return {"at": np.zeros(0, np.int64)}
        features = condense(np.stack([one.raw for one in self._looks]))
        may_go_on()
        copies, groups = near_duplicates(
            np.array([one.hashes for one in self._looks], np.uint64), thumbnails, may_go_on
        )
        may_go_on()
        scores = {name: np.array([one.scores[name] for one in self._looks]) for name in self._looks[0].scores}
        scores |= {"copies": copies, "group": groups, "outlier": outliers(features)}
        return {
            "at": np.array(self._at, np.int64),
            "sha256": np.array([one.sha256 for one in self._looks], "S64"),
            "sizes": np.array([one.size for one in self._looks], np.int32),
            "features": features,
            **{f"score {name}": values.astype(np.float32) for name, values in scores.items()},
        }
