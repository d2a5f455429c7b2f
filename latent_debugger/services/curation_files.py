"""Where the decisions about a pile of pictures are kept, and what happens when they cannot be read or written."""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

import numpy as np

from gan.data.curation import Collection, decisions_to_manifest
from gan.data.curation.decisions import matches
from gan.data.manifest import Entry, read_manifest
from gan.data.pictures import suffixes
from gan.errors import UserError
from gan.files import read_json, write_json
from latent_debugger.state.curation import Decisions
from latent_debugger.state.paths import CHECKPOINTS, home
from latent_debugger.state.training_memory import PileMemory, pile_path

log = logging.getLogger(__name__)

BY_RANKING = "by_ranking"
"""Name of the score that says, in a manifest, who decided: 1 for the ranking."""
_GLANCE = 2000  # entries of a folder
_MOSTLY = 10  # pictures for each archive (.tar, .bin ...) that may lie among them; other trainers save samples, too
_SUFFIX = ".manifest.jsonl"
_FILES = (".zip", ".npy")


@dataclass(frozen=True, eq=False)
class Remembered:
    """What a manifest holds.

    Attributes:
        decisions: about the pictures of the collection.
        others: entries about files that are not there now, their paths absolute; they are written back.
        notice: a sentence for the user where something is wrong with the file, else empty.
    """

    decisions: Decisions
    others: tuple[Entry, ...] = ()
    notice: str = ""


def usual_place(source: Path) -> Path:
    """Beside the data: ``NAME.manifest.jsonl``, where a file's name has its suffix. A manifest is its own."""
    return source if source.suffix.lower() == ".jsonl" else source.parent / f"{source.name}{_SUFFIX}"


def former_place(source: Path) -> Path:
    """Where they once were: a file lost its suffix there, so ``cats``, ``cats.zip`` and ``cats.npy`` shared a manifest.

    It is read where there is no other; what is decided about a file from now on goes to :func:`usual_place`.
    """
    shared = source.suffix.lower() in _FILES and source.is_file()
    return source.with_name(f"{source.stem}{_SUFFIX}") if shared else usual_place(source)


