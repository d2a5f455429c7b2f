"""What the instruments say of the bundled model: ``python benchmarks/bundled.py [PART ...] [--picture FILE]``.

Sensitivities against central differences, what share of all change each way of finding directions explains (and a
contact sheet), how evenly pictures change along paths, and the verdict on copies and collapse, beside planted copies
and planted collapse. Not part of run.py: it takes minutes.
"""

from __future__ import annotations

import argparse
import copy
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402
import torch  # noqa: E402
from PIL import Image, ImageChops, ImageFilter, ImageOps  # noqa: E402
from torch import nn  # noqa: E402

from benchmarks import strips  # noqa: E402
from gan.data.people import make_people  # noqa: E402
from gan.errors import UserError  # noqa: E402
from gan.images import Bytes, Floats  # noqa: E402
from gan.instruments.directions import activation_pca, local_axes, sefa  # noqa: E402
from gan.instruments.memorisation import TrainingIndex, build_index, judge, nearest  # noqa: E402
from gan.instruments.paths import KeyFrame, Route  # noqa: E402
from gan.instruments.sensitivity import JacobianProbe  # noqa: E402
from gan.instruments.speed import measure  # noqa: E402
from gan.instruments.subject import Subject, open_subject  # noqa: E402
from gan.latent.directions import Direction  # noqa: E402
from gan.latent.draws import draw  # noqa: E402
from gan.metrics.score import render_fakes  # noqa: E402
from gan.rendering import Renderer, open_renderer, resolve  # noqa: E402

PARTS = ("sensitivity", "directions", "paths", "memorisation")
_STEP = 1e-5  # of central differences, in float64


def main() -> None:
    """The parts that were named, or all."""
    parser = argparse.ArgumentParser(description="What the instruments say of the bundled model.")
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}; all unless said")
    parser.add_argument("--model", type=Path, default=ROOT / "checkpoints" / "people64")
    parser.add_argument("--data", type=Path, default=ROOT / "data" / "people")
    parser.add_argument("--picture", type=Path, metavar="FILE", help="a contact sheet of the directions")
    options = parser.parse_args()
    if unknown := set(options.parts) - set(PARTS):
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    torch.set_num_threads(1)
    parts = options.parts or PARTS
    try:
        subject, renderer = open_subject(resolve(options.model)), open_renderer(options.model, "cpu")
        if "sensitivity" in parts:
            sensitivity(subject)
        if "directions" in parts:
            directions(subject, renderer, options.picture)
        if "paths" in parts:
            paths(subject)
        if "memorisation" in parts:
            memorisation(renderer, options.model, np.load(options.data / "images.npy", mmap_mode="r"))
    except (UserError, OSError) as error:
        sys.exit(str(error))


def sensitivity(subject: Subject, n: int = 20) -> None:
    """Every dimension at ``n`` latents against central differences in float64 of the network as it was loaded."""
    probe, double = JacobianProbe(subject.generator, subject.dim), subject.generator.double()
    errors, lengths = [], []
    for z in draw(n, subject.dim, 11):
        found, reference = probe.sensitivity(z).norms, _differences(double, z)
        errors.append(np.abs(found - reference) / reference)
        lengths.append(found)
    subject.generator.float()
    print(f"sensitivity: {n} latents x {subject.dim} dimensions, relative error of the length")
    print(f"    at most {np.max(errors):.2e}, median {np.median(errors):.2e}")
    mean = np.mean(lengths, 0)
    print(f"    the liveliest dimension moves the picture {mean.max() / mean.min():.1f} times as much as the weakest")
    dead = probe.dead()
    print(f"    dead dimensions: {int(dead.mask.sum())}, read from the weights: {dead.exact}")
    planted = copy.deepcopy(subject.generator)
    first = next(part for part in planted.modules() if isinstance(part, nn.Linear))
    with torch.no_grad():
        first.weight[:, [3, 41]] = 0.0
    found_dead = np.flatnonzero(JacobianProbe(planted, subject.dim).dead().mask)
    print(f"    with the dimensions 3 and 41 cut off in a copy: found {found_dead.tolist()}")


def _differences(double: nn.Module, z: Floats) -> Floats:
    at, eye = torch.tensor(z, dtype=torch.float64), torch.eye(len(z), dtype=torch.float64) * _STEP
    found = []
    with torch.no_grad():
        for part in eye.split(25):
            found.append((double(at + part) - double(at - part)).square().sum((1, 2, 3)).sqrt() / (2 * _STEP))
    lengths: Floats = torch.cat(found).numpy()
    return lengths


