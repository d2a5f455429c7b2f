from __future__ import annotations

import copy
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torch import nn

from gan.checkpoints import CheckpointInfo
from gan.config import IMAGE_SIZES, ModelConfig
from gan.errors import UserError
from gan.fast_path import PackedDCGAN, optimise
from gan.images import to_uint8
from gan.latent.draws import draw
from gan.models import build_generator
from gan.models.dcgan import DCGANGenerator
from gan.rendering import Renderer, one_thread

CPU = torch.device("cpu")
needs_onednn = pytest.mark.skipif(
    not hasattr(torch.ops.mkldnn, "_convolution_transpose_pointwise"), reason="this torch has no oneDNN"
)


def make(seed=0, statistics="trained", **options) -> tuple[DCGANGenerator, ModelConfig]:
    """A generator with contrast, whose normalisation has statistics of its own activations, or random ones."""
    config = ModelConfig(**{"image_size": 32, "z_dim": 8, "width": 8, **options})
    torch.manual_seed(seed)
    generator = build_generator(config)
    norms = [module for module in generator.modules() if isinstance(module, nn.BatchNorm2d)]
    with torch.no_grad():
        for norm in norms:
            norm.weight.normal_(1, 0.4)  # some below 0, as training leaves them
            norm.bias.normal_(0, 0.4)
        generator.to_image.weight.mul_(10)
        if statistics == "trained":
            for norm in norms:
                norm.momentum = None  # a plain mean
            for _ in range(3):
                generator.train()(torch.randn(16, config.z_dim))
        else:
            for norm in norms:
                norm.running_mean.normal_(0, 1)
                norm.running_var.copy_(10 ** torch.empty_like(norm.running_var).uniform_(-2, 2))
    return generator.eval().requires_grad_(False), config


def render(generator, config) -> Renderer:
    return Renderer(copy.deepcopy(generator), CheckpointInfo(Path("x.safetensors"), "dcgan", config, 1), CPU)


def eager(generator, latents):
    with one_thread(), torch.inference_mode():
        return np.concatenate([generator(torch.from_numpy(row[None])).numpy() for row in latents])


def steps_apart(one, other) -> int:
    return int(np.abs(to_uint8(one).astype(int) - to_uint8(other)).max())


def test_a_generator_that_resizes_runs_as_written():
    generator, config = make(upsampling="resize")
    assert optimise(generator) is None
    latents = draw(2, config.z_dim, seed=1)
    assert np.array_equal(render(generator, config).raw(latents), eager(generator, latents))


@needs_onednn
@pytest.mark.parametrize("statistics", ["trained", "random"])
@pytest.mark.parametrize(("width", "z_dim", "channels"), [(1, 1, 3), (5, 100, 1), (16, 1024, 3)])
@pytest.mark.parametrize("size", IMAGE_SIZES)
def test_within_one_step_of_eager(size, width, z_dim, channels, statistics):
    generator, config = make(image_size=size, width=width, z_dim=z_dim, channels=channels, statistics=statistics)
    renderer = render(generator, config)
    assert isinstance(renderer._forward, PackedDCGAN)
    latents = draw(3, z_dim, seed=1)
    fast, slow = renderer.raw(latents), eager(generator, latents)
    assert fast.shape == slow.shape and fast.dtype == np.float32
    assert steps_apart(fast, slow) <= 1 and np.abs(fast - slow).max() < 1e-3
    if width > 1:  # a single map may well be dead
        assert slow.std() > 0.05 and (np.abs(slow) < 0.99).mean() > 0.2


@needs_onednn
@given(
    seed=st.integers(0, 10_000),
    width=st.integers(1, 24),
    z_dim=st.integers(1, 64),
    channels=st.sampled_from([1, 3]),
    statistics=st.sampled_from(["trained", "random"]),
    far=st.sampled_from([0.0, 1.0, 10.0]),
)
@settings(max_examples=25, deadline=None)
def test_within_one_step_of_eager_wherever_the_latent(seed, width, z_dim, channels, statistics, far):
    generator, _ = make(seed, statistics, width=width, z_dim=z_dim, channels=channels)
    latents = draw(2, z_dim, seed) * np.float32(far)
    with one_thread(), torch.inference_mode():
        fast = optimise(generator)
        assert fast is not None
        pictures = np.concatenate([fast(torch.from_numpy(row[None])).numpy() for row in latents])
    assert steps_apart(pictures, eager(generator, latents)) <= 1


