"""What a parsed file is made of: plain Python values, and these. None of them can do anything."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

ITEM_SIZES = {
    "f64": 8, "f32": 4, "f16": 2, "bf16": 2, "i64": 8, "i32": 4, "i16": 2, "i8": 1, "u8": 1, "bool": 1,
    "u16": 2, "u32": 4, "u64": 8, "c64": 8, "c128": 16, "f8": 1,
}  # fmt: skip
"""Bytes of one element, by our names of number formats."""


@dataclass(frozen=True)
class Global:
    """The name of a class or function. Nothing is imported."""

    module: str
    name: str

    def __str__(self) -> str:
        return f"{self.module}.{self.name}"


@dataclass(eq=False)
class Stub:
    """An object of a class that is not rebuilt: only what the file says about it."""

    kind: Global
    arguments: Any = ()
    state: Any = None
    items: list[Any] = field(default_factory=list)
    entries: dict[Any, Any] = field(default_factory=dict)


class HalfMade:
    """A value that a pickle completes with a second instruction."""

    def set_state(self, state: Any) -> None:
        """Take what the pickle gives.

        Raises:
            UnreadableError: it makes no sense.
        """
        raise NotImplementedError


@dataclass(eq=False)
class Storage:
    """Where numbers lie: in the file itself, or in memory because they were compressed or inside a pickle."""

    dtype: str
    nbytes: int
    offset: int | None = None
    """First byte in the file; None until known, or when ``data`` holds the bytes."""
    data: bytes | None = None
    crc: int | None = None
    """CRC-32 that the archive gives for the whole storage."""


@dataclass(frozen=True, eq=False)
class Tensor:
    """A view of a storage, checked to stay inside it."""

    storage: Storage
    dtype: str
    shape: tuple[int, ...]
    strides: tuple[int, ...]
    """In elements."""
    start: int
    """In elements."""

    @property
    def count(self) -> int:
        """Number of elements."""
        count = 1
        for size in self.shape:
            count *= size
        return count
