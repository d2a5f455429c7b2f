"""A .npy file of pictures of one size: written row by row, read row by row."""

from __future__ import annotations

import os
import weakref
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import IO, Any

import numpy as np

from gan.errors import UserError
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


class FileRows(np.memmap[Any, np.dtype[np.uint8]]):
    """A C-ordered array in somebody's file: what is indexed by its first axis is read from there, as a copy.

    The system ends a program that looks at a mapped file which another one makes shorter; reading it is a UserError.
    That costs some microseconds a picture. Where there is no ``os.preadv``, on Windows, nobody can shorten such a file.
    """

    _descriptor: int | None

    @classmethod
    def of(cls, path: Path) -> Bytes:
        """The array in the .npy file ``path``, mapped but not looked at."""
        mapped = open_rows(path)
        if not hasattr(os, "preadv"):
            return mapped
        rows = mapped.view(cls)
        rows._descriptor = os.open(path, os.O_RDONLY)
        weakref.finalize(rows, os.close, rows._descriptor)
        return rows

    def __array_finalize__(self, obj: Any) -> None:
        super().__array_finalize__(obj)
        self._descriptor = None  # of a part, or of what was computed

    def __getitem__(self, key: Any) -> Any:
        first, *rest = key if isinstance(key, tuple) else (key,)
        places = None if self._descriptor is None else _places(first, len(self))
        if places is None:
            return super().__getitem__(key)
        found = self._read(places)
        if isinstance(first, int | np.integer):
            return found[(0, *rest)]
        return found[(slice(None), *rest)] if rest else found

    def __iter__(self) -> Iterator[Any]:
        return (self[index] for index in range(len(self)))

    def _read(self, places: Sequence[int]) -> Bytes:
        found = np.empty((len(places), *self.shape[1:]), np.uint8)
        size, left = self.strides[0], found.reshape(-1).data
        if isinstance(places, range) and places.step == 1:
            self._fill(left, size * places.start)
        else:
            for index, place in enumerate(places):
                self._fill(left[size * index : size * (index + 1)], size * place)
        return found

    def _fill(self, left: memoryview, start: int) -> None:
        assert self._descriptor is not None
        at = self.offset + start
        while left:
            try:
                read = os.preadv(self._descriptor, (left,), at)
            except OSError as error:
                raise UserError(f"{self.filename} cannot be read: {error.strerror or error}.") from error
            if not read:
                raise UserError(f"{self.filename} was made shorter while it was in use.", "Put it back as it was.")
            at, left = at + read, left[read:]


def _places(key: Any, count: int) -> Sequence[int] | None:
    """Which rows are meant by an index of the first axis; None where it is none.

    Raises:
        IndexError: there are no such rows.
    """
    if isinstance(key, int | np.integer):
        return (range(count)[key],)
    if isinstance(key, slice):
        return range(count)[key]
    chosen = np.asarray(key)
    if chosen.ndim != 1 or chosen.dtype.kind not in "iu":
        return np.flatnonzero(chosen).tolist() if chosen.dtype == np.bool_ and chosen.shape == (count,) else None
    if len(chosen) and not -count <= chosen.min() <= chosen.max() < count:
        raise IndexError(f"of {count} rows there is none with the number {chosen.min()} or {chosen.max()}")
    places: list[int] = (chosen % count).tolist()
    return places


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
