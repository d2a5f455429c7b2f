"""The log: a small rotating file under the user's folder, which Help > Report a problem quotes from.

A log that cannot be written (a full disk, a folder that is read-only) is silently left out: it must never become an
error of its own.
"""

from __future__ import annotations

import logging
from collections import deque
from logging.handlers import RotatingFileHandler
from pathlib import Path

from latent_debugger.version import version

FILE_NAME = "latent-debugger.log"
MAX_BYTES, OLDER_FILES = 512 * 1024, 2
_OURS = ("latent_debugger", "gan")
_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


class _Handler(RotatingFileHandler):
    def handleError(self, record: logging.LogRecord) -> None:
        """Say nothing; see the module."""


class Log:
    """Until :meth:`close`, the log goes to a file in ``folder``: ours from INFO on, others' from WARNING on."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE_NAME
        root = logging.getLogger()
        self._added: list[logging.Handler] = []
        if not root.handlers and logging.lastResort is not None:
            self._added.append(logging.lastResort)  # with a handler of ours, Python would stop writing to stderr
        try:
            folder.mkdir(parents=True, exist_ok=True)
            file = _Handler(self.path, maxBytes=MAX_BYTES, backupCount=OLDER_FILES, encoding="utf-8", delay=True)
        except OSError as error:
            logging.getLogger(__name__).warning("there is no log: %s", error)
        else:
            file.setFormatter(logging.Formatter(_FORMAT))
            self._added.append(file)
        for handler in self._added:
            root.addHandler(handler)
        self._levels = {name: logging.getLogger(name).level for name in _OURS}
        for name in _OURS:
            logging.getLogger(name).setLevel(logging.INFO)
        logging.getLogger(__name__).info("Latent Debugger %s starts", version() or "(checkout)")

    def close(self) -> None:
        """Put everything back as it was. Calling it again does nothing."""
        for handler in self._added:
            logging.getLogger().removeHandler(handler)
            handler.close()
        self._added = []
        for name, level in self._levels.items():
            logging.getLogger(name).setLevel(level)
        self._levels = {}


def tail(folder: Path, lines: int) -> str:
    """The last ``lines`` lines of the log in ``folder``; empty where there is none."""
    try:
        with open(folder / FILE_NAME, encoding="utf-8", errors="replace") as file:
            return "".join(deque(file, maxlen=lines))
    except OSError:
        return ""
