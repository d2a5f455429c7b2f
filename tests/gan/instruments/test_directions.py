"""Planted axes are recovered; files are read without trusting them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from gan.errors import UserError
from gan.instruments import directions
from gan.instruments.sensitivity import JacobianProbe
from gan.latent.directions import Direction
from gan.latent.draws import draw


def aligned(found: list[Direction], axes: Tensor) -> list[float]:
    return [abs(float(direction.vector @ axis.numpy())) for direction, axis in zip(found, axes, strict=True)]


def test_three_methods_recover_the_axes_of_a_linear_generator(planted: nn.Module, axes: Tensor) -> None:
    for found in (
        directions.sefa(planted, 8, 3),
        directions.local_axes(JacobianProbe(planted, 8), draw(1, 8, 0)[0], 3),
        directions.activation_pca(planted, 8, 3),
    ):
        assert min(aligned(found, axes)) > 0.99, found[0].method
        assert [round(np.linalg.norm(direction.vector), 5) for direction in found] == [1, 1, 1]
        shares = [direction.share for direction in found]
        np.testing.assert_allclose(shares, np.array([16, 4, 1]) / 21, atol=0.05)


def test_pca_sees_behind_a_non_linear_layer(make_generator: Callable[..., nn.Module]) -> None:
    found = directions.activation_pca(make_generator(), 12, 4, samples=256)
    again = directions.activation_pca(make_generator(), 12, 4, samples=256)
    assert [d.share for d in found] == sorted((d.share for d in found), reverse=True)  # type: ignore[type-var]
    for one, other in zip(found, again, strict=True):
        np.testing.assert_allclose(one.vector, other.vector, atol=1e-5)


def test_sefa_says_that_it_cannot() -> None:
    with pytest.raises(UserError, match="begins with a linear layer"):
        directions.sefa(nn.Sequential(nn.Conv2d(3, 3, 3)), 3)


def test_an_attribute_direction_finds_what_the_labels_follow() -> None:
    truth = np.zeros(30, np.float32)
    truth[4] = 1.0
    z = draw(40, 30, 7)
    plus = z @ truth > 0
    found = directions.attribute("glasses", z[plus], z[~plus])
    assert found.vector @ truth > 0.6 and found.labels == 40
    assert found.accuracy is not None and found.accuracy > 0.7 and not found.warning
    noise = directions.attribute("noise", z[::2], z[1::2])
    assert noise.accuracy is not None and noise.accuracy < found.accuracy and noise.warning
    assert "labels" in directions.attribute("few", z[:3], z[3:6]).warning
    with pytest.raises(UserError, match="at least one star"):
        directions.attribute("one-sided", z, z[:0])


def test_leave_one_out_accuracy_is_that_of_models_that_never_saw_the_label() -> None:
    """With two labels, leaving one out leaves a single kind: nothing can be right."""
    z = draw(2, 5, 0)
    assert directions.attribute("two", z[:1], z[1:]).accuracy == 0.0


def test_more_labels_than_can_be_left_out_one_by_one_are_left_out_in_groups() -> None:
    z = draw(500, 6, 1)
    told: list[float] = []
    found = directions.attribute("x", z[z[:, 2] > 0], z[z[:, 2] <= 0], told.append)
    assert found.labels == 500 and found.accuracy is not None and found.accuracy > 0.8
    assert len(told) == directions.MAX_LEFT_OUT and told[-1] == 1


def test_labels_that_do_not_differ_have_no_direction() -> None:
    z = np.ones((3, 4), np.float32)
    with pytest.raises(UserError, match="do not differ"):
        directions.attribute("same", z, z)


@pytest.mark.parametrize("dim", [1, 2])
def test_few_dimensions_have_few_directions(dim: int, make_generator: Callable[..., nn.Module]) -> None:
    network = make_generator(z_dim=dim, channels=1)
    for found in (
        directions.sefa(network, dim),
        directions.local_axes(JacobianProbe(network, dim), draw(1, dim, 0)[0]),
        directions.activation_pca(network, dim, samples=64),
    ):
        assert 1 <= len(found) <= dim
        assert all(abs(float(np.linalg.norm(direction.vector)) - 1) < 1e-5 for direction in found)


class Bomb(nn.Module):
    def forward(self, z: Tensor) -> Tensor:
        raise AssertionError("nobody needs this layer")


def test_pca_computes_no_more_of_the_network_than_it_looks_at() -> None:
    torch.manual_seed(0)
    network = nn.Sequential(nn.Linear(6, 16), nn.ReLU(), nn.Linear(16, 16), nn.ReLU(), Bomb())
    assert len(directions.activation_pca(network, 6, 3, samples=128)) == 3


class Opaque(nn.Module):
    """As an ONNX session is: no layers, and not to be copied."""

    def __deepcopy__(self, memo: object) -> None:
        raise TypeError("cannot pickle")

    def forward(self, z: Tensor) -> Tensor:
        return z.view(len(z), 1, 1, -1)


def test_a_network_without_layers_is_refused_with_a_way_out() -> None:
    with pytest.raises(UserError, match="Try local axes"):
        directions.activation_pca(Opaque(), 4)
    with pytest.raises(UserError, match="linear layer"):
        directions.sefa(Opaque(), 4)


def test_a_broken_network_is_refused(planted: nn.Module) -> None:
    with torch.no_grad():
        planted.project.weight.zero_()  # type: ignore[union-attr, operator]
    for find in (lambda: directions.sefa(planted, 8), lambda: directions.activation_pca(planted, 8, samples=32)):
        with pytest.raises(UserError, match="do not change"):
            find()
    with torch.no_grad():
        planted.project.weight.fill_(float("nan"))  # type: ignore[union-attr, operator]
    for find in (lambda: directions.sefa(planted, 8), lambda: directions.activation_pca(planted, 8, samples=32)):
        with pytest.raises(UserError, match="NaN"):
            find()


def test_torch_stays_reproducible_around_it(planted: nn.Module) -> None:
    torch.manual_seed(1)
    before = torch.random.get_rng_state()
    directions.activation_pca(planted, 8, 2)
    assert torch.equal(before, torch.random.get_rng_state())
