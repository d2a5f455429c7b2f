"""What the find field above the latents understands."""

from __future__ import annotations

import re

_RANGE = re.compile(r"(\d+)\s*(?:-|\N{EN DASH}|\.\.)\s*(\d+)")
HELP = "Numbers that start so, a range like 8-15, or the words locked, pinned, hidden; several with commas"


def matches(query: str, dim: int, name: str, locked: bool = False, pinned: bool = False, hidden: bool = False) -> bool:
    """Whether dimension ``dim``, shown as ``name``, is meant by ``query``; an empty query means every one."""
    terms = [term.strip().casefold() for term in query.split(",")]
    terms = [term for term in terms if term]
    words = {"locked": locked, "pinned": pinned, "hidden": hidden}
    return not terms or any(_term_matches(term, dim, name.casefold(), words) for term in terms)


def _term_matches(term: str, dim: int, name: str, words: dict[str, bool]) -> bool:
    if between := _RANGE.fullmatch(term):
        first, last = sorted(int(end) for end in between.groups())
        return first <= dim <= last
    if term.isdigit():
        return str(dim).startswith(term)
    for word, holds in words.items():
        if len(term) > 2 and word.startswith(term):
            return holds
    return name.startswith(term)
