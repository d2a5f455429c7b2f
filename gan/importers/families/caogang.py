"""Generators of caogang/wgan-gp (after Gulrajani et al. 2017, arXiv 1704.00028).

Source: gan_cifar10.py (2 x 2 kernels, batch normalisation, tanh, 32 px RGB) and gan_mnist.py (5 x 5 kernels without
normalisation, sigmoid, 28 px grey). Traps: the MNIST one cuts 8 x 8 maps to 7 x 7 after its first block, and its
pictures lie in [0, 1]; the CIFAR one normalises the 4 x 4 maps as a flat vector.
"""

from __future__ import annotations

from gan.importers.families.base import Plan, State, chain
from gan.importers.layers import RELU, Layer, crop, deconv, ending, linear, norm, view

_DECONVS = ("block1.0", "block2.0", "deconv_out")


def recognise(state: State) -> Plan | None:
    """The plan, or None if this is something else."""
    if not state.has("preprocess.0.weight", *(f"{name}.weight" for name in _DECONVS)):
        return None
    start, shapes = state.shape("preprocess.0.weight"), [state.shape(f"{name}.weight") for name in _DECONVS]
    kernels = tuple(shape[2] for shape in shapes if len(shape) == 4)
    if len(start) != 2 or kernels not in ((2, 2, 2), (5, 5, 8)):
        return None
    colour = kernels == (2, 2, 2)
    layers: list[Layer] = [linear("preprocess.0", start[1], start[0])]
    if colour:
        layers.append(norm("preprocess.1", start[0]))
    layers += [RELU, view(shapes[0][0], 4, 4)]
    for index, (name, shape) in enumerate(zip(_DECONVS, shapes, strict=True)):
        stride = 2 if colour or index == 2 else 1
        layers.append(deconv(name, shape[0], shape[1], shape[2], stride=stride, padding=0, bias=True))
        if index < 2:
            layers += [norm(f"block{index + 1}.1", shape[1])] if colour else []
            layers.append(RELU)
        if index == 0 and not colour:
            layers.append(crop(7, 7))
    name = "CIFAR" if colour else "MNIST"
    return chain(
        f"caogang-{name.lower()}",
        f"wgan-gp (caogang) {name}",
        layers + ending("tanh" if colour else "sigmoid"),
        start[1],
        output_range="-1..1" if colour else "0..1",
    )
