"""Between decisions in memory and a manifest on disk."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

import numpy as np

from gan.data.curation.ranking import Keep
from gan.data.manifest import Entry, read_manifest, write_manifest

if TYPE_CHECKING:
    from gan.data.curation.collection import Collection

_WORDS = {-1: None, 0: False, 1: True}


def decisions_to_manifest(collection: Collection, keep: Keep, path: Path, others: Iterable[Entry] = ()) -> None:
    """Write every picture with its decision and scores; the pictures themselves are not touched.

    Args:
        keep: int8 (n,): -1 undecided, 0 reject, 1 keep.
        path: the manifest to write, atomically; any folder will do, paths inside are relative to it.
        others: entries to add at the end as they are, see :func:`strangers`.

    Raises:
        UserError: ``path`` cannot be written.
    """
    folder = Path(os.path.realpath(path.parent))
    root = Path(os.path.realpath(collection.root))
    near = _between(folder, root)
    names = list(collection.scores)
    rows = np.stack([collection.scores[name] for name in names], axis=1).astype(np.float64).round(3).tolist()
    entries = [
        Entry((near / name).as_posix(), sha256, _WORDS[word], dict(zip(names, row, strict=True)))
        for name, sha256, word, row in zip(
            collection.paths, collection.sha256, np.asarray(keep).tolist(), rows, strict=True
        )
    ]
    write_manifest(path, [*entries, *others])


def apply_manifest(collection: Collection, path: Path) -> Keep:
    """The decisions that a manifest holds about the pictures of a collection (:func:`matches`) -> int8 (n,).

    What it does not name stays undecided (-1).

    Raises:
        UserError: the manifest cannot be read.
    """
    keep = np.full(len(collection), -1, np.int8)
    for entry, index in matches(collection, read_manifest(path), path.parent):
        if index is not None and entry.keep is not None:
            keep[index] = int(entry.keep)
    return keep


def strangers(collection: Collection, path: Path) -> list[Entry]:
    """The entries of a manifest that speak of no picture of the collection.

    Raises:
        UserError: the manifest cannot be read.
    """
    return [entry for entry, index in matches(collection, read_manifest(path), path.parent) if index is None]


def matches(collection: Collection, entries: Iterable[Entry], folder: Path) -> list[tuple[Entry, int | None]]:
    """Each entry of a manifest with the picture that it speaks of; None where the collection has none such.

    That is the picture at its path, if that has its sha256 or it names none; else one with that sha256, since pictures
    are renamed; else the one at its path, since they are edited. Entries of the first kind come last: where several
    speak of one picture, the last word counts.

    Args:
        folder: where the manifest is.
    """
    folder, root = Path(os.path.realpath(folder)), Path(os.path.realpath(collection.root))
    by_path = {os.path.normpath(root / name): index for index, name in enumerate(collection.paths)}
    by_sha256 = {sha256: index for index, sha256 in enumerate(collection.sha256)}
    exact: list[tuple[Entry, int | None]] = []
    others: list[tuple[Entry, int | None]] = []
    for entry in entries:
        index = by_path.get(os.path.normpath(folder / entry.path))
        if index is not None and entry.sha256 in ("", collection.sha256[index]):
            exact.append((entry, index))
        else:
            others.append((entry, by_sha256.get(entry.sha256, index)))
    return others + exact


def _between(folder: Path, root: Path) -> PurePath:
    """The way from one folder to the other; on another drive, where there is none, all of it."""
    try:
        return PurePath(os.path.relpath(root, folder))
    except ValueError:
        return root
