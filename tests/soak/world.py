"""What the soak's window finds on disk: good models of three sizes, broken ones, vectors, pictures."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from gan.checkpoints import CheckpointInfo, save_checkpoint
from gan.config import ModelConfig
from gan.images import latent_chunk, save_png
from gan.latent.draws import draw
from gan.latent.vectors import save_vectors
from gan.models import build_generator

DIM = 12
"""Of the models most actions happen in."""


@dataclass(frozen=True)
class World:
    """Files to open, import and drop."""

    folder: Path
    models: tuple[Path, ...]
    """The first three have :data:`DIM` dimensions, two of them the same run; the others have more."""
    bad: tuple[Path, ...]
    """Nothing good comes of opening, importing or dropping these."""
    vectors: tuple[Path, ...]
    """Of :data:`DIM` dimensions; most stars in them come again and again."""
    pictures: tuple[Path, ...]
    """PNGs; the first carries a latent of :data:`DIM` dimensions."""
    pile: Path
    """A folder of small pictures, one of them damaged and one there twice."""
    data: Path
    """A folder with an ``images.npy``."""


def make_world(folder: Path) -> World:
    """Write all files below ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    plan = (("a", DIM, "run-a"), ("b", DIM, "run-a"), ("c", DIM, None), ("d", 20, "run-d"), ("e", 48, None))
    models = tuple(_model(folder / f"{name}.safetensors", dim, seed, run) for seed, (name, dim, run) in enumerate(plan))
    good = models[0].read_bytes()
    flipped = bytearray(good)
    flipped[-100] ^= 4
    bad = {
        "missing.safetensors": None,
        "truncated.safetensors": good[:-5],
        "flipped.safetensors": bytes(flipped),
        "text.safetensors": b"these are not weights",
        "text.npy": b"these are not numbers",
        "text.npz": b"nor is this an archive",
        "text.png": b"nor is this a picture",
        "plain.txt": b"hello",
    }
    for name, data in bad.items():
        if data is not None:
            (folder / name).write_bytes(data)
    for n in (1, 3):
        save_vectors(folder / f"{n}.npy", draw(n, DIM, seed=n))
    np.save(folder / "wide.npy", draw(2, DIM + 1, seed=5))
    picture = np.zeros((32, 32, 3), np.uint8)
    save_png(folder / "latent.png", picture, latent_chunk(draw(1, DIM, seed=9)[0], "z", "0" * 64, 7))
    save_png(folder / "plain.png", picture)
    return World(
        folder,
        models,
        (*(folder / name for name in bad), folder / "wide.npy"),
        (folder / "1.npy", folder / "3.npy"),
        (folder / "latent.png", folder / "plain.png"),
        _pile(folder / "pile"),
        _data(folder / "data"),
    )


def _pile(folder: Path) -> Path:
    folder.mkdir()
    for k, image in enumerate(np.random.RandomState(1).randint(0, 256, (12, 40, 36, 3), np.uint8)):
        save_png(folder / f"{k:02d}.png", image)
    (folder / "again.png").write_bytes((folder / "03.png").read_bytes())
    (folder / "damaged.png").write_bytes(b"nor is this a picture")
    return folder


def _data(folder: Path) -> Path:
    folder.mkdir()
    np.save(folder / "images.npy", np.random.RandomState(2).randint(0, 256, (20, 32, 32, 3), np.uint8))
    return folder


def _model(path: Path, dim: int, seed: int, run: str | None) -> Path:
    torch.manual_seed(seed)
    config = ModelConfig(image_size=32, z_dim=dim, width=4)
    generator = build_generator(config)
    with torch.no_grad():
        for parameter in generator.parameters():
            parameter.mul_(4.0)  # pictures that differ visibly from latent to latent
    save_checkpoint(path, generator, CheckpointInfo(path, "dcgan", config, step=7 + seed, run=run))
    return path
