"""Batch normalisation by the statistics of a batch, where a project draws its pictures like that."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from gan.latent.draws import draw

COMPANIONS = 64
"""Latents (seed 0) whose statistics stand for the batch when one picture is drawn."""


def freeze_statistics(network: nn.Module, z_dim: int, device: torch.device) -> None:
    """Store the statistics of fixed latents, so that every picture is the same whatever is drawn beside it."""
    norms = _norms(network)
    momenta = [norm.momentum for norm in norms]
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = 1.0  # the statistics of this one batch
        norm.train()
    network(torch.from_numpy(draw(COMPANIONS, z_dim, seed=0)).to(device))
    for norm, momentum in zip(norms, momenta, strict=True):
        norm.momentum = momentum
        norm.eval()


def together(network: nn.Module, latents: Tensor) -> Tensor:
    """Pictures of latents (N, z_dim) by their own common statistics; what is stored stays."""
    norms = _norms(network)
    momenta = [norm.momentum for norm in norms]
    for norm in norms:
        norm.momentum = 0.0
        norm.train()
    try:
        images: Tensor = network(latents)
    finally:
        for norm, momentum in zip(norms, momenta, strict=True):
            norm.momentum = momentum
            norm.eval()
    return images


def _norms(network: nn.Module) -> list[nn.modules.batchnorm._BatchNorm]:
    return [module for module in network.modules() if isinstance(module, nn.modules.batchnorm._BatchNorm)]
