from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from gan.latent.draws import draw
from gan.latent.vectors import save_vectors

from .conftest import Driver


def test_many_imported_stars_are_drawn_once_each(
    open_window: Callable[..., Driver], make_model: Callable[..., Path], tmp_path: Path
) -> None:
    d = open_window(make_model())
    save_vectors(tmp_path / "many.npy", draw(150, 12, 3))
    before = d.wiring.services.render.forwards
    d.answer_dialog("bookmark.import", "dialog.import", tmp_path / "many.npy")
    d.qtbot.waitUntil(lambda: len(d.stars()) == 150 and all(star.thumbnail for star in d.stars()), timeout=20_000)
    assert d.wiring.services.render.forwards == before + 150


def test_a_star_renamed_while_it_is_drawn_keeps_its_name(
    open_window: Callable[..., Driver], make_model: Callable[..., Path], tmp_path: Path
) -> None:
    d = open_window(make_model())
    save_vectors(tmp_path / "one.npy", draw(1, 12, 3))
    d.wiring.vectors.import_file(tmp_path / "one.npy")
    d.qtbot.waitUntil(lambda: len(d.stars()) == 1)
    d.window.bookmarks.rename_requested.emit(d.stars()[0].id, "Aunt")
    d.qtbot.waitUntil(lambda: bool(d.stars()[0].thumbnail), timeout=20_000)
    d.settle()
    assert d.stars()[0].name == "Aunt"
    assert np.array_equal(d.stars()[0].latent, draw(1, 12, 3)[0])
