"""From the place of a tensor in a file to its numbers, bit for bit; floating point comes as float32."""

from __future__ import annotations

import zlib
from pathlib import Path
from typing import Any, BinaryIO, Literal

import numpy as np
import numpy.typing as npt

from gan.importers.limits import UnreadableError
from gan.importers.parsed import Parsed
from gan.importers.values import ITEM_SIZES, Storage, Tensor

_NUMPY = {
    "f64": "f8", "f32": "f4", "f16": "f2", "bf16": "u2", "i64": "i8", "i32": "i4", "i16": "i2", "i8": "i1", "u8": "u1",
    "bool": "?", "u16": "u2", "u32": "u4", "u64": "u8",
}  # fmt: skip


class Arrays:
    """The numbers of a parsed file. Use it as a context manager: it keeps the file open.

    Attributes:
        damaged: how many storages did not have the checksum that their archive gives.
    """

    def __init__(self, path: Path, parsed: Parsed) -> None:
        self._path, self._parsed = path, parsed
        self.damaged = 0
        self._read: dict[int, npt.NDArray[np.uint8]] = {}

    def __enter__(self) -> Arrays:
        self._file: BinaryIO = open(self._path, "rb")
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def get(self, tensor: Tensor) -> npt.NDArray[Any]:
        """A contiguous array of the tensor's shape: float32, or whole numbers as the file has them.

        Raises:
            UnreadableError: a number format that is not read, or the file has changed meanwhile.
        """
        code = _NUMPY.get(tensor.dtype)
        if code is None:
            raise UnreadableError(f"The number format {tensor.dtype} is not read.", "Save the weights as float32.")
        size = ITEM_SIZES[tensor.dtype]
        data = self._bytes(tensor.storage)
        order: Literal["<", ">"] = ">" if self._parsed.swapped else "<"
        raw = data[: len(data) // size * size].view(np.dtype(code).newbyteorder(order))
        steps = [stride * size for stride in tensor.strides]
        if not tensor.count:
            raw = raw[:0]
        view = np.lib.stride_tricks.as_strided(raw[tensor.start :], tensor.shape, steps)
        if tensor.dtype == "bf16":  # the upper half of a float32
            return (view.astype("<u4") << 16).view(np.float32).reshape(tensor.shape)
        if tensor.dtype in ("f16", "f32", "f64"):
            whole = tensor.count == len(raw) and view.flags.c_contiguous  # nobody else's numbers: no copy
            return np.asarray(view, np.float32) if whole else np.array(view, np.float32, order="C")
        return np.array(view, code, order="C")

    def _bytes(self, storage: Storage) -> npt.NDArray[np.uint8]:
        if id(storage) in self._read:
            return self._read[id(storage)]
        data = np.empty(storage.nbytes, np.uint8)  # a bytearray would be written twice: with zeros first
        if storage.data is None:
            self._file.seek(storage.offset or 0)
            count = self._file.readinto(data.data)  # type: ignore[attr-defined]
        else:
            assert self._parsed.spilled is not None
            with open(self._parsed.spilled, "rb") as file:
                file.seek(storage.offset or 0)
                count = file.readinto(data.data)
        if count != storage.nbytes:
            raise UnreadableError("The file has changed while it was read.", "Open it again.")
        if storage.crc is not None and zlib.crc32(data.data) != storage.crc:
            self.damaged += 1
        self._read[id(storage)] = data
        return data
