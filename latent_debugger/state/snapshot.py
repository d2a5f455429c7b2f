"""What is restored at the next start. Whatever happened to the file, the window opens."""

from __future__ import annotations

import base64
import binascii
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Self

import numpy as np

from gan.config import MAX_Z_DIM
from gan.latent.draws import MAX_SEED, Latents
from gan.latent.neighbours import DEFAULT_SIGMA, MAX_SIGMA, MODES
from latent_debugger.state.arrangement import ArrangementSettings
from latent_debugger.state.folders import MAX_KINDS
from latent_debugger.state.last_neighbours import LastNeighbours
from latent_debugger.state.latent import Mask
from latent_debugger.state.neighbour_state import (
    DEFAULT_COUNT,
    MAX_COUNT,
    MIN_COUNT,
    SOURCES,
    NeighbourSettings,
)
from latent_debugger.state.star_query import StarQuery
from latent_debugger.state.tolerant import TolerantFile, choice, is_int, number

MAX_RECENT = 10
MAX_HEIGHT = 10_000


@dataclass(frozen=True)
class SessionSnapshot(TolerantFile):
    """The state of the window when it was closed."""

    model_path: str | None = None
    """The checkpoint on show."""
    z: bytes = b""
    """The latent, float32 little-endian; in the file as base64. Empty when there was none."""
    locks: tuple[int, ...] = ()
    """Locked dimensions."""
    seed: int | None = None
    """The seed of the latest random draw."""
    neighbours: NeighbourSettings = field(default_factory=NeighbourSettings)
    last_neighbours: LastNeighbours = field(default_factory=LastNeighbours)
    """Those on show, of the model in ``model_path``."""
    stars: StarQuery = field(default_factory=StarQuery)
    """Filter and order of the stars; words searched for are not kept."""
    inspector: int = 0
    """The height of what is said of the selected stars, in pixels; 0 as long as nobody has changed it."""
    folders: Mapping[str, str] = field(default_factory=dict)
    """Where files were last chosen, by kind; see :class:`latent_debugger.state.folders.Folders`."""
    arrangement: ArrangementSettings = field(default_factory=ArrangementSettings)
    """How the rows of the latent are laid out."""
    geometry: bytes = b""
    """QWidget.saveGeometry; in the file as base64."""
    layout: bytes = b""
    """QMainWindow.saveState; in the file as base64."""
    recent: tuple[str, ...] = ()
    """The files opened last, newest first, at most 10."""

    @property
    def latent(self) -> Latents:
        """The latent (dim,), float32; (0,) when there was none."""
        return np.frombuffer(self.z, "<f4").astype(np.float32)

    def lock_mask(self, dim: int) -> Mask:
        """The locks as a mask (dim,); those that lie outside are left out."""
        return np.isin(np.arange(dim), self.locks)

    def with_recent(self, path: Path | str) -> SessionSnapshot:
        """A copy in which ``path`` is the newest of the recent files."""
        newest = str(path)
        return replace(self, recent=(newest, *(item for item in self.recent if item != newest))[:MAX_RECENT])

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {
            "model_path": self.model_path,
            "z": _encode(self.z),
            "locks": list(self.locks),
            "seed": self.seed,
            "neighbours": vars(self.neighbours).copy(),
            "last_neighbours": self.last_neighbours.to_json(),
            "stars": self.stars.to_json(),
            "inspector": self.inspector,
            "folders": dict(self.folders),
            "arrangement": self.arrangement.to_json(),
            "geometry": _encode(self.geometry),
            "layout": _encode(self.layout),
            "recent": list(self.recent),
        }

    @classmethod
    def from_json(cls, values: object) -> Self:
        """Read what :meth:`to_json` wrote. Each field that is missing, of another type or out of range gets its
        default; the others are kept. It never raises."""
        found = values if isinstance(values, dict) else {}
        near = found.get("neighbours")
        near = near if isinstance(near, dict) else {}
        return cls(
            model_path=_path(found.get("model_path")),
            z=_latent(found.get("z")),
            locks=_locks(found.get("locks")),
            seed=seed if is_int(seed := found.get("seed"), 0, MAX_SEED) else None,
            neighbours=NeighbourSettings(
                sigma=number(near.get("sigma"), 0.0, MAX_SIGMA, DEFAULT_SIGMA),
                count=count if is_int(count := near.get("count"), MIN_COUNT, MAX_COUNT) else DEFAULT_COUNT,
                source=choice(near.get("source"), SOURCES),
                mode=choice(near.get("mode"), MODES),
                only_pinned=near.get("only_pinned") is True,
            ),
            last_neighbours=LastNeighbours.from_json(found.get("last_neighbours")),
            stars=StarQuery.from_json(found.get("stars")),
            inspector=height if is_int(height := found.get("inspector"), 0, MAX_HEIGHT) else 0,
            folders=_folders(found.get("folders")),
            arrangement=ArrangementSettings.from_json(found.get("arrangement")),
            geometry=_decode(found.get("geometry")),
            layout=_decode(found.get("layout")),
            recent=_recent(found.get("recent")),
        )


def _encode(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _decode(value: object) -> bytes:
    try:
        return base64.b64decode(value, validate=True) if isinstance(value, str) else b""
    except (binascii.Error, ValueError):
        return b""


def _latent(value: object) -> bytes:
    data = _decode(value)
    fits = len(data) % 4 == 0 and len(data) <= 4 * MAX_Z_DIM
    return data if fits and np.isfinite(np.frombuffer(data, "<f4")).all() else b""


def _locks(value: object) -> tuple[int, ...]:
    items = value if isinstance(value, list) else []
    return tuple(sorted({item for item in items if is_int(item, 0, MAX_Z_DIM - 1)}))


def _recent(value: object) -> tuple[str, ...]:
    items = value if isinstance(value, list) else []
    return tuple(dict.fromkeys(path for item in items if (path := _path(item))))[:MAX_RECENT]


def _folders(value: object) -> dict[str, str]:
    items = value.items() if isinstance(value, dict) else ()
    return dict([(kind, path) for kind, item in items if (path := _path(item)) is not None][-MAX_KINDS:])


def _path(value: object) -> str | None:
    """A text that the system takes as a path; others would raise far from here."""
    if not isinstance(value, str) or not value or "\0" in value:
        return None
    try:
        os.fsencode(value)
    except UnicodeEncodeError:
        return None
    return value
