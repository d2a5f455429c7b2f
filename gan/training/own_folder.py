"""Whether the folder that a run writes to is still its own."""

from __future__ import annotations

from contextlib import suppress

from gan.errors import UserError
from gan.files import read_json
from gan.training.run_directory import RunDirectory


class OwnFolder:
    """A run's folder may be taken away while it trains, and another run may be moved to its place.

    Args:
        run: the uuid of the run that writes there.
    """

    def __init__(self, directory: RunDirectory, run: str) -> None:
        self._config, self._run = directory.config_path, run
        self._seen: tuple[int, ...] = ()

    def is_there(self) -> bool:
        """One stat, unless ``config.json`` was replaced; one that cannot be read is not another run's."""
        try:
            found = self._config.stat()
        except OSError:
            return False
        stamp = (found.st_dev, found.st_ino, found.st_mtime_ns)
        if stamp != self._seen:
            with suppress(UserError):
                value = read_json(self._config)
                if isinstance(value, dict) and str(value.get("run", self._run)) != self._run:
                    return False
            self._seen = stamp
        return True
