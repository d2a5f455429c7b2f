"""The network of :mod:`gan.importers.families.mimicry`."""

from __future__ import annotations

from itertools import pairwise
from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class MimicryGenerator(nn.Module):
    """z (N, z_dim) -> pictures (N, C, H, W)."""

    def __init__(self, plan: dict[str, Any], z_dim: int) -> None:
        super().__init__()
        widths, self._bottom, self._activation = plan["widths"], plan["bottom"], plan["activation"]
        self._maps = widths[0]
        self.l1 = nn.Linear(z_dim, widths[0] * self._bottom**2)
        self._blocks = [f"block{number}" for number in range(2, len(widths) + 1)]
        for name, (before, after) in zip(self._blocks, pairwise(widths), strict=True):
            self.add_module(name, Block(before, after))
        self._norm, self._to_image = f"b{len(widths) + 1}", f"c{len(widths) + 1}"
        self.add_module(self._norm, nn.BatchNorm2d(widths[-1]))
        self.add_module(self._to_image, nn.Conv2d(widths[-1], plan["channels"], 3, padding=1))

    def forward(self, z: Tensor) -> Tensor:
        x: Tensor = self.l1(z).view(-1, self._maps, self._bottom, self._bottom)
        for name in self._blocks:
            x = self.get_submodule(name)(x)
        x = torch.relu(self.get_submodule(self._norm)(x))
        x = self.get_submodule(self._to_image)(x)
        return {"none": x, "tanh": torch.tanh(x), "sigmoid": torch.sigmoid(x)}[self._activation]


class Block(nn.Module):
    """Pre-activation residual block: (N, before, H, W) -> (N, after, 2H, 2W)."""

    def __init__(self, before: int, after: int) -> None:
        super().__init__()
        self.b1, self.b2 = nn.BatchNorm2d(before), nn.BatchNorm2d(after)
        self.c1 = nn.Conv2d(before, after, 3, padding=1)
        self.c2 = nn.Conv2d(after, after, 3, padding=1)
        self.c_sc = nn.Conv2d(before, after, 1)

    def forward(self, x: Tensor) -> Tensor:
        h = self.c1(_double(torch.relu(self.b1(x))))
        h = torch.relu(self.b2(h))
        shortcut: Tensor = self.c_sc(_double(x))
        return cast(Tensor, self.c2(h)) + shortcut


def _double(x: Tensor) -> Tensor:
    return F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)
