"""Stars that are the same as another one, or nearly so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gan.latent.draws import Latents
from latent_debugger.state.bookmark import Bookmark

NEAR_SIGMA = 0.05
"""Latents closer than noise of this many standard deviations make pictures that the eye can hardly tell apart."""

_BLOCK = 512


@dataclass(frozen=True)
class Duplicates:
    """The stars that could go, and the picture would still be there."""

    exact: tuple[str, ...]
    """Ids of those whose latent another one has bit for bit."""
    near: tuple[str, ...]
    """Ids of those that are no exact copies, but lie within :data:`NEAR_SIGMA` of one that stays."""


def duplicates(bookmarks: Sequence[Bookmark]) -> Duplicates:
    """Find copies among stars of the same model and class. Of each set the best rated stays, or else the first."""
    models: dict[tuple[str, str, int, str], list[Bookmark]] = {}
    for item in sorted(bookmarks, key=lambda item: -item.rating):
        models.setdefault(item.model_key, []).append(item)
    exact: list[str] = []
    near: list[str] = []
    for items in models.values():
        first: dict[bytes, Bookmark] = {}
        exact += [item.id for item in items if first.setdefault(item.z, item) is not item]
        unique = list(first.values())
        close = _close_to_earlier(np.stack([item.latent for item in unique]))
        near += [item.id for item, is_close in zip(unique, close, strict=True) if is_close]
    return Duplicates(tuple(exact), tuple(near))


def _close_to_earlier(latents: Latents) -> list[bool]:
    """Which of (n, dim) lie within reach of an earlier one that does not itself."""
    limit = NEAR_SIGMA**2 * latents.shape[1]
    kept = np.empty_like(latents)
    n = 0
    close: list[bool] = []
    for start in range(0, len(latents), _BLOCK):
        block = latents[start : start + _BLOCK]
        known = (_squared_distances(block, kept[:n]) <= limit).any(1)
        among = _squared_distances(block, block) <= limit
        for row, hit in enumerate(known):
            if not hit and among[row, :row][~known[:row]].any():
                known[row] = True
        stay = block[~known]
        kept[n : n + len(stay)] = stay
        n += len(stay)
        close += known.tolist()
    return close


def _squared_distances(a: Latents, b: Latents) -> Latents:
    with np.errstate(over="ignore", invalid="ignore"):  # of enormous values: never within reach
        return np.asarray((a * a).sum(1)[:, None] - 2 * (a @ b.T) + (b * b).sum(1), np.float32)
