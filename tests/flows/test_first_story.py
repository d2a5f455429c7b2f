"""Open, drag, random, star, neighbours at sigma 0.5, star one, export, re-import, same pixels, restart, still there."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QDoubleSpinBox, QLineEdit, QSpinBox, QWidget

from gan.latent.draws import draw
from gan.rendering import open_renderer

from .conftest import Driver

Open = Callable[..., Driver]


def test_the_whole_story(open_window: Open, make_model: Callable[..., Path], tmp_path: Path) -> None:
    model = make_model()
    renderer = open_renderer(model, "cpu")
    d = open_window(model)
    assert [slider.accessibleName() for slider in d.sliders()] == [f"z {i}" for i in range(12)]
    assert np.array_equal(d.picture(), renderer.pixels(d.z[None])[0])

    # drag: the picture follows
    before = d.picture()
    slider = d.sliders()[3]
    slider.setSliderDown(True)
    for position in np.linspace(slider.value(), slider.maximum(), 9).astype(int):
        slider.setValue(int(position))
    slider.setSliderDown(False)
    d.settle()
    assert d.z[3] == 3.0
    assert not np.array_equal(d.picture(), before)
    assert np.array_equal(d.picture(), renderer.pixels(d.z[None])[0])

    # one drag is one step
    d.trigger("edit.undo")
    assert np.array_equal(d.picture(), before)

    # draw, and star what looks good
    d.trigger("latent.random")
    seed = d.find(QWidget, "latent.seed")
    shown = seed.text() if isinstance(seed, QLineEdit) else str(seed.value())  # type: ignore[attr-defined]
    assert np.array_equal(d.z, draw(1, 12, int(shown))[0])
    good, good_picture = d.z, d.picture()
    d.trigger("bookmark.add")
    assert [star.z for star in d.stars()] == [good.tobytes()]
    assert d.stars()[0].seed == int(shown)

    # relatives of all stars at sigma 0.5; keep one
    source, sigma = d.find(QComboBox, "neighbours.source"), d.find(QDoubleSpinBox, "neighbours.sigma")
    assert isinstance(source, QComboBox) and isinstance(sigma, QDoubleSpinBox)
    source.setCurrentIndex(source.findData("all"))
    sigma.setValue(0.5)
    d.trigger("neighbours.sample")
    tiles = d.list_view("neighbourList")
    assert tiles.model().rowCount() == 16
    first = tiles.model().index(0, 0)
    d.window.neighbours.chosen.emit(first.row())
    d.settle()
    relative = d.z
    assert not np.array_equal(relative, good)
    assert np.abs(relative - good).std() < 1.0
    d.trigger("bookmark.add")
    assert len(d.stars()) == 2
    assert (d.stars()[1].parent, d.stars()[1].sigma) == (d.stars()[0].id, 0.5)

    # export and import give the same vectors and pixels
    exported = tmp_path / "stars.npy"
    d.answer_dialog("bookmark.export", "dialog.export", exported)
    vectors = np.load(exported, allow_pickle=False)
    assert vectors.dtype == np.float32 and vectors.flags.c_contiguous
    assert np.array_equal(vectors, [good, relative])
    notes = json.loads(exported.with_suffix(".json").read_text())
    assert notes["names"] == [star.name for star in d.stars()]
    assert (notes["space"], notes["run"]) == ("z", "run-a")
    assert np.array_equal(renderer.pixels(vectors)[0], good_picture)
    d.answer_dialog("bookmark.import", "dialog.import", exported)
    assert len(d.stars()) == 2, "what is there already is not doubled"
    d.window.bookmarks.delete_requested.emit(tuple(star.id for star in d.stars()))
    d.settle()
    assert d.stars() == ()
    d.answer_dialog("bookmark.import", "dialog.import", exported)
    assert [star.name for star in d.stars()] == notes["names"]
    d.window.bookmarks.recall_requested.emit(d.stars()[0].id)
    d.settle()
    assert np.array_equal(d.picture(), good_picture)
    d.qtbot.waitUntil(lambda: all(star.thumbnail for star in d.stars()))

    # restart: still there
    d.window.latents.lock_toggled.emit(5)
    d.close()
    again = open_window()
    assert len(again.stars()) == 2
    assert np.array_equal(again.z, good)
    assert list(again.wiring.session.latent.locks.nonzero()[0]) == [5]
    assert np.array_equal(again.picture(), good_picture)


def test_bulk_changes_are_one_forward_and_idle_is_none(open_window: Open, make_model: Callable[..., Path]) -> None:
    d = open_window(make_model())
    render = d.wiring.services.render
    for action in ("latent.random", "latent.zero", "edit.undo", "edit.redo"):
        before = render.forwards
        d.trigger(action)
        assert render.forwards == before + 1, action
    before = render.forwards
    d.qtbot.wait(200)
    assert render.forwards == before


def test_every_frame_reaches_the_canvas_in_order(open_window: Open, make_model: Callable[..., Path]) -> None:
    d = open_window(make_model())
    painted: list[int] = []
    d.window.canvas.painted.connect(painted.append)
    slider = d.sliders()[0]
    for value in range(slider.minimum(), slider.maximum(), max(1, (slider.maximum() - slider.minimum()) // 100)):
        slider.setValue(value)
        if value % 7 == 0:
            d.qtbot.wait(1)
    d.settle()
    d.qtbot.waitUntil(lambda: d.window.canvas.generation in painted)
    assert painted == sorted(painted)
    expected = open_renderer(d.wiring.session.model.path, "cpu").pixels(d.z[None])[0]
    assert np.array_equal(d.picture(), expected)


def test_a_value_beyond_the_sliders_is_kept(open_window: Open, make_model: Callable[..., Path]) -> None:
    d = open_window(make_model())
    z = d.z.copy()
    z[2] = 4.25
    d.wiring.editor.go_to(z, d.wiring.session.latent.origin, "test")
    d.settle()
    assert d.sliders()[2].value() == d.sliders()[2].maximum()
    d.trigger("bookmark.add")
    assert np.array_equal(d.stars()[0].latent, z)
    assert np.array_equal(d.z, z)


def test_locked_dimensions_stay(open_window: Open, make_model: Callable[..., Path]) -> None:
    d = open_window(make_model())
    d.window.latents.lock_toggled.emit(4)
    value = d.z[4]
    for _ in range(3):
        d.trigger("latent.random")
        assert d.z[4] == value
    d.trigger("latent.zero")
    assert d.z[4] == value and np.count_nonzero(d.z) == 1
    d.trigger("neighbours.sample")
    d.window.neighbours.chosen.emit(2)
    assert d.z[4] == value and np.count_nonzero(d.z) == 12
    d.trigger("edit.undo")
    assert np.count_nonzero(d.z) == 1


def test_neighbours_stay_while_one_walks_through_them(open_window: Open, make_model: Callable[..., Path]) -> None:
    d = open_window(make_model())
    d.trigger("neighbours.sample")
    request = d.wiring.neighbours._request
    assert request is not None
    d.window.neighbours.chosen.emit(1)
    d.settle()
    assert np.array_equal(d.z, request.latents[1])
    d.window.neighbours.chosen.emit(3)
    d.settle()
    assert np.array_equal(d.z, request.latents[3])
    count = d.find(QSpinBox, "neighbours.count")
    assert isinstance(count, QSpinBox)
    count.setValue(9)
    d.settle()
    assert d.list_view("neighbourList").model().rowCount() == 9
    assert np.array_equal(d.wiring.neighbours._request.latents, request.latents[:9])


def test_undo_of_stars(open_window: Open, make_model: Callable[..., Path]) -> None:
    d = open_window(make_model())
    d.trigger("bookmark.add")
    star = d.stars()[0]
    d.window.bookmarks.rename_requested.emit(star.id, "Grandmother")
    d.settle()
    assert d.stars()[0].name == "Grandmother"
    d.window.bookmarks.delete_requested.emit((star.id,))
    d.settle()
    assert d.stars() == ()
    d.trigger("edit.undo")
    assert d.stars()[0].name == "Grandmother"
    d.trigger("edit.undo")
    assert d.stars() == (star,)
    d.trigger("edit.undo")
    assert d.stars() == ()
    d.trigger("edit.redo")
    assert d.stars()[0].z == star.z


def test_the_star_on_the_canvas_toggles(open_window: Open, make_model: Callable[..., Path]) -> None:
    d = open_window(make_model())
    d.qtbot.mouseClick(d.window.canvas.star, Qt.MouseButton.LeftButton)
    d.settle()
    assert len(d.stars()) == 1
    d.qtbot.mouseClick(d.window.canvas.star, Qt.MouseButton.LeftButton)
    d.settle()
    assert d.stars() == ()


def test_saved_picture_carries_its_latent(open_window: Open, make_model: Callable[..., Path], tmp_path: Path) -> None:
    d = open_window(make_model())
    d.trigger("latent.random")
    z, picture = d.z, d.picture()
    d.answer_dialog("file.save_picture", "dialog.save_picture", tmp_path / "one.png")
    assert (tmp_path / "one.png").is_file()
    d.trigger("latent.zero")
    d.window.file_dropped.emit(tmp_path / "one.png")
    d.settle()
    assert np.array_equal(d.z, z)
    assert np.array_equal(d.picture(), picture)
