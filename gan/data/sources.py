"""Where the pictures of a data set are: in a folder, in a zip file, in an array, or named by a manifest.

Each function lists them in a fixed order. Nothing is read yet but what a change would show in.
"""

from __future__ import annotations

import hashlib
import os
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path, PurePosixPath

import numpy as np

from gan.data.manifest import Entry, chosen, read_manifest
from gan.data.pictures import Unreadable, Unusable, suffixes
from gan.data.rows import FileRows
from gan.errors import UserError
from gan.images import Bytes

KINDS = "Choose a folder of pictures, an images.npy, a .zip of pictures or a .jsonl manifest."
IN_MEMORY = 256 << 20
"""Bytes of pictures up to which an array is read instead of mapped."""
MOST_ROWS = 10_000_000
"""Pictures in an array: each takes some hundred bytes of memory besides."""
_MOST_BYTES = 256 << 20  # of one picture file, unpacked
_BOMB_TOTAL, _BOMB_RATIO = 4 << 30, 100  # unpacked bytes, and their ratio to its size: a zip over both is refused
Read = Callable[[], "bytes | Bytes"]


@dataclass(frozen=True, eq=False)
class Source:
    """A picture that has not been read yet.

    Attributes:
        path: where it is, relative to the data set, POSIX.
        read: gives its bytes, or its pixels (H, W, 1 or 3 or 4); raises Unusable or OSError.
        stamp: what changes when it does, without reading it: size and times.
        sha256: what its bytes should have; empty where nobody said.
        entry: what a manifest says of it.
    """

    path: str
    read: Read
    stamp: tuple[int, ...] = ()
    sha256: str = ""
    entry: Entry | None = None


@dataclass(frozen=True, eq=False)
class Listing:
    """The pictures of a data set, in order.

    Attributes:
        origin: the folder, file or manifest as an absolute path.
        base: the folder that the sources' paths, after ``prefix``, are relative to.
        prefix: of paths in a zip file or an array: its name and a slash.
        array: whether these are the rows of one array, whose copies are meant.
    """

    origin: Path
    sources: list[Source]
    base: Path
    prefix: str = ""
    array: bool = False

    def key(self, about: str) -> str:
        """A name for what is made of these pictures, as they are now, in the way ``about``: hexadecimal."""
        digest = hashlib.sha256(repr((about, str(self.origin))).encode("utf-8", "surrogatepass"))
        for source in self.sources:
            digest.update(repr((source.path, source.stamp, source.sha256)).encode("utf-8", "surrogatepass"))
        return digest.hexdigest()


def list_pictures(path: Path, decided: bool = True) -> Listing:
    """The pictures of whatever kind of data set is at ``path``.

    Args:
        decided: whether only the entries that a manifest chooses are wanted, or all of them.

    Raises:
        UserError: it is missing or no data set, or a manifest or a zip file is damaged.
        OSError: it cannot be read.
    """
    path = kind_known(path)
    origin = path.absolute()
    if path.is_dir():
        return Listing(origin, in_folder(path), origin)
    kind = path.suffix.lower()
    if kind == ".npy":
        return Listing(origin, in_array(path), origin.parent, f"{path.name}/", array=True)
    if kind == ".zip":
        return Listing(origin, in_zip(path), origin.parent, f"{path.name}/")
    entries = read_manifest(path)
    return Listing(origin, in_manifest(path, chosen(entries) if decided else entries), origin.parent)


def kind_known(path: Path) -> Path:
    """What :func:`list_pictures` would open: ``path``, or the array in it. A glance: nothing is read.

    Raises:
        UserError: it is missing, or of no kind that is known.
        OSError: it cannot be looked at.
    """
    if not path.exists():
        raise UserError(f"{path} does not exist.", KINDS)
    path = array_in(path)
    if path.is_dir():
        return path
    if not path.is_file():  # a pipe would be waited for, for ever
        raise UserError(f"{path} is no ordinary file.", KINDS)
    if path.suffix.lower() not in (".npy", ".zip", ".jsonl"):
        raise UserError(f"{path} is no data set.", KINDS)
    return path


