"""Reading JSON that anybody may have edited: what does not fit gets a default, nothing raises."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any, Self, TypeGuard, TypeVar

from gan.errors import UserError
from gan.files import read_json, write_json
from latent_debugger.state.aside import set_aside

MAX_BYTES = 2**26
"""No file of these grows so large; one that claims to is not even read."""

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

    @classmethod
    def recover(cls, path: Path, what: str) -> tuple[Self, str]:
        """:meth:`load` for a file that will be written again: a damaged one is set aside first.

        Args:
            what: what it holds, to begin a sentence with: ``The session``.

        Returns:
            What could be read, and what the user should know in one sentence; empty when all is well.
        """
        try:
            if path.stat().st_size > MAX_BYTES:
                raise ValueError
            value = json.loads(path.read_bytes())
            if not isinstance(value, dict):
                raise ValueError
            return cls.from_json(value), ""
        except (FileNotFoundError, NotADirectoryError):  # where home is no folder, the library of stars says so
            return cls(), ""
        except OSError as error:
            return cls(), f"{what} in {path} cannot be read ({error.strerror or error}), so it begins anew."
        except (ValueError, RecursionError):
            pass
        try:
            aside = set_aside(path)
        except OSError as error:
            reason = error.strerror or str(error)
            return cls(), f"{what} in {path} is damaged, begins anew and cannot be set aside: {reason}."
        return cls(), f"{what} was damaged and begins anew; the file was kept as {aside.name}."

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
