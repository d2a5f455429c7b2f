from __future__ import annotations

import hashlib
import os
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from gan.checkpoints import is_native, load_checkpoint, read_info, save_checkpoint
from gan.config import ModelConfig
from gan.errors import UserError
from gan.importers.choices import ChoiceNeededError, Choices
from gan.importers.config import ImportedConfig
from gan.importers.opening import open_foreign
from gan.latent.draws import draw
from gan.rendering import open_renderer

from .conftest import Main, answer, dcgan, lively, spatial
from .projects import CaogangMnist, MimicryResNet, Under


@pytest.fixture
def path(tmp_path: Path, generator: nn.Module) -> Path:
    torch.save(generator.state_dict(), tmp_path / "netG.pth")
    return tmp_path / "netG.pth"


def test_info(path):
    info = read_info(path)
    assert info == open_renderer(path, "cpu").info
    assert info.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert (info.family, info.source, info.step, info.run, info.name) == (
        "imported:dcgan", "DCGAN (pytorch/examples)", 0, None, "netG",
    )  # fmt: skip
    config = info.to_json()["config"]
    assert (config["z_dim"], config["image_size"], config["channels"]) == (6, 16, 3)
    assert config["architecture"]["kind"] == "chain" and "norm" not in config
    assert ImportedConfig.from_json(config) == info.config


def test_which_files_are_ours(path, tmp_path):
    assert not is_native(path)
    assert is_native(tmp_path / "missing.pt")
    (tmp_path / "empty").touch()
    with pytest.raises(UserError, match="empty"):
        load_checkpoint(tmp_path / "empty")
    with pytest.raises(UserError, match="cannot be opened"):
        load_checkpoint(tmp_path / "missing.pt")


def test_a_converted_file_needs_no_guessing(path, tmp_path, truth):
    opened = load_checkpoint(path)
    save_checkpoint(tmp_path / "ours.safetensors", opened.generator, opened.info)
    assert is_native(tmp_path / "ours.safetensors")
    again = open_renderer(tmp_path / "ours.safetensors", "cpu")
    assert np.abs(again.raw(draw(3, 6, 0)) - truth).max() < 1e-6
    assert again.info.config == opened.info.config and again.info.family == "imported:dcgan"
    assert again.info.source == "native"


@pytest.mark.parametrize("make", [CaogangMnist, lambda: MimicryResNet([8, 4, 2], 4)])
def test_other_architectures_convert_too(tmp_path, make):
    network = lively(make(), lambda n: torch.randn(n, 5))
    torch.save(network.state_dict(), tmp_path / "x.pth")
    opened = load_checkpoint(tmp_path / "x.pth")
    save_checkpoint(tmp_path / "ours.safetensors", opened.generator, opened.info)
    before, after = (open_renderer(tmp_path / name, "cpu") for name in ("x.pth", "ours.safetensors"))
    assert np.array_equal(before.raw(draw(2, 5, 0)), after.raw(draw(2, 5, 0)))
    assert np.array_equal(before.pixels(draw(2, 5, 0)), after.pixels(draw(2, 5, 0)))


def test_a_damaged_conversion_is_refused(path, tmp_path):
    opened = load_checkpoint(path)
    out = tmp_path / "ours.safetensors"
    save_checkpoint(out, opened.generator, opened.info)
    out.write_bytes(out.read_bytes().replace(b'\\"stride\\": 2', b'\\"stride\\": 3', 1))
    with pytest.raises(UserError):
        load_checkpoint(out)


# what the file does not tell


@pytest.mark.parametrize("activation", ["tanh", "sigmoid", "none"])
def test_the_activation_may_be_chosen(path, generator, activation):
    linear = nn.Sequential(*list(generator.main)[:-1])
    wanted = answer(linear, draw(3, 6, 0)[:, :, None, None])
    wanted = {"tanh": np.tanh, "sigmoid": lambda x: 1 / (1 + np.exp(-x)), "none": lambda x: x}[activation](wanted)
    renderer = open_renderer(path, "cpu", Choices(activation=activation))
    assert np.abs(renderer.raw(draw(3, 6, 0)) - wanted).max() < 1e-4
    assert renderer.info.config.output_range == ("0..1" if activation == "sigmoid" else "-1..1")


def test_the_activation_of_other_architectures_may_be_chosen(tmp_path):
    network = lively(MimicryResNet([8, 4, 2], 4), lambda n: torch.randn(n, 5))
    torch.save(network.state_dict(), tmp_path / "x.pth")
    bounded = open_renderer(tmp_path / "x.pth", "cpu").raw(draw(2, 5, 0))
    free = open_renderer(tmp_path / "x.pth", "cpu", Choices(activation="none")).raw(draw(2, 5, 0))
    assert np.abs(np.tanh(free) - bounded).max() < 1e-5


def test_the_range_may_be_chosen(path):
    latents = draw(2, 6, 0)
    usual, chosen = open_renderer(path, "cpu"), open_renderer(path, "cpu", Choices(output_range="0..1"))
    assert np.array_equal(usual.raw(latents), chosen.raw(latents))
    assert np.array_equal(chosen.pixels(latents) == 0, (usual.raw(latents) * 255 < 0.5).transpose(0, 2, 3, 1))


def test_the_statistics_may_be_chosen(path, generator):
    latents = draw(5, 6, 0)
    renderer = open_renderer(path, "cpu", Choices(batch_stats="batch"))
    generator.train()
    with torch.no_grad():
        before = {k: v.clone() for k, v in generator.state_dict().items()}
        wanted = generator(torch.from_numpy(latents)[:, :, None, None]).numpy()
    generator.load_state_dict(before)
    generator.eval()
    assert np.abs(renderer.raw(latents) - wanted).max() < 1e-5
    assert renderer.draws_together and not open_renderer(path, "cpu").draws_together


