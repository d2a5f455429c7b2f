"""Paths through latent space: arithmetic on latents, interpolation, key frames, and how smooth the pictures change.

Straight lines between latents from N(0, I) cut through the shell |z| = sqrt(d) that a generator knows; great circles
(slerp, Shoemake 1985; White 2016, arXiv 1609.04468) stay on it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from gan.errors import UserError
from gan.images import Bytes, Floats

Interpolation = Literal["slerp", "lerp"]
Easing = Literal["linear", "smooth", "in", "out"]
INTERPOLATIONS: tuple[Interpolation, ...] = get_args(Interpolation)
EASINGS: tuple[Easing, ...] = get_args(Easing)
MAX_FRAMES = 100_000

_EASE: dict[str, Callable[[float], float]] = {
    "linear": lambda t: t,
    "smooth": lambda t: t * t * (3 - 2 * t),
    "in": lambda t: t * t,
    "out": lambda t: 1 - (1 - t) * (1 - t),
}


@dataclass(frozen=True, eq=False)
class KeyFrame:
    """A latent that a path goes through, and how it leaves from there."""

    z: Floats
    """(dim,)"""
    seconds: float = 1.0
    """Time to the next key frame; of the last one only in a loop."""
    easing: Easing = "linear"
    """How time runs on the way to the next: evenly, gently at both ends, or at one."""


def arithmetic(plus: Sequence[Floats], minus: Sequence[Floats] = ()) -> Floats:
    """A - B + C: the sum of ``plus`` less the sum of ``minus``, each (dim,), on the shell that the mean of their norms
    gives: sums of normal vectors are too long to be normal.

    Raises:
        UserError: nothing is added, or the result vanishes.
    """
    if not plus:
        raise UserError("There is nothing to add.", "Choose at least one star for the plus side.")
    total = np.sum(np.asarray(plus, np.float64), axis=0)
    if len(minus):
        total = total - np.sum(np.asarray(minus, np.float64), axis=0)
    return _on_shell(total, [*plus, *minus])


def mean(latents: Sequence[Floats]) -> Floats:
    """The middle of some latents (each (dim,)), pushed out to the mean of their norms.

    Raises:
        UserError: there are none, or they cancel out.
    """
    return arithmetic(latents)


def slerp(a: Floats, b: Floats, t: float) -> Floats:
    """The great circle from ``a`` (t = 0) to ``b`` (t = 1), each (dim,); the norm goes evenly from one to the other.

    Where the circle is not defined (a vector of zeros, opposite directions) it is the straight line.
    """
    first, second = float(np.linalg.norm(a)), float(np.linalg.norm(b))
    if first == 0 or second == 0:
        return lerp(a, b, t)
    x, y = a.astype(np.float64) / first, b.astype(np.float64) / second
    angle = np.arctan2(np.linalg.norm(x * 1.0 - y), np.linalg.norm(x + y)) * 2  # accurate near 0 and 180 degrees
    if np.sin(angle) < 1e-6:
        return lerp(a, b, t)
    direction = (np.sin((1 - t) * angle) * x + np.sin(t * angle) * y) / np.sin(angle)
    point: Floats = (direction * ((1 - t) * first + t * second)).astype(np.float32)
    return point


def lerp(a: Floats, b: Floats, t: float) -> Floats:
    """The straight line from ``a`` (t = 0) to ``b`` (t = 1), each (dim,)."""
    return ((1 - t) * a.astype(np.float64) + t * b.astype(np.float64)).astype(np.float32)


@dataclass(frozen=True, eq=False)
class Path:
    """A way through key frames.

    Args:
        keys: at least one; two for anything to move.
        loop: after the last key frame it goes back to the first.
    """

    keys: tuple[KeyFrame, ...]
    interpolation: Interpolation = "slerp"
    loop: bool = False

    @property
    def seconds(self) -> float:
        """From the first key frame to the end."""
        return float(sum(key.seconds for key in self._legs()))

    def at(self, time: float) -> Floats:
        """The latent (dim,) after ``time`` seconds; before the start the first, after the end the last."""
        legs = self._legs()
        between = slerp if self.interpolation == "slerp" else lerp
        for index, key in enumerate(legs):
            if time < key.seconds or (index == len(legs) - 1 and key.seconds > 0):
                share = min(1.0, max(0.0, time / key.seconds))
                return between(key.z, self.keys[(index + 1) % len(self.keys)].z, _EASE[key.easing](share))
            time -= key.seconds
        return self.keys[-1].z

    def frames(self, fps: float) -> Iterator[Floats]:
        """Latents (dim,) at ``fps`` frames a second, one at a time. A loop ends one frame before its start comes again.

        Raises:
            UserError: more frames than anybody wants.
        """
        for number in range(self.count(fps)):
            yield self.at(number / fps)

    def count(self, fps: float) -> int:
        """How many frames :meth:`frames` gives.

        Raises:
            UserError: more frames than anybody wants.
        """
        n = round(self.seconds * fps) + (0 if self.loop and len(self.keys) > 1 else 1)
        if n > MAX_FRAMES:
            raise UserError(f"That would be {n} frames; {MAX_FRAMES} is the most.", "Make it shorter.")
        return max(1, n)

    def _legs(self) -> tuple[KeyFrame, ...]:
        if len(self.keys) < 2:
            return ()
        return self.keys if self.loop else self.keys[:-1]


def constant_speed(path: Path, distance: Callable[[Floats, Floats], float], n: int = 64) -> Callable[[float], float]:
    """A map from even time to the path's own time (both 0 ... ``path.seconds``) along which pictures change evenly.

    Args:
        distance: how much two latents' pictures differ.
        n: points at which it is measured.
    """
    times = np.linspace(0.0, path.seconds, n + 1)
    latents = [path.at(float(t)) for t in times]
    lengths = np.array([0.0, *(max(0.0, distance(a, b)) for a, b in pairwise(latents))])
    walked = np.cumsum(lengths)
    if walked[-1] <= 0:
        return lambda t: t
    even = walked / walked[-1] * path.seconds
    return lambda t: float(np.interp(t, even, times))


def smoothness(pictures: Iterator[Bytes] | Sequence[Bytes]) -> npt.NDArray[np.float64]:
    """How much each picture (H, W, C) uint8 differs from the one before, as root mean square in 0 ... 1 -> (n - 1,).

    Like the perceptual path length (Karras et al. 2019, arXiv 1812.04948) it is a speed along the path, in pixels where
    theirs is in a network's features: even is smooth, and a peak is a cliff, where the picture jumps.
    """
    found: list[float] = []
    before: npt.NDArray[np.float64] | None = None
    for picture in pictures:
        now = picture.astype(np.float64) / 255.0
        if before is not None:
            found.append(float(np.sqrt(np.mean(np.square(now - before)))))
        before = now
    return np.array(found)


def _on_shell(total: npt.NDArray[np.float64], members: Sequence[Floats]) -> Floats:
    length = float(np.linalg.norm(total))
    target = float(np.mean([np.linalg.norm(member) for member in members]))
    if length < 1e-9 * max(target, 1e-30):
        raise UserError("These stars cancel each other out.", "Choose others.")
    return (total * (target / length)).astype(np.float32)
