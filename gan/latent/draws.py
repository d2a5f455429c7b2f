"""Seeded draws of latents. Row i depends on the seed and i alone, never on how many rows were asked for."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from gan.errors import UserError

Latents = npt.NDArray[np.float32]
MAX_SEED = 2**32 - 1


def seeded(seed: int) -> np.random.RandomState:
    """The generator behind every seed that a user sees: NumPy's legacy one, whose stream is frozen for good.

    Raises:
        UserError: ``seed`` lies outside 0 ... 2**32 - 1.
    """
    if not 0 <= seed <= MAX_SEED:
        raise UserError(f"A seed lies between 0 and {MAX_SEED}, not {seed}.")
    return np.random.RandomState(seed)


def draw(n: int, dim: int, seed: int) -> Latents:
    """(n, dim) float32 from N(0, I); the window's picture for seed S is row 0."""
    return seeded(seed).standard_normal((n, dim)).astype(np.float32)
