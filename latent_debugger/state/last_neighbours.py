"""The neighbours that were on show when the window was closed, as little of them as brings them back."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from gan.latent.draws import MAX_SEED
from latent_debugger.state.anchor import Anchor
from latent_debugger.state.bookmark import z_bytes
from latent_debugger.state.tolerant import is_int

MAX_BYTES = 2**16
"""What a session file has room for: 163 stars of 100 dimensions. Neighbours of more are not brought back."""


@dataclass(frozen=True)
class LastNeighbours:
    """What they were drawn around, and the seed of the noise; the settings are remembered elsewhere."""

    seed: int = 0
    z: bytes = b""
    """The rows of the anchor one after another, float32 little-endian; in the file as base64. Empty for none."""
    parents: tuple[str | None, ...] = ()
    """One for each row; see :class:`Anchor`."""

    @classmethod
    def of(cls, anchor: Anchor | None, seed: int) -> Self:
        """Those drawn around ``anchor``; nothing where there is none, or it is too large."""
        if anchor is None or anchor.latents.size * 4 > MAX_BYTES:
            return cls()
        return cls(seed, z_bytes(anchor.latents), anchor.parents)

    def anchor(self, dim: int) -> Anchor | None:
        """What they were drawn around, for latents of ``dim`` dimensions; None where there was nothing, or else it has
        another number of them."""
        rows = np.frombuffer(self.z, "<f4").astype(np.float32)
        if not len(rows) or len(rows) != len(self.parents) * dim:
            return None
        return Anchor(rows.reshape(-1, dim), self.parents)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {"seed": self.seed, "z": base64.b64encode(self.z).decode("ascii"), "parents": list(self.parents)}

    @classmethod
    def from_json(cls, value: object) -> Self:
        """Read what :meth:`to_json` wrote: all of it, or nothing where any of it is damaged."""
        found = value if isinstance(value, dict) else {}
        seed, z, parents = found.get("seed"), found.get("z"), found.get("parents")
        if not is_int(seed, 0, MAX_SEED) or not isinstance(z, str) or not isinstance(parents, list):
            return cls()
        try:
            data = base64.b64decode(z, validate=True)
        except (binascii.Error, ValueError):
            return cls()
        sound = len(data) % 4 == 0 and len(data) <= MAX_BYTES and bool(np.isfinite(np.frombuffer(data, "<f4")).all())
        if not sound or not all(item is None or isinstance(item, str) for item in parents):
            return cls()
        return cls(seed, data, tuple(parents))
