"""A tiny run that trains in milliseconds."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from gan.config import ModelConfig, TrainConfig
from gan.images import Bytes

MODEL = ModelConfig(image_size=32, z_dim=8, width=4, norm="layer")
TRAIN = TrainConfig(steps=6, batch=4, checkpoint_every=3, previews=4, threads=1, precision="fp32", device="cpu")


@pytest.fixture
def pictures() -> Bytes:
    return np.random.RandomState(0).randint(0, 256, (20, 32, 32, 3), np.uint8)


@pytest.fixture
def data(tmp_path: Path, pictures: Bytes) -> Path:
    folder = tmp_path / "pictures"
    folder.mkdir()
    np.save(folder / "images.npy", pictures)
    return folder
