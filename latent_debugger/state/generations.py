"""Sets of neighbours one after another, to go back and forth in."""

from __future__ import annotations

from dataclasses import dataclass

from latent_debugger.state.anchor import Anchor, NeighbourRequest
from latent_debugger.state.neighbour_state import NeighbourSettings

LIMIT = 32
"""Generations that are kept: at most 32 x 64 neighbours and what they were drawn around, 16 MiB at 1024 dimensions."""


@dataclass(frozen=True, eq=False)
class Generation:
    """One set of neighbours, and all it takes to go on from there."""

    anchor: Anchor
    settings: NeighbourSettings
    seed: int
    request: NeighbourRequest


class Generations:
    """A history with a place in it, as a browser has: what begins anew forgets what lay ahead."""

    def __init__(self) -> None:
        self._kept: list[Generation] = []
        self._place = -1

    def __len__(self) -> int:
        return len(self._kept)

    @property
    def place(self) -> int:
        """Where one is, from 0; -1 in an empty history."""
        return self._place

    @property
    def current(self) -> Generation | None:
        """The generation one is at."""
        return self._kept[self._place] if self._kept else None

    @property
    def can_go_back(self) -> bool:
        """Whether there is an earlier one."""
        return self._place > 0

    @property
    def can_go_forward(self) -> bool:
        """Whether there is a later one."""
        return self._place < len(self._kept) - 1

    def put(self, generation: Generation) -> None:
        """Around the same anchor as the current one, take its place: other settings are no new generation. Else add it
        behind, which drops those ahead, and go there."""
        if self.current is not None and self.current.anchor is generation.anchor:
            self._kept[self._place] = generation
            return
        self._kept = [*self._kept[: self._place + 1], generation][-LIMIT:]
        self._place = len(self._kept) - 1

    def back(self) -> Generation | None:
        """Go to the earlier one; None, and nothing happened, where there is none."""
        return self._go(-1) if self.can_go_back else None

    def forward(self) -> Generation | None:
        """Go to the later one; None, and nothing happened, where there is none."""
        return self._go(1) if self.can_go_forward else None

    def clear(self) -> None:
        """Forget all."""
        self._kept, self._place = [], -1

    def _go(self, steps: int) -> Generation:
        self._place += steps
        return self._kept[self._place]
