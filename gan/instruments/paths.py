"""Paths through latent space: arithmetic on latents, interpolation, key frames, and how smoothly the pictures change.

Straight lines between latents from N(0, I) cut through the shell |z| = sqrt(d) that a generator knows; great circles
(slerp, Shoemake 1985; White 2016, arXiv 1609.04468) stay on it. NumPy only: whoever has pictures brings them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from gan.errors import UserError
from gan.instruments import Tell, silent
from gan.latent.draws import Latents

Interpolation = Literal["slerp", "lerp"]
Easing = Literal["linear", "smooth", "in", "out"]
INTERPOLATIONS: tuple[Interpolation, ...] = get_args(Interpolation)
EASINGS: tuple[Easing, ...] = get_args(Easing)
MAX_FRAMES = 100_000
CLIFF = 3.0
"""Of the median speed: what is faster jumps rather than moves."""
Picture = npt.NDArray[np.floating]
Clock = Callable[[float], float]
"""Time in seconds -> time in seconds; never runs back."""

_EASE: dict[str, Callable[[float], float]] = {
    "linear": lambda t: t,
    "smooth": lambda t: t * t * (3 - 2 * t),
    "in": lambda t: t * t,
    "out": lambda t: 1 - (1 - t) * (1 - t),
}


@dataclass(frozen=True, eq=False)
class KeyFrame:
    """A latent that a path goes through, and how it leaves from there."""

    z: Latents
    """(dim,)"""
    seconds: float = 1.0
    """Time to the next key frame; of the last one only in a loop."""
    easing: Easing = "linear"
    """How time runs on the way to the next: evenly, gently at both ends, or at one."""


def arithmetic(plus: Sequence[Latents], minus: Sequence[Latents] = ()) -> Latents:
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


def mean(latents: Sequence[Latents]) -> Latents:
    """The middle of some latents (each (dim,)), pushed out to the mean of their norms.

    Raises:
        UserError: there are none, or they cancel out.
    """
    return arithmetic(latents)


def slerp(a: Latents, b: Latents, t: float) -> Latents:
    """The great circle from ``a`` (t = 0) to ``b`` (t = 1), each (dim,); the norm goes evenly from one to the other.

    Where the circle is not defined (a vector of zeros, opposite directions) it is the straight line.
    """
    first, second = float(np.linalg.norm(a.astype(np.float64))), float(np.linalg.norm(b.astype(np.float64)))
    if first == 0 or second == 0:
        return lerp(a, b, t)
    x, y = a.astype(np.float64) / first, b.astype(np.float64) / second
    angle = np.arctan2(np.linalg.norm(x * 1.0 - y), np.linalg.norm(x + y)) * 2  # accurate near 0 and 180 degrees
    if np.sin(angle) < 1e-6:
        return lerp(a, b, t)
    direction = (np.sin((1 - t) * angle) * x + np.sin(t * angle) * y) / np.sin(angle)
    return _single(direction * ((1 - t) * first + t * second))


def lerp(a: Latents, b: Latents, t: float) -> Latents:
    """The straight line from ``a`` (t = 0) to ``b`` (t = 1), each (dim,)."""
    return _single((1 - t) * a.astype(np.float64) + t * b.astype(np.float64))


def _single(z: npt.NDArray[np.float64]) -> Latents:
    """As float32, which has a largest number: between two latents near it the norm can be larger."""
    largest = np.finfo(np.float32).max
    return np.clip(z, -largest, largest).astype(np.float32)


@dataclass(frozen=True, eq=False)
class Route:
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

    def at(self, time: float) -> Latents:
        """The latent (dim,) after ``time`` seconds; before the start the first, after the end the last."""
        legs = self._legs()
        between = slerp if self.interpolation == "slerp" else lerp
        for index, key in enumerate(legs):
            if time < key.seconds or (index == len(legs) - 1 and key.seconds > 0):
                share = min(1.0, max(0.0, time / key.seconds))
                return between(key.z, self.keys[(index + 1) % len(self.keys)].z, _EASE[key.easing](share))
            time -= key.seconds
        return self.keys[-1].z

    def frames(self, fps: float, clock: Clock | None = None) -> Iterator[Latents]:
        """Latents (dim,) at ``fps`` frames a second, one at a time. A loop ends one frame before its start comes again.

        Args:
            clock: tells the route's own time at each moment; see :meth:`Profile.clock`.

        Raises:
            UserError: more frames than anybody wants.
        """
        for number in range(self.count(fps)):
            yield self.at(number / fps if clock is None else clock(number / fps))

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


@dataclass(frozen=True, eq=False)
class Profile:
    """How fast the pictures change along a route, measured at even steps of its own time.

    Like the perceptual path length (Karras et al. 2019, arXiv 1812.04948) it is a speed along the path, in pixels where
    theirs is in a network's features: even is smooth, and a peak is a cliff, where the picture jumps.
    """

    times: npt.NDArray[np.float64]
    """(n + 1,) in seconds, from 0 to the end of the route."""
    lengths: npt.NDArray[np.float64]
    """(n,): the root mean square difference of the pictures (in 0 ... 1) at neighbouring times."""

    @property
    def seconds(self) -> float:
        """From the first key frame to the end."""
        return float(self.times[-1])

    @property
    def middles(self) -> npt.NDArray[np.float64]:
        """(n,): the times that :attr:`speeds` belong to, in seconds."""
        return (self.times[1:] + self.times[:-1]) / 2

    @property
    def speeds(self) -> npt.NDArray[np.float64]:
        """(n,): change per second; 1 would be from black to white."""
        steps = np.diff(self.times)
        return np.divide(self.lengths, steps, out=np.zeros_like(self.lengths), where=steps > 0)

    def clock(self) -> Clock:
        """A map from even time to the route's own time (both in seconds) along which pictures change evenly."""
        walked = np.concatenate([[0.0], np.cumsum(self.lengths)])
        if walked[-1] <= 0:
            return lambda time: time
        even = walked / walked[-1] * self.seconds
        return lambda time: float(np.interp(time, even, self.times))

    def shown_at(self, own: float) -> float:
        """When, at constant speed, the moment ``own`` of the route's own time comes: the inverse of :meth:`clock`."""
        walked = np.concatenate([[0.0], np.cumsum(self.lengths)])
        return own if walked[-1] <= 0 else float(np.interp(own, self.times, walked / walked[-1] * self.seconds))

    def cliffs(self, factor: float = CLIFF) -> list[int]:
        """Where the speed peaks above ``factor`` times its median: indexes into :attr:`speeds`, steepest first."""
        speeds = self.speeds
        limit = factor * float(np.median(speeds)) if len(speeds) else 0.0
        if limit <= 0:
            return []
        padded = np.concatenate([[-np.inf], speeds, [-np.inf]])
        peaks = np.flatnonzero((speeds > limit) & (speeds >= padded[:-2]) & (speeds > padded[2:]))
        return sorted(peaks.tolist(), key=lambda index: -float(speeds[index]))