def directions(subject: Subject, renderer: Renderer, picture: Path | None, n: int = 5) -> None:
    """Shares of the first directions of each way, how far pictures move along them, and a contact sheet."""
    person = draw(1, subject.dim, 7)
    ways = (
        sefa(subject.generator, subject.dim, subject.dim),
        activation_pca(subject.generator, subject.dim, subject.dim),
        local_axes(JacobianProbe(subject.generator, subject.dim), person[0], subject.dim),
    )
    people = draw(40, subject.dim, 900)
    random = draw(20, subject.dim, 1234)
    chance = [_change(renderer, people, vector / np.linalg.norm(vector)) for vector in random]
    print(f"change of pixels (RMS, of 255) between -2 and +2 along a random direction: {np.mean(chance):.1f}")
    for found in ways:
        shares = [direction.share or 0.0 for direction in found]
        changes = [_change(renderer, people, direction.vector) for direction in found[:n]]
        last = _change(renderer, people, found[-1].vector)
        print(
            f"{found[0].method}: first {n} {', '.join(f'{share:.1%}' for share in shares[:n])};"
            f" together {sum(shares[:n]):.1%}, first 20 {sum(shares[:20]):.1%}, last {shares[-1]:.2%};"
            f" pixels move by {', '.join(f'{change:.1f}' for change in changes)}; along the last by {last:.1f}"
        )
    for first, second in ((0, 1), (0, 2), (1, 2)):
        shared = _overlap(ways[first][:n], ways[second][:n])
        names = f"{ways[first][0].method} and {ways[second][0].method}"
        print(f"space of the first {n}, {names}: overlap {shared:.2f}, {n / subject.dim:.2f} would be chance")
    if picture is not None:
        steps = range(-3, 4)
        blocks = [
            (found[k].name, strips.strip(renderer, person, found[k].vector, steps)) for k in range(n) for found in ways
        ]
        strips.save(picture, strips.page(blocks, len(ways)))


def _change(renderer: Renderer, people: Floats, vector: Floats) -> float:
    low, high = (renderer.pixels(people + np.float32(k) * vector.astype(np.float32)) for k in (-2, 2))
    return float(np.sqrt(np.square(high.astype(np.float64) - low).mean((1, 2, 3))).mean())


def _overlap(first: list[Direction], second: list[Direction]) -> float:
    """Share of one space, 0 ... 1, that lies in the other: the mean squared cosine of the angles between them."""
    a, b = (np.linalg.qr(np.stack([one.vector for one in found], 1))[0] for found in (first, second))
    return float(np.square(a.T @ b).sum() / a.shape[1])


def paths(subject: Subject, n: int = 10) -> None:
    """How unevenly pictures change along routes through six random latents, a second each, and at constant speed."""
    print(f"paths: {n} routes of 6 random latents; highest speed against the median, and cliffs a route")
    for way in ("slerp", "lerp"):
        peaks, cliffs, travelled = [], [], []
        for seed in range(n):
            route = Route(tuple(KeyFrame(z) for z in draw(6, subject.dim, 700 + seed)), way)
            found = measure(subject, route, even=True)
            peaks.append([float(one.speeds.max() / np.median(one.speeds)) for one in (found.own, found.shown)])
            cliffs.append([len(one.cliffs()) for one in (found.own, found.shown)])
            travelled.append(float(found.own.lengths.sum()))
        own, shown = np.mean(peaks, 0)
        before, after = np.mean(cliffs, 0)
        print(
            f"    {way}: {own:.1f} (at most {np.max(peaks, 0)[0]:.1f}), {before:.1f} cliffs;"
            f" constant speed {shown:.2f} (at most {np.max(peaks, 0)[1]:.2f}), {after:.1f} cliffs;"
            f" pictures change by {np.mean(travelled):.2f} in all"
        )


