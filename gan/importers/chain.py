"""A generator that is one layer after another, built from :mod:`gan.importers.layers`; weights keep their names."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from gan.importers.layers import Layer, trace

Step = Callable[[Tensor], Tensor]


class Chain(nn.Module):
    """z (N, z_dim) -> pictures (N, C, H, W).

    Attributes:
        steps: what is called one after another: modules where there are weights, else functions.
    """

    def __init__(self, layers: Sequence[Layer], z_dim: int) -> None:
        super().__init__()
        shapes = trace(layers, z_dim)
        inputs = [(z_dim,), *shapes[:-1]]
        self.steps = [_step(layer, shape) for layer, shape in zip(layers, inputs, strict=True)]
        for layer, step in zip(layers, self.steps, strict=True):
            if isinstance(step, nn.Module):
                add(self, layer["name"], step)

    def forward(self, z: Tensor) -> Tensor:
        x = z
        for step in self.steps:
            x = step(x)
        return x


def add(root: nn.Module, name: str, module: nn.Module) -> None:
    """Put ``module`` below ``root`` under a dotted name, so that its weights are called as in the file."""
    *outer, last = name.split(".")
    for part in outer:
        if part not in root._modules:
            root.add_module(part, nn.Module())
        root = cast(nn.Module, root._modules[part])
    root.add_module(last, module)


def _step(layer: Layer, before: tuple[int, ...]) -> Step:
    op = layer["op"]
    match op:
        case "linear":
            return nn.Linear(layer["in"], layer["out"], bias=layer["bias"])
        case "conv":
            return nn.Conv2d(layer["in"], layer["out"], layer["kernel"], padding=layer["padding"], bias=layer["bias"])
        case "deconv":
            return nn.ConvTranspose2d(
                layer["in"],
                layer["out"],
                layer["kernel"],
                stride=layer["stride"],
                padding=layer["padding"],
                output_padding=layer["output_padding"],
                bias=layer["bias"],
            )
        case "norm":
            kind = nn.BatchNorm1d if len(before) == 1 else nn.BatchNorm2d
            return kind(layer["in"], eps=float(layer["eps"]))
        case "view":
            return partial(_view, tuple(layer["shape"]))
        case "upsample":
            return partial(F.interpolate, scale_factor=layer["scale"], mode="nearest")
        case "crop":
            return partial(_crop, layer["height"], layer["width"])
        case "leaky":
            return partial(F.leaky_relu, negative_slope=float(layer["slope"]))
        case _:
            plain: dict[str, Step] = {"relu": torch.relu, "tanh": torch.tanh, "sigmoid": torch.sigmoid}
            return plain[op]


def _view(shape: tuple[int, ...], x: Tensor) -> Tensor:
    return x.reshape(-1, *shape)  # no len(x): a trace (ONNX) would keep it as a number


def _crop(height: int, width: int, x: Tensor) -> Tensor:
    return x[:, :, :height, :width]
