"""How fast the built-in data set is drawn; and the pictures that other benchmarks train on."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import numpy as np

from benchmarks.figure import Figure
from gan.data.people import make_people
from gan.images import Bytes

PEOPLE = Path(__file__).resolve().parent.parent / "data" / "people" / "images.npy"


def people(quick: bool) -> list[Figure]:
    """Pictures a second at 64 px, files and all."""
    n = 30 if quick else 300
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        make_people(Path(folder), n)
        seconds = time.perf_counter() - began
    return [Figure("people: pictures drawn at 64 px", n / seconds, "/s", 150, "≥")]


def training_pictures(size: int) -> Bytes:
    """(n, size, size, 3): data/people where it has been made in that size, else noise, which trains as fast."""
    if PEOPLE.is_file():
        images: Bytes = np.load(PEOPLE, mmap_mode="r")
        if images.shape[1:] == (size, size, 3):
            return images
    return np.random.default_rng(0).integers(0, 256, (1000, size, size, 3), np.uint8)
