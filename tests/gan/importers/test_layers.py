from __future__ import annotations

import pytest
import torch
from torch import nn

from gan.errors import UserError
from gan.importers.chain import Chain
from gan.importers.layers import (
    DOUBLE,
    RELU,
    conv,
    crop,
    deconv,
    leaky,
    linear,
    norm,
    picture_of,
    trace,
    view,
    weights_of,
)

EVERYTHING = [
    linear("start", 5, 32),
    norm("start_norm", 32, 0.5),
    leaky(0.3),
    view(2, 4, 4),
    deconv("up", 2, 4, 3, stride=2, padding=1, bias=True, output_padding=1),
    norm("up_norm", 4),
    RELU,
    crop(7, 7),
    DOUBLE,
    conv("last", 4, 3, 3, padding=1, bias=False),
    {"op": "tanh"},
]


def test_shapes_are_those_of_the_network():
    shapes = trace(EVERYTHING, 5)
    network = Chain(EVERYTHING, 5).eval()
    x = torch.randn(2, 5)
    for step, shape in zip(network.steps, shapes, strict=True):
        x = step(x)
        assert tuple(x.shape[1:]) == shape
    assert picture_of(EVERYTHING, 5) == (3, 14)


def test_weights_are_those_of_the_network():
    state = {k: tuple(v.shape) for k, v in Chain(EVERYTHING, 5).state_dict().items() if not k.endswith("tracked")}
    assert state == {f"{layer['name']}.{k}": v for layer in EVERYTHING for k, v in weights_of(layer).items()}


def test_settings_reach_the_modules():
    network = Chain(EVERYTHING, 5)
    assert network.get_submodule("start_norm").eps == 0.5 and isinstance(
        network.get_submodule("start_norm"), nn.BatchNorm1d
    )
    assert isinstance(network.get_submodule("up_norm"), nn.BatchNorm2d)
    up = network.get_submodule("up")
    assert (up.stride, up.padding, up.output_padding) == ((2, 2), (1, 1), (1, 1))


def test_names_with_points_make_modules_in_modules():
    network = Chain([linear("a.0", 5, 6), linear("a.b.c", 6, 7)], 5)
    assert list(network.state_dict()) == ["a.0.weight", "a.0.bias", "a.b.c.weight", "a.b.c.bias"]


@pytest.mark.parametrize(
    "layers",
    [
        [linear("a", 6, 7)],
        [view(4, 4)],
        [view(5, 1, 1), deconv("a", 5, 3, 4, stride=0, padding=0, bias=False), crop(0, 0)],
        [view(5, 1, 1), conv("a", 5, 3, 9, padding=0, bias=False)],
        [view(5, 1, 1), norm("a", 4)],
        [linear("a", 5, -7)],
        [linear("a", 5, 2**30)],
        [{"op": "eval"}],
        [{}],
        [7],
        [RELU] * 500,
        [view(5, 1, 1), *[DOUBLE] * 40],
        [
            view(5, 1, 1),
            {"op": "upsample", "scale": 1000},
            *[conv(f"c{i}", 5, 5, 9, padding=4, bias=False) for i in range(70)],
        ],
    ],
)
def test_what_cannot_be_or_would_take_for_ever(layers):
    with pytest.raises(UserError):
        trace(layers, 5)


@pytest.mark.parametrize("shape", [(5,), (5, 1, 1), (1, 5, 1)])
def test_what_is_no_picture(shape):
    with pytest.raises(UserError, match="no square picture"):
        picture_of([view(*shape)], 5)
