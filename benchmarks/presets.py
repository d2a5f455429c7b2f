"""What do the presets reach in 10 and 30 minutes of one thread? ``python benchmarks/presets.py OUT [--presets A B]``.

Each preset trains on ``data/people`` for so much *processor* time (a busy machine then changes little), and is scored
as ``python -m gan score`` does at each mark. OUT gets the checkpoints, ``presets.json`` and one sheet of the same 16
latents, a line for each preset and mark. Not part of run.py: it takes an hour.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402

from gan.config import ModelConfig, TrainConfig  # noqa: E402
from gan.data import open_dataset  # noqa: E402
from gan.files import write_json  # noqa: E402
from gan.images import Bytes, save_png, sheet  # noqa: E402
from gan.latent.draws import draw  # noqa: E402
from gan.metrics.score import render_fakes, score  # noqa: E402
from gan.presets import find_preset  # noqa: E402
from gan.rendering import open_renderer  # noqa: E402
from gan.training.runner import Report, resume, start  # noqa: E402

MANY = 10**8  # updates: time ends the run, not their number
PICTURES = 16


def main() -> None:
    """Train, score, tell."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--presets", nargs="+", default=["small-cpu", "paper-wgan"])
    parser.add_argument("--minutes", nargs="+", type=float, default=[10.0, 30.0])
    parser.add_argument("--data", type=Path, default=ROOT / "data" / "people")
    parser.add_argument("--n", type=int, default=2000, help="pictures in a score")
    options = parser.parse_args()
    rows, lines = [], []
    for name in options.presets:
        for minutes, checkpoint in train(name, options.out / name, options.data, sorted(options.minutes)):
            row, line = judge(checkpoint, options.data, options.n)
            rows.append({"preset": name, "minutes": minutes, **row})
            lines += [line, np.full((4, *line.shape[1:]), 255, np.uint8)]
            print(json.dumps(rows[-1]), flush=True)
    write_json(options.out / "presets.json", rows)
    save_png(options.out / "presets.png", np.concatenate(lines[:-1]))


def train(preset_name: str, out: Path, data: Path, marks: list[float]) -> list[tuple[float, Path]]:
    """Run a preset until each mark (processor minutes of this process) -> the checkpoint at each."""
    preset = find_preset(preset_name)
    config = TrainConfig.for_objective(preset.objective, **preset.train).with_changes(
        steps=MANY, threads=1, checkpoint_every=MANY
    )
    config = replace(config, lr_decay="none")  # a decay to an end that never comes would mean nothing
    found, spent = [], 0.0
    for mark in marks:
        runner = resume(out) if found else start(data, out, ModelConfig(**preset.model), config)
        began = time.process_time() - spent
        limit = 60.0 * mark

        def enough(began: float = began, limit: float = limit) -> bool:
            return time.process_time() - began >= limit

        step = runner.run(tell, enough)
        spent = time.process_time() - began
        found.append((mark, runner.directory.checkpoint(step)))
    return found


def tell(report: Report) -> None:
    """A line now and then."""
    if report.progress.step % 50 == 0:
        print(f"step {report.progress.step} W {report.progress.wasserstein:.2f}", file=sys.stderr, flush=True)


def judge(checkpoint: Path, data: Path, n: int) -> tuple[dict[str, float], Bytes]:
    """The figures of a checkpoint, and a line of its pictures."""
    renderer = open_renderer(checkpoint, "cpu")
    config = renderer.info.config
    reals = open_dataset(data, config.image_size, config.channels).images
    result = score(render_fakes(renderer, n), reals)
    figures = {
        "step": renderer.info.step,
        "images_seen": renderer.info.images_seen,
        "swd_ratio": round(result.swd_ratio, 2),
        "precision": round(result.precision, 3),
        "recall": round(result.recall, 3),
        "frechet": round(result.frechet, 1),
        "frechet_floor": round(result.frechet_floor, 1),
    }
    return figures, sheet(renderer.pixels(draw(PICTURES, renderer.dim, seed=0)), PICTURES)


if __name__ == "__main__":
    main()
