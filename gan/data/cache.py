"""A folder of things that can be made again: limited in size, the least recently used go first.

An entry is a folder named by its key. It appears by a rename when it is complete, and vanishes by a rename before it is
taken apart, so nobody sees half of one. Several processes may share a cache; a file that is mapped into memory
outlives its eviction where the system allows that (not on Windows, where it is simply kept).
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

LIMIT = 20 << 30  # bytes
_FORGOTTEN = 24 * 3600.0  # seconds after which an unfinished entry has surely lost its builder
_SPARE = 64 << 20  # bytes to leave free on its disk
_UNFINISHED = ".part"


def default_cache() -> Path:
    """``$LATENT_DEBUGGER_CACHE``; else in ``$LATENT_DEBUGGER_HOME`` where set; else the system's folder for caches."""
    if chosen := os.environ.get("LATENT_DEBUGGER_CACHE"):
        return Path(chosen)
    if home := os.environ.get("LATENT_DEBUGGER_HOME"):
        return Path(home, "cache")
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local"
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base, "latent-debugger")


class Cache:
    """Entries of one kind.

    Args:
        folder: made when the first entry is.
        limit: bytes that all entries together may take; the newest stays even if it is larger.
    """

    def __init__(self, folder: Path, limit: int = LIMIT) -> None:
        self.folder, self._limit = folder, limit

    def find(self, key: str) -> Path | None:
        """The complete entry ``key``, marked as used just now."""
        entry = self.folder / key
        if not entry.is_dir():
            return None
        with contextlib.suppress(OSError):  # a cache may be on a read-only disk
            os.utime(entry)
        return entry

    @contextmanager
    def building(self, key: str, room: int = 0) -> Iterator[Path]:
        """An empty folder to fill, which becomes the entry ``key`` at the end; after an exception it is gone.

        Where another builder was faster, its entry stays and this one is dropped.

        Args:
            room: bytes that it will take.

        Raises:
            OSError: the cache cannot be written to, or its disk has no room.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        unfinished = Path(tempfile.mkdtemp(prefix=f"{key}.", suffix=_UNFINISHED, dir=self.folder))
        try:
            if shutil.disk_usage(unfinished).free < room + _SPARE:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self.folder))
            yield unfinished
            for file in unfinished.iterdir():
                _sync(file)
            with contextlib.suppress(OSError):  # one that is complete is there already
                unfinished.rename(self.folder / key)
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)
        self._evict(spare=key)

    def drop(self, key: str) -> None:
        """Forget an entry, for example a damaged one."""
        _remove(self.folder / key)

    def _evict(self, spare: str) -> None:
        """Drop what was forgotten half-built, then the least recently used, until the rest fits."""
        entries = []
        for entry in self.folder.iterdir():
            with contextlib.suppress(OSError):  # it may vanish under our eyes
                used = max(file.stat().st_mtime for file in (entry, *entry.iterdir()))
                if entry.suffix == _UNFINISHED:
                    if time.time() - used > _FORGOTTEN:
                        shutil.rmtree(entry, ignore_errors=True)
                else:
                    size = sum(file.stat().st_size for file in entry.iterdir())
                    entries.append((entry.name == spare, entry.stat().st_mtime, size, entry))
        total = sum(size for _, _, size, _ in entries)
        for spared, _, size, entry in sorted(entries):
            if total <= self._limit or spared:
                break
            _remove(entry)
            total -= size


def _remove(entry: Path) -> None:
    gone = entry.with_name(f"{entry.name}.{time.monotonic_ns()}{_UNFINISHED}")
    with contextlib.suppress(OSError):  # someone else removes it, or Windows has it open
        entry.rename(gone)
        shutil.rmtree(gone, ignore_errors=True)


def _sync(file: Path) -> None:
    """A power failure must not leave a complete-looking entry of zeros."""
    with open(file, "rb+") as opened:
        os.fsync(opened.fileno())
