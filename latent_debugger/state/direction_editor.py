"""What the user does to the directions. Every intent is one step that can be undone."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from PySide6.QtCore import QObject
from PySide6.QtGui import QUndoCommand, QUndoStack

from gan.errors import UserError
from gan.latent.directions import Direction, clean_name, orthogonal_to
from latent_debugger.state.directions import MAX_DIRECTIONS, DirectionState, KnownDirection, with_unique_names


class SetDirections(QUndoCommand):
    """Replace the directions of the model ``key``, be it on show or not."""

    def __init__(self, state: DirectionState, key: str, after: Sequence[KnownDirection], text: str) -> None:
        super().__init__(text)
        self._state, self._key = state, key
        self._before, self._after = state.of(key), tuple(after)

    def redo(self) -> None:
        self._state.put(self._key, self._after)

    def undo(self) -> None:
        self._state.put(self._key, self._before)


class DirectionEditor(QObject):
    """Changes a :class:`DirectionState` through an undo stack; with no model it does nothing."""

    def __init__(self, state: DirectionState, undo: QUndoStack, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._state, self._undo = state, undo

    def found(self, directions: Sequence[Direction]) -> list[KnownDirection]:
        """Put what a search has found in place of what the search before it had found, in front of it what is locked
        or kept.

        Returns:
            Those that there was room for.
        """
        methods = {direction.method for direction in directions}
        kept = [item for item in self._state.all if item.locked or item.kept or item.direction.method not in methods]
        return self._append(kept, directions, f"search for {len(directions)} directions")

    def learnt(self, direction: Direction) -> KnownDirection | None:
        """Put an attribute direction in place of what was learnt under this name before, or behind all others; None
        where there is no room."""
        for item in self._state.all:
            if (item.direction.method, item.direction.name) == (direction.method, direction.name):
                new = replace(item, direction=direction)
                self._replace(new, f"learning {direction.name}")
                return new
        added = self._append(self._state.all, [direction], f"learning {direction.name}", kept=True)
        return added[0] if added else None

    def opened(self, directions: Sequence[Direction]) -> list[KnownDirection]:
        """Put directions from a file behind all others, as far as there is room."""
        return self._append(self._state.all, directions, "opened directions", kept=True)

    def rename(self, id_: str, name: str) -> None:
        """Give one another name; an empty one changes nothing."""
        item, name = self._state.get(id_), clean_name(name)
        if item is not None and name and name != item.direction.name:
            others = [other for other in self._state.all if other.id != id_]
            (named,) = with_unique_names(others, [replace(item.direction, name=name)])
            self._replace(replace(item, direction=named), f"rename to {named.name}")

    def toggle_lock(self, id_: str) -> None:
        """Lock one, or unlock it."""
        item = self._state.get(id_)
        if item is not None:
            verb = "unlock" if item.locked else "lock"
            self._replace(replace(item, locked=not item.locked), f"{verb} {item.direction.name}")

    def unlock_all(self) -> None:
        """Unlock all of them; where none is locked, nothing happens."""
        if self._state.locked:
            self._push([replace(item, locked=False) for item in self._state.all], "unlock all directions")

    def toggle_keep(self, id_: str) -> None:
        """Keep one when the next search replaces its like, or no longer."""
        item = self._state.get(id_)
        if item is not None:
            verb = "let go of" if item.kept else "keep"
            self._replace(replace(item, kept=not item.kept), f"{verb} {item.direction.name}")

    def orthogonalise(self, id_: str) -> None:
        """Take from one what it has in common with those that are locked.

        Raises:
            UserError: none is locked, it is locked itself, or nothing is left of it.
        """
        item = self._state.get(id_)
        if item is None:
            return
        if item.locked:
            raise UserError(f"“{item.direction.name}” is locked itself.", "Unlock it first.")
        others = [other.direction for other in self._state.locked]
        if not others:
            raise UserError("No direction is locked.", "Lock those that are to stay as they are, then try again.")
        rest = orthogonal_to(item.direction, others)
        self._replace(replace(item, direction=rest, kept=True), f"orthogonalise {rest.name}")

    def remove(self, ids: Collection[str]) -> None:
        """Remove those there are."""
        gone = [item for item in self._state.all if item.id in ids]
        if gone:
            what = gone[0].direction.name if len(gone) == 1 else f"{len(gone)} directions"
            self._push([item for item in self._state.all if item.id not in ids], f"removal of {what}")

    def _append(
        self, before: Sequence[KnownDirection], new: Sequence[Direction], text: str, kept: bool = False
    ) -> list[KnownDirection]:
        named = with_unique_names(before, new)[: max(0, MAX_DIRECTIONS - len(before))]
        added = [KnownDirection.new(direction, kept=kept) for direction in named]
        if not added or self._state.key is None:
            return []
        self._push([*before, *added], text)
        return added

    def _replace(self, new: KnownDirection, text: str) -> None:
        self._push([new if item.id == new.id else item for item in self._state.all], text)

    def _push(self, after: Sequence[KnownDirection], text: str) -> None:
        if self._state.key is not None:
            self._undo.push(SetDirections(self._state, self._state.key, after, text))
