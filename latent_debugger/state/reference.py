"""The reference pictures: the real ones that the open model was trained on, as far as they are known."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, Self, get_args

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, Signal

from gan.config import Framing
from latent_debugger.state.model import OpenModel
from latent_debugger.state.tolerant import TolerantFile, choice

MOST = 500
"""Models whose reference pictures are remembered; the longest unused go first."""
Stage = Literal["none", "looking", "ready"]


@dataclass(frozen=True)
class Place:
    """Where pictures are, and how they become squares."""

    path: Path
    """A folder, a .npy, a .zip or a manifest."""
    framing: Framing = "crop"
    ground: str = "#ffffff"
    """An opaque colour."""


@dataclass(frozen=True, eq=False)
class ReferencePictures:
    """Real pictures as the model takes them."""

    place: Place
    name: str
    images: npt.NDArray[np.uint8]
    """(n, H, W, 1 or 3), read-only, memory-mapped; it may be read in any thread."""
    sha256: str
    """Of shape and pixels, in hexadecimal."""
    same: bool | None
    """Whether these are the very pictures that the model was trained on; None where its file does not say."""

    def __len__(self) -> int:
        return len(self.images)


@dataclass(frozen=True)
class ReferencePlaces(TolerantFile):
    """Where the user has said that a model's pictures are, the latest last."""

    places: tuple[tuple[str, Place], ...] = ()

    def get(self, model: OpenModel) -> Place | None:
        """Where those of ``model`` are; None where nobody has said."""
        return dict(self.places).get(key_of(model))

    def with_place(self, model: OpenModel, place: Place) -> Self:
        """The same, and those of ``model`` are at ``place``."""
        others = [pair for pair in self.places if pair[0] != key_of(model)]
        return type(self)((*others, (key_of(model), place))[-MOST:])

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {"places": {key: {**asdict(place), "path": str(place.path)} for key, place in self.places}}

    @classmethod
    def from_json(cls, values: object) -> Self:
        """Read what :meth:`to_json` wrote; it never raises."""
        found = values.get("places") if isinstance(values, dict) else None
        pairs = found.items() if isinstance(found, dict) else ()
        places = [(key, place) for key, value in pairs if (place := _place(value)) is not None]
        return cls(tuple(places[-MOST:]))


class ReferenceState(QObject):
    """What is known of the open model's reference pictures right now."""

    changed = Signal()
    """Stage, pictures or trouble are others."""
    advanced = Signal(str, int, int)
    """What is being done, as ``Reading pictures``; how many are done, of how many."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._stage: Stage = "none"
        self._pictures: ReferencePictures | None = None
        self._trouble = self._hint = ""

    @property
    def stage(self) -> Stage:
        """``none``: there are no pictures (yet); ``looking``: they are being looked for, read or drawn; ``ready``."""
        return self._stage

    @property
    def pictures(self) -> ReferencePictures | None:
        """The pictures; None unless they are ready."""
        return self._pictures

    @property
    def trouble(self) -> str:
        """Why there are none, where something went wrong; else empty."""
        return self._trouble

    @property
    def hint(self) -> str:
        """Where they could be got, where that is known; else empty."""
        return self._hint

    def set_none(self, trouble: str = "", hint: str = "") -> None:
        """There are no pictures."""
        self._set("none", None, trouble, hint)

    def set_looking(self) -> None:
        """They are on their way."""
        self._set("looking", None)

    def set_ready(self, pictures: ReferencePictures) -> None:
        """There they are."""
        self._set("ready", pictures)

    def _set(self, stage: Stage, pictures: ReferencePictures | None, trouble: str = "", hint: str = "") -> None:
        if (stage, pictures, trouble, hint) != (self._stage, self._pictures, self._trouble, self._hint):
            self._stage, self._pictures, self._trouble, self._hint = stage, pictures, trouble, hint
            self.changed.emit()


def key_of(model: OpenModel) -> str:
    """What a model's pictures are remembered by: its run, or its file where it has none."""
    return model.run or model.sha256


def _place(value: object) -> Place | None:
    if not isinstance(value, dict) or not isinstance(value.get("path"), str) or not value["path"]:
        return None
    ground = value.get("ground")
    framing: tuple[Framing, ...] = get_args(Framing)
    return Place(
        Path(value["path"]), choice(value.get("framing"), framing), ground if isinstance(ground, str) else "#ffffff"
    )
