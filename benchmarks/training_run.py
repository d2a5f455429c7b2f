"""What a training run costs beside its updates: its start, what it writes, and the pictures it is fed.

Shares are of wall time in the thread that trains: how long it stood still for something, whatever the reason. Only what
the writer's thread does beside it is counted in processor time.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from statistics import fmean, median
from typing import Any

import numpy as np
from PIL import Image

import gan.cli  # noqa: F401 (before torch: it sets the environment that every run has)
from benchmarks.figure import Figure
from gan.config import ModelConfig, TrainConfig
from gan.data.people import make_people
from gan.presets import find_preset
from gan.training.feed import Feed
from gan.training.keeper import Keeper
from gan.training.run_reader import MetricsTail
from gan.training.runner import start
from gan.training.trainer import Trainer

PRESET = "small-cpu"
START_S, WRITING, LOADING = 5.0, 1.0, 3.0
PATIENCE_S = 120.0
LOOK_S = 0.02


def training_run(quick: bool) -> list[Figure]:
    """The preset *small data, CPU* on a folder of people that is packed already."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:  # Windows keeps what is mapped
        os.environ["LATENT_DEBUGGER_CACHE"] = str(Path(name, "cache"))
        people = Path(name, "people")
        write_people(people, 64 if quick else 2000)
        starts = [_first_line_s(people, Path(name, f"start-{k}")) for k in range(2 if quick else 6)]
        del starts[0]  # it packs the pictures, and warms the disk cache
        return [
            Figure("training run: gan train to its first line of metrics, median", median(starts), "s"),
            Figure("training run: gan train to its first line of metrics, longest", max(starts), "s", START_S),
            *beside_updates(people, Path(name, "run"), 4 if quick else None),
        ]


def write_people(folder: Path, n: int) -> None:
    """``n`` drawn people of 64 pixels, a PNG each."""
    with tempfile.TemporaryDirectory() as drawn:
        make_people(Path(drawn), n, 64)
        folder.mkdir()
        for index, person in enumerate(np.load(Path(drawn, "images.npy"))):
            Image.fromarray(person).save(folder / f"{index:05d}.png")


def _first_line_s(data: Path, out: Path) -> float:
    """Seconds from the start of a process to the first line it measures: that of all updates in its first second."""
    env = {**os.environ}
    env.pop("PYTHONDONTWRITEBYTECODE", None)  # nobody compiles a program anew at each start
    command = [sys.executable, "-m", "gan", "train", str(data), "--out", str(out), "--preset", PRESET]
    log, began = MetricsTail(out / "metrics.jsonl"), time.time()
    with subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL) as process:
        try:
            while not log.poll():
                if process.poll() is not None or time.time() - began > PATIENCE_S:
                    raise RuntimeError("gan train wrote no line of metrics")
                time.sleep(LOOK_S)
            return float(log.columns["time"][0]) - began
        finally:
            process.kill()


def beside_updates(data: Path, out: Path, updates: int | None = None) -> list[Figure]:
    """One run to its first checkpoint after the start, with all that belongs to it: a checkpoint and a state at both
    ends, and a state every 25 seconds.

    Args:
        updates: from checkpoint to checkpoint, and so of the run; None: as the preset has it.
    """
    preset = find_preset(PRESET)
    config = TrainConfig.for_objective(preset.objective, **preset.train, device="cpu", checkpoint_every=updates)
    config = config.with_changes(steps=config.checkpoint_every)
    with (
        timed(Trainer, "_update") as updating,
        timed(Feed, "real") as loading,
        timed(Keeper, "checkpoint") as checkpoints,
        timed(Keeper, "state") as states,
        timed(Keeper, "finish") as waiting,
        timed(Keeper, "_write_state", time.thread_time) as beside,
    ):
        runner = start(data, out, ModelConfig(**preset.model), config)
        began = time.perf_counter()
        runner.run(lambda report: None)
        whole = time.perf_counter() - began
    writing = sum(checkpoints) + sum(states) + sum(waiting)
    count = f"{len(updating)} updates, {len(checkpoints)} checkpoints, {len(states)} states"
    return [
        Figure(f"training run: {count}", whole, "s"),
        Figure("training run: an update, mean", 1000 * fmean(updating), "ms"),
        Figure("training run: stands still for a checkpoint, mean", 1000 * fmean(checkpoints), "ms"),
        Figure("training run: stands still for a state, mean", 1000 * fmean(states), "ms"),
        Figure("training run: stands still for all writing", 100 * writing / whole, "% of its time", WRITING),
        Figure("training run: the writer's thread, beside it", 100 * sum(beside) / whole, "% of a core"),
        Figure("training run: loads pictures", 100 * sum(loading) / sum(updating), "% of an update", LOADING),
    ]


@contextmanager
def timed(owner: type, name: str, clock: Callable[[], float] = time.perf_counter) -> Iterator[list[float]]:
    """What each call of a method takes by ``clock``, meanwhile."""
    method, spent = getattr(owner, name), list[float]()

    @wraps(method)
    def measured(*args: Any, **kwargs: Any) -> Any:
        began = clock()
        try:
            return method(*args, **kwargs)
        finally:
            spent.append(clock() - began)

    setattr(owner, name, measured)
    try:
        yield spent
    finally:
        setattr(owner, name, method)