def steps_for(route: Route) -> int:
    """How many steps :func:`profile` should take: about 24 a second and 16 a key frame, from 32 to 360."""
    return int(np.clip(max(24 * route.seconds, 16 * len(route.keys)), 32, 360))


def profile(
    route: Route,
    picture: Callable[[Latents], Picture],
    n: int | None = None,
    tell: Tell = silent,
    clock: Clock | None = None,
) -> Profile:
    """Draw the route at ``n`` + 1 moments and measure how the pictures change. Two pictures are kept at a time.

    Args:
        picture: draws one latent (dim,), any shape, in 0 ... 1; not rounded, for slow routes change by less than 1/255.
        n: steps; None takes :func:`steps_for`.
        tell: is told the share done; may raise to end it.
        clock: measure along another time: where :meth:`Profile.clock` has made the speed constant, for example.
    """
    n = steps_for(route) if n is None else n
    times = np.linspace(0.0, route.seconds, n + 1)
    lengths = np.zeros(n)
    before = picture(route.at(0.0))
    for index, time in enumerate(times[1:].tolist()):
        tell(index / n)
        now = picture(route.at(time if clock is None else clock(time)))
        lengths[index] = np.sqrt(np.mean(np.square(now - before), dtype=np.float64))
        before = now
    return Profile(times, lengths)


def _on_shell(total: npt.NDArray[np.float64], members: Sequence[Latents]) -> Latents:
    length = float(np.linalg.norm(total))
    target = float(np.mean([np.linalg.norm(member.astype(np.float64)) for member in members]))
    if length < 1e-9 * max(target, 1e-30):
        raise UserError("These stars cancel each other out.", "Choose others.")
    return (total * (target / length)).astype(np.float32)
