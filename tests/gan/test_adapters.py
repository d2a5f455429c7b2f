"""Somebody's own models through their adapters: a conditional generator with w and a critic, and a VAE's decoder."""

from __future__ import annotations

import copy
import json
import sys

import numpy as np
import pytest
import torch
from torch import nn

from gan.adapters import GROUP, Capabilities, installed, open_adapted, relabelled
from gan.errors import UserError
from gan.images import read_png_latent
from gan.latent.draws import draw
from gan.rendering import Renderer

from .cli.conftest import gan  # noqa: F401

CPU = torch.device("cpu")


class Conditional:
    """z, and a class, to w to grey pictures of 8 x 8."""

    capabilities = Capabilities(spaces=("z", "w"), labels=("cat", "dog"), critic=True)

    def load(self, path, device):
        state = torch.load(path, map_location=device, weights_only=True)
        self.map, self.paint, self.embedding = state["map"], state["paint"], state["embedding"]
        return 5

    def mapped(self, latents, label):
        return torch.tanh(latents @ self.map + self.embedding[label])

    def images(self, latents, space, label):
        w = latents if space == "w" else self.mapped(latents, label)
        return torch.tanh(w @ self.paint).view(-1, 1, 8, 8)

    def scores(self, images, label):
        return images.flatten(1).mean(1) + label


class Vae(nn.Module):
    """A VAE of which only the decoder is needed; it adds noise, which has to be the same every time."""

    capabilities = Capabilities()

    def __init__(self) -> None:
        super().__init__()
        self.encoder = nn.Linear(3 * 64, 4)
        self.decoder = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 3 * 64), nn.Sigmoid())

    def load(self, path, device):
        self.load_state_dict(torch.load(path, map_location=device, weights_only=True))
        self.to(device)
        return 4

    def images(self, latents, space, label):
        pictures = self.decoder(latents).view(-1, 3, 8, 8) * 2 - 1
        return pictures + 0.01 * torch.randn_like(pictures)


@pytest.fixture
def conditional(tmp_path):
    torch.manual_seed(1)
    state = {"map": torch.randn(5, 7), "paint": torch.randn(7, 64), "embedding": torch.randn(2, 7)}
    torch.save(state, tmp_path / "c.pth")
    return tmp_path / "c.pth"


@pytest.fixture
def vae(tmp_path):
    torch.manual_seed(2)
    network = Vae()
    torch.save(network.state_dict(), tmp_path / "vae.pth")
    return tmp_path / "vae.pth"


@pytest.fixture
def here(monkeypatch):
    """This module under a name that can be imported."""
    monkeypatch.setitem(sys.modules, "my_models", sys.modules[__name__])
    return "my_models"


def test_a_conditional_generator(conditional, here):
    latents = draw(3, 5, 0)
    truth = Conditional()
    truth.load(conditional, CPU)
    for label, place in ((None, 0), ("cat", 0), ("dog", 1), ("1", 1)):
        opened = open_adapted(conditional, f"{here}:Conditional", CPU, label=label)
        renderer = Renderer(opened.generator, opened.info, CPU)
        wanted = truth.images(torch.from_numpy(latents), "z", place).numpy()
        assert np.abs(renderer.raw(latents) - wanted).max() < 1e-6 and renderer.dim == 5
        assert renderer.pixels(latents).shape == (3, 8, 8, 1)
        assert torch.allclose(opened.critic(torch.from_numpy(wanted)), torch.from_numpy(wanted.mean((1, 2, 3))) + place)
    assert opened.info.config.plan["label"] == "dog" and opened.info.source == "adapter my_models:Conditional"


def test_another_space(conditional, here):
    opened = open_adapted(conditional, f"{here}:Conditional", CPU, label="dog", space="w")
    renderer = Renderer(opened.generator, opened.info, CPU)
    z = open_adapted(conditional, f"{here}:Conditional", CPU, label="dog")
    latents = draw(2, 5, 0)
    truth = Conditional()
    truth.load(conditional, CPU)
    w = truth.mapped(torch.from_numpy(latents), 1).numpy()
    assert renderer.dim == 7
    assert np.abs(renderer.raw(w) - Renderer(z.generator, z.info, CPU).raw(latents)).max() < 1e-6


