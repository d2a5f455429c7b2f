"""What leaves the program and what comes back: vector files and pictures. Plain functions, run on a Worker."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from gan.images import Bytes, encode_png, enlarge, latent_chunk, save_png, to_pillow
from gan.latent.archives import load_archive, save_archive
from gan.latent.draws import Latents
from gan.latent.vectors import VectorNotes, load_notes, load_vectors, save_vectors
from latent_debugger.errors import UserError
from latent_debugger.state.bookmark import Bookmark
from latent_debugger.state.snapshot import SessionSnapshot

ARCHIVE = ".npz"
MAX_SCALE = 16
THUMBNAIL_PX = 128


def export_bookmarks(path: Path, bookmarks: Sequence[Bookmark]) -> Path:
    """Write the latents of ``bookmarks`` as float32 (N, dim), bit for bit, and what is known of them.

    Returns:
        The file written: ``path``, an archive where that ends in ``.npz``; else with ``.npy`` where that was missing,
        and a ``.json`` beside it.

    Raises:
        UserError: there are none, they do not fit into one array, or the file cannot be written.
    """
    if not bookmarks:
        raise UserError("There is no star to export.", "Star a picture first.")
    if len({(item.dim, item.space) for item in bookmarks}) > 1:
        raise UserError(
            "These stars belong to models of different latent sizes, which one file cannot hold.",
            "Select those of one model.",
        )
    notes = VectorNotes(
        names=[item.name for item in bookmarks],
        ratings=[item.rating for item in bookmarks],
        tags=[list(item.tags) for item in bookmarks],
        space=bookmarks[0].space,
        model_sha256=_common([item.model_sha256 for item in bookmarks]),
        run=_common([item.run for item in bookmarks]),
        notes=[item.note for item in bookmarks],
        labels=[item.label for item in bookmarks] if any(item.label for item in bookmarks) else [],
    )
    latents = np.stack([item.latent for item in bookmarks])
    if Path(path).suffix.lower() == ARCHIVE:
        save_archive(path, latents, notes)
        return Path(path)
    path = _with_suffix(path, ".npy")
    save_vectors(path, latents, notes)
    return path


def import_vectors(path: Path, dim: int) -> tuple[Latents, VectorNotes]:
    """Read latents (N, dim) float32 and their notes from a .npz archive, or a .npy file and the .json beside it.

    Raises:
        UserError: the file is missing, damaged, holds something else, or latents of another length.
    """
    if Path(path).suffix.lower() == ARCHIVE:
        return load_archive(Path(path), dim)
    latents = load_vectors(Path(path), dim)
    return latents, load_notes(Path(path), len(latents))


def save_picture(
    path: Path, image: Bytes, scale: int, latent: Latents, space: str, sha256: str, step: int, label: str = ""
) -> Path:
    """Write one picture (H, W, C) as a PNG that carries its latent (dim,), model and step.

    Args:
        scale: 1 to 16; every pixel becomes a square of that many.
        label: the class that was drawn, where the model has some.

    Returns:
        The file written: ``path``, with ``.png`` where that was missing.

    Raises:
        UserError: ``scale`` is out of range, or the file cannot be written.
    """
    if not 1 <= scale <= MAX_SCALE:
        raise UserError(f"A picture can be enlarged 1 to {MAX_SCALE} times, not {scale}.")
    path = _with_suffix(path, ".png")
    save_png(path, enlarge(image, scale), latent_chunk(latent, space, sha256, step, label))
    return path


def save_snapshot(path: Path, snapshot: SessionSnapshot) -> None:
    """Write the session's state, atomically.

    Raises:
        UserError: it cannot be written.
    """
    snapshot.save(path)


def thumbnail_png(image: Bytes) -> bytes:
    """A picture (H, W, C) as PNG bytes for a bookmark: at most 128 px wide and high."""
    if max(image.shape[:2]) > THUMBNAIL_PX:
        small = to_pillow(image)
        small.thumbnail((THUMBNAIL_PX, THUMBNAIL_PX), Image.Resampling.LANCZOS)
        image = np.asarray(small).reshape(small.height, small.width, -1)
    return encode_png(image)


def _with_suffix(path: Path, suffix: str) -> Path:
    path = Path(path)
    return path if path.suffix.lower() == suffix else path.with_name(path.name + suffix)


def _common(values: Sequence[str | None]) -> str | None:
    """The value that all share, if they do."""
    return values[0] if all(value == values[0] for value in values) else None
