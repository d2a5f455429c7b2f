"""What sensitivities cost, how exact they are, and that a drag does not feel them, nor the previews."""

from __future__ import annotations

import copy
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import nn

from benchmarks.figure import Figure
from benchmarks.latents import DIM, large_model
from benchmarks.stage import Stage, StopWatch, run_for, stage
from benchmarks.window import drag_latencies
from gan.images import Floats
from gan.instruments.sensitivity import JacobianProbe
from gan.instruments.subject import Subject, open_subject
from gan.latent.draws import draw
from gan.rendering import one_thread
from latent_debugger.application import bundled_model

SHARE, DEVIATION_PERCENT, DRAG_MS, PAUSE_MS = 1.2, 1.0, 33, 50
_STEP = 1e-5  # of the central differences that are the judge, in float64


def sensitivity(quick: bool) -> list[Figure]:
    """The instrument alone on the bundled model, then in the window."""
    path = bundled_model()
    assert path is not None
    subject = open_subject(path)
    figures = [*cost(subject, 3 if quick else 20), *exactness(subject, 1 if quick else 3), *planted(subject)]
    with stage() as on:
        figures += while_dragging(on, 30 if quick else 300)
    with stage() as on, tempfile.TemporaryDirectory() as folder:
        figures += many_dimensions(on, Path(folder))
    return figures


def cost(subject: Subject, rounds: int) -> list[Figure]:
    """Against drawing one picture for each dimension in one batch with the network as written; one thread, in turns."""
    probe, dim = JacobianProbe(subject.generator, subject.dim), subject.dim
    batch, z = torch.from_numpy(draw(dim, dim, 1)), draw(1, dim, 0)[0]
    measured, drawn = [], []
    with one_thread(), torch.no_grad():
        probe.sensitivity(z)
        for _ in range(rounds):
            measured.append(_timed(lambda: probe.sensitivity(z)))
            drawn.append(_timed(lambda: subject.generator(batch)))
    return [
        Figure(f"sensitivity: {dim} dimensions, best of {rounds}", min(measured), "ms"),
        Figure(f"sensitivity: eager batch of {dim} pictures, best of {rounds}", min(drawn), "ms"),
        Figure("sensitivity: share of that batch", min(measured) / min(drawn), "", SHARE),
    ]


def exactness(subject: Subject, latents: int) -> list[Figure]:
    """Against central differences in float64."""
    probe, network = JacobianProbe(subject.generator, subject.dim), copy.deepcopy(subject.generator).double()
    worst = 0.0
    for z in draw(latents, subject.dim, 3):
        true = _differences(network, z)
        worst = max(worst, float(np.abs(probe.sensitivity(z).norms / true - 1).max()))
    return [Figure("sensitivity: off central differences, at most", 100 * worst, "%", DEVIATION_PERCENT)]


def planted(subject: Subject) -> list[Figure]:
    """A few inputs cut off from the network, which has to be noticed, and nothing else."""
    cut = copy.deepcopy(subject.generator)
    wanted = {5, 50, subject.dim - 1}
    layer = next(part for part in cut.modules() if isinstance(part, nn.Linear))
    with torch.no_grad():
        layer.weight[:, sorted(wanted)] = 0
    found = set(np.flatnonzero(JacobianProbe(cut, subject.dim).dead().mask).tolist())
    return [
        Figure("sensitivity: planted dead inputs missed", len(wanted - found), f"of {len(wanted)}", 0, "="),
        Figure("sensitivity: inputs falsely called dead", len(found - wanted), "", 0, "="),
    ]


def while_dragging(on: Stage, moves: int) -> list[Figure]:
    """The drag of the group "drag" with bars, heat map and the strip of previews open."""
    flow, panel = on.wiring.instruments.sensitivity, on.window.latents
    on.window.action_map["sensitivity.show"].setChecked(True)  # remembered from the stage before
    on.wait_until(lambda: flow.figures is not None)
    panel.list.rows[0].take_focus()
    on.window.action_map["latent.preview"].trigger()
    strip = on.wiring.instruments.previews.strip
    on.wait_until(lambda: strip.isVisible() and strip.pending() == 0)
    run_for(0.5)
    latencies = drag_latencies(on, moves)
    if not strip.isVisible():
        raise RuntimeError("the strip of previews was not open during the drag")
    began = time.perf_counter()
    on.wait_until(lambda: flow.figures is not None)
    waited = (time.perf_counter() - began) * 1000
    return [
        Figure("sensitivity: drag with it and previews open, median", float(np.median(latencies)), "ms"),
        Figure("sensitivity: drag with both, 95th percentile", float(np.percentile(latencies, 95)), "ms", DRAG_MS),
        Figure("sensitivity: drag with both, moves painted", len(latencies), f"of {moves}"),
        Figure("sensitivity: end of the drag to new bars", waited, "ms"),
    ]


def many_dimensions(on: Stage, folder: Path) -> list[Figure]:
    """The window goes on while many are measured."""
    flow = on.wiring.instruments.sensitivity
    on.wiring.models.open(large_model(folder))
    on.wait_until(lambda: on.wiring.session.latent.dim == DIM and on.shows_latent())
    on.window.action_map["sensitivity.show"].setChecked(True)  # remembered from the stage before
    on.wait_until(lambda: flow.figures is not None)
    run_for(1.0)
    on.window.action_map["latent.random"].trigger()
    on.wait_until(on.shows_latent)
    watch, began = StopWatch(), time.perf_counter()
    on.wait_until(lambda: flow.figures is not None)
    spent = time.perf_counter() - began
    run_for(0.2)
    return [
        Figure(f"sensitivity: {DIM} dimensions, change to bars", spent, "s"),
        Figure(f"sensitivity: {DIM} dimensions, longest pause", watch.longest_ms, "ms", PAUSE_MS),
    ]


def _differences(network: nn.Module, z: Floats) -> Floats:
    """(dim,) lengths of the columns of the Jacobian, by central differences in float64."""
    at, lengths = torch.from_numpy(z).double(), []
    with torch.no_grad():
        for steps in torch.eye(len(z), dtype=torch.float64).mul(_STEP).split(20):
            columns = (network(at + steps) - network(at - steps)) / (2 * _STEP)
            lengths.append(columns.square().sum((1, 2, 3)).sqrt())
    found: Floats = torch.cat(lengths).numpy()
    return found


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000
