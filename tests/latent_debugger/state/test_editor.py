from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PySide6.QtGui import QUndoStack

from gan.errors import UserError
from gan.latent.draws import draw
from latent_debugger.state.anchor import Anchor
from latent_debugger.state.editor import LatentEditor
from latent_debugger.state.latent import LatentState, Origin
from latent_debugger.state.neighbour_state import NeighbourState

DIM = 6
FINITE = st.floats(width=32, allow_nan=False, allow_infinity=False)
INDEX = st.integers(0, DIM - 1)
STEP = st.one_of(
    st.tuples(st.just("set_value"), INDEX, FINITE, st.sampled_from([None, "a", "b"])),
    st.tuples(st.just("random"), st.integers(0, 2**32 - 1)),
    st.tuples(st.just("zero")),
    st.tuples(st.just("go_to"), arrays(np.float32, DIM, elements=FINITE), st.just(Origin(parent="p")), st.just("go")),
    st.tuples(st.just("toggle_lock"), INDEX),
    st.tuples(st.just("lock_all"), st.booleans()),
    st.tuples(st.just("reset_dimension"), INDEX),
)


class Bench:
    """A latent, its history and its editor."""

    def __init__(self, dim: int = DIM) -> None:
        self.latent = LatentState()
        self.latent.resize(dim)
        self.stack = QUndoStack()
        self.editor = LatentEditor(self.latent, self.stack)
        self.changes: list[Any] = []
        self.latent.changed.connect(self.changes.append)

    def seed_is_true(self) -> bool:
        seed = self.latent.origin.seed
        return seed is None or draw(1, DIM, seed)[0].tobytes() == self.latent.z.tobytes()

    def look(self) -> tuple[bytes, bytes, Origin]:
        return self.latent.z.tobytes(), self.latent.locks.tobytes(), self.latent.origin


@pytest.fixture
def bench() -> Bench:
    return Bench()


@settings(max_examples=60, deadline=None)
@given(steps=st.lists(STEP, max_size=30))
def test_undo_and_redo_restore_every_bit(steps: list[tuple[Any, ...]]) -> None:
    bench = Bench()
    looks = [bench.look()]
    for name, *args in steps:
        count, seen, before = bench.stack.index(), len(bench.changes), bench.look()
        getattr(bench.editor, name)(*args)
        assert len(bench.changes) - seen == (bench.look()[0] != before[0]), "one emission a change"
        looks = [*looks[: bench.stack.index()], bench.look()]
        assert bench.stack.index() - count in (-1, 0, 1)
    assert len(looks) == bench.stack.count() + 1
    for look in reversed(looks):
        assert bench.look()[:2] == look[:2]
        assert bench.seed_is_true()
        bench.stack.undo()
    assert bench.look()[:2] == (bytes(4 * DIM), bytes(DIM))
    for look in looks:
        assert bench.look()[:2] == look[:2]
        assert bench.seed_is_true()
        bench.stack.redo()


@given(seed=st.integers(0, 2**32 - 1), locks=st.lists(st.booleans(), min_size=DIM, max_size=DIM))
def test_a_draw_leaves_locked_dimensions_alone(seed: int, locks: list[bool]) -> None:
    bench = Bench()
    bench.latent.set(np.arange(DIM) + 100)
    bench.latent.set_locks(locks)
    bench.editor.random(seed)
    expected = draw(1, DIM, seed)[0]
    for i in range(DIM):
        assert bench.latent.z[i] == (100 + i if locks[i] else expected[i])
    assert bench.latent.origin == Origin(seed=None if any(locks) else seed)
    assert bench.editor.last_seed == seed


def test_a_fresh_seed_reproduces_its_draw(bench: Bench) -> None:
    told: list[Any] = []
    bench.editor.seed_changed.connect(told.append)
    assert bench.editor.last_seed is None
    bench.editor.random()
    bench.editor.random()
    assert len(set(told)) == 2 and bench.editor.last_seed == told[1]
    assert bench.latent.z.tobytes() == draw(1, DIM, told[1])[0].tobytes()
    assert len(bench.changes) == 2 and bench.stack.count() == 2


def test_the_largest_seed_travels_whole(bench: Bench) -> None:
    told: list[Any] = []
    bench.editor.seed_changed.connect(told.append)
    bench.editor.random(2**32 - 1)
    assert told == [2**32 - 1]


@pytest.mark.parametrize("seed", [-1, 2**32])
def test_a_bad_seed_changes_nothing(bench: Bench, seed: int) -> None:
    with pytest.raises(UserError):
        bench.editor.random(seed)
    assert bench.stack.count() == 0 and bench.editor.last_seed is None


