"""Which stars to show, and in which order: search, filter, sort."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal, Self, get_args

from latent_debugger.state.bookmark import Bookmark
from latent_debugger.state.model import OpenModel
from latent_debugger.state.star_edit import MAX_RATING
from latent_debugger.state.tolerant import choice, is_int

Order = Literal["manual", "newest", "rating", "name", "critic"]
ORDERS: tuple[Order, ...] = get_args(Order)

NO_SCORES: Mapping[str, float] = MappingProxyType({})
_DIGITS = re.compile(r"(\d+)")


@dataclass(frozen=True)
class StarQuery:
    """What a list of stars shows."""

    text: str = ""
    """Words that must all occur in name, tags, note, model, class or seed, in whatever case."""
    own_model: bool = False
    """Only those of the model on show, where there is one."""
    min_rating: int = 0
    """Only those with at least so many stars, 0 to 5."""
    tags: frozenset[str] = frozenset()
    """Only those that carry all of these."""
    order: Order = "manual"
    """As the user arranged them, newest first, best rated first, by name, or what the critic likes most first."""

    @property
    def filters(self) -> bool:
        """Whether it hides stars by anything but their text."""
        return self.own_model or self.min_rating > 0 or bool(self.tags)

    def to_json(self) -> dict[str, Any]:
        """What the next start remembers, as plain JSON values: all but the words searched for."""
        return {
            "own_model": self.own_model,
            "min_rating": self.min_rating,
            "tags": sorted(self.tags),
            "order": self.order,
        }

    @classmethod
    def from_json(cls, value: object) -> Self:
        """Read what :meth:`to_json` wrote; whatever is damaged gets its default."""
        found = value if isinstance(value, dict) else {}
        tags = found.get("tags")
        return cls(
            own_model=found.get("own_model") is True,
            min_rating=rating if is_int(rating := found.get("min_rating"), 0, MAX_RATING) else 0,
            tags=frozenset(tag for tag in tags if isinstance(tag, str)) if isinstance(tags, list) else frozenset(),
            order=choice(found.get("order"), ORDERS),
        )

    def apply(
        self, bookmarks: Sequence[Bookmark], model: OpenModel | None, scores: Mapping[str, float] = NO_SCORES
    ) -> list[Bookmark]:
        """Those of ``bookmarks`` that are to be shown, in order. Equals stay in the order they came.

        Args:
            scores: of the critic, by id; those without one come last.
        """
        found = list(bookmarks)
        if self.own_model and model is not None:
            found = [item for item in found if item.belongs_to(model)]
        if self.min_rating:
            found = [item for item in found if item.rating >= self.min_rating]
        if self.tags:
            found = [item for item in found if self.tags.issubset(item.tags)]
        for word in self.text.casefold().split():
            found = [item for item in found if word in searched(item)]
        if self.order == "critic":
            found.sort(key=lambda item: -scores.get(item.id, -math.inf))
        elif self.order != "manual":
            found.sort(key=_KEYS[self.order], reverse=self.order == "newest")
        return found


def searched(bookmark: Bookmark) -> str:
    """The text that a search looks through, in lower case."""
    seed = "" if bookmark.seed is None else str(bookmark.seed)
    words = (bookmark.name, bookmark.model_name, bookmark.label, bookmark.note, *bookmark.tags, seed)
    return "\n".join(words).casefold()


def tags_of(bookmarks: Sequence[Bookmark]) -> list[str]:
    """Every tag there is, by name."""
    return sorted({tag for item in bookmarks for tag in item.tags}, key=lambda tag: (tag.casefold(), tag))


def _natural(bookmark: Bookmark) -> list[Any]:
    """ "Star 2" before "Star 10": every other part is a number."""
    parts: list[Any] = _DIGITS.split(bookmark.name.casefold())
    parts[1::2] = map(int, parts[1::2])
    return parts


_KEYS: dict[Order, Callable[[Bookmark], Any]] = {
    "newest": lambda bookmark: bookmark.created,
    "rating": lambda bookmark: -bookmark.rating,
    "name": _natural,
}
