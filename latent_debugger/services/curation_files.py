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

from gan.data.curation import Collection, apply_manifest, decisions_to_manifest
from gan.data.curation.decisions import strangers
from gan.data.manifest import Entry, read_manifest
from gan.errors import UserError
from gan.files import read_json, write_json
from latent_debugger.state.curation import UNDECIDED, Decisions
from latent_debugger.state.paths import home
from latent_debugger.state.training_memory import PileMemory, pile_path

log = logging.getLogger(__name__)

BY_RANKING = "by_ranking"
"""Name of the score that says, in a manifest, who decided: 1 for the ranking."""
CHECKPOINTS = frozenset({".safetensors", ".pth", ".pt", ".ckpt", ".pkl", ".onnx"})
_GLANCE = 2000  # entries of a folder
_SUFFIX = ".manifest.jsonl"


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
    """Beside the data: ``NAME.manifest.jsonl``. A manifest is its own."""
    if source.suffix.lower() == ".jsonl":
        return source
    name = source.stem if source.is_file() else source.name
    return source.parent / f"{name}{_SUFFIX}"


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
    if usual.is_file() or not spare.is_file():
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
    if not manifest.is_file():
        return Remembered(Decisions(keep, by_ranking))
    try:
        if manifest != collection.source:
            keep = apply_manifest(collection, manifest)
        strange = strangers(collection, manifest)
        others = tuple(replace(entry, path=os.path.join(manifest.parent, entry.path)) for entry in strange)  # noqa: PTH118
        by = {entry.sha256 for entry in read_manifest(manifest) if entry.scores.get(BY_RANKING) and entry.sha256}
    except UserError as error:
        told = f"{error.text} It was set aside as {_set_aside(manifest).name}; all pictures are undecided."
        return Remembered(Decisions(keep, by_ranking), notice=told)
    by_ranking |= np.array([sha256 in by for sha256 in collection.sha256], np.bool_) & (keep != UNDECIDED)
    return Remembered(Decisions(keep, by_ranking), others)


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
            return not any(Path(entry.name).suffix.lower() in CHECKPOINTS for entry in islice(entries, _GLANCE))
    except OSError:
        return False


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
