"""The directions of the open model, each a slider; which of them are locked or kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self
from uuid import uuid4

import numpy as np
from PySide6.QtCore import QObject, Signal

from gan.latent.directions import Direction, Exact, clean_name
from gan.latent.draws import Latents
from latent_debugger.state.latent import LatentState
from latent_debugger.state.model import OpenModel
from latent_debugger.state.tolerant import TolerantFile, choice, is_int, number

MAX_DIRECTIONS = 50
"""Of one model: each is a row of the panel, and more sliders than this help nobody."""
FINDERS = ("sefa", "pca", "local")
MIN_RANGE, MAX_RANGE, DEFAULT_RANGE = 0.5, 20.0, 3.0


@dataclass(frozen=True, eq=False)
class KnownDirection:
    """One slider. Change it with :func:`dataclasses.replace`."""

    id: str
    """uuid4 in hexadecimal."""
    direction: Direction
    locked: bool = False
    """Whether random draws, neighbours and other directions leave the place along it alone."""
    kept: bool = False
    """Whether it survives the next search of the same kind."""

    @classmethod
    def new(cls, direction: Direction, *, locked: bool = False, kept: bool = False) -> Self:
        """With an id of its own."""
        return cls(uuid4().hex, direction, locked, kept)


@dataclass(frozen=True)
class DirectionSettings(TolerantFile):
    """What the next start remembers of the panel, whatever model is open."""

    method: str = "sefa"
    """One of :data:`FINDERS`."""
    count: int = 10
    """Directions to be found, 1 to :data:`MAX_DIRECTIONS`."""
    range: float = DEFAULT_RANGE
    """The sliders reach from -range to +range standard deviations."""
    attribute: str = ""
    """What was learnt last, e.g. glasses."""

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return dict(vars(self))

    @classmethod
    def from_json(cls, values: object) -> Self:
        """Read what :meth:`to_json` wrote; it never raises."""
        found = values if isinstance(values, dict) else {}
        count, attribute = found.get("count"), found.get("attribute")
        return cls(
            method=choice(found.get("method"), FINDERS),
            count=count if is_int(count, 1, MAX_DIRECTIONS) else cls.count,
            range=number(found.get("range"), MIN_RANGE, MAX_RANGE, DEFAULT_RANGE),
            attribute=clean_name(attribute) if isinstance(attribute, str) else "",
        )


def key_of(model: OpenModel) -> str:
    """Equal for models that share their directions: steps of one run, or the same file."""
    return f"{'run ' + model.run if model.run is not None else model.sha256} {model.space} {model.dim}"


class DirectionState(QObject):
    """Holds the directions of every model that was open, and shows those of the open one.

    The locked ones are held in the latent, see :attr:`LatentState.held`.
    """

    changed = Signal()
    """The directions on show changed: others, or another lock, name or order."""
    edited = Signal(object)
    """str: the key of the model whose directions were changed, and are to be remembered."""
    settings_changed = Signal()

    def __init__(self, latent: LatentState, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._latent = latent
        self._key: str | None = None
        self._sets: dict[str, tuple[KnownDirection, ...]] = {}
        self._matrix = np.zeros((0, 0))
        self._settings = DirectionSettings()

    @property
    def key(self) -> str | None:
        """Of the model on show, see :func:`key_of`; None before there is one."""
        return self._key

    @property
    def all(self) -> tuple[KnownDirection, ...]:
        """The directions on show, in order."""
        return self.of(self._key)

    @property
    def locked(self) -> tuple[KnownDirection, ...]:
        """Those that are locked."""
        return tuple(item for item in self.all if item.locked)

    @property
    def settings(self) -> DirectionSettings:
        """How the panel is set."""
        return self._settings

    def of(self, key: str | None) -> tuple[KnownDirection, ...]:
        """The directions of a model."""
        return self._sets.get(key, ()) if key is not None else ()

    def knows(self, key: str) -> bool:
        """Whether the directions of a model are here already, be it none."""
        return key in self._sets

    def get(self, id_: str | None) -> KnownDirection | None:
        """The direction on show with this id, if there is one."""
        return next((item for item in self.all if item.id == id_), None)

    def index_of(self, id_: str | None) -> int:
        """Its row, or -1."""
        return next((row for row, item in enumerate(self.all) if item.id == id_), -1)

    def places(self, z: Latents) -> Exact:
        """(n,) where a latent (dim,) stands along each of them, in standard deviations."""
        if self._matrix.shape[1] != len(z):
            return np.zeros(0)
        return self._matrix @ z.astype(np.float64)

    def show(self, model: OpenModel | None) -> None:
        """Show the directions of another model from now on."""
        key = key_of(model) if model is not None else None
        if key != self._key:
            self._key = key
            self._announce()

    def put(self, key: str, directions: Sequence[KnownDirection]) -> None:
        """Replace a model's directions."""
        self._sets[key] = tuple(directions)
        if key == self._key:
            self._announce()
        self.edited.emit(key)

    def restore(self, key: str, remembered: Sequence[KnownDirection]) -> None:
        """Take in what was remembered of a model, before what was found meanwhile."""
        self._sets[key] = (*remembered, *self._sets.get(key, ()))[:MAX_DIRECTIONS]
        if key == self._key:
            self._announce()

    def set(self, **changes: Any) -> None:
        """Change :attr:`settings`."""
        settings = replace(self._settings, **changes)
        if settings != self._settings:
            self._settings = settings
            self.settings_changed.emit()

    def _announce(self) -> None:
        dim = self._latent.dim
        fitting = [item.direction.vector for item in self.all if len(item.direction.vector) == dim]
        self._matrix = np.stack(fitting).astype(np.float64) if fitting else np.zeros((0, dim))
        held = [item.direction.vector for item in self.locked]
        self._latent.set_held(np.stack(held) if held else np.zeros((0, dim), np.float32))
        self.changed.emit()


def with_unique_names(known: Iterable[KnownDirection], new: Iterable[Direction]) -> list[Direction]:
    """``new`` with a number behind every name that is taken."""
    taken, named = {item.direction.name for item in known}, []
    for direction in new:
        name = _free_name(direction.name, taken.__contains__)
        taken.add(name)
        named.append(direction if name == direction.name else replace(direction, name=name))
    return named


def _free_name(name: str, taken: Callable[[str], bool]) -> str:
    number, wanted = 1, name
    while taken(wanted):
        number += 1
        wanted = f"{name} ({number})"
    return wanted
