"""A model of a few kilobytes, a fake one that can be held, and no thread left behind."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

from gan.checkpoints import CheckpointInfo, save_checkpoint
from gan.config import ModelConfig
from gan.models import build_generator


class FakeRenderer:
    """Draws pictures whose every byte is round(z[0]); waits for ``gate`` before each."""

    def __init__(self, dim: int = 4, device: str = "cpu", sha256: str = "fake") -> None:
        self.dim = dim
        self.device = torch.device(device)
        self.info = SimpleNamespace(path=Path("fake.safetensors"), sha256=sha256, name="fake")
        self.gate = threading.Event()
        self.gate.set()
        self.started = threading.Semaphore(0)
        self.drawn: list[Any] = []
        self.threads: set[threading.Thread] = set()
        self.failure: Exception | None = None

    def pixels(self, latents: Any) -> Any:
        assert latents.shape == (1, self.dim) and latents.dtype == np.float32
        self.threads.add(threading.current_thread())
        self.drawn.append(latents[0].copy())
        self.started.release()
        assert self.gate.wait(20)
        if self.failure is not None:
            raise self.failure
        return np.full((1, 2, 2, 3), round(float(latents[0, 0])), np.uint8)


@pytest.fixture
def make_fake() -> Iterator[Callable[..., FakeRenderer]]:
    """Makes FakeRenderers; opens their gates at the end, so that a failing test does not hang."""
    made: list[FakeRenderer] = []

    def make(**options: Any) -> FakeRenderer:
        made.append(FakeRenderer(**options))
        return made[-1]

    yield make
    for fake in made:
        fake.gate.set()


@pytest.fixture(scope="session")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny real model, z_dim 8."""
    return save_tiny(tmp_path_factory.mktemp("tiny") / "tiny.safetensors")


def save_tiny(path: Path, seed: int = 0, z_dim: int = 8, step: int = 7) -> Path:
    torch.manual_seed(seed)
    config = ModelConfig(image_size=32, z_dim=z_dim, width=4)
    save_checkpoint(path, build_generator(config), CheckpointInfo(path, "dcgan", config, step, objective="wgan-gp"))
    return path


@pytest.fixture
def make_checkpoint(tmp_path: Path) -> Callable[..., Path]:
    """Writes further tiny models: make_checkpoint(name, seed=, z_dim=, step=)."""
    return lambda name, **options: save_tiny(tmp_path / name, **options)


@pytest.fixture(autouse=True)
def no_thread_left() -> Iterator[None]:
    """Every service that a test starts it also stops."""
    yield
    assert [t.name for t in threading.enumerate() if t.name.startswith("latent-debugger")] == []
