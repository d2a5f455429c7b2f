"""Training in the background: how smooth the sliders stay, and what the window costs the training."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from benchmarks.figure import Figure
from benchmarks.stage import Stage, run_for, stage
from benchmarks.window import drag_latencies
from gan.config import ModelConfig, TrainConfig
from gan.data.people import make_people
from gan.training.run_directory import RunDirectory
from gan.training.run_reader import MetricsTail
from latent_debugger.services.training_process import TrainingProcess, start_arguments
from latent_debugger.state.paths import home
from latent_debugger.state.training_plan import RunPlan, preset_values

FRAME_MS = 33.0
KEPT = 0.85
START_S = 60.0


def background(quick: bool) -> list[Figure]:
    """The preset *small data, CPU*, on all cores but one: without a window, behind one, and inside one."""
    seconds, moves = (4.0, 60) if quick else (30.0, 600)
    data = home() / "people"
    make_people(data, 64 if quick else 512, 64)
    alone = _headless(_plan(data, "alone"), seconds)
    figures = [Figure("training: without a window", alone, "images/s")]
    for own, told in ((True, "in a process of its own"), (False, "in the window's process")):
        plan = _plan(data, "own" if own else "here", own)
        with stage() as on, running(on, plan):
            log = MetricsTail(plan.out / "metrics.jsonl")
            _wait_for_lines(log)
            begin = time.time()
            run_for(seconds)
            rate = _rate(log, begin)
            latencies = drag_latencies(on, moves)
        figures += [
            Figure(f"training: {told}", rate, "images/s"),
            Figure(f"training: {told}, of that without a window", rate / alone, "×", KEPT, "≥"),
            Figure(f"drag while training {told}, median", float(np.median(latencies)), "ms"),
            Figure(f"drag while training {told}, 95th percentile", float(np.percentile(latencies, 95)), "ms", FRAME_MS),
        ]
    return figures


def _plan(data: Path, name: str, own: bool = True) -> RunPlan:
    """No checkpoint falls into the measurement."""
    values = {**preset_values("small-cpu"), "steps": 10**6, "checkpoint_every": 10**6}
    model, train = ModelConfig.from_json(values), TrainConfig.from_json(values)
    return RunPlan(data, home() / "runs" / name, model, train, "small-cpu", own_process=own)


def _headless(plan: RunPlan, seconds: float) -> float:
    process = TrainingProcess(start_arguments(plan), plan.out)
    log = MetricsTail(plan.out / "metrics.jsonl")
    deadline = time.monotonic() + START_S
    while not log.poll() and time.monotonic() < deadline and not process.ended():
        time.sleep(0.1)
    begin = time.time()
    time.sleep(seconds)
    rate = _rate(log, begin)
    RunDirectory(plan.out).write_control("stop")
    while not process.ended():
        time.sleep(0.1)
    if process.problem():
        raise RuntimeError(process.problem())
    return rate


def _wait_for_lines(log: MetricsTail) -> None:
    deadline = time.monotonic() + START_S
    while not log.poll():
        if time.monotonic() > deadline:
            raise RuntimeError("the training did not begin")
        run_for(0.1)


def _rate(log: MetricsTail, since: float) -> float:
    """Pictures a second, from the first line after ``since`` to the last: only whole updates are counted."""
    log.poll()
    columns = log.columns
    after = columns["time"] >= since
    times, images = columns["time"][after], columns["images_seen"][after]
    if len(times) < 2:
        raise RuntimeError("the training was too slow to be measured")
    return float((images[-1] - images[0]) / (times[-1] - times[0]))


@contextmanager
def running(on: Stage, plan: RunPlan) -> Iterator[None]:
    """A run that the window has started, and stops whatever happens."""
    service = on.wiring.training.service
    service.start(plan)
    try:
        yield
    finally:
        service.tell(plan.out, "stop")
        on.wait_until(lambda: not service.hosted(plan.out))
