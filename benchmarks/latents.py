"""Large latents: a panel of 512 dimensions, and a window that shows a real model with as many."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from PySide6.QtWidgets import QApplication

from benchmarks.figure import Figure
from benchmarks.stage import Stage, run_for, stage
from gan.checkpoints import CheckpointInfo, save_checkpoint
from gan.config import ModelConfig
from gan.latent.draws import draw
from gan.models import build_generator
from latent_debugger.state.arrangement import Arrangement
from latent_debugger.state.latent import LatentState
from latent_debugger.views import theme
from latent_debugger.views.latent_panel import LatentPanel

DIM = 512
BUILD_MS, SET_MS, PAINT_MS = 1000, 12, 33


def latents(quick: bool) -> list[Figure]:
    """Rows and faders built and set; random, recall and undo until they are painted."""
    rounds = 3 if quick else 20
    with stage() as on, tempfile.TemporaryDirectory() as folder:
        figures = panel(3 if quick else 7)
        on.wiring.models.open(large_model(Path(folder)))
        on.wait_until(lambda: on.wiring.session.latent.dim == DIM and on.shows_latent())
        rows = on.wiring.session.arrangement
        figures += answers(on, "rows", rounds)
        rows.set_sort("value")
        figures += answers(on, "rows by value", rounds)
        rows.set_sort("number")
        rows.set_faders(True)
        figures += answers(on, "faders", rounds)
    return figures


def panel(rounds: int) -> list[Figure]:
    """The panel alone, on the screen; needs the application."""
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    theme.apply(app, "dark")
    latent = LatentState()
    arrangement = Arrangement(latent)
    shown = LatentPanel(latent, arrangement)
    shown.resize(360, 800)
    shown.show()
    figures = []
    for faders in (False, True):
        arrangement.set_faders(faders)
        built, set_all = [], []
        for seed in range(rounds):
            latent.resize(1)
            run_for(0.05)
            built.append(timed(lambda: (latent.resize(DIM), app.processEvents())))
            z = draw(1, DIM, seed)[0]
            set_all.append(timed(lambda z=z: latent.set(z)))
        name = "faders" if faders else "rows"
        figures += [
            Figure(f"latents: {DIM} {name} built and painted, median", float(np.median(built)), "ms", BUILD_MS),
            Figure(f"latents: {DIM} {name} set, median", float(np.median(set_all)), "ms", SET_MS),
        ]
    shown.close()
    shown.deleteLater()
    return figures


def answers(on: Stage, view: str, rounds: int) -> list[Figure]:
    """Random, recall and undo in the window: how long until the picture is painted, and what it cost."""
    editor, session = on.wiring.editor, on.wiring.session
    star = draw(1, DIM, 7)[0]
    changes: tuple[Callable[[], object], ...] = (
        on.window.action_map["latent.random"].trigger,
        lambda: editor.go_to(star, session.latent.origin, "recall"),
        on.window.action_map["edit.undo"].trigger,
    )
    painted: list[float] = []

    def note(generation: object) -> None:
        if on.shows_latent():
            painted.append(time.perf_counter())

    on.window.canvas.painted.connect(note)
    spent: list[float] = []
    forwards: list[int] = []
    for _ in range(rounds):
        for change in changes:
            painted.clear()
            before, began = on.render.forwards, time.perf_counter()
            change()
            on.wait_until(lambda: bool(painted))
            spent.append((painted[0] - began) * 1000)
            run_for(0.15)  # a second forward would come now
            forwards.append(on.render.forwards - before)
    on.window.canvas.painted.disconnect(note)
    wrong = sum(count != 1 for count in forwards)
    return [
        Figure(f"latents: {view}, change to painted, median", float(np.median(spent)), "ms"),
        Figure(f"latents: {view}, change to painted, 95th percentile", float(np.percentile(spent, 95)), "ms", PAINT_MS),
        Figure(f"latents: {view}, changes that were not one forward", wrong, f"of {len(forwards)}", 0, "="),
    ]


def large_model(folder: Path) -> Path:
    """A real model of the usual family with random weights and 512 dimensions."""
    torch.manual_seed(0)
    config, path = ModelConfig(image_size=64, z_dim=DIM, width=16), folder / "large.safetensors"
    save_checkpoint(path, build_generator(config), CheckpointInfo(path, "dcgan", config, step=1, run="large"))
    return path


def timed(work: Callable[[], object]) -> float:
    """Milliseconds that ``work()`` takes."""
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000
