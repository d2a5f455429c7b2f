from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gan.checkpoints import CheckpointInfo, save_checkpoint
from gan.config import IMAGE_SIZES, ModelConfig
from gan.errors import UserError
from gan.images import to_uint8
from gan.latent.draws import draw
from gan.models import build_generator
from gan.rendering import Renderer, choose_device, one_thread, open_renderer, resolve


def write(path, **options):
    torch.manual_seed(0)
    config = ModelConfig(**{"image_size": 32, "z_dim": 8, "width": 8, **options})
    generator = build_generator(config)
    with torch.no_grad():
        for weight in generator.parameters():
            weight.mul_(8)  # pictures with contrast
        generator.train()(torch.randn(16, config.z_dim))
    save_checkpoint(path, generator, CheckpointInfo(path, "dcgan", config, 1))
    return path


@pytest.fixture(scope="module")
def path(tmp_path_factory) -> Path:
    return write(tmp_path_factory.mktemp("model") / "m.safetensors")


@pytest.fixture(scope="module")
def renderer(path) -> Renderer:
    return open_renderer(path, "cpu")


@pytest.fixture
def threads():
    before = torch.get_num_threads()
    yield torch.set_num_threads
    torch.set_num_threads(before)


@pytest.mark.parametrize("size", IMAGE_SIZES)
@pytest.mark.parametrize(("z_dim", "channels"), [(1, 3), (1024, 1)])
def test_every_size(tmp_path, size, z_dim, channels):
    renderer = open_renderer(
        write(tmp_path / "m.safetensors", image_size=size, z_dim=z_dim, channels=channels, width=1)
    )
    latents = draw(2, z_dim, 0)
    raw = renderer.raw(latents)
    assert raw.shape == (2, channels, size, size) and raw.dtype == np.float32 and np.abs(raw).max() <= 1
    pixels = renderer.pixels(latents)
    assert pixels.shape == (2, size, size, channels) and pixels.dtype == np.uint8 and pixels.flags.c_contiguous
    assert np.array_equal(pixels, to_uint8(raw)) and renderer.dim == z_dim


@given(st.integers(1, 9), st.integers(0, 2**32 - 1), st.integers(1, 2))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_same_pixels_whatever_the_batch_and_the_threads(renderer, threads, n, seed, count):
    latents = draw(n, 8, seed)
    threads(1)
    one_by_one = np.concatenate([renderer.raw(row[None]) for row in latents])
    threads(count)
    assert np.array_equal(renderer.raw(latents), one_by_one)
    assert torch.get_num_threads() == count


def test_same_pixels_in_another_process_with_other_threads(path, renderer):
    script = (
        "import sys, torch; torch.set_num_threads(3)\n"
        "from pathlib import Path; from gan.rendering import open_renderer; from gan.latent.draws import draw\n"
        "sys.stdout.buffer.write(open_renderer(Path(sys.argv[1]), 'cpu').raw(draw(4, 8, 5)).tobytes())"
    )
    done = subprocess.run([sys.executable, "-c", script, path], capture_output=True, timeout=100)
    assert done.stdout == renderer.raw(draw(4, 8, 5)).tobytes(), done.stderr


def test_pictures_differ_and_are_not_flat(renderer):
    first, second = renderer.pixels(draw(2, 8, 0)).astype(int)
    assert first.std() > 5 and np.abs(first - second).mean() > 5


def test_a_read_only_latent_is_welcome_and_none_is_changed(renderer):
    latents = draw(2, 8, 0)
    before, wanted = latents.tobytes(), renderer.pixels(latents)
    latents.flags.writeable = False
    assert np.array_equal(renderer.pixels(latents), wanted) and latents.tobytes() == before


def test_latents_in_any_layout_and_precision(renderer):
    latents = draw(3, 8, 0)
    wanted = renderer.pixels(latents)
    for same in (latents.astype(np.float64), np.asfortranarray(latents), np.repeat(latents, 2, 1)[:, ::2]):
        assert np.array_equal(renderer.pixels(same), wanted)


