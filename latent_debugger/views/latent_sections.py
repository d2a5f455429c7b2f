"""Which dimensions are shown, in which order, under which titles. Plain functions of plain values."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from gan.images import Floats
from gan.latent.draws import Latents
from latent_debugger.state.arrangement import HIDDEN, PINNED, WEAK, Group, Sort, Weak
from latent_debugger.state.latent import Mask
from latent_debugger.views.latent_find import matches


@dataclass(frozen=True)
class Section:
    """Some dimensions under a title."""

    key: str
    """Names the section as long as its group lasts, whatever is in it."""
    title: str
    """Empty where there is nothing to tell it from; then it cannot be folded either."""
    dims: tuple[int, ...]
    folded: bool = False
    """Only the title shows."""


def sections(
    z: Latents,
    locks: Mask,
    pinned: Mask,
    hidden: Mask,
    sort: Sort = "number",
    group: Group = "none",
    folded: frozenset[str] = frozenset(),
    query: str = "",
    norms: Floats | None = None,
    weak: Weak = "none",
) -> tuple[Section, ...]:
    """Pinned rows, then the others in their groups, then the weak and the hidden ones; empty sections are left out.

    Args:
        z, locks, pinned, hidden: (dim,).
        sort: within each section.
        norms: (dim,) sensitivities; without them no dimension is weak, and sorting by them is sorting by number.
        query: what :func:`latent_find.matches` takes. What it finds is shown, folded or not.
    """
    searching = bool(query.strip(", "))
    found = _order(z, sort, norms)
    if searching:
        found = [i for i in found if matches(query, i, f"z {i}", bool(locks[i]), bool(pinned[i]), bool(hidden[i]))]
    away = weak_ones(norms, weak) & ~(pinned | hidden) if norms is not None else np.zeros(len(z), np.bool_)
    marked = (pinned | hidden | away).tolist()
    titled = bool(pinned.any() or away.any())
    made = [
        Section(PINNED, "Pinned", tuple(i for i in found if pinned[i]) if pinned.any() else ()),
        *_grouped([i for i in found if not marked[i]], locks, group, titled),
        Section(WEAK, "Weak", tuple(i for i in found if away[i]) if away.any() else ()),
        Section(HIDDEN, "Hidden", tuple(i for i in found if hidden[i]) if hidden.any() else ()),
    ]
    return tuple(
        Section(item.key, item.title, item.dims, bool(item.title) and not searching and item.key in folded)
        for item in made
        if item.dims
    )


def weak_ones(norms: Floats, weak: Weak) -> Mask:
    """(dim,) True where the sensitivity ``norms`` (dim,) is so low; what is still to be measured (NaN) is not weak."""
    if weak == "none" or not len(norms):
        return np.zeros(len(norms), np.bool_)
    known = np.where(np.isfinite(norms), norms, np.inf)
    if weak.startswith("top"):
        kept = np.argsort(-known, kind="stable")[: int(weak.removeprefix("top"))]
        return ~np.isin(np.arange(len(norms)), kept)
    strongest = float(np.nanmax(norms)) if np.isfinite(norms).any() else 0.0
    return np.asarray(known < strongest * int(weak.removesuffix("%")) / 100, np.bool_)


def _order(z: Latents, sort: Sort, norms: Floats | None) -> Sequence[int]:
    if sort == "number" or (sort == "sensitivity" and norms is None):
        return range(len(z))
    key = {"value": z, "magnitude": np.abs(z), "sensitivity": norms}[sort]
    return np.argsort(-key, kind="stable").tolist()  # type: ignore[no-any-return,operator]


def _grouped(dims: list[int], locks: Mask, group: Group, titled: bool) -> Iterator[Section]:
    if group == "none":
        yield Section("rest", "Others" if titled else "", tuple(dims))
    elif group == "locks":
        yield Section("free", "Unlocked", tuple(i for i in dims if not locks[i]))
        yield Section("locked", "Locked", tuple(i for i in dims if locks[i]))
    else:
        size = int(group)
        for block in range(-(-len(locks) // size)):
            first, last = block * size, min((block + 1) * size, len(locks)) - 1
            title = f"z {first} – {last}" if last > first else f"z {first}"
            yield Section(f"{size}.{block}", title, tuple(i for i in dims if i // size == block))
