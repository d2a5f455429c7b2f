"""Generators that are one layer after another, as plain data: families find it out, headers store it, chains build it.

A layer is a dictionary with ``op`` and the op's numbers; layers with weights have the ``name`` that the file gives.
:func:`trace` follows the shapes, so that nothing impossible or enormous is ever built.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gan.errors import UserError
from gan.importers.config import MAX_IMAGE_SIZE

Layer = dict[str, Any]
Shape = tuple[int, ...]
"""Without the batch: (features,) or (channels, height, width)."""
MAX_LAYERS = 400
MAX_ACTIVATION = 2**26
"""Numbers that one layer may answer for one picture."""
MAX_WORK = 10**11
"""Multiplications for one picture: some seconds."""
ACTIVATIONS = ("tanh", "sigmoid", "none")
"""What a generator may end in; none leaves its numbers as they are."""


def view(*shape: int) -> Layer:
    """(features,) or any shape -> ``shape``."""
    return {"op": "view", "shape": list(shape)}


def linear(name: str, before: int, after: int, bias: bool = True) -> Layer:
    """Fully connected."""
    return {"op": "linear", "name": name, "in": before, "out": after, "bias": bias}


def conv(name: str, before: int, after: int, kernel: int, *, padding: int, bias: bool) -> Layer:
    """A convolution with stride 1."""
    return {"op": "conv", "name": name, "in": before, "out": after, "kernel": kernel, "padding": padding, "bias": bias}


def deconv(
    name: str, before: int, after: int, kernel: int, *, stride: int, padding: int, bias: bool, output_padding: int = 0
) -> Layer:
    """A transposed convolution."""
    numbers = {"in": before, "out": after, "kernel": kernel, "stride": stride, "padding": padding}
    return {"op": "deconv", "name": name, **numbers, "output_padding": output_padding, "bias": bias}


def norm(name: str, features: int, eps: float = 1e-5) -> Layer:
    """Batch normalisation with weights, over maps or features."""
    return {"op": "norm", "name": name, "in": features, "eps": eps}


def leaky(slope: float) -> Layer:
    """Leaky ReLU."""
    return {"op": "leaky", "slope": slope}


RELU: Layer = {"op": "relu"}
DOUBLE: Layer = {"op": "upsample", "scale": 2, "mode": "nearest"}


def crop(height: int, width: int) -> Layer:
    """The upper left part."""
    return {"op": "crop", "height": height, "width": width}


def ending(activation: str) -> list[Layer]:
    """The layers for one of :data:`ACTIVATIONS`."""
    return [] if activation == "none" else [{"op": activation}]


def weights_of(layer: Layer) -> dict[str, Shape]:
    """Names (after the layer's own) and shapes of what it learns or keeps."""
    op, k = layer["op"], layer.get("kernel", 0)
    if op == "norm":
        return dict.fromkeys(("weight", "bias", "running_mean", "running_var"), (layer["in"],))
    shapes = {
        "linear": (layer.get("out"), layer.get("in")),
        "conv": (layer.get("out"), layer.get("in"), k, k),
        "deconv": (layer.get("in"), layer.get("out"), k, k),
    }
    if op not in shapes:
        return {}
    found: dict[str, Shape] = {"weight": shapes[op]}  # type: ignore[dict-item]
    return {**found, "bias": (layer["out"],)} if layer["bias"] else found


def trace(layers: Sequence[Layer], z_dim: int) -> list[Shape]:
    """The shape after every layer, for one latent (z_dim,).

    Raises:
        UserError: a layer does not fit the one before it, or answers far too much.
    """
    if len(layers) > MAX_LAYERS:
        raise UserError("The model has far too many layers.")
    shape: Shape = (z_dim,)
    shapes, work = [], 0
    for layer in layers:
        before = shape
        try:
            shape = _after(layer, shape)
            work += _work(layer, before, shape)
        except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
            name = layer.get("name", layer.get("op")) if isinstance(layer, dict) else layer
            raise UserError(f"The layers of the model do not fit together (at {str(name)[:100]}).") from error
        if min(shape) < 1 or _count(shape) > MAX_ACTIVATION:
            raise UserError("The layers of the model make pictures of impossible size.")
        if work > MAX_WORK:
            raise UserError("The model is so large that a picture would take minutes.")
        shapes.append(shape)
    return shapes


def picture_of(layers: Sequence[Layer], z_dim: int) -> tuple[int, int]:
    """(channels, size) of the pictures.

    Raises:
        UserError: no square pictures with 1, 3 or 4 channels.
    """
    shape = trace(layers, z_dim)[-1]
    if len(shape) != 3 or shape[1] != shape[2] or shape[0] not in (1, 3, 4) or shape[1] > MAX_IMAGE_SIZE:
        raise UserError(f"The model makes {' × '.join(map(str, shape))} numbers, which is no square picture.")
    return shape[0], shape[1]


def _after(layer: Layer, shape: Shape) -> Shape:
    op = layer["op"]
    if op in ("relu", "tanh", "sigmoid", "leaky"):
        return shape
    if op == "view":
        new = tuple(_whole(size) for size in layer["shape"])
        if _count(new) != _count(shape):
            raise ValueError
        return new
    if op == "crop":
        return shape[0], min(shape[1], _whole(layer["height"])), min(shape[2], _whole(layer["width"]))
    if op == "upsample":
        scale = _whole(layer["scale"])
        return shape[0], shape[1] * scale, shape[2] * scale
    if _whole(layer["in"]) != shape[0]:
        raise ValueError
    if op == "norm":
        return shape
    if op == "linear":
        (_,) = shape
        return (_whole(layer["out"]),)
    kernel, padding = _whole(layer["kernel"]), _whole(layer["padding"])
    _, height, width = shape
    if op == "conv":
        return _whole(layer["out"]), height + 2 * padding - kernel + 1, width + 2 * padding - kernel + 1
    if op == "deconv":
        stride, more = _whole(layer["stride"]), _whole(layer["output_padding"])
        grow = kernel - 2 * padding + more
        return _whole(layer["out"]), (height - 1) * stride + grow, (width - 1) * stride + grow
    raise ValueError


def _work(layer: Layer, before: Shape, after: Shape) -> int:
    """Multiplications of a layer with weights."""
    weight = weights_of(layer).get("weight", ()) if layer["op"] in ("linear", "conv", "deconv") else (0,)
    area = before[1:] if layer["op"] == "deconv" else after[1:]
    return _count(weight) * _count(area)


def _whole(value: Any) -> int:
    if type(value) is not int or not 0 <= value < 2**24:
        raise ValueError
    return value


def _count(shape: Shape) -> int:
    count = 1
    for size in shape:
        count *= size
    return count
