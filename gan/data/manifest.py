"""The manifest: which pictures of a collection are good, as a text file; the pictures themselves are never touched.

JSON Lines, one object a picture: ``{"path": "below/0.png", "sha256": "9f…", "keep": true, "scores": {"size": 96}}``.
Only ``path`` must be there. It is relative to the manifest, with slashes on every system, and may lead into a zip file
or an array: ``cats.zip/below/0.png``, ``people/images.npy/17``. ``keep`` is true, false, or null for undecided.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gan.errors import UserError
from gan.files import write_atomic

_LONGEST_PATH = 4096  # characters; no system takes more
_EXAMPLE = 'Each line is like {"path": "a.png", "keep": true}.'


@dataclass(frozen=True)
class Entry:
    """One picture of a manifest.

    Attributes:
        path: where it is, relative to the manifest, POSIX; may lead into a .zip (member) or .npy (row).
        sha256: of its bytes, in hexadecimal; empty where unknown.
        keep: the user's word; None while there is none.
        scores: name -> number, names as in :data:`gan.data.curation.scores.SCORES`.
    """

    path: str
    sha256: str = ""
    keep: bool | None = None
    scores: Mapping[str, float] = field(default_factory=dict)


def read_manifest(path: Path) -> list[Entry]:
    """Every entry, in order; empty lines are passed over.

    Raises:
        UserError: the file cannot be read, or a line is no entry (the sentence names the line).
    """
    try:
        if path.exists() and not path.is_file():  # a pipe would be waited for, for ever
            raise UserError(f"{path} is no ordinary file, so it is no manifest.")
        lines = path.read_text("utf-8-sig").split("\n")
    except UnicodeDecodeError:
        raise UserError(f"{path} is not a text file, so it is no manifest.") from None
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror or error}.") from error
    entries = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        entry = _entry(line)
        if entry is None:
            raise UserError(f"Line {number} of {path} is no manifest entry.", _EXAMPLE)
        entries.append(entry)
    return entries


def write_manifest(path: Path, entries: Iterable[Entry]) -> None:
    """Write a manifest, atomically.

    Raises:
        UserError: ``path`` cannot be written.
    """
    write_atomic(path, "".join(json.dumps(_to_json(entry)) + "\n" for entry in entries).encode())


def chosen(entries: Sequence[Entry]) -> list[Entry]:
    """The entries to train on: those with ``keep`` true; where nobody said true, all that are not false."""
    return [e for e in entries if e.keep] or [e for e in entries if e.keep is not False]


def _entry(line: str) -> Entry | None:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(value, dict) or not isinstance(value.get("path"), str) or len(value["path"]) > _LONGEST_PATH:
        return None
    sha256, keep, scores = value.get("sha256") or "", value.get("keep"), value.get("scores") or {}
    if not isinstance(sha256, str) or not (keep is None or isinstance(keep, bool)) or not isinstance(scores, dict):
        return None
    if not all(map(_is_number, scores.values())):
        return None
    return Entry(value["path"], sha256.lower(), keep, {name: float(score) for name, score in scores.items()})


def _is_number(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    try:
        return math.isfinite(float(value))
    except OverflowError:
        return False


def _to_json(entry: Entry) -> dict[str, Any]:
    scores = {name: score for name, score in entry.scores.items() if math.isfinite(score)}
    return {"path": entry.path, "sha256": entry.sha256 or None, "keep": entry.keep, "scores": scores}
