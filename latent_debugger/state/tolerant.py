"""Reading JSON that anybody may have edited: what does not fit gets a default, nothing raises."""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any, Self, TypeGuard, TypeVar

from gan.errors import UserError
from gan.files import read_json, write_json

T = TypeVar("T", bound=str)


class TolerantFile(ABC):
    """A dataclass, all of whose fields have defaults, that is kept in a JSON file."""

    @abstractmethod
    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""

    @classmethod
    @abstractmethod
    def from_json(cls, values: object) -> Self:
        """Read what :meth:`to_json` wrote; each field that does not fit gets its default. It never raises."""

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a file; defaults where it is missing or damaged."""
        try:
            return cls.from_json(read_json(path))
        except UserError:
            return cls()

    def save(self, path: Path) -> None:
        """Write a file, atomically.

        Raises:
            UserError: it cannot be written.
        """
        write_json(path, self.to_json())


def is_int(value: object, low: int, high: int) -> TypeGuard[int]:
    """Whether ``value`` is a whole number (True and False are none) from ``low`` to ``high``."""
    return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high


def number(value: object, low: float, high: float, default: float) -> float:
    """``value`` as a float when it lies between ``low`` and ``high``, else ``default``."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not low <= value <= high:
        return default  # NaN fits no range, and a huge integer is never converted
    return float(value)


def choice(value: object, choices: tuple[T, ...]) -> T:
    """``value`` when it is one of ``choices``, else the first of them."""
    return next((item for item in choices if item == value), choices[0])