def spare_place(source: Path) -> Path:
    """In the user's own folder, for data in a folder that cannot be written to."""
    told_apart = hashlib.sha256(str(source).encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return home() / "datasets" / f"{source.name}-{told_apart}{_SUFFIX}"


def place_of(source: Path) -> Path:
    """Where the decisions about ``source`` (absolute) are, or will be: where they were last saved, else in the usual
    place, else, where that cannot be written, in the spare one."""
    remembered = _places().get(str(source))
    if remembered is not None and Path(remembered).is_file():
        return Path(remembered)
    usual, spare = usual_place(source), spare_place(source)
    if usual.is_file() or former_place(source).is_file() or not spare.is_file():
        return usual if os.access(usual.parent, os.W_OK) else spare
    return spare


def remember(source: Path, manifest: Path) -> None:
    """The decisions about ``source`` are kept in ``manifest`` from now on.

    Raises:
        UserError: that cannot be written down.
    """
    places = _places()
    places.pop(str(source), None)
    if manifest != usual_place(source):
        places[str(source)] = str(manifest)
    if places != _places():
        write_json(_index(), places)


def load_decisions(collection: Collection, manifest: Path) -> Remembered:
    """What was decided before. A damaged manifest is set aside under another name, never overwritten."""
    keep, by_ranking = collection.keep.copy(), np.zeros(len(collection), np.bool_)
    source = collection.source
    if not manifest.is_file() and manifest == usual_place(source):
        manifest = former_place(source)
    if not manifest.is_file():
        return Remembered(Decisions(keep, by_ranking))
    try:
        entries = read_manifest(manifest)
    except UserError as error:
        told = f"{error.text} It was set aside as {_set_aside(manifest).name}; all pictures are undecided."
        return Remembered(Decisions(keep, by_ranking), notice=told)
    gone = []
    for entry, index in matches(collection, entries, manifest.parent):
        if index is None:
            gone.append(replace(entry, path=os.path.join(manifest.parent, entry.path)))  # noqa: PTH118
        elif entry.keep is not None:
            keep[index], by_ranking[index] = entry.keep, bool(entry.scores.get(BY_RANKING))
    return Remembered(Decisions(keep, by_ranking), _own(gone, source, manifest))


def _own(entries: Iterable[Entry], source: Path, manifest: Path) -> tuple[Entry, ...]:
    """Those of ``entries`` that are not about something else which shared the manifest, see :func:`former_place`."""
    if manifest == former_place(source) != usual_place(source):
        return tuple(entry for entry in entries if _leads_into(source, entry))
    files = [source.with_name(f"{source.name}{suffix}") for suffix in _FILES]
    settled = [file for file in files if usual_place(file).is_file()]  # they have a manifest of their own by now
    return tuple(entry for entry in entries if not any(_leads_into(file, entry) for file in settled))


def _leads_into(file: Path, entry: Entry) -> bool:
    return os.path.normpath(entry.path).startswith(f"{file}{os.sep}")


def save_decisions(
    collection: Collection, decisions: Decisions, manifest: Path, others: Iterable[Entry] = (), spare: bool = True
) -> Path:
    """Write the manifest, and remember where; -> where it is.

    Args:
        others: entries to write back, their paths absolute.
        spare: whether it may go to the user's own folder where ``manifest`` cannot be written.

    Raises:
        UserError: it can be written nowhere.
    """
    scores = {**collection.scores, BY_RANKING: decisions.by_ranking.astype(np.float32)}
    told = replace(collection, scores=scores)
    try:
        decisions_to_manifest(told, decisions.keep, manifest, _relative(others, manifest.parent))
    except UserError:
        other = spare_place(collection.source)
        if not spare or other == manifest:
            raise
        decisions_to_manifest(told, decisions.keep, other, _relative(others, other.parent))
        manifest = other
    remember(collection.source, manifest)
    return manifest


def _relative(entries: Iterable[Entry], folder: Path) -> list[Entry]:
    def path_of(entry: Entry) -> str:
        try:
            return Path(os.path.relpath(entry.path, folder)).as_posix()
        except ValueError:  # on another drive
            return Path(entry.path).as_posix()

    return [replace(entry, path=path_of(entry)) for entry in entries]


def holds_pictures(path: Path) -> bool:
    """Whether something dropped is a pile of pictures, as far as can be told at a glance: no run, no checkpoints."""
    if path.suffix.lower() in (".zip", ".jsonl") or path.name == "images.npy":
        return True
    if not path.is_dir() or any((path / name).exists() for name in ("config.json", "checkpoints")):
        return False
    try:
        with os.scandir(path) as entries:
            names = [entry.name.lower() for entry in islice(entries, _GLANCE)]
    except OSError:
        return False
    known = tuple(suffixes())
    models = sum(name.endswith(CHECKPOINTS) for name in names)
    pictures = sum(name.endswith(known) for name in names)
    return not models or pictures >= _MOSTLY * models


def last_pile() -> Path | None:
    """What was looked through before the restart; None where there is nothing, or it has gone."""
    source = PileMemory.load(pile_path()).source
    try:
        return Path(source) if source and Path(source).exists() else None
    except (OSError, ValueError):
        return None


def _set_aside(manifest: Path) -> Path:
    stem = manifest.name.removesuffix(_SUFFIX)
    for number in range(1, 10_000):
        aside = manifest.with_name(f"{stem}.damaged-{number}{_SUFFIX}")
        if not aside.exists():
            break
    try:
        return manifest.rename(aside)
    except OSError as error:
        raise UserError(
            f"{manifest} is damaged and cannot be set aside: {error.strerror or error}.", "Move it away first."
        ) from error


def _index() -> Path:
    return home() / "datasets" / "places.json"


def _places() -> dict[str, str]:
    """Source -> manifest, for those that are not in the usual place."""
    if not _index().is_file():
        return {}
    try:
        found = read_json(_index())
    except UserError as error:
        log.warning("%s", error)
        return {}
    pairs = found.items() if isinstance(found, dict) else ()
    return {key: value for key, value in pairs if isinstance(value, str)}