@pytest.mark.parametrize("mode", ["additive", "norm", "variance"])
def test_random_near_draws_around_one_of_the_stars(bench: Bench, mode: str) -> None:
    how = NeighbourState()
    how.set_mode(mode)
    how.set_sigma(0.001)
    bench.latent.set(np.full(DIM, 50))
    bench.latent.set_locks(np.arange(DIM) == 2)
    stars = draw(3, DIM, 1)
    anchor, none = Anchor(stars, ("a", "b", "c")), np.zeros(DIM, np.bool_)
    met = set()
    for seed in range(12):
        bench.editor.random_near(anchor, how, none, seed)
        origin = bench.latent.origin
        star = stars["abc".index(origin.parent or "?")]
        assert bench.latent.z[2] == 50 and origin.sigma == 0.001
        np.testing.assert_allclose(np.delete(bench.latent.z, 2), np.delete(star, 2), atol=0.02)
        met.add(origin.parent)
    assert met == {"a", "b", "c"} and bench.stack.count() == 12
    how.set_only_pinned(True)
    bench.editor.random_near(anchor, how, np.arange(DIM) >= 4, 3)
    star = stars["abc".index(bench.latent.origin.parent or "?")]
    assert (bench.latent.z == star).tolist() == [i not in (2, 4, 5) for i in range(DIM)]
    bench.stack.undo()
    assert bench.latent.z[2] == 50


def test_zero_leaves_locked_dimensions_alone(bench: Bench) -> None:
    bench.editor.go_to(np.full(DIM, 4, np.float32), Origin(seed=1), "go")
    bench.editor.toggle_lock(2)
    bench.editor.zero()
    assert bench.latent.z.tolist() == [0, 0, 4, 0, 0, 0]
    bench.editor.zero()
    assert bench.stack.count() == 3, "zero at zero is no step"


def test_going_to_a_latent_wins_over_locks_and_keeps_every_bit(bench: Bench) -> None:
    bench.editor.lock_all(True)
    z = np.array([9e9, -4.0000005, -0.0, 1e-40, 3.5, 0.1], np.float32)
    bench.editor.go_to(z, Origin(parent="p"), "recall")
    assert bench.latent.z.tobytes() == z.tobytes() and bench.latent.origin.parent == "p"


def test_going_where_one_is_only_notes_the_origin(bench: Bench) -> None:
    bench.editor.go_to(bench.latent.z, Origin(parent="p"), "recall")
    assert bench.stack.count() == 0 and bench.changes == [] and bench.latent.origin.parent == "p"


def test_a_draw_that_changes_nothing_keeps_the_origin(bench: Bench) -> None:
    bench.editor.random(3)
    bench.editor.lock_all(True)
    bench.editor.random(4)
    assert bench.latent.origin == Origin(seed=3) and bench.stack.count() == 2


def test_a_drag_is_one_step_and_steps_have_names(bench: Bench) -> None:
    token = object()
    for k in range(1, 30):
        bench.editor.set_value(3, k / 7, token)
    assert bench.stack.count() == 1 and bench.stack.undoText() == "change of z 3"
    bench.editor.reset_dimension(3)
    bench.editor.toggle_lock(3)
    bench.editor.toggle_lock(3)
    bench.editor.lock_all(False)
    assert [bench.stack.text(i) for i in range(bench.stack.count())] == [
        "change of z 3", "change of z 3", "lock z 3", "unlock z 3",
    ]  # fmt: skip


def test_editing_by_hand_keeps_the_parent_only(bench: Bench) -> None:
    bench.editor.go_to(np.ones(DIM, np.float32), Origin(seed=1, parent="p", sigma=0.5), "go")
    bench.editor.set_value(0, 2.0)
    assert bench.latent.origin == Origin(parent="p")


@pytest.mark.parametrize(("i", "value"), [(DIM, 0.0), (-1, 0.0), (0, float("nan")), (0, 1e39)])
def test_a_bad_value_is_no_step(bench: Bench, i: int, value: float) -> None:
    with pytest.raises(UserError):
        bench.editor.set_value(i, value)
    assert bench.stack.count() == 0 and not bench.latent.z.any()


def test_without_a_model_nothing_happens() -> None:
    bench = Bench(dim=0)
    bench.editor.random()
    bench.editor.zero()
    bench.editor.lock_all(True)
    assert bench.stack.count() == 0 and bench.editor.last_seed is None


def test_more_than_two_hundred_steps(bench: Bench) -> None:
    for k in range(500):
        bench.editor.set_value(k % DIM, k + 1)
    for _ in range(500):
        bench.stack.undo()
    assert not bench.latent.z.any()
