"""ONNX files: onnxruntime, and this program again, draw the same pictures with them."""

from __future__ import annotations

import json
import sys

import numpy as np
import pytest
import torch
from torch import nn

onnx = pytest.importorskip("onnx")
onnxruntime = pytest.importorskip("onnxruntime")

from gan.checkpoints import CheckpointInfo, load_checkpoint, save_checkpoint  # noqa: E402
from gan.config import ModelConfig  # noqa: E402
from gan.errors import UserError  # noqa: E402
from gan.exporters.onnx import export_onnx  # noqa: E402
from gan.importers.choices import Choices  # noqa: E402
from gan.latent.draws import draw  # noqa: E402
from gan.models import build_generator  # noqa: E402
from gan.rendering import open_renderer  # noqa: E402

from ..importers.conftest import Main, dcgan, lively, spatial  # noqa: E402
from ..importers.projects import (  # noqa: E402
    CaogangMnist,
    GanZoo,
    MimicryResNet,
    PytorchGanConvolutional,
    mlp_g,
    wgan_dcgan,
)


def native(path, **more):
    """A checkpoint of ours with contrast and statistics."""
    torch.manual_seed(0)
    config = ModelConfig(image_size=32, z_dim=6, width=2, **more)
    generator = build_generator(config)
    with torch.no_grad():
        for parameter in generator.parameters():
            parameter.mul_(8)
        generator.train()(torch.randn(32, 6))
    save_checkpoint(path, generator, CheckpointInfo(path, "dcgan", config, step=9, run="r"))
    return path


def same_pictures(path, source, choices=None):
    """Export ``source`` to ``path``; our own renderer makes at most one step of difference."""
    export_onnx(path, load_checkpoint(source, choices=choices))
    before, after = open_renderer(source, "cpu", choices), open_renderer(path, "cpu")
    latents = draw(5, before.dim, seed=3)
    wanted = before.pixels(latents).astype(int)
    assert wanted.std() > 5, "a picture without contrast proves nothing"
    assert np.abs(after.pixels(latents) - wanted).max() <= 1
    return before, after


@pytest.mark.parametrize("more", [{}, {"upsampling": "resize"}, {"channels": 1}])
def test_our_own(tmp_path, more):
    path = tmp_path / "x.onnx"
    before, after = same_pictures(path, native(tmp_path / "m.safetensors", **more))
    assert after.info.config.channels == before.info.config.channels
    model = onnx.load(path)
    onnx.checker.check_model(model)
    (props,) = model.metadata_props
    about = json.loads(props.value)
    assert (about["family"], about["step"], about["run"], about["output_range"]) == ("dcgan", 9, "r", "-1..1")
    assert about["sha256"] == before.info.sha256


def test_any_number_of_latents_at_a_time(tmp_path):
    source = native(tmp_path / "m.safetensors")
    export_onnx(tmp_path / "x.onnx", load_checkpoint(source))
    session = onnxruntime.InferenceSession(tmp_path / "x.onnx", providers=["CPUExecutionProvider"])
    latents = draw(7, 6, seed=1)
    wanted = open_renderer(source, "cpu").raw(latents)
    for n in (1, 2, 7):
        (found,) = session.run(["image"], {"z": latents[:n]})
        assert found.shape == (n, 3, 32, 32) and np.abs(found - wanted[:n]).max() < 1e-4


@pytest.mark.parametrize(
    "make",
    [
        lambda: Main(lively(dcgan(channels=4), spatial(6))),
        lambda: wgan_dcgan(16, 1),
        lambda: mlp_g(16, 3),
        lambda: PytorchGanConvolutional(28, 1, first_norm=True),
        CaogangMnist,
        GanZoo,
        lambda: MimicryResNet([4, 4, 4, 4], 4),
    ],
    ids=["dcgan", "wgan", "mlp", "pytorch-gan", "caogang", "gan-zoo", "mimicry"],
)
def test_other_projects(tmp_path, make):
    network = make()
    if not isinstance(network, Main):
        network = lively(network, lambda n: torch.randn(n, 5), 60)
    torch.save(network.state_dict(), tmp_path / "x.pth")
    same_pictures(tmp_path / "x.onnx", tmp_path / "x.pth")


def test_what_was_chosen_is_in_the_file(tmp_path):
    torch.save(Main(lively(dcgan(), spatial(6))).state_dict(), tmp_path / "x.pth")
    _, after = same_pictures(tmp_path / "x.onnx", tmp_path / "x.pth", Choices(activation="sigmoid"))
    assert after.info.config.output_range == "0..1"


def test_black_and_white_need_not_be_said_again(tmp_path):
    """The file ends in no sigmoid, so that only what is noted in it tells that 0 is black."""
    torch.save(Main(lively(dcgan(), spatial(6))).state_dict(), tmp_path / "x.pth")
    _, after = same_pictures(tmp_path / "x.onnx", tmp_path / "x.pth", Choices("none", "0..1"))
    assert after.info.config.output_range == "0..1"
    said = open_renderer(tmp_path / "x.onnx", "cpu", Choices(output_range="-1..1"))
    assert said.info.config.output_range == "-1..1", "who says otherwise wins"


@pytest.mark.parametrize("note", ["", "[", "[1]", '{"output_range": 1}', '{"output_range": "0..255"}', "[" * 100_000])
def test_notes_that_make_no_sense_are_passed_over(tmp_path, note):
    export_onnx(tmp_path / "x.onnx", load_checkpoint(native(tmp_path / "m.safetensors")))
    model = onnx.load(tmp_path / "x.onnx")
    onnx.helper.set_model_props(model, {"other": "0..1", "latent_debugger": note})
    onnx.save(model, tmp_path / "y.onnx")
    assert open_renderer(tmp_path / "y.onnx", "cpu").info.config.output_range == "-1..1"


def test_an_onnx_file_is_one_already(tmp_path):
    export_onnx(tmp_path / "x.onnx", load_checkpoint(native(tmp_path / "m.safetensors")))
    with pytest.raises(UserError, match="already"):
        export_onnx(tmp_path / "y.onnx", load_checkpoint(tmp_path / "x.onnx"))
    assert not (tmp_path / "y.onnx").exists()


class Other(nn.Module):
    """A network that counts how it is called, so that its trace is not the network."""

    def __init__(self) -> None:
        super().__init__()
        self.inner = build_generator(ModelConfig(image_size=32, z_dim=6, width=2))

    def forward(self, z):
        images = self.inner(z)
        return images if torch.jit.is_tracing() else 1 - images  # type: ignore[no-untyped-call]


class Impossible(Other):
    def forward(self, z):
        return torch.linalg.qr(z)[0]


@pytest.mark.parametrize(("kind", "words"), [(Other, "other pictures"), (Impossible, "cannot be written")])
def test_what_cannot_be_believed_is_not_kept(tmp_path, kind, words):
    checkpoint = load_checkpoint(native(tmp_path / "m.safetensors"))
    object.__setattr__(checkpoint, "generator", kind().eval())
    with pytest.raises(UserError, match=words):
        export_onnx(tmp_path / "x.onnx", checkpoint)
    assert [path.name for path in tmp_path.iterdir()] == ["m.safetensors"]


@pytest.mark.parametrize("missing", ["onnx", "onnxruntime"])
def test_without_the_extra(tmp_path, monkeypatch, missing):
    checkpoint = load_checkpoint(native(tmp_path / "m.safetensors"))
    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(UserError, match="pip install"):
        export_onnx(tmp_path / "x.onnx", checkpoint)
