"""DCGAN generators that are one ``nn.Sequential`` of transposed convolutions (Radford et al. 2015, arXiv 1511.06434).

Source: pytorch/examples, dcgan/main.py, and PyTorch's DCGAN tutorial: ``main.0`` ConvTranspose2d(nz, 8 ngf, 4, 1, 0),
``main.1`` BatchNorm2d, ``main.2`` ReLU, then kernels of 4, stride 2, padding 1, tanh. Many models on Hugging Face are
this under ``model.``, ``network.`` or ``net.``, with biases, or as blocks (``gen.0.0``).

Traps: the file has kernels but no strides: 3, 3, 4, 4 is nateraw/cryptopunks-gan (1 -> 3 -> 5 -> 12 -> 24 px),
3, 4, 3, 4 the generator of the GANs course of deeplearning.ai (1 -> 3 -> 6 -> 13 -> 28 px), and 4, 3, 4, 4 how
pytorch/examples' is usually made to fit MNIST (4 -> 7 -> 14 -> 28 px); any other mix is refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

from gan.errors import UserError
from gan.importers.families.base import Plan, State, chain
from gan.importers.layers import RELU, Layer, deconv, ending, leaky, norm, view
from gan.importers.tree import Module

_NAME = re.compile(r"((?:[A-Za-z_]\w*\.)?)(\d+(?:\.\d+)*)\.(weight|bias|running_mean|running_var|num_batches_tracked)")
KNOWN_PREFIXES = ("", "main.", "model.", "network.", "net.", "gen.", "generator.")
"""The usual names: under these, tanh at the end goes without saying; under others somebody has to say it."""
_MIXED = {
    (3, 3, 4, 4): ((1, 0), (2, 1), (2, 0), (2, 1)),
    (3, 4, 3, 4): ((2, 0), (1, 0), (2, 0), (2, 0)),
    (4, 3, 4, 4): ((1, 0), (2, 1), (2, 1), (2, 1)),
}
"""Strides and paddings of known generators whose kernels differ."""
_NAMES: dict[tuple[int, ...], str] = {
    (3, 3, 4, 4): "cryptopunks-gan (nateraw, Hugging Face)",
    (3, 4, 3, 4): "DCGAN of the deeplearning.ai GANs course",
    (4, 3, 4, 4): "DCGAN for MNIST's 28 px",
}
_MOST = 50
_IGNORED_KINDS = ("Dropout", "Dropout2d", "Identity", "Sequential", "ModuleList", "ConvTranspose2d", "BatchNorm2d")


@dataclass
class _Part:
    """A module with weights: its place in the Sequential and what it holds."""

    place: tuple[int, ...]
    name: str
    shape: tuple[int, ...]
    bias: bool
    is_norm: bool


def recognise(state: State) -> Plan | None:
    """The plan, or None if this is something else.

    Raises:
        UserError: it is a chain of transposed convolutions, but the file does not tell how they are joined.
    """
    found = _parts(state)
    if found is None:
        return None
    prefix, parts = found
    deconvs = [part for part in parts if not part.is_norm]
    if not 2 <= len(deconvs) <= _MOST:
        return None
    breaks = [b.name for a, b in pairwise(deconvs) if a.shape[1] != b.shape[0]]
    if breaks and len(breaks) == len(deconvs) - 1:
        return None  # no chain at all: a discriminator's weights lie the other way round
    if breaks:
        raise UserError(
            f"This is a DCGAN, but {breaks[0]} does not fit what comes before it: a weight is missing.",
            "Save the generator's whole state_dict.",
        )
    z_dim, kernels = deconvs[0].shape[0], tuple(part.shape[2] for part in deconvs)
    told = bool(state.modules)
    geometry = _told_geometry(state, deconvs) or _geometry(kernels)
    layers: list[Layer] = [view(z_dim, 1, 1)]
    places = iter(geometry)
    for index, part in enumerate(parts):
        if part.is_norm:
            eps = state.modules[part.name].facts.get("eps") if part.name in state.modules else None
            layers.append(norm(part.name, part.shape[0], eps if isinstance(eps, float) else 1e-5))
        else:
            stride, padding, more = next(places)
            before, after, kernel = part.shape[:3]
            layers.append(
                deconv(
                    part.name,
                    before,
                    after,
                    kernel,
                    stride=stride,
                    padding=padding,
                    bias=part.bias,
                    output_padding=more,
                )
            )
        last = index == len(parts) - 1
        if not last and not parts[index + 1].is_norm:
            layers += _told_between(state, prefix, part, parts[index + 1]) if told else _between(part, parts[index + 1])
    asks: tuple[str, ...] = ()
    final = _told_ending(state, prefix, parts[-1]) if told else None
    if final is None:
        final = "tanh"
        asks = () if prefix in KNOWN_PREFIXES else ("activation",)
    project = _NAMES.get(kernels, "DCGAN (pytorch/examples)" if prefix == "main." else "DCGAN chain")
    output_range = "0..1" if final == "sigmoid" else "-1..1"
    return chain("dcgan", project, layers + ending(final), z_dim, asks=asks, output_range=output_range)


def _parts(state: State) -> tuple[str, list[_Part]] | None:
    """The prefix of all names, and the modules in order; None if there is anything else in the state."""
    prefixes, names = set(), {}
    for name in state.tensors:
        match = _NAME.fullmatch(name)
        if match is None:
            return None
        prefixes.add(match[1])
        names[name.rpartition(".")[0]] = tuple(map(int, match[2].split(".")))
    if len(prefixes) != 1:
        return None
    parts = []
    for name, place in sorted(names.items(), key=lambda item: item[1]):
        shape = state.shape(f"{name}.weight")
        is_norm = state.has(f"{name}.running_mean") and len(shape) == 1
        if not is_norm and (len(shape) != 4 or shape[2] != shape[3]):
            return None
        parts.append(_Part(place, name, shape, f"{name}.bias" in state.tensors, is_norm))
    if not parts or parts[0].is_norm or parts[-1].is_norm:
        return None
    return prefixes.pop(), parts


def _geometry(kernels: tuple[int, ...]) -> list[tuple[int, int, int]]:
    """(stride, padding, output padding) of each, where kernels alone tell."""
    if kernels in _MIXED:
        return [(stride, padding, 0) for stride, padding in _MIXED[kernels]]
    if set(kernels[1:]) == {4}:
        return [(1, 0, 0), *[(2, 1, 0)] * (len(kernels) - 1)]
    raise UserError(
        f"This is a chain of transposed convolutions with kernels of {', '.join(map(str, kernels))} pixels. "
        "The file does not hold their strides, and no known generator has these kernels.",
        "Save the whole module instead of its state_dict, or export it to ONNX.",
    )


def _between(part: _Part, following: _Part) -> list[Layer]:
    """The activation between two modules with weights, of which a state dict only shows the gap in the count."""
    nested = len(part.place) > 1 or len(following.place) > 1
    gap = following.place[-1] - part.place[-1] - 1 if not nested else 1
    if gap != 1:
        raise UserError(
            f"Between {part.name} and {following.name} there are {gap} modules without weights, not one activation.",
            "Save the whole module instead of its state_dict, or export it to ONNX.",
        )
    return [RELU]


def _told_geometry(state: State, deconvs: list[_Part]) -> list[tuple[int, int, int]] | None:
    """Strides and paddings, where the file holds the modules themselves (a TorchScript file has only their names)."""
    found = []
    for part in deconvs:
        facts = state.modules[part.name].facts if part.name in state.modules else {}
        numbers = [facts.get(key) for key in ("stride", "padding", "output_padding")]
        pairs = [value for value in numbers if isinstance(value, list) and len(value) == 2 and value[0] == value[1]]
        if len(pairs) != 3 or facts.get("groups", 1) != 1:
            return None
        stride, padding, more = (value[0] for value in pairs)
        if not (isinstance(stride, int) and isinstance(padding, int) and isinstance(more, int)):
            return None
        found.append((stride, padding, more))
    return found


def _told_between(state: State, prefix: str, part: _Part, following: _Part) -> list[Layer]:
    layers: list[Layer] = []
    for module in _without_weights(state, prefix, part.place, following.place):
        kind = module.kind.rpartition(".")[2]
        slope = module.facts.get("negative_slope")
        if kind == "ReLU":
            layers.append(RELU)
        elif kind == "LeakyReLU":
            layers.append(leaky(slope if isinstance(slope, float) else 0.2))
        elif kind not in _IGNORED_KINDS:
            raise UserError(f"Between {part.name} and {following.name} the file has a {kind}, which is not known here.")
    return layers or [RELU]


def _told_ending(state: State, prefix: str, last: _Part) -> str | None:
    for module in _without_weights(state, prefix, last.place, (10**9,)):
        kind = module.kind.rpartition(".")[2]
        if kind in ("Tanh", "Sigmoid"):
            return kind.lower()
    return None


def _without_weights(state: State, prefix: str, start: tuple[int, ...], end: tuple[int, ...]) -> list[Module]:
    found = []
    for name, module in state.modules.items():
        place = name.removeprefix(prefix)
        if re.fullmatch(r"\d+(\.\d+)*", place) and start < (numbers := tuple(map(int, place.split(".")))) < end:
            found.append((numbers, module))
    return [module for _, module in sorted(found, key=lambda item: item[0])]
