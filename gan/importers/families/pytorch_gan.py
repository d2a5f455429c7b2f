"""Generators of eriklindernoren/PyTorch-GAN.

Source: implementations/dcgan (as began, dragan, relativistic_gan), lsgan (as ebgan) and wgan (as gan, wgan_gp,
wgan_div, bgan, softmax_gan). Traps: ``BatchNorm2d(n, 0.8)`` sets eps, not momentum, and eps is not in the file;
LeakyReLU(0.2); nearest doubling before a convolution. Early versions of the fully connected one had the usual eps:
:mod:`gan.importers.proving` finds out. Conditional ones (``label_emb``) are refused elsewhere.
"""

from __future__ import annotations

from gan.importers.families.base import Plan, State, chain, picture_shape, square_root
from gan.importers.layers import DOUBLE, Layer, conv, ending, leaky, linear, norm, view

_EPS = 0.8
_LEAKY = leaky(0.2)
_PROJECT = "PyTorch-GAN (eriklindernoren)"
_LINEAR, _NORMS = (0, 2, 5, 8, 11), (None, 3, 6, 9, None)  # places in Sequential of the fully connected one


def recognise(state: State) -> Plan | None:
    """The plan, or None if this is something else."""
    for blocks in ("conv_blocks", "conv_model"):  # the latter until the spring of 2018
        if state.has("l1.0.weight", f"{blocks}.9.weight", f"{blocks}.0.weight"):
            return _convolutional(state, blocks, "dcgan", first_norm=True, convolutions=(2, 6, 9), norms=(3, 7))
        if state.has("l1.0.weight", f"{blocks}.8.weight", f"{blocks}.1.weight"):
            return _convolutional(state, blocks, "lsgan", first_norm=False, convolutions=(1, 5, 8), norms=(2, 6))
    if all(state.has(f"model.{index}.weight") for index in (*_LINEAR, 3, 6, 9)):
        return _connected(state)
    return None


def _convolutional(
    state: State, blocks: str, kind: str, *, first_norm: bool, convolutions: tuple[int, ...], norms: tuple[int, ...]
) -> Plan | None:
    shapes = [state.shape(f"{blocks}.{index}.weight") for index in convolutions]
    start = state.shape("l1.0.weight")
    if len(start) != 2 or any(len(shape) != 4 for shape in shapes):
        return None
    maps = shapes[0][1]
    side = square_root(start[0] // maps) if maps else 0
    layers: list[Layer] = [linear("l1.0", start[1], start[0]), view(maps, side, side)]
    if first_norm:
        layers.append(norm(f"{blocks}.0", maps))
    for place, (index, shape) in enumerate(zip(convolutions, shapes, strict=True)):
        if place < len(norms):
            layers.append(DOUBLE)
        layers.append(conv(f"{blocks}.{index}", shape[1], shape[0], shape[2], padding=1, bias=True))
        if place < len(norms):
            layers += [norm(f"{blocks}.{norms[place]}", shape[0], _EPS), _LEAKY]
    return chain(f"pytorch-gan-{kind}", f"{_PROJECT} {kind}", layers + ending("tanh"), start[1])


def _connected(state: State) -> Plan | None:
    shapes = [state.shape(f"model.{index}.weight") for index in _LINEAR]
    if any(len(shape) != 2 for shape in shapes) or (picture := picture_shape(shapes[-1][0])) is None:
        return None
    layers: list[Layer] = []
    for index, normed, (after, before) in zip(_LINEAR, _NORMS, shapes, strict=True):
        layers.append(linear(f"model.{index}", before, after))
        if normed is not None:
            layers.append(norm(f"model.{normed}", after, _EPS))
        layers.append(_LEAKY)
    layers[-1:] = [*ending("tanh"), view(*picture)]
    return chain("pytorch-gan-wgan", f"{_PROJECT} wgan", layers, shapes[0][1])
