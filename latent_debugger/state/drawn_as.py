"""How other projects' files are drawn, where the user has said it: remembered by what is in them, not by their name."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, field
from typing import Any, Self, cast

from gan.importers.choices import OPTIONS, Choices
from latent_debugger.state.tolerant import TolerantFile

MOST = 10_000
"""Files remembered; the oldest are forgotten."""


@dataclass(frozen=True)
class DrawnAs(TolerantFile):
    """Choices by the sha256 of a file, oldest first."""

    by_sha256: dict[str, Choices] = field(default_factory=dict)

    def adding(self, sha256: str, choices: Choices) -> DrawnAs:
        """With one more, or another answer for the same file."""
        kept = [(key, value) for key, value in self.by_sha256.items() if key != sha256]
        return DrawnAs(dict([*kept, (sha256, choices)][-MOST:]))

    def to_json(self) -> dict[str, Any]:
        return {
            key: {name: said for name, said in asdict(value).items() if said} for key, value in self.by_sha256.items()
        }

    @classmethod
    def from_json(cls, values: object) -> Self:
        found = values if isinstance(values, dict) else {}
        known = {key: _choices(value) for key, value in found.items() if re.fullmatch("[0-9a-f]{64}", str(key))}
        return cls({key: value for key, value in known.items() if value != Choices()})


def _choices(values: object) -> Choices:
    said = values if isinstance(values, dict) else {}
    return Choices(**cast(Any, {name: said[name] for name, options in OPTIONS.items() if said.get(name) in options}))
