"""Which files somebody's own code has opened, so that it can be offered again. Nothing here runs any."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from typing import Any, Self

from latent_debugger.state.model import AdapterUse
from latent_debugger.state.tolerant import TolerantFile

MOST = 200
"""Files remembered; the oldest are forgotten."""
MAX_NAME = 4096
"""Characters of a path, a name or a label."""


@dataclass(frozen=True)
class AdapterMemory(TolerantFile):
    """Adapters by the path of what they opened, oldest first."""

    by_path: dict[str, AdapterUse] = field(default_factory=dict)
    last: str = ""
    """The adapter that was named last, whether it worked or not."""

    def naming(self, name: str) -> AdapterMemory:
        """With another adapter that was named last."""
        return replace(self, last=name)

    def adding(self, path: str, use: AdapterUse) -> AdapterMemory:
        """With one more, or another one for the same file."""
        kept = [(key, value) for key, value in self.by_path.items() if key != path]
        return replace(self, by_path=dict([*kept, (path, use)][-MOST:]))

    def without(self, path: str) -> AdapterMemory:
        """After ``path`` was opened without any."""
        return replace(self, by_path={key: value for key, value in self.by_path.items() if key != path})

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {"last": self.last, "files": {path: asdict(use) for path, use in self.by_path.items()}}

    @classmethod
    def from_json(cls, values: object) -> Self:
        """Read what :meth:`to_json` wrote; it never raises."""
        found = values if isinstance(values, dict) else {}
        files = found.get("files")
        files = files if isinstance(files, dict) else {}
        known = {str(path): use for path, value in files.items() if (use := _use(value)) is not None}
        return cls(dict(list(known.items())[-MOST:]), _text(found.get("last")) or "")


def _use(value: object) -> AdapterUse | None:
    found = value if isinstance(value, dict) else {}
    name, label, space = (_text(found.get(key)) for key in ("name", "label", "space"))
    return AdapterUse(name, label or "", space or "z") if name else None


def _text(value: object) -> str | None:
    fits = isinstance(value, str) and len(value) <= MAX_NAME and "\0" not in value
    return value if fits and isinstance(value, str) else None
