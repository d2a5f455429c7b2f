"""A path through latent space as the user composes it: key frames in order, and how they are gone through."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, Self, get_args

import numpy as np

from gan.config import MAX_Z_DIM
from gan.instruments.paths import EASINGS, INTERPOLATIONS, Easing, Interpolation, KeyFrame, Route
from gan.latent.directions import MAX_NAME
from gan.latent.draws import Latents
from gan.latent.vectors import storable
from latent_debugger.state.tolerant import TolerantFile, choice, is_int, number

MAX_KEYS = 500
MIN_SECONDS, MAX_SECONDS, SECONDS = 0.1, 60.0, 1.0
MIN_FPS, MAX_FPS, FPS = 1, 60, 30
SCALES = (8, 1, 2, 4, 16)
"""What a film can be enlarged by; the first is the default."""
MAX_PLANS = 8
"""Lengths of latent whose paths are remembered."""
Kind = Literal["mp4", "gif", "png"]
KINDS: tuple[Kind, ...] = get_args(Kind)
QUALITIES = ("good", "best", "small")


@dataclass(frozen=True)
class Key:
    """A key frame."""

    z: bytes
    """(dim,) float32, little-endian."""
    name: str = ""
    """What the user knows it by."""
    star: str | None = None
    """The id of the star it was; that one may be gone."""
    seconds: float = SECONDS
    """To the next key frame, :data:`MIN_SECONDS` to :data:`MAX_SECONDS`."""
    easing: Easing = "linear"

    @property
    def latent(self) -> Latents:
        """(dim,) float32: a fresh copy."""
        return np.frombuffer(self.z, "<f4").astype(np.float32)


@dataclass(frozen=True)
class Plan:
    """One path. Its methods answer changed copies."""

    keys: tuple[Key, ...] = ()
    """At most :data:`MAX_KEYS`, all of the same length."""
    interpolation: Interpolation = "slerp"
    loop: bool = False
    even: bool = False
    """Whether the pictures change at constant speed: then only the sum of the seconds counts."""

    def route(self) -> Route | None:
        """What can be gone along; None without a key frame."""
        keys = tuple(KeyFrame(key.latent, key.seconds, key.easing) for key in self.keys)
        return Route(keys, self.interpolation, self.loop) if keys else None

    def start_of(self, row: int) -> float:
        """When key frame ``row`` is reached, in seconds of the route's own time."""
        return sum(key.seconds for key in self.keys[:row])

    def with_added(self, keys: Sequence[Key], at: int | None = None) -> Self:
        """``keys`` put in before row ``at``, or behind all; those that there is no room for are left out."""
        at = len(self.keys) if at is None else min(max(at, 0), len(self.keys))
        fresh = tuple(keys)[: MAX_KEYS - len(self.keys)]
        return replace(self, keys=(*self.keys[:at], *fresh, *self.keys[at:]))

    def without(self, rows: Iterable[int]) -> Self:
        """Those rows taken out."""
        gone = set(rows)
        return replace(self, keys=tuple(key for row, key in enumerate(self.keys) if row not in gone))

    def moved(self, rows: Iterable[int], before: int) -> Self:
        """Those rows, in their order, put in front of what is row ``before`` now; ``len(keys)`` is behind all."""
        chosen = sorted({row for row in rows if 0 <= row < len(self.keys)})
        left = [key for row, key in enumerate(self.keys) if row < before and row not in chosen]
        right = [key for row, key in enumerate(self.keys) if row >= before and row not in chosen]
        return replace(self, keys=(*left, *(self.keys[row] for row in chosen), *right))

    def changed(self, rows: Iterable[int], *, seconds: float | None = None, easing: Easing | None = None) -> Self:
        """Other times or easings for those rows; None leaves them."""
        chosen = set(rows)

        def one(key: Key) -> Key:
            took = key.seconds if seconds is None else min(max(seconds, MIN_SECONDS), MAX_SECONDS)
            return replace(key, seconds=took, easing=key.easing if easing is None else easing)

        return replace(self, keys=tuple(one(key) if row in chosen else key for row, key in enumerate(self.keys)))

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        keys = [{**vars(key), "z": base64.b64encode(key.z).decode("ascii")} for key in self.keys]
        return {"keys": keys, "interpolation": self.interpolation, "loop": self.loop, "even": self.even}

    @classmethod
    def from_json(cls, value: object, dim: int) -> Self:
        """Read what :meth:`to_json` wrote of latents of ``dim`` dimensions; key frames that do not fit are left out."""
        found = value if isinstance(value, dict) else {}
        items = found.get("keys")
        keys = [_key(item, dim) for item in items[:MAX_KEYS]] if isinstance(items, list) else []
        return cls(
            keys=tuple(key for key in keys if key is not None),
            interpolation=choice(found.get("interpolation"), INTERPOLATIONS),
            loop=found.get("loop") is True,
            even=found.get("even") is True,
        )


