"""How long reading one file may take."""

from __future__ import annotations

import time

from gan.importers import limits
from gan.importers.limits import UnreadableError


class Budget:
    """What is left of the instructions and the time for one file.

    Args:
        operations: instructions of all its pickles together.
        seconds: processor time.
    """

    def __init__(self, operations: int = limits.MAX_OPERATIONS, seconds: float = limits.MAX_SECONDS) -> None:
        self.operations = operations
        self._end = time.process_time() + seconds

    def spend(self, operations: int) -> None:
        """Take some away.

        Raises:
            UnreadableError: there are none left.
        """
        self.operations -= operations
        if self.operations < 0 or time.process_time() > self._end:
            raise UnreadableError("The file takes too long to read: no checkpoint needs that many instructions.")
