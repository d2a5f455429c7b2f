"""How fast pictures are drawn, packed, looked through and ranked; and those that other benchmarks train on."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image

from benchmarks.figure import Figure
from gan.data import open_dataset
from gan.data.curation import next_to_ask, rank, scan
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


def packing(quick: bool) -> list[Figure]:
    """A folder of 256 px files, half JPEG and half PNG: packed, opened again, and batches read from the pack."""
    n = 300 if quick else 15_000
    with tempfile.TemporaryDirectory() as name:
        folder, cache = Path(name, "files"), Path(name, "cache")
        write_files(folder, n)
        before, began = _peak_memory(), time.perf_counter()
        data = open_dataset(folder, 256, 3, cache=cache)
        packed = time.perf_counter() - began
        growth = _peak_memory() - before
        began = time.perf_counter()
        open_dataset(folder, 256, 3, cache=cache)
        warm = time.perf_counter() - began
        assert len(data.images) == n
    return [
        Figure(f"data: {n} files of 256 px packed", packed, "s", 60.0),
        Figure("data: files packed", n / packed, "/s", 250, "≥"),
        Figure("data: memory growth while packing", growth / 2**20, "MiB", 200),
        Figure("data: packed data opened", warm, "s", 2.0),
        Figure("data: batch of 64 at 64 px gathered", _gather_ms(), "ms", 10.0),
    ]


def curation(quick: bool) -> list[Figure]:
    """A folder looked through, and 15,000 pictures ranked by 60 decisions."""
    files, n = (100, 1500) if quick else (1000, 15_000)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name, "files")
        write_files(folder, files)
        began = time.perf_counter()
        scan(folder, cache=Path(name, "cache"))
        seconds = time.perf_counter() - began
    features = np.random.RandomState(0).standard_normal((n, 100)).astype(np.float32)
    keep = np.full(n, -1, np.int8)
    keep[:60] = features[:60, 0] > 0
    rank(features, keep)  # scikit-learn is imported by the first
    began = time.perf_counter()
    ranking = rank(features, keep)
    ranked = time.perf_counter()
    next_to_ask(features, keep, 10, ranking)
    asked = time.perf_counter()
    return [
        Figure("curation: files of 256 px looked at", files / seconds, "/s"),
        Figure(f"curation: {n} pictures ranked", 1e3 * (ranked - began), "ms", 300),
        Figure("curation: next questions found", 1e3 * (asked - ranked), "ms", 300),
    ]


def write_files(folder: Path, n: int, kinds: int = 200) -> None:
    """``n`` files, no two alike: few pictures, each many times, with a number behind the picture's end."""
    folder.mkdir(parents=True)
    random = np.random.RandomState(0)
    made = []
    for index in range(min(n, kinds)):
        image = Image.fromarray(random.randint(0, 256, (12, 12, 3), np.uint8)).resize((256, 256))
        image = Image.fromarray((np.asarray(image) * 0.9 + random.randint(0, 25, (256, 256, 3))).astype(np.uint8))
        buffer = BytesIO()
        if index % 2:
            image.save(buffer, "jpeg", quality=90)
        else:
            image.quantize(64).convert("RGB").save(buffer, "png")  # a drawing: few colours
        made.append(buffer.getvalue())
    for index in range(n):
        kind = index % len(made)
        (folder / f"{index:05d}.{'jpg' if kind % 2 else 'png'}").write_bytes(made[kind] + index.to_bytes(4, "big"))


def _gather_ms() -> float:
    """Milliseconds for a random batch from a memory map of 15,000 pictures, median."""
    with tempfile.TemporaryDirectory() as name:
        np.save(Path(name, "images.npy"), np.zeros((15_000, 64, 64, 3), np.uint8))
        images = open_dataset(Path(name), 64, 3, cache=Path(name, "cache")).images
        random, took = np.random.RandomState(0), []
        for _ in range(50):
            began = time.perf_counter()
            images[random.randint(0, len(images), 64)].sum()
            took.append(time.perf_counter() - began)
    return 1e3 * float(np.median(took))


def _peak_memory() -> int:
    """Bytes; 0 where the system does not tell."""
    if os.name != "posix":
        return 0
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def training_pictures(size: int) -> Bytes:
    """(n, size, size, 3): data/people where it has been made in that size, else noise, which trains as fast."""
    if PEOPLE.is_file():
        images: Bytes = np.load(PEOPLE, mmap_mode="r")
        if images.shape[1:] == (size, size, 3):
            return images
    return np.random.default_rng(0).integers(0, 256, (1000, size, size, 3), np.uint8)
