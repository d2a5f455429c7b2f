"""Changes of stars that the user makes: what is said of them, and where they stand."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from latent_debugger.state.bookmark import Bookmark

MAX_RATING = 5


@dataclass(frozen=True)
class StarEdit:
    """What changes for every star of a selection; None and empty leave things as they are."""

    name: str | None = None
    """Several get numbers behind it."""
    rating: int | None = None
    """0 to 5."""
    add_tags: tuple[str, ...] = ()
    remove_tags: tuple[str, ...] = ()
    note: str | None = None

    @property
    def text(self) -> str:
        """What the Undo entry says."""
        if self.rating is not None:
            return "rating"
        return "rename" if self.name is not None else "note" if self.note is not None else "tags"

    def applied(self, bookmarks: Sequence[Bookmark]) -> list[Bookmark]:
        """The new versions, one for each."""
        return [self._one(item, f" {row}" if len(bookmarks) > 1 else "") for row, item in enumerate(bookmarks, 1)]

    def _one(self, item: Bookmark, number: str) -> Bookmark:
        kept = [tag for tag in item.tags if tag not in self.remove_tags]
        return replace(
            item,
            name=item.name if self.name is None else f"{self.name}{number}",
            rating=item.rating if self.rating is None else min(max(self.rating, 0), MAX_RATING),
            tags=tuple(dict.fromkeys((*kept, *self.add_tags))),
            note=item.note if self.note is None else self.note,
        )


def parse_tags(text: str) -> tuple[str, ...]:
    """What was typed, separated by commas, without empty and repeated ones."""
    return tuple(dict.fromkeys(tag for part in text.split(",") if (tag := " ".join(part.split()))))


def moved(bookmarks: Sequence[Bookmark], ids: Collection[str], target: str | None) -> list[Bookmark]:
    """Put the bookmarks ``ids`` in front of ``target``, or behind all others.

    Args:
        bookmarks: all there are, in order.

    Returns:
        New versions of those whose position changes: as a rule those moved; all where floats leave no room.
    """
    chosen = set(ids)
    moving = [item for item in bookmarks if item.id in chosen]
    staying = [item for item in bookmarks if item.id not in chosen]
    place = len(staying)
    if target is not None:
        before = next((row for row, item in enumerate(bookmarks) if item.id == target), len(bookmarks))
        place = sum(item.id not in chosen for item in bookmarks[:before])
    order = [*staying[:place], *moving, *staying[place:]]
    if not moving or all(new is old for new, old in zip(order, bookmarks, strict=True)):
        return []
    low = staying[place - 1].position if place else None
    high = staying[place].position if place < len(staying) else None
    positions = _between(low, high, len(moving))
    if positions is None:
        numbered = [replace(item, position=float(row)) for row, item in enumerate(order)]
        return [new for new, old in zip(numbered, order, strict=True) if new.position != old.position]
    return [replace(item, position=position) for item, position in zip(moving, positions, strict=True)]


def _between(low: float | None, high: float | None, n: int) -> list[float] | None:
    """``n`` ascending floats strictly between the two; None where there are not so many."""
    if low is None and high is None:
        return [float(k) for k in range(n)]
    if low is None:
        low = high - n - 1.0 if high is not None else 0.0
    if high is None:
        high = low + n + 1.0
    found = [low + (high - low) * (k / (n + 1)) for k in range(1, n + 1)]
    ascending = [low, *found, high]
    fits = all(a < b for a, b in pairwise(ascending)) and all(map(math.isfinite, ascending))
    return found if fits else None
