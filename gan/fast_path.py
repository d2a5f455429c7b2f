"""One picture on the processor, much sooner than the network as written, and within one step of its bytes.

Run as written, torch re-orders the weights of every transposed convolution on every call. Here they are packed once for
oneDNN with batch normalisation folded in, activations stay channels-last, and the last layer, whose one or three maps
suit oneDNN badly, is a matrix product. docs/adr/0003 has the alternatives and why speed never decides at run time.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import cast

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from gan.images import to_uint8
from gan.latent.draws import draw
from gan.models.dcgan import DCGANGenerator

Forward = Callable[[Tensor], Tensor]
_Stage = tuple[nn.ConvTranspose2d, nn.BatchNorm2d, nn.ReLU]

_KERNEL, _STRIDE, _PADDING = 4, 2, 1  # of every transposed convolution in DCGANGenerator
_START = 4  # the projection makes maps of 4 x 4
_SHAPE = ([_PADDING] * 2, [0, 0], [_STRIDE] * 2, [1, 1], 1)  # padding, output padding, stride, dilation, groups
log = logging.getLogger(__name__)


def optimise(generator: nn.Module) -> Forward | None:
    """A faster way to compute what ``generator`` (float32, eval mode, CPU) computes, for one latent at a time.

    Call it and its result with one thread and without gradients: the packed layout may depend on the number of threads.

    Returns:
        z (1, z_dim) -> picture (1, channels, size, size), or None: another kind of network, a torch without oneDNN, or
        pictures that differ from the generator's by more than one step of 0..255 (seen on one latent, always the same).
    """
    if type(generator) is not DCGANGenerator:  # a subclass may compute something else
        return None
    if not isinstance(generator.to_image, nn.ConvTranspose2d):  # resized and convolved: nothing to re-order
        return None
    try:
        fast = PackedDCGAN(generator)
        z = torch.from_numpy(draw(1, generator.project.in_features, seed=0))
        same = _agree(fast(z), generator(z))
    except (RuntimeError, AttributeError) as error:  # the operator failed, or this torch does not have it
        log.info("no fast path: %s", str(error).partition("\n")[0])
        return None
    if not same:
        log.warning("no fast path: its pictures differ")
    return fast if same else None


class PackedDCGAN:
    """A :class:`~gan.models.dcgan.DCGANGenerator` in eval mode, frozen for one latent at a time."""

    def __init__(self, generator: DCGANGenerator) -> None:
        ops = torch.ops.mkldnn
        self._deconvolve = ops._convolution_transpose_pointwise.default
        self._maps = maps = generator.project_norm.num_features
        scale, shift = _affine(generator.project_norm)
        project = generator.project.weight.double().view(maps, _START**2, -1) * scale[:, None, None]
        # (z_dim, y x c): the projection answers channels-last
        self._project = project.transpose(0, 1).flatten(0, 1).t().float().contiguous()
        self._project_bias = shift.repeat(_START**2).float()
        self._stages: list[tuple[Tensor, Tensor]] = []
        size = _START
        for convolution, norm, _ in cast("list[_Stage]", generator.stages):
            scale, shift = _affine(norm)
            weight = (convolution.weight.double() * scale[:, None, None]).float()  # (in, out, 4, 4), scaled per out
            shape = [1, weight.shape[0], size, size]
            packed = ops._reorder_convolution_transpose_weight(weight, *_SHAPE, shape)
            self._stages.append((packed, shift.float()))
            size *= _STRIDE
        self._pixels, self._size = size**2, (size * _STRIDE, size * _STRIDE)
        last = generator.to_image
        assert last.bias is not None
        self._last = last.weight.flatten(1).t().contiguous()  # (channels x 4 x 4, in)
        self._last_bias = last.bias.clone().view(1, -1, 1, 1)

    def __call__(self, z: Tensor) -> Tensor:
        x = torch.addmm(self._project_bias, z, self._project).relu_()
        x = x.view(1, _START, _START, self._maps).permute(0, 3, 1, 2)  # NCHW by name, channels-last in memory
        for weight, bias in self._stages:
            x = self._deconvolve(x, weight, bias, *_SHAPE, "relu", [], "")
        patches = self._last @ x.permute(0, 2, 3, 1).reshape(self._pixels, -1).t()  # (channels x 4 x 4, h x w)
        image = F.fold(patches[None], self._size, _KERNEL, padding=_PADDING, stride=_STRIDE)  # overlaps add up
        return image.add_(self._last_bias).tanh_()


def _affine(norm: nn.BatchNorm2d) -> tuple[Tensor, Tensor]:
    """What batch normalisation does in eval mode: factor and summand per map (float64, so that folding rounds once)."""
    assert norm.running_mean is not None and norm.running_var is not None
    scale = norm.weight.double() / torch.sqrt(norm.running_var.double() + norm.eps)
    return scale, norm.bias.double() - norm.running_mean.double() * scale


def _agree(one: Tensor, other: Tensor) -> bool:
    """Whether two pictures are finite and nowhere more than one step of 0..255 apart."""
    if one.shape != other.shape or not bool(torch.isfinite(one).all() & torch.isfinite(other).all()):
        return False
    steps = to_uint8(one.numpy()).astype(np.int16) - to_uint8(other.numpy())
    return bool(np.abs(steps).max() <= 1)
