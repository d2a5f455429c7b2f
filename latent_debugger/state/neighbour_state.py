"""How neighbours are drawn, and the drawing itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, Self, get_args

import numpy as np
from PySide6.QtCore import QObject, Signal

from gan.errors import UserError
from gan.latent.draws import MAX_SEED, Latents
from gan.latent.neighbours import DEFAULT_SIGMA, MODES, Mode, around_with_parents, max_sigma
from gan.latent.neighbours import MAX_SIGMA as MAX_SIGMA
from latent_debugger.state.anchor import Anchor, NeighbourRequest
from latent_debugger.state.bookmark import Bookmark
from latent_debugger.state.latent import LatentState, Mask
from latent_debugger.state.seeds import fresh_seed

Source = Literal["current", "selected", "all"]
SOURCES: tuple[Source, ...] = get_args(Source)

MIN_COUNT, MAX_COUNT, DEFAULT_COUNT = 4, 64, 16


@dataclass(frozen=True)
class NeighbourSettings:
    """Everything that decides how neighbours are drawn, but the seed."""

    sigma: float = DEFAULT_SIGMA
    """Standard deviation of the noise, 0 to 2; what is more than a mode takes waits for another mode."""
    count: int = DEFAULT_COUNT
    """Neighbours at a time, 4 to 64."""
    source: Source = "current"
    """What they are drawn around: the current latent, the selected stars or all stars."""
    mode: Mode = "additive"
    """What happens to |z|; see :mod:`gan.latent.neighbours`."""
    only_pinned: bool = False
    """Whether only pinned dimensions vary."""

    @classmethod
    def of(cls, state: NeighbourState) -> Self:
        """What ``state`` is set to."""
        return cls(**vars(state.settings))

    def apply_to(self, state: NeighbourState) -> None:
        """Set ``state`` to this."""
        state.restore(self)


@dataclass(frozen=True, eq=False)
class Search:
    """Everything that decides which neighbours are found."""

    anchor: Anchor
    frozen: Mask
    """(dim,), see :meth:`NeighbourState.frozen`."""
    held: Latents
    """(k, dim), see :attr:`LatentState.held`."""
    settings: NeighbourSettings
    seed: int

    def draw(self, times: int = 1) -> NeighbourRequest:
        """Draw the neighbours, or ``times`` as many; these begin with them."""
        settings, anchor = self.settings, self.anchor
        sigma = min(settings.sigma, max_sigma(settings.mode))
        found, rows = around_with_parents(
            anchor.latents, sigma, settings.count * times, self.seed, settings.mode, self.frozen, self.held
        )
        return NeighbourRequest(found, anchor.latents[rows], tuple(anchor.parents[row] for row in rows), sigma)


class NeighbourState(QObject):
    """The settings of the neighbour panel. The same settings, anchor and locks give the same neighbours."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._settings = NeighbourSettings()
        self._seed = 0

    @property
    def settings(self) -> NeighbourSettings:
        """All of them but the seed."""
        return self._settings

    @property
    def sigma(self) -> float:
        """Standard deviation of the noise, 0 to :attr:`max_sigma`."""
        return min(self._settings.sigma, self.max_sigma)

    @property
    def max_sigma(self) -> float:
        """The largest sigma the mode takes."""
        return max_sigma(self._settings.mode)

    @property
    def count(self) -> int:
        """Neighbours at a time, 4 to 64."""
        return self._settings.count

    @property
    def source(self) -> Source:
        """What they are drawn around: the current latent, the selected stars or all stars."""
        return self._settings.source

    @property
    def mode(self) -> Mode:
        """What happens to |z|; see :mod:`gan.latent.neighbours`."""
        return self._settings.mode

    @property
    def only_pinned(self) -> bool:
        """Whether only pinned dimensions vary."""
        return self._settings.only_pinned

    @property
    def seed(self) -> int:
        """The noise follows from it, so that moving sigma slides each neighbour along its own line."""
        return self._seed

    def set_sigma(self, sigma: float) -> None:
        """Raises UserError outside 0 to 2. More than the mode takes counts as that much until the mode changes."""
        if not 0.0 <= sigma <= MAX_SIGMA:
            raise UserError(f"sigma lies between 0 and {MAX_SIGMA:g}, not {sigma:g}.")
        self._change(sigma=float(sigma))

    def set_count(self, count: int) -> None:
        """Raises UserError outside 4 to 64."""
        if not MIN_COUNT <= count <= MAX_COUNT:
            raise UserError(f"The number of neighbours lies between {MIN_COUNT} and {MAX_COUNT}, not {count}.")
        self._change(count=int(count))

    def set_source(self, source: str) -> None:
        """Raises UserError unless current, selected or all."""
        if source not in SOURCES:
            raise UserError(f"Neighbours are drawn around one of {', '.join(SOURCES)}, not {source!r}.")
        self._change(source=source)

    def set_mode(self, mode: str) -> None:
        """Raises UserError unless one of :data:`gan.latent.neighbours.MODES`."""
        if mode not in MODES:
            raise UserError(f"The mode is one of {', '.join(MODES)}, not {mode!r}.")
        self._change(mode=mode)

    def set_only_pinned(self, only_pinned: bool) -> None:
        """Let only pinned dimensions vary, or all that are not locked."""
        self._change(only_pinned=only_pinned)

    def set_seed(self, seed: int) -> None:
        """Raises UserError outside 0 to 2**32 - 1."""
        if not 0 <= seed <= MAX_SEED:
            raise UserError(f"A seed lies between 0 and {MAX_SEED}, not {seed}.")
        self.restore(self._settings, seed)

    def sample(self) -> None:
        """Draw anew: a fresh seed."""
        self.set_seed(fresh_seed())

    def restore(self, settings: NeighbourSettings, seed: int | None = None) -> None:
        """Take over all settings at once, and the seed unless it is None."""
        seed = self._seed if seed is None else seed
        if (settings, seed) != (self._settings, self._seed):
            self._settings, self._seed = settings, seed
            self.changed.emit()

    def anchor(self, latent: LatentState, selected: Sequence[Bookmark], all_: Sequence[Bookmark]) -> Anchor | None:
        """What the source means now; None where it means nothing. Stars of another size are passed over."""
        if self.source == "current":
            return Anchor.at(latent, all_)
        return Anchor.of(selected if self.source == "selected" else all_, latent.dim)

    def frozen(self, locks: Mask, pinned: Mask) -> Mask:
        """The dimensions (dim,) that keep the value of what a neighbour is drawn around."""
        return locks | ~pinned if self.only_pinned else locks

    def compute(self, anchor: Anchor, frozen: Mask, held: Latents | None = None) -> NeighbourRequest:
        """Draw the neighbours.

        Args:
            frozen: (dim,), see :meth:`frozen`.
            held: (k, dim), see :attr:`LatentState.held`.
        """
        held = np.zeros((0, anchor.latents.shape[1]), np.float32) if held is None else held
        return Search(anchor, frozen, held, self._settings, self._seed).draw()

    def _change(self, **changes: Any) -> None:
        self.restore(replace(self._settings, **changes))
