"""Speed along a path: how fast the pictures of a generator change, and what makes it constant."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from gan.images import Floats
from gan.instruments import Tell, silent
from gan.instruments.paths import Clock, Profile, Route, profile
from gan.instruments.subject import Subject
from gan.rendering import one_thread


@dataclass(frozen=True, eq=False)
class Speed:
    """What was measured of a route."""

    own: Profile
    """Along the route's own time."""
    shown: Profile
    """As it is played: the same, or where constant speed was asked for, measured anew along :attr:`clock`."""
    clock: Clock | None
    """Makes the speed constant; None where the route is played as it is."""

    def shown_at(self, own: float) -> float:
        """When the moment ``own`` of the route's own time is played, in seconds."""
        return own if self.clock is None else self.own.shown_at(own)


def measure(subject: Subject, route: Route, even: bool = False, tell: Tell = silent, n: int | None = None) -> Speed:
    """Draw pictures along ``route`` and compare neighbours. Two are in memory at a time.

    Args:
        even: also find the clock that makes the speed constant, and measure what is left to be seen of cliffs then.
        tell: is told the share done; may raise to end it.
        n: steps; None takes :func:`gan.instruments.paths.steps_for`.
    """

    def picture(z: Floats) -> Floats:
        with one_thread(), torch.inference_mode():
            drawn: Floats = subject.generator(torch.tensor(z[np.newaxis], dtype=torch.float32))[0].numpy()
        return drawn / np.float32(2)  # its range is 2, that of a profile's pictures 1

    own = profile(route, picture, n, (lambda share: tell(share / 2)) if even else tell)
    if not even:
        return Speed(own, own, None)
    clock = own.clock()
    return Speed(own, profile(route, picture, n, lambda share: tell(0.5 + share / 2), clock), clock)
