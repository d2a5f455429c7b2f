"""One measured number, and what it should be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

Sense = Literal["≤", "≥", "="]


@dataclass(frozen=True)
class Figure:
    """A line of the table.

    Attributes:
        target: None where there is nothing to reach.
        sense: how ``value`` has to relate to ``target``.
    """

    name: str
    value: float
    unit: str
    target: float | None = None
    sense: Sense = "≤"

    @property
    def met(self) -> bool | None:
        """Whether the target is reached; None where there is none."""
        if self.target is None:
            return None
        return {
            "≤": self.value <= self.target,
            "≥": self.value >= self.target,
            "=": self.value == self.target,
        }[self.sense]

    def to_json(self) -> dict[str, Any]:
        """The keys that other programs rely on."""
        return {"name": self.name, "value": self.value, "unit": self.unit, "target": self.target, "met": self.met}
