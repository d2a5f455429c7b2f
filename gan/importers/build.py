"""From the configuration of an imported generator to its network."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from gan.errors import UserError
from gan.importers.chain import Chain
from gan.importers.config import ImportedConfig
from gan.importers.families import mimicry
from gan.importers.families.mimicry_network import MimicryGenerator
from gan.importers.layers import picture_of, weights_of


class Elsewhere(nn.Module):
    """Stands for a network that is no PyTorch module of ours (ONNX, adapters): the right shapes, and no weights."""

    def __init__(self, plan: dict[str, Any], z_dim: int) -> None:
        super().__init__()
        self._shape = plan["channels"], plan["image_size"], plan["image_size"]

    def forward(self, z: Tensor) -> Tensor:
        return z.new_zeros(len(z), *self._shape)


def _chain(plan: dict[str, Any], z_dim: int) -> nn.Module:
    picture_of(plan["layers"], z_dim)
    return Chain(plan["layers"], z_dim)


_KINDS: dict[str, Callable[[dict[str, Any], int], nn.Module]] = {
    "chain": _chain,
    mimicry.KIND: MimicryGenerator,
    "onnx": Elsewhere,
    "adapter": Elsewhere,
}


def build_imported(config: ImportedConfig) -> nn.Module:
    """The network that ``config`` describes, with weights that mean nothing yet.

    Raises:
        UserError: the description makes no sense.
    """
    plan = config.plan
    try:
        return _KINDS[plan["kind"]](plan, config.z_dim)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, RuntimeError, OverflowError) as error:
        raise UserError("The architecture of the imported model makes no sense.") from error


def imported_size(config: ImportedConfig) -> int:
    """How many weights :func:`build_imported` would make, without making them.

    Raises:
        UserError: the description makes no sense.
    """
    plan = config.plan
    try:
        if plan["kind"] == "chain":
            picture_of(plan["layers"], config.z_dim)
            shapes = [shape for layer in plan["layers"] for shape in weights_of(layer).values()]
        elif plan["kind"] == mimicry.KIND:
            _check_widths(plan)
            named = mimicry.weights_of(plan["widths"], plan["bottom"], plan["channels"], config.z_dim)
            shapes = list(named.values())
        else:
            raise KeyError(plan["kind"])
        return sum(int(torch.Size(shape).numel()) for shape in shapes)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, OverflowError) as error:
        raise UserError("The architecture of the imported model makes no sense.") from error


def _check_widths(plan: dict[str, Any]) -> None:
    sizes = [*plan["widths"], plan["bottom"], plan["channels"]]
    if len(sizes) > 10 or not all(type(size) is int and 0 < size < 2**16 for size in sizes):
        raise ValueError
    if plan["activation"] not in ("tanh", "sigmoid", "none"):
        raise ValueError
