"""DCGAN's convolutions: 4 x 4, stride 2, padding 1. As PyTorch's, but sooner on a CPU that trains in bfloat16.

Four places (docs/adr/0005-training-speed.md): the critic's deep layers go by :mod:`gan.models.winograd`, its last is a
matrix product; where maps are small, oneDNN's gradient of the weights of a transposed convolution is slower than one
matrix product; and the layer with one or three output maps is an ordinary convolution in disguise. Anywhere else, in
float32 above all, these are the plain modules: what the window renders and what the gradient penalty differentiates
twice goes through PyTorch alone.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable
from torch.nn import functional as F

from gan.models.winograd import Winograd

SMALL = 8
"""Pixels: width of the larger maps up to which the matrix product wins."""
DEEP, DEEP_SIZE = 128, 16
"""Input maps from which, and their width in pixels up to which, fewer multiplications are worth the additions."""
_STRIDE, _PADDING, _KERNEL = 2, 1, 4


class Halve(nn.Conv2d):
    """(N, before, 2h, 2w) -> (N, after, h, w)."""

    def __init__(self, before: int, after: int, bias: bool = True) -> None:
        super().__init__(before, after, _KERNEL, _STRIDE, _PADDING, bias=bias)

    def forward(self, x: Tensor) -> Tensor:
        size = x.shape[-1]
        if _learns_in_bf16(self, x) and self.in_channels >= DEEP and size <= DEEP_SIZE and size % 4 == 0:
            y: Tensor = Winograd.apply(x.bfloat16(), self.weight)  # type: ignore[no-untyped-call]
            return y if self.bias is None else y + self.bias.bfloat16().view(1, -1, 1, 1)
        return super().forward(x)


class Score(nn.Conv2d):
    """(N, before, 4, 4) -> (N, 1, 1, 1): a convolution that covers the whole picture is a matrix product."""

    def __init__(self, before: int) -> None:
        super().__init__(before, 1, _KERNEL)

    def forward(self, x: Tensor) -> Tensor:
        if not _learns_in_bf16(self, x):
            return super().forward(x)
        assert self.bias is not None
        pictures, weight = x.permute(0, 2, 3, 1).flatten(1), self.weight.permute(0, 2, 3, 1).flatten(1)
        return F.linear(pictures, weight, self.bias).view(-1, 1, 1, 1)


class Double(nn.ConvTranspose2d):
    """(N, before, h, w) -> (N, after, 2h, 2w), without bias."""

    def __init__(self, before: int, after: int) -> None:
        super().__init__(before, after, _KERNEL, _STRIDE, _PADDING, bias=False)

    def forward(self, x: Tensor, output_size: list[int] | None = None) -> Tensor:
        if _learns_in_bf16(self, x) and 2 * x.shape[-1] <= SMALL:
            return _Doubling.apply(x.bfloat16(), self.weight.bfloat16())  # type: ignore[no-untyped-call,no-any-return]
        return super().forward(x, output_size)


class DoubleToImage(nn.ConvTranspose2d):
    """(N, before, h, w) -> (N, channels, 2h, 2w): one or three maps suit oneDNN's transposed convolution badly."""

    def __init__(self, before: int, channels: int) -> None:
        super().__init__(before, channels, _KERNEL, _STRIDE, _PADDING)

    def forward(self, x: Tensor, output_size: list[int] | None = None) -> Tensor:
        if _in_bf16(x) and not torch.is_grad_enabled():  # its backward pass would lose what the forward pass gains
            assert self.bias is not None
            pixels = F.conv2d(x, _sub_pixel(self.weight), self.bias.repeat_interleave(_STRIDE**2), padding=1)
            return F.pixel_shuffle(pixels, _STRIDE)
        return super().forward(x, output_size)


class _Doubling(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor) -> Tensor:
        ctx.save_for_backward(x, weight)
        return F.conv_transpose2d(x, weight, stride=_STRIDE, padding=_PADDING)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, Tensor]:
        x, weight = ctx.saved_tensors
        before = F.conv2d(gradient, weight, stride=_STRIDE, padding=_PADDING) if ctx.needs_input_grad[0] else None
        return before, _weight_gradient(x, gradient)


def _weight_gradient(small: Tensor, large: Tensor) -> Tensor:
    """Sum over all places of small (N, a, h, w) times the patch of large (N, b, 2h, 2w) around it: (a, b, 4, 4)."""
    a, b = small.shape[1], large.shape[1]
    padded = F.pad(large.permute(0, 2, 3, 1), (0, 0, _PADDING, _PADDING, _PADDING, _PADDING))
    patches = padded.unfold(1, _KERNEL, _STRIDE).unfold(2, _KERNEL, _STRIDE)  # (N, h, w, b, 4, 4)
    rows = patches.permute(0, 1, 2, 4, 5, 3).reshape(-1, _KERNEL**2 * b)
    product = small.permute(0, 2, 3, 1).reshape(-1, a).t() @ rows
    return product.view(a, _KERNEL, _KERNEL, b).permute(0, 3, 1, 2)


_TAPS = ((3, 1, None), (None, 2, 0))
"""Row 2i of the result: rows i - 1 and i through taps 3 and 1; row 2i + 1: rows i and i + 1 through taps 2 and 0."""


def _sub_pixel(weight: Tensor) -> Tensor:
    """The 3 x 3 kernel (4c, before, 3, 3) that makes the four pixels which come from one of (before, c, 4, 4)."""
    wide = F.pad(weight, (0, 1, 0, 1))  # tap 4 is zero: no tap
    places = torch.tensor([[4 if tap is None else tap for tap in row] for row in _TAPS], device=weight.device)
    taps = wide[:, :, places[:, None, :, None], places[None, :, None, :]]  # (before, c, 2, 2, 3, 3)
    before, c = weight.shape[:2]
    return taps.permute(1, 2, 3, 0, 4, 5).reshape(4 * c, before, 3, 3)


def _in_bf16(x: Tensor) -> bool:
    return (
        x.device.type == "cpu"
        and torch.is_autocast_enabled("cpu")
        and torch.get_autocast_dtype("cpu") == torch.bfloat16
    )


def _learns_in_bf16(layer: nn.Conv2d | nn.ConvTranspose2d, x: Tensor) -> bool:
    return _in_bf16(x) and torch.is_grad_enabled() and (layer.weight.requires_grad or x.requires_grad)
