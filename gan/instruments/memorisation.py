"""Memorisation and collapse: does the generator copy its training pictures, or draw the same few over and over?

Distances are between pictures shrunk to 32 x 32 and compared in pixels and in the project's own features, which see
what is drawn. A distance alone says nothing, so it is told as a percentile among the distances from real pictures to
*their* nearest other real picture (Meehan, Chaudhuri & Dasgupta 2020, arXiv 2004.05675: a generator that copies comes
closer to its training set than fresh data does).

Collapse is judged by the birthday paradox (Arora & Zhang 2017, arXiv 1706.08224): if a batch of s samples holds a near
duplicate with probability one half, the distribution has a support of about s^2.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from PIL import Image

from gan.errors import UserError
from gan.images import Bytes, Floats
from gan.instruments import Tell, silent
from gan.metrics.features import features
from gan.rendering import one_thread

_SIDE = 16
_BLOCK = 1024


@dataclass(frozen=True, eq=False)
class TrainingIndex:
    """Training pictures, ready to be searched."""

    descriptors: Floats
    """(n, d) one row a picture; Euclidean distances between rows are meant."""
    nearest: Floats
    """(n,) distance of each picture to its nearest other one, sorted."""

    def __len__(self) -> int:
        return len(self.descriptors)


@dataclass(frozen=True)
class Match:
    """A training picture near a generated one."""

    index: int
    """Of the training picture."""
    distance: float
    percentile: float
    """Share of real pictures, 0 ... 100, whose nearest other real picture is nearer than this. Near 0: closer than real
    pictures ever are to each other, so probably a copy."""


def build_index(images: Bytes, tell: Tell = silent) -> TrainingIndex:
    """Describe training pictures (n, H, W, C) uint8.

    Raises:
        UserError: fewer than two.
    """
    if len(images) < 2:
        raise UserError("Comparing with the training pictures takes at least two.", "Choose a larger data set.")
    descriptors = _describe_all(images, lambda share: tell(0.8 * share))
    nearest = np.concatenate([_distances(part, descriptors, own=start) for start, part in _blocks(descriptors)])
    tell(1.0)
    return TrainingIndex(descriptors, np.sort(nearest))


def describe(images: Bytes) -> Floats:
    """Descriptors (n, d) of pictures (n, H, W, C) uint8 of any size: pixels at 16 x 16 and features, each scaled
    so that unrelated pictures are about 1 apart in both."""
    small = np.stack([_shrink(image) for image in images]).reshape(len(images), -1)
    seen = features(images) / (8.0 * np.sqrt(2.0))  # the features lie on a sphere of radius 8
    return np.concatenate([small, seen], axis=1).astype(np.float32)


def nearest(index: TrainingIndex, image: Bytes, k: int = 5) -> list[Match]:
    """The ``k`` training pictures nearest to ``image`` (H, W, C) uint8, the nearest first."""
    row = describe(image[np.newaxis])[0]
    squares = np.einsum("nd,nd->n", index.descriptors - row, index.descriptors - row)
    order = np.argsort(squares, kind="stable")[:k]
    return [Match(int(i), float(np.sqrt(squares[i])), _percentile(index, float(np.sqrt(squares[i])))) for i in order]


@dataclass(frozen=True, eq=False)
class Verdict:
    """What one button answers, with what it rests on."""

    text: str
    """One or two plain sentences."""
    copies: float
    """Share of generated pictures, 0 ... 1, nearer to a training picture than 1 % of the real ones are to
    each other."""
    copies_interval: tuple[float, float]
    """95 % Wilson interval of ``copies``."""
    support: float | None
    """Estimated number of different pictures; None where no duplicate was found, so it is larger than could be seen."""
    support_at_least: float
    """What the samples can vouch for."""
    fake_distances: Floats
    """(m,) distances between pairs of generated pictures, for a histogram."""
    real_distances: Floats
    """(m,) the same between real ones."""
    collapsed: bool
    copying: bool


def judge(index: TrainingIndex, fakes: Bytes, seed: int = 0, tell: Tell = silent) -> Verdict:
    """Look for copies and for collapse in generated pictures (n, H, W, C) uint8.

    A near duplicate is a pair of fakes nearer to each other than all but 0.1 % of the real pictures are to their
    nearest neighbour.

    Raises:
        UserError: fewer than 32 pictures.
    """
    if len(fakes) < 32:
        raise UserError("A verdict takes at least 32 generated pictures.", "Draw more.")
    drawn = _describe_all(fakes, lambda share: tell(0.6 * share))
    to_reals = np.concatenate([_distances(part, index.descriptors) for _, part in _blocks(drawn)])
    tell(0.8)
    close = float(np.quantile(index.nearest, 0.01))
    copies = float((to_reals < close).mean())
    low, high = _wilson(copies, len(drawn))

    twin = float(np.quantile(index.nearest, 0.001))
    pairs, duplicates = _count_pairs(drawn, twin)
    support = pairs / duplicates if duplicates else None
    at_least = pairs / 3.0 if not duplicates else pairs / (duplicates + 2 * np.sqrt(duplicates) + 1)
    random = np.random.default_rng(seed)
    real_pairs, fake_pairs = _pair_distances(index.descriptors, random), _pair_distances(drawn, random)
    tell(1.0)
    # a healthy generator's pictures are spread as real ones are, and have no more twins than those
    spread = float(np.median(fake_pairs) / max(float(np.median(real_pairs)), 1e-12))
    real_twins = _count_pairs(index.descriptors[: len(drawn)], twin)[1]
    collapsed = duplicates > 3 * (real_twins + 2) or spread < 0.5
    copying = low > 0.03
    text = _sentence(copying, copies, (low, high), collapsed, support, float(at_least), len(drawn))
    return Verdict(text, copies, (low, high), support, float(at_least), fake_pairs, real_pairs, collapsed, copying)


def _sentence(
    copying: bool, copies: float, interval: tuple[float, float], collapsed: bool, support: float | None,
    at_least: float, n: int,
) -> str:  # fmt: skip
    low, high = (f"{100 * share:.1f}" for share in interval)
    if copying:
        first = f"It copies: {100 * copies:.1f} % of {n} pictures ({low} to {high} %) are closer to a training picture"
        first += " than real pictures are to each other."
    else:
        first = f"No sign of copying: {100 * copies:.1f} % of {n} pictures ({low} to {high} %) come as close to a"
        first += " training picture as the closest real ones; 1 % would be chance."
    if collapsed and support is not None:
        return f"{first} It has collapsed: it draws only about {support:,.0f} different pictures."
    if collapsed:
        return f"{first} It has collapsed: its pictures differ far less from each other than real ones do."
    return f"{first} No sign of collapse: at least {at_least:,.0f} different pictures."


def _describe_all(images: Bytes, tell: Tell) -> Floats:
    rows = []
    for start in range(0, len(images), _BLOCK):
        rows.append(describe(images[start : start + _BLOCK]))
        tell(min(1.0, (start + _BLOCK) / len(images)))
    return np.concatenate(rows)


def _shrink(image: Bytes) -> Floats:
    picture = Image.fromarray(image[..., 0] if image.shape[-1] == 1 else image).convert("RGB")
    values = np.asarray(picture.resize((_SIDE, _SIDE), Image.Resampling.BOX), np.float32) / 255.0
    scaled: Floats = values / np.float32(0.5 * _SIDE * np.sqrt(3.0))
    return scaled  # a root mean square difference of 0.5 counts as 1


def _distances(rows: Floats, others: Floats, own: int | None = None) -> Floats:
    """(len(rows),) distance to the nearest of ``others``; with ``own`` the rows are others[own:] and
    skip themselves."""
    with one_thread():
        table = torch.cdist(torch.from_numpy(rows), torch.from_numpy(others))
        if own is not None:
            table[torch.arange(len(rows)), torch.arange(own, own + len(rows))] = float("inf")
        found: Floats = table.min(1).values.numpy()
    return found


def _count_pairs(rows: Floats, limit: float) -> tuple[int, int]:
    """All pairs of rows, and those nearer than ``limit``."""
    near = 0
    for start, part in _blocks(rows):
        with one_thread():
            table = torch.cdist(torch.from_numpy(part), torch.from_numpy(rows))
        near += int((table < limit).triu(1 + start).sum())  # each pair once, no picture with itself
    return len(rows) * (len(rows) - 1) // 2, near


def _pair_distances(rows: Floats, random: np.random.Generator, n: int = 2000) -> Floats:
    first, second = random.integers(len(rows), size=n), random.integers(len(rows) - 1, size=n)
    second = np.where(second >= first, second + 1, second)  # never a picture with itself
    found: Floats = np.linalg.norm(rows[first] - rows[second], axis=1)
    return found


def _percentile(index: TrainingIndex, distance: float) -> float:
    return float(100.0 * np.searchsorted(index.nearest, distance) / len(index.nearest))


def _wilson(share: float, n: int) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson 1927)."""
    z = 1.959964
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * np.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return max(0.0, float(middle - half)), min(1.0, float(middle + half))


def _blocks(rows: Floats) -> list[tuple[int, Floats]]:
    return [(start, rows[start : start + _BLOCK]) for start in range(0, len(rows), _BLOCK)]
