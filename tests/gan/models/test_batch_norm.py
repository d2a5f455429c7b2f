from __future__ import annotations

import copy

import torch
from torch import nn

from gan.config import ModelConfig
from gan.models import build_critic
from gan.models.batch_norm import can_take_parts, in_parts


def test_two_parts_in_one_pass_are_two_passes() -> None:
    torch.manual_seed(0)
    together = build_critic(ModelConfig(image_size=32, width=4, norm="batch")).double()
    apart = copy.deepcopy(together)
    real, fake = (torch.randn(6, 3, 32, 32, dtype=torch.float64) * scale for scale in (1, 3))
    with in_parts(together, 2):
        one = together(torch.cat([real, fake]))
    two = torch.cat([apart(real), apart(fake)])
    torch.testing.assert_close(one, two, rtol=1e-10, atol=1e-12)
    one.square().sum().backward()
    two.square().sum().backward()
    for ours, theirs in zip(together.parameters(), apart.parameters(), strict=True):
        torch.testing.assert_close(ours.grad, theirs.grad, rtol=1e-9, atol=1e-12)
    for ours, theirs in zip(together.buffers(), apart.buffers(), strict=True):
        torch.testing.assert_close(ours, theirs)
    mixed = together(torch.cat([real, fake]))  # without telling, the statistics are those of all
    assert not torch.allclose(mixed, two)


def test_in_use_there_are_no_parts() -> None:
    critic = build_critic(ModelConfig(image_size=32, width=2, norm="batch")).eval()
    pictures = torch.randn(4, 3, 32, 32)
    with in_parts(critic, 2):
        assert torch.equal(critic(pictures), critic(pictures))
        assert torch.allclose(critic(pictures)[:1], critic(pictures[:1]), atol=1e-6)


def test_which_networks_can() -> None:
    assert all(can_take_parts(build_critic(ModelConfig(width=2, norm=norm))) for norm in ("batch", "layer", "none"))
    assert not can_take_parts(nn.Sequential(nn.Conv2d(3, 3, 1), nn.BatchNorm2d(3)))
