"""How long it takes until another project's generator can draw, beside what PyTorch takes to read the same file."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import torch
from torch import nn

from benchmarks.figure import Figure
from gan.importers.process import warm_up
from latent_debugger.services.models import load_model

ALLOWANCE_S = 0.3
"""What reading safely, recognising, checking and drawing the first picture may take, beside 1.5 times PyTorch."""


def opening(quick: bool) -> list[Figure]:
    """A state dict in the layout of pytorch/examples' DCGAN, 51 MB: taking turns, on one thread, as in the window once
    it runs."""
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "netG.pth"
        torch.save(_state(16 if quick else 128), path)
        warm_up()
        safe, plain = [], []
        for _ in range(2 if quick else 15):
            plain.append(_seconds(lambda: torch.load(path, weights_only=True)))
            safe.append(_seconds(lambda: load_model(path, "cpu")))
        megabytes = path.stat().st_size / 1e6
    beyond = median(safe) - 1.5 * median(plain)
    return [
        Figure(f"opening: torch.load, {megabytes:.0f} MB", median(plain), "s"),
        Figure(f"opening: until it can draw, {megabytes:.0f} MB", median(safe), "s"),
        Figure("opening: beyond 1.5 × torch.load", beyond, "s", ALLOWANCE_S),
    ]


def _seconds(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def _state(ngf: int) -> dict[str, torch.Tensor]:
    """Weights whose normalisations have seen a few batches, so that the self-check has something to check."""
    layers: list[nn.Module] = []
    widths = [ngf * 8, ngf * 4, ngf * 2, ngf]
    before = 100
    for number, width in enumerate(widths):
        stride, padding = (1, 0) if number == 0 else (2, 1)
        layers += [nn.ConvTranspose2d(before, width, 4, stride, padding, bias=False), nn.BatchNorm2d(width), nn.ReLU()]
        before = width
    layers += [nn.ConvTranspose2d(before, 3, 4, 2, 1, bias=False), nn.Tanh()]
    network = nn.Sequential(*layers)
    with torch.no_grad():
        network(torch.randn(16, 100, 1, 1))
    state = {f"main.{name}": value for name, value in network.state_dict().items()}
    return {name: value + 100 if name.endswith("num_batches_tracked") else value for name, value in state.items()}
