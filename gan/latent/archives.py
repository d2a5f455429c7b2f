"""Vector archives: ``NAME.npz`` holds everything that ``NAME.npy`` and ``NAME.json`` hold, in one file.

``z`` float32 (n, dim), ``names`` (n,) text, and ``json``, one text: what would stand in ``NAME.json``. All of it is
readable by ``numpy.load(..., allow_pickle=False)``.
"""

from __future__ import annotations

import json
import warnings
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np

from gan.errors import UserError
from gan.files import require_ordinary, write_atomic
from gan.latent.draws import Latents
from gan.latent.vectors import MAX_BYTES, VectorNotes, check_header, checked_vectors, parse_notes, storable

MAX_TEXT_BYTES = 2**26
"""More than names, tags and notes of 10,000 stars; a file that claims more is a mistake or an attack."""
MAX_RATIO = 250
"""How much smaller than its content a member may be, from a mebibyte on. Float32 noise hardly shrinks at all."""
MAX_MEMBERS = 64


def save_archive(path: Path, vectors: Latents, notes: VectorNotes) -> None:
    """Write (n, dim) as float32 with ``notes``, atomically."""
    buffer = BytesIO()
    z = np.ascontiguousarray(vectors, np.float32)
    names = notes.names or [""] * len(z)
    np.savez_compressed(
        buffer, z=z, names=np.array(names, np.str_), json=np.array(json.dumps(notes.to_json())), allow_pickle=False
    )
    write_atomic(path, buffer.getvalue())


def load_archive(path: Path, dim: int | None = None) -> tuple[Latents, VectorNotes]:
    """Read (n, dim) float32 and the notes; nothing in the file is executed, nothing unreasonable is unpacked.

    Args:
        dim: refuse any other number of dimensions.

    Raises:
        UserError: the file is missing, no .npz, has no ``z``, or that is refused as :func:`load_vectors` would.
    """
    path = Path(path)
    require_ordinary(path)
    try:
        with zipfile.ZipFile(path) as archive, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a header is parsed as Python: it can even contain a SyntaxWarning
            check_members(archive, path)
            z = _read_vectors(archive, path, dim)
            return z, _read_notes(archive, len(z))
    except UserError:
        raise
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror or 'it is damaged'}.") from error
    except Exception as error:  # a damaged archive makes zipfile, zlib and NumPy raise nearly anything
        raise UserError(f"{path.name} is not a valid .npz archive of vectors.", "Export the stars again.") from error


def check_members(archive: zipfile.ZipFile, path: Path) -> None:
    """Refuse what would unpack to far more than vectors need. zipfile never unpacks more than a member claims, so the
    claims are what has to be reasonable."""
    members = archive.infolist()
    swollen = any(member.file_size > max(2**20, MAX_RATIO * member.compress_size) for member in members)
    if swollen or len(members) > MAX_MEMBERS or sum(member.file_size for member in members) > MAX_BYTES:
        raise UserError(f"{path.name} would unpack to far more than vectors need, so it was not opened.")


def _read_vectors(archive: zipfile.ZipFile, path: Path, dim: int | None) -> Latents:
    try:
        info = archive.getinfo("z.npy")
    except KeyError:
        raise UserError(f"{path.name} holds no array “z”.", "Export the stars again.") from None
    with archive.open(info) as file:
        check_header(file, path, info.file_size)
    with archive.open(info) as file:
        return checked_vectors(np.lib.format.read_array(file, allow_pickle=False), path, dim)


def _read_notes(archive: zipfile.ZipFile, n: int) -> VectorNotes:
    """The notes; damaged or strange ones are left out, for the vectors are what matters."""
    text = read_text(archive, "json")
    notes = parse_notes(str(text.item()), n) if text is not None and text.ndim == 0 else VectorNotes()
    if not notes.names:
        names = read_text(archive, "names")
        if names is not None and names.shape == (n,):
            notes.names = [storable(str(name)) for name in names]
    return notes


def read_text(archive: zipfile.ZipFile, name: str) -> np.ndarray[Any, np.dtype[np.str_]] | None:
    """The array of text ``name``; None where it is missing, damaged, too large or no text."""
    try:
        info = archive.getinfo(f"{name}.npy")
        if info.file_size > MAX_TEXT_BYTES:
            return None
        with archive.open(info) as file:
            array = np.lib.format.read_array(file, allow_pickle=False)
    except Exception:  # see load_archive
        return None
    return array if array.dtype.kind == "U" else None
