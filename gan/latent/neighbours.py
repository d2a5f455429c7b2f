"""Latents near a given one, in three ways that differ in what happens to the distance from the origin.

A latent drawn from N(0, I) in d dimensions lies close to the shell |z| = sqrt(d); a generator has seen nothing else.
Adding noise moves off that shell (sigma 0.5 at d = 100 by about +1.7 standard deviations), the other modes stay on it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from gan.errors import UserError
from gan.latent.directions import Exact, free_part, held_basis
from gan.latent.draws import Latents, seeded

Mode = Literal["additive", "norm", "variance"]
MODES: tuple[Mode, ...] = get_args(Mode)
DEFAULT_SIGMA = 0.5  # the original author's
MAX_SIGMA = 2.0


def neighbours(
    z: Latents,
    sigma: float = DEFAULT_SIGMA,
    n: int = 16,
    seed: int = 0,
    mode: Mode = "additive",
    locked: Sequence[int] | npt.NDArray[np.bool_] = (),
) -> Latents:
    """(n, dim) latents near ``z`` (dim,); locked dimensions keep ``z``'s value exactly.

    Args:
        sigma: standard deviation of the noise e ~ N(0, I), 0 to 2; at most 1 in mode variance.
        mode: additive: z + sigma e. norm: the same, then its free dimensions are rescaled to z's norm over them.
            variance: sqrt(1 - sigma^2) z + sigma e, which keeps N(0, I) invariant.
        locked: indices, or a mask (dim,).

    Raises:
        UserError: sigma is out of range, or a lock names no dimension.
    """
    return around(z[np.newaxis], sigma, n, seed, mode, locked)


def around(
    stars: Latents,
    sigma: float = DEFAULT_SIGMA,
    n: int = 16,
    seed: int = 0,
    mode: Mode = "additive",
    locked: Sequence[int] | npt.NDArray[np.bool_] = (),
) -> Latents:
    """(n, dim) latents, each near a row of ``stars`` (m, dim) chosen at random: the original bot's recipe.

    With a single star nothing is drawn to choose it, so that :func:`neighbours` is the case m = 1.
    """
    return around_with_parents(stars, sigma, n, seed, mode, locked)[0]


def around_with_parents(
    stars: Latents,
    sigma: float = DEFAULT_SIGMA,
    n: int = 16,
    seed: int = 0,
    mode: Mode = "additive",
    locked: Sequence[int] | npt.NDArray[np.bool_] = (),
    held: Latents | None = None,
) -> tuple[Latents, npt.NDArray[np.intp]]:
    """:func:`around` and, for each row, the index (n,) of the star it was drawn around.

    Args:
        held: (k, dim) unit vectors along which nothing moves either, see :mod:`gan.latent.directions`.
    """
    m, dim = stars.shape
    _check(sigma, mode)
    free = ~lock_mask(locked, dim)
    basis = held_basis(~free, held) if held is not None and len(held) else None
    random = seeded(seed)
    out, parents = np.empty((n, dim), np.float32), np.zeros(n, np.intp)
    for row in range(n):  # one by one: the first rows must not depend on n
        if m > 1:
            parents[row] = random.randint(m)
        out[row] = _near(stars[parents[row]], random.standard_normal((dim,)), sigma, mode, free, basis)
    return out, parents


def lock_mask(locked: Sequence[int] | npt.NDArray[np.bool_], dim: int) -> npt.NDArray[np.bool_]:
    """Indices or a mask -> a mask (dim,), True where locked.

    Raises:
        UserError: an index lies outside the latent, or the mask has another length.
    """
    given = np.asarray(locked)
    if given.dtype == np.bool_:
        if given.shape != (dim,):
            raise UserError(f"A mask of {given.size} locks does not fit a latent of {dim} dimensions.")
        return given
    mask = np.zeros(dim, np.bool_)
    for index in given:
        if not 0 <= index < dim:
            raise UserError(f"Dimension {index} cannot be locked: the latent has dimensions 0 to {dim - 1}.")
        mask[index] = True
    return mask


def norm_change(before: Latents, after: Latents) -> float:
    """The mean change of |z| from ``before`` (dim,) or (n, dim) to ``after`` (n, dim), in standard deviations of the
    chi distribution with dim degrees of freedom (close to sqrt(1/2) for any dim worth exploring)."""
    return float(np.mean(lengths(after) - lengths(before))) / chi_deviation(after.shape[-1])


def lengths(latents: Latents) -> npt.NDArray[np.float64]:
    """|z| of each row of (n, dim), or of one latent (dim,); the squares of large float32 values would overflow."""
    return np.asarray(np.linalg.norm(latents.astype(np.float64), axis=-1))


def mean_angle(before: Latents, after: Latents) -> float | None:
    """The mean angle between ``before`` (dim,) or (n, dim) and ``after`` (n, dim) in degrees.

    Pairs with a zero vector have none and are left out; None where no pair is left.
    """
    start, end = np.broadcast_to(before, after.shape).astype(np.float64), after.astype(np.float64)
    long, wide = np.linalg.norm(start, axis=1), np.linalg.norm(end, axis=1)
    pairs = (long > 0) & (wide > 0)
    if not pairs.any():
        return None
    u, v = start[pairs] / long[pairs, np.newaxis], end[pairs] / wide[pairs, np.newaxis]
    half = np.arctan2(np.linalg.norm(u - v, axis=1), np.linalg.norm(u + v, axis=1))  # exact for small angles, too
    return float(np.degrees(2 * half).mean())


def max_sigma(mode: Mode) -> float:
    """The largest sigma that makes sense in a mode: beyond 1 nothing of z is left in mode variance."""
    return 1.0 if mode == "variance" else MAX_SIGMA


def chi_mean(dim: int) -> float:
    """The mean of |z| for z ~ N(0, I) in ``dim`` dimensions: sqrt(2) Gamma((d+1)/2) / Gamma(d/2)."""
    from math import exp, lgamma, sqrt

    return sqrt(2.0) * exp(lgamma((dim + 1) / 2) - lgamma(dim / 2))


def chi_deviation(dim: int) -> float:
    """The standard deviation of |z| for z ~ N(0, I) in ``dim`` dimensions."""
    return float(np.sqrt(dim - chi_mean(dim) ** 2))


def norm_percentile(z: Latents) -> float:
    """The share (0 to 1) of N(0, I) draws whose |z| is smaller than that of ``z`` (dim,).

    |z|^2 is chi-squared; Wilson & Hilferty's cube-root normal approximation (1931) is good to 0.01 from dim 3 on (to
    0.06 below), and to 0.001 from dim 16 on.
    """
    from math import erf, sqrt

    dim = z.shape[-1]
    ratio = float(np.sum(np.square(z, dtype=np.float64))) / dim
    spread = 2.0 / (9.0 * dim)
    return 0.5 * (1.0 + erf((ratio ** (1 / 3) - (1.0 - spread)) / sqrt(2.0 * spread)))


def _near(
    z: Latents | Exact, noise: Exact, sigma: float, mode: Mode, free: npt.NDArray[np.bool_], basis: Exact | None
) -> Exact:
    exact = z.astype(np.float64)
    if basis is not None:  # what is held stays, and the rest is treated as if it were all there is
        rest = free_part(exact, ~free, basis)
        moved = _near(rest, free_part(noise, ~free, basis), sigma, mode, free, None)
        return np.where(free, exact - rest + moved, exact)
    keep = np.sqrt(1.0 - sigma**2) if mode == "variance" else 1.0
    moved = np.where(free, keep * exact + sigma * noise, exact)
    if mode == "norm":
        now, wanted = np.linalg.norm(moved[free]), np.linalg.norm(exact[free])
        if now > 0:
            moved[free] *= wanted / now
    return moved


def _check(sigma: float, mode: Mode) -> None:
    if mode not in MODES:
        raise UserError(f"The mode {mode!r} is unknown.", f"Choose one of {', '.join(MODES)}.")
    highest = max_sigma(mode)
    if not 0.0 <= sigma <= highest:
        raise UserError(f"sigma lies between 0 and {highest:g} in mode {mode}, not {sigma:g}.")
