"""Does bfloat16 cost quality? ``python benchmarks/precision_quality.py [--objective O] [--width W] [--updates N] ...``.

The same small training, in turns in bf16 and in fp32, each scored as ``python -m gan score`` does. Two trainings that
differ in the last bit only already differ in score, so there are several seeds, and their spread is the yardstick. Not
part of run.py: it takes minutes.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import mean, stdev
from typing import Any

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import torch  # noqa: E402
from rich.console import Console  # noqa: E402
from rich.table import Table  # noqa: E402

from gan.checkpoints import CheckpointInfo, save_checkpoint  # noqa: E402
from gan.config import ModelConfig, Objective, Precision, TrainConfig  # noqa: E402
from gan.data.dataset import open_dataset  # noqa: E402
from gan.errors import UserError  # noqa: E402
from gan.images import Bytes  # noqa: E402
from gan.metrics.score import render_fakes, score  # noqa: E402
from gan.rendering import open_renderer  # noqa: E402
from gan.training.trainer import Trainer  # noqa: E402

EMA_HALF_LIFE = 2000  # pictures: a short training must not be averaged with its first, random weights
SETTINGS: dict[Objective, dict[str, Any]] = {
    "wgan-gp": {"batch": 32, "n_critic": 1, "learning_rate": 2e-4},
    "wgan": {"batch": 64, "burst": False},
}
"""As the presets small-cpu and paper-wgan have it."""
PRECISIONS: tuple[Precision, ...] = ("bf16", "fp32")


@dataclass(frozen=True)
class Outcome:
    """One training and its score; distances are better when lower, shares when higher."""

    precision: str
    seed: int
    updates: int
    seconds: float
    swd: float
    frechet: float
    precision_share: float
    recall_share: float


METRICS = {"swd": -1, "frechet": -1, "precision_share": 1, "recall_share": 1}
"""Name -> +1 where higher is better, -1 where lower is."""


def main() -> None:
    """Train, score, compare."""
    parser = argparse.ArgumentParser(description="Compare the quality of bf16 and fp32 trainings.")
    parser.add_argument("--data", type=Path, default=ROOT / "data" / "people")
    parser.add_argument("--objective", choices=tuple(SETTINGS), default="wgan-gp")
    parser.add_argument("--width", type=int, default=32, help="from 32 on the critic's deep layers go by Winograd")
    parser.add_argument("--updates", type=int, default=600, help="generator updates of each training")
    parser.add_argument("--seeds", type=int, default=3, help="trainings in each precision")
    parser.add_argument("--fakes", type=int, default=1000, help="pictures to score each with")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every outcome there, too")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    console = Console()
    outcomes = []
    try:
        norm = "batch" if options.objective == "wgan" else "layer"
        model = ModelConfig(width=options.width, norm=norm)
        images = open_dataset(options.data, model.image_size, model.channels).images
        for seed in range(options.seeds):
            for precision in PRECISIONS:
                with Console(stderr=True).status(f"Training in {precision}, seed {seed}"):
                    outcomes.append(train_and_score(model, images, precision, seed, options))
    except UserError as error:
        sys.exit(str(error))
    console.print(table(outcomes))
    for sentence in compare(outcomes):
        console.print(sentence, highlight=False)
    if options.json is not None:
        options.json.write_text(json.dumps([asdict(outcome) for outcome in outcomes], indent=2) + "\n")


def train_and_score(
    model: ModelConfig, images: Bytes, precision: Precision, seed: int, options: argparse.Namespace
) -> Outcome:
    """One training from ``seed``, which also fixes the order of pictures and the noise, and its score."""
    updates = options.updates
    config = TrainConfig.for_objective(
        options.objective, ema_half_life=EMA_HALF_LIFE, precision=precision, device="cpu", seed=seed,
        **SETTINGS[options.objective],
    )  # fmt: skip
    trainer = Trainer(model, config, images)
    began = time.perf_counter()
    for _ in trainer.run(lambda: updates):
        pass
    seconds = time.perf_counter() - began
    with tempfile.TemporaryDirectory() as folder:  # through a file, as the score of the command line
        info = CheckpointInfo(Path(folder, "model.safetensors"), model.family, model, updates)
        save_checkpoint(info.path, trainer.ema.generator, info)
        found = score(render_fakes(open_renderer(info.path, "cpu"), options.fakes), images)
    return Outcome(
        precision, seed, updates, seconds, found.swd_mean, found.frechet, found.precision, found.recall
    )  # fmt: skip


def table(outcomes: list[Outcome]) -> Table:
    """A line for each training."""
    found = Table("precision", "seed", "updates", "s", "SWD", "Fréchet", "precision", "recall", box=None)
    for o in outcomes:
        numbers = (o.swd, o.frechet, o.precision_share, o.recall_share)
        found.add_row(
            o.precision, str(o.seed), str(o.updates), f"{o.seconds:.0f}", *(f"{value:.3g}" for value in numbers)
        )
    return found


def compare(outcomes: list[Outcome]) -> list[str]:
    """For each metric the means, and how much worse bf16 is in standard deviations between seeds of fp32."""
    sentences = []
    for name, direction in METRICS.items():
        bf16, fp32 = ([getattr(o, name) for o in outcomes if o.precision == p] for p in PRECISIONS)
        sentence = f"{name}: bf16 {mean(bf16):.4g}, fp32 {mean(fp32):.4g}"
        spread = stdev(fp32) if len(fp32) > 1 else 0.0
        if spread > 0:
            worse = direction * (mean(fp32) - mean(bf16)) / spread
            sentence += f", bf16 {'worse' if worse > 0 else 'better'} by {abs(worse):.1f} standard deviations of fp32"
        sentences.append(sentence)
    return sentences


if __name__ == "__main__":
    main()