def test_no_latents_no_pictures(renderer):
    assert renderer.pixels(np.empty((0, 8), np.float32)).shape == (0, 32, 32, 3)


def test_forwards_are_counted_one_a_picture(path):
    renderer = open_renderer(path, "cpu")
    renderer.pixels(draw(3, 8, 0))
    assert renderer.forwards == 3


@pytest.mark.parametrize("shape", [(8,), (1, 7), (1, 1, 8), ()])
def test_a_latent_of_another_shape_is_refused(renderer, shape):
    with pytest.raises(UserError, match="8 dimensions"):
        renderer.pixels(np.zeros(shape, np.float32))


def test_a_model_that_answers_with_nan_is_told(renderer):
    class Broken(torch.nn.Module):
        def forward(self, z):
            return torch.full((1, 3, 32, 32), torch.nan)

    with pytest.raises(UserError, match="NaN"):
        Renderer(Broken(), renderer.info, torch.device("cpu")).pixels(draw(1, 8, 0))


def test_a_latent_that_is_too_large_is_no_fault_of_the_weights(renderer):
    class Squaring(torch.nn.Module):
        def forward(self, z):
            return (z.square() - z.square()).sum() * torch.ones(1, 3, 32, 32)

    model = Renderer(Squaring(), renderer.info, torch.device("cpu"))
    model.pixels(draw(1, 8, 0))
    with pytest.raises(UserError, match="to a latent with values over 1,000"):
        model.pixels(np.full((1, 8), 3e38, np.float32))


def test_resolve_takes_the_newest_checkpoint(tmp_path):
    for folder in (tmp_path / "run" / "checkpoints", tmp_path / "bundled"):
        folder.mkdir(parents=True)
        for step in (900, 20_000, 1_000):
            (folder / f"step-{step:08d}.safetensors").touch()
        (folder / ".step-00030000.safetensors.x.part").touch()
    assert resolve(tmp_path / "run") == tmp_path / "run/checkpoints/step-00020000.safetensors"
    assert resolve(tmp_path / "run/checkpoints") == tmp_path / "run/checkpoints/step-00020000.safetensors"
    assert resolve(tmp_path / "bundled") == tmp_path / "bundled/step-00020000.safetensors"
    assert resolve(tmp_path / "a.safetensors") == tmp_path / "a.safetensors"


@pytest.mark.parametrize("name", [".", "missing.safetensors", "no/such/folder", "x" * 300])
def test_what_cannot_be_opened_is_told(tmp_path, name):
    with pytest.raises(UserError):
        open_renderer(tmp_path / name)


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may read everything")
def test_a_forbidden_folder_is_told(tmp_path):
    (tmp_path / "locked").mkdir(mode=0)
    with pytest.raises(UserError):
        open_renderer(tmp_path / "locked" / "m.safetensors")


@pytest.mark.parametrize("name", ["", "toaster", "cuda:-1", "cuda:4096", "meta", "cpu:1", "cuda:99999999999"])
def test_a_device_that_is_not_there_is_told(name):
    with pytest.raises(UserError):
        choose_device(name)


@pytest.mark.parametrize(
    ("cuda", "mps", "wanted"), [(1, True, "cuda"), (0, True, "mps"), (0, False, "cpu"), (2, False, "cuda")]
)
def test_auto_takes_the_best_device(monkeypatch, cuda, mps, wanted):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda > 0)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: cuda)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: mps)
    assert choose_device("auto").type == wanted
    for index in range(cuda):
        assert choose_device(f"cuda:{index}").index == index


def test_one_thread_puts_the_number_back_even_after_an_error(threads):
    threads(2)
    with pytest.raises(ZeroDivisionError), one_thread():
        assert torch.get_num_threads() == 1
        raise ZeroDivisionError
    assert torch.get_num_threads() == 2
