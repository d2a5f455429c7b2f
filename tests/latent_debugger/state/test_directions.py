"""Directions as sliders: places, locks, and steps that can be undone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtGui import QUndoStack
from PySide6.QtWidgets import QApplication

from gan.errors import UserError
from gan.latent.directions import Direction, unit
from gan.latent.draws import draw
from latent_debugger.state.anchor import Anchor
from latent_debugger.state.direction_editor import DirectionEditor
from latent_debugger.state.directions import (
    MAX_DIRECTIONS,
    DirectionSettings,
    DirectionState,
    KnownDirection,
    key_of,
)
from latent_debugger.state.editor import LatentEditor
from latent_debugger.state.latent import LatentState
from latent_debugger.state.model import OpenModel
from latent_debugger.state.neighbour_state import NeighbourState


def found(n: int, dim: int, method: str = "sefa", seed: int = 0) -> list[Direction]:
    return [Direction(f"{method} {k + 1}", unit(draw(n, dim, seed)[k]), method) for k in range(n)]


class Bench:
    def __init__(self, model: OpenModel) -> None:
        self.latent, self.stack = LatentState(), QUndoStack()
        self.latent.resize(model.dim, draw(1, model.dim, 9)[0])
        self.state = DirectionState(self.latent)
        self.state.show(model)
        self.editor = DirectionEditor(self.state, self.stack)
        self.latents = LatentEditor(self.latent, self.stack)

    def names(self) -> list[str]:
        return [item.direction.name for item in self.state.all]


@pytest.fixture
def bench(qapp: QApplication, model: OpenModel) -> Bench:
    return Bench(model)


def test_places_are_coordinates_in_standard_deviations(bench: Bench) -> None:
    bench.editor.found(found(3, bench.latent.dim))
    vectors = np.stack([item.direction.vector for item in bench.state.all])
    np.testing.assert_allclose(bench.state.places(bench.latent.z), vectors @ bench.latent.z, atol=1e-6)
    assert bench.state.places(np.zeros(3, np.float32)).shape == (0,), "a latent of another model"


def test_moving_along_one_leaves_locks_alone_and_is_one_step(bench: Bench) -> None:
    one, two = bench.editor.found(found(2, bench.latent.dim))
    bench.editor.toggle_lock(two.id)
    bench.latents.toggle_lock(0)
    before, token, count = bench.latent.z, object(), bench.stack.count()
    for place in (0.5, 1.0, 1.7):
        bench.latents.move_along(one.direction, place, token)
    places = bench.state.places(bench.latent.z)
    np.testing.assert_allclose(places, [1.7, before @ two.direction.vector], atol=1e-5)
    assert bench.latent.z[0].tobytes() == before[0].tobytes()
    assert bench.stack.count() == count + 1
    bench.stack.undo()
    assert bench.latent.z.tobytes() == before.tobytes()
    bench.latents.move_along(one.direction, 2.0, token := object())
    bench.latents.move_along(one.direction, float(before @ one.direction.vector), token)
    np.testing.assert_allclose(bench.latent.z, before, atol=1e-6)
    with pytest.raises(UserError, match="NaN or infinite"):
        bench.latents.move_along(one.direction, 1e300)
    with pytest.raises(UserError, match="lies within what is locked"):
        bench.latents.move_along(replace(two.direction, name="copy"), 1.0)


def test_a_long_drag_adds_no_roundings_up(bench: Bench) -> None:
    one, two = bench.editor.found(found(2, bench.latent.dim))
    bench.editor.toggle_lock(two.id)
    held, token = bench.latent.z @ two.direction.vector, object()
    for k in range(2000):
        bench.latents.move_along(one.direction, 3 * np.sin(k / 100), token)
    assert abs(bench.latent.z @ two.direction.vector - held) < 2e-6


@pytest.mark.parametrize("mode", ["additive", "norm", "variance"])
def test_draws_and_neighbours_leave_locked_directions_alone(bench: Bench, mode: str) -> None:
    items = bench.editor.found(found(2, bench.latent.dim))
    for item in items:
        bench.editor.toggle_lock(item.id)
    bench.latents.toggle_lock(1)
    before = bench.state.places(bench.latent.z)
    z1 = bench.latent.z[1]
    anchor = Anchor(draw(3, bench.latent.dim, 5), (None, None, None))
    near = NeighbourState()
    near.set_mode(mode)
    for act in (
        lambda: bench.latents.random(7),
        bench.latents.zero,
        lambda: bench.latents.random_near(anchor, near, np.zeros(bench.latent.dim, np.bool_), 3),
    ):
        was = bench.latent.z
        act()
        assert bench.latent.z.tobytes() != was.tobytes()
        np.testing.assert_allclose(bench.state.places(bench.latent.z), before, atol=1e-5)
        assert bench.latent.z[1] == z1
    here = Anchor(bench.latent.z[np.newaxis], (None,))
    drawn = near.compute(here, bench.latent.locks, bench.latent.held).latents
    vectors = bench.latent.held
    np.testing.assert_allclose(drawn @ vectors.T, np.tile(before, (len(drawn), 1)), atol=1e-5)
    assert np.ptp(drawn, axis=0).max() > 0.1
    if mode == "norm":
        lengths = np.linalg.norm(drawn, axis=1)
        np.testing.assert_allclose(lengths, np.linalg.norm(bench.latent.z), rtol=1e-5)


def test_a_search_replaces_its_like_but_what_is_kept_or_locked(bench: Bench) -> None:
    dim = bench.latent.dim
    one, two, _ = bench.editor.found(found(3, dim))
    bench.editor.toggle_lock(one.id)
    bench.editor.toggle_keep(two.id)
    bench.editor.found(found(1, dim, "pca"))
    bench.editor.found(found(2, dim, seed=3))
    assert bench.names() == ["sefa 1", "sefa 2", "pca 1", "sefa 1 (2)", "sefa 2 (2)"]
    bench.stack.undo()
    assert bench.names() == ["sefa 1", "sefa 2", "sefa 3", "pca 1"]
    bench.stack.undo()
    assert bench.names() == ["sefa 1", "sefa 2", "sefa 3"]
    assert bench.state.all[0].locked and len(bench.latent.held) == 1
    bench.stack.undo()
    bench.stack.undo()
    assert len(bench.latent.held) == 0
    bench.stack.undo()
    assert bench.names() == []


def test_learning_again_replaces_what_was_learnt(bench: Bench) -> None:
    glasses = Direction("glasses", found(1, bench.latent.dim)[0].vector, "attribute", accuracy=0.8, labels=30)
    first = bench.editor.learnt(glasses)
    assert first is not None and first.kept
    bench.editor.toggle_lock(first.id)
    second = bench.editor.learnt(replace(glasses, labels=40))
    assert second is not None and second.id == first.id and second.locked
    assert [item.direction.labels for item in bench.state.all] == [40]


def test_names_orthogonalising_and_removal(bench: Bench) -> None:
    one, two, three = bench.editor.found(found(3, bench.latent.dim))
    bench.editor.rename(one.id, "  ")
    assert bench.names()[0] == "sefa 1"
    bench.editor.rename(one.id, "sefa 2")
    assert bench.names()[0] == "sefa 2 (2)"
    with pytest.raises(UserError, match="No direction is locked"):
        bench.editor.orthogonalise(one.id)
    bench.editor.toggle_lock(two.id)
    bench.editor.orthogonalise(one.id)
    assert abs(bench.state.all[0].direction.vector @ two.direction.vector) < 1e-6
    with pytest.raises(UserError, match="locked itself"):
        bench.editor.orthogonalise(two.id)
    bench.editor.remove([two.id, three.id])
    assert len(bench.state.all) == 1 and len(bench.latent.held) == 0
    bench.stack.undo()
    assert len(bench.state.all) == 3 and len(bench.latent.held) == 1


def test_there_is_room_for_fifty(bench: Bench) -> None:
    many = found(400, bench.latent.dim)
    assert len(bench.editor.opened(many)) == MAX_DIRECTIONS
    assert bench.editor.opened(many) == []
    assert bench.editor.learnt(Direction("one more", many[0].vector, "attribute")) is None


def test_each_model_has_its_own_and_undo_reaches_the_right_one(bench: Bench, model: OpenModel) -> None:
    other = replace(model, run="another run")
    assert key_of(other) != key_of(model) == key_of(replace(model, step=99, sha256="0" * 64))
    told: list[str] = []
    bench.state.edited.connect(told.append)
    bench.editor.found(found(2, bench.latent.dim))
    bench.state.show(other)
    assert bench.names() == []
    bench.stack.undo()
    assert bench.names() == [] and bench.state.of(key_of(model)) == ()
    assert told == [key_of(model)] * 2
    bench.state.restore(key_of(other), [KnownDirection.new(found(1, bench.latent.dim)[0], locked=True)])
    assert len(bench.latent.held) == 1 and told == [key_of(model)] * 2, "what was remembered is no edit"
    bench.state.show(None)
    assert len(bench.latent.held) == 0


def test_without_a_model_nothing_happens(qapp: QApplication, model: OpenModel) -> None:
    bench = Bench(model)
    bench.state.show(None)
    assert bench.editor.found(found(1, 5)) == [] and bench.names() == [] and bench.stack.count() == 0


def test_settings_survive_what_a_file_may_say() -> None:
    assert DirectionSettings.from_json([]) == DirectionSettings()
    strange = {"method": "x", "count": 500, "range": float("inf"), "attribute": 3}
    assert DirectionSettings.from_json(strange) == DirectionSettings()
    mine = DirectionSettings("pca", 5, 4.0, "glasses")
    assert DirectionSettings.from_json(mine.to_json()) == mine