@dataclass(frozen=True)
class FilmOptions:
    """How a path is exported."""

    kind: Kind = "mp4"
    fps: int = FPS
    """Pictures a second, :data:`MIN_FPS` to :data:`MAX_FPS`."""
    scale: int = SCALES[0]
    """One of :data:`SCALES`."""
    smooth: bool = False
    """Whether the enlarged picture is interpolated."""
    quality: str = QUALITIES[0]
    """One of :data:`QUALITIES`; of an MP4."""

    @classmethod
    def from_json(cls, value: object) -> Self:
        """Read plain JSON values; what does not fit gets its default."""
        found = value if isinstance(value, dict) else {}
        scale = found.get("scale")
        return cls(
            kind=choice(found.get("kind"), KINDS),
            fps=fps if is_int(fps := found.get("fps"), MIN_FPS, MAX_FPS) else FPS,
            scale=scale if is_int(scale, 1, max(SCALES)) and scale in SCALES else SCALES[0],
            smooth=found.get("smooth") is True,
            quality=choice(found.get("quality"), QUALITIES),
        )


@dataclass(frozen=True)
class PathMemory(TolerantFile):
    """What is remembered from one start to the next."""

    plans: Mapping[int, Plan] = field(default_factory=dict)
    """By length of the latent, the one used last behind all others."""
    film: FilmOptions = field(default_factory=FilmOptions)

    def with_plan(self, dim: int, plan: Plan) -> Self:
        """A copy that remembers ``plan``; of many lengths the oldest is forgotten."""
        others = [(other, kept) for other, kept in self.plans.items() if other != dim]
        return replace(self, plans=dict([*others, (dim, plan)][-MAX_PLANS:]))

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        plans = {str(dim): plan.to_json() for dim, plan in self.plans.items() if plan != Plan()}
        return {"plans": plans, "film": vars(self.film).copy()}

    @classmethod
    def from_json(cls, values: object) -> Self:
        """Read what :meth:`to_json` wrote; it never raises."""
        found = values if isinstance(values, dict) else {}
        plans = found.get("plans")
        items = list(plans.items())[-MAX_PLANS:] if isinstance(plans, dict) else []
        dims = [(int(dim), plan) for dim, plan in items if isinstance(dim, str) and dim.isascii() and dim.isdigit()
                and len(dim) < 9 and 0 < int(dim) <= MAX_Z_DIM]  # fmt: skip
        return cls({dim: Plan.from_json(plan, dim) for dim, plan in dims}, FilmOptions.from_json(found.get("film")))


def _key(value: object, dim: int) -> Key | None:
    found = value if isinstance(value, dict) else {}
    text, name, star = found.get("z"), found.get("name"), found.get("star")
    if not isinstance(text, str):
        return None
    try:
        z = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    if len(z) != 4 * dim or not np.isfinite(np.frombuffer(z, "<f4")).all():
        return None
    return Key(
        z,
        storable(name)[:MAX_NAME] if isinstance(name, str) else "",
        storable(star) if isinstance(star, str) else None,
        number(found.get("seconds"), MIN_SECONDS, MAX_SECONDS, SECONDS),
        choice(found.get("easing"), EASINGS),
    )
