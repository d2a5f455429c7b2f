"""The score of a generator: every distance beside the same distance between real pictures.

A figure alone says little: it depends on how many pictures are compared, and is not 0 even for a perfect generator.
The *floor* is the figure that other real pictures get in place of the fakes, at equal counts.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import ImageColor

from gan.data.pictures import Frame
from gan.errors import UserError
from gan.images import Bytes, on_ground
from gan.latent.draws import draw
from gan.metrics.features import features
from gan.metrics.frechet import frechet
from gan.metrics.precision_recall import precision_recall
from gan.metrics.swd import level_sizes, swd
from gan.rendering import Renderer

DEFAULT_COUNT = 2000
MIN_COUNT = 8  # pictures of each kind; fewer leave nothing to compare
_RENDERED_AT_ONCE = 20

Progress = Callable[[str, float], None]
"""Told what is going on, in words, and the share of it that is done (0 ... 1)."""


@dataclass(frozen=True)
class Score:
    """Fakes against reals, and reals against other reals (``*_floor``), all at equal counts."""

    n: int
    """Pictures of each kind: fakes, reals, other reals."""
    note: str
    """Why ``n`` is lower than the number of fakes given; empty when it is not."""
    swd: dict[int, float]
    """Pyramid level in pixels -> 1000 times the sliced Wasserstein distance; lower is better."""
    swd_floor: dict[int, float]
    """The same between reals."""
    precision: float
    """Share of fakes that could be real, 0 ... 1; higher is better."""
    recall: float
    """Share of reals that the generator could have drawn, 0 ... 1; higher is better."""
    precision_floor: float
    """Precision that real pictures get; a ceiling in fact."""
    recall_floor: float
    """Recall that real pictures get; a ceiling in fact."""
    frechet: float
    """Fréchet distance in the features of :mod:`gan.metrics.features`; lower is better."""
    frechet_floor: float
    """The same between reals."""

    @property
    def swd_mean(self) -> float:
        """Mean over the levels."""
        return sum(self.swd.values()) / len(self.swd)

    @property
    def swd_floor_mean(self) -> float:
        """Mean over the levels."""
        return sum(self.swd_floor.values()) / len(self.swd_floor)

    @property
    def swd_ratio(self) -> float:
        """How many times the floor the distance is; 1 is perfect, infinity where the reals do not differ at all."""
        return self.swd_mean / self.swd_floor_mean if self.swd_floor_mean > 0 else math.inf

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values; levels are strings beside ``mean``, an infinite ratio is null."""
        return {
            "n": self.n,
            "note": self.note,
            "swd": {**{str(size): value for size, value in self.swd.items()}, "mean": self.swd_mean},
            "swd_floor": {**{str(size): value for size, value in self.swd_floor.items()}, "mean": self.swd_floor_mean},
            "swd_ratio": self.swd_ratio if math.isfinite(self.swd_ratio) else None,
            "precision": self.precision,
            "precision_floor": self.precision_floor,
            "recall": self.recall,
            "recall_floor": self.recall_floor,
            "frechet": self.frechet,
            "frechet_floor": self.frechet_floor,
        }


def score(fakes: Bytes, reals: Bytes, seed: int = 0, progress: Progress | None = None) -> Score:
    """Measure fakes against reals.

    Two disjoint random sets of n reals are drawn: the fakes and the second set are each compared with the first.
    n is the number of fakes, or half the number of reals where that is less.

    Args:
        fakes: (n, H, W, C) independent samples, H = W a power of two from 16 up, C = 1 or 3.
        reals: (m, H, W, C).
        seed: of the choice of reals, patches and directions; the same seed gives the same score, digit for digit.

    Raises:
        UserError: the pictures do not match in size or channels, or there are too few.
    """
    _check(fakes, reals)
    tell = progress or (lambda _text, _share: None)
    n = min(len(fakes), len(reals) // 2)
    note = ""
    if n < len(fakes):
        note = f"{len(reals)} real pictures make two disjoint sets of {n}, so {n} of {len(fakes)} fakes were compared."
    order = np.random.default_rng(seed).permutation(len(reals))
    chosen, first, second = fakes[:n], reals[np.sort(order[:n])], reals[np.sort(order[n : 2 * n])]

    distance, floor = swd(first, (chosen, second), seed, lambda share: tell("Comparing patches", share))
    found = []
    for index, images in enumerate((chosen, first, second)):
        found.append(features(images))
        tell("Comparing features", (index + 1) / 3)
    of_fakes, of_first, of_second = found
    judged, ideal = precision_recall(of_first, of_fakes), precision_recall(of_first, of_second)
    return Score(
        n=n,
        note=note,
        swd=distance,
        swd_floor=floor,
        precision=judged.precision,
        recall=judged.recall,
        precision_floor=ideal.precision,
        recall_floor=ideal.recall,
        frechet=frechet(of_first, of_fakes),
        frechet_floor=frechet(of_first, of_second),
    )


def render_fakes(renderer: Renderer, n: int = DEFAULT_COUNT, seed: int = 0, progress: Progress | None = None) -> Bytes:
    """(n, H, W, C): the pictures that ``sample --n N --seed S`` draws.

    Raises:
        UserError: no such seed, or the model answers with NaN.
    """
    latents = draw(n, renderer.dim, seed)
    parts = []
    for start in range(0, n, _RENDERED_AT_ONCE):
        parts.append(renderer.pixels(latents[start : start + _RENDERED_AT_ONCE]))
        if progress is not None:
            progress("Drawing pictures", min(1.0, (start + _RENDERED_AT_ONCE) / n))
    return np.concatenate(parts)


def opaque(images: Bytes, ground: str = "#ffffff") -> Bytes:
    """(n, H, W, 3) on ``ground`` for pictures with transparency (n, H, W, 4); others as they are.

    Raises:
        UserError: ``ground`` is no opaque colour.
    """
    if images.shape[-1] != 4:
        return images
    return on_ground(images, ImageColor.getrgb(Frame(images.shape[1], 3, ground=ground).ground))


def _check(fakes: Bytes, reals: Bytes) -> None:
    if fakes.shape[1:] != reals.shape[1:]:
        kinds = [f"{h} × {w} px with {c} channel{'s' if c > 1 else ''}" for _, h, w, c in (fakes.shape, reals.shape)]
        raise UserError(f"The model draws {kinds[0]}, but the data holds {kinds[1]}.", "Choose the model's own data.")
    if len(fakes) < MIN_COUNT or len(reals) < 2 * MIN_COUNT:
        raise UserError(
            f"{len(fakes)} fake and {len(reals)} real pictures are too few to compare.",
            f"A score takes at least {MIN_COUNT} fakes and {2 * MIN_COUNT} real pictures.",
        )
    if fakes.shape[1] != fakes.shape[2]:
        raise UserError("Only square pictures can be scored.")
    try:
        level_sizes(fakes.shape[1])
    except ValueError as error:
        raise UserError(f"The score cannot compare them: {error}.") from error
