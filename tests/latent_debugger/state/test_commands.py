from __future__ import annotations

import gc
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from PySide6.QtGui import QUndoStack

from gan.errors import UserError
from latent_debugger.state.bookmark import Bookmark
from latent_debugger.state.commands import PutBookmarks, RemoveBookmarks, SetLatent, SetLocks
from latent_debugger.state.latent import LatentState, Origin
from latent_debugger.state.library import BookmarkLibrary


class LibraryStore:
    """A store that commits at once."""

    def __init__(self, library: BookmarkLibrary) -> None:
        self.library = library
        self.calls: list[str] = []

    def put(self, bookmarks: Sequence[Bookmark], before: Sequence[Bookmark] = ()) -> None:
        self.calls.append("put")
        self.library.apply_put(bookmarks)

    def remove(self, ids: Sequence[str]) -> None:
        self.calls.append("remove")
        self.library.apply_removed(ids)


@pytest.fixture
def latent() -> LatentState:
    state = LatentState()
    state.resize(3)
    return state


@pytest.fixture
def stack() -> QUndoStack:
    return QUndoStack()


def test_a_drag_is_one_step(latent: LatentState, stack: QUndoStack) -> None:
    token = object()
    for k in range(1, 50):
        stack.push(SetLatent(latent, latent.with_value(0, k / 10), Origin(), "drag", token))
    assert stack.count() == 1 and latent.z[0] == np.float32(4.9)
    stack.undo()
    assert latent.z[0] == 0
    stack.redo()
    assert latent.z[0] == np.float32(4.9)


def test_another_token_or_none_is_another_step(latent: LatentState, stack: QUndoStack) -> None:
    for k, token in enumerate(["a", "b", None, None, "b", "b"], 1):
        stack.push(SetLatent(latent, latent.with_value(0, k), Origin(), "step", token))
    assert stack.count() == 5


def test_steps_of_two_latents_never_merge(latent: LatentState, stack: QUndoStack) -> None:
    other = LatentState()
    other.resize(3)
    stack.push(SetLatent(latent, latent.with_value(0, 1), Origin(), "step", "t"))
    stack.push(SetLatent(other, other.with_value(0, 2), Origin(), "step", "t"))
    assert stack.count() == 2


def test_a_drag_back_to_its_start_leaves_no_step(latent: LatentState, stack: QUndoStack) -> None:
    latent.set([1, 2, 3], Origin(seed=5))
    seen: list[Any] = []
    latent.changed.connect(seen.append)
    for value in (1.5, 2.0, 1.0):
        stack.push(SetLatent(latent, latent.with_value(0, value), Origin(), "drag", "t"))
    assert stack.count() == 0 and latent.z.tolist() == [1, 2, 3] and latent.origin == Origin(seed=5)
    assert seen == [frozenset({0})] * 3
    stack.push(SetLatent(latent, latent.with_value(0, 7), Origin(), "drag", "t"))
    stack.undo()
    assert latent.z.tolist() == [1, 2, 3]


def test_origin_is_undone_too(latent: LatentState, stack: QUndoStack) -> None:
    latent.set([1, 2, 3], Origin(seed=5))
    stack.push(SetLatent(latent, [4, 5, 6], Origin(parent="p", sigma=0.5), "go"))
    stack.undo()
    assert latent.origin == Origin(seed=5)
    stack.redo()
    assert latent.origin == Origin(parent="p", sigma=0.5)


def test_each_step_is_one_emission(latent: LatentState, stack: QUndoStack) -> None:
    seen: list[Any] = []
    latent.changed.connect(seen.append)
    stack.push(SetLatent(latent, [4, 5, 6], Origin(), "go"))
    stack.undo()
    stack.redo()
    assert seen == [frozenset({0, 1, 2})] * 3


def test_a_bad_latent_never_reaches_the_stack(latent: LatentState) -> None:
    with pytest.raises(UserError):
        SetLatent(latent, [np.nan, 0, 0], Origin(), "bad")


def test_locks(latent: LatentState, stack: QUndoStack) -> None:
    mask = np.array([True, False, True])
    stack.push(SetLocks(latent, mask, "lock"))
    mask[:] = False
    assert latent.locks.tolist() == [True, False, True]
    stack.undo()
    assert not latent.locks.any()
    stack.redo()
    assert latent.locks.tolist() == [True, False, True]


def test_adding_and_renaming_bookmarks(star: Any, stack: QUndoStack) -> None:
    store = LibraryStore(library := BookmarkLibrary())
    one, two = star(1, position=1.0), star(2, position=2.0)
    stack.push(PutBookmarks(store, (), (one, two), "add"))
    renamed = replace(two, name="renamed")
    stack.push(PutBookmarks(store, (two,), (renamed,), "rename"))
    assert library.bookmarks() == (one, renamed)
    stack.undo()
    assert library.bookmarks() == (one, two)
    stack.undo()
    assert library.bookmarks() == ()
    stack.redo()
    stack.redo()
    assert library.bookmarks() == (one, renamed)
    assert store.calls == ["put", "put", "put", "remove", "put", "put"]


def test_a_put_that_adds_and_changes_is_undone_exactly(star: Any, stack: QUndoStack) -> None:
    store = LibraryStore(library := BookmarkLibrary())
    one, two = star(1), star(2, position=2.0)
    library.load([one])
    stack.push(PutBookmarks(store, (one,), (replace(one, note="seen"), two), "import"))
    assert len(library) == 2
    stack.undo()
    assert library.bookmarks() == (one,)


def test_removed_bookmarks_come_back_at_their_places(star: Any, stack: QUndoStack) -> None:
    store = LibraryStore(library := BookmarkLibrary())
    all_ = tuple(star(k, position=float(k)) for k in range(5))
    library.load(all_)
    stack.push(RemoveBookmarks(store, (all_[3], all_[1]), "delete"))
    assert library.bookmarks() == (all_[0], all_[2], all_[4])
    stack.undo()
    assert library.bookmarks() == all_
    stack.redo()
    assert library.bookmarks() == (all_[0], all_[2], all_[4])


def test_commands_outlive_their_names(latent: LatentState, stack: QUndoStack) -> None:
    """The stack owns what is pushed, merges and drops it, while Python collects its own references."""
    stack.setUndoLimit(50)
    for k in range(400):
        token = "t" if k % 3 else None
        stack.push(SetLatent(latent, latent.with_value(0, k + 1), Origin(), f"step {k}", token))
        if k % 100 == 0:
            gc.collect()
    assert stack.count() == 50
    while stack.canUndo():
        stack.undo()
    while stack.canRedo():
        stack.redo()
    assert latent.z[0] == 400
