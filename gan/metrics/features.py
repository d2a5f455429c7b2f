"""What the judge looks at: a small fixed network that turns a picture into 64 numbers.

It learnt to name what is drawn in the pictures of the data set ``people`` (hair, face, clothes, their colours) and how
badly a picture is damaged (blur, noise, warping, two pictures mixed), so that both a missing kind of person and a
smeared face move a picture. ``tools/train_features.py`` made the weights and tells how; they were fitted to pictures
that no score uses. On other subjects the features see colour, shape and damage, but name nothing.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional

from gan.images import Bytes, Floats, to_float
from gan.rendering import one_thread

WEIGHTS = Path(__file__).with_name("features.safetensors")
SIZE = 64  # pixels that the network looks at
FEATURES = 64
_BATCH = 64  # always full: a picture's features must not depend on how many others are asked for


class FeatureNet(nn.Module):
    """Pictures (N, 3, 64, 64) in [-1, 1] -> features (N, 64) on a sphere of radius 8: a mean square of 1.

    The sphere matters. Free features are short where the network is unsure, so smears lie in the middle of everything,
    within the large balls that precision draws around real pictures: a generator after 500 updates had precision 0.97,
    and the same weights put on the sphere 0.18.
    """

    def __init__(self) -> None:
        super().__init__()
        self.stages = nn.Sequential(
            *_stage(3, 32, 5),  # (N, 32, 32, 32)
            *_stage(32, 64, 3),  # (N, 64, 16, 16)
            *_stage(64, 96, 3),  # (N, 96, 8, 8)
            *_stage(96, 96, 3),  # (N, 96, 4, 4)
        )
        self.embed = nn.Linear(96 * 16, FEATURES, bias=False)
        self.norm = nn.BatchNorm1d(FEATURES, affine=False)

    def forward(self, images: Tensor) -> Tensor:
        found: Tensor = functional.normalize(self.norm(self.embed(self.stages(images).flatten(1))))
        return found * math.sqrt(FEATURES)


def features(images: Bytes, progress: Callable[[int], None] | None = None) -> Floats:
    """Features of pictures of any size, grey or coloured; the same on every call, whatever the thread count.

    Args:
        images: (n, H, W, C), C = 1 or 3, n at least 1.
        progress: told how many pictures are done.

    Returns:
        (n, 64) float32
    """
    network, rows = _network(), []
    with one_thread(), torch.inference_mode():
        for start in range(0, len(images), _BATCH):
            batch = prepared(images[start : start + _BATCH])
            full = functional.pad(batch, (0, 0) * 3 + (0, _BATCH - len(batch)))
            rows.append(network(full)[: len(batch)].numpy())
            if progress is not None:
                progress(start + len(batch))
    return np.concatenate(rows)


def prepared(images: Bytes) -> Tensor:
    """(n, H, W, 1 or 3) -> (n, 3, 64, 64) in [-1, 1]: grey is repeated, other sizes are resampled."""
    batch = torch.from_numpy(to_float(images)).expand(-1, 3, -1, -1)
    if batch.shape[-2:] != (SIZE, SIZE):
        batch = functional.interpolate(batch, (SIZE, SIZE), mode="bilinear", antialias=True)
    return batch


@cache
def _network() -> FeatureNet:
    network = FeatureNet()
    network.load_state_dict(load_file(WEIGHTS))
    return network.float().eval().requires_grad_(False)


def _stage(before: int, after: int, kernel: int) -> tuple[nn.Module, ...]:
    """Halve the size; batch normalisation costs nothing once it is fixed."""
    convolution = nn.Conv2d(before, after, kernel, stride=2, padding=kernel // 2, bias=False)
    return convolution, nn.BatchNorm2d(after), nn.ReLU(inplace=True)
