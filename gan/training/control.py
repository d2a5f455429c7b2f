"""``control.json`` as the run sees it: what somebody wants of it, read when it changes."""

from __future__ import annotations

import json
import os
import stat
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import gan
from gan.training.run_directory import Want

_LARGEST = 64 * 1024  # bytes of a control file
_TICKS = 0.02  # seconds: Linux counts the times of files and of processes in steps of up to 10 ms
_WHOLE_SECONDS = 2.0  # some file systems keep no fractions
_BEFORE_IMPORT = 1.0  # seconds that Python itself may need to start
_AHEAD = 30.0  # seconds that a file server's clock may be ahead of ours


@dataclass(frozen=True)
class Wish:
    """What a control file asks for; None where it does not say."""

    want: Want | None
    steps: int | None


class Control:
    """Follows one control file. What makes no sense in it is ignored.

    The time of the file tells whom a wish was meant for. One that is older than this process was meant for another,
    which was killed before it could take it away, or which trains in the folder that this one is a copy of; so was one
    from the future, when the clock was wrong. One that was written since counts, also when the run had not begun yet.

    Args:
        since: seconds since 1970 from which on this process can have been meant; None is when it began.
    """

    def __init__(self, path: Path, since: float | None = None) -> None:
        self._path = path
        self._seen = (0, 0)
        stamp = self._stamp()
        if stamp is not None and not _is_meant(stamp[0], process_start() if since is None else since):
            self._seen = stamp

    @property
    def has_news(self) -> bool:
        """Whether the file was replaced since it was read."""
        return self._stamp() not in (None, self._seen)

    def read(self) -> Wish | None:
        """The wish, if it is new. One stat; the file is only read when it was replaced."""
        stamp = self._stamp()
        if stamp is None or stamp == self._seen:
            return None
        self._seen = stamp
        try:
            with open(self._path, "rb") as file:
                value = json.loads(file.read(_LARGEST))
        except (OSError, ValueError, RecursionError):
            return None
        if not isinstance(value, dict):
            return None
        want, steps = value.get("want"), value.get("steps")
        plain = isinstance(steps, int) and not isinstance(steps, bool) and 0 < steps <= 10**9
        return Wish(want if want in ("run", "pause", "stop") else None, steps if plain else None)

    def _stamp(self) -> tuple[int, int] | None:
        try:
            found = self._path.stat()
        except OSError:
            return None
        if not stat.S_ISREG(found.st_mode):  # a pipe would be waited for, for ever
            return None
        return found.st_mtime_ns, found.st_ino


def _is_meant(written_ns: int, since: float) -> bool:
    """Whether a file written then can be for a process that began at ``since``, in seconds since 1970."""
    slack = _TICKS if written_ns % 10**9 else _WHOLE_SECONDS
    return since - slack <= written_ns / 1e9 <= time.time() + _AHEAD


def process_start() -> float:
    """When this process began, in seconds since 1970.

    Importing PyTorch takes seconds, during which somebody may already have asked the new process to stop.
    """
    if sys.platform == "linux":
        try:
            ticks = float(Path("/proc/self/stat").read_text().rpartition(")")[2].split()[19])
            return time.time() - (time.clock_gettime(time.CLOCK_BOOTTIME) - ticks / os.sysconf("SC_CLK_TCK"))
        except (OSError, ValueError, IndexError):  # a container without them
            pass
    return gan.STARTED - _BEFORE_IMPORT
