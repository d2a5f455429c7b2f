"""The papers' optimisers."""

from __future__ import annotations

import torch
from torch import nn

from gan.config import TrainConfig


def make_optimiser(network: nn.Module, config: TrainConfig) -> torch.optim.Optimizer:
    """RMSprop for wgan, Adam for the others; the learning rate is set before each update."""
    if config.objective == "wgan":  # momentum made the authors' critic unstable (arXiv 1701.07875, section 4.3)
        return torch.optim.RMSprop(network.parameters(), config.learning_rate)
    betas = (float(config.beta1), float(config.beta2))  # an int raises in torch 2.13
    return torch.optim.Adam(network.parameters(), config.learning_rate, betas, fused=True)


def set_learning_rate(optimiser: torch.optim.Optimizer, rate: float) -> None:
    """The step size from now on."""
    for group in optimiser.param_groups:
        group["lr"] = rate
