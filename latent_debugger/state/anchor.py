"""What neighbours are drawn around, and what was found there. Both stay as they are once they are made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gan.latent.draws import Latents
from gan.latent.neighbours import lengths, mean_angle, norm_change
from latent_debugger.state.bookmark import Bookmark, z_bytes
from latent_debugger.state.latent import LatentState, Origin


@dataclass(frozen=True, eq=False)
class Anchor:
    """The latents that were current, or the stars that were selected, when their neighbours were asked for; later
    changes leave them alone."""

    latents: Latents
    """(m, dim), m at least 1."""
    parents: tuple[str | None, ...]
    """For each of them, the id of the bookmark it is or descends from."""

    @classmethod
    def at(cls, latent: LatentState, stars: Sequence[Bookmark]) -> Anchor | None:
        """The latent as it is now; None before there is one."""
        if not latent.dim:
            return None
        here = z_bytes(latent.z)
        parent = next((item.id for item in stars if item.z == here), latent.origin.parent)
        return cls(latent.z[np.newaxis], (parent,))

    @classmethod
    def of(cls, stars: Sequence[Bookmark], dim: int) -> Anchor | None:
        """Those of the stars that have ``dim`` dimensions; None where there is none."""
        fitting = [item for item in stars if item.dim == dim]
        if not fitting:
            return None
        return cls(np.stack([item.latent for item in fitting]), tuple(item.id for item in fitting))

    def same(self, other: Anchor | None) -> bool:
        """Whether the other one is the same, row by row and bit for bit."""
        return other is not None and (self.parents, z_bytes(self.latents)) == (other.parents, z_bytes(other.latents))


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

    @property
    def norms(self) -> tuple[float, float]:
        """The mean |z| of what they were drawn around, and theirs."""
        before, after = lengths(self.base), lengths(self.latents)
        return float(before.mean()), float(after.mean())

    @property
    def angle(self) -> float | None:
        """The mean angle between a neighbour and what it was drawn around, in degrees; None around zero."""
        return mean_angle(self.base, self.latents)

    def origin(self, row: int) -> Origin:
        """Where a row came from, for those who go there or star it."""
        return Origin(parent=self.parents[row], sigma=self.sigma)
