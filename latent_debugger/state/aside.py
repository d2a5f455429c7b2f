"""Damaged files are never deleted or written over: they are kept under a name of their own."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path


def set_aside(path: Path, also: Sequence[str] = ()) -> Path:
    """Rename ``path`` to a free name that says when it was found damaged.

    Args:
        also: endings of files that belong to it (``-wal`` for ``path-wal``) and go with it where they are there.

    Returns:
        The new name.

    Raises:
        OSError: it cannot be renamed.
    """
    stamp = f"{datetime.now():%Y%m%d-%H%M%S}"
    aside, n = path.with_name(f"{path.stem}.damaged-{stamp}{path.suffix}"), 1
    while aside.exists():
        n += 1
        aside = path.with_name(f"{path.stem}.damaged-{stamp}-{n}{path.suffix}")
    for ending in (*also, ""):
        part = path.with_name(path.name + ending)
        if part.exists():
            part.rename(aside.with_name(aside.name + ending))
    return aside
