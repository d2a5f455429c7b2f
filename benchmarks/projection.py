"""Picture to latent on the bundled model's own pictures: ``python -m benchmarks.projection [--json FILE] [--seeds N]``.

Not part of benchmarks/run.py: it takes minutes. Seconds of the process are told beside those on the clock, because the
search computes on one thread and the first do not depend on what else the machine does.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from pathlib import Path

import numpy as np

from benchmarks.figure import Figure
from gan.images import Bytes
from gan.instruments.projection import RESTARTS, STEPS, Projection, project
from gan.instruments.subject import open_subject
from gan.latent.draws import draw
from gan.rendering import open_renderer

MODEL = Path(__file__).parents[1] / "checkpoints" / "people64" / "step-00020000.safetensors"
GOOD, LIMIT_S = 1e-3, 60.0


def main() -> None:
    """Search for the pictures of some seeds, and say how well and how fast."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", type=Path)
    parser.add_argument("--model", type=Path, default=MODEL)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--restarts", type=int, default=RESTARTS)
    parser.add_argument("--steps", type=int, default=STEPS)
    options = parser.parse_args()
    subject, renderer = open_subject(options.model), open_renderer(options.model, "cpu")
    rows = []
    for seed in range(options.first, options.first + options.seeds):
        latent = draw(1, subject.dim, seed)
        picture: Bytes = renderer.pixels(latent)[0]  # as a PNG would hold it: rounded to 8 bits
        watch = _Watch()
        found = project(
            subject.generator, picture, subject.dim, subject.critic, options.restarts, options.steps,
            seed=10_000 + seed, tell=watch,
        )[0]  # fmt: skip
        redrawn = renderer.pixels(found.z[np.newaxis])[0]
        mse = float(np.square((redrawn.astype(np.float64) - picture) / 255.0).mean())
        angle = _degrees(found.z, latent[0])
        rows.append((mse, *watch.spent(), watch.longest, angle))
        print(
            f"seed {seed}: MSE {mse:.2e}  {rows[-1][1]:.1f} s of the process, {rows[-1][2]:.1f} s on the clock,"
            f" reached after {watch.reached_s:.1f} s, {angle:.0f} degrees from the seed's latent", flush=True,
        )  # fmt: skip
    table = np.array(rows)
    figures = [
        Figure("projection: own pictures found (MSE < 1e-3)", int((table[:, 0] < GOOD).sum()), "", 18, "≥"),
        Figure("projection: MSE, median", float(np.median(table[:, 0])), "", None),
        Figure("projection: MSE, worst", float(table[:, 0].max()), "", None),
        Figure("projection: processor time, worst", float(table[:, 1].max()), "s", LIMIT_S),
        Figure("projection: time on the clock, worst", float(table[:, 2].max()), "s", LIMIT_S),
        Figure("projection: longest wait for its end", 1000 * float(table[:, 3].max()), "ms", 200.0),
        Figure("projection: angle to the seed's latent, median", float(np.median(table[:, 4])), "degrees", None),
    ]
    for figure in figures:
        print(f"{figure.name}: {figure.value:.3g} {figure.unit}")
    print(f"load {os.getloadavg()[0]:.1f}")
    if options.json is not None:
        options.json.write_text(json.dumps([figure.to_json() for figure in figures], indent=2) + "\n")


class _Watch:
    """Times a search from within."""

    def __init__(self) -> None:
        self._begun, self._begun_process = time.monotonic(), time.process_time()
        self._last: float | None = None
        self.longest, self.reached_s = 0.0, float("inf")

    def __call__(self, found: Projection) -> None:
        now = time.monotonic()
        if self._last is not None:
            self.longest = max(self.longest, now - self._last)
        self._last = now
        if found.mse < GOOD:
            self.reached_s = min(self.reached_s, now - self._begun)

    def spent(self) -> tuple[float, float]:
        """Seconds of the process and on the clock."""
        return time.process_time() - self._begun_process, time.monotonic() - self._begun


def _degrees(first: np.ndarray, second: np.ndarray) -> float:
    cosine = float(first @ second) / max(float(np.linalg.norm(first) * np.linalg.norm(second)), 1e-12)
    return float(np.degrees(np.arccos(np.clip(cosine, -1.0, 1.0))))


if __name__ == "__main__":
    main()
