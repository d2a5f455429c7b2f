"""Does choosing by the critic, or walking near stars, give better pictures? ``python -m benchmarks.critic_choice``.

Several ways to get pictures from the bundled model, each scored as ``python -m gan score`` does, several times over
with other seeds against the same real pictures, so that a difference can be held against the spread. Not part of
benchmarks/run.py: it takes minutes.

Nobody has starred pictures by eye for this: one set of "stars" is the critic's own choice, the other is plain chance.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from statistics import mean, stdev

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import numpy as np
import torch

from gan.data.dataset import open_dataset
from gan.images import Bytes
from gan.instruments.critic import best_of_each, fake_scores
from gan.instruments.subject import Subject, open_subject
from gan.latent.draws import Latents, draw
from gan.latent.neighbours import Mode, around
from gan.metrics.score import Score, score
from gan.rendering import Renderer, open_renderer

ROOT = Path(__file__).parents[1]
MODEL = ROOT / "checkpoints" / "people64" / "step-00020000.safetensors"
BEST_OF, STARS, SIGMA = 16, 30, 0.5
COLUMNS = ("swd_ratio", "precision", "recall", "frechet")

Way = Callable[[Subject, int, int], Latents]
"""(subject, n, seed) -> latents (n, dim)."""


def main() -> None:
    """Draw, score, tell."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", type=Path, default=MODEL)
    parser.add_argument("--data", type=Path, default=ROOT / "data" / "people")
    parser.add_argument("--n", type=int, default=2000, help="pictures of each kind")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--only", default="", metavar="TEXT", help="the ways whose names contain it")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    torch.set_num_threads(1)
    subject, renderer = open_subject(options.model), open_renderer(options.model, "cpu")
    reals = _pictures(options.data, subject)
    table: dict[str, list[Score]] = {}
    for name, way in WAYS.items():
        if options.only not in name:
            continue
        for seed in range(1, options.repeats + 1):
            started = time.monotonic()
            found = score(_drawn(renderer, way(subject, options.n, seed)), reals)
            table.setdefault(name, []).append(found)
            figures = "  ".join(f"{column} {getattr(found, column):.3f}" for column in COLUMNS)
            print(f"{name}, seed {seed}: {figures}  ({time.monotonic() - started:.0f} s)", flush=True)
        if options.json:
            options.json.write_text(json.dumps({key: [one.to_json() for one in row] for key, row in table.items()}))
    _tell(table)


def _plain(subject: Subject, n: int, seed: int) -> Latents:
    return draw(n, subject.dim, 1000 * seed)


def _best(group: int) -> Way:
    def draw_best(subject: Subject, n: int, seed: int) -> Latents:
        candidates = draw(n * group, subject.dim, 1000 * seed + 1)
        assert subject.critic is not None
        return best_of_each(candidates, fake_scores(subject.generator, subject.critic, candidates), group)

    return draw_best


def _near(choose: Way, mode: Mode) -> Way:
    def draw_near(subject: Subject, n: int, seed: int) -> Latents:
        return around(choose(subject, STARS, seed), SIGMA, n, 1000 * seed + 2, mode)

    return draw_near


WAYS: dict[str, Way] = {
    "plain sampling": _plain,
    **{f"best of {group} by the critic": _best(group) for group in (2, 4, BEST_OF)},
    f"near {STARS} random pictures, additive": _near(_plain, "additive"),
    f"near {STARS} best-of-{BEST_OF} pictures, additive": _near(_best(BEST_OF), "additive"),
    f"near {STARS} random pictures, variance kept": _near(_plain, "variance"),
    f"near {STARS} best-of-{BEST_OF} pictures, variance kept": _near(_best(BEST_OF), "variance"),
}


def _pictures(data: Path, subject: Subject) -> Bytes:
    config = subject.info.config
    dataset = open_dataset(data, config.image_size, config.channels)
    return np.asarray(dataset.images)


def _drawn(renderer: Renderer, latents: Latents) -> Bytes:
    return np.concatenate([renderer.pixels(latents[k : k + 50]) for k in range(0, len(latents), 50)])


def _tell(table: dict[str, list[Score]]) -> None:
    print("| way | SWD ratio | precision | recall | Fréchet |\n|---|---|---|---|---|")
    for name, row in table.items():
        cells = []
        for column in COLUMNS:
            values = [getattr(one, column) for one in row]
            spread = f" ± {stdev(values):.3f}" if len(values) > 1 else ""
            cells.append(f"{mean(values):.3f}{spread}")
        print(f"| {name} | {' | '.join(cells)} |")
    floor = next(iter(table.values()))[0]
    print(f"real pictures get: precision {floor.precision_floor:.3f}, recall {floor.recall_floor:.3f}, ", end="")
    print(f"Fréchet {floor.frechet_floor:.3f} ({floor.n} of each)")


if __name__ == "__main__":
    main()
