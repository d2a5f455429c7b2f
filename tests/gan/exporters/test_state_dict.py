"""State dicts in the names of pytorch/examples, against that project's generator written out by hand."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import torch
from torch import nn

from gan.checkpoints import CheckpointInfo, load_checkpoint, save_checkpoint
from gan.config import ModelConfig
from gan.errors import UserError
from gan.exporters.state_dict import export_state_dict
from gan.latent.draws import draw
from gan.models import build_generator
from gan.rendering import open_renderer


def native(path, size=64, bias=0.5, **more):
    torch.manual_seed(0)
    config = ModelConfig(image_size=size, z_dim=6, width=2, **more)
    generator = build_generator(config)
    with torch.no_grad():
        for parameter in generator.parameters():
            parameter.mul_(8)
        generator.to_image.bias.fill_(bias)
        for _ in range(60):
            generator.train()(torch.randn(32, 6))
    save_checkpoint(path, generator, CheckpointInfo(path, "dcgan", config, step=60))
    return path


def theirs(widths, bias):
    """dcgan/main.py of pytorch/examples, with nz 6."""
    layers = [nn.ConvTranspose2d(6, widths[0], 4, 1, 0, bias=False), nn.BatchNorm2d(widths[0]), nn.ReLU(True)]
    for before, after in pairwise(widths):
        layers += [nn.ConvTranspose2d(before, after, 4, 2, 1, bias=False), nn.BatchNorm2d(after), nn.ReLU(True)]
    layers += [nn.ConvTranspose2d(widths[-1], 3, 4, 2, 1, bias=bias), nn.Tanh()]
    return nn.ModuleDict({"main": nn.Sequential(*layers)})


@pytest.mark.parametrize(("size", "bias"), [(64, 0.5), (64, 0.0), (32, 0.5)])
def test_their_class_draws_our_pictures(tmp_path, size, bias):
    source, out = native(tmp_path / "m.safetensors", size, bias), tmp_path / "netG.pth"
    note = export_state_dict(out, load_checkpoint(source))
    network = theirs([16, 8, 4, 2] if size == 64 else [8, 4, 2], bias != 0)
    network.load_state_dict(torch.load(out, weights_only=True))  # strict: every name, none more
    latents = draw(4, 6, 0)
    ours = open_renderer(source, "cpu")
    with torch.no_grad():
        found = network.eval()["main"](torch.from_numpy(latents)[:, :, None, None]).numpy()
    wanted = ours.raw(latents)
    assert wanted.std() > 0.05 and np.abs(found - wanted).max() < 1e-5
    assert ("bias" in note, "doublings" in note) == (bias != 0, size != 64)
    again = open_renderer(out, "cpu")
    assert again.info.family == "imported:dcgan" and not again.info.warnings
    assert np.abs(again.pixels(latents).astype(int) - ours.pixels(latents)).max() <= 1


def test_what_has_no_such_names(tmp_path):
    resize = native(tmp_path / "m.safetensors", upsampling="resize")
    with pytest.raises(UserError, match="resizing"):
        export_state_dict(tmp_path / "x.pth", load_checkpoint(resize))
    export_state_dict(tmp_path / "netG.pth", load_checkpoint(native(tmp_path / "n.safetensors")))
    with pytest.raises(UserError, match=r"netG\.pth is no DCGAN of this program's own"):
        export_state_dict(tmp_path / "x.pth", load_checkpoint(tmp_path / "netG.pth"))
    assert not (tmp_path / "x.pth").exists()
