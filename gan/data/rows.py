"""A growing .npy file of pictures of one size, or the same in memory."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import IO

import numpy as np

from gan.images import Bytes


def write_rows(path: Path, rows: Iterable[Bytes], most: int, shape: tuple[int, ...]) -> int:
    """Write at most ``most`` arrays uint8 of ``shape`` as one .npy file, in flat memory; returns how many.

    They are appended, not written through a memory map: a full disk is then an error and no crash.
    """
    count = 0
    with open(path, "wb") as file:
        _write_header(file, most, shape)
        for row in rows:
            file.write(np.ascontiguousarray(row).data)
            count += 1
        file.seek(0)
        _write_header(file, count, shape)  # NumPy leaves room for any number, so it is as long as before
    return count


def open_rows(path: Path) -> Bytes:
    """What :func:`write_rows` wrote, memory-mapped and read-only."""
    rows: Bytes = np.lib.format.open_memmap(path, mode="r")
    return rows


def collect_rows(rows: Iterable[Bytes], most: int, shape: tuple[int, ...]) -> Bytes:
    """The same in memory, read-only."""
    found = np.empty((most, *shape), np.uint8)  # pages never written cost no memory
    count = 0
    for row in rows:
        found[count] = row
        count += 1
    found.flags.writeable = False
    return found[:count]


def _write_header(file: IO[bytes], count: int, shape: tuple[int, ...]) -> None:
    header = {"descr": "|u1", "fortran_order": False, "shape": (count, *shape)}
    np.lib.format.write_array_header_1_0(file, header)
