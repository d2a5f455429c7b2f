"""Reading what a checkpoint tells about itself. Plain functions, run on a Worker; no weight is loaded."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor, nn

from gan.checkpoints import CheckpointInfo, read_info
from gan.config import ModelConfig
from gan.models import build_generator
from latent_debugger.services.foreign import choices_of, remembered
from latent_debugger.state.model_info import Layer, ModelInfo


def read_model_info(path: Path) -> ModelInfo:
    """Everything worth knowing about the checkpoint ``path``.

    Raises:
        UserError: see :func:`gan.checkpoints.read_info`.
    """
    info = read_info(path, remembered(path))
    layers = trace_layers(info.config)
    return ModelInfo(info.name, _facts(info, sum(layer.parameters for layer in layers)), layers, info.warnings)


def trace_layers(config: ModelConfig) -> tuple[Layer, ...]:
    """The generator's layers in the order they run, with the shapes they give for one latent.

    It runs on torch's ``meta`` device, where tensors have shapes and no values: large models cost nothing.
    """
    layers: list[Layer] = []
    with torch.device("meta"):
        generator = build_generator(config).eval()

    def watch(name: str, module: nn.Module) -> None:
        def note(module: nn.Module, given: object, result: Tensor) -> None:
            count = sum(parameter.numel() for parameter in module.parameters())
            layers.append(Layer(name, _standard_name(module), tuple(result.shape[1:]), count))

        module.register_forward_hook(note)

    for name, module in generator.named_modules():
        if not any(True for _ in module.children()):
            watch(name, module)
    with torch.inference_mode():
        generator(torch.empty(1, config.z_dim, device="meta"))
    return tuple(layers)


def _standard_name(module: nn.Module) -> str:
    """What the layer is called in PyTorch, where this program has a faster version of its own."""
    kinds = (kind for kind in type(module).__mro__ if kind.__module__.startswith("torch.nn") and kind is not nn.Module)
    return next(kinds, type(module)).__name__


def _facts(info: CheckpointInfo, parameters: int) -> tuple[tuple[str, str], ...]:
    config, data = info.config, info.data
    facts = {
        "Family": info.family,
        "Made by": info.source if info.source != "native" else "",
        "Picture": f"{config.image_size} × {config.image_size}, {_COLOURS[config.channels]}",
        "Latent": f"{config.z_dim} dimensions",
        "Width": f"{config.width} feature maps",
        "Parameters": f"{parameters:,}",
        "Stored as": _stored_as(info.path),
        "Objective": info.objective,
        "Drawn as": _drawn_as(info),
        "Steps": f"{info.step:,}" if info.step or info.source == "native" else "",
        "Pictures seen": f"{info.images_seen:,}" if info.images_seen else "",
        "Data": _data(data),
        "Created": info.created,
        "Run": info.run or "",
        "Parent": info.parent or "",
        "sha256": info.sha256,
        "File": f"{info.path.name}, {_size(info.path.stat().st_size)}",
    }
    return tuple((label, value) for label, value in facts.items() if value)


_COLOURS = {1: "grey", 3: "RGB", 4: "RGBA"}


def _drawn_as(info: CheckpointInfo) -> str:
    """What can be chosen for another project's file, as it is drawn; empty for this program's own format."""
    choices = choices_of(info)
    if choices is None:
        return ""
    ending = "no activation" if choices.activation == "none" else choices.activation
    statistics = {"running": "statistics of training", "batch": "statistics of a batch"}.get(choices.batch_stats or "")
    return ", ".join(part for part in (ending, f"numbers {choices.output_range}", statistics) if part)


def _data(data: dict[str, Any]) -> str:
    name, count = data.get("name"), data.get("count")
    parts = [str(name) if name else "", f"{count:,} pictures" if isinstance(count, int) else ""]
    return ", ".join(part for part in parts if part)


def _stored_as(path: Path) -> str:
    """The number format of the generator's weights; empty where the file does not tell."""
    try:
        with safe_open(path, "pt") as file:
            kinds = {file.get_slice(name).get_dtype() for name in file.keys() if name.startswith("generator.")}  # noqa: SIM118
    except (SafetensorError, OSError):
        return ""
    words = {"F32": "float32", "F16": "float16", "BF16": "bfloat16", "F64": "float64"}
    return ", ".join(sorted(words.get(kind, kind) for kind in kinds))


def _size(n: int) -> str:
    return f"{n / 2**20:.1f} MiB" if n >= 2**20 else f"{n / 2**10:.0f} KiB"
