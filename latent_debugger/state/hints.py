"""The hints of the first minute: one at a time, in the order in which a newcomer needs them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass


@dataclass(frozen=True)
class Hint:
    """One sentence about one thing to do."""

    id: str
    """As the settings remember that it was done or closed."""
    text: str
    """At most 36 characters or so: it has to fit above the picture. {keys} stands for the action's shortcut."""
    action: str = ""
    """The action whose shortcut it names."""

    def told(self, keys: str) -> str:
        """The sentence, with the shortcut as this system writes it."""
        return self.text.format(keys=keys)


HINTS: tuple[Hint, ...] = (
    Hint("random", "Press {keys} for another picture", "latent.random"),
    Hint("star", "Like it? {keys} stars it", "bookmark.add"),
    Hint("sample", "Press {keys} to see its neighbours", "neighbours.sample"),
    Hint("go", "Click a neighbour to go there"),
    Hint("export", "{keys} exports your stars", "bookmark.export"),
)
IDS = tuple(hint.id for hint in HINTS)


def next_hint(done: Collection[str]) -> Hint | None:
    """The first that is not ``done``; None when all are."""
    return next((hint for hint in HINTS if hint.id not in done), None)
