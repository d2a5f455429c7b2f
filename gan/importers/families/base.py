"""What every family is given, and what it answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isqrt
from typing import Any

from gan.importers.config import BatchStats, OutputRange
from gan.importers.layers import Layer, Shape, picture_of, weights_of
from gan.importers.tree import Module, Plain
from gan.importers.values import Tensor


@dataclass(frozen=True)
class State:
    """One network of a file, as its state dict."""

    tensors: Mapping[str, Tensor]
    modules: Mapping[str, Module] = field(default_factory=dict)
    """By name, only where the file holds whole modules."""
    notes: Mapping[str, Plain] = field(default_factory=dict)
    """Plain values of the file around it."""
    path: tuple[str, ...] = ()
    """The keys under which the file holds it."""

    def shape(self, name: str) -> Shape:
        """The shape of a tensor; () when there is none of that name."""
        tensor = self.tensors.get(name)
        return tensor.shape if tensor is not None else ()

    def has(self, *names: str) -> bool:
        """Whether all these tensors are there."""
        return all(name in self.tensors for name in names)


@dataclass(frozen=True)
class Plan:
    """A recognised generator: how to build it, and what was assumed."""

    family: str
    """Short, for example ``dcgan``; stored with the prefix ``imported:``."""
    project: str
    """Whose it is, for people."""
    architecture: dict[str, Any]
    """JSON values; ``kind`` names the builder."""
    weights: Mapping[str, Shape]
    """Every tensor that the network needs (normalisation's counters left out)."""
    z_dim: int
    image_size: int
    channels: int
    width: int
    """Feature maps of the layer nearest the picture."""
    output_range: OutputRange = "-1..1"
    batch_stats: BatchStats = "running"
    asks: tuple[str, ...] = ()
    """Names of choices that neither the file nor the project's code decides."""
    warnings: tuple[str, ...] = ()
    ignored: frozenset[str] = frozenset()
    """Tensors of the file that the network has no use for."""


def chain(family: str, project: str, layers: list[Layer], z_dim: int, **more: Any) -> Plan:
    """The plan of a generator that is one layer after another.

    Raises:
        UserError: the layers do not fit together, or make no square picture.
    """
    channels, size = picture_of(layers, z_dim)
    weights = {f"{layer['name']}.{name}": shape for layer in layers for name, shape in weights_of(layer).items()}
    widths = [layer["in"] for layer in layers if layer["op"] in ("conv", "deconv", "linear")]
    architecture = {"kind": "chain", "layers": layers}
    return Plan(family, project, architecture, weights, z_dim, size, channels, widths[-1], **more)


def square_root(count: int) -> int:
    """The side of a square of ``count`` pixels; 0 where there is none."""
    side = isqrt(count) if count > 0 else 0
    return side if side * side == count else 0


def picture_shape(count: int) -> tuple[int, int, int] | None:
    """(channels, size, size) of ``count`` numbers: grey or RGB. 3 s^2 is no square, so there is only one answer."""
    for channels in (1, 3):
        if count % channels == 0 and (side := square_root(count // channels)):
            return channels, side, side
    return None
