"""In bfloat16 these layers take other ways than PyTorch's; the sums must be the same."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from gan.models import convolution
from gan.models.convolution import Double, DoubleToImage, Halve, Score


class Deep(Halve):
    """With as many maps as it takes."""

    def __init__(self, before: int, after: int, bias: bool = True) -> None:
        super().__init__(before, after, bias)
        self.in_channels = convolution.DEEP


def _learnt(layer: nn.Module, x: Tensor, bf16: bool) -> dict[str, Tensor]:
    """Output and gradients of sum(output * fixed)."""
    x = x.clone().requires_grad_(True)
    layer.zero_grad()
    with torch.autocast("cpu", torch.bfloat16, enabled=bf16):
        y = layer(x)
    (y.float() * torch.linspace(0, 1, y.numel()).view_as(y)).sum().backward()
    gradients = {name: p.grad for name, p in layer.named_parameters()}
    return {"y": y.detach().float(), "x": x.grad, **gradients}  # type: ignore[dict-item]


@pytest.mark.parametrize("size", [4, 8, 16])
@pytest.mark.parametrize("make", [lambda: Halve(5, 6), lambda: Halve(5, 6, bias=False), lambda: Double(5, 6),
                                  lambda: Deep(5, 6), lambda: Deep(5, 6, bias=False),
                                  lambda: DoubleToImage(5, 3), lambda: DoubleToImage(5, 1)])  # fmt: skip
def test_bfloat16_takes_the_same_sums(make, size: int) -> None:  # type: ignore[no-untyped-def]
    torch.manual_seed(size)
    layer = make().to(memory_format=torch.channels_last)
    x = torch.randn(7, 5, size, size).to(memory_format=torch.channels_last)
    fine, coarse = _learnt(layer, x, bf16=False), _learnt(layer, x, bf16=True)
    assert fine.keys() == coarse.keys()
    for name, value in fine.items():
        assert coarse[name].dtype == torch.float32 and coarse[name].shape == value.shape
        assert (coarse[name] - value).norm() < 0.02 * value.norm(), name  # bfloat16 has eight bits


def test_the_last_layer_takes_the_same_sums_as_a_product() -> None:
    torch.manual_seed(0)
    layer, x = Score(6).to(memory_format=torch.channels_last), torch.randn(7, 6, 4, 4)
    fine, coarse = _learnt(layer, x, bf16=False), _learnt(layer, x, bf16=True)
    for name, value in fine.items():
        assert coarse[name].dtype == torch.float32 and coarse[name].shape == value.shape
        assert (coarse[name] - value).norm() < 0.02 * value.norm(), name
    assert torch.equal(fine["y"], F.conv2d(x, layer.weight, layer.bias).detach())


def test_a_frozen_critic_goes_the_same_way() -> None:
    """In the generator's step, where only the pictures ask for a gradient."""
    torch.manual_seed(0)
    layer, x = Deep(5, 6).to(memory_format=torch.channels_last), torch.randn(7, 5, 8, 8)
    learning = _learnt(layer, x, bf16=True)
    layer.requires_grad_(False)
    frozen = _learnt(layer, x, bf16=True)
    assert torch.equal(frozen["y"], learning["y"]) and torch.equal(frozen["x"], learning["x"])
    assert frozen["weight"] is None


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("size", [4, 16])
def test_pictures_for_the_critic_are_the_same(size: int, channels: int) -> None:
    """Made without gradients, by the sub-pixel convolution."""
    torch.manual_seed(size)
    layer, x = DoubleToImage(5, channels), torch.randn(7, 5, size, size)
    with torch.no_grad():
        fine = layer(x)
        with torch.autocast("cpu", torch.bfloat16):
            coarse = layer(x)
    assert coarse.dtype == torch.bfloat16 and (coarse.float() - fine).norm() < 0.01 * fine.norm()


@pytest.mark.parametrize("layer", [Halve(3, 4), Double(3, 4), DoubleToImage(3, 3)])
def test_float32_is_pytorchs_own_bit_by_bit(layer: nn.Module) -> None:
    x = torch.randn(2, 3, 8, 8)
    if isinstance(layer, nn.Conv2d):
        expected = F.conv2d(x, layer.weight, layer.bias, 2, 1)
    else:
        expected = F.conv_transpose2d(x, layer.weight, layer.bias, 2, 1)
    assert torch.equal(layer(x), expected)


def test_weight_gradients_in_double_precision() -> None:
    torch.manual_seed(0)
    small, large = torch.randn(3, 2, 4, 4, dtype=torch.float64), torch.randn(3, 5, 8, 8, dtype=torch.float64)
    expected = torch.nn.grad.conv2d_weight(large, (2, 5, 4, 4), small, stride=2, padding=1)
    torch.testing.assert_close(convolution._weight_gradient(small, large), expected)


def test_the_sub_pixel_kernel_in_double_precision() -> None:
    torch.manual_seed(0)
    x, weight = torch.randn(2, 4, 5, 6, dtype=torch.float64), torch.randn(4, 3, 4, 4, dtype=torch.float64)
    pixels = F.pixel_shuffle(F.conv2d(x, convolution._sub_pixel(weight), padding=1), 2)
    torch.testing.assert_close(pixels, F.conv_transpose2d(x, weight, stride=2, padding=1))


def test_float32_can_be_differentiated_twice() -> None:
    """The gradient penalty does."""
    layer, x = Halve(2, 2), torch.randn(1, 2, 8, 8, requires_grad=True)
    (slope,) = torch.autograd.grad(layer(x).square().sum(), x, create_graph=True)
    slope.square().sum().backward()
    assert layer.weight.grad is not None and layer.weight.grad.any()


def test_a_frozen_layer_only_passes_gradients_on() -> None:
    layer, x = Deep(2, 2).requires_grad_(False), torch.randn(1, 2, 8, 8, requires_grad=True)
    with torch.autocast("cpu", torch.bfloat16):
        layer(x).float().sum().backward()
    assert x.grad is not None and x.grad.any() and layer.weight.grad is None
