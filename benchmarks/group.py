"""The figures of one group, in a process of its own: ``python -m benchmarks.group NAME OUT.json [--quick]``.

A fresh interpreter has no other group's threads, caches or garbage; run.py sets its environment.
"""

from __future__ import annotations

import argparse
import importlib
import json
from dataclasses import asdict
from pathlib import Path

GROUPS = {
    "drag": "benchmarks.window:drag",
    "stall": "benchmarks.window:stall",
    "newest": "benchmarks.window:newest_wins",
    "idle": "benchmarks.window:bulk_and_idle",
    "latents": "benchmarks.latents:latents",
    "library": "benchmarks.library:library",
    "startup": "benchmarks.startup:startup",
    "render": "benchmarks.rendering:render",
    "opening": "benchmarks.opening:opening",
    "fast-path": "benchmarks.fast_path:fast_path",
    "training-bundled": "benchmarks.training:bundled",
    "training-paper": "benchmarks.training:paper",
    "training-run": "benchmarks.training_run:training_run",
    "timeline": "benchmarks.timeline:timeline",
    "charts": "benchmarks.charts:charts",
    "background": "benchmarks.background:background",
    "people": "benchmarks.data:people",
    "packing": "benchmarks.data:packing",
    "curation": "benchmarks.data:curation",
    "wall": "benchmarks.wall:wall",
    "sensitivity": "benchmarks.instrument_sensitivity:sensitivity",
    "directions": "benchmarks.directions:directions",
}
"""Name -> a function that takes ``quick`` and returns a list of figures."""


def main() -> None:
    """Measure one group and write its figures, all fields of them, to a file."""
    parser = argparse.ArgumentParser()
    parser.add_argument("name", choices=GROUPS)
    parser.add_argument("out", type=Path)
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args()
    module, _, function = GROUPS[options.name].partition(":")
    figures = getattr(importlib.import_module(module), function)(options.quick)
    options.out.write_text(json.dumps([asdict(figure) for figure in figures]))


if __name__ == "__main__":
    main()
