"""Copy check on the bundled model: ``python -m benchmarks.memorisation [--data people/] [--json FILE]``.

Not part of benchmarks/run.py: without ``--data`` it draws the 6,000 people first. Seconds of the process are told
beside those on the clock: everything computes on one thread, and the first do not depend on what else the machine does.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import numpy as np

from benchmarks.figure import Figure
from benchmarks.projection import MODEL
from gan.data import open_dataset
from gan.data.people import make_people
from gan.images import Bytes
from gan.instruments.memorisation import Verdict, build_index, judge, nearest
from gan.latent.draws import draw
from gan.rendering import open_renderer

PEOPLE, QUERIES, SAMPLES = 6000, 100, 512
T = TypeVar("T")


def main() -> None:
    """Describe the training pictures, look pictures up among them, and give verdicts that are known in advance."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, help="the people, as python -m gan dataset people writes them")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--samples", type=int, default=SAMPLES)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        data = options.data or Path(folder)
        if options.data is None:
            make_people(data, PEOPLE)
        figures = measure(open_dataset(data, 64, 3).images, options.samples)
    for figure in figures:
        print(f"{figure.name}: {figure.value:.3g} {figure.unit}")
    print(f"load {os.getloadavg()[0]:.1f}")
    if options.json is not None:
        options.json.write_text(json.dumps([figure.to_json() for figure in figures], indent=2) + "\n")


def measure(images: Bytes, samples: int) -> list[Figure]:
    """All figures on training pictures (n, 64, 64, 3)."""
    renderer = open_renderer(MODEL, "cpu")
    fakes = renderer.pixels(draw(samples, renderer.dim, 1))
    moments: list[float] = [time.monotonic()]
    index, process, clock = timed(lambda: build_index(images, lambda _: moments.append(time.monotonic())))
    nearest(index, fakes[0])
    times = np.array([timed(lambda picture=picture: nearest(index, picture))[1:] for picture in fakes[:QUERIES]])
    figures = [
        Figure(f"copy check: describing {len(images)} pictures, of the process", process, "s"),
        Figure(f"copy check: describing {len(images)} pictures, on the clock", clock, "s"),
        Figure("copy check: longest wait for its end", 1000 * float(np.diff(moments).max()), "ms", 200.0),
        Figure("copy check: a look-up, of the process, median", 1000 * float(np.median(times[:, 0])), "ms", 100.0),
        Figure("copy check: a look-up, on the clock, median", 1000 * float(np.median(times[:, 1])), "ms", 100.0),
        Figure("copy check: a look-up, on the clock, p95", 1000 * float(np.quantile(times[:, 1], 0.95)), "ms", 100.0),
    ]
    copied, few = fakes.copy(), fakes[np.random.default_rng(0).integers(20, size=samples)]
    copied[: samples // 10] = images[: samples // 10]
    half = len(images) // 2
    held_out, index_of_half = images[half : half + samples], build_index(images[:half])
    cases = (
        ("bundled model", fakes, index), ("a tenth replaced by training pictures", copied, index),
        ("20 of its pictures over and over", few, index), ("real pictures that were held out", held_out, index_of_half),
    )  # fmt: skip
    for name, pictures, against in cases:
        (verdict, process, _) = timed(lambda pictures=pictures, against=against: judge(against, pictures))
        print(f"{name}: {verdict.text} (judged in {process:.1f} s of the process)", flush=True)
        figures += told(name, verdict)
    return figures


def told(name: str, verdict: Verdict) -> list[Figure]:
    """What a verdict rests on."""
    return [
        Figure(f"copy check, {name}: copies", 100 * verdict.copies, "%"),
        Figure(f"copy check, {name}: support", verdict.support or verdict.support_at_least, "pictures"),
        Figure(f"copy check, {name}: copying", int(verdict.copying), ""),
        Figure(f"copy check, {name}: collapsed", int(verdict.collapsed), ""),
    ]


def timed(work: Callable[[], T]) -> tuple[T, float, float]:
    """What it answers, seconds of the process, seconds on the clock."""
    process, clock = time.process_time(), time.monotonic()
    answer = work()
    return answer, time.process_time() - process, time.monotonic() - clock


if __name__ == "__main__":
    main()
