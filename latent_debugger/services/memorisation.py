"""Copies and collapse off the GUI thread. Plain functions, run by the InstrumentService."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from gan.images import Bytes, Floats, to_uint8
from gan.instruments import Tell
from gan.instruments.memorisation import (
    Match,
    TrainingIndex,
    Verdict,
    build_index,
    describe,
    judge_described,
    nearest,
)
from gan.instruments.subject import Subject
from gan.latent.draws import draw
from gan.rendering import one_thread

NEAREST = 5
_BATCH, _DESCRIBED = 8, 64  # pictures drawn, and described, at once: all of them may not fit into memory
_DRAWN = 0.9  # of the work


@dataclass(frozen=True, eq=False)
class Near:
    """A training picture near the one on the canvas."""

    match: Match
    image: Bytes
    """(H, W, 1 or 3), in memory."""


@dataclass(frozen=True, eq=False)
class Checked:
    """A verdict, and what its pairs look like."""

    verdict: Verdict
    latents: Floats
    """(count, dim) of the generated pictures."""
    training: tuple[Bytes, ...]
    """The second picture of each of ``verdict.near_training``, in memory."""


def make_index(images: Bytes, tell: Tell) -> TrainingIndex:
    """Describe the training pictures (n, H, W, 1 or 3).

    Raises:
        UserError: fewer than two.
        CancelledWorkError: nobody wants it any more.
    """
    return build_index(images, tell)


def look_up(index: TrainingIndex, images: Bytes, picture: Bytes) -> list[Near]:
    """The training pictures nearest to ``picture`` (H, W, 1, 3 or 4), the nearest first."""
    return [Near(match, images[match.index].copy()) for match in nearest(index, _opaque(picture), NEAREST)]


def check(subject: Subject, tell: Tell, index: TrainingIndex, images: Bytes, count: int, seed: int = 0) -> Checked:
    """Draw ``count`` pictures, and look for copies and collapse among them.

    Raises:
        CancelledWorkError: nobody wants it any more.
    """
    latents, rows = draw(count, subject.dim, seed), []
    for start in range(0, count, _DESCRIBED):
        pictures = []
        for part in range(start, min(start + _DESCRIBED, count), _BATCH):
            with one_thread(), torch.inference_mode():
                end = min(part + _BATCH, start + _DESCRIBED, count)
                pictures.append(to_uint8(subject.generator(torch.from_numpy(latents[part:end])).numpy()))
            tell(_DRAWN * part / count)
        rows.append(describe(_opaque(np.concatenate(pictures))))
    drawn = np.concatenate(rows)
    verdict = judge_described(index, drawn, seed, lambda share: tell(_DRAWN + (1 - _DRAWN) * share))
    return Checked(verdict, latents, tuple(images[pair.second].copy() for pair in verdict.near_training))


def _opaque(pictures: Bytes) -> Bytes:
    """Without transparency: training pictures have none."""
    return pictures[..., :3] if pictures.shape[-1] == 4 else pictures
