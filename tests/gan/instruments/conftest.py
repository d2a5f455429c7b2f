"""Small networks whose answers are known."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from gan.config import ModelConfig
from gan.models import build_generator


class Planted(nn.Module):
    """z (N, dim) -> pictures (N, 1, 4, 4): linear, along known axes of known strength."""

    def __init__(self, axes: Tensor, strengths: Tensor) -> None:
        super().__init__()
        dim = axes.shape[1]
        self.project = nn.Linear(dim, 16, bias=False)
        with torch.no_grad():
            pixels = torch.linalg.qr(torch.randn(16, 16, generator=torch.Generator().manual_seed(3)))[0]
            self.project.weight.copy_(pixels[:, : len(axes)] @ torch.diag(strengths) @ axes)

    def forward(self, z: Tensor) -> Tensor:
        return self.project(z).view(len(z), 1, 4, 4)


@pytest.fixture
def axes() -> Tensor:
    """(3, 8) orthonormal"""
    return torch.linalg.qr(torch.randn(8, 8, generator=torch.Generator().manual_seed(1)))[0][:3]


@pytest.fixture
def planted(axes: Tensor) -> Planted:
    return Planted(axes, torch.tensor([4.0, 2.0, 1.0])).eval().requires_grad_(False)


@pytest.fixture
def make_generator() -> Callable[..., nn.Module]:
    """A DCGAN generator with random weights and running statistics that are not trivial."""

    def make(z_dim: int = 12, channels: int = 3, seed: int = 0) -> nn.Module:
        torch.manual_seed(seed)
        generator = build_generator(ModelConfig(image_size=32, z_dim=z_dim, channels=channels, width=4))
        with torch.no_grad():
            for parameter in generator.parameters():
                parameter.mul_(4.0)
        generator.train()
        for _ in range(3):
            generator(torch.randn(16, z_dim))
        return generator.eval().requires_grad_(False)

    return make
