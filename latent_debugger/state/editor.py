"""What the user does to the latent. Every intent is one step that can be undone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoStack

from gan.latent.directions import Direction, free_part, held_basis, moved_along
from gan.latent.draws import Latents, draw
from gan.latent.neighbours import around_with_parents
from latent_debugger.state.anchor import Anchor
from latent_debugger.state.commands import SetLatent, SetLocks
from latent_debugger.state.latent import LatentState, Mask, Origin, checked, same_bits
from latent_debugger.state.neighbour_state import NeighbourState
from latent_debugger.state.seeds import fresh_seed


class LatentEditor(QObject):
    """Changes a :class:`LatentState` through an undo stack. What changes nothing leaves no step.

    Locks of dimensions and directions protect from :meth:`random`, :meth:`random_near`, :meth:`zero` and
    :meth:`move_along`; an explicit value, or going to a known latent, wins over them.
    """

    seed_changed = Signal(object)
    """int: the seed of the latest random draw, whatever the locks made of it."""

    def __init__(self, latent: LatentState, undo: QUndoStack, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._latent = latent
        self._undo = undo
        self._last_seed: int | None = None
        self._drag: tuple[object, Latents, Latents] | None = None  # its token, where it began, where it is

    @property
    def last_seed(self) -> int | None:
        """The seed of the latest random draw; None before the first."""
        return self._last_seed

    def set_value(self, i: int, value: float, token: object | None = None) -> None:
        """Set one dimension; steps in a row with the same token become one.

        Raises:
            UserError: there is no dimension ``i``, or ``value`` is NaN or infinite.
        """
        z = self._latent.with_value(i, value)
        self._go(z, replace(self._latent.origin, seed=None, sigma=None), f"change of z {i}", token)

    def reset_dimension(self, i: int) -> None:
        """Set one dimension to 0."""
        self.set_value(i, 0.0)

    def random(self, seed: int | None = None) -> None:
        """Draw from N(0, I): row 0 of the seed's draw, in which locked dimensions keep their present value.

        Args:
            seed: 0 to 2**32 - 1; None takes a fresh one.

        Raises:
            UserError: the seed is out of range.
        """
        if self._latent.dim == 0:
            return
        seed = fresh_seed() if seed is None else seed
        drawn = draw(1, self._latent.dim, seed)[0]
        z = self._towards(drawn)
        self._go(z, Origin(seed=seed if same_bits(z, drawn) else None), "random draw")
        if seed != self._last_seed:
            self._last_seed = seed
            self.seed_changed.emit(seed)

    def random_latent(self, seed: int) -> Latents:
        """(dim,): where :meth:`random` would go with this seed.

        Raises:
            UserError: the seed is out of range.
        """
        return self._towards(draw(1, self._latent.dim, seed)[0])

    def random_near(self, anchor: Anchor, how: NeighbourState, pinned: Mask, seed: int | None = None) -> None:
        """Go to one neighbour of one of the anchor's latents, drawn by lot; locked dimensions keep their present value.

        Args:
            how: sigma, mode, and whether only ``pinned`` (dim,) vary.
            seed: of noise and lot; None takes a fresh one.
        """
        frozen, held = how.frozen(self._latent.locks, pinned), self._latent.held
        base = self._towards(anchor.latents)
        seed = fresh_seed() if seed is None else seed
        found, rows = around_with_parents(base, how.sigma, 1, seed, how.mode, frozen, held)
        self._go(found[0], Origin(parent=anchor.parents[rows[0]], sigma=how.sigma), "random neighbour")

    def zero(self) -> None:
        """Set every dimension that is not locked to 0."""
        self._go(self._towards(np.zeros(self._latent.dim, np.float32)), Origin(), "zero")

    def move_along(self, direction: Direction, place: float, token: object | None = None) -> None:
        """Go to ``place`` along a direction, in standard deviations; steps in a row with the same token become one.
        What is locked, dimensions and other directions, stays where it is.

        Args:
            direction: not one of the locked ones.

        Raises:
            UserError: hardly anything of it is free, or ``place`` is NaN, infinite or too far out.
        """
        z = self._latent.z
        if token is None or self._drag is None or self._drag[0] is not token or not same_bits(self._drag[2], z):
            self._drag = (token, z, z)
        start = self._drag[1]  # every step from there, or roundings would add up in a long drag
        new = checked(moved_along(start, direction, place, self._latent.locks, self._latent.held), self._latent.dim)
        self._drag = (token, start, new)
        self._go(new, replace(self._latent.origin, seed=None, sigma=None), f"move along {direction.name}", token)

    def go_to(self, z: npt.ArrayLike, origin: Origin, text: str, token: object | None = None) -> None:
        """Go to a known latent (dim,), bit for bit, locked dimensions included; steps in a row with the same token
        become one.

        Raises:
            UserError: ``z`` does not fit the model, or is not finite.
        """
        new = checked(z, self._latent.dim)
        if same_bits(new, self._latent.z):
            self._latent.set(new, origin)  # nothing to see, yet it is now known where this latent came from
        else:
            self._go(new, origin, text, token)

    def toggle_lock(self, i: int) -> None:
        """Lock dimension ``i``, or unlock it.

        Raises:
            UserError: there is no dimension ``i``.
        """
        self._latent.check_dimension(i)
        mask = self._latent.locks.copy()
        mask[i] = not mask[i]
        self._lock(mask, f"{'lock' if mask[i] else 'unlock'} z {i}")

    def lock_all(self, locked: bool) -> None:
        """Lock, or unlock, every dimension."""
        self._lock(np.full(self._latent.dim, locked, np.bool_), "lock all" if locked else "unlock all")

    def _towards(self, wanted: Latents) -> Latents:
        """``wanted`` (dim,) or (n, dim), as far as what is locked lets the latent go there."""
        z, locks, held = self._latent.z, self._latent.locks, self._latent.held
        near: Latents = np.where(locks, z, wanted)
        if len(held):
            change = free_part(near.astype(np.float64) - z, locks, held_basis(locks, held))
            near = np.where(locks, z, (z + change).astype(np.float32))
        return near

    def _go(self, z: Latents, origin: Origin, text: str, token: object | None = None) -> None:
        if not same_bits(z, self._latent.z):
            self._undo.push(SetLatent(self._latent, z, origin, text, token))

    def _lock(self, mask: Mask, text: str) -> None:
        if not np.array_equal(mask, self._latent.locks):
            self._undo.push(SetLocks(self._latent, mask, text))
