"""Jacobians against central differences; planted dead inputs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from gan.instruments.folding import folded
from gan.instruments.sensitivity import JacobianProbe
from gan.latent.draws import draw


def differences(generator: nn.Module, z: np.ndarray, step: float = 1e-5) -> Tensor:
    network, at = generator.double(), torch.tensor(z, dtype=torch.float64)
    eye = torch.eye(len(z), dtype=torch.float64) * step
    found = (network(at + eye) - network(at - eye)) / (2 * step)
    generator.float()
    return found


@pytest.mark.parametrize(("dim", "channels"), [(12, 3), (1, 3), (70, 1)])
def test_sensitivities_are_those_of_central_differences(
    make_generator: Callable[..., nn.Module], dim: int, channels: int
) -> None:
    generator, z = make_generator(dim, channels), draw(1, dim, 5)[0]
    found = JacobianProbe(generator, dim).sensitivity(z)
    reference = differences(generator, z)
    norms = reference.square().sum((1, 2, 3)).sqrt().numpy()
    assert found.norms.shape == (dim,) and found.maps.shape == (dim, 32, 32)
    np.testing.assert_allclose(found.norms, norms, rtol=0.01)
    np.testing.assert_allclose(found.maps, reference.square().sum(1).sqrt().numpy(), atol=0.01 * norms.max())


def test_a_layer_without_forward_mode_is_measured_by_differences(make_generator: Callable[..., nn.Module]) -> None:
    class Stubborn(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Tensor) -> Tensor:
            return x * 2

        @staticmethod
        def backward(ctx: Any, slope: Tensor) -> Tensor:
            return slope * 2

    class Doubled(nn.Module):
        def __init__(self, inner: nn.Module) -> None:
            super().__init__()
            self.inner = inner

        def forward(self, z: Tensor) -> Tensor:
            return Stubborn.apply(self.inner(z))  # type: ignore[no-any-return]

    inner, z = make_generator(), draw(1, 12, 5)[0]
    plain, stubborn = JacobianProbe(inner, 12).sensitivity(z), JacobianProbe(Doubled(inner), 12).sensitivity(z)
    np.testing.assert_allclose(stubborn.norms, 2 * plain.norms, rtol=0.02)


def test_planted_dead_dimensions_are_found_and_no_others(make_generator: Callable[..., Any]) -> None:
    generator = make_generator(20)
    assert not JacobianProbe(generator, 20).dead().any()
    with torch.no_grad():
        generator.project.weight[:, [3, 11]] = 0.0
    assert np.flatnonzero(JacobianProbe(generator, 20).dead()).tolist() == [3, 11]


def test_dead_dimensions_are_sampled_where_the_first_layer_is_not_linear() -> None:
    class Squared(nn.Module):
        def forward(self, z: Tensor) -> Tensor:
            return (z * z * torch.tensor([1.0, 0.0, 1.0])).view(-1, 3, 1, 1)

    assert JacobianProbe(Squared(), 3).dead().tolist() == [False, True, False]


def test_folding_changes_nothing(make_generator: Callable[..., nn.Module]) -> None:
    generator, z = make_generator(), torch.from_numpy(draw(5, 12, 1))
    network = folded(generator)
    assert sum(isinstance(part, nn.BatchNorm2d) for part in network.modules()) == 1  # behind the projection
    torch.testing.assert_close(network(z), generator(z), atol=1e-4, rtol=1e-4)


def test_it_can_be_ended_while_it_works(make_generator: Callable[..., nn.Module]) -> None:
    class EnoughError(Exception):
        pass

    def stop(_share: float) -> None:
        raise EnoughError

    with pytest.raises(EnoughError):
        JacobianProbe(make_generator(), 12).sensitivity(draw(1, 12, 0)[0], stop)
