"""How soon a checkpoint is on the canvas: one that a run in training has just written, and those of a finished run."""

from __future__ import annotations

import time
from pathlib import Path
from statistics import median

import numpy as np

from benchmarks.background import running
from benchmarks.figure import Figure
from benchmarks.stage import Stage, stage
from gan.config import ModelConfig, TrainConfig
from gan.data.people import make_people
from gan.training.run_directory import RunDirectory
from latent_debugger.state.paths import home
from latent_debugger.state.training_plan import RunPlan, preset_values

FOLLOW_S = 2.0
STEP_MS = 100.0
EVERY = 16  # updates: some four seconds of the preset, so that no checkpoint overtakes the one before
PATIENCE_S = 300.0


class Arrivals:
    """When each checkpoint was first painted, from now on.

    Attributes:
        painted: its path -> (time.time(), time.perf_counter()).
    """

    def __init__(self, on: Stage) -> None:
        self.painted: dict[Path, tuple[float, float]] = {}
        self._on = on
        on.window.canvas.painted.connect(self._note)

    def stop(self) -> None:
        """Note no more."""
        self._on.window.canvas.painted.disconnect(self._note)

    def _note(self, generation: object) -> None:
        frame, model = self._on.wiring.frames.latest, self._on.wiring.session.model
        if frame is None or model is None or frame.generation != generation:
            return
        if frame.model_sha256 == model.sha256:  # not the one before, whose last picture came late
            self.painted.setdefault(model.path, (time.time(), time.perf_counter()))


def timeline(quick: bool) -> list[Figure]:
    """Both with the panel Timeline open, whose film wants a picture under each checkpoint as well."""
    with stage() as on:
        first, again = _scrub(on, 1 if quick else 10)
        shown, missed = _follow(on, 1 if quick else 10)
    return [
        Figure("timeline: a step for the first time, median", median(first), "ms"),
        Figure("timeline: a cached step, median", median(again), "ms"),
        Figure("timeline: a cached step, 95th percentile", float(np.percentile(again, 95)), "ms", STEP_MS),
        Figure("timeline: a cached step, longest", max(again), "ms", STEP_MS),
        Figure("timeline: a new checkpoint on the canvas, median", median(shown), "s"),
        Figure("timeline: a new checkpoint on the canvas, longest", max(shown), "s", FOLLOW_S),
        Figure("timeline: checkpoints overtaken by the next", missed, f"of {missed + len(shown)}"),
    ]


def _scrub(on: Stage, rounds: int) -> tuple[list[float], list[float]]:
    """Milliseconds from each move of the scrubber to the picture: through the bundled run once, then up and down."""
    on.window.show_panel("timeline")
    slider, source = on.window.timeline.scrubber.slider, on.wiring.follow.source
    on.wait_until(lambda: slider.maximum() > 0)
    reel = source.reel
    assert reel is not None
    last = slider.maximum()

    def go(place: int) -> float:
        arrivals, path, began = Arrivals(on), reel.stages[place].path, time.perf_counter()
        slider.setValue(place)
        on.wait_until(lambda: path in arrivals.painted)
        arrivals.stop()
        return (arrivals.painted[path][1] - began) * 1000

    up, down = range(1, last + 1), range(last - 1, -1, -1)
    first = [go(place) for place in (0, *up)]
    return first, [go(place) for _ in range(rounds) for place in (*down, *up)]


def _follow(on: Stage, wanted: int) -> tuple[list[float], int]:
    """Seconds from the last byte of a checkpoint, which is just before its rename, to its picture, while its run trains
    in a process of its own; and how many checkpoints never came on show."""
    data = home() / "people"
    make_people(data, 64, 64)
    values = {**preset_values("small-cpu"), "steps": 10**6, "checkpoint_every": EVERY}
    plan = RunPlan(data, home() / "runs" / "followed", ModelConfig.from_json(values), TrainConfig.from_json(values))
    folder, arrivals = plan.out / "checkpoints", Arrivals(on)

    def shown() -> list[Path]:
        return [path for path in arrivals.painted if path.parent == folder]

    with running(on, plan):
        on.wiring.follow.follow_run(plan.out)
        on.wait_until(lambda: len(shown()) > wanted, PATIENCE_S)
        arrivals.stop()
    opened, *followed = shown()  # the first was opened, and is no news
    written = [path for path in RunDirectory(plan.out).checkpoints() if opened < path <= followed[-1]]
    seconds = [arrivals.painted[path][0] - path.stat().st_mtime for path in followed]
    return seconds, len(written) - len(followed)
