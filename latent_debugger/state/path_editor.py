"""What the user does to the path. Every change is one step that can be undone, like those of the latent."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack

from gan.instruments.paths import Easing, Interpolation
from latent_debugger.state.path import MAX_KEYS, FilmOptions, Key, PathMemory, Plan

_MERGEABLE = 2  # not the number of SetLatent: Qt offers each only its own kind


class PathState(QObject):
    """The path for the open model, and those for latents of other lengths."""

    changed = Signal(object)
    """Plan: the one in force; never without a change."""
    film_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._memory = PathMemory()
        self._dim = 0

    @property
    def memory(self) -> PathMemory:
        """Everything that is remembered."""
        return self._memory

    @property
    def dim(self) -> int:
        """Length of a latent; 0 before a model is open."""
        return self._dim

    @property
    def plan(self) -> Plan:
        """The path in force; an empty one before a model is open."""
        return self._memory.plans.get(self._dim, Plan())

    @property
    def film(self) -> FilmOptions:
        """How it is exported."""
        return self._memory.film

    def restore(self, memory: PathMemory) -> None:
        """Replace everything."""
        self._memory = memory
        self.changed.emit(self.plan)

    def set_dim(self, dim: int) -> None:
        """From now on latents have ``dim`` dimensions."""
        if dim != self._dim:
            self._dim = dim
            self.changed.emit(self.plan)

    def set(self, plan: Plan) -> None:
        """Put another path in force."""
        if self._dim and plan != self.plan:
            self._memory = self._memory.with_plan(self._dim, plan)
            self.changed.emit(plan)

    def set_film(self, film: FilmOptions) -> None:
        """Remember how it was exported."""
        if film != self._memory.film:
            self._memory = replace(self._memory, film=film)
            self.film_changed.emit()


class SetPlan(QUndoCommand):
    """Replace the path. Steps in a row with the same token become one."""

    def __init__(self, state: PathState, plan: Plan, text: str, token: object | None = None) -> None:
        super().__init__(text)
        self._state, self._before, self._after, self._token = state, state.plan, plan, token

    def id(self) -> int:
        return -1 if self._token is None else _MERGEABLE

    def redo(self) -> None:
        self._state.set(self._after)

    def undo(self) -> None:
        self._state.set(self._before)

    def mergeWith(self, other: QUndoCommand) -> bool:
        if not isinstance(other, SetPlan) or other._state is not self._state or other._token != self._token:
            return False
        self._after = other._after
        self.setObsolete(self._after == self._before)
        return True


class PathEditor:
    """Changes a :class:`PathState` through an undo stack. What changes nothing leaves no step."""

    def __init__(self, state: PathState, undo: QUndoStack) -> None:
        self._state, self._undo = state, undo

    def add(self, keys: Sequence[Key], at: int | None = None) -> int:
        """Put key frames in before row ``at``, or behind all; those there is no room for are left out.

        Returns:
            How many were added.
        """
        if not self._state.dim:
            return 0
        n = min(len(keys), MAX_KEYS - len(self._state.plan.keys))
        self._set(self._state.plan.with_added(keys, at), _counted("add", n))
        return n

    def remove(self, rows: Sequence[int]) -> None:
        """Take key frames out."""
        self._set(self._state.plan.without(rows), _counted("remove", len(rows)))

    def clear(self) -> None:
        """Take all key frames out."""
        self._set(replace(self._state.plan, keys=()), "clear the path")

    def move(self, rows: Iterable[int], before: int) -> None:
        """Put key frames in front of row ``before``."""
        self._set(self._state.plan.moved(rows, before), "move on the path")

    def set_seconds(self, rows: Iterable[int], seconds: float, token: object | None = None) -> None:
        """How long the way from these key frames to the next takes; steps with the same token become one."""
        self._set(self._state.plan.changed(rows, seconds=seconds), "time on the path", token)

    def set_easing(self, rows: Iterable[int], easing: Easing) -> None:
        """How time runs on the way from these key frames to the next."""
        self._set(self._state.plan.changed(rows, easing=easing), "easing on the path")

    def set_interpolation(self, interpolation: Interpolation) -> None:
        """What lies between key frames."""
        self._set(replace(self._state.plan, interpolation=interpolation), "interpolation")

    def set_loop(self, loop: bool) -> None:
        """Whether it goes back to the first key frame."""
        self._set(replace(self._state.plan, loop=loop), "loop")

    def set_even(self, even: bool) -> None:
        """Whether the pictures change at constant speed."""
        self._set(replace(self._state.plan, even=even), "constant speed")

    def _set(self, plan: Plan, text: str, token: object | None = None) -> None:
        if self._state.dim and plan != self._state.plan:
            self._undo.push(SetPlan(self._state, plan, text, token))


def _counted(verb: str, n: int) -> str:
    return f"{verb} a key frame" if n == 1 else f"{verb} {n} key frames"
