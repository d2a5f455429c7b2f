"""Neighbours in every mode, back and forth; large latents in rows and as faders, through the real window."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QComboBox, QDoubleSpinBox, QLabel, QSlider

from gan.latent.neighbours import neighbours
from latent_debugger.state.anchor import NeighbourRequest
from latent_debugger.views.thumbnails import Role

from .conftest import Driver

Open = Callable[..., Driver]


def request(d: Driver) -> NeighbourRequest:
    found = d.wiring.neighbours._request
    assert found is not None
    return found


def tiles(d: Driver) -> list[bytes]:
    model = d.list_view("neighbourList").model()
    pictures = [model.index(row, 0).data(Role.PICTURE) for row in range(model.rowCount())]
    return [bytes(picture.constBits()) for picture in pictures]


def choose(d: Driver, combo: str, value: str) -> None:
    box = d.find(QComboBox, combo)
    assert isinstance(box, QComboBox)
    box.setCurrentIndex(box.findData(value))
    d.settle()


def enabled(d: Driver, action: str) -> bool:
    found = d.find(QAction, action)
    assert isinstance(found, QAction)
    return found.isEnabled()


def test_modes_slide_the_same_neighbours(open_window: Open, make_model: Callable[..., Path]) -> None:
    d = open_window(make_model())
    d.window.latents.lock_toggled.emit(2)
    d.trigger("neighbours.sample")
    z, seed = d.z, d.wiring.session.neighbours.seed
    sigma, reading = d.find(QDoubleSpinBox, "neighbours.sigma"), d.find(QLabel, "neighbours.change")
    assert isinstance(sigma, QDoubleSpinBox) and isinstance(reading, QLabel)
    sigma.setValue(1.5)
    told = set()
    for mode, most in (("norm", 2.0), ("variance", 1.0), ("additive", 2.0)):
        choose(d, "neighbours.mode", mode)
        used = min(1.5, most)
        assert (sigma.maximum(), sigma.value(), request(d).sigma) == (most, used, used)
        assert np.array_equal(request(d).latents, neighbours(z, used, 16, seed, mode, [2]))
        assert all(sign in reading.text() for sign in ("°", "|z|", "σ"))
        told.add(reading.text())
        assert np.array_equal(d.z, z)
    assert len(told) == 3
    assert not enabled(d, "neighbours.back")  # other settings are no new generation


def test_generations_back_and_forth(open_window: Open, make_model: Callable[..., Path]) -> None:
    d = open_window(make_model())
    d.trigger("neighbours.sample")
    first, first_tiles, base = request(d), tiles(d), d.z
    assert not enabled(d, "neighbours.back") and not enabled(d, "neighbours.forward")
    d.window.neighbours.chosen.emit(4)
    d.settle()
    child = d.z
    d.wiring.session.neighbours.set_sigma(0.25)
    d.settle()
    first, first_tiles = request(d), tiles(d)
    d.trigger("neighbours.sample")
    choose(d, "neighbours.mode", "norm")
    second, second_tiles = request(d), tiles(d)
    assert (second.base == child).all() and (first.base == base).all()

    d.trigger("neighbours.back")
    assert np.array_equal(request(d).latents, first.latents) and tiles(d) == first_tiles
    state = d.wiring.session.neighbours
    assert (state.mode, state.sigma) == ("additive", 0.25)
    assert np.array_equal(d.z, child)
    d.window.neighbours.forward.click()
    d.settle()
    assert tiles(d) == second_tiles and state.mode == "norm"
    assert "2 of 2" in d.window.neighbours.generation.text()

    # back, then on from there: sigma slides the old ones, N drops those ahead
    d.window.neighbours.back.click()
    state.set_sigma(0.0)
    d.settle()
    assert (request(d).latents == base).all()
    d.trigger("neighbours.sample")
    assert not enabled(d, "neighbours.forward") and enabled(d, "neighbours.back")


def test_a_star_among_the_neighbours_does_not_shuffle_them(open_window: Open, make_model: Callable[..., Path]) -> None:
    d = open_window(make_model())
    d.trigger("bookmark.add")
    choose(d, "neighbours.source", "all")
    before = request(d)
    d.window.neighbours.star_requested.emit(3)
    d.settle()
    assert len(d.stars()) == 2 and request(d) is before
    d.trigger("neighbours.sample")
    assert len(set(request(d).parents)) == 2


def test_random_near_a_star(open_window: Open, make_model: Callable[..., Path]) -> None:
    d = open_window(make_model())
    z = d.z
    d.trigger("latent.random_near")
    assert np.array_equal(d.z, z) and "Star" in d.message()
    d.trigger("bookmark.add")
    star = d.stars()[0]
    d.trigger("latent.zero")
    d.window.latents.lock_toggled.emit(5)
    d.wiring.session.neighbours.set_mode("norm")
    before = d.wiring.services.render.forwards
    d.settle()
    d.trigger("latent.random_near")
    assert d.wiring.services.render.forwards == before + 16 + 1  # the first touch of a setting drew 16 neighbours
    for _ in range(3):
        before = d.wiring.services.render.forwards
        d.trigger("latent.random_near")
        assert d.wiring.services.render.forwards == before + 1
    assert d.z[5] == 0 and np.count_nonzero(d.z) == 11
    free = np.arange(12) != 5
    assert np.linalg.norm(d.z[free]) == pytest.approx(np.linalg.norm(star.latent[free]), rel=1e-5)
    origin = d.wiring.session.latent.origin
    assert (origin.parent, origin.sigma) == (star.id, 0.5)
    for _ in range(4):
        d.trigger("edit.undo")
    assert not d.z.any()


def test_only_pinned_dimensions_vary(open_window: Open, make_model: Callable[..., Path]) -> None:
    d = open_window(make_model())
    d.trigger("neighbours.sample")
    d.window.neighbours.only_pinned.click()
    d.settle()
    assert d.list_view("neighbourList").model().rowCount() == 0
    assert "pinned" in d.window.neighbours.list.empty_text()
    d.sliders()[3].setFocus()
    d.trigger("latent.pin")
    d.window.latents.pin_toggled.emit(7)
    d.settle()
    latents = request(d).latents
    assert (latents[:, [3, 7]] != d.z[[3, 7]]).all()
    rest = np.setdiff1d(np.arange(12), (3, 7))
    assert (latents[:, rest] == d.z[rest]).all()
    d.trigger("edit.undo")
    assert (request(d).latents[:, 7] == d.z[7]).all()
    d.window.neighbours.only_pinned.click()
    d.settle()
    assert (request(d).latents != d.z).all()


def test_pins_hidden_rows_and_the_view_survive_a_restart(open_window: Open, make_model: Callable[..., Path]) -> None:
    d = open_window(make_model())
    d.sliders()[3].setFocus()
    d.trigger("latent.pin")
    d.sliders()[4].setFocus()
    d.trigger("latent.hide")
    d.trigger("view.fader_bank")
    d.wiring.session.arrangement.set_sort("value")
    d.close()
    again = open_window()
    rows = again.wiring.session.arrangement
    assert (rows.pinned.nonzero()[0].tolist(), rows.hidden.nonzero()[0].tolist()) == ([3], [4])
    assert rows.settings.sort == "value"
    bank = again.find(QAction, "view.fader_bank")
    assert isinstance(bank, QAction) and bank.isChecked()
    assert not again.sliders()[4].isVisible()
    again.trigger("view.fader_bank")
    assert [slider.accessibleName() for slider in again.sliders()] == [f"z {i}" for i in range(12)]


def test_keys_want_a_dimension_first(open_window: Open, make_model: Callable[..., Path]) -> None:
    d = open_window(make_model())
    d.window.canvas.setFocus()
    d.trigger("latent.lock")
    assert "dimension" in d.message() and not d.wiring.session.latent.locks.any()
    d.sliders()[3].setFocus()
    for expected in ([3], []):
        d.trigger("latent.lock")
        assert d.wiring.session.latent.locks.nonzero()[0].tolist() == expected


@pytest.mark.parametrize("faders", [False, True])
def test_a_large_latent_changes_in_one_forward(
    open_window: Open, make_model: Callable[..., Path], faders: bool
) -> None:
    d = open_window(make_model(z_dim=512))
    if faders:
        d.trigger("view.fader_bank")
    d.wiring.session.arrangement.set_sort("magnitude")
    sliders = d.sliders()
    assert [slider.accessibleName() for slider in sliders] == [f"z {i}" for i in range(512)]
    d.trigger("bookmark.add")
    render = d.wiring.services.render

    def recall() -> None:
        d.window.bookmarks.recall_requested.emit(d.stars()[0].id)
        d.settle()

    actions: list[Callable[[], None]] = [
        lambda: d.trigger("latent.random"), recall, lambda: d.trigger("edit.undo"), lambda: d.trigger("edit.redo"),
        lambda: d.trigger("latent.zero"), lambda: d.trigger("latent.random_near"),
    ]  # fmt: skip
    for act in actions:
        before = render.forwards
        act()
        assert render.forwards == before + 1
        shown = [slider.value() for slider in sliders]
        assert np.allclose(shown, np.clip(d.z * 1000, -3000, 3000), atol=0.5001)
    slider: QSlider = sliders[500]
    slider.setValue(-777)
    d.settle()
    assert d.z[500] == np.float32(-0.777)
