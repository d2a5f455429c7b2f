"""The Training panel's charts: a run of a million lines, new values, and a hand on the wheel."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import torch  # noqa: F401 (before PySide6: on Windows c10.dll loads only in this order)
from PySide6.QtWidgets import QApplication

from benchmarks.figure import Figure

LINES, QUICK_LINES = 1_000_000, 20_000
REDRAW_MS = 50.0
SIZE = (1000, 260)


def charts(quick: bool) -> list[Figure]:
    """From new values to their curves having been painted: training and held-out estimate, the gap between them."""
    n = QUICK_LINES if quick else LINES
    app = QApplication.instance() or QApplication([])
    assert isinstance(app, QApplication)
    from latent_debugger.views import theme
    from latent_debugger.views.charts.chart import Chart, Line

    theme.apply(app, "dark")
    steps = np.arange(n, dtype=np.float64)
    noise = np.random.RandomState(0).standard_normal(n)
    training = 3 * np.exp(-5 * steps / n) + 0.2 * noise + 1
    held_out = np.where(steps % 10 == 0, training - 0.3 * steps / n, np.nan)
    lines = [Line("training", "accent", steps, training), Line("held-out", "warning", steps, held_out)]
    chart = Chart()
    chart.resize(*SIZE)
    chart.show()
    app.processEvents()

    def redraw(change: Callable[[], object]) -> float:
        start = time.perf_counter()
        change()
        chart.viewport().repaint()
        return (time.perf_counter() - start) * 1000

    repeats = 3 if quick else 15
    box = chart.getViewBox()
    figures = []
    for smoothing, told in ((0.0, "unsmoothed"), (0.3, "smoothed")):
        chart.set_smoothing(smoothing)
        chart.show_all()
        spent = [redraw(lambda: chart.set_lines(lines, fill=True)) for _ in range(repeats + 1)][1:]
        box.sigRangeChangedManually.emit([True, False])
        moved = [redraw(lambda i=i: box.setXRange(0.3 * n + i, 0.5 * n + i, padding=0)) for i in range(repeats)]
        figures += [
            Figure(f"charts: {n:,} lines redrawn, {told}, median", float(np.median(spent)), "ms", REDRAW_MS),
            Figure(f"charts: {n:,} lines redrawn, {told}, longest", max(spent), "ms"),
            Figure(f"charts: a fifth of them moved along, {told}, median", float(np.median(moved)), "ms", REDRAW_MS),
        ]
    chart.close()
    return figures
