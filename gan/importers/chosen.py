"""How another project's generator is drawn now, in the words of :class:`~gan.importers.choices.Choices`."""

from __future__ import annotations

from gan.importers.choices import Choices
from gan.importers.config import ImportedConfig
from gan.importers.layers import ACTIVATIONS


def chosen(config: ImportedConfig) -> Choices:
    """Every choice that there is for this generator, answered as it is drawn; None where nothing can be chosen."""
    plan = config.plan
    if plan.get("kind") == "onnx":
        return Choices(output_range=config.output_range)
    activation, normalises = plan.get("activation"), True
    if plan.get("kind") == "chain":
        ops = [layer["op"] for layer in plan["layers"]]
        last = next(op for op in reversed(ops) if op != "view")  # a flat picture gets its shape last
        activation, normalises = (last if last in ACTIVATIONS else "none"), "norm" in ops
    if activation not in ACTIVATIONS:
        return Choices(output_range=config.output_range)
    return Choices(activation, config.output_range, config.batch_stats if normalises else None)
