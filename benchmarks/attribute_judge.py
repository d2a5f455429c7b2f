"""Who says whether a picture shows glasses? A small network that learnt four attributes from real people.

It starts from the project's own features (:mod:`gan.metrics.features`) and is fitted, with a logit for each attribute,
to the pictures of ``data/people`` and the attributes that were drawn. Pictures are shifted and blurred a little
meanwhile, so that a soft line in a generated picture is not something it has never seen.
"""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from safetensors.torch import load_file
from sklearn.metrics import roc_auc_score
from torch import Tensor, nn
from torch.nn import functional

from gan.images import Bytes, Floats, to_float
from gan.metrics.features import FEATURES, WEIGHTS, FeatureNet
from gan.rendering import one_thread

ATTRIBUTES = ("glasses", "smile", "hair length", "skin")
HELD_OUT = 1000  # the last pictures
_BATCH, _LEARNING_RATE = 64, 2e-3
_WHITE = 1.0  # the ground of the pictures


@dataclass(frozen=True)
class Trust:
    """How well one attribute is told, on pictures that the judge never saw."""

    auc: float
    accuracy: float
    share: float
    """Of the pictures that have it, 0 ... 1."""


class Judge(nn.Module):
    """Pictures (N, 3, 64, 64) in [-1, 1] -> logits (N, 4), in the order of ``ATTRIBUTES``."""

    def __init__(self) -> None:
        super().__init__()
        self.body = FeatureNet()
        self.heads = nn.Linear(FEATURES, len(ATTRIBUTES))

    def forward(self, images: Tensor) -> Tensor:
        found: Tensor = self.heads(self.body(images))
        return found

    def scores(self, images: Bytes) -> Floats:
        """(n, 64, 64, 3) -> logits (n, 4)."""
        self.eval()
        with one_thread(), torch.inference_mode():
            parts = [self(torch.from_numpy(to_float(images[i : i + 250]))).numpy() for i in range(0, len(images), 250)]
        return np.concatenate(parts)


def read(folder: Path) -> tuple[Bytes, Floats]:
    """Pictures (n, 64, 64, 3) and labels (n, 4): 1, 0, or NaN where the question has no answer.

    * glasses: any glasses, sunglasses among them
    * smile: the column ``smile``, which is about the mouth
    * hair length: medium or long against short or none; hats, scarves and buns answer neither
    * skin: the four darker of seven tones against the three lighter
    """
    with open(folder / "attributes.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    length = {"none": 0.0, "short": 0.0, "medium": 1.0, "long": 1.0}
    labels = [
        (
            float(row["glasses"] == "1" or row["sunglasses"] == "1"),
            float(row["smile"]),
            length.get(row["hair_kind"], math.nan),
            float(int(row["skin"][1:]) >= 4),
        )
        for row in rows
    ]
    images: Bytes = np.load(folder / "images.npy", mmap_mode="r")
    return images, np.array(labels, np.float32)


def train(images: Bytes, labels: Floats, epochs: int = 8, seed: int = 0, afresh: bool = False) -> Judge:
    """Fit a judge to pictures (n, 64, 64, 3) and labels (n, 4) with NaN for unknown.

    Args:
        afresh: begin with random weights, not with the project's features.
    """
    torch.manual_seed(seed)
    judge = Judge().to(memory_format=torch.channels_last)
    if not afresh:
        judge.body.load_state_dict(load_file(WEIGHTS))
    steps = epochs * (len(images) // _BATCH)
    optimiser = torch.optim.AdamW(judge.parameters(), lr=_LEARNING_RATE, weight_decay=0.02)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, _LEARNING_RATE, total_steps=steps)
    random = np.random.default_rng(seed)
    judge.train()
    for step in range(steps):
        if step % (len(images) // _BATCH) == 0:
            order = random.permutation(len(images))
        chosen = np.sort(order[:_BATCH])
        order = order[_BATCH:]
        x, y = _varied(torch.from_numpy(to_float(images[chosen])), random), torch.from_numpy(labels[chosen])
        with torch.autocast("cpu", torch.bfloat16):
            found = judge(x.contiguous(memory_format=torch.channels_last))
        known = ~y.isnan()
        loss = functional.binary_cross_entropy_with_logits(found.float()[known], y[known])
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
        schedule.step()
    return judge.eval()


def trust(judge: Judge, images: Bytes, labels: Floats) -> dict[str, Trust]:
    """Area under the ROC curve and accuracy of each attribute on pictures that were not learnt."""
    scores, found = judge.scores(images), {}
    for column, name in enumerate(ATTRIBUTES):
        known = ~np.isnan(labels[:, column])
        truth, score = labels[known, column] > 0.5, scores[known, column]
        found[name] = Trust(
            float(roc_auc_score(truth, score)), float(((score > 0) == truth).mean()), float(truth.mean())
        )
    return found


def _varied(x: Tensor, random: np.random.Generator) -> Tensor:
    """Shifted by up to 2 pixels, all together; every second batch blurred by up to 0.8 pixels."""
    dx, dy = random.integers(-2, 3, 2)
    padded = functional.pad(x - _WHITE, (2, 2, 2, 2))
    x = padded[..., 2 + dy : 66 + dy, 2 + dx : 66 + dx] + _WHITE
    if random.random() < 0.5:
        return x
    kernel = torch.exp(-0.5 * (torch.arange(-2.0, 3.0) / float(random.uniform(0.1, 0.8))) ** 2)
    kernel = (kernel / kernel.sum()).expand(3, 1, 1, 5)
    soft = functional.pad(x - _WHITE, (2, 2, 2, 2))
    soft = functional.conv2d(functional.conv2d(soft, kernel, groups=3), kernel.mT, groups=3)
    return soft + _WHITE


def correlations(labels: npt.NDArray[np.floating]) -> Floats:
    """(4, 4): how the attributes go together among the pictures where both are known."""
    n = labels.shape[1]
    table = np.eye(n, dtype=np.float32)
    for i in range(n):
        for j in range(n):
            both = ~np.isnan(labels[:, i]) & ~np.isnan(labels[:, j])
            table[i, j] = np.corrcoef(labels[both, i], labels[both, j])[0, 1]
    return table
