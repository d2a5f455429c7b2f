"""Reading single values out of JSON that anybody may have edited: what does not fit gets a default, nothing raises."""

from __future__ import annotations

from typing import TypeGuard, TypeVar

T = TypeVar("T", bound=str)


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
