"""What makes many small edits one undo step: a token they share."""

from __future__ import annotations

from PySide6.QtCore import QElapsedTimer

PAUSE_MS = 600


class Burst:
    """Hands out the same token to edits in quick succession: a turn of the wheel, a key held down.

    Args:
        pause_ms: a longer pause than this starts a new burst.
    """

    def __init__(self, pause_ms: int = PAUSE_MS) -> None:
        self._pause_ms = pause_ms
        self._token: object = None
        self._since = QElapsedTimer()

    def token(self) -> object:
        """The token of the edit that happens now; compare tokens by identity."""
        if self._token is None or self._since.elapsed() > self._pause_ms:
            self._token = object()
        self._since.restart()
        return self._token

    def end(self) -> None:
        """Whatever comes next starts a new burst."""
        self._token = None
