"""Everything random in a run, as pure functions of (seed, purpose, position).

Nothing here has a state to save: a resumed run draws what the uninterrupted one would have drawn.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from gan.images import Floats

WEIGHTS, ORDER, CRITIC_NOISE, GENERATOR_NOISE, MIXING, FLIPS = range(6)
HELD_OUT, AUGMENT_REAL, AUGMENT_FAKE, AUGMENT_GENERATOR = range(6, 10)
OBSERVED, OBSERVED_NOISE, OBSERVED_NUMBERS = range(10, 13)


def stream(seed: int, purpose: int, position: int = 0) -> np.random.Generator:
    """An independent stream for one purpose at one position."""
    return np.random.default_rng((seed, purpose, position))


def noise(seed: int, purpose: int, position: int, n: int, dim: int) -> Floats:
    """Latents (n, dim) from N(0, I)."""
    return stream(seed, purpose, position).standard_normal((n, dim), np.float32)


def batch_indices(seed: int, count: int, batch: int, position: int) -> npt.NDArray[np.int64]:
    """Indices (batch,) of the pictures in batch number ``position``: one endless walk, reshuffled every ``count``."""
    first = position * batch
    places = np.arange(first, first + batch)
    epochs = places // count
    indices = np.empty(batch, np.int64)
    for epoch in np.unique(epochs):
        here = epochs == epoch
        indices[here] = _order(seed, count, int(epoch))[places[here] - epoch * count]
    return indices


def held_out(seed: int, count: int, share: float) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Which of ``count`` pictures are (trained on, held out), in ascending order; some of both if ``share`` > 0."""
    size = min(max(1, round(share * count)), count - 1) if share > 0 else 0
    order = stream(seed, HELD_OUT).permutation(count)
    return np.sort(order[size:]), np.sort(order[:size])


@lru_cache(maxsize=4)
def _order(seed: int, count: int, epoch: int) -> npt.NDArray[np.int64]:
    return stream(seed, ORDER, epoch).permutation(count)
