"""The directions of each model on disk: one ``.npz`` a model, named after what the model is.

They are the same files that are saved to be shared, and say in addition which directions are locked or kept.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

from gan.errors import UserError
from gan.latent.directions import read_directions, save_directions
from latent_debugger.state.aside import set_aside
from latent_debugger.state.directions import MAX_DIRECTIONS, KnownDirection
from latent_debugger.state.paths import directions_folder


def remembered_at(key: str) -> Path:
    """Where the directions of a model are kept.

    Args:
        key: see :func:`latent_debugger.state.directions.key_of`; a run may be called anything, so it names no file.
    """
    return directions_folder() / f"{hashlib.sha256(key.encode('utf-8', 'replace')).hexdigest()[:32]}.npz"


def remember(key: str, directions: Sequence[KnownDirection]) -> None:
    """Write the directions of a model; none leave no file.

    Raises:
        UserError: they cannot be written.
    """
    path = remembered_at(key)
    if directions:
        marks = {
            "locked": [row for row, item in enumerate(directions) if item.locked],
            "kept": [row for row, item in enumerate(directions) if item.kept],
        }
        save_directions(path, [item.direction for item in directions], also={"window": marks})
        return
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise UserError(f"{path} cannot be removed: {error.strerror or error}.") from error


def recall(key: str, dim: int) -> tuple[list[KnownDirection], str]:
    """Read what :func:`remember` wrote.

    Args:
        dim: length of a latent.

    Returns:
        The directions, and what the user should know in one sentence: a damaged file is set aside.
    """
    path = remembered_at(key)
    if not path.exists():
        return [], ""
    try:
        directions, about = read_directions(path, dim)
    except UserError:
        try:
            return [], f"The directions of this model were damaged; the file was kept as {set_aside(path).name}."
        except OSError as error:
            return [], f"The directions of this model in {path} cannot be read: {error.strerror or error}."
    window = about.get("window")
    marks = window if isinstance(window, dict) else {}
    locked, kept = _rows(marks.get("locked")), _rows(marks.get("kept"))
    pairs = enumerate(directions[:MAX_DIRECTIONS])
    return [KnownDirection.new(item, locked=row in locked, kept=row in kept) for row, item in pairs], ""


def _rows(values: object) -> set[int]:
    return {row for row in values if isinstance(row, int)} if isinstance(values, list) else set()
