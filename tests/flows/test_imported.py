"""Somebody opens a generator that another project trained."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from gan.latent.draws import draw
from gan.rendering import open_renderer


def write(path: Path, channels: int = 3, value: object = None) -> Path:
    """A small DCGAN of pytorch/examples' layout: z 6, 16 px."""
    torch.manual_seed(0)
    main = nn.Sequential(
        nn.ConvTranspose2d(6, 8, 4, 1, 0, bias=False),
        nn.BatchNorm2d(8),
        nn.ReLU(),
        nn.ConvTranspose2d(8, 4, 4, 2, 1, bias=False),
        nn.BatchNorm2d(4),
        nn.ReLU(),
        nn.ConvTranspose2d(4, channels, 4, 2, 1, bias=False),
    )
    with torch.no_grad():
        for weight in main.parameters():
            weight.normal_(0, 0.4)
        for _ in range(9):
            main(torch.randn(16, 6, 1, 1))
    state = {f"main.{name}": tensor for name, tensor in main.state_dict().items()}
    torch.save(state if value is None else {"netG": state, "note": value}, path)
    return path


def test_open_steer_and_look_at_the_details(open_window, make_model, tmp_path):
    d = open_window(make_model())
    path = write(tmp_path / "netG.pth")
    d.answer_dialog("file.open", "dialog.open", path)
    assert len(d.sliders()) == 6 and not d.message()
    renderer = open_renderer(path, "cpu")
    assert np.array_equal(d.picture(), renderer.pixels(d.z[None])[0])
    d.trigger("latent.random")
    assert np.array_equal(d.picture(), renderer.pixels(d.z[None])[0])
    d.trigger("bookmark.add")
    assert d.stars()[0].model_name == "netG"


@pytest.mark.parametrize("channels", [1, 4])
def test_grey_and_transparent_pictures(open_window, tmp_path, channels):
    path = write(tmp_path / "netG.pth", channels)
    d = open_window(path)
    assert (d.window.canvas.picture.width(), d.window.canvas.picture.hasAlphaChannel()) == (16, channels == 4)
    d.trigger("neighbours.sample")
    d.trigger("bookmark.add")
    assert len(d.stars()) == 1


class Bomb:
    def __init__(self, canary: Path) -> None:
        self.canary = canary

    def __reduce__(self):
        return os.system, (f"touch {self.canary}",)


def test_doubts_are_told_and_nothing_runs(open_window, tmp_path):
    d = open_window(write(tmp_path / "netG.pth", value=Bomb(tmp_path / "canary")))
    assert "do not trust it" in d.message() and len(d.sliders()) == 6
    assert not (tmp_path / "canary").exists()


def test_what_is_no_generator_is_one_sentence_and_the_model_stays(open_window, make_model, tmp_path):
    d = open_window(make_model())
    before = d.picture()
    torch.save({"fc.weight": torch.ones(3136, 32), "c2.weight": torch.ones(1, 32, 3, 3)}, tmp_path / "odd.pth")
    d.answer_dialog("file.open", "dialog.open", tmp_path / "odd.pth")
    assert "may be a generator" in d.message() and np.array_equal(d.picture(), before)
    assert len(draw(1, 12, 0)[0]) == len(d.sliders())
