"""Memorisation and collapse: does the generator copy its training pictures, or draw the same few over and over?

Distances are between pictures shrunk to 16 x 16 and compared in pixels and in the project's own features, which see
what is drawn. A distance alone says nothing, so it is told as a percentile among the distances from real pictures to
*their* nearest other real picture (Meehan, Chaudhuri & Dasgupta 2020, arXiv 2004.05675: a generator that copies comes
closer to its training set than fresh data does).

Collapse is judged by the birthday paradox (Arora & Zhang 2017, arXiv 1706.08224): if a batch of s samples holds a near
duplicate with probability one half, the distribution has a support of about s^2.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image

from gan.errors import UserError
from gan.images import Bytes, Floats
from gan.instruments import Tell, silent
from gan.metrics.features import features
from gan.rendering import one_thread

_SIDE = 16
_BLOCK, _DESCRIBED = 256, 64  # pictures compared, and described, at once: after so many somebody may have had enough
SHOWN = 12
"""Pairs that a verdict names."""
LEAST = 32
"""Generated pictures that a verdict takes."""


@dataclass(frozen=True, eq=False)
class TrainingIndex:
    """Training pictures, ready to be searched."""

    descriptors: Floats
    """(n, d) one row a picture; Euclidean distances between rows are meant."""
    nearest: Floats
    """(n,) distance of each picture to its nearest other one, sorted."""

    def __len__(self) -> int:
        return len(self.descriptors)

    def percentile(self, distance: float) -> float:
        """Share of real pictures, 0 ... 100, whose nearest other real picture is nearer than ``distance``."""
        return float(100.0 * np.searchsorted(self.nearest, distance) / len(self.nearest))


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
    descriptors = _describe_all(images, lambda share: tell(0.6 * share))
    found = []
    for start, part in _blocks(descriptors):
        found.append(_distances(part, descriptors, own=start)[0])
        tell(min(1.0, 0.6 + 0.4 * (start + len(part)) / len(descriptors)))
    return TrainingIndex(descriptors, np.sort(np.concatenate(found)))


def describe(images: Bytes) -> Floats:
    """Descriptors (n, d) of pictures (n, H, W, C) uint8 of any size: pixels at 16 x 16 and features, each scaled
    so that unrelated pictures are about 1 apart in both."""
    small = np.stack([_shrink(image) for image in images]).reshape(len(images), -1)
    seen = features(images) / (8.0 * np.sqrt(2.0))  # the features lie on a sphere of radius 8
    return np.concatenate([small, seen], axis=1).astype(np.float32)


def nearest(index: TrainingIndex, image: Bytes, k: int = 5) -> list[Match]:
    """The ``k`` training pictures nearest to ``image`` (H, W, C) uint8, the nearest first."""
    row = describe(image[np.newaxis])[0]
    apart = index.descriptors - row
    squares = np.einsum("nd,nd->n", apart, apart)
    order = np.argsort(squares, kind="stable")[:k]
    return [Match(int(i), float(np.sqrt(squares[i])), index.percentile(float(np.sqrt(squares[i])))) for i in order]


@dataclass(frozen=True)
class Pair:
    """Two pictures that are near each other."""

    first: int
    """Of the generated pictures."""
    second: int
    """Of the training pictures, or of the generated ones."""
    distance: float


@dataclass(frozen=True, eq=False)
class Verdict:
    """What one button answers, with what it rests on."""

    text: str
    """One or two plain sentences."""
    count: int
    """Generated pictures that it rests on."""
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
    near_training: tuple[Pair, ...]
    """Generated pictures and their nearest training pictures, the nearest pairs first, at most :data:`SHOWN`."""
    twins: tuple[Pair, ...]
    """Generated pictures that are nearest to each other, the nearest pairs first, at most :data:`SHOWN`."""
    twin_limit: float
    """Distance below which two generated pictures count as near duplicates."""
    copy_limit: float
    """Distance below which a generated picture counts as a copy."""


def judge(index: TrainingIndex, fakes: Bytes, seed: int = 0, tell: Tell = silent) -> Verdict:
    """Look for copies and for collapse in generated pictures (n, H, W, C) uint8.

    Raises:
        UserError: fewer than 32 pictures.
    """
    _check_count(len(fakes))
    drawn = _describe_all(fakes, lambda share: tell(0.6 * share))
    return judge_described(index, drawn, seed, lambda share: tell(0.6 + 0.4 * share))


def judge_described(index: TrainingIndex, drawn: Floats, seed: int = 0, tell: Tell = silent) -> Verdict:
    """:func:`judge` for generated pictures of which only the descriptors (n, d) of :func:`describe` are kept: many
    large ones need not fit into memory.

    A near duplicate is a pair of fakes nearer to each other than all but 0.1 % of the real pictures are to their
    nearest neighbour.

    Raises:
        UserError: fewer than 32 pictures.
    """
    _check_count(len(drawn))
    rows = []
    for start, part in _blocks(drawn):
        rows.append(_distances(part, index.descriptors))
        tell(0.5 * (start + len(part)) / len(drawn))
    to_reals, nearest_reals = (np.concatenate(column) for column in zip(*rows, strict=True))
    close = float(np.quantile(index.nearest, 0.01))
    copies = float((to_reals < close).mean())
    low, high = _wilson(copies, len(drawn))

    twin = float(np.quantile(index.nearest, 0.001))
    pairs, duplicates, twins = _near_pairs(drawn, twin, tell=lambda share: tell(0.5 + 0.25 * share))
    support = pairs / duplicates if duplicates else None
    at_least = pairs / 3.0 if not duplicates else pairs / (duplicates + 2 * np.sqrt(duplicates) + 1)
    random = np.random.default_rng(seed)
    real_pairs, fake_pairs = _pair_distances(index.descriptors, random), _pair_distances(drawn, random)
    # a healthy generator's pictures are spread as real ones are, and have no more twins than those
    spread = float(np.median(fake_pairs) / max(float(np.median(real_pairs)), 1e-12))
    some = index.descriptors[: len(drawn)]
    real_twins = _near_pairs(some, twin, tell=lambda share: tell(0.75 + 0.25 * share))[1]
    collapsed = duplicates > 3 * (real_twins + 2) or spread < 0.5
    copying = low > 0.03
    text = _sentence(copying, copies, (low, high), collapsed, support, float(at_least), len(drawn))
    nearest_rows = np.argsort(to_reals, kind="stable")[:SHOWN]
    near = tuple(Pair(int(row), int(nearest_reals[row]), float(to_reals[row])) for row in nearest_rows)
    return Verdict(
        text, len(drawn), copies, (low, high), support, float(at_least), fake_pairs, real_pairs, collapsed, copying,
        near, twins, twin, close,
    )  # fmt: skip


def _check_count(n: int) -> None:
    if n < LEAST:
        raise UserError(f"A verdict takes at least {LEAST} generated pictures.", "Draw more.")


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
        return f"{first} It has collapsed: it draws only about {_two_digits(support):,} different pictures."
    if collapsed:
        return f"{first} It has collapsed: its pictures differ far less from each other than real ones do."
    return f"{first} No sign of collapse: it can draw at least {_two_digits(at_least):,} different pictures."


def _two_digits(value: float) -> int:
    """An estimate is not surer than that."""
    return int(float(f"{value:.2g}"))


def _describe_all(images: Bytes, tell: Tell) -> Floats:
    rows = []
    for start in range(0, len(images), _DESCRIBED):
        rows.append(describe(images[start : start + _DESCRIBED]))
        tell(min(1.0, (start + _DESCRIBED) / len(images)))
    return np.concatenate(rows)


def _shrink(image: Bytes) -> Floats:
    picture = Image.fromarray(image[..., 0] if image.shape[-1] == 1 else image).convert("RGB")
    values = np.asarray(picture.resize((_SIDE, _SIDE), Image.Resampling.BOX), np.float32) / 255.0
    scaled: Floats = values / np.float32(0.5 * _SIDE * np.sqrt(3.0))
    return scaled  # a root mean square difference of 0.5 counts as 1


def _distances(rows: Floats, others: Floats, own: int | None = None) -> tuple[Floats, npt.NDArray[np.int64]]:
    """Distance to, and row of, the nearest of ``others``, each (len(rows),); with ``own`` the rows are others[own:] and
    skip themselves."""
    with one_thread():
        table = torch.cdist(torch.from_numpy(rows), torch.from_numpy(others))
        if own is not None:
            table[torch.arange(len(rows)), torch.arange(own, own + len(rows))] = float("inf")
        found = table.min(1)
    return found.values.numpy(), found.indices.numpy()


def _near_pairs(rows: Floats, limit: float, tell: Tell = silent) -> tuple[int, int, tuple[Pair, ...]]:
    """The number of all pairs of rows, of those nearer than ``limit``, and the nearest ones."""
    near, found = 0, []
    for start, part in _blocks(rows):
        with one_thread():
            table = torch.cdist(torch.from_numpy(part), torch.from_numpy(rows))
        apart = torch.ones_like(table, dtype=torch.bool).triu(1 + start)  # each pair once, no picture with itself
        near += int(((table < limit) & apart).sum())
        flat = table.masked_fill(~apart, float("inf")).flatten()
        best = flat.topk(min(SHOWN, len(flat)), largest=False)
        for value, place in zip(best.values.tolist(), best.indices.tolist(), strict=True):
            if value < float("inf"):
                found.append(Pair(start + place // len(rows), place % len(rows), value))
        tell((start + len(part)) / len(rows))
    found.sort(key=lambda pair: pair.distance)
    return len(rows) * (len(rows) - 1) // 2, near, tuple(found[:SHOWN])


def _pair_distances(rows: Floats, random: np.random.Generator, n: int = 2000) -> Floats:
    first, second = random.integers(len(rows), size=n), random.integers(len(rows) - 1, size=n)
    second = np.where(second >= first, second + 1, second)  # never a picture with itself
    found: Floats = np.linalg.norm(rows[first] - rows[second], axis=1)
    return found


def _wilson(share: float, n: int) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson 1927)."""
    z = 1.959964
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * np.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return max(0.0, float(middle - half)), min(1.0, float(middle + half))


def _blocks(rows: Floats) -> list[tuple[int, Floats]]:
    return [(start, rows[start : start + _BLOCK]) for start in range(0, len(rows), _BLOCK)]