def array_in(path: Path) -> Path:
    """The ``images.npy`` in a folder that has one, else ``path`` itself."""
    return path / "images.npy" if (path / "images.npy").is_file() else path


def read_checked(source: Source) -> tuple[bytes | Bytes, str]:
    """A picture's bytes or pixels, and their sha256 in hexadecimal.

    Raises:
        Unusable: they cannot be read, or are not those that a manifest speaks of.
    """
    try:
        content = source.read()
    except PermissionError:  # if that changes, so does the stamp
        raise Unusable("cannot be read: no permission") from None
    except OSError as error:
        raise Unreadable(f"cannot be read: {error.strerror or error}") from error
    sha256 = hashlib.sha256(content if isinstance(content, bytes) else np.ascontiguousarray(content).data).hexdigest()
    if source.sha256 and source.sha256 != sha256:
        raise Unusable("changed since the manifest was written")
    return content, sha256


def in_folder(folder: Path) -> list[Source]:
    """The pictures in a folder and the folders in it, by path."""
    known = suffixes()
    found = [Path(parent, name) for parent, _, names in os.walk(folder) for name in names]
    names = sorted(path.relative_to(folder) for path in found)
    return [
        Source(name.as_posix(), partial(_read_file, folder / name), _stamp(folder / name))
        for name in names
        if _is_picture(name, known)
    ]


def in_zip(path: Path) -> list[Source]:
    """The pictures in a zip file, by path.

    Raises:
        UserError: it is no zip file, or would unpack to absurdly much.
        OSError: it cannot be read.
    """
    known = suffixes()
    archive = _open_zip(path)
    files = (info for info in archive.infolist() if not info.is_dir())
    members = [info for info in files if _is_picture(PurePosixPath(info.filename), known)]
    unpacked = sum(info.file_size for info in members)
    if unpacked > max(_BOMB_TOTAL, _BOMB_RATIO * path.stat().st_size):
        raise UserError(f"{path} would unpack to {unpacked >> 30} GiB, absurdly much for its size.", "Do not trust it.")
    stamp = _stamp(path)
    return [
        Source(info.filename, partial(_unpack, archive, info), (*stamp, info.CRC, info.header_offset))
        for info in sorted(members, key=lambda info: info.filename)
    ]


def in_array(path: Path) -> list[Source]:
    """The rows of an array.

    Raises:
        UserError: it is no valid array of pictures.
        OSError: it cannot be read.
    """
    array, stamp = open_array(path), _stamp(path)
    return [Source(str(index), partial(array.__getitem__, index), stamp) for index in range(len(array))]


def in_manifest(path: Path, entries: Iterable[Entry]) -> list[Source]:
    """The pictures that entries of the manifest ``path`` name, in their order.

    Where one cannot be found, reading it says so.
    """
    inside = cache(_Container)
    return [_named(path.parent, entry, inside) for entry in entries]


def open_array(path: Path) -> Bytes:
    """A .npy file of pictures, read-only -> uint8 (n, H, W, 1 or 3 or 4).

    A large one stays on disk, and is read picture by picture (:class:`gan.data.rows.FileRows`).

    Raises:
        UserError: it is no valid array of pictures.
        OSError: it cannot be read.
    """
    array = _valid(lambda: FileRows.of(path), path)
    if array.dtype != np.uint8 or array.ndim != 4 or array.shape[-1] not in (1, 3, 4) or 0 in array.shape:
        shape = " x ".join(map(str, array.shape))
        raise UserError(f"{path} holds {array.dtype} {shape}, no pictures.", "They are uint8, n x height x width x 3.")
    if array.nbytes // len(array) > _MOST_BYTES:
        raise UserError(f"{path} holds pictures of over {_MOST_BYTES >> 20} MiB each.", "Make them smaller.")
    if len(array) > MOST_ROWS:
        raise UserError(f"{path} holds {len(array):,} pictures; {MOST_ROWS:,} are the most.", "Divide it.")
    if array.nbytes <= IN_MEMORY or not array.flags.c_contiguous:  # in another order each picture is all over the file
        array = np.ascontiguousarray(_valid(lambda: np.load(path, allow_pickle=False), path))
        array.flags.writeable = False
    return array


