from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtGui import QUndoStack

from latent_debugger.state.arrangement import MAX_SIZES, Arrangement, ArrangementSettings, Marks
from latent_debugger.state.latent import LatentState
from latent_debugger.state.row_editor import RowEditor


@pytest.fixture
def latent() -> LatentState:
    state = LatentState()
    state.resize(6)
    return state


@pytest.fixture
def rows(latent: LatentState) -> Arrangement:
    return Arrangement(latent)


def marks(rows: Arrangement) -> tuple[list[int], list[int]]:
    return rows.pinned.nonzero()[0].tolist(), rows.hidden.nonzero()[0].tolist()


def test_pinning_and_hiding_can_be_undone(rows: Arrangement) -> None:
    undo = QUndoStack()
    editor = RowEditor(rows, undo)
    editor.toggle_pin(3)
    editor.toggle_pin(1)
    editor.toggle_hidden(3)
    assert marks(rows) == ([1], [3])
    editor.toggle_pin(3)
    assert marks(rows) == ([1, 3], [])
    assert undo.undoText() == "pin z 3"
    undo.undo()
    assert marks(rows) == ([1], [3])
    editor.show_all()
    editor.unpin_all()
    assert marks(rows) == ([], [])
    editor.show_all()
    assert undo.count() == 5  # what changes nothing is no step
    while undo.canUndo():
        undo.undo()
    assert marks(rows) == ([], [])


def test_each_change_is_told_once(rows: Arrangement) -> None:
    told: list[str] = []
    rows.marked.connect(lambda: told.append("marked"))
    rows.arranged.connect(lambda: told.append("arranged"))
    rows.faders_changed.connect(lambda on: told.append(f"faders {on}"))
    for _ in range(2):
        rows.set_marks(np.arange(6) == 2, np.arange(6) == 4)
        rows.set_sort("value")
        rows.set_group("16")
        rows.set_weak("10%")
        rows.set_folded("block 0", True)
        rows.set_faders(True)
    assert told == ["marked", "arranged", "arranged", "arranged", "arranged", "faders True"]


def test_marks_come_back_with_their_size(latent: LatentState, rows: Arrangement) -> None:
    rows.set_marks(np.arange(6) == 2, np.arange(6) == 4)
    latent.resize(9)
    assert marks(rows) == ([], []) and rows.pinned.shape == (9,)
    rows.set_marks(np.arange(9) == 8, np.zeros(9))
    latent.resize(6)
    assert marks(rows) == ([2], [4])
    assert rows.settings.marks == {6: Marks((2,), (4,)), 9: Marks((8,), ())}


def test_a_restored_arrangement_is_the_same(latent: LatentState, rows: Arrangement) -> None:
    rows.set_marks(np.arange(6) == 2, np.arange(6) == 4)
    rows.set_sort("sensitivity")
    rows.set_weak("top16")
    rows.set_faders(True)
    again = Arrangement(latent)
    again.restore(ArrangementSettings.from_json(json.loads(json.dumps(rows.settings.to_json()))))
    assert again.settings == rows.settings
    assert marks(again) == ([2], [4])


def test_it_may_be_restored_before_there_is_a_latent() -> None:
    latent = LatentState()
    rows = Arrangement(latent)
    rows.restore(ArrangementSettings(marks={6: Marks((5,), ())}))
    latent.resize(6)
    assert marks(rows) == ([5], [])


def test_only_so_many_sizes_are_remembered(latent: LatentState, rows: Arrangement) -> None:
    for dim in range(1, MAX_SIZES + 5):
        latent.resize(dim)
        rows.set_marks(np.ones(dim), np.zeros(dim))
    assert list(rows.settings.marks) == list(range(5, MAX_SIZES + 5))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text() | st.just("12"), inner, max_size=4),
    max_leaves=8,
)
NAMES = ("sort", "group", "weak", "faders", "marks", "12", "pinned", "hidden")


@given(JSON | st.recursive(JSON, lambda inner: st.fixed_dictionaries({}, optional=dict.fromkeys(NAMES, inner))))
def test_anything_at_all_is_read(value: object) -> None:
    settings = ArrangementSettings.from_json(value)
    assert ArrangementSettings.from_json(json.loads(json.dumps(settings.to_json()))) == settings
    latent = LatentState()
    latent.resize(12)
    Arrangement(latent).restore(settings)


def test_indices_outside_are_left_out() -> None:
    read = ArrangementSettings.from_json({"marks": {"4": {"pinned": [3, 4, -1, True, 3], "hidden": "x"}, "9999": {}}})
    assert read.marks == {4: Marks((3,), ())}
