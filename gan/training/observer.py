"""What the critic says of pictures it was not trained on. Looking changes nothing: a run that is looked at more often
ends with the same weights."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from gan.training import sampler
from gan.training.augment import overfitting
from gan.training.feed import Feed, Indices

PICTURES = 128
"""At most so many of each kind are looked at for an estimate."""


@dataclass(frozen=True)
class Observation:
    """Mean scores of the critic."""

    training: float
    held_out: float
    generated: float

    @property
    def overfitting(self) -> float:
        """See :func:`gan.training.augment.overfitting`."""
        return overfitting(self.training, self.held_out, self.generated)


class Observer:
    """Judges pictures with the networks as they are.

    Args:
        score: pictures -> the critic's scores, as in training (precision, augmentation).
        batch: pictures judged at once, as in training, for the sake of batch normalisation.
    """

    def __init__(
        self, generator: nn.Module, critic: nn.Module, feed: Feed, score: Callable[[Tensor], Tensor], batch: int
    ) -> None:
        self._generator, self._critic, self._feed, self._score = generator, critic, feed, score
        self._batch = batch

    def held_out_estimate(self) -> float | None:
        """Mean score of held-out pictures minus that of generated ones, of pictures and latents that are always the
        same; None where no pictures are held out."""
        held_out = self._feed.held_out
        if not len(held_out):
            return None
        n = min(PICTURES, len(held_out))
        with self._looking():
            return self._of_pictures(_spread(held_out, n)) - self._of_generator(0, n)

    def drawn(self, seed: int, position: int) -> Observation:
        """Of one batch of each kind, drawn anew for each ``position`` (from 1)."""
        draw = sampler.stream(seed, sampler.OBSERVED, position)
        n = min(self._batch, len(self._feed.held_out))
        training, held_out = (draw.choice(some, n) for some in (self._feed.training, self._feed.held_out))
        with self._looking():
            return Observation(
                self._of_pictures(training), self._of_pictures(held_out), self._of_generator(position, n)
            )  # fmt: skip

    @contextmanager
    def _looking(self) -> Iterator[None]:
        with torch.no_grad(), _statistics_kept(self._generator), _statistics_kept(self._critic):
            yield

    def _of_generator(self, position: int, n: int) -> float:
        latents = self._feed.observed_noise(position, n)
        return _mean([self._score(self._generator(z)) for z in torch.split(latents, self._batch)])

    def _of_pictures(self, indices: Indices) -> float:
        chunks = range(0, len(indices), self._batch)
        return _mean([self._score(self._feed.whole(indices[k : k + self._batch])) for k in chunks])


def _spread(indices: Indices, n: int) -> Indices:
    """``n`` of them from beginning to end: a folder may be sorted by what its pictures show."""
    return indices[np.linspace(0, len(indices) - 1, n).astype(np.int64)]


def _mean(scores: list[Tensor]) -> float:
    return float(torch.cat(scores).cpu().double().mean())  # MPS has no float64


@contextmanager
def _statistics_kept(network: nn.Module) -> Iterator[None]:
    """Batch normalisation works as in training, but its running statistics stay as they are."""
    norms = [module for module in network.modules() if isinstance(module, nn.BatchNorm2d)]
    for norm in norms:
        norm.track_running_stats = False
    try:
        yield
    finally:
        for norm in norms:
            norm.track_running_stats = True
