"""The critic's opinion, read with care.

A Wasserstein critic is no classifier and its score no probability: it has no zero and no unit, and differs by an
unknown constant from run to run (Arjovsky et al. 2017, arXiv 1701.07875). Only ranks mean something, so a score is
always told as a percentile among the scores of other pictures.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from gan.errors import UserError
from gan.images import Bytes, Floats, to_float
from gan.instruments import Tell, silent
from gan.latent.draws import draw
from gan.rendering import one_thread

_BATCH = 32
_STEP_LENGTH = 0.05  # radians an ascent step turns the latent by


def fake_scores(generator: nn.Module, critic: nn.Module, latents: Floats, tell: Tell = silent) -> Floats:
    """Scores (n,) of the pictures of ``latents`` (n, dim)."""
    return _in_batches(latents, lambda z: critic(generator(z)), tell)


def real_scores(critic: nn.Module, images: Bytes, tell: Tell = silent) -> Floats:
    """Scores (n,) of pictures (n, H, W, C) uint8."""
    rows = []
    for start in range(0, len(images), _BATCH):
        rows.append(_in_batches(to_float(images[start : start + _BATCH]), critic, silent))
        tell(min(1.0, (start + _BATCH) / len(images)))
    return np.concatenate(rows) if rows else np.empty(0, np.float32)


def percentile(score: float, among: Floats) -> float:
    """The share of ``among`` (n,), 0 ... 100, that lies below ``score``; ties count half."""
    return float(100.0 * ((among < score).mean() + 0.5 * (among == score).mean()))


@dataclass(frozen=True, eq=False)
class BestOf:
    """The latents a critic likes best, and what choosing them costs."""

    latents: Floats
    """(k, dim), best first."""
    scores: Floats
    """(k,)"""
    chosen: npt.NDArray[np.intp]
    """(k,) rows of the candidates they were."""
    diversity: float
    """Mean distance between two of the chosen latents as a share of the same between all candidates: 1 is free."""


def best_of(candidates: Floats, scores: Floats, keep: int) -> BestOf:
    """The ``keep`` of ``candidates`` (n, dim) with the highest ``scores`` (n,).

    Raises:
        UserError: fewer candidates than to be kept, or none to be kept.
    """
    if not 1 <= keep <= len(candidates):
        raise UserError(f"{keep} of {len(candidates)} cannot be kept.", "Draw more, or keep fewer.")
    order = np.argsort(-scores, kind="stable")[:keep]
    spread = _mean_distance(candidates)
    diversity = _mean_distance(candidates[order]) / spread if keep > 1 and spread > 0 else 1.0
    return BestOf(candidates[order], scores[order], order, diversity)


@dataclass(frozen=True, eq=False)
class Improved:
    """A latent before and after some steps uphill."""

    z: Floats
    """(dim,) the best latent met on the way."""
    before: float
    after: float
    """Scores of the latent given and of ``z``; the second is never lower."""
    degrees: float
    """How far the latent turned; 90 would be as far as a random one."""


def improve(
    generator: nn.Module,
    critic: nn.Module,
    z: Floats,
    steps: int = 20,
    free: npt.NDArray[np.bool_] | None = None,
    tell: Tell = silent,
) -> Improved:
    """Gradient ascent on the critic along the sphere |z| = const, where N(0, I) lives; the best latent met is kept.

    Args:
        z: (dim,), not all zero.
        free: (dim,) True where a value may change; locked dimensions keep theirs exactly, and the others their norm.

    Raises:
        UserError: there is nothing to turn.
    """
    mask = np.ones(len(z), np.bool_) if free is None else np.asarray(free, np.bool_)
    radius = float(np.linalg.norm(z[mask]))
    if mask.sum() < 2 or radius == 0:
        raise UserError("Improving needs two unlocked values that are not all zero.", "Unlock some, or draw at random.")
    where = torch.from_numpy(mask)
    with one_thread():
        current = torch.tensor(z, dtype=torch.float32)
        best, best_score, first = current.clone(), -float("inf"), 0.0
        for step in range(steps + 1):
            point = current.clone().requires_grad_(True)
            score = critic(generator(point[None]))[0].float()
            (slope,) = torch.autograd.grad(score, point)
            value = float(score.detach())
            if step == 0:
                first = value
            if value > best_score:
                best, best_score = current.clone(), value
            tell((step + 1) / (steps + 1))
            part, along = current[where], slope[where]
            tangent = along - part * (along @ part) / (part @ part)
            length = tangent.norm()
            if step == steps or not bool(torch.isfinite(length)) or float(length) == 0.0:
                break
            turned = part * np.cos(_STEP_LENGTH) + tangent / length * radius * np.sin(_STEP_LENGTH)
            current[where] = turned * (radius / turned.norm())
    found = best.numpy()
    cosine = float(found[mask] @ z[mask]) / (float(np.linalg.norm(found[mask])) * radius)
    return Improved(found, first, best_score, float(np.degrees(np.arccos(np.clip(cosine, -1.0, 1.0)))))


def reference_scores(generator: nn.Module, critic: nn.Module, dim: int, n: int = 512, tell: Tell = silent) -> Floats:
    """Scores (n,) of n random pictures, always the same ones: what a percentile among fakes compares with."""
    return fake_scores(generator, critic, draw(n, dim, seed=0), tell)


def _in_batches(values: Floats, score: Callable[[Tensor], Tensor], tell: Tell) -> Floats:
    rows = []
    with one_thread(), torch.inference_mode():
        for start in range(0, len(values), _BATCH):
            batch = torch.from_numpy(np.ascontiguousarray(values[start : start + _BATCH]))
            rows.append(score(batch).float().numpy())
            tell(min(1.0, (start + _BATCH) / len(values)))
    return np.concatenate(rows) if rows else np.empty(0, np.float32)


def _mean_distance(rows: Floats) -> float:
    points = torch.from_numpy(np.ascontiguousarray(rows, np.float32))
    return float(torch.nn.functional.pdist(points).mean()) if len(rows) > 1 else 0.0
