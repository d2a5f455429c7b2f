"""A plain state dict in the names of pytorch/examples: ``main.0.weight``, ``main.1.weight`` ..., for people's own code.

Source of the layout: pytorch/examples, dcgan/main.py: ``nn.Sequential`` called ``main`` of ConvTranspose2d(nz, 8 ngf,
4, 1, 0), BatchNorm2d, ReLU, then ConvTranspose2d(.., 4, 2, 1), BatchNorm2d, ReLU ..., a last ConvTranspose2d, Tanh.
Ours differ in two ways: the projection is a Linear layer, which is the first of these with its weights turned; and the
last layer has a bias, which theirs has not (``bias=False``).
"""

from __future__ import annotations

from collections import OrderedDict
from io import BytesIO
from pathlib import Path
from typing import cast

import torch
from torch import Tensor, nn

from gan.checkpoints import Checkpoint
from gan.errors import UserError
from gan.files import write_atomic
from gan.models.dcgan import DCGANGenerator

LAYOUTS = ("pytorch-examples",)
_START = 4  # pixels: what the projection makes


def export_state_dict(path: Path, checkpoint: Checkpoint) -> str:
    """Write the generator's weights, atomically, as ``torch.save`` writes a dictionary of tensors and nothing else.

    Returns:
        One sentence about what the other project has to know; empty when its own class takes the file as it is.

    Raises:
        UserError: it is no DCGAN of this program with transposed convolutions.
    """
    generator = checkpoint.generator
    if type(generator) is not DCGANGenerator:
        raise UserError(
            f"{checkpoint.info.path.name} is no DCGAN of this program's own: pytorch/examples has no names for it.",
            "Write .onnx or .safetensors.",
        )
    if not isinstance(generator.to_image, nn.ConvTranspose2d):
        raise UserError(
            "This model doubles its size by resizing, which pytorch/examples does not.", "Write .onnx instead."
        )
    state = examples_state(generator, checkpoint.info.step)
    out = BytesIO()
    torch.save(state, out)
    write_atomic(path, out.getvalue())
    last = max(int(name.split(".")[1]) for name in state)
    stages, width = len(generator.stages) + 1, checkpoint.info.config.width
    notes = []
    if f"main.{last}.bias" in state:
        notes.append(f"main.{last} has a bias: build it without bias=False")
    if stages != 4:
        notes.append(f"it has {stages} doublings instead of 4, for {checkpoint.info.config.image_size} px")
    if not notes:
        return ""
    return f"pytorch/examples' Generator with nz {checkpoint.info.config.z_dim}, ngf {width}; {'; '.join(notes)}."


def examples_state(generator: DCGANGenerator, batches: int) -> OrderedDict[str, Tensor]:
    """Weights of a generator with transposed convolutions, by the names of pytorch/examples; float32.

    Args:
        batches: what ``num_batches_tracked`` says.
    """
    state: OrderedDict[str, Tensor] = OrderedDict()
    maps = generator.project_norm.num_features
    weight = generator.project.weight.view(maps, _START, _START, -1)  # (maps, y, x, z_dim)
    state["main.0.weight"] = weight.permute(3, 0, 1, 2)
    _put_norm(state, 1, generator.project_norm, batches)
    place = 3  # after ReLU
    for stage in generator.stages:
        convolution, norm, _ = cast("tuple[nn.ConvTranspose2d, nn.BatchNorm2d, nn.ReLU]", stage)
        state[f"main.{place}.weight"] = convolution.weight
        _put_norm(state, place + 1, norm, batches)
        place += 3
    last = cast(nn.ConvTranspose2d, generator.to_image)
    state[f"main.{place}.weight"] = last.weight
    if last.bias is not None and bool(last.bias.any()):
        state[f"main.{place}.bias"] = last.bias
    return OrderedDict((name, value.detach().cpu().contiguous().clone()) for name, value in state.items())


def _put_norm(state: OrderedDict[str, Tensor], place: int, norm: nn.BatchNorm2d, batches: int) -> None:
    assert norm.running_mean is not None and norm.running_var is not None
    named: dict[str, Tensor] = {"weight": norm.weight, "bias": norm.bias}
    named |= {"running_mean": norm.running_mean, "running_var": norm.running_var}
    named |= {"num_batches_tracked": torch.tensor(batches)}
    state.update({f"main.{place}.{name}": value for name, value in named.items()})
