"""Directions in latent space: unit vectors with a name, what moving along one does to a latent, and their files.

Latents are N(0, I), so ``z @ v`` is z's place along a unit vector v in standard deviations. What is *held* (dimensions
and other directions that are locked) keeps its place exactly: every change goes through :func:`free_part` first.
"""

from __future__ import annotations

import io
import json
import math
import unicodedata
import warnings
import zipfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from gan.errors import UserError
from gan.files import require_ordinary, write_atomic
from gan.latent.archives import check_members, read_text
from gan.latent.draws import Latents
from gan.latent.vectors import check_header, storable

Exact = npt.NDArray[np.float64]
METHODS = ("sefa", "pca", "local", "attribute", "file")
FEW_LABELS = 20
"""Under so many labels an attribute direction deserves a warning."""
TINY = 1e-3
"""A direction of which held things leave less than this cannot be moved."""
_UNSEEN = ("Cc", "Cf")  # control characters, and those that turn the direction of writing
_JOINERS = "\u200c\u200d"  # which scripts and emoji need
MAX_NAME = 80
_DEPENDENT = 1e-6  # held directions that add no more than this to the others hold nothing new


@dataclass(frozen=True, eq=False)
class Direction:
    """One direction and where it comes from."""

    name: str
    vector: Latents
    """(dim,) float32 of length 1; a step of 1 is one standard deviation."""
    method: str
    """One of :data:`METHODS`."""
    share: float | None = None
    """Of all the change the method looked at, 0 ... 1; None for attribute directions."""
    accuracy: float | None = None
    """Share of labels that a model fitted to the others gets right, mean of + and −; attribute directions only."""
    labels: int = 0
    """Labelled latents behind it; attribute directions only."""

    @property
    def warning(self) -> str:
        """Why not to trust it, in one sentence; empty where nothing speaks against it."""
        if self.method != "attribute":
            return ""
        if self.labels < FEW_LABELS:
            return f"Only {self.labels} labels: with fewer than {FEW_LABELS} a direction is little more than a guess."
        if self.accuracy is not None and self.accuracy - 2 * (self.deviation or 0.0) < 0.5:
            told = f"{100 * self.accuracy:.0f} ± {100 * (self.deviation or 0.0):.0f} %"
            return f"Tells + from − in {told} of the labels left out, and chance would in half: tag more."
        return ""

    @property
    def deviation(self) -> float | None:
        """The standard deviation of :attr:`accuracy`, as that of a share of so many labels; None without labels.

        With two more labels of either kind (Agresti & Coull 1998), or few labels that are all right would look certain.
        """
        if self.accuracy is None or not self.labels:
            return None
        n = self.labels + 4
        share = (self.accuracy * self.labels + 2) / n
        return math.sqrt(share * (1 - share) / n)


def unit(vector: npt.NDArray[np.floating[Any]]) -> Latents:
    """``vector`` at length 1.

    Raises:
        ValueError: it is zero, or not finite.
    """
    values = np.asarray(vector, np.float64)
    length = np.linalg.norm(values)
    if not np.isfinite(length) or length == 0:
        raise ValueError("no direction")
    return (values / length).astype(np.float32)


def held_basis(frozen: npt.NDArray[np.bool_], directions: Latents) -> Exact:
    """An orthonormal basis (r, dim) of what ``directions`` (k, dim) hold among the dimensions that are free.

    Args:
        frozen: (dim,) True where a dimension itself is held.
    """
    rows = np.where(frozen, 0.0, directions.astype(np.float64))
    basis, found = np.zeros_like(rows), 0
    for row in rows:  # Gram and Schmidt, twice: for a drag an SVD takes too long, and would start threads
        for _ in range(2):
            row = row - (basis[:found] @ row) @ basis[:found]
        length = np.linalg.norm(row)
        if length > _DEPENDENT:
            basis[found] = row / length
            found += 1
    return basis[:found]


def free_part(change: npt.NDArray[Any], frozen: npt.NDArray[np.bool_], basis: Exact) -> Exact:
    """What of ``change`` (dim,) or (n, dim) moves nothing that is held: orthogonal to ``basis`` (see
    :func:`held_basis`), zero where ``frozen``."""
    free = np.where(frozen, 0.0, np.asarray(change, np.float64))
    return free - (free @ basis.T) @ basis


def moved_along(
    z: Latents, direction: Direction, place: float, frozen: npt.NDArray[np.bool_], directions: Latents
) -> Latents:
    """``z`` (dim,) at ``place`` along a direction: z + d m / (m·v), m the part of v that moves nothing that is held.

    It is the shortest way there that leaves ``frozen`` dimensions (dim,) and the place along each of the held
    ``directions`` (k, dim) as they are; frozen values stay bit for bit.

    Raises:
        UserError: hardly anything of the direction is free.
    """
    v = direction.vector.astype(np.float64)
    free = free_part(v, frozen, held_basis(frozen, directions))
    reach = float(free @ v)  # |free| squared, since free is a projection of v
    if reach < TINY**2:
        raise UserError(
            f"“{direction.name}” lies within what is locked, so it cannot move.", "Unlock a dimension or a direction."
        )
    exact = z.astype(np.float64)
    with np.errstate(over="ignore"):  # whoever takes it refuses infinity with a sentence
        new = (exact + (place - float(exact @ v)) / reach * free).astype(np.float32)
    return np.where(frozen, z, new)


