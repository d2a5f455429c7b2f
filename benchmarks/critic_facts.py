"""What the bundled model's critic knows and likes: ``python -m benchmarks.critic_facts [--data DATA]``.

Not part of benchmarks/run.py: it takes a minute or two. Seconds are those of the process, on one thread.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from pathlib import Path

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import numpy as np
import torch
from scipy.stats import spearmanr

from gan.data.dataset import open_dataset
from gan.data.people import make_people
from gan.images import Bytes, Floats
from gan.instruments.critic import diversity_of_best, fake_scores, judge, percentile, real_scores
from gan.instruments.improving import Improved, improve
from gan.instruments.subject import Subject, open_subject
from gan.latent.draws import draw
from gan.rendering import open_renderer

ROOT = Path(__file__).parents[1]
RUN = ROOT / "checkpoints" / "people64"
STEP, OTHERS = 20_000, (12_599, 7_000, 4_000)
COUNT, WALKS, UNSEEN_SEED = 512, 30, 12_345


def main() -> None:
    """Ask, and tell."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, default=ROOT / "data" / "people")
    options = parser.parse_args()
    torch.set_num_threads(1)
    subject = _open(STEP)
    z = draw(COUNT, subject.dim, seed=0)
    seen = judge(subject.generator, subject.critic, z)
    config = subject.info.config
    all_reals = open_dataset(options.data, config.image_size, config.channels).images
    rows = np.sort(np.random.default_rng(0).permutation(len(all_reals))[:COUNT])
    reals = real_scores(subject.critic, np.asarray(all_reals[rows]))
    _tell_kinds(subject, seen.scores, reals, all_reals, config.image_size)
    pictures = open_renderer(_path(STEP), "cpu").pixels(z)
    own = real_scores(subject.critic, pictures)
    for step in OTHERS:
        print(f"rank correlation with step {step}: {spearmanr(real_scores(_open(step).critic, pictures), own)[0]:.3f}")
    for steps in (20, 100):
        _tell_walks(subject, seen.scores, steps)
    for group in (2, 4, 16, 64, 256):
        print(f"distance of two best-of-{group}: {diversity_of_best(seen.scores, seen.looks, group):.3f}")
    for count in (1, 16, 256):
        started = time.process_time()
        fake_scores(subject.generator, subject.critic, draw(count, subject.dim, seed=7))
        print(f"{count} pictures scored: {1000 * (time.process_time() - started):.0f} ms")


def _tell_kinds(subject: Subject, fakes: Floats, reals: Floats, known: Bytes, size: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        make_people(Path(folder), COUNT, size, seed=UNSEEN_SEED)
        unseen = np.load(Path(folder) / "images.npy")
    shared = {one.tobytes() for one in unseen} & {one.tobytes() for one in known}
    others = real_scores(subject.critic, unseen)
    print(f"median training picture among random ones: {percentile(float(np.median(reals)), fakes):.1f}")
    print(f"mean rank among random ones: training {_rank(reals, fakes):.1f}, unseen {_rank(others, fakes):.1f}")
    print(f"mean rank of unseen among training pictures: {_rank(others, reals):.1f} ({len(shared)} shared)")


def _tell_walks(subject: Subject, fakes: Floats, steps: int) -> None:
    started = time.process_time()
    latents = [draw(1, subject.dim, 1000 + k)[0] for k in range(WALKS)]
    found = [improve(subject.generator, subject.critic, z, steps) for z in latents]
    seconds = (time.process_time() - started) / WALKS
    before, after = (np.median([percentile(score, fakes) for score in kind]) for kind in _scores(found))
    turned = np.median([one.degrees for one in found])
    print(f"{steps} steps: median rank {before:.1f} to {after:.1f}, {turned:.1f} degrees, {seconds:.2f} s each")


def _scores(found: list[Improved]) -> tuple[list[float], list[float]]:
    return [one.before for one in found], [one.after for one in found]


def _rank(scores: Floats, among: Floats) -> float:
    return float(np.mean([percentile(float(score), among) for score in scores]))


def _open(step: int) -> Subject:
    subject = open_subject(_path(step))
    assert subject.critic is not None
    return subject


def _path(step: int) -> Path:
    return RUN / f"step-{step:08d}.safetensors"


if __name__ == "__main__":
    main()
