"""Stars as files to be dropped elsewhere: pictures that carry their latent."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from gan.errors import UserError
from gan.images import add_chunks, latent_chunk
from latent_debugger.services.exports import export_bookmarks
from latent_debugger.state.bookmark import Bookmark

MAX_PICTURES = 24
"""As many stars are dragged as one picture each; more travel as one vector file."""

_UNSAFE = re.compile(r"[^\w\-+(), ]+")
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)", re.IGNORECASE)


def write_star_files(folder: Path, bookmarks: Sequence[Bookmark]) -> list[Path]:
    """Write ``bookmarks`` into ``folder``, as quickly as it goes: the user is already dragging.

    Returns:
        One PNG each, its thumbnail, which carries the latent; or ``stars.npy`` with its ``.json`` where they are many,
        or one has no thumbnail yet.

    Raises:
        UserError: the folder cannot be written to, or one vector file cannot hold them all.
    """
    pictures = [star_png(item) for item in bookmarks] if len(bookmarks) <= MAX_PICTURES else [b""]
    if not all(pictures):
        name = file_name(bookmarks[0].name) if len(bookmarks) == 1 else "stars"
        path = export_bookmarks(folder / f"{name}.npy", bookmarks)
        return [path, path.with_suffix(".json")]
    paths: list[Path] = []
    try:
        for item, picture in zip(bookmarks, pictures, strict=True):
            path, n = folder / f"{file_name(item.name)}.png", 1
            while path in paths:
                n += 1
                path = folder / f"{file_name(item.name)} ({n}).png"
            path.write_bytes(picture)  # not synced: it only lives until it is dropped
            paths.append(path)
    except OSError as error:
        raise UserError(f"The stars cannot be dragged: {error.strerror or error}.") from error
    return paths


def star_png(bookmark: Bookmark) -> bytes:
    """Its thumbnail as a PNG that carries the latent; empty where it has none."""
    try:
        chunk = latent_chunk(bookmark.latent, bookmark.space, bookmark.model_sha256, bookmark.step, bookmark.label)
        return add_chunks(bookmark.thumbnail, chunk)
    except ValueError:
        return b""


def file_name(name: str) -> str:
    """``name`` as every file system takes it."""
    found = _UNSAFE.sub("_", name)[:80].strip(" .")
    return f"_{found}" if _RESERVED.fullmatch(found) else found or "star"
