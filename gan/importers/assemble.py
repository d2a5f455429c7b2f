"""From a recognised generator and answers to a configuration; from a configuration and weights to a network."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from gan.errors import UserError
from gan.importers.build import build_imported
from gan.importers.choices import ChoiceNeededError, Choices
from gan.importers.config import PREFIX, ImportedConfig
from gan.importers.families.base import Plan


def configure(plan: Plan, choices: Choices) -> ImportedConfig:
    """The configuration of a recognised generator.

    Raises:
        ChoiceNeededError: something is open that ``choices`` does not answer.
    """
    unanswered = tuple(name for name in plan.asks if getattr(choices, name) is None)
    if unanswered:
        words = " and ".join(name.replace("_", " ") for name in unanswered)
        raise ChoiceNeededError(
            f"This is a {plan.project}; neither the file nor its names tell its {words}.", unanswered
        )
    architecture, output_range = plan.architecture, plan.output_range
    if choices.activation is not None:
        architecture = _ending_in(architecture, choices.activation)
        output_range = "0..1" if choices.activation == "sigmoid" else "-1..1"
    return ImportedConfig(
        family=PREFIX + plan.family,
        image_size=plan.image_size,
        z_dim=plan.z_dim,
        channels=plan.channels,
        width=plan.width,
        architecture=json.dumps(architecture),
        output_range=choices.output_range or output_range,
        batch_stats=choices.batch_stats or plan.batch_stats,
    )


def assemble(config: ImportedConfig, weights: Mapping[str, Tensor]) -> nn.Module:
    """The network with its weights, in eval mode; every name must be there.

    Raises:
        UserError: weights and description do not fit.
    """
    with torch.device("meta"):  # no time spent on random weights that are thrown away
        network = build_imported(config)
    counters = {
        name: torch.zeros((), dtype=torch.long)
        for name in network.state_dict()
        if name.endswith("num_batches_tracked") and name not in weights
    }
    try:
        network.load_state_dict({**weights, **counters}, assign=True)
    except RuntimeError as error:
        raise UserError("The weights do not fit the network that they were recognised as.") from error
    return network.eval().requires_grad_(False)


def _ending_in(architecture: dict[str, Any], activation: str) -> dict[str, Any]:
    """The same network with another activation at its end."""
    if architecture["kind"] != "chain":
        return {**architecture, "activation": activation}
    layers = architecture["layers"]
    shaping = [layer for layer in layers[-1:] if layer["op"] == "view"]  # a flat picture gets its shape last
    rest = layers[: len(layers) - len(shaping)]
    if rest[-1]["op"] in ("tanh", "sigmoid"):
        rest = rest[:-1]
    ending = [] if activation == "none" else [{"op": activation}]
    return {**architecture, "layers": [*rest, *ending, *shaping]}