def test_a_vae_whose_noise_stands_still(vae, here):
    opened = open_adapted(vae, f"{here}:Vae", CPU)
    renderer = Renderer(opened.generator, opened.info, CPU)
    latents = draw(3, 4, 0)
    torch.manual_seed(5)
    first = renderer.raw(latents)
    before = torch.get_rng_state()
    assert np.array_equal(renderer.raw(latents[::-1])[::-1], first) and first.shape == (3, 3, 8, 8)
    assert torch.equal(torch.get_rng_state(), before), "other people's random numbers are left alone"
    assert opened.critic is None and len(opened.info.sha256) == 64


FILE = """
import pathlib
import torch
from gan.adapters import Capabilities
pathlib.Path(__file__).with_suffix(".ran").touch()
class Flat:
    capabilities = Capabilities({flags})
    def load(self, path, device):
        {load}
    def images(self, latents, space, label):
        return {images}
"""


def adapter(path, flags="", load="return 3", images="latents[:, :1, None, None].expand(-1, 3, 4, 4).tanh()"):
    path.write_text(FILE.format(flags=flags, load=load, images=images))
    return f"{path}:Flat"


def test_a_file_runs_only_where_it_is_named(gan, tmp_path, conditional):  # noqa: F811
    name = adapter(tmp_path / "mine.py")
    assert gan("info", conditional).status == 2
    assert not (tmp_path / "mine.ran").exists()
    assert "adapter" in gan("info", conditional, "--adapter", name).out
    assert (tmp_path / "mine.ran").exists()


def test_an_installed_adapter(tmp_path, conditional, monkeypatch):
    package = tmp_path / "site"
    (package / "mine-1.0.dist-info").mkdir(parents=True)
    (package / "mine-1.0.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: mine\nVersion: 1.0\n")
    (package / "mine-1.0.dist-info" / "entry_points.txt").write_text(f"[{GROUP}]\nflat = mine_adapter:Flat\n")
    adapter(package / "mine_adapter.py")
    monkeypatch.syspath_prepend(package)
    assert installed() == ["flat"] and not (package / "mine_adapter.ran").exists()
    opened = open_adapted(conditional, "flat", CPU)
    assert opened.info.config.image_size == 4 and (package / "mine_adapter.ran").exists()
    with pytest.raises(UserError, match="flat"):
        open_adapted(conditional, "other", CPU)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"flags": 'spaces=("z", "w")'}, "no mapped"),
        ({"flags": "critic=True"}, "no scores"),
        ({"load": "return None"}, "length of a latent"),
        ({"load": "raise KeyError('weights')"}, "KeyError: 'weights'"),
        ({"images": "latents"}, "N, C, H, W"),
        ({"images": "torch.zeros(len(latents), 3, 4, 5)"}, "square"),
        ({"images": "torch.zeros(len(latents), 2, 4, 4)"}, "channels"),
        ({"images": "undefined"}, "NameError"),
        ({"images": "exit(3)"}, "SystemExit: 3"),
        ({"flags": "labels=('cat', 7)"}, "tuple of names"),
        ({"flags": "labels='cat'"}, "tuple of names"),
    ],
)
def test_what_an_adapter_does_wrong_is_one_sentence(gan, tmp_path, conditional, change, told):  # noqa: F811
    name = adapter(tmp_path / "bad.py", **change)
    assert told in gan("info", conditional, "--adapter", name).refusal


def test_what_a_user_does_wrong(gan, tmp_path, conditional):  # noqa: F811
    name, out = adapter(tmp_path / "mine.py"), tmp_path / "o.png"
    for words, told in (
        (["--adapter", "nobody"], "no adapter"),
        (["--adapter", "no_such_module:Flat"], "ModuleNotFoundError"),
        (["--adapter", f"{tmp_path / 'none.py'}:Flat"], "FileNotFoundError"),
        (["--adapter", name, "--label", "cat"], "no label"),
        (["--adapter", name, "--space", "w"], "no space"),
        (["--adapter", name, "--activation", "tanh"], "Leave out"),
        (["--label", "cat"], "--adapter"),
        (["--space", "w"], "--adapter"),
    ):
        assert told in gan("sample", conditional, "--out", out, *words).refusal, words
    assert not out.exists()
    assert "is not a file" in gan("info", tmp_path / "no.pth", "--adapter", name).refusal


