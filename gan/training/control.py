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

_SLACK = 1.0  # seconds: file systems and /proc count time in coarse steps


@dataclass(frozen=True)
class Wish:
    """What a control file asks for; None where it does not say."""

    want: Want | None
    steps: int | None


class Control:
    """Follows one control file. What makes no sense in it is ignored.

    A wish that is older than this process was meant for another one, which was killed before it could take it away; one
    that was written since counts, also when the run had not begun yet.
    """

    def __init__(self, path: Path, since: float | None = None) -> None:
        self._path = path
        self._seen = (0, 0)
        stamp = self._stamp()
        if stamp is not None and stamp[0] < (process_start() if since is None else since) * 1e9:
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
            value = json.loads(self._path.read_bytes())
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


def process_start() -> float:
    """When this process began, in seconds since 1970, a second early rather than late.

    Importing PyTorch takes seconds, during which somebody may already have asked the new process to stop.
    """
    if sys.platform == "linux":
        try:
            ticks = float(Path("/proc/self/stat").read_text().rpartition(")")[2].split()[19])
            up = float(Path("/proc/uptime").read_text().split()[0])
            return time.time() - (up - ticks / os.sysconf("SC_CLK_TCK")) - _SLACK
        except (OSError, ValueError, IndexError):  # a container without them
            pass
    return gan.STARTED - _SLACK
