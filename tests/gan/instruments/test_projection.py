"""A generator's own pictures are found again."""

from __future__ import annotations

import threading
from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import nn

from gan.config import ModelConfig
from gan.errors import UserError
from gan.images import to_uint8
from gan.instruments.projection import _BETAS, Projection, _Adam, project
from gan.latent.draws import draw
from gan.models import build_critic


def test_finds_the_latent_of_a_picture(make_generator: Callable[..., nn.Module]) -> None:
    generator = make_generator(6)
    picture = to_uint8(generator(torch.from_numpy(draw(1, 6, 99))).numpy())[0]
    shares: list[Projection] = []
    found, *others = project(generator, picture, 6, restarts=6, steps=150, good_enough=2e-4, tell=shares.append)
    again = to_uint8(generator(torch.from_numpy(found.z[None])).numpy())[0]
    mse = float(np.mean(((again.astype(float) - picture) / 255) ** 2))
    assert found.mse < 1e-3 and mse == pytest.approx(found.mse, abs=2e-4)
    assert [one.mse for one in shares] == sorted((one.mse for one in shares), reverse=True)
    assert found.share == 1.0 and len(others) == 5
    errors = [one.mse for one in (found, *others)]
    assert errors == sorted(errors) and np.isfinite(errors).all()


def test_the_critic_only_adds_to_the_loss(make_generator: Callable[..., nn.Module]) -> None:
    generator = make_generator(4)
    torch.manual_seed(0)
    critic = build_critic(ModelConfig(image_size=32, z_dim=4, width=4)).eval().requires_grad_(False)
    picture = to_uint8(generator(torch.from_numpy(draw(1, 4, 5))).numpy())[0]
    before = [parameter.clone() for parameter in critic.parameters()]
    found = project(generator, picture, 4, critic, restarts=3, steps=60)[0]
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
    assert project(generator, picture, 1, restarts=4, steps=80)[0].mse < 1e-3


def test_many_starts_are_searched_a_few_at_a_time(make_generator: Callable[..., nn.Module]) -> None:
    generator = make_generator(4)
    sizes: list[int] = []
    generator.register_forward_pre_hook(lambda _module, given: sizes.append(len(given[0])))
    picture = to_uint8(generator(torch.from_numpy(draw(1, 4, 5))).numpy())[0]
    sizes.clear()
    found = project(generator, picture, 4, restarts=11, steps=6)
    assert len(found) == 11 and sizes == [8, 3] * 3 + [5] * 3
    latents = draw(11, 4, 0)
    pictures = to_uint8(generator(torch.from_numpy(latents)).numpy())
    wanted = np.mean(((pictures.astype(float) - picture) / 255) ** 2, axis=(1, 2, 3))
    at_once = project(generator, picture, 4, restarts=11, steps=1)
    assert [one.mse for one in at_once] == pytest.approx(np.sort(wanted), abs=1e-4)
    assert np.array_equal(at_once[0].z, latents[wanted.argmin()])


def test_a_model_without_gradients_is_refused() -> None:
    class Elsewhere(nn.Module):
        def forward(self, z: torch.Tensor) -> torch.Tensor:
            return torch.zeros(len(z), 3, 8, 8)

    with pytest.raises(UserError, match="no gradients"):
        project(Elsewhere(), np.zeros((8, 8, 3), np.uint8), 4)


def test_its_steps_are_adams() -> None:
    torch.manual_seed(0)
    z = torch.randn(4, 7)
    theirs = z.clone().requires_grad_(True)
    optimiser, ours = torch.optim.Adam([theirs], 0.1, _BETAS), _Adam(*torch.zeros(2, 4, 7))
    for step in range(20):
        if step == 8:  # half of the rows go
            state = {name: v[:2] if v.ndim else v for name, v in optimiser.state[theirs].items()}
            theirs = theirs.detach()[:2].clone().requires_grad_(True)
            optimiser = torch.optim.Adam([theirs], 0.1, _BETAS)
            optimiser.state[theirs] = state
            z, ours = z[:2], ours.of(torch.arange(2))
        gradient = torch.randn_like(z)
        theirs.grad = gradient.clone()
        optimiser.step()
        z = z - 0.1 * ours.direction(gradient)
    torch.testing.assert_close(z, theirs.detach())


def test_who_uses_the_critic_meanwhile_does_not_disturb_it(make_generator: Callable[..., nn.Module]) -> None:
    generator = make_generator(4)
    torch.manual_seed(0)
    critic = build_critic(ModelConfig(image_size=32, z_dim=4, width=4)).eval().requires_grad_(False)
    picture = to_uint8(generator(torch.from_numpy(draw(1, 4, 5))).numpy())[0]

    def search() -> np.ndarray:
        return np.stack([one.z for one in project(generator, picture, 4, critic, restarts=2, steps=9)])

    alone, stop = search(), threading.Event()

    def others() -> None:
        while not stop.is_set():
            critic(torch.rand(5, 3, 32, 32))

    thread = threading.Thread(target=others)
    thread.start()
    try:
        for _ in range(3):
            np.testing.assert_array_equal(search(), alone)
    finally:
        stop.set()
        thread.join()
