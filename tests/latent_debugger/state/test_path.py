"""Key frames are put in order, survive any file, and every change can be undone."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtGui import QUndoStack

from gan.latent.draws import draw
from latent_debugger.state.bookmark import z_bytes
from latent_debugger.state.path import MAX_KEYS, MAX_PLANS, FilmOptions, Key, PathMemory, Plan
from latent_debugger.state.path_editor import PathEditor, PathState


def key(name: str, dim: int = 3) -> Key:
    return Key(z_bytes(draw(1, dim, sum(map(ord, name)))[0]), name)


def names(plan: Plan) -> str:
    return "".join(item.name for item in plan.keys)


ABCDE = Plan(tuple(key(name) for name in "abcde"))


@pytest.mark.parametrize(
    ("rows", "before", "wanted"),
    [
        ([0], 2, "bacde"), ([4], 0, "eabcd"), ([1, 3], 5, "acebd"),
        ([3, 1], 1, "abdce"), ([2], 3, "abcde"), ([9], 0, "abcde"),
    ],
)  # fmt: skip
def test_rows_are_moved(rows: list[int], before: int, wanted: str) -> None:
    assert names(ABCDE.moved(rows, before)) == wanted


@given(rows=st.sets(st.integers(0, 4)), before=st.integers(0, 5))
def test_moving_loses_nothing_and_keeps_the_order_of_the_rest(rows: set[int], before: int) -> None:
    found = names(ABCDE.moved(rows, before))
    assert sorted(found) == list("abcde")
    rest = [name for row, name in enumerate("abcde") if row not in rows]
    assert [name for name in found if name in rest] == rest


def test_key_frames_come_and_go() -> None:
    plan = Plan().with_added([key("a"), key("c")]).with_added([key("b")], 1).with_added([key("z")], 99)
    assert names(plan) == "abcz" and names(plan.without([0, 3])) == "bc"
    assert len(plan.with_added([key("x")] * 2 * MAX_KEYS).keys) == MAX_KEYS
    timed = plan.changed([1, 2], seconds=2.5, easing="in").changed([0], seconds=1e9).changed([3], seconds=0)
    assert [item.seconds for item in timed.keys] == [60.0, 2.5, 2.5, 0.1]
    assert [item.easing for item in timed.keys] == ["linear", "in", "in", "linear"]
    assert timed.start_of(2) == 62.5 and timed.start_of(0) == 0


def test_the_route_goes_through_them() -> None:
    assert Plan().route() is None
    route = Plan(ABCDE.keys, "lerp", loop=True).route()
    assert route is not None and route.seconds == 5 and route.interpolation == "lerp"
    for row, item in enumerate(ABCDE.keys):
        np.testing.assert_allclose(route.at(float(row)), item.latent, atol=1e-6)


def test_it_comes_back_from_disk(tmp_path: Path) -> None:
    plan = Plan(ABCDE.changed([1], seconds=3, easing="out").keys, "lerp", True, True)
    memory = PathMemory(film=FilmOptions("gif", 12, 4, True, "best")).with_plan(3, plan)
    memory.save(tmp_path / "a.json")
    assert PathMemory.load(tmp_path / "a.json") == memory
    assert PathMemory.load(tmp_path / "none.json") == PathMemory()


def test_only_a_few_lengths_are_remembered() -> None:
    memory = PathMemory()
    for dim in (*range(1, MAX_PLANS + 4), 5):
        memory = memory.with_plan(dim, Plan((key("a", dim),)))
    assert list(memory.plans) == [4, *range(6, MAX_PLANS + 4), 5]


NONSENSE = [
    "",
    None,
    1,
    [],
    "x",
    {"keys": 5},
    {"keys": [None, {}, {"z": "AAAA"}, {"z": "?"}]},
    {"even": 1, "loop": "a"},
]


@pytest.mark.parametrize("value", NONSENSE)
def test_nonsense_is_an_empty_path(value: object) -> None:
    assert Plan.from_json(value, 3) == Plan()
    found = PathMemory.from_json({"plans": {"3": value, "x": 1, "99999999999": {}, "0": {}}, "film": value})
    assert found.plans == {3: Plan()} and found.film == FilmOptions()
    assert PathMemory.from_json(value) == PathMemory()


def test_what_does_not_fit_is_left_out_and_the_rest_kept() -> None:
    value = json.loads(json.dumps(ABCDE.to_json()))
    value["keys"][1]["z"] = value["keys"][1]["z"][:8]
    value["keys"][2] |= {"seconds": "long", "easing": "bounce", "name": 3, "star": 4}
    value["keys"][3]["seconds"] = 1e12
    infinite = z_bytes(np.array([1, np.inf, 0], np.float32))
    value["keys"][4]["z"] = Plan((Key(infinite),)).to_json()["keys"][0]["z"]
    found = Plan.from_json(value, 3)
    assert found.keys == (ABCDE.keys[0], Key(ABCDE.keys[2].z), ABCDE.keys[3])
    assert Plan.from_json(ABCDE.to_json(), 4) == Plan()
    value["keys"][0] |= {"name": "half \ud800 a pair" + 1000 * "x", "star": "\udfff"}
    first = Plan.from_json(value, 3).keys[0]
    assert f"{first.name}{first.star}".encode() and len(first.name) < 100
    film = FilmOptions.from_json({"kind": "avi", "fps": 61, "scale": 3, "quality": "poor", "smooth": 1})
    assert film == FilmOptions()


def test_every_change_is_one_step() -> None:
    undo, state = QUndoStack(), PathState()
    seen: list[Plan] = []
    state.changed.connect(seen.append)
    edit = PathEditor(state, undo)
    assert edit.add([key("a")]) == 0 and not undo.canUndo(), "no model, no path"
    state.set_dim(3)
    assert edit.add(ABCDE.keys) == 5 and undo.undoText() == "add 5 key frames"
    edit.move([0], 5)
    edit.remove([0])
    assert names(state.plan) == "cdea" and undo.undoText() == "remove a key frame"
    token = object()
    for seconds in (2.0, 3.0, 4.0):
        edit.set_seconds([0], seconds, token)
    edit.set_easing([1], "smooth")
    edit.set_interpolation("lerp")
    edit.set_loop(True)
    edit.set_even(True)
    edit.set_even(True)
    count = undo.count()
    assert count == 8
    edit.clear()
    assert not state.plan.keys and state.plan.loop
    for _ in range(count + 1):
        undo.undo()
    assert state.plan == Plan() and not undo.canUndo()
    while undo.canRedo():
        undo.redo()
    assert state.plan == Plan((), "lerp", True, True)
    assert all(before != after for before, after in pairwise(seen))


def test_latents_of_another_length_have_a_path_of_their_own() -> None:
    state = PathState()
    state.set_dim(3)
    state.set(ABCDE)
    state.set_dim(4)
    assert state.plan == Plan()
    state.set(Plan((key("q", 4),)))
    state.set_dim(3)
    assert state.plan == ABCDE
    state.set_film(FilmOptions(fps=12))
    other = PathState()
    other.set_dim(4)
    other.restore(state.memory)
    assert names(other.plan) == "q" and other.film.fps == 12


def test_there_is_no_room_for_ever_more() -> None:
    state = PathState()
    state.set_dim(3)
    edit = PathEditor(state, QUndoStack())
    assert edit.add([key("x")] * (MAX_KEYS + 5)) == MAX_KEYS
    assert edit.add([key("y")]) == 0
