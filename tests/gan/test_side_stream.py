from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
import torch

from gan.checkpoints import CheckpointInfo
from gan.config import ModelConfig
from gan.images import to_uint8
from gan.latent.draws import draw
from gan.models import build_generator
from gan.rendering import Renderer, choose_device
from gan.side_stream import SideStream

CONFIG = ModelConfig(image_size=64, z_dim=8, width=8)


def make() -> torch.nn.Module:
    torch.manual_seed(0)
    generator = build_generator(CONFIG)
    with torch.no_grad():
        generator.to_image.weight.mul_(10)  # contrast
        for _ in range(20):
            generator.train()(torch.randn(16, 8))
    return generator.eval().requires_grad_(False)


def render(device: torch.device) -> Renderer:
    return Renderer(make(), CheckpointInfo(Path("x.safetensors"), "dcgan", CONFIG, 1), device)


@pytest.fixture
def pretend_cuda(monkeypatch):
    """Streams that note what is done to them, and page-locked memory that is none; the arithmetic is the CPU's."""
    events = []

    class Stream:
        def __init__(self, device):
            events.append("made")

        def wait_stream(self, other):
            events.append(f"waits for {other}")

        def synchronize(self):
            events.append("synchronised")

    @contextmanager
    def stream(which):
        assert isinstance(which, Stream)
        events.append("in")
        yield
        events.append("out")

    real_empty = torch.empty

    def empty(*shape, pin_memory=False, **options):
        if pin_memory:
            events.append("pinned")
        return real_empty(*shape, **options)

    monkeypatch.setattr(torch.cuda, "Stream", Stream)
    monkeypatch.setattr(torch.cuda, "stream", stream)
    monkeypatch.setattr(torch.cuda, "current_stream", lambda device: "the upload")
    monkeypatch.setattr(torch, "empty", empty)
    return events


def test_computes_in_its_own_stream_and_waits_for_it_before_the_picture_is_read(pretend_cuda):
    generator, cpu = make(), torch.device("cpu")
    forward = SideStream(generator, cpu)
    assert pretend_cuda == ["made", "waits for the upload"]
    pretend_cuda.clear()
    exact = []
    generator.register_forward_hook(lambda *_: exact.append(torch.backends.cudnn.deterministic))
    before = torch.backends.cudnn.deterministic, torch.backends.cudnn.benchmark, torch.backends.cudnn.allow_tf32
    z = torch.from_numpy(draw(1, 8, seed=0))
    with torch.inference_mode():
        image = forward(z)
        assert pretend_cuda == ["in", "pinned", "out", "synchronised"] and exact == [True]
        assert torch.equal(image, generator(z))
    after = torch.backends.cudnn.deterministic, torch.backends.cudnn.benchmark, torch.backends.cudnn.allow_tf32
    assert after == before


def test_two_pictures_do_not_share_memory(pretend_cuda):
    forward = SideStream(make(), torch.device("cpu"))
    with torch.inference_mode():
        first = forward(torch.from_numpy(draw(1, 8, seed=0)))
        kept = first.clone()
        forward(torch.from_numpy(draw(1, 8, seed=1)))
    assert torch.equal(first, kept)


gpu = choose_device("auto")


@pytest.mark.gpu
@pytest.mark.skipif(gpu.type == "cpu", reason="neither CUDA nor MPS here")
def test_the_gpu_draws_what_the_processor_draws():
    latents = draw(8, 8, seed=0)
    there, here = render(gpu), render(torch.device("cpu"))
    pixels = there.pixels(latents)
    assert np.abs(pixels.astype(int) - here.pixels(latents)).max() <= 1
    assert np.array_equal(to_uint8(there.raw(latents[:1])), pixels[:1])
    assert np.array_equal(render(gpu).pixels(latents), pixels)


@pytest.mark.gpu
@pytest.mark.skipif(gpu.type != "cuda", reason="no CUDA here")
def test_the_gpu_does_not_wait_for_the_work_of_others():
    renderer, latent = render(gpu), draw(1, 8, seed=0)
    wanted = renderer.pixels(latent)
    busy = torch.cuda.Event()
    torch.cuda._sleep(2_000_000_000)  # about a second of nothing, in the default stream
    busy.record()
    assert np.array_equal(renderer.pixels(latent), wanted)
    assert not busy.query()
    torch.cuda.synchronize()
