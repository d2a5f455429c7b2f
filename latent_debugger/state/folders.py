"""Where the user last chose a file, for each kind of file dialog."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from PySide6.QtCore import QObject, Signal

MAX_KINDS = 32


class Folders(QObject):
    """One folder for each kind; a kind is the objectName of its dialog, ``dialog.open`` for example."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._folders: dict[str, str] = {}

    @property
    def all(self) -> dict[str, str]:
        """A copy of what is remembered: folder by kind."""
        return dict(self._folders)

    def restore(self, folders: Mapping[str, str]) -> None:
        """Take over what the last session left."""
        self._folders = dict(folders)

    def get(self, kind: str) -> Path | None:
        """The folder of the latest choice; it may be gone by now. None before the first."""
        found = self._folders.get(kind)
        return Path(found) if found is not None else None

    def remember(self, kind: str, folder: Path) -> None:
        """A file in ``folder`` was chosen."""
        if self._folders.get(kind) != str(folder):
            kept = [item for item in self._folders.items() if item[0] != kind]
            self._folders = dict([*kept, (kind, str(folder))][-MAX_KINDS:])
            self.changed.emit()
