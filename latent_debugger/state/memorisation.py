"""How copies and collapse are looked for: what the panel *Copy check* remembers."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

from latent_debugger.state.paths import home
from latent_debugger.state.tolerant import TolerantFile, is_int

MIN_SAMPLES, MAX_SAMPLES, SAMPLES = 64, 4096, 512


@dataclass(frozen=True)
class MemorisationSettings(TolerantFile):
    """Options of a check."""

    samples: int = SAMPLES
    """Pictures that are drawn for a verdict, 64 ... 4096."""

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: object) -> Self:
        """Read what :meth:`to_json` wrote; it never raises."""
        samples = values.get("samples") if isinstance(values, dict) else None
        return cls(samples if is_int(samples, MIN_SAMPLES, MAX_SAMPLES) else SAMPLES)


def memorisation_path() -> Path:
    """Where they are kept."""
    return home() / "copy-check.json"
