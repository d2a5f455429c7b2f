"""How the real window answers: one function for each promise."""

from __future__ import annotations

import time

import numpy as np

from benchmarks.figure import Figure
from benchmarks.stage import Hand, SlowModel, Stage, StopWatch, run_for, stage, sweep
from latent_debugger.views.latent_slider import UNITS

FRAME_MS = 16.7  # one picture of a 60 Hz screen


def drag(quick: bool) -> list[Figure]:
    """A slider dragged at 60 Hz: from each move to its picture having been painted on the canvas."""
    moves = 30 if quick else 300
    with stage() as on:
        latencies = drag_latencies(on, moves)
    return [
        Figure("drag: move to painted, median", float(np.median(latencies)), "ms"),
        Figure("drag: move to painted, 95th percentile", float(np.percentile(latencies, 95)), "ms", FRAME_MS),
        Figure("drag: move to painted, longest", max(latencies), "ms"),
        Figure("drag: moves painted", len(latencies), f"of {moves}"),
        Figure("drag: moves dropped for a newer one", moves - len(latencies), f"of {moves}"),
    ]


def drag_latencies(on: Stage, moves: int) -> list[float]:
    """Milliseconds from each of ``moves`` moves at 60 Hz to its picture; moves that were overtaken have none."""
    hand = Hand(on.slider, sweep(moves), 60)
    spent: dict[int, float] = {}

    def note(generation: object) -> None:
        frame = on.wiring.frames.latest
        if frame is not None and frame.generation == generation:
            position = round(float(frame.z[0]) * UNITS)
            if position in hand.moved_at:  # not the picture from before
                spent[position] = (time.perf_counter() - hand.moved_at[position]) * 1000

    on.window.canvas.painted.connect(note)
    hand.drag()
    on.wait_until(on.shows_latent)
    on.window.canvas.painted.disconnect(note)
    return list(spent.values())


def stall(quick: bool) -> list[Figure]:
    """A model of half a second must not be felt anywhere but in the picture."""
    with stage() as on:
        on.render.set_renderer(SlowModel(on.info, 0.5))
        watch = StopWatch()
        Hand(on.slider, sweep(90 if quick else 300), 60).drag()
        on.wait_until(on.shows_latent)
        return [Figure("stall: longest pause, 500 ms model", watch.longest_ms, "ms", 50)]


def newest_wins(quick: bool) -> list[Figure]:
    """A hundred moves in a second, with a model that can draw five."""
    with stage() as on:
        slow = SlowModel(on.info, 0.2)
        on.render.set_renderer(slow)
        Hand(on.slider, sweep(100), 100).drag()
        on.wait_until(on.shows_latent)
        run_for(0.5)  # nothing may follow
        frame = on.wiring.frames.latest
        assert frame is not None
        wrong = int(np.count_nonzero(frame.z != on.wiring.session.latent.z))
        return [
            Figure("newest: forwards, 100 moves, 200 ms model", slow.forwards, "", 8),
            Figure("newest: last picture differs from last z", wrong, "", 0, "="),
        ]


def bulk_and_idle(quick: bool) -> list[Figure]:
    """Every dimension at once is one picture, and rest is rest."""
    with stage() as on:
        before = on.render.forwards
        on.window.action_map["latent.random"].trigger()
        on.wait_until(on.shows_latent)
        drawn = on.render.forwards
        run_for(2.0)
        idle_forwards = on.render.forwards - drawn
        seconds = 1.0 if quick else 3.0
        busy, began = time.process_time(), time.perf_counter()
        run_for(seconds)
        share = 100 * (time.process_time() - busy) / (time.perf_counter() - began)
        return [
            Figure("idle: forwards for one random draw", drawn - before, "", 1, "="),
            Figure("idle: forwards in 2 s of rest", idle_forwards, "", 0, "="),
            Figure("idle: processor time at rest", share, "% of a core"),
        ]
