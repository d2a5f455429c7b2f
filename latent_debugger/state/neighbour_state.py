"""How neighbours are drawn, and the drawing itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from PySide6.QtCore import QObject, Signal

from gan.errors import UserError
from gan.latent.draws import MAX_SEED, Latents
from gan.latent.neighbours import DEFAULT_SIGMA, MODES, Mode, around_with_parents, norm_change
from latent_debugger.state.bookmark import Bookmark, z_bytes
from latent_debugger.state.latent import LatentState, Mask, Origin
from latent_debugger.state.seeds import fresh_seed

Source = Literal["current", "selected", "all"]
SOURCES: tuple[Source, ...] = get_args(Source)

MAX_SIGMA = 2.0
MIN_COUNT, MAX_COUNT, DEFAULT_COUNT = 4, 64, 16


@dataclass(frozen=True, eq=False)
class Anchor:
    """A latent that was current when its neighbours were asked for; later changes of the latent leave them alone."""

    z: Latents
    """(dim,)."""
    parent: str | None
    """The id of the bookmark it is or descends from."""

    @classmethod
    def at(cls, latent: LatentState, stars: Sequence[Bookmark]) -> Anchor:
        """The latent as it is now."""
        here = z_bytes(latent.z)
        return cls(latent.z, next((item.id for item in stars if item.z == here), latent.origin.parent))


@dataclass(frozen=True, eq=False)
class NeighbourRequest:
    """Neighbours to be shown."""

    latents: Latents
    """(n, dim)."""
    base: Latents
    """(n, dim): what each row was drawn around."""
    parents: tuple[str | None, ...]
    """For each row, the id of the bookmark it was drawn around or descends from."""
    sigma: float
    """The noise added, in standard deviations."""

    @property
    def norm_change(self) -> float:
        """The mean change of |z| in standard deviations of the chi distribution."""
        return norm_change(self.base, self.latents)

    def origin(self, row: int) -> Origin:
        """Where a row came from, for those who go there or star it."""
        return Origin(parent=self.parents[row], sigma=self.sigma)


class NeighbourState(QObject):
    """The settings of the neighbour panel. The same settings, latent and stars give the same neighbours."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._sigma = DEFAULT_SIGMA
        self._count = DEFAULT_COUNT
        self._source: Source = "current"
        self._mode: Mode = "additive"
        self._seed = 0

    @property
    def sigma(self) -> float:
        """Standard deviation of the noise, 0 to 2."""
        return self._sigma

    @property
    def count(self) -> int:
        """Neighbours at a time, 4 to 64."""
        return self._count

    @property
    def source(self) -> Source:
        """What they are drawn around: the current latent, the selected stars or all stars."""
        return self._source

    @property
    def mode(self) -> Mode:
        """What happens to |z|; see :mod:`gan.latent.neighbours`."""
        return self._mode

    @property
    def seed(self) -> int:
        """The noise follows from it, so that moving sigma slides each neighbour along its own line."""
        return self._seed

    def set_sigma(self, sigma: float) -> None:
        """Raises UserError outside 0 to 2."""
        if not 0.0 <= sigma <= MAX_SIGMA:
            raise UserError(f"sigma lies between 0 and {MAX_SIGMA:g}, not {sigma:g}.")
        self._change("_sigma", float(sigma))

    def set_count(self, count: int) -> None:
        """Raises UserError outside 4 to 64."""
        if not MIN_COUNT <= count <= MAX_COUNT:
            raise UserError(f"The number of neighbours lies between {MIN_COUNT} and {MAX_COUNT}, not {count}.")
        self._change("_count", int(count))

    def set_source(self, source: str) -> None:
        """Raises UserError unless current, selected or all."""
        if source not in SOURCES:
            raise UserError(f"Neighbours are drawn around one of {', '.join(SOURCES)}, not {source!r}.")
        self._change("_source", source)

    def set_mode(self, mode: str) -> None:
        """Raises UserError unless one of :data:`gan.latent.neighbours.MODES`."""
        if mode not in MODES:
            raise UserError(f"The mode is one of {', '.join(MODES)}, not {mode!r}.")
        self._change("_mode", mode)

    def set_seed(self, seed: int) -> None:
        """Raises UserError outside 0 to 2**32 - 1."""
        if not 0 <= seed <= MAX_SEED:
            raise UserError(f"A seed lies between 0 and {MAX_SEED}, not {seed}.")
        self._change("_seed", seed)

    def sample(self) -> None:
        """Draw anew: a fresh seed."""
        self.set_seed(fresh_seed())

    def compute(
        self, anchor: Anchor | None, locks: Mask, selected: Sequence[Bookmark], all_: Sequence[Bookmark]
    ) -> NeighbourRequest | None:
        """Draw the neighbours; None where there is nothing to draw them around.

        Stars of another number of dimensions are passed over. Locked dimensions keep the value of what the row is
        drawn around.

        Args:
            anchor: what the source ``current`` means.
            locks: (dim,).

        Raises:
            UserError: sigma does not fit the mode.
        """
        stars, ids = self._stars(anchor, len(locks), selected, all_)
        if not len(stars):
            return None
        found, rows = around_with_parents(stars, self._sigma, self._count, self._seed, self._mode, locks)
        return NeighbourRequest(found, stars[rows], tuple(ids[row] for row in rows), self._sigma)

    def _stars(
        self, anchor: Anchor | None, dim: int, selected: Sequence[Bookmark], all_: Sequence[Bookmark]
    ) -> tuple[Latents, list[str | None]]:
        if self._source == "current":
            if anchor is None or len(anchor.z) != dim:
                return np.zeros((0, dim), np.float32), []
            return anchor.z[np.newaxis], [anchor.parent]
        stars = [item for item in (selected if self._source == "selected" else all_) if item.dim == dim]
        if not stars:
            return np.zeros((0, dim), np.float32), []
        return np.stack([item.latent for item in stars]), [item.id for item in stars]

    def _change(self, name: str, value: object) -> None:
        if getattr(self, name) != value:
            setattr(self, name, value)
            self.changed.emit()