def test_on_the_command_line(gan, tmp_path, conditional, here):  # noqa: F811
    name, out = f"{here}:Conditional", tmp_path / "o.npy"
    found = {}
    for label in ("cat", "dog"):
        assert gan("sample", conditional, "--adapter", name, "--label", label, "--n", 3, "--out", out).status == 0
        found[label] = np.load(out)
    assert found["cat"].shape == (3, 8, 8, 1) and not np.array_equal(found["cat"], found["dog"])
    assert "--z" in gan("sample", conditional, "--adapter", name, "--space", "w", "--out", out).refusal
    np.save(tmp_path / "w.npy", np.zeros((1, 7), np.float32))
    words = ("--adapter", name, "--space", "w", "--z", tmp_path / "w.npy", "--raw", "--out", out)
    assert gan("sample", conditional, *words).status == 0 and not np.load(out).any()
    refused = gan("convert", conditional, "--adapter", name, "--out", tmp_path / "x.safetensors").refusal
    assert "cannot be converted" in refused


def test_what_info_tells(gan, conditional, here):  # noqa: F811
    about = json.loads(gan("info", conditional, "--adapter", f"{here}:Conditional", "--json").out)
    assert about["labels"] == ["cat", "dog"] and about["label"] == "cat" and about["spaces"] == ["z", "w"]
    assert about["adapter"] == "my_models:Conditional" and about["config"]["channels"] == 1
    assert "cat; dog" in gan("info", conditional, "--adapter", f"{here}:Conditional").out


def test_pictures_carry_their_class(gan, tmp_path, conditional, here):  # noqa: F811
    words = ("--adapter", f"{here}:Conditional", "--label", "1", "--n", 1, "--out", tmp_path / "o.png")
    assert gan("sample", conditional, *words).status == 0
    assert read_png_latent(tmp_path / "o.png")["label"] == "dog"


def test_another_class_loads_nothing_anew(conditional, here, monkeypatch):
    opened = open_adapted(conditional, f"{here}:Conditional", CPU)
    monkeypatch.setattr(Conditional, "load", lambda *_: pytest.fail("loaded again"))
    other, z = relabelled(opened, "dog"), torch.from_numpy(draw(2, 5, 0))
    assert other.info.label == "dog" and opened.info.label == "cat" and other.info.config.plan["label"] == "dog"
    assert not torch.equal(other.generator(z), opened.generator(z))
    image = opened.generator(z)
    assert torch.allclose(other.critic(image), opened.critic(image) + 1)
    assert torch.equal(copy.deepcopy(other.generator)(z), other.generator(z))


def test_equal_labels_get_numbers(tmp_path, conditional):
    name = adapter(tmp_path / "cranes.py", flags="labels=('crane', 'crane', 'crane (2)', 'crane')")
    assert open_adapted(conditional, name, CPU).info.labels == ("crane", "crane (3)", "crane (2)", "crane (4)")
    assert open_adapted(conditional, name, CPU, label="crane (3)").info.label == "crane (3)"


def test_an_adapters_model_as_onnx_needs_no_adapter(gan, tmp_path, conditional, here):  # noqa: F811
    pytest.importorskip("onnx")
    pytest.importorskip("onnxruntime")
    words = ("--adapter", f"{here}:Conditional", "--label", "dog")
    assert gan("convert", conditional, *words, "--out", tmp_path / "dog.onnx").status == 0
    assert gan("sample", conditional, *words, "--n", 4, "--out", tmp_path / "a.npy").status == 0
    assert gan("sample", tmp_path / "dog.onnx", "--n", 4, "--out", tmp_path / "b.npy").status == 0
    assert np.abs(np.load(tmp_path / "a.npy").astype(int) - np.load(tmp_path / "b.npy")).max() <= 1
