"""Ten thousand stars: opening the library, scrolling through it, searching it."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from benchmarks.figure import Figure
from benchmarks.stage import Stage, StopWatch, milliseconds, roll, run_for, stage
from gan.latent.draws import draw
from latent_debugger.services.exports import thumbnail_png
from latent_debugger.state.bookmark import Bookmark
from latent_debugger.state.database import BookmarkDatabase
from latent_debugger.state.latent import Origin
from latent_debugger.state.paths import library_path

STARS, QUICK_STARS = 10_000, 500
FRAME_MS = 33.0
OPEN_MS = 1000.0


def library(quick: bool) -> list[Figure]:
    """What a library that has grown for years costs."""
    n = QUICK_STARS if quick else STARS
    with stage() as on:
        stars = _stars(n, on)
        path = library_path().with_name("large.sqlite")
        database = BookmarkDatabase(path)
        database.put(stars)
        database.close()
        opened, stalled = _open(on, path, n)
        rolled = roll(on.window.bookmarks.list, 40, 60 if quick else 300)
        jumped = roll(on.window.bookmarks.list, 3000, 10 if quick else 60)
        searched = _searches(on, ("s", "st", "star 7", "star 77", "star", ""))
        lookup = _lookup_us(on, stars)
    count = f"{n:,} stars"
    return [
        Figure(f"library: open, {count}", opened, "ms", OPEN_MS),
        Figure("library: longest pause while it opens", stalled, "ms"),
        Figure("library: rolling, 95th percentile", float(np.percentile(rolled, 95)), "ms a frame"),
        Figure("library: rolling, longest", max(rolled), "ms a frame", FRAME_MS),
        Figure("library: jumping to unseen pages, longest", max(jumped), "ms a frame", FRAME_MS),
        Figure("library: a letter typed into the search, longest", max(searched), "ms"),
        Figure("library: is this latent a star?", lookup, "µs"),
    ]


def _stars(n: int, on: Stage) -> list[Bookmark]:
    """Rated, tagged stars of the open model with pictures as large as its own."""
    model = on.wiring.session.model
    assert model is not None
    noise = np.random.RandomState(0)
    coarse = noise.randint(0, 256, (64, 8, 8, 3), np.uint8).repeat(8, 1).repeat(8, 2)
    pictures = [thumbnail_png(image // 2 + noise.randint(0, 64, image.shape, np.uint8)) for image in coarse]
    made = []
    for row, z in enumerate(draw(n, model.dim, 0)):
        star = Bookmark.new(
            z, model=model, origin=Origin(), name=f"Star {row}", thumbnail=pictures[row % 64], position=float(row)
        )
        made.append(replace(star, rating=row % 6, tags=("hat",) if row % 3 else ()))
    return made


def _open(on: Stage, path: Path, n: int) -> tuple[float, float]:
    """From asking for the library to its first stars on the screen, and the longest time nothing else moved."""
    view, watch = on.window.bookmarks.list, StopWatch()
    began = time.perf_counter()
    on.wiring.services.library.open(path)
    on.wait_until(lambda: len(on.wiring.session.library) == n)
    view.viewport().repaint()
    spent = (time.perf_counter() - began) * 1000
    run_for(0.2)  # the watch has to see how long all that took
    return spent, watch.longest_ms


def _searches(on: Stage, texts: tuple[str, ...]) -> list[float]:
    panel = on.window.bookmarks

    def search(text: str) -> None:
        panel.search.setText(text)
        panel.list.viewport().repaint()

    return [milliseconds(lambda text=text: search(text)) for text in texts]  # type: ignore[misc]


def _lookup_us(on: Stage, stars: list[Bookmark]) -> float:
    found, model = on.wiring.session.library, on.wiring.session.model
    assert model is not None
    some = stars[:500]
    return milliseconds(lambda: [found.contains_latent(star.z, model) for star in some]) / len(some) * 1000
