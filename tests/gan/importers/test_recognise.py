"""Finding the generator in whatever a training script saved, and naming what is none."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from gan.errors import UserError
from gan.importers.opening import open_foreign
from gan.latent.draws import draw
from gan.rendering import open_renderer

from .conftest import Main, dcgan, lively, spatial
from .projects import MimicryResNet


def prefixed(prefix: str, state: dict[str, Any]) -> dict[str, Any]:
    return {prefix + name: value for name, value in state.items()}


def critic() -> nn.Module:
    return nn.Sequential(nn.Conv2d(3, 4, 4, 2, 1), nn.LeakyReLU(0.2), nn.Conv2d(4, 1, 4, 2, 1))


WRAPPERS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "plain": lambda s: s,
    "state_dict": lambda s: {"state_dict": s, "epoch": 3},
    "model": lambda s: {"model": s},
    "netG": lambda s: {"netG": s, "netD": critic().state_dict()},
    "netD first": lambda s: {"netD": critic().state_dict(), "netG": s},
    "generator_state_dict": lambda s: {"discriminator_state_dict": critic().state_dict(), "generator_state_dict": s},
    "module": lambda s: prefixed("module.", s),
    "compiled": lambda s: prefixed("_orig_mod.", s),
    "compiled and parallel": lambda s: prefixed("module._orig_mod.", s),
    "averaged model": lambda s: {"n_averaged": torch.tensor(9), **prefixed("module.", s)},
    "lightning": lambda s: {
        "state_dict": {**prefixed("generator.", s), **prefixed("discriminator.", critic().state_dict())},
        "pytorch-lightning_version": "2",
        "global_step": 77,
        "optimizer_states": [{"state": {0: {"m": torch.ones(2)}}}],
    },
    "lightning G": lambda s: {"state_dict": {**prefixed("G.", s), **prefixed("D.", critic().state_dict())}},
    "fabric": lambda s: {"generator": s, "critic": critic().state_dict(), "step": 77},
    "deep": lambda s: {"a": {"checkpoint": {"model": {"G": prefixed("module.", s)}}}},
    "list": lambda s: {"models": [{"netG": s}, {"netD": critic().state_dict()}]},
    "tuple": lambda s: (3, {"netG": s}, critic().state_dict()),
}  # fmt: skip
EMA = {
    name: (lambda s, bad, name=name: {"G": bad, name: s})
    for name in ("g_ema", "G_ema", "generator_ema", "netG_ema", "ema", "avgG", "G_EMA", "ema_generator")
}


@pytest.mark.parametrize("name", WRAPPERS)
@pytest.mark.parametrize("legacy", [False, True])
def test_wrappings(tmp_path, generator, truth, name, legacy):
    torch.save(WRAPPERS[name](generator.state_dict()), tmp_path / "x.pt", _use_new_zipfile_serialization=not legacy)
    renderer = open_renderer(tmp_path / "x.pt", "cpu")
    assert np.abs(renderer.raw(draw(3, 6, 0)) - truth).max() < 1e-5
    if name in ("lightning", "fabric"):
        assert renderer.info.step == 77


@pytest.mark.parametrize("name", EMA)
def test_averaged_weights_come_first(tmp_path, generator, truth, name):
    other = {key: value * 0.5 if value.is_floating_point() else value for key, value in generator.state_dict().items()}
    torch.save(EMA[name](generator.state_dict(), other), tmp_path / "x.pt")
    renderer = open_renderer(tmp_path / "x.pt", "cpu")
    assert np.abs(renderer.raw(draw(3, 6, 0)) - truth).max() < 1e-5
    assert "averaged weights" in renderer.info.source


def test_the_package_ema_pytorch(tmp_path, generator, truth):
    """It keeps both networks, and counters without a point in their names, in one state dict."""
    other = {key: value * 0.5 if value.is_floating_point() else value for key, value in generator.state_dict().items()}
    counters = {"initted": torch.tensor(True), "step": torch.tensor([9])}
    state = {**prefixed("online_model.", other), **prefixed("ema_model.", generator.state_dict()), **counters}
    torch.save({"ema": state}, tmp_path / "x.pt")
    renderer = open_renderer(tmp_path / "x.pt", "cpu")
    assert np.abs(renderer.raw(draw(3, 6, 0)) - truth).max() < 1e-5 and "averaged weights" in renderer.info.source


@pytest.mark.parametrize("prefix", ["generator_ema.", "G_ema.", "ema.module."])
def test_averaged_weights_inside_one_state_dict(tmp_path, generator, truth, prefix):
    other = {key: value * 0.5 if value.is_floating_point() else value for key, value in generator.state_dict().items()}
    state = {
        **prefixed("generator.", other),
        **prefixed(prefix, generator.state_dict()),
        **prefixed("disc.", critic().state_dict()),
    }
    torch.save({"state_dict": state}, tmp_path / "x.ckpt")
    assert np.abs(open_renderer(tmp_path / "x.ckpt", "cpu").raw(draw(3, 6, 0)) - truth).max() < 1e-5


def test_averaged_weights_that_are_broken_are_told(tmp_path, generator, truth):
    broken = dict(generator.state_dict())
    del broken["main.3.weight"]
    torch.save({"G": generator.state_dict(), "G_ema": broken}, tmp_path / "x.pt")
    renderer = open_renderer(tmp_path / "x.pt", "cpu")
    assert np.abs(renderer.raw(draw(3, 6, 0)) - truth).max() < 1e-5
    assert any("cannot be used" in warning for warning in renderer.info.warnings)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
@pytest.mark.parametrize("container", ["pt", "safetensors"])
def test_other_precisions(tmp_path, generator, truth, dtype, container):
    state = {
        key: value.to(dtype) if value.is_floating_point() else value for key, value in generator.state_dict().items()
    }
    path = tmp_path / f"x.{container}"
    save_file(state, path) if container == "safetensors" else torch.save(state, path)
    found = open_renderer(path, "cpu").raw(draw(3, 6, 0))
    assert np.abs(found - truth).max() < (0.1 if dtype != torch.float64 else 1e-5)


def test_parameters_and_strides(tmp_path, generator, truth):
    state = {
        key: nn.Parameter(value.permute(1, 0, 2, 3).contiguous().permute(1, 0, 2, 3)) if value.dim() == 4 else value
        for key, value in generator.state_dict().items()
    }
    torch.save(state, tmp_path / "x.pt")
    assert np.abs(open_renderer(tmp_path / "x.pt", "cpu").raw(draw(3, 6, 0)) - truth).max() < 1e-5


def test_whole_modules_and_traces(tmp_path, generator, truth):
    torch.save(generator, tmp_path / "whole.pt")
    torch.save({"epoch": 1, "netG": nn.DataParallel(generator)}, tmp_path / "parallel.pt")
    with pytest.warns(DeprecationWarning):
        torch.jit.trace(generator, torch.zeros(1, 6, 1, 1)).save(str(tmp_path / "trace.pt"))
    for name in ("whole.pt", "parallel.pt", "trace.pt"):
        renderer = open_renderer(tmp_path / name, "cpu")
        assert np.abs(renderer.raw(draw(3, 6, 0)) - truth).max() < 1e-5, name
    assert any("Main" in warning for warning in open_foreign(tmp_path / "whole.pt").info.warnings)


def test_keys_of_ten_and_more_come_after_nine(tmp_path):
    """safetensors sorts names as text: main.10 before main.3."""
    network = Main(lively(dcgan(doublings=4), spatial(6)))
    save_file(network.state_dict(), tmp_path / "x.safetensors")
    assert open_renderer(tmp_path / "x.safetensors", "cpu").info.config.image_size == 64


# what is refused, by name


class Resnet(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 8, 7)
        self.layer1 = nn.Sequential(nn.ModuleDict({"conv1": nn.Conv2d(8, 8, 3)}))
        self.fc = nn.Linear(8, 10)


def ones(**shapes: tuple[int, ...]) -> dict[str, torch.Tensor]:
    """A state dict; ``__`` stands for a point."""
    return {name.replace("__", "."): torch.ones(*shape) for name, shape in shapes.items()}


def dcgan_critic() -> nn.Module:
    return Main(nn.Sequential(nn.Conv2d(3, 8, 4), nn.Conv2d(8, 16, 4), nn.BatchNorm2d(16), nn.Conv2d(16, 1, 4)))


def without(name: str) -> dict[str, torch.Tensor]:
    state = Main(dcgan(doublings=4)).state_dict()
    del state[name]
    return state


REFUSED: dict[str, tuple[Callable[[], Any], str]] = {
    "critic": (lambda: critic().state_dict(), "discriminator"),
    "critic alone": (lambda: {"netD": critic().state_dict()}, "discriminator"),
    "dcgan critic": (lambda: dcgan_critic().state_dict(), "discriminator"),
    "resnet": (lambda: Resnet().state_dict(), "classifier"),
    "cnn": (lambda: nn.Sequential(nn.Conv2d(1, 8, 3), nn.Flatten(), nn.Linear(80, 10)).state_dict(), "classifier"),
    "vgg": (lambda: ones(features__0__weight=(8, 3, 3, 3), classifier__0__weight=(10, 8)), "classifier"),
    "stylegan2": (lambda: ones(synthesis__b4__const=(4, 4, 4), mapping__fc0__weight=(4, 4)), "StyleGAN2"),
    "stylegan3": (lambda: ones(synthesis__input__freqs=(4, 2)), "StyleGAN3"),
    "rosinality": (lambda: {"g_ema": ones(convs__0__conv__modulation__weight=(4, 2))}, "StyleGAN2"),
    "lightweight": (lambda: {"GAN": ones(GE__initial_conv__0__weight=(4, 4, 4, 4), D__x=(1,))}, "lightweight-gan"),
    "conditional": (lambda: ones(label_emb__weight=(10, 5), model__0__weight=(3, 3)), "labels"),
    "conditional resnet": (
        lambda: {**MimicryResNet([4, 4], 4).state_dict(), **ones(block2__b1__embed__weight=(2, 4))},
        "labels",
    ),
    "diffusion": (lambda: ones(time_embed__0__weight=(4, 4)), "diffusion"),
    "vae": (lambda: ones(encoder__0__weight=(4, 3, 3, 3), decoder__0__weight=(4, 4)), "autoencoder"),
    "custom": (
        lambda: ones(fc__weight=(3136, 32), c1__weight=(32, 64, 5, 5), c2__weight=(1, 32, 3, 3)),
        "may be a gen",
    ),
    "incomplete": (lambda: without("main.6.weight"), "main.9 does not fit|main.6"),
    "incomplete norm": (lambda: without("main.4.running_var"), "main.4.running_var"),
    "other": (lambda: ones(a__weight=(3, 3), b__weight=(4, 3)), "not known"),
    "one tensor": (lambda: torch.ones(3), "no weights|no network"),
    "numbers": (lambda: {"loss": [1.0, 2.0]}, "no weights"),
    "vectors": (lambda: {"z": torch.ones(8)}, "no network"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_generator_is_named(tmp_path, name):
    make, wanted = REFUSED[name]
    torch.save(make(), tmp_path / "x.pt")
    with pytest.raises(UserError, match=wanted) as caught:
        open_foreign(tmp_path / "x.pt")
    assert caught.value.text.startswith("x.pt: ") and caught.value.hint


def test_nvidias_pickles_are_named_not_run(tmp_path):
    """They hold their own source code, which their loader executes."""
    meta = pickle.dumps({"type": "class", "module_src": "import os"}, 2)[2:-1]  # without protocol and end
    call = b"ctorch_utils.persistence\n_reconstruct_persistent_obj\n" + meta + b"\x85R"
    (tmp_path / "network-snapshot.pkl").write_bytes(b"\x80\x02}U\x05G_ema" + call + b"s.")
    with pytest.raises(UserError, match="StyleGAN of NVIDIA's"):
        open_foreign(tmp_path / "network-snapshot.pkl")


def test_names_that_would_change_the_terminal_or_the_window(tmp_path):
    torch.save(ones(**{"a<b>\x1b[31m\nc": (3, 3), "d": (4, 3)}), tmp_path / "x.pt")
    with pytest.raises(UserError) as caught:
        open_foreign(tmp_path / "x.pt")
    assert not set("<>\x1b\n") & set(caught.value.text)


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_broken_weights(tmp_path, generator, bad):
    state = {key: value.clone() for key, value in generator.state_dict().items()}
    state["main.0.weight"][0, 0, 0, 0] = bad
    torch.save(state, tmp_path / "x.pt")
    with pytest.raises(UserError, match="NaN or infinity"):
        open_foreign(tmp_path / "x.pt")


def test_weights_of_whole_numbers(tmp_path, generator):
    torch.save({key: value.long() for key, value in generator.state_dict().items()}, tmp_path / "x.pt")
    with pytest.raises(UserError, match="whole numbers"):
        open_foreign(tmp_path / "x.pt")
