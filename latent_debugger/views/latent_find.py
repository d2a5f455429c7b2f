"""What the find field above the latents understands."""

from __future__ import annotations

import re

_RANGE = re.compile(r"(\d+)\s*(?:-|\N{EN DASH}|\.\.)\s*(\d+)")
HELP = "Numbers that start so, a range like 8-15, or the word locked; several with commas"


def matches(query: str, dim: int, name: str, locked: bool) -> bool:
    """Whether dimension ``dim``, shown as ``name``, is meant by ``query``; an empty query means every one."""
    terms = [term.strip().casefold() for term in query.split(",")]
    terms = [term for term in terms if term]
    return not terms or any(_term_matches(term, dim, name.casefold(), locked) for term in terms)


def _term_matches(term: str, dim: int, name: str, locked: bool) -> bool:
    if between := _RANGE.fullmatch(term):
        first, last = sorted(int(end) for end in between.groups())
        return first <= dim <= last
    if term.isdigit():
        return str(dim).startswith(term)
    if len(term) > 2 and "locked".startswith(term):
        return locked
    return name.startswith(term)
