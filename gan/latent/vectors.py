"""Vector files: ``NAME.npy`` float32 (n, dim), and beside it ``NAME.json`` with what each row is."""

from __future__ import annotations

import json
import warnings
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt

from gan.errors import UserError
from gan.files import require_ordinary, write_json, write_npy
from gan.latent.draws import Latents

MAX_NOTES = 2**28  # bytes of a JSON file beside vectors
MAX_BYTES = 2**31  # more than any list of stars; a file that claims more is a mistake or an attack


@dataclass
class VectorNotes:
    """What ``NAME.json`` says about the rows of ``NAME.npy``. Lists are as long as the array, or empty."""

    names: list[str] = field(default_factory=list)
    ratings: list[int] = field(default_factory=list)
    tags: list[list[str]] = field(default_factory=list)
    space: str = "z"
    model_sha256: str | None = None
    run: str | None = None
    notes: list[str] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    """The class that is drawn with each row, by name, where the model has classes."""

    def to_json(self) -> dict[str, Any]:
        """The fields as plain JSON values."""
        return asdict(self)


def save_vectors(path: Path, vectors: Latents, notes: VectorNotes | None = None) -> None:
    """Write (n, dim) as float32 in C order, and the notes beside it when given; each file atomically."""
    write_npy(path, np.asarray(vectors, np.float32))
    if notes is not None:
        write_json(path.with_suffix(".json"), notes.to_json())


def load_vectors(path: Path, dim: int | None = None) -> Latents:
    """Read (n, dim) float32; nothing in the file is executed.

    Half and double precision are converted; a single vector (dim,) counts as one row.

    Args:
        dim: refuse any other number of dimensions.

    Raises:
        UserError: the file is missing, no .npy, holds objects, other types, NaN, or has the wrong shape.
    """
    path = Path(path)
    require_ordinary(path)
    try:
        with open(path, "rb") as file, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a header is parsed as Python: it can even contain a SyntaxWarning
            check_header(file, path, path.stat().st_size)
            file.seek(0)
            array = np.load(file, allow_pickle=False)
    except UserError:
        raise
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror or 'it is damaged'}.") from error
    except Exception as error:  # a damaged header makes NumPy raise nearly anything
        wanted = "Export vectors as float32 .npy."
        raise UserError(f"{path.name} is not a valid .npy file of vectors.", wanted) from error
    return checked_vectors(array, path, dim)


def checked_vectors(array: npt.NDArray[np.floating], path: Path, dim: int | None) -> Latents:
    """What :func:`check_header` let pass, (n, dim) or (dim,), as float32 (n, dim); refused where it does not fit."""
    with np.errstate(over="ignore"):  # what float32 cannot hold is refused as infinite below
        array = np.ascontiguousarray(array[np.newaxis] if array.ndim == 1 else array, np.float32)
    if dim is not None and array.shape[1] != dim:
        raise UserError(
            f"{path.name} holds vectors of {array.shape[1]} dimensions, but the model takes {dim}.",
            "Open the model they were made with.",
        )
    if not np.isfinite(array).all():
        raise UserError(f"{path.name} contains NaN or infinite values, so no picture can be made from it.")
    return array


def load_notes(path: Path, n: int) -> VectorNotes:
    """The notes beside the vector file ``path`` with ``n`` rows; empty where there are none or they do not fit."""
    beside = path.with_suffix(".json")
    try:
        require_ordinary(beside)
        if beside.stat().st_size > MAX_NOTES:
            return VectorNotes()
        return parse_notes(beside.read_bytes(), n)
    except (UserError, OSError):
        return VectorNotes()


def parse_notes(content: str | bytes, n: int) -> VectorNotes:
    """Notes on ``n`` vectors from JSON; what does not fit is left out."""
    try:
        value = json.loads(content)
    except (ValueError, RecursionError):
        return VectorNotes()
    if not isinstance(value, dict):
        return VectorNotes()

    def rows(key: str, kind: type) -> list[Any]:
        found = value.get(key)
        fits = isinstance(found, list) and len(found) == n and all(isinstance(item, kind) for item in found)
        return list(found) if fits and found is not None else []

    def text(key: str) -> str | None:
        found = value.get(key)
        return storable(found) if isinstance(found, str) else None

    return VectorNotes(
        names=[storable(name) for name in rows("names", str)],
        ratings=rows("ratings", int),
        tags=[[storable(str(tag)) for tag in tags] for tags in rows("tags", list)],
        notes=[storable(note) for note in rows("notes", str)],
        labels=[storable(label) for label in rows("labels", str)],
        space=text("space") or "z",
        model_sha256=text("model_sha256"),
        run=text("run"),
    )


def storable(text: str) -> str:
    """JSON may hold half a surrogate pair, which no file or database takes."""
    return text.encode("utf-8", "replace").decode()


def check_header(file: IO[bytes], path: Path, size: int) -> None:
    """Refuse by the header alone what could not be vectors, before any memory is claimed for it.

    Args:
        file: at the start of the .npy; afterwards behind its header.
        path: what to call it.
        size: bytes from the start of the .npy to its end.
    """
    version = np.lib.format.read_magic(file)
    read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    shape, _, dtype = read(file)
    if dtype.hasobject:
        raise UserError(f"{path.name} holds Python objects, which are never loaded.", "Export vectors as float32 .npy.")
    if dtype.kind != "f":
        raise UserError(f"{path.name} holds values of type {dtype}, not float32.")
    if len(shape) not in (1, 2) or min(shape) < 1:
        raise UserError(f"{path.name} has the shape {shape}; vectors have (n, dim), with at least one row.")
    claimed, rest = int(np.prod(shape, dtype=object)) * dtype.itemsize, size - file.tell()
    if claimed > MAX_BYTES or claimed > rest:
        raise UserError(f"{path.name} is truncated or damaged: its header promises more than the file holds.")
