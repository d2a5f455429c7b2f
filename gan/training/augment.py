"""DiffAugment (Zhao et al. 2020, arXiv 2006.10738): what the critic sees is shifted, cut out and recoloured at random,
real and generated pictures alike, differentiably, so that a critic with few pictures cannot learn them by heart.

Followed: brightness, saturation, contrast; shifts of up to an eighth; a hole of half the size. Different: what is empty
takes the pictures' own ground instead of zero, which is mid-grey, and geometry comes before colour, so that the ground
changes its colour with the picture.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from gan.images import Bytes, Floats

NUMBERS = 8
"""Numbers drawn for a picture: whether, brightness, saturation, contrast, shift y and x, hole y and x."""
SHIFT = 8
"""Shifts go up to 1 / SHIFT of the size."""
HOLE = 2
"""A hole is 1 / HOLE of the size."""
GROUND_PICTURES = 256

TARGET = 0.5
"""Where held-out pictures may score between training (0) and generated ones (1) before there is more augmentation."""
RAMP = 500_000
"""Pictures in which the probability can go from 0 to 1 (Karras et al. 2020, arXiv 2006.06676, section 3.1)."""


def augment(images: Tensor, numbers: Tensor, probability: float, ground: Tensor) -> Tensor:
    """Change each picture with ``probability``.

    Args:
        images: (N, C, H, W) in [-1, 1]; the answer may exceed it, as in the authors' code.
        numbers: (N, NUMBERS), uniform in [0, 1).
        ground: (C,) the colour of what is empty.
    """
    if probability <= 0:
        return images
    images = images.to(torch.promote_types(images.dtype, torch.float32))
    changed = (numbers[:, 0] < probability).to(images.dtype)
    empty = ground.to(images.dtype).view(1, -1, 1, 1)
    return _recoloured(_moved(images - empty, numbers, changed) + empty, numbers.to(images.dtype), changed)


def _moved(images: Tensor, numbers: Tensor, changed: Tensor) -> Tensor:
    """Shifted, with a hole; empty is 0. As matrix products, since indexing has a slow backward pass on the CPU."""
    moved = images
    holes = []
    for axis, size in ((0, images.shape[2]), (1, images.shape[3])):
        reach, places = size // SHIFT, torch.arange(size, device=images.device)
        shift = ((numbers[:, 4 + axis] * (2 * reach + 1)).floor() - reach) * changed
        matrix = (places[None, None, :] == places[None, :, None] - shift[:, None, None]).to(images.dtype)[:, None]
        moved = matrix @ moved if axis == 0 else moved @ matrix.transpose(2, 3)
        half = size // HOLE // 2
        middle = (numbers[:, 6 + axis] * (size + 1)).floor()
        holes.append(((places >= middle[:, None] - half) & (places < middle[:, None] + half)).to(images.dtype))
    hole = holes[0][:, None, :, None] * holes[1][:, None, None, :] * changed.view(-1, 1, 1, 1)
    return moved * (1 - hole)


def _recoloured(images: Tensor, numbers: Tensor, changed: Tensor) -> Tensor:
    brightness, saturation, contrast = (numbers[:, k].view(-1, 1, 1, 1) for k in (1, 2, 3))
    gate = changed.view(-1, 1, 1, 1)
    images = images + (brightness - 0.5) * gate
    grey = images.mean(1, keepdim=True)
    images = grey + (images - grey) * (1 + (2 * saturation - 1) * gate)
    mean = images.mean((1, 2, 3), keepdim=True)
    return mean + (images - mean) * (1 + (contrast - 0.5) * gate)


def ground_of(images: Bytes) -> Floats:
    """The colour (C,) in [-1, 1] that most pictures have at their border: the median over some of them."""
    some = np.linspace(0, len(images) - 1, min(GROUND_PICTURES, len(images))).astype(np.int64)
    border: list[npt.NDArray[np.uint8]] = []
    for index in some:
        picture = np.asarray(images[index])
        edges = (picture[0], picture[-1], picture[:, 0], picture[:, -1])
        border += [edge.reshape(-1, picture.shape[-1]) for edge in edges]
    ground: Floats = (np.median(np.concatenate(border), axis=0) / 127.5 - 1).astype(np.float32)
    return ground


def overfitting(training: float, held_out: float, generated: float) -> float:
    """Where held-out pictures score between training pictures (0) and generated ones (1): r_v of arXiv 2006.06676,
    equation 1. 0 where the critic cannot tell training pictures from generated ones."""
    distance = training - generated
    return (training - held_out) / distance if distance > 0 else 0.0


def adjusted(probability: float, overfit: float, images: int) -> float:
    """The probability after ``images`` more pictures: up while overfitting exceeds its target, else down."""
    change = images / RAMP if overfit > TARGET else -images / RAMP
    return min(1.0, max(0.0, probability + change))