def memorisation(renderer: Renderer, model: Path, reals: Bytes, n: int = 2000) -> None:
    """Verdicts on the bundled model, on fresh real pictures, on planted copies and on planted collapse."""
    began = time.process_time()
    index = build_index(np.asarray(reals))
    print(f"memorisation: {len(index)} training pictures indexed in {time.process_time() - began:.0f} s of the process")
    fakes = render_fakes(renderer, n, 0)
    began = time.perf_counter()
    nearest(index, fakes[0])
    print(f"    nearest 5 of one picture in {1e3 * (time.perf_counter() - began):.0f} ms")
    with tempfile.TemporaryDirectory() as folder:
        make_people(Path(folder), n, fakes.shape[1], seed=1)
        fresh: Bytes = np.load(Path(folder, "images.npy"))
    random = np.random.default_rng(0)
    _tell("bundled model", index, fakes)
    _tell("other people (fresh draws of the data set)", index, fresh)
    for share in (0.01, 0.05, 0.2):
        for name, pictures in (("bundled model", fakes), ("other people", fresh)):
            _tell(f"{name}, {share:.0%} replaced by noisy copies", index, _with_copies(pictures, reals, share, random))
    for kinds in (10, 100, 1000):
        _tell(f"{kinds} pictures of the model, each many times", index, fakes[random.integers(kinds, size=n)])
    _tell_damaged(index, reals, random)
    narrow = draw(1, renderer.dim, 0) + np.float32(0.1) * draw(n, renderer.dim, 1)
    _tell("one latent, sigma 0.1 around it", index, renderer.pixels(narrow))
    if model.is_dir():
        for path in sorted(model.glob("step-*.safetensors"))[:-1]:
            _tell(path.stem, index, render_fakes(open_renderer(path, "cpu"), n, 0))


def _with_copies(pictures: Bytes, reals: Bytes, share: float, random: np.random.Generator) -> Bytes:
    """A share of the pictures replaced by real ones with a little noise (up to 4 of 255)."""
    out, count = pictures.copy(), round(share * len(pictures))
    copies = np.asarray(reals[np.sort(random.choice(len(reals), count, replace=False))]).astype(np.int16)
    out[:count] = np.clip(copies + random.integers(-4, 5, copies.shape), 0, 255).astype(np.uint8)
    return out


def _tell_damaged(index: TrainingIndex, reals: Bytes, random: np.random.Generator, n: int = 200) -> None:
    """Which copies are still taken for copies, after they were spoilt the way a network might spoil them."""
    chosen = np.sort(random.choice(len(reals), n, replace=False))
    copies = [Image.fromarray(picture) for picture in np.asarray(reals[chosen])]
    ways: dict[str, Callable[[Image.Image], Image.Image]] = {
        "as they are": lambda image: image,
        "blurred by 0.5 pixels": lambda image: image.filter(ImageFilter.GaussianBlur(0.5)),
        "blurred by 1 pixel": lambda image: image.filter(ImageFilter.GaussianBlur(1.0)),
        "shifted by 1 pixel": lambda image: ImageChops.offset(image, 1, 0),
        "shifted by 2 pixels": lambda image: ImageChops.offset(image, 2, 0),
        "noise of 12 of 255": lambda image: Image.fromarray(
            np.clip(np.asarray(image) + random.normal(0, 12, (image.height, image.width, 3)), 0, 255).astype(np.uint8)
        ),
        "mirrored": ImageOps.mirror,
    }
    for name, way in ways.items():
        pictures = np.stack([np.asarray(way(image)) for image in copies])
        first = np.mean([nearest(index, pictures[k], 1)[0].index == chosen[k] for k in range(50)])
        share = judge(index, pictures).copies
        print(f"    copies, {name}: {share:.0%} taken for copies; original at rank 1: {first:.0%}", flush=True)


def _tell(name: str, index: TrainingIndex, pictures: Bytes) -> None:
    found = judge(index, pictures)
    low, high = found.copies_interval
    support = "none found" if found.support is None else f"{found.support:,.0f}"
    apart = np.array([nearest(index, picture, 1)[0].percentile for picture in pictures[::20]])
    print(
        f"    {name}: copies {found.copies:.2%} ({low:.2%} to {high:.2%}), copying {found.copying};"
        f" support {support}, at least {found.support_at_least:,.0f}, collapsed {found.collapsed};"
        f" nearest training picture at percentile {np.median(apart):.0f} (median of {len(apart)});"
        f" spread {np.median(found.fake_distances) / np.median(found.real_distances):.2f}", flush=True,
    )  # fmt: skip


if __name__ == "__main__":
    main()
