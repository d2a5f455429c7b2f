"""A generator's own pictures are found again."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import nn

from gan.config import ModelConfig
from gan.images import to_uint8
from gan.instruments.projection import Projection, project
from gan.latent.draws import draw
from gan.models import build_critic


def test_finds_the_latent_of_a_picture(make_generator: Callable[..., nn.Module]) -> None:
    generator = make_generator(6)
    picture = to_uint8(generator(torch.from_numpy(draw(1, 6, 99))).numpy())[0]
    shares: list[Projection] = []
    found = project(generator, picture, 6, restarts=6, steps=150, good_enough=2e-4, tell=shares.append)
    again = to_uint8(generator(torch.from_numpy(found.z[None])).numpy())[0]
    mse = float(np.mean(((again.astype(float) - picture) / 255) ** 2))
    assert found.mse < 1e-3 and mse == pytest.approx(found.mse, abs=2e-4)
    assert [one.mse for one in shares] == sorted((one.mse for one in shares), reverse=True)
    assert found.share == 1.0


def test_the_critic_only_adds_to_the_loss(make_generator: Callable[..., nn.Module]) -> None:
    generator = make_generator(4)
    torch.manual_seed(0)
    critic = build_critic(ModelConfig(image_size=32, z_dim=4, width=4)).eval().requires_grad_(False)
    picture = to_uint8(generator(torch.from_numpy(draw(1, 4, 5))).numpy())[0]
    before = [parameter.clone() for parameter in critic.parameters()]
    found = project(generator, picture, 4, critic, restarts=3, steps=60)
    assert np.isfinite(found.mse) and found.mse < 0.02
    assert all(torch.equal(a, b) for a, b in zip(before, critic.parameters(), strict=True))
    assert not any(part._forward_hooks for part in critic.modules())


def test_it_can_be_ended_at_any_step(make_generator: Callable[..., nn.Module]) -> None:
    class EnoughError(Exception):
        pass

    calls = []

    def stop(found: Projection) -> None:
        calls.append(found)
        if len(calls) == 3:
            raise EnoughError

    with pytest.raises(EnoughError):
        project(make_generator(4), np.zeros((32, 32, 3), np.uint8), 4, restarts=2, tell=stop)
    assert len(calls) == 3


def test_one_channel_and_one_dimension(make_generator: Callable[..., nn.Module]) -> None:
    generator = make_generator(1, 1)
    picture = to_uint8(generator(torch.tensor([[0.7]])).numpy())[0]
    assert project(generator, picture, 1, restarts=4, steps=80).mse < 1e-3
