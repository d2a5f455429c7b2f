"""What can be chosen for a generator, as it is drawn."""

from __future__ import annotations

import pytest
import torch

from gan.importers.choices import Choices
from gan.importers.chosen import chosen
from gan.importers.opening import open_foreign

from .conftest import Main, dcgan, lively, spatial
from .projects import GanZoo, MimicryResNet, mlp_g

MAKE = {
    "dcgan": (lambda: Main(lively(dcgan(), spatial(6))), Choices("tanh", "-1..1", "running")),
    "nothing at its end, nothing normalised": (lambda: mlp_g(16, 3), Choices("none", "-1..1", None)),
    "gan zoo": (GanZoo, Choices("tanh", "-1..1", "batch")),
    "mimicry": (lambda: MimicryResNet([4, 4, 4, 4], 4), Choices("tanh", "-1..1", "running")),
}


@pytest.mark.parametrize("name", MAKE)
def test_as_it_is_drawn(tmp_path, name):
    make, wanted = MAKE[name]
    torch.save({"avgG": make().state_dict()}, tmp_path / "x.pth")
    config = open_foreign(tmp_path / "x.pth").info.config
    assert chosen(config) == wanted
    assert open_foreign(tmp_path / "x.pth", wanted).info.config == config
    other = Choices("sigmoid", "0..1", wanted.batch_stats and "running")
    assert chosen(open_foreign(tmp_path / "x.pth", other).info.config) == other
