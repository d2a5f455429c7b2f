"""The critic's opinion, read with care.

A Wasserstein critic is no classifier and its score no probability: it has no zero and no unit, and differs by an
unknown constant from run to run (Arjovsky et al. 2017, arXiv 1701.07875). Only ranks mean something, so a score is
always told as a percentile among the scores of other pictures.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from gan.checkpoints import MAX_HEADER
from gan.errors import UserError
from gan.images import Bytes, Floats, to_float, to_uint8
from gan.instruments import Tell, silent
from gan.latent.draws import draw
from gan.metrics.features import features
from gan.rendering import one_thread

_BATCH = 64
_MANY = 512  # pictures that a mean distance is taken over at most: pairs grow with the square


def holds_critic(path: Path) -> bool:
    """Whether a checkpoint of this program's own format has a critic in it; only its header is read. False for any
    other file, and for one that cannot be read."""
    try:
        with open(path, "rb") as file:
            length = struct.unpack("<Q", file.read(8))[0]
            names = json.loads(file.read(length)) if length <= MAX_HEADER else {}
    except (OSError, ValueError, struct.error, RecursionError):
        return False
    return isinstance(names, dict) and any(str(name).startswith("critic.") for name in names)


@dataclass(frozen=True, eq=False)
class Judged:
    """What the critic thinks of some pictures, and what these look like, to tell how much they differ."""

    scores: Floats
    """(n,)"""
    looks: Floats
    """(n, d): :func:`gan.metrics.features.features`."""


def judge(generator: nn.Module, critic: nn.Module, latents: Floats, tell: Tell = silent) -> Judged:
    """Draw, score and look at the pictures of ``latents`` (n, dim), n at least 1."""
    looks: list[Floats] = []

    def look(z: Tensor) -> Tensor:
        images = generator(z)
        looks.append(features(to_uint8(images[:, :3].float().numpy())))
        scores: Tensor = critic(images)
        return scores

    scores = _in_batches(latents, look, tell)
    return Judged(scores, np.concatenate(looks))


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
    """Mean distance between two of the chosen as a share of the same between all candidates: 1 is free."""


def best_of(candidates: Floats, scores: Floats, keep: int, looks: Floats | None = None) -> BestOf:
    """The ``keep`` of ``candidates`` (n, dim) with the highest ``scores`` (n,).

    Args:
        looks: (n, d) what distances are taken between: :attr:`Judged.looks`. The latents themselves unless given;
            of many dimensions any two lie nearly as far apart, so these tell less.

    Raises:
        UserError: fewer candidates than to be kept, or none to be kept.
    """
    if not 1 <= keep <= len(candidates):
        raise UserError(f"{keep} of {len(candidates)} cannot be kept.", "Draw more, or keep fewer.")
    order = np.argsort(-scores, kind="stable")[:keep]
    rows = candidates if looks is None else looks
    spread = _mean_distance(rows)
    diversity = _mean_distance(rows[order]) / spread if keep > 1 and spread > 0 else 1.0
    return BestOf(candidates[order], scores[order], order, diversity)


def best_of_each(candidates: Floats, scores: Floats, group: int) -> Floats:
    """(n / group, dim): of every ``group`` rows of ``candidates`` (n, dim) in turn the one with the highest score.

    Raises:
        UserError: the candidates do not make whole groups.
    """
    if group < 1 or len(candidates) % group:
        raise UserError(f"{len(candidates)} candidates do not make groups of {group}.")
    best = scores.reshape(-1, group).argmax(1)
    return np.asarray(candidates[np.arange(len(best)) * group + best])


def diversity_of_best(scores: Floats, looks: Floats, group: int) -> float:
    """How far apart two pictures lie, each of which is the best of ``group`` random ones, as a share of how far apart
    two random ones lie. 1: choosing costs nothing; 0: it always gives the same picture.

    Every group of the n pictures given is counted, not some by lot: the r-th best of them is the best of its group with
    the probability C(n - r, group - 1) / C(n, group).

    Args:
        scores: (n,) of random pictures, n at least ``group``.
        looks: (n, d) of the same.
    """
    best_first = np.argsort(-scores, kind="stable")
    points = torch.tensor(looks[best_first])
    distances = torch.cdist(points, points).double().numpy()
    n = len(scores)
    chances = np.zeros(n)
    left = group / n  # C(n - 1, group - 1) / C(n, group): the best of all is in the group
    for rank in range(n - group + 1):
        chances[rank] = left
        left *= (n - rank - group) / (n - rank - 1) if rank < n - 1 else 0.0
    return _expected(distances, chances) / plain if (plain := _expected(distances, np.ones(n))) > 0 else 1.0


def _expected(distances: npt.NDArray[np.float64], chances: npt.NDArray[np.float64]) -> float:
    """The mean distance of two different pictures that come with these chances."""
    pairs = np.outer(chances, chances)
    np.fill_diagonal(pairs, 0.0)
    total = float(pairs.sum())
    return float((pairs * distances).sum() / total) if total > 0 else 0.0


def reference_scores(generator: nn.Module, critic: nn.Module, dim: int, n: int = 512, tell: Tell = silent) -> Floats:
    """Scores (n,) of n random pictures, always the same ones: what a percentile among fakes compares with."""
    return reference(generator, critic, dim, n, tell).scores


def reference(generator: nn.Module, critic: nn.Module, dim: int, n: int = 512, tell: Tell = silent) -> Judged:
    """n random pictures, always the same ones, as the critic sees them."""
    return judge(generator, critic, draw(n, dim, seed=0), tell)


def no_scores() -> UserError:
    """What to say of a critic that has diverged."""
    return UserError("This critic answers with NaN or infinity, so it can rank nothing.", "Open another checkpoint.")


def _in_batches(values: Floats, score: Callable[[Tensor], Tensor], tell: Tell) -> Floats:
    rows = []
    with one_thread(), torch.inference_mode():
        for start in range(0, len(values), _BATCH):
            batch = torch.tensor(values[start : start + _BATCH])  # a copy: what is memory-mapped cannot be written
            rows.append(score(batch).float().numpy())
            if not np.isfinite(rows[-1]).all():
                raise no_scores()
            tell(min(1.0, (start + _BATCH) / len(values)))
    return np.concatenate(rows) if rows else np.empty(0, np.float32)


def _mean_distance(rows: Floats) -> float:
    chosen = rows[:: -(-len(rows) // _MANY)] if len(rows) > _MANY else rows
    points = torch.tensor(np.ascontiguousarray(chosen, np.float32))
    return float(torch.nn.functional.pdist(points).mean()) if len(rows) > 1 else 0.0
