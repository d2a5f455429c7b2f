"""Fifteen thousand pictures in the panel Dataset: scrolling, sorting and deciding."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import numpy as np
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication

from benchmarks.data import write_files
from benchmarks.figure import Figure
from benchmarks.stage import Stage, StopWatch, milliseconds, roll, run_for, stage

PICTURES, QUICK_PICTURES = 15_000, 300
FRAME_MS = 33.0
LOOK_S = 600.0  # to look at them all for the first time


def wall(quick: bool) -> list[Figure]:
    """What a pile costs that somebody wants to get through in minutes."""
    n = QUICK_PICTURES if quick else PICTURES
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name, "files")
        write_files(folder, n)
        os.environ["LATENT_DEBUGGER_CACHE"] = str(Path(name, "cache"))
        with stage() as on:
            on.window.show_panel("dataset")
            looked = milliseconds(lambda: _open(on, folder, n)) / 1000
            view = on.window.dataset.list
            rolled = roll(view, 40, 60 if quick else 300)
            jumped = roll(view, 3000, 10 if quick else 60)
            keys = _keep(on, 10 if quick else 100)
    count = f"{n:,} pictures"
    return [
        Figure(f"dataset: {count} looked at, in the window", looked, "s"),
        Figure("dataset: rolling, 95th percentile", float(np.percentile(rolled, 95)), "ms a frame"),
        Figure("dataset: rolling, longest", max(rolled), "ms a frame", FRAME_MS),
        Figure("dataset: jumping to unseen pages, 95th percentile", float(np.percentile(jumped, 95)), "ms a frame"),
        Figure("dataset: jumping to unseen pages, longest", max(jumped), "ms a frame", FRAME_MS),
        Figure("dataset: a picture kept by its key, 95th percentile", float(np.percentile(keys, 95)), "ms"),
        Figure("dataset: a picture kept by its key, longest", max(keys), "ms"),
    ]


def _open(on: Stage, folder: Path, n: int) -> None:
    curation = on.wiring.session.curation
    on.wiring.dataset.open(folder)
    on.wait_until(lambda: curation.pile is not None and len(curation.pile.paths) == n, LOOK_S)
    on.window.dataset.list.viewport().repaint()


def _keep(on: Stage, times: int) -> list[float]:
    """Milliseconds from the key to the painted wall, and the longest pause after it: the ranking learns meanwhile."""
    view = on.window.dataset.list
    view.setFocus()

    def press() -> None:
        for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
            QApplication.sendEvent(view, QKeyEvent(kind, Qt.Key.Key_K, Qt.KeyboardModifier.NoModifier, "k"))
        view.viewport().repaint()

    spent = []
    for _ in range(times):
        spent.append(milliseconds(press))
        watch = StopWatch()
        run_for(0.05)
        spent.append(watch.longest_ms)
    decided = on.wiring.session.curation.counts().kept
    if not decided:
        raise RuntimeError("the key K kept nothing")
    return spent