def orthogonal_to(direction: Direction, others: list[Direction]) -> Direction:
    """The part of ``direction`` that changes nothing along ``others``, as TL-GAN does against locked attributes.

    Raises:
        UserError: nothing is left of it.
    """
    if not others:
        return direction
    vectors = np.stack([other.vector for other in others])
    nothing = np.zeros(len(direction.vector), np.bool_)
    rest = free_part(direction.vector, nothing, held_basis(nothing, vectors))
    if np.linalg.norm(rest) < TINY:
        raise UserError(
            f"“{direction.name}” lies within the locked directions, so nothing of it is left.", "Unlock one."
        )
    return replace(direction, vector=unit(rest))


def save_directions(
    path: Path,
    directions: list[Direction],
    *,
    space: str = "z",
    run: str | None = None,
    also: dict[str, Any] | None = None,
) -> None:
    """Write ``vectors`` (n, dim) float32 and a JSON description to an ``.npz`` that anybody's NumPy can read.

    Args:
        also: further entries of the description, for those who know them.

    Raises:
        UserError: it cannot be written.
    """
    fields = ("name", "method", "share", "accuracy", "labels")
    about = {"space": space, "run": run, "directions": [{f: getattr(d, f) for f in fields} for d in directions]}
    vectors = np.stack([direction.vector for direction in directions]).astype(np.float32)
    buffer = io.BytesIO()
    np.savez(buffer, vectors=vectors, about=np.array(json.dumps(about | (also or {}))))
    write_atomic(path, buffer.getvalue())


def load_directions(path: Path, dim: int) -> list[Direction]:
    """Read what :func:`save_directions` wrote; nothing in the file is executed, nothing unreasonable is unpacked.

    Raises:
        UserError: it is no such file, or its directions have another length than ``dim``.
    """
    return read_directions(path, dim)[0]


def read_directions(path: Path, dim: int, space: str = "z") -> tuple[list[Direction], dict[str, Any]]:
    """:func:`load_directions` of another space too, and the whole description as it stands in the file, which may say
    anything."""
    require_ordinary(path)
    try:
        with zipfile.ZipFile(path) as archive, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a header is parsed as Python: it can even contain a SyntaxWarning
            check_members(archive, path)
            about, vectors = _read_about(archive), _read_vectors(archive, path)
            entries = about["directions"]
            if len(entries) != len(vectors):
                raise ValueError("another number of directions than described")
            if about.get("space", "z") != space:
                raise UserError(f"The directions in {path.name} are not those of a latent {space}.")
            if vectors.shape[1] != dim:
                raise UserError(
                    f"The directions in {path.name} have {vectors.shape[1]} dimensions, but the model takes {dim}."
                )
            pairs = enumerate(zip(entries, vectors, strict=True), 1)
            return [_described(entry, vector, number) for number, (entry, vector) in pairs], about
    except UserError:
        raise
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror or 'it is damaged'}.") from error
    except Exception as error:  # a damaged archive makes zipfile, zlib and NumPy raise nearly anything
        raise UserError(f"{path.name} holds no directions.", "Choose an .npz that this program saved.") from error


def holds_directions(path: Path) -> bool:
    """Whether a file looks like one of :func:`save_directions`; it never raises."""
    if not path.is_file():
        return False
    try:
        with zipfile.ZipFile(path) as archive:
            return {"vectors.npy", "about.npy"} <= set(archive.namelist())
    except Exception:  # see read_directions
        return False


def _read_about(archive: zipfile.ZipFile) -> dict[str, Any]:
    text = read_text(archive, "about")
    about = json.loads(str(text.item())) if text is not None and text.ndim == 0 else None
    if not isinstance(about, dict):
        raise ValueError("no description")
    return about


def _read_vectors(archive: zipfile.ZipFile, path: Path) -> npt.NDArray[np.floating[Any]]:
    info = archive.getinfo("vectors.npy")
    with archive.open(info) as file:
        check_header(file, path, info.file_size)
    with archive.open(info) as file:
        vectors = np.lib.format.read_array(file, allow_pickle=False)
    if vectors.ndim != 2:
        raise ValueError("no vectors")
    return vectors


def _described(entry: dict[str, Any], vector: npt.NDArray[np.floating[Any]], number: int) -> Direction:
    name, method, labels = entry.get("name"), entry.get("method"), _number(entry.get("labels"), 2**31)
    return Direction(
        (clean_name(name) if isinstance(name, str) else "") or f"Direction {number}",
        unit(vector),
        method if method in METHODS else "file",
        _number(entry.get("share"), 1.0),
        _number(entry.get("accuracy"), 1.0),
        int(labels or 0),
    )


def clean_name(text: str) -> str:
    """``text`` on one line, of reasonable length, fit to be stored."""
    seen = "".join(c for c in storable(text) if c in _JOINERS or c.isspace() or unicodedata.category(c) not in _UNSEEN)
    return " ".join(seen.split())[:MAX_NAME].strip()


def _number(value: object, high: float) -> float | None:
    """``value`` where it is a number from 0 to ``high``, which NaN is not."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= high:
        return None
    return float(value)
