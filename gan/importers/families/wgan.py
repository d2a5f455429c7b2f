"""Generators of the code that the authors of the Wasserstein GAN published (Arjovsky et al. 2017, arXiv 1701.07875).

Source: martinarjovsky/WassersteinGAN, models/dcgan.py (``DCGAN_G``, ``DCGAN_G_nobn``) and models/mlp.py (``MLP_G``).
Names tell everything: ``main.pyramid:64-32:convt``; old versions wrote points for colons. Extra layers are 3 x 3
convolutions without bias before the last layer. Traps: ``MLP_G`` has no tanh, its numbers are not bounded.
"""

from __future__ import annotations

import re

from gan.importers.families.base import Plan, State, chain, picture_shape
from gan.importers.layers import RELU, Layer, conv, deconv, ending, linear, norm, view

_NAME = re.compile(
    r"(main\.(initial|pyramid|extra-layers-(\d+)|final)[:.](\d+)(?:-(\d+))?[:.](convt|conv|batchnorm))"
    r"\.(weight|bias|running_mean|running_var|num_batches_tracked)"
)
_STAGES = ("initial", "pyramid", "extra-layers", "final")
_PROJECT = "WassersteinGAN (martinarjovsky)"


def recognise(state: State) -> Plan | None:
    """The plan, or None if this is something else."""
    return _mlp(state) or _dcgan(state)


def _dcgan(state: State) -> Plan | None:
    modules: dict[str, tuple[int, int, int, int]] = {}
    for name in state.tensors:
        match = _NAME.fullmatch(name)
        if match is None:
            return None
        module, stage, extra, first, _, kind, _ = match.groups()
        features = int(first)
        if kind == "convt":
            features = state.shape(f"{module}.weight")[1] if len(state.shape(f"{module}.weight")) == 4 else 0
        # pyramid halves its maps at every step, so that fewer maps means later
        place = (_STAGES.index(re.sub(r"-\d+$", "", stage)), int(extra or 0), -features, int(kind == "batchnorm"))
        modules[module] = place
    order = sorted(modules, key=lambda module: modules[module])
    convolutions = [module for module in order if not module.endswith("batchnorm")]
    stages = [modules[module][0] for module in convolutions]
    if (
        stages.count(0) != 1
        or stages.count(3) != 1
        or any(len(state.shape(f"{module}.weight")) != 4 for module in convolutions)
    ):
        return None
    z_dim = state.shape(f"{convolutions[0]}.weight")[0]
    layers: list[Layer] = [view(z_dim, 1, 1)]
    for index, module in enumerate(order):
        shape = state.shape(f"{module}.weight")
        if module.endswith("batchnorm"):
            layers.append(norm(module, shape[0] if shape else 0))
        elif module.endswith("convt"):
            stride, padding = (1, 0) if modules[module][0] == 0 else (2, 1)
            bias = state.has(f"{module}.bias")
            layers.append(deconv(module, shape[0], shape[1], shape[2], stride=stride, padding=padding, bias=bias))
        else:
            layers.append(conv(module, shape[1], shape[0], shape[2], padding=1, bias=state.has(f"{module}.bias")))
        last = index == len(order) - 1
        if not last and not order[index + 1].endswith("batchnorm"):
            layers.append(RELU)
    return chain("wgan-dcgan", f"{_PROJECT} DCGAN_G", layers + ending("tanh"), z_dim)


def _mlp(state: State) -> Plan | None:
    names = [f"main.{index}" for index in (0, 2, 4, 6)]
    if set(state.tensors) != {f"{name}.{kind}" for name in names for kind in ("weight", "bias")}:
        return None
    shapes = [state.shape(f"{name}.weight") for name in names]
    if any(len(shape) != 2 for shape in shapes) or (picture := picture_shape(shapes[-1][0])) is None:
        return None
    layers: list[Layer] = []
    for name, (after, before) in zip(names, shapes, strict=True):
        layers += [linear(name, before, after), RELU]
    layers[-1] = view(*picture)
    return chain("wgan-mlp", f"{_PROJECT} MLP_G", layers, shapes[0][1])
