"""The speed along a path, against pictures drawn one by one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from gan.checkpoints import CheckpointInfo
from gan.config import ModelConfig
from gan.errors import UserError
from gan.instruments.paths import KeyFrame, Route
from gan.instruments.speed import measure
from gan.instruments.subject import Subject, subject_of
from gan.latent.draws import draw


def subject(generator: nn.Module, z_dim: int, channels: int) -> Subject:
    config = ModelConfig(image_size=32, z_dim=z_dim, channels=channels, width=4)
    return subject_of(CheckpointInfo(Path("x"), "dcgan", config, step=0), generator)


@pytest.mark.parametrize(("z_dim", "channels"), [(12, 3), (1, 1)])
def test_the_speed_is_that_of_the_pictures(make_generator: Callable[..., nn.Module], z_dim: int, channels: int) -> None:
    generator = make_generator(z_dim, channels)
    route = Route(tuple(KeyFrame(z, 0.5) for z in draw(3, z_dim, 2)))
    found = measure(subject(generator, z_dim, channels), route, n=8)
    with torch.inference_mode():
        latents = np.stack([route.at(t) for t in np.linspace(0, 1, 9)])
        pictures = (torch.cat([generator(torch.tensor(z[None])) for z in latents]).double() + 1) / 2
    wanted = (pictures[1:] - pictures[:-1]).square().mean((1, 2, 3)).sqrt().numpy() * 8
    np.testing.assert_allclose(found.shown.speeds, wanted, rtol=1e-4, atol=1e-7)
    assert found.clock is None and found.shown_at(0.3) == 0.3


def test_constant_speed_is_measured_as_it_is_shown(make_generator: Callable[..., nn.Module]) -> None:
    a, b = draw(2, 12, 2)
    route = Route((KeyFrame(a, 2.0, "in"), KeyFrame(b)))
    told: list[float] = []
    found = measure(subject(make_generator(), 12, 3), route, True, told.append, 100)
    assert found.clock is not None

    def spread(speeds: np.ndarray) -> float:
        return float(speeds.std() / speeds.mean())

    assert spread(found.shown.speeds) < 0.1 < 0.3 < spread(found.own.speeds)
    assert found.shown_at(found.clock(0.7)) == pytest.approx(0.7, abs=1e-6)
    assert told == sorted(told) and len(told) == 200 and told[-1] < 1


def test_it_can_be_ended(make_generator: Callable[..., nn.Module]) -> None:
    def tell(share: float) -> None:
        if share > 0.6:
            raise UserError("Cancelled.")

    route = Route(tuple(KeyFrame(z) for z in draw(2, 12, 2)))
    with pytest.raises(UserError, match="Cancelled"):
        measure(subject(make_generator(), 12, 3), route, True, tell, 10)
