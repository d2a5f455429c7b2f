"""Each family from a hand-made tiny state dict: what is inferred, and that the pictures are the project's."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from gan.errors import UserError
from gan.importers.opening import open_foreign
from gan.latent.draws import draw
from gan.rendering import open_renderer

from .conftest import Main, answer, dcgan, lively, spatial
from .projects import (
    CaogangCifar,
    CaogangMnist,
    GanZoo,
    MimicryResNet,
    PytorchGanConvolutional,
    Under,
    flat_pytorch_gan,
    mlp_g,
    wgan_dcgan,
)

FAMILIES = {
    "wgan-dcgan rgb": (lambda: wgan_dcgan(32, 3), "wgan-dcgan", (3, 32)),
    "wgan-dcgan grey": (lambda: wgan_dcgan(16, 1), "wgan-dcgan", (1, 16)),
    "wgan-dcgan extra": (lambda: wgan_dcgan(32, 1, 11), "wgan-dcgan", (1, 32)),  # 11: 10 comes after 9, not after 1
    "wgan-dcgan points": (lambda: wgan_dcgan(32, 3, 2, mark="."), "wgan-dcgan", (3, 32)),
    "wgan-dcgan nobn": (lambda: wgan_dcgan(32, 3, 1, norm=False), "wgan-dcgan", (3, 32)),
    "wgan-mlp rgb": (lambda: mlp_g(16, 3), "wgan-mlp", (3, 16)),
    "wgan-mlp grey": (lambda: mlp_g(28, 1), "wgan-mlp", (1, 28)),
    "pytorch-gan dcgan": (lambda: PytorchGanConvolutional(28, 1, first_norm=True), "pytorch-gan-dcgan", (1, 28)),
    "pytorch-gan dcgan of 2018": (
        lambda: PytorchGanConvolutional(32, 1, first_norm=True, name="conv_model"),
        "pytorch-gan-dcgan",
        (1, 32),
    ),
    "pytorch-gan lsgan": (lambda: PytorchGanConvolutional(32, 3, first_norm=False), "pytorch-gan-lsgan", (3, 32)),
    "pytorch-gan wgan": (lambda: flat_pytorch_gan(28, 1), "pytorch-gan-wgan", (1, 28)),
    "pytorch-gan wgan rgb": (lambda: flat_pytorch_gan(16, 3), "pytorch-gan-wgan", (3, 16)),
    "caogang cifar": (CaogangCifar, "caogang-cifar", (3, 32)),
    "caogang mnist": (CaogangMnist, "caogang-mnist", (1, 28)),
    "gan zoo": (GanZoo, "gan-zoo-dcgan", (3, 32)),
    "mimicry 32": (lambda: MimicryResNet([4, 4, 4, 4], 4), "mimicry-resnet", (3, 32)),
    "mimicry 48": (lambda: MimicryResNet([8, 4, 2, 1], 6), "mimicry-resnet", (3, 48)),
    "mimicry 64": (lambda: MimicryResNet([16, 8, 4, 2, 1], 4), "mimicry-resnet", (3, 64)),
    "mimicry 128": (lambda: MimicryResNet([16, 16, 8, 4, 2, 1], 4), "mimicry-resnet", (3, 128)),
}


def flat(n: int) -> torch.Tensor:
    return torch.randn(n, 5)


@pytest.mark.parametrize("name", FAMILIES)
def test_the_pictures_are_the_projects(tmp_path, name):
    make, family, (channels, size) = FAMILIES[name]
    network = lively(make(), flat, 60 if size < 48 else 3)  # large pictures take their time
    torch.save(network.state_dict(), tmp_path / "x.pth")
    renderer = open_renderer(tmp_path / "x.pth", "cpu")
    config = renderer.info.config
    assert (config.family, config.z_dim, config.channels, config.image_size) == (
        f"imported:{family}",
        5,
        channels,
        size,
    )
    wanted = answer(network, draw(4, 5, 0))
    found = renderer.raw(draw(4, 5, 0))
    assert wanted.std() > 0.02 and np.abs(found - wanted).max() < 1e-5
    assert not renderer.info.warnings, renderer.info.warnings
    assert renderer.pixels(draw(2, 5, 0)).shape == (2, size, size, channels)


@pytest.mark.parametrize("name", FAMILIES)
def test_weights_keep_the_names_of_the_file(tmp_path, name):
    network = FAMILIES[name][0]()
    torch.save(network.state_dict(), tmp_path / "x.pth")
    assert set(open_foreign(tmp_path / "x.pth").generator.state_dict()) == set(network.state_dict())


@pytest.mark.parametrize("name", FAMILIES)
def test_a_missing_or_misshapen_weight_is_named(tmp_path, name):
    state = FAMILIES[name][0]().state_dict()
    kept = [key for key in state if key.endswith("bias")] or [key for key in state if key.endswith("weight")]
    without = {key: value for key, value in state.items() if key != kept[-1]}
    for broken in (without, {**state, kept[-1]: torch.zeros(7, 7)}, {**state, "more.weight": torch.zeros(3)}):
        torch.save(broken, tmp_path / "x.pth")
        with pytest.raises(UserError):
            open_foreign(tmp_path / "x.pth")


def test_ranges(tmp_path):
    """Sigmoid answers lie in [0, 1]: black is 0 there, not -1; MLP_G is not bounded."""
    for make, wanted in ((CaogangMnist, "0..1"), (CaogangCifar, "-1..1"), (lambda: mlp_g(8, 1), "-1..1")):
        torch.save(lively(make(), flat).state_dict(), tmp_path / "x.pth")
        renderer = open_renderer(tmp_path / "x.pth", "cpu")
        assert renderer.info.config.output_range == wanted
        raw, pixels = renderer.raw(draw(1, 5, 1)), renderer.pixels(draw(1, 5, 1))
        low, high = (0, 1) if wanted == "0..1" else (-1, 1)
        expected = np.rint(np.clip((raw - low) / (high - low), 0, 1) * 255).astype(int)
        assert np.abs(expected.transpose(0, 2, 3, 1) - pixels).max() <= 1


def test_pytorch_gans_early_eps_is_found_out(tmp_path):
    """Its wgan_gp of 2018 had BatchNorm1d(n), with the same names and shapes."""
    network = lively(flat_pytorch_gan(28, 1, eps=1e-5), flat, 400)
    torch.save(network.state_dict(), tmp_path / "x.pth")
    renderer = open_renderer(tmp_path / "x.pth", "cpu")
    assert "0.8 does not fit" in renderer.info.warnings[0]
    assert np.abs(renderer.raw(draw(4, 5, 0)) - answer(network, draw(4, 5, 0))).max() < 1e-5


# DCGAN chains


@pytest.mark.parametrize("prefix", ["main", "model", "network", "net", "gen"])
@pytest.mark.parametrize("doublings", [2, 3, 4])
def test_chains_of_every_length_under_every_usual_name(tmp_path, prefix, doublings):
    network = lively(dcgan(doublings=doublings), spatial(6))
    torch.save(Under(prefix, network).state_dict(), tmp_path / "x.pth")
    renderer = open_renderer(tmp_path / "x.pth", "cpu")
    assert renderer.info.config.image_size == 4 * 2**doublings and not renderer.info.warnings
    wanted = answer(network, draw(3, 6, 0)[:, :, None, None])
    assert np.abs(renderer.raw(draw(3, 6, 0)) - wanted).max() < 1e-5


@pytest.mark.parametrize(
    "options",
    [
        {"bias": True},
        {"norm": False},
        {"bias": True, "norm": False},
        {"kernel": 7},
        {"channels": 4},
        {"channels": 1},
        {"z_dim": 1},
    ],
)
def test_variants_of_the_chain(tmp_path, options):
    z_dim = options.get("z_dim", 6)
    network = lively(dcgan(**options), spatial(z_dim))
    torch.save(Under("model", network).state_dict(), tmp_path / "x.pth")
    renderer = open_renderer(tmp_path / "x.pth", "cpu")
    wanted = answer(network, draw(3, z_dim, 0)[:, :, None, None])
    assert np.abs(renderer.raw(draw(3, z_dim, 0)) - wanted).max() < 1e-5


def test_blocks_in_blocks_with_biases(tmp_path):
    def block(before: int, after: int, kernel: int, stride: int, padding: int) -> nn.Module:
        return nn.Sequential(
            nn.ConvTranspose2d(before, after, kernel, stride, padding), nn.BatchNorm2d(after), nn.ReLU()
        )

    network = nn.Sequential(block(6, 8, 4, 1, 0), block(8, 4, 4, 2, 1), nn.ConvTranspose2d(4, 3, 4, 2, 1), nn.Tanh())
    lively(network, spatial(6))
    torch.save(Under("net", network).state_dict(), tmp_path / "x.pth")
    renderer = open_renderer(tmp_path / "x.pth", "cpu")
    wanted = answer(network, draw(3, 6, 0)[:, :, None, None])
    assert np.abs(renderer.raw(draw(3, 6, 0)) - wanted).max() < 1e-5


@pytest.mark.parametrize(
    ("kernels", "strides", "size"),
    [
        (((3, 1, 0), (3, 2, 1), (4, 2, 0), (4, 2, 1)), "punks", 24),
        (((3, 2, 0), (4, 1, 0), (3, 2, 0), (4, 2, 0)), "course", 28),
        (((4, 1, 0), (3, 2, 1), (4, 2, 1), (4, 2, 1)), "mnist", 28),
    ],
)
def test_odd_kernels_of_known_generators(tmp_path, kernels, strides, size):
    layers: list[nn.Module] = []
    for i, (kernel, stride, padding) in enumerate(kernels):
        layers += [nn.BatchNorm2d(4), nn.ReLU()] if i else []
        before, after = (6 if i == 0 else 4), (1 if i == 3 else 4)
        layers += [nn.ConvTranspose2d(before, after, kernel, stride, padding)]
    network = lively(nn.Sequential(*layers, nn.Tanh()), spatial(6))
    torch.save(Under("network", network).state_dict(), tmp_path / "x.pth")
    renderer = open_renderer(tmp_path / "x.pth", "cpu")
    assert renderer.info.config.image_size == size
    wanted = answer(network, draw(3, 6, 0)[:, :, None, None])
    assert np.abs(renderer.raw(draw(3, 6, 0)) - wanted).max() < 1e-5


def test_unknown_kernels_are_refused_unless_the_module_tells(tmp_path):
    network = nn.Sequential(
        nn.ConvTranspose2d(6, 4, 5),
        nn.BatchNorm2d(4, eps=0.3),
        nn.LeakyReLU(0.3),
        nn.ConvTranspose2d(4, 3, 5, 3, 2, 1),
        nn.Sigmoid(),
    )
    whole = Main(lively(network, spatial(6)))
    torch.save(whole.state_dict(), tmp_path / "x.pth")
    with pytest.raises(UserError, match="strides"):
        open_foreign(tmp_path / "x.pth")
    torch.save(whole, tmp_path / "x.pth")
    renderer = open_renderer(tmp_path / "x.pth", "cpu")
    wanted = answer(network, draw(3, 6, 0)[:, :, None, None])
    assert np.abs(renderer.raw(draw(3, 6, 0)) - wanted).max() < 1e-5
    assert renderer.info.config.output_range == "0..1"


def test_a_module_with_something_unknown_in_between_is_refused(tmp_path):
    network = nn.Sequential(nn.ConvTranspose2d(6, 4, 4), nn.ELU(), nn.ConvTranspose2d(4, 3, 4, 2, 1), nn.Tanh())
    torch.save(Main(network), tmp_path / "x.pth")
    with pytest.raises(UserError, match="ELU"):
        open_foreign(tmp_path / "x.pth")


def test_a_gap_that_one_activation_does_not_explain_is_refused(tmp_path):
    network = nn.Sequential(
        nn.ConvTranspose2d(6, 4, 4),
        nn.ReLU(),
        nn.Upsample(scale_factor=2),
        nn.ConvTranspose2d(4, 3, 4, 2, 1),
        nn.Tanh(),
    )
    torch.save(Main(network).state_dict(), tmp_path / "x.pth")
    with pytest.raises(UserError, match=r"Between main\.0 and main\.3"):
        open_foreign(tmp_path / "x.pth")


def test_gan_zoo_draws_with_the_statistics_of_the_batch(tmp_path):
    network = lively(GanZoo(), flat)
    average = GanZoo()
    average.load_state_dict({k: v for k, v in network.state_dict().items() if "running" not in k}, strict=False)
    torch.save({"netG": network.state_dict(), "avgG": average.state_dict()}, tmp_path / "x.pth")
    renderer = open_renderer(tmp_path / "x.pth", "cpu")
    latents = draw(8, 5, 0)
    average.train()
    with torch.no_grad():
        wanted = average(torch.from_numpy(latents)).numpy()
    assert np.abs(renderer.raw(latents) - wanted).max() < 1e-5 and wanted.std() > 0.1
    assert np.array_equal(renderer.raw(latents), renderer.raw(latents))
    one_by_one = np.concatenate([renderer.raw(row[None]) for row in latents])
    assert np.abs(one_by_one - wanted).max() > 1e-3  # a picture alone has no batch
    with pytest.raises(UserError, match="at most 1024"):
        renderer.raw(draw(1025, 5, 0))
    assert np.array_equal(
        renderer.pixels(latents[2:3]), renderer.pixels(latents)[2:3]
    )  # the window's never depend on others


@pytest.mark.parametrize("name", ["lossCriterion", "lossMode"])
@pytest.mark.parametrize(("loss", "bounded"), [("WGANGP", False), ("Logistic", False), ("DCGAN", True), ("MSE", True)])
def test_gan_zoos_activation_belongs_to_the_loss(tmp_path, loss, bounded, name):
    network = lively(GanZoo(nn.Identity()), flat)
    torch.save({"config": {name: loss}, "netG": network.state_dict()}, tmp_path / "x.pth")
    wanted = answer(network, draw(3, 5, 0))
    found = open_renderer(tmp_path / "x.pth", "cpu").raw(draw(3, 5, 0))
    assert np.abs(found - (np.tanh(wanted) if bounded else wanted)).max() < 1e-4
