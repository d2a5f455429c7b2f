"""The directory of a zip archive, read strictly: every entry lies inside the file, and none overlaps another.

Python's ``zipfile`` is made for archives of every kind. PyTorch writes one kind: nothing encrypted, nothing split, and
nearly always nothing compressed, so that weights can be read where they lie.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass

from gan.importers import limits
from gan.importers.limits import UnreadableError

_END, _END64, _LOCATOR = b"PK\x05\x06", b"PK\x06\x06", b"PK\x06\x07"
_STORED, _DEFLATED = 0, 8
_FULL = 0xFFFFFFFF


@dataclass(frozen=True)
class Entry:
    """One file inside an archive."""

    name: str
    method: int
    packed: int
    """Bytes in the archive."""
    size: int
    """Bytes after decompression."""
    crc: int
    header: int
    """Where its local header begins."""


class Zip:
    """An archive in ``data``.

    Raises:
        UnreadableError: damaged, or larger than any checkpoint needs.
    """

    def __init__(self, data: memoryview) -> None:
        self.data = data
        self._inflated = 0
        try:
            self.entries = {entry.name: entry for entry in self._directory()}
        except (struct.error, IndexError, ValueError) as error:
            raise UnreadableError("The archive is cut off or damaged.", "Copy the file again.") from error

    def place(self, name: str) -> int | None:
        """Where the bytes of an uncompressed entry begin in ``data``; None if it is compressed.

        Raises:
            UnreadableError: there is no such entry, or it does not lie inside the archive.
        """
        entry = self._entry(name)
        return self._begin(entry) if entry.method == _STORED else None

    def read(self, name: str, most: int) -> bytes:
        """The bytes of an entry.

        Raises:
            UnreadableError: more than ``most`` of them, compressed too much, or damaged.
        """
        entry = self._entry(name)
        if entry.size > most:
            raise UnreadableError(f"{entry.name} inside the archive is too large ({entry.size:,} bytes).")
        start = self._begin(entry)
        packed = self.data[start : start + entry.packed]
        data = bytes(packed) if entry.method == _STORED else self._inflate(packed, entry)
        if len(data) != entry.size or (entry.crc and zlib.crc32(data) != entry.crc):
            raise UnreadableError(f"{entry.name} inside the archive is damaged.", "Copy the file again.")
        return data

    def _inflate(self, packed: memoryview, entry: Entry) -> bytes:
        self._inflated += entry.size
        swollen = entry.size > 2**20 and entry.size > limits.MAX_RATIO * max(entry.packed, 1)
        if swollen or self._inflated > limits.MAX_INFLATED:
            raise UnreadableError(f"{entry.name} inside the archive would unpack to {entry.size:,} bytes.")
        try:
            return zlib.decompressobj(-15).decompress(packed, entry.size + 1)
        except zlib.error as error:
            raise UnreadableError(f"{entry.name} inside the archive is damaged.", "Copy the file again.") from error

    def _entry(self, name: str) -> Entry:
        entry = self.entries.get(name)
        if entry is None:
            raise UnreadableError(
                f"The archive has no {name}, to which its description refers.", "Copy the file again."
            )
        if entry.method not in (_STORED, _DEFLATED) or (entry.method == _STORED and entry.packed != entry.size):
            raise UnreadableError(f"{entry.name} inside the archive is packed in a way that is not read.")
        return entry

    def _begin(self, entry: Entry) -> int:
        at = entry.header
        if bytes(self.data[at : at + 4]) != b"PK\x03\x04":
            raise UnreadableError("The archive is cut off or damaged.", "Copy the file again.")
        names, extra = struct.unpack_from("<HH", self.data, at + 26)
        start: int = at + 30 + names + extra
        if start + entry.packed > len(self.data):
            raise UnreadableError("The archive is cut off or damaged.", "Copy the file again.")
        return start

    def _directory(self) -> list[Entry]:
        size, at = self._end()
        if size > limits.MAX_HEADER or at + size > len(self.data):
            raise UnreadableError("The directory of the archive is damaged.", "Copy the file again.")
        directory, position = bytes(self.data[at : at + size]), 0
        found: dict[str, Entry] = {}
        while position + 46 <= len(directory) and directory[position : position + 4] == b"PK\x01\x02":
            entry, position = _directory_entry(directory, position)
            if entry.name in found or len(found) >= limits.MAX_ENTRIES:
                raise UnreadableError("The archive names a part of itself twice, or has far too many.")
            found[entry.name] = entry
        if sum(entry.packed for entry in found.values()) > len(self.data):
            raise UnreadableError("Parts of the archive overlap: no checkpoint is made like that.")
        return list(found.values())

    def _end(self) -> tuple[int, int]:
        """Length and place of the directory."""
        tail = bytes(self.data[-(22 + 65_535) :])
        found = tail.rfind(_END)
        if found < 0:
            raise UnreadableError("The archive is cut off: its directory is missing.", "Copy the file again.")
        size, at = struct.unpack_from("<II", tail, found + 12)
        locator = found - 20
        if locator >= 0 and tail[locator : locator + 4] == _LOCATOR:
            (where,) = struct.unpack_from("<Q", tail, locator + 8)
            if where + 56 > len(self.data) or bytes(self.data[where : where + 4]) != _END64:
                raise UnreadableError("The directory of the archive is damaged.", "Copy the file again.")
            size, at = struct.unpack_from("<QQ", self.data, where + 40)
        return size, at


def _directory_entry(directory: bytes, at: int) -> tuple[Entry, int]:
    flags, method = struct.unpack_from("<HH", directory, at + 8)
    crc, packed, size, names, extra, comment = struct.unpack_from("<IIIHHH", directory, at + 16)
    (header,) = struct.unpack_from("<I", directory, at + 42)
    name = directory[at + 46 : at + 46 + names].decode("utf-8", "replace")
    if flags & 1:
        raise UnreadableError("The archive is encrypted.", "Unpack it with its password first.")
    fields = directory[at + 46 + names : at + 46 + names + extra]
    wide = _zip64(fields)
    values = []
    for value in (size, packed, header):
        if value == _FULL and len(wide) >= 8:
            (value,) = struct.unpack_from("<Q", wide)
            wide = wide[8:]
        values.append(value)
    size, packed, header = values
    return Entry(name, method, packed, size, crc, header), at + 46 + names + extra + comment


def _zip64(fields: bytes) -> bytes:
    position = 0
    while position + 4 <= len(fields):
        kind, length = struct.unpack_from("<HH", fields, position)
        if kind == 1:
            return fields[position + 4 : position + 4 + length]
        position += 4 + length
    return b""
