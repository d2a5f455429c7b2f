"""The one latent that everything shows, and which of its dimensions are locked."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, Signal

from gan.errors import UserError
from gan.latent.draws import Latents

Mask = npt.NDArray[np.bool_]

MANY = 16  # with more changed dimensions than this, naming each costs a listener more than a full update


@dataclass(frozen=True)
class Origin:
    """Where a latent came from, as far as it is known."""

    seed: int | None = None
    """Row 0 of this seed's draw is this very latent."""
    parent: str | None = None
    """The id of the bookmark it is, or descends from."""
    sigma: float | None = None
    """The standard deviation of the noise that was added to the parent."""


NO_ORIGIN = Origin()


class LatentState(QObject):
    """A latent (dim,) float32 and its locks (dim,). It starts with no dimension at all.

    Values are kept bit for bit, however far they lie outside a slider's range: nothing is clamped or rounded. A change
    is announced exactly once; setting what is already there announces nothing.
    """

    changed = Signal(object)
    """frozenset[int] of the dimensions that changed, or None for all or many of them."""
    locks_changed = Signal()
    """The locked dimensions, or the held directions, changed."""
    resized = Signal()
    """The number of dimensions changed; ``changed(None)`` follows."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._z = _frozen(np.zeros(0, np.float32))
        self._locks = _frozen_mask(np.zeros(0, np.bool_))
        self._held = _frozen(np.zeros((0, 0), np.float32))
        self._origin = NO_ORIGIN

    @property
    def dim(self) -> int:
        """Number of dimensions; 0 before a model is open."""
        return len(self._z)

    @property
    def z(self) -> Latents:
        """The latent, read-only. Later changes make a new array, so it may be kept."""
        return self._z

    @property
    def locks(self) -> Mask:
        """True where random draws and neighbours leave the value alone; read-only, may be kept."""
        return self._locks

    @property
    def held(self) -> Latents:
        """(k, dim) unit vectors: the locked directions, along which random draws and neighbours move nothing;
        read-only, may be kept."""
        return self._held

    @property
    def origin(self) -> Origin:
        """Where the latent came from."""
        return self._origin

    def resize(self, dim: int, z: npt.ArrayLike | None = None, origin: Origin = NO_ORIGIN) -> None:
        """Start anew with ``dim`` dimensions and no locks; nothing happens when there are that many already.

        Args:
            z: the values (dim,) to start with; zeros unless given.

        Raises:
            UserError: ``z`` is not (dim,), or holds NaN or infinity.
        """
        if dim == self.dim:
            return
        self._z = _frozen(checked(np.zeros(dim) if z is None else z, dim))
        self._locks = _frozen_mask(np.zeros(dim, np.bool_))
        self._held = _frozen(np.zeros((0, dim), np.float32))
        self._origin = origin
        self.resized.emit()
        self.changed.emit(None)

    def set(self, z: npt.ArrayLike, origin: Origin = NO_ORIGIN) -> None:
        """Replace the whole latent. The origin is noted even where the values are the same.

        Raises:
            UserError: ``z`` is not (dim,), or holds NaN or infinity.
        """
        new = checked(z, self.dim)
        changed = np.flatnonzero(_bits(new) != _bits(self._z))
        self._origin = origin
        if changed.size:
            self._z = _frozen(new)
            self.changed.emit(frozenset(changed.tolist()) if changed.size <= MANY else None)

    def set_value(self, i: int, value: float, origin: Origin | None = None) -> None:
        """Set one dimension.

        Args:
            origin: None keeps the parent, but forgets seed and sigma, which no longer tell how to get here.

        Raises:
            UserError: there is no dimension ``i``, or ``value`` is NaN or infinite.
        """
        new = self.with_value(i, value)
        if origin is None:
            same = _bits(new)[i] == _bits(self._z)[i]
            origin = self._origin if same else replace(self._origin, seed=None, sigma=None)
        self.set(new, origin)

    def with_value(self, i: int, value: float) -> Latents:
        """The latent as :meth:`set_value` would leave it; nothing changes.

        Raises:
            UserError: there is no dimension ``i``.
        """
        self.check_dimension(i)
        new = self._z.copy()
        with np.errstate(over="ignore"):  # 1e39 becomes infinity, which set() refuses with a sentence
            new[i] = value
        return new

    def set_locks(self, mask: npt.ArrayLike) -> None:
        """Replace all locks.

        Raises:
            UserError: ``mask`` is not (dim,).
        """
        new = np.array(mask, np.bool_)
        if new.shape != (self.dim,):
            raise UserError(f"The locks have the shape {new.shape}, but the latent has {self.dim} dimensions.")
        if not np.array_equal(new, self._locks):
            self._locks = _frozen_mask(new)
            self.locks_changed.emit()

    def set_held(self, directions: npt.ArrayLike) -> None:
        """Replace the held directions by unit vectors (k, dim).

        Raises:
            UserError: they are not (k, dim).
        """
        new = np.array(directions, np.float32)
        if new.ndim != 2 or new.shape[1] != self.dim:
            raise UserError(f"The directions have the shape {new.shape}, but the latent has {self.dim} dimensions.")
        if new.shape != self._held.shape or not np.array_equal(new, self._held):
            self._held = _frozen(new)
            self.locks_changed.emit()

    def check_dimension(self, i: int) -> None:
        """Raise a UserError unless there is a dimension ``i``."""
        if not 0 <= i < self.dim:
            raise UserError(f"There is no dimension {i}: the latent has {self.dim}, counted from 0.")


def same_bits(a: Latents, b: Latents) -> bool:
    """Whether two float32 latents are the same bit for bit; 0.0 and -0.0 differ."""
    return a.shape == b.shape and bool(np.array_equal(_bits(a), _bits(b)))


def checked(z: npt.ArrayLike, dim: int) -> Latents:
    """``z`` as a float32 array (dim,) of its own.

    Raises:
        UserError: it is not (dim,), or holds NaN or infinity.
    """
    try:
        with np.errstate(over="ignore"):
            new = np.array(z, np.float32, order="C")  # a copy: the caller's array may change later
    except (TypeError, ValueError) as error:
        raise UserError("The latent does not consist of numbers.") from error
    if new.shape != (dim,):
        raise UserError(f"The latent has the shape {new.shape}, but the model takes {dim} dimensions.")
    if not np.isfinite(new).all():
        raise UserError("The latent contains NaN or infinite values, so no picture can be made from it.")
    return new


def _bits(z: Latents) -> npt.NDArray[np.uint32]:
    return z.view(np.uint32)


def _frozen(z: Latents) -> Latents:
    z.setflags(write=False)
    return z


def _frozen_mask(mask: Mask) -> Mask:
    mask.setflags(write=False)
    return mask
