"""Jacobians against central differences; planted dead inputs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from gan.checkpoints import CheckpointInfo, load_checkpoint, save_checkpoint
from gan.config import ModelConfig
from gan.errors import UserError
from gan.exporters.onnx import export_onnx
from gan.instruments.folding import folded
from gan.instruments.sensitivity import JacobianProbe
from gan.instruments.subject import open_subject
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
    healthy = JacobianProbe(generator, 20).dead()
    assert healthy.exact and not healthy.mask.any()
    with torch.no_grad():
        generator.project.weight[:, [3, 11]] = 0.0
    found = JacobianProbe(generator, 20).dead()
    assert found.exact and np.flatnonzero(found.mask).tolist() == [3, 11]


def test_dead_dimensions_are_sampled_where_the_first_layer_is_not_linear() -> None:
    class Squared(nn.Module):
        def forward(self, z: Tensor) -> Tensor:
            return (z * z * torch.tensor([1.0, 0.0, 1.0])).view(-1, 3, 1, 1)

    found = JacobianProbe(Squared(), 3).dead()
    assert found.mask.tolist() == [False, True, False] and not found.exact


def test_a_dimension_that_goes_past_the_first_layer_is_not_dead() -> None:
    class Bypass(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.first = nn.Linear(3, 3, bias=False)
            with torch.no_grad():
                self.first.weight.copy_(torch.diag(torch.tensor([1.0, 0.0, 0.0])))

        def forward(self, z: Tensor) -> Tensor:
            return (self.first(z) + z * torch.tensor([0.0, 0.0, 1.0])).view(-1, 3, 1, 1)

    assert JacobianProbe(Bypass(), 3).dead().mask.tolist() == [False, True, False]


def test_a_gradient_that_vanishes_where_pictures_are_saturated_is_no_dead_dimension() -> None:
    class Saturated(nn.Module):
        def forward(self, z: Tensor) -> Tensor:  # the second changes pictures far from the first only
            return torch.stack([z[:, 0], torch.relu(z[:, 1] - 2.5), z[:, 2] * 0], 1).view(-1, 3, 1, 1)

    assert JacobianProbe(Saturated(), 3).dead().mask.tolist() == [False, False, True]


def test_networks_without_gradients_are_measured_in_their_own_precision(planted: nn.Module) -> None:
    class Session(nn.Module):  # as onnxruntime: numpy in, numpy out, float32 only, and not to be copied
        def forward(self, z: Tensor) -> Tensor:
            latents = z.detach().numpy()
            if latents.dtype != np.float32:
                raise UserError("only float32")
            return planted(torch.from_numpy(latents))  # type: ignore[no-any-return]

        def __deepcopy__(self, memo: object) -> Session:
            raise TypeError("cannot pickle")

    z = draw(1, 8, 5)[0]
    found, true = JacobianProbe(Session(), 8), JacobianProbe(planted, 8)
    np.testing.assert_allclose(found.jacobian(z), true.jacobian(z), atol=1e-3)
    np.testing.assert_allclose(found.sensitivity(z).norms, true.sensitivity(z).norms, rtol=0.01)
    assert not found.dead().exact


def test_an_onnx_model_is_measured_like_the_model_it_came_from(
    make_generator: Callable[..., nn.Module], tmp_path: Path
) -> None:
    pytest.importorskip("onnx")
    pytest.importorskip("onnxruntime")
    generator, config = make_generator(), ModelConfig(image_size=32, z_dim=12, channels=3, width=4)
    native = tmp_path / "native.safetensors"
    save_checkpoint(native, generator, CheckpointInfo(native, "dcgan", config, step=1))
    export_onnx(tmp_path / "g.onnx", load_checkpoint(native))
    z, subject = draw(1, 12, 5)[0], open_subject(tmp_path / "g.onnx")
    found = JacobianProbe(subject.generator, 12).sensitivity(z)
    # the same step: between it and a smaller one lie kinks of ReLU, which weigh much in a network of so few units
    reference = differences(generator, z, step=1e-3).square().sum((1, 2, 3)).sqrt().numpy()
    np.testing.assert_allclose(found.norms, reference, rtol=0.01)


def test_a_broken_network_is_a_sentence() -> None:
    class Broken(nn.Module):
        def forward(self, z: Tensor) -> Tensor:
            return (z / 0 * 0).view(-1, 3, 1, 1)

    with pytest.raises(UserError, match="NaN"):
        JacobianProbe(Broken(), 3).sensitivity(draw(1, 3, 0)[0])


def test_what_is_found_is_told_on_the_way(make_generator: Callable[..., nn.Module]) -> None:
    told: list[tuple[float, np.ndarray]] = []
    probe, z = JacobianProbe(make_generator(70), 70), draw(1, 70, 0)[0]
    found = probe.sensitivity(z, found=lambda share, norms: told.append((share, norms)))
    shares = [share for share, _ in told]
    assert shares == sorted(shares) and shares[-1] == 1.0 and len(told) > 1
    assert np.isnan(told[0][1]).any() and np.array_equal(told[-1][1], found.norms)


def test_large_maps_are_averaged_down(make_generator: Callable[..., nn.Module]) -> None:
    probe, z = JacobianProbe(make_generator(), 12), draw(1, 12, 0)[0]
    whole, small = probe.sensitivity(z), probe.sensitivity(z, side=8)
    assert whole.maps.shape == (12, 32, 32) and small.maps.shape == (12, 8, 8)
    expected = np.sqrt(np.square(whole.maps).reshape(12, 8, 4, 8, 4).mean((2, 4)))
    np.testing.assert_allclose(small.maps, expected, rtol=1e-4)
    np.testing.assert_allclose(small.norms, whole.norms, rtol=1e-5)
    assert probe.sensitivity(z, side=64).maps.shape == (12, 32, 32)


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
