"""Tangents against torch's own forward mode; what has no rule is refused, never wrong."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn
from torch.func import jvp, vmap
from torch.nn import functional as F

from gan.config import ModelConfig
from gan.instruments.folding import folded
from gan.instruments.tangents import push_forward
from gan.models import build_generator

DIM = 6


def agree(network: nn.Module, dim: int = DIM) -> None:
    network = network.eval().requires_grad_(False)
    torch.manual_seed(1)
    at, directions = torch.randn(dim), torch.randn(5, dim)
    with torch.no_grad():
        true = vmap(lambda v: jvp(lambda z: network(z[None])[0], (at,), (v,))[1])(directions)
        found = push_forward(network, at, directions)
    assert type(found) is Tensor and found.shape == true.shape
    torch.testing.assert_close(found, true, rtol=1e-3, atol=1e-5 * float(true.abs().max()))


def refused(network: nn.Module) -> None:
    with pytest.raises(NotImplementedError), torch.no_grad():
        push_forward(network.eval(), torch.randn(DIM), torch.eye(DIM))


@pytest.mark.parametrize("fold", [False, True])
def test_own_generators(make_generator: Callable[..., nn.Module], fold: bool) -> None:
    for channels in (1, 3):
        network = make_generator(DIM, channels)
        agree(folded(network) if fold else network)
    torch.manual_seed(0)
    agree(build_generator(ModelConfig(image_size=32, z_dim=DIM, width=4, upsampling="resize")))


def test_layers_of_other_projects() -> None:
    torch.manual_seed(0)
    agree(
        nn.Sequential(
            nn.Unflatten(1, (DIM, 1, 1)),
            nn.ConvTranspose2d(DIM, 8, 4),
            nn.BatchNorm2d(8),
            nn.LeakyReLU(0.2, inplace=True),
            nn.Dropout(),
            nn.Upsample(scale_factor=2, mode="bilinear"),
            nn.Conv2d(8, 12, 3, padding=1),
            nn.ReLU(inplace=True),
            nn.PixelShuffle(2),
            nn.Sigmoid(),
        )
    )


class Written(nn.Module):
    """As people write them."""

    def __init__(self) -> None:
        super().__init__()
        self.one, self.two = nn.Linear(DIM, 16), nn.Linear(16, 16)

    def forward(self, z: Tensor) -> Tensor:
        x = self.one(z.view(z.size(0), -1))
        F.relu(x, inplace=True)
        x = x + torch.tanh(self.two(x)) - 0.5
        return (x * 2 + 1)[:, :, None, None].reshape(-1, 1, 4, 4)


def test_residuals_shifts_and_shapes() -> None:
    torch.manual_seed(0)
    agree(Written())


class Doing(nn.Module):
    def __init__(self, what: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.what = what

    def forward(self, z: Tensor) -> Tensor:
        return self.what(z)


@pytest.mark.parametrize(
    "what",
    [
        lambda z: z * z,
        lambda z: z / z.norm(),
        lambda z: torch.softmax(z, 1),
        lambda z: z[:1],
        lambda z: z.view(1, -1),
        lambda z: z.reshape(-1),
        lambda z: 1 - z,
        lambda z: F.batch_norm(z, None, None, training=True),
        lambda z: F.dropout(z),
        lambda z: torch.ones(7, 3),
        lambda z: torch.zeros(7, 6) + z,
        lambda z: z * torch.ones(6),
        lambda z: z + torch.ones(6),
        lambda z: F.linear(torch.ones(7, 6), z),
    ],
)
def test_what_has_no_rule_is_refused(what: Callable[[Tensor], Tensor]) -> None:
    refused(Doing(what))
