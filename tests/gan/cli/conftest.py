"""The command line as a user meets it: words in; exit status, stdout and stderr out."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from gan.checkpoints import CheckpointInfo, save_checkpoint
from gan.cli import main
from gan.config import ModelConfig
from gan.models import build_critic, build_generator

MODEL = ModelConfig(image_size=32, z_dim=6, width=2)
ABOUT = {"step": 1234, "images_seen": 39_488, "objective": "wgan-gp", "run": "0b5f7d5e-6d3f-4ad0-8a6f-3c8b2f8b5a11"}


@dataclass(frozen=True)
class Answer:
    """What one command left behind."""

    status: int
    out: str
    err: str

    @property
    def refusal(self) -> str:
        """The one line on stderr with which a user's mistake is answered."""
        assert self.status == 2, self
        assert self.out == "", self.out
        assert self.err.endswith("\n") and self.err.count("\n") == 1, self.err
        assert "Traceback" not in self.err
        return self.err.strip()


Command = Callable[..., Answer]


@pytest.fixture
def gan(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Iterator[Command]:
    """Runs ``python -m gan WORDS...`` in this process."""

    def run(*words: object) -> Answer:
        monkeypatch.setattr(sys, "argv", ["gan", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            main()
        return Answer(ended.value.code or 0, *capfd.readouterr())  # type: ignore[arg-type]

    handlers = {name: signal.getsignal(name) for name in (signal.SIGINT, signal.SIGTERM)}
    threads = torch.get_num_threads()
    yield run
    torch.set_num_threads(threads)
    for name, handler in handlers.items():
        signal.signal(name, handler)


@pytest.fixture(scope="session")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny model with a critic, whose pictures have contrast."""
    path = tmp_path_factory.mktemp("tiny") / "tiny.safetensors"
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        generator, critic = build_generator(MODEL), build_critic(MODEL)
        with torch.no_grad():
            for parameter in generator.parameters():
                parameter.mul_(8)
            generator.train()(torch.randn(32, MODEL.z_dim))
    save_checkpoint(path, generator, CheckpointInfo(path, "dcgan", MODEL, **ABOUT), critic)  # type: ignore[arg-type]
    return path


@pytest.fixture(scope="session")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of picture files, one of them in a folder below."""
    folder = tmp_path_factory.mktemp("pictures")
    (folder / "deeper").mkdir()
    for index, image in enumerate(np.random.RandomState(0).randint(0, 256, (8, 40, 36, 3), np.uint8)):
        Image.fromarray(image).save(folder / ("deeper" if index == 3 else "") / f"{index}.png")
    return folder
