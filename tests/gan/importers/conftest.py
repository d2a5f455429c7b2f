"""Small generators of other projects, written by hand from their published layouts, and files that hold them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from gan.latent.draws import draw

FIXTURES = Path("/work/shared/fixtures")


def lively(network: nn.Module, z: Callable[[int], Tensor], batches: int = 60) -> nn.Module:
    """Weights with contrast and normalisation that has seen many batches, as after training; in eval mode."""
    torch.manual_seed(0)
    with torch.no_grad():
        for weight in network.parameters():
            if weight.dim() > 1:
                weight.normal_(0, 1.6 / np.sqrt(weight[0].numel()))
        network.train()
        for _ in range(batches):
            network(z(32))
    return network.eval()


def dcgan(
    width: int = 4,
    z_dim: int = 6,
    channels: int = 3,
    doublings: int = 2,
    *,
    kernel: int = 4,
    activation: Callable[[], nn.Module] = nn.ReLU,
    bias: bool = False,
    norm: bool = True,
) -> nn.Sequential:
    """pytorch/examples' generator without its outer module: 4 x 4, then doubled."""
    layers: list[nn.Module] = []
    maps = width * 2 ** (doublings - 1)
    layers += [nn.ConvTranspose2d(z_dim, maps, kernel, 1, 0, bias=bias)]
    for _ in range(doublings):
        layers += [nn.BatchNorm2d(maps)] if norm else []
        layers += [activation()]
        last = len([layer for layer in layers if isinstance(layer, nn.ConvTranspose2d)]) == doublings
        layers += [nn.ConvTranspose2d(maps, channels if last else maps // 2, 4, 2, 1, bias=bias)]
        maps //= 2
    return nn.Sequential(*layers, nn.Tanh())


def spatial(z_dim: int) -> Callable[[int], Tensor]:
    """Latents as DCGANs take them: (N, z_dim, 1, 1)."""
    return lambda n: torch.randn(n, z_dim, 1, 1)


class Main(nn.Module):
    """A generator under ``main``, as in pytorch/examples."""

    def __init__(self, main: nn.Module) -> None:
        super().__init__()
        self.main = main

    def forward(self, z: Tensor) -> Tensor:
        return self.main(z)


@pytest.fixture(scope="session")
def generator() -> nn.Module:
    """A small DCGAN (z 6, RGB, 16 px) under ``main``."""
    return Main(lively(dcgan(), spatial(6)))


@pytest.fixture(scope="session")
def truth(generator: nn.Module) -> np.ndarray:
    """What :func:`generator` makes of ``draw(3, 6, 0)``."""
    return answer(generator, draw(3, 6, 0)[:, :, None, None])


def answer(network: nn.Module, latents: np.ndarray) -> np.ndarray:
    """A network's own output."""
    with torch.no_grad():
        return network.eval()(torch.from_numpy(np.array(latents))).numpy()


@pytest.fixture
def canary(tmp_path: Path) -> Iterator[Path]:
    """A file that only code from a hostile checkpoint would make."""
    path = tmp_path / "canary"
    yield path
    assert not path.exists(), "code from a file was executed"