@needs_onednn
def test_the_renderer_draws_what_the_fast_path_draws():
    generator, config = make()
    renderer, latents = render(generator, config), draw(4, 8, seed=3)
    with one_thread(), torch.inference_mode():
        fast = optimise(generator)
        wanted = [fast(torch.from_numpy(row[None])).numpy() for row in latents]
    assert renderer.raw(latents).tobytes() == np.concatenate(wanted).tobytes()


@pytest.fixture
def threads():
    before = torch.get_num_threads()
    yield torch.set_num_threads
    torch.set_num_threads(before)


@needs_onednn
@given(opened=st.integers(1, 4), drawn=st.integers(1, 4), n=st.integers(1, 5))
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_same_bits_whatever_the_threads_and_the_batch(threads, opened, drawn, n):
    generator, config = make(image_size=64)
    latents = draw(n, 8, seed=n)
    threads(1)
    wanted = np.concatenate([render(generator, config).raw(row[None]) for row in latents])
    threads(opened)
    renderer = render(generator, config)
    threads(drawn)
    assert renderer.raw(latents).tobytes() == wanted.tobytes()


@needs_onednn
def test_the_network_is_left_alone_and_later_changes_do_not_show():
    generator, _ = make()
    before = {name: value.clone() for name, value in generator.state_dict().items()}
    z = torch.from_numpy(draw(1, 8, seed=0))
    with one_thread(), torch.inference_mode():
        fast = optimise(generator)
        wanted = fast(z)
        assert all(torch.equal(value, before[name]) for name, value in generator.state_dict().items())
        for value in generator.state_dict().values():
            value.zero_()
        assert torch.equal(fast(z), wanted)


def _fails(*_):
    raise RuntimeError("could not create a primitive")


def _operators(deconvolve):
    return SimpleNamespace(
        _reorder_convolution_transpose_weight=lambda weight, *_: weight,
        _convolution_transpose_pointwise=SimpleNamespace(default=deconvolve),
    )


def _slightly_wrong(x, weight, bias, padding, *_):
    return torch.relu(torch.conv_transpose2d(x, weight, bias, 2, padding)) * 1.1


def _wrong_shape(x, weight, bias, padding, *_):
    return torch.conv_transpose2d(x, weight, bias, 1, padding)


def _nan(x, weight, bias, padding, *_):
    return torch.conv_transpose2d(x, weight, bias, 2, padding) * torch.nan


BROKEN = {
    "missing": SimpleNamespace(),
    "fails": _operators(_fails),
    "cannot pack": SimpleNamespace(
        _reorder_convolution_transpose_weight=_fails, _convolution_transpose_pointwise=SimpleNamespace(default=_fails)
    ),
    "slightly wrong": _operators(_slightly_wrong),
    "wrong shape": _operators(_wrong_shape),
    "nan": _operators(_nan),
}


@pytest.mark.parametrize("operators", BROKEN.values(), ids=BROKEN)
def test_back_to_eager_when_the_operator(monkeypatch, operators):
    generator, config = make()
    monkeypatch.setattr(torch.ops, "mkldnn", operators)
    latents = draw(2, 8, seed=0)
    renderer = render(generator, config)
    assert isinstance(renderer._forward, DCGANGenerator)
    assert renderer.raw(latents).tobytes() == eager(generator, latents).tobytes()


def test_other_networks_stay_as_they_are():
    class Mine(DCGANGenerator):
        def forward(self, z):
            return -super().forward(z)

    _, config = make()
    mine = Mine(config).eval().requires_grad_(False)
    assert optimise(mine) is None and optimise(nn.Linear(8, 8)) is None
    latents = draw(1, 8, seed=0)
    assert render(mine, config).raw(latents).tobytes() == eager(mine, latents).tobytes()


def test_a_network_that_answers_with_nan_is_still_told():
    generator, config = make()
    generator.to_image.bias[0] = torch.nan
    with pytest.raises(UserError, match="NaN"):
        render(generator, config).raw(draw(1, 8, seed=0))
