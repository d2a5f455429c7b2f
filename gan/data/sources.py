"""Where the picture files of a data set are: in a folder, in a zip file, or named by a manifest.

Each function lists them in a fixed order, as functions that open one.
"""

from __future__ import annotations

import json
import os
import zipfile
from functools import partial
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import IO

from gan.data.pictures import Opener, suffixes
from gan.errors import UserError

_MOST_MEMBER = 256 << 20  # bytes that one file of a zip may unpack to
_BOMB_TOTAL, _BOMB_RATIO = 4 << 30, 100  # unpacked bytes, and their ratio to its size: a zip over both is refused


def in_folder(folder: Path) -> list[Opener]:
    """The pictures in a folder and the folders in it, by path."""
    known = suffixes()
    found = [Path(parent, name) for parent, _, names in os.walk(folder) for name in names]
    names = sorted(path.relative_to(folder) for path in found)
    return [partial(_open_file, folder / name) for name in names if _is_picture(name, known)]


def in_zip(path: Path) -> list[Opener]:
    """The pictures in a zip file, by path.

    Raises:
        UserError: it is no zip file, or would unpack to absurdly much.
        OSError: it cannot be read.
    """
    known = suffixes()
    try:
        archive = zipfile.ZipFile(path)
        members = [info for info in archive.infolist() if _is_picture(PurePosixPath(info.filename), known)]
    except OSError:
        raise
    except Exception as error:  # zipfile raises far more than BadZipFile on damaged bytes
        raise UserError(f"{path} is not a valid zip file.", "It may be only partly downloaded.") from error
    unpacked = sum(info.file_size for info in members)
    if unpacked > max(_BOMB_TOTAL, _BOMB_RATIO * path.stat().st_size):
        raise UserError(f"{path} would unpack to {unpacked >> 30} GiB, absurdly much for its size.", "Do not trust it.")
    return [partial(_unpack, archive, info) for info in sorted(members, key=lambda info: info.filename)]


def in_manifest(path: Path) -> list[Opener]:
    """The pictures a manifest keeps, in its order: JSON Lines with ``path`` and, where it says so, ``keep``.

    Raises:
        UserError: a line is no entry.
        OSError: it cannot be read.
    """
    try:
        lines = path.read_text("utf-8-sig").split("\n")
    except UnicodeDecodeError:
        raise UserError(f"{path} is not a text file, so it is no manifest.") from None
    openers: list[Opener] = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            entry = json.loads(line)
        except (ValueError, RecursionError):
            entry = None
        if not isinstance(entry, dict) or not isinstance(entry.get("path"), str):
            raise UserError(f"Line {number} of {path} is no manifest entry.", 'Each line is like {"path": "a.png"}.')
        if entry.get("keep") is not False:
            openers.append(partial(_open_file, path.parent / entry["path"]))
    return openers


def _is_picture(name: Path | PurePosixPath, known: frozenset[str]) -> bool:
    """Whether a file's name promises a picture; hidden files and what macOS adds to a zip do not."""
    hidden = any(part.startswith(".") or part == "__MACOSX" for part in name.parts)
    return not hidden and name.suffix.lower() in known


def _open_file(path: Path) -> IO[bytes]:
    if not path.is_file():  # a pipe would be waited for, for ever
        raise FileNotFoundError(path)
    return open(path, "rb")


def _unpack(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> IO[bytes]:
    if info.file_size > _MOST_MEMBER:  # zipfile unpacks no more than this, whatever follows
        raise ValueError("too large for a picture")
    return BytesIO(archive.read(info))
