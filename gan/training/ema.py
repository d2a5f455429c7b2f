"""The moving average of the generator's weights: what is shown, saved and scored."""

from __future__ import annotations

import copy

import torch
from torch import nn


class GeneratorEMA:
    """Averages weights with a half-life in pictures, so that it means the same at any batch size (Karras et al. 2020,
    arXiv 2006.06676). Buffers (the running statistics of batch normalisation) are copied: they are averages already.

    Attributes:
        generator: the averaged network, in eval mode.
    """

    def __init__(self, generator: nn.Module, half_life: int) -> None:
        self.half_life = half_life
        self.generator = copy.deepcopy(generator).eval().requires_grad_(False)

    @torch.no_grad()
    def update(self, source: nn.Module, images: int) -> None:
        """Move towards ``source`` after ``images`` more pictures; a half-life of 0 copies it."""
        weight = 1.0 - 0.5 ** (images / self.half_life) if self.half_life else 1.0
        torch._foreach_lerp_(list(self.generator.parameters()), list(source.parameters()), weight)
        for mine, theirs in zip(self.generator.buffers(), source.buffers(), strict=True):
            mine.copy_(theirs)
