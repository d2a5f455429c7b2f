"""Batch normalisation that takes a batch as several: real and generated pictures in one pass, each as if alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn


class BatchNormOfParts(nn.BatchNorm2d):
    """As if the equally large parts of a batch came one after the other; in training only.

    Attributes:
        parts: how many there are; :func:`in_parts` sets it for one call.
    """

    parts = 1

    def forward(self, x: Tensor) -> Tensor:
        if self.parts == 1 or not self.training:
            return super().forward(x)
        # split, not slices: its gradient is put together at once instead of being added to zeros
        parts = torch.split(x, len(x) // self.parts)
        return torch.cat([super(BatchNormOfParts, self).forward(part) for part in parts])


def can_take_parts(network: nn.Module) -> bool:
    """Whether no layer of ``network`` would mix the parts of a batch."""
    return all(isinstance(m, BatchNormOfParts) for m in network.modules() if isinstance(m, nn.BatchNorm2d))


@contextmanager
def in_parts(network: nn.Module, parts: int) -> Iterator[None]:
    """The batches of ``network`` consist of so many parts."""
    norms = [module for module in network.modules() if isinstance(module, BatchNormOfParts)]
    for norm in norms:
        norm.parts = parts
    try:
        yield
    finally:
        for norm in norms:
            norm.parts = 1