def test_names_that_nobody_has_seen_need_an_answer(tmp_path, generator):
    torch.save(Under("painter", generator.main).state_dict(), tmp_path / "x.pth")
    with pytest.raises(ChoiceNeededError, match=r"--activation tanh\|sigmoid\|none") as caught:
        open_renderer(tmp_path / "x.pth")
    assert caught.value.questions == ("activation",)
    open_renderer(tmp_path / "x.pth", "cpu", Choices(activation="tanh"))


@pytest.mark.parametrize("wrong", [{"activation": "relu"}, {"output_range": "0..255"}, {"batch_stats": "yes"}])
def test_choices_are_checked(wrong):
    with pytest.raises(UserError, match=next(iter(wrong))):
        Choices(**wrong)


def test_our_own_files_leave_no_choice(path, tmp_path):
    opened = load_checkpoint(path)
    save_checkpoint(tmp_path / "ours.safetensors", opened.generator, opened.info)
    with pytest.raises(UserError, match="itself"):
        load_checkpoint(tmp_path / "ours.safetensors", choices=Choices(activation="none"))


# is it right?


def warnings_of(tmp_path: Path, network: nn.Module, batches: int = 60, z=None) -> str:
    torch.save(Main(lively(network, z or spatial(16), batches)).state_dict(), tmp_path / "x.pth")
    return " ".join(open_foreign(tmp_path / "x.pth").info.warnings)


def wide(**options) -> nn.Sequential:
    return dcgan(width=16, z_dim=16, doublings=3, **options)


def test_the_self_check_is_quiet_when_all_is_well(tmp_path):
    assert warnings_of(tmp_path, wide()) == ""


@pytest.mark.parametrize(("width", "z_dim", "channels"), [(7, 13, 1), (3, 5, 3), (4, 100, 3)])
def test_the_usual_activation_of_narrow_networks_is_not_taken_for_another(tmp_path, width, z_dim, channels):
    """Few features and few latents: chance alone moves what is compared."""
    network = Main(lively(dcgan(width=width, z_dim=z_dim, channels=channels, doublings=4), spatial(z_dim), 55))
    torch.save(network.state_dict(), tmp_path / "x.pth")
    opened = open_foreign(tmp_path / "x.pth")
    assert not opened.info.warnings
    assert not any(layer["op"] == "leaky" for layer in opened.info.config.plan["layers"])


def test_leaky_activations_are_found_out_and_drawn(tmp_path):
    network = wide(activation=lambda: nn.LeakyReLU(0.2))
    assert "LeakyReLU(0.2) does" in warnings_of(tmp_path, network)
    found = open_renderer(tmp_path / "x.pth", "cpu").raw(draw(3, 16, 0))
    assert np.abs(found - answer(network, draw(3, 16, 0)[:, :, None, None])).max() < 1e-5


@pytest.mark.parametrize("activation", [nn.Tanh, nn.Identity, lambda: nn.LeakyReLU(0.9)])
def test_other_activations_are_warned_of(tmp_path, activation):
    assert "does not behave as in training" in warnings_of(tmp_path, wide(activation=activation))


def test_another_eps_is_warned_of(tmp_path):
    network = wide()
    for module in network:
        if isinstance(module, nn.BatchNorm2d):
            module.eps = 0.8
    assert "does not behave as in training" in warnings_of(tmp_path, network)


def test_latents_of_another_kind_are_warned_of(tmp_path):
    uniform = lambda n: torch.rand(n, 16, 1, 1) * 2 - 1  # noqa: E731
    assert "perhaps it took uniform ones" in warnings_of(tmp_path, wide(), z=uniform)


def test_statistics_that_have_not_converged_prove_nothing(tmp_path):
    assert warnings_of(tmp_path, wide(activation=nn.Tanh), batches=5) == ""


def test_statistics_that_never_saw_a_picture_are_told(tmp_path):
    assert "never seen a picture" in warnings_of(tmp_path, wide(), batches=0)


# bad luck


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may read everything")
def test_a_locked_file(path):
    path.chmod(0)
    with pytest.raises(UserError, match="cannot be opened"):
        open_renderer(path)


def test_a_folder_of_other_peoples_files_is_no_checkpoint(path):
    with pytest.raises(UserError, match="holds no checkpoint"):
        open_renderer(path.parent)


def test_names_with_anything_in_them(path, generator, truth):
    for name in ("a b.pth", "ü\nz.pth", "'; touch x.pth", "-x.pth"):
        other = path.with_name(name)
        other.write_bytes(path.read_bytes())
        assert np.abs(open_renderer(other, "cpu").raw(draw(3, 6, 0)) - truth).max() < 1e-5


def test_a_rgba_picture_keeps_its_alpha(tmp_path):
    torch.save(Main(lively(dcgan(channels=4), spatial(6))).state_dict(), tmp_path / "x.pth")
    assert open_renderer(tmp_path / "x.pth", "cpu").pixels(draw(2, 6, 0)).shape == (2, 16, 16, 4)


def test_a_configuration_from_elsewhere_is_still_checked():
    good = {"family": "imported:dcgan", "image_size": 28, "z_dim": 5, "channels": 4}
    assert isinstance(ImportedConfig(**good), ModelConfig)
    for wrong in (
        {"image_size": 0},
        {"image_size": 10**6},
        {"channels": 2},
        {"family": "dcgan"},
        {"output_range": "x"},
    ):
        with pytest.raises(UserError):
            ImportedConfig(**{**good, **wrong})
    with pytest.raises(UserError, match="damaged"):
        _ = ImportedConfig(**good, architecture="{").plan