def _valid(load: Callable[[], Bytes], path: Path) -> Bytes:
    try:
        with np.errstate(over="ignore"):  # NumPy warns of sizes that a damaged header made up
            return load()
    except (OSError, MemoryError):
        raise
    except Exception as error:  # a damaged header makes NumPy raise nearly anything
        raise UserError(
            f"{path} is not a valid .npy file of pictures.", "It may be damaged or hold objects."
        ) from error


class _Container:
    """A zip file or an array that entries of a manifest lead into."""

    def __init__(self, path: Path) -> None:
        self.stamp = _stamp(path)
        self._members: dict[str, Read] = {}
        try:
            found = in_zip(path) if path.suffix.lower() == ".zip" else in_array(path)
            self._members = {source.path: source.read for source in found}
        except (UserError, OSError) as error:
            self._reason = error.text if isinstance(error, UserError) else f"{path.name} cannot be read"
        else:
            self._reason = f"not in {path.name}"

    def read(self, member: str) -> Read:
        return self._members.get(member) or partial(_refuse, self._reason)


def _named(folder: Path, entry: Entry, inside: Callable[[Path], _Container]) -> Source:
    parts = PurePosixPath(entry.path).parts
    for count in range(1, len(parts)):
        if not parts[count - 1].lower().endswith((".zip", ".npy")):
            continue
        outer = folder.joinpath(*parts[:count])
        if _is_file(outer):
            container = inside(outer)
            member = "/".join(parts[count:])
            return Source(entry.path, container.read(member), container.stamp, entry.sha256, entry)
    path = folder / entry.path
    return Source(entry.path, partial(_read_file, path), _stamp(path), entry.sha256, entry)


def _stamp(path: Path) -> tuple[int, ...]:
    try:
        found = path.stat()
    except (OSError, ValueError):  # a name with a zero byte
        return ()
    return found.st_size, found.st_mtime_ns, found.st_ctime_ns


def _is_picture(name: Path | PurePosixPath, known: frozenset[str]) -> bool:
    """Whether a file's name promises a picture; hidden files and what macOS adds to a zip do not."""
    hidden = any(part.startswith(".") or part == "__MACOSX" for part in name.parts)
    return not hidden and name.suffix.lower() in known


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except ValueError:  # a name with a zero byte
        return False


def _read_file(path: Path) -> bytes:
    if not _is_file(path):  # a pipe would be waited for, for ever
        if not os.path.lexists(path):
            raise Unreadable("no such file")
        raise Unusable("no ordinary file")
    if path.stat().st_size > _MOST_BYTES:
        raise Unusable(f"over {_MOST_BYTES >> 20} MiB, too large for a picture")
    return path.read_bytes()


def _open_zip(path: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)
    except OSError:
        raise
    except Exception as error:  # zipfile raises far more than BadZipFile on damaged bytes
        raise UserError(f"{path} is not a valid zip file.", "It may be only partly downloaded.") from error


def _unpack(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    if info.file_size > _MOST_BYTES:  # zipfile unpacks no more than this, whatever follows
        raise Unusable(f"over {_MOST_BYTES >> 20} MiB, too large for a picture")
    try:
        return archive.read(info)
    except OSError:
        raise
    except Exception:  # bad checksums, encryption, unknown compression, whatever damaged bytes lead to
        raise Unusable("damaged in the zip file, or encrypted") from None


def _refuse(reason: str) -> bytes:
    raise Unusable(reason)
