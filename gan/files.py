"""Files that are either whole or not there."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from gan.errors import UserError

_UMASK = os.umask(0o022)  # it can only be read by setting it, which no thread should see: once, at import
os.umask(_UMASK)


FILE_MODE = 0o666 & ~_UMASK
"""Of a new file, as any program would make it."""
LARGEST_JSON = 64 << 20  # bytes


def require_ordinary(path: Path) -> None:
    """Refuse what is no file on a disk: a pipe would be waited for, and a device read, for ever.

    Raises:
        UserError: it is none, or is missing.
    """
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise UserError(f"{path} cannot be read: it is no ordinary file.")
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror or error}.") from error


@contextmanager
def atomic_path(path: Path) -> Iterator[Path]:
    """A temporary neighbour of ``path`` to write to; on success it is fsynced and renamed over ``path``.

    Raises:
        UserError: the folder cannot be written to, or the disk is full.
    """
    path = Path(path)
    temporary = None
    try:
        _make_folder(path.parent)
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
        os.close(handle)
        temporary = Path(name)
        yield temporary
        with open(temporary, "rb+") as file:
            os.fsync(file.fileno())
        temporary.chmod(FILE_MODE)
        temporary.replace(path)
        _sync_folder(path.parent)
    except OSError as error:
        reason = error.strerror or str(error)
        raise UserError(f"{path} cannot be written: {reason}.", "Choose another place or free some space.") from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileExistsError as error:  # a file in its place: "File exists" would be said of what is to be written
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(folder)) from error


def write_atomic(path: Path, data: bytes) -> None:
    """Write ``data`` so that a reader, or a crash, sees the old file or the new one and nothing between."""
    with atomic_path(path) as temporary:
        temporary.write_bytes(data)


def write_json(path: Path, value: Any) -> None:
    """Write ``value`` as indented JSON, atomically."""
    write_atomic(path, (json.dumps(value, indent=2) + "\n").encode())


def write_npy(path: Path, array: npt.NDArray[Any]) -> None:
    """Write ``array`` as .npy, in C order, atomically; it is readable with ``allow_pickle=False``."""
    buffer = BytesIO()
    np.save(buffer, np.ascontiguousarray(array), allow_pickle=False)
    write_atomic(path, buffer.getvalue())


def read_json(path: Path) -> Any:
    """Read a JSON file.

    Raises:
        UserError: the file is missing, unreadable, no ordinary file, over 64 MiB or no JSON.
    """
    require_ordinary(path)
    try:
        if path.stat().st_size > LARGEST_JSON:
            raise UserError(f"{path} is too large: {path.stat().st_size >> 20} MiB.")
        return json.loads(path.read_bytes())
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror or error}.") from error
    except (ValueError, RecursionError):
        raise UserError(f"{path} is not valid JSON.") from None


def step_name(step: int) -> str:
    """The file stem of a training step: ``step-00020000``."""
    return f"step-{step:08d}"


def sha256_of(path: Path) -> str:
    """The sha256 of a file's bytes, in hexadecimal."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sync_folder(folder: Path) -> None:
    """Make the rename itself durable, where the system can (not on Windows)."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
