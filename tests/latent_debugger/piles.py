"""Piles of pictures that were never on a disk."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from latent_debugger.state.curation import Opinion, Pile, Problem, Score

SCORES = (
    Score("background", "Plain background", "How plain.", "%", True),
    Score("sharpness", "Sharpness", "How sharp.", "", True),
    Score("group", "Look-alike group", "Number of the group.", "", False),
    Score("outlier", "Outlier", "How odd.", "×", False),
)


def make_pile(n: int, problems: Sequence[Problem] = (), **values: npt.ArrayLike) -> Pile:
    """``n`` pictures: number k is grey level k and is called ``k.png``; scores are zero unless given."""
    shades = (np.arange(n) % 256).astype(np.uint8)
    found = {score.name: np.asarray(values.get(score.name, np.zeros(n)), np.float32) for score in SCORES}
    return Pile(
        source=Path("/data/mixed"),
        manifest=Path("/data/mixed.manifest.jsonl"),
        paths=tuple(f"{k:05d}.png" for k in range(n)),
        sizes=np.tile(np.array([[64, 48]], np.int32), (n, 1)),
        thumbnails=np.broadcast_to(shades[:, None, None, None], (n, 96, 96, 3)),
        values=found,
        scores=SCORES,
        problems=tuple(problems),
    )


def make_opinion(probability: npt.ArrayLike, asks: Sequence[int] = (), proposed: int = 5) -> Opinion:
    """A ranking that has learned enough."""
    return Opinion(np.asarray(probability, np.float32), proposed, 0.9, True, np.array(asks, np.int64))
