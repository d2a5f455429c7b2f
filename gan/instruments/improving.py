"""Uphill on the critic: a picture nearby that it likes more."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from gan.errors import UserError
from gan.images import Floats
from gan.instruments import Tell, silent
from gan.instruments.critic import no_scores
from gan.latent.directions import free_part, held_basis
from gan.latent.neighbours import mean_angle
from gan.rendering import one_thread

STEP_LENGTH = 0.05
"""Radians a step turns the latent by."""
_ROUNDING = 1e-6  # of a radius, or of a slope against its free part: less is nothing

Exact = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Improved:
    """A latent before and after some steps uphill."""

    z: Floats
    """(dim,) the best latent met on the way."""
    before: float
    after: float
    """Scores of the latent given and of ``z``; the second is never lower."""
    degrees: float
    """How far what is free of the latent turned; 90 would be as far as a random one."""


def improve(
    generator: nn.Module,
    critic: nn.Module,
    z: Floats,
    steps: int = 20,
    free: npt.NDArray[np.bool_] | None = None,
    held: Floats | None = None,
    tell: Tell = silent,
    show: Callable[[float, Improved], object] | None = None,
) -> Improved:
    """Gradient ascent on the critic along the sphere |z| = const, where N(0, I) lives; the best latent met is kept.

    Args:
        z: (dim,), not all zero.
        free: (dim,) True where a value may change; locked dimensions keep theirs exactly, and the others their norm.
        held: (k, dim) directions along which the latent keeps its place.
        show: told the share done, and the best so far, after each step in place of ``tell``.

    Raises:
        UserError: there is nothing to turn, or no slope to follow.
    """
    locked = np.zeros(len(z), np.bool_) if free is None else ~np.asarray(free, np.bool_)
    basis = held_basis(locked, np.zeros((0, len(z)), np.float32) if held is None else held)
    start: Exact = free_part(z, locked, basis)
    fixed, radius = z.astype(np.float64) - start, float(np.linalg.norm(start))
    if int((~locked).sum()) - len(basis) < 2 or radius <= _ROUNDING * max(1.0, float(np.linalg.norm(z))):
        raise UserError("Improving needs two unlocked values that are not all zero.", "Unlock some, or draw at random.")

    def found(part: Exact, first: float, score: float) -> Improved:
        if part is start:
            return Improved(np.array(z, np.float32), first, score, 0.0)
        latent = np.where(locked, z, (fixed + part).astype(np.float32))
        angle = mean_angle(start.astype(np.float32), part[np.newaxis].astype(np.float32))
        return Improved(latent, first, score, angle if angle is not None else 0.0)

    part = best = start
    best_score, first = -float("inf"), 0.0
    with one_thread():
        for step in range(steps + 1):
            here = z if part is start else np.where(locked, z, (fixed + part).astype(np.float32))
            value, slope = _slope(generator, critic, here)
            first = value if step == 0 else first
            if value > best_score:
                best, best_score = part, value
            share = (step + 1) / (steps + 1)
            if show is None:
                tell(share)
            else:
                show(share, found(best, first, best_score))
            along = free_part(slope, locked, basis)
            tangent = along - part * (along @ part) / (part @ part)
            length = float(np.linalg.norm(tangent))
            if step == steps or not np.isfinite(length) or length <= _ROUNDING * float(np.linalg.norm(along)):
                break
            turned = part * np.cos(STEP_LENGTH) + tangent / length * radius * np.sin(STEP_LENGTH)
            part = turned * (radius / np.linalg.norm(turned))
    return found(best, first, best_score)


def _slope(generator: nn.Module, critic: nn.Module, z: Floats) -> tuple[float, Floats]:
    """The score of a latent (dim,) and its gradient (dim,)."""
    point = torch.tensor(z, dtype=torch.float32).requires_grad_(True)
    score = critic(generator(point[None]))[0].float()
    if not score.requires_grad:  # an adapter's code may compute without
        raise UserError(
            "This model's code gives no slopes, so there is no way uphill.", "Choose by the critic instead."
        )
    if not bool(torch.isfinite(score)):
        raise no_scores()
    (slope,) = torch.autograd.grad(score, point)
    return float(score.detach()), slope.numpy()
