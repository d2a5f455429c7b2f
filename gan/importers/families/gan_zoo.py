"""The DCGAN of facebookresearch/pytorch_GAN_zoo.

Source: models/networks/DCGAN_nets.py (``GNet``), models/DCGAN.py and models/base_GAN.py. The activation at the end
belongs to the loss (models/loss_criterions): tanh for DCGAN and MSE, none for WGANGP and Logistic. Traps: ``avgG``
averages parameters only, its normalisation never saw a picture; and the project never calls ``eval()``: it always draws
with the statistics of the batch.
"""

from __future__ import annotations

import re

from gan.importers.families.base import Plan, State, chain
from gan.importers.layers import RELU, Layer, deconv, ending, norm, view

_LOSS = ("losscriterion", "lossmode")
"""What a configuration calls the loss: the object that the project saves, and its settings on the command line."""


def recognise(state: State) -> Plan | None:
    """The plan, or None if this is something else."""
    if not state.has("formatLayer.weight", "main.batchNorm0.weight", "main.outlayer.weight"):
        return None
    depth = len([name for name in state.tensors if re.fullmatch(r"main\.convTranspose\d+\.weight", name)])
    names = ["formatLayer", *(f"main.convTranspose{index + 1}" for index in range(depth)), "main.outlayer"]
    shapes = [state.shape(f"{name}.weight") for name in names]
    if any(len(shape) != 4 for shape in shapes):
        return None
    layers: list[Layer] = [view(shapes[0][0], 1, 1)]
    for index, (name, shape) in enumerate(zip(names, shapes, strict=True)):
        stride, padding = (1, 0) if index == 0 else (2, 1)
        layers.append(deconv(name, shape[0], shape[1], shape[2], stride=stride, padding=padding, bias=False))
        if name != "main.outlayer":
            layers += [norm(f"main.batchNorm{index}", shape[1]), RELU]
    losses = {str(value) for name, value in state.notes.items() if name.rpartition(".")[2].lower() in _LOSS}
    bounded = not losses & {"WGANGP", "Logistic"}
    averaged = state.path[-1:] == ("avgG",)
    return chain(
        "gan-zoo-dcgan",
        "pytorch_GAN_zoo DCGAN (facebookresearch)",
        layers + ending("tanh" if bounded else "none"),
        shapes[0][0],
        batch_stats="batch" if averaged else "running",
    )
