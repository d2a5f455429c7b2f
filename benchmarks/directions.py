"""What directions cost: finding them, a drag of one with the panel full, and opening a full panel."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from benchmarks.figure import Figure
from benchmarks.stage import Hand, Stage, StopWatch, run_for, stage, sweep
from benchmarks.window import drag_latencies
from gan.instruments import silent
from gan.instruments.subject import open_subject
from gan.latent.directions import Direction, moved_along, unit
from gan.latent.draws import draw
from gan.rendering import one_thread
from latent_debugger.application import bundled_model
from latent_debugger.services.direction_search import search
from latent_debugger.state.directions import MAX_DIRECTIONS
from latent_debugger.views.latent_slider import UNITS

DRAG_MS, PAUSE_MS = 33, 50
LARGE, HELD = 512, MAX_DIRECTIONS - 1


def directions(quick: bool) -> list[Figure]:
    """Without a window first, then in it."""
    figures = [*finding(1 if quick else 5), moving(50 if quick else 500)]
    with stage() as on:
        figures += in_the_window(on, 30 if quick else 300)
    return figures


def finding(rounds: int) -> list[Figure]:
    """Ten directions of the bundled model, each way."""
    path = bundled_model()
    assert path is not None
    subject, figures = open_subject(path), []
    z = draw(1, subject.dim, 0)[0]
    with one_thread():
        for method in ("sefa", "pca", "local"):
            spent = _best(lambda method=method: search(method, 10, z, subject, silent), rounds)  # type: ignore[misc]
            figures.append(Figure(f"directions: ten by {method}, best of {rounds}", spent, "ms"))
    return figures


def moving(rounds: int) -> Figure:
    """One step along a direction with as many others locked as there can be."""
    held = np.stack([unit(row) for row in draw(HELD, LARGE, 1)])
    z, along = draw(1, LARGE, 0)[0], Direction("d", unit(draw(1, LARGE, 2)[0]), "file")
    frozen = np.zeros(LARGE, np.bool_)
    spent = _best(lambda: moved_along(z, along, 1.0, frozen, held), rounds)
    return Figure(f"directions: one step in {LARGE} dimensions, {HELD} locked", spent, "ms")


def in_the_window(on: Stage, moves: int) -> list[Figure]:
    """With as many directions as there can be, none of them at right angles to another."""
    flow, state = on.wiring.instruments.directions, on.wiring.session.directions
    on.window.show_panel("directions")
    run_for(0.5)
    made = [
        Direction(f"d {k}", unit(row), "file") for k, row in enumerate(draw(MAX_DIRECTIONS, on.info.config.z_dim, 1))
    ]
    watch = StopWatch()
    flow.editor.opened(made)
    run_for(0.5)
    opening = watch.longest_ms
    own = _direction_latencies(on, moves)
    raw = drag_latencies(on, moves)
    flow.editor.remove([item.id for item in state.all])
    return [
        Figure(f"directions: longest pause as {MAX_DIRECTIONS} are opened", opening, "ms"),
        Figure("directions: drag of a direction, move to painted, median", float(np.median(own)), "ms"),
        Figure("directions: drag of a direction, 95th percentile", float(np.percentile(own, 95)), "ms", DRAG_MS),
        Figure(
            "directions: drag of a dimension, panel open, 95th percentile", float(np.percentile(raw, 95)), "ms", DRAG_MS
        ),
    ]


def _direction_latencies(on: Stage, moves: int) -> list[float]:
    """As :func:`benchmarks.window.drag_latencies`, of the first direction's slider."""
    state = on.wiring.session.directions
    hand = Hand(on.window.directions.list.rows[0].slider, sweep(moves), 60)
    spent: dict[int, float] = {}

    def note(generation: object) -> None:
        frame = on.wiring.frames.latest
        if frame is not None and frame.generation == generation:
            position = round(float(state.places(frame.z)[0]) * UNITS)
            if position in hand.moved_at:
                spent[position] = (time.perf_counter() - hand.moved_at[position]) * 1000

    on.window.canvas.painted.connect(note)
    hand.drag()
    on.wait_until(on.shows_latent)
    on.window.canvas.painted.disconnect(note)
    return list(spent.values())


def _best(work: Callable[[], object], rounds: int) -> float:
    """Milliseconds of the quickest of ``rounds``."""
    times = []
    for _ in range(rounds):
        began = time.perf_counter()
        work()
        times.append((time.perf_counter() - began) * 1000)
    return min(times)
