"""From a file to the value it holds, whatever it is wrapped in: zip or older ``torch.save``, tar, safetensors, pickle.

Nothing here needs PyTorch or numpy: this runs in the small process that reads files nobody vouches for.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from gan.importers import limits
from gan.importers.budget import Budget
from gan.importers.builders import BUILDERS, STORAGES, tensor
from gan.importers.limits import UnreadableError
from gan.importers.onnx_graph import is_onnx, read_graph
from gan.importers.tree import storages_in
from gan.importers.unpickle import Builder, Unpickler
from gan.importers.values import ITEM_SIZES, Global, Storage, Tensor
from gan.importers.zips import Zip

_MAGIC = 0x1950A86A20F9469CFC6C
_NOT_CHECKPOINTS = {
    b"\x89HDF": "an HDF5 file (Keras?)",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"GIF8": "a picture",
    b"\x93NUMPY": "a numpy array (.npy), not a network",
    b"\x1f\x8b": "a gzip archive: unpack it first",
    b"BZh": "a bzip2 archive: unpack it first",
    b"7z\xbc\xaf": "a 7-Zip archive: unpack it first",
    b"Rar!": "a RAR archive: unpack it first",
    b"GGUF": "a GGUF file (a language model)",
    b"%PDF": "a document",
    b"\x7fELF": "a program",
    b"MZ": "a program",
}
_SAFETENSORS = {
    "F64": "f64", "F32": "f32", "F16": "f16", "BF16": "bf16", "I64": "i64", "I32": "i32", "I16": "i16", "I8": "i8",
    "U8": "u8", "BOOL": "bool", "U16": "u16", "U32": "u32", "U64": "u64", "F8_E4M3": "f8", "F8_E5M2": "f8",
}  # fmt: skip


@dataclass
class Content:
    """What a file holds."""

    value: Any
    container: str
    """zip, torchscript, legacy, tar, safetensors, pickle or onnx."""
    stubs: list[str] = field(default_factory=list)
    """Classes and functions named in it that were not rebuilt."""
    swapped: bool = False
    """Whether its numbers are big-endian."""


def read(data: memoryview, budget: Budget | None = None, depth: int = 0) -> Content:
    """What the bytes ``data`` of a whole file hold.

    Raises:
        UnreadableError: no checkpoint, damaged, or made to hurt.
    """
    budget = budget or Budget()
    if depth > limits.MAX_ARCHIVES:
        raise UnreadableError("The file packs archives inside archives: no checkpoint does.")
    head = bytes(data[:512])
    if not head:
        raise UnreadableError("The file is empty.", "Copy it again from where it came from.")
    if head.startswith(b"PK"):
        return _zip(data, budget, depth)
    if head[257:262] == b"ustar" and len(data) > 512:
        return _tar(data, budget, depth)
    if _looks_like_safetensors(data):
        return _safetensors(data)
    for magic, what in _NOT_CHECKPOINTS.items():
        if head.startswith(magic):
            raise UnreadableError(f"This is {what}.", "Open a checkpoint: .pth, .pt, .ckpt, .safetensors or .onnx.")
    if is_onnx(head):
        return Content(read_graph(data, budget), "onnx")
    if head[:1] == b"\x80" and head[1:2] in (b"\2", b"\3", b"\4", b"\5"):
        return _pickles(data, budget, depth)
    raise UnreadableError(
        "This is no checkpoint of a kind that is known.", "Open .pth, .pt, .ckpt, .bin, .safetensors or .onnx."
    )


def _zip(data: memoryview, budget: Budget, depth: int) -> Content:
    archive = Zip(data)
    roots = [name.removesuffix("data.pkl") for name in archive.entries if name.rpartition("/")[2] == "data.pkl"]
    if not roots:
        return _zip_of_something(archive, budget, depth)
    root = min(roots, key=len)
    order = archive.read(f"{root}byteorder", 64) if f"{root}byteorder" in archive.entries else b"little"
    storages: dict[str, Storage] = {}

    def find(dtype: str, key: str, count: int) -> Storage:
        if key not in storages:
            storages[key] = _zip_storage(archive, f"{root}data/{key}", dtype)
        return _typed(storages[key], dtype, count)

    machine = Unpickler(
        archive.read(f"{root}data.pkl", limits.MAX_PICKLE), _builders(budget, depth), _persistent(find), budget
    )
    value = machine.load()
    is_script = f"{root}constants.pkl" in archive.entries or any(n.startswith(f"{root}code/") for n in archive.entries)
    kind = "torchscript" if is_script else "zip"
    return Content(value, kind, list(machine.stubs), order == b"big")


def _zip_storage(archive: Zip, name: str, dtype: str) -> Storage:
    place = archive.place(name)
    entry = archive.entries[name]
    if place is None:
        data = archive.read(name, limits.MAX_INFLATED)
        return Storage(dtype, len(data), data=data)
    return Storage(dtype, entry.size, offset=place, crc=entry.crc or None)


def _zip_of_something(archive: Zip, budget: Budget, depth: int) -> Content:
    names = list(archive.entries)
    if any(name.endswith(("serialized_exported_program.json", "models/model.json")) for name in names):
        raise UnreadableError(
            "This is an exported program (.pt2), whose weights are tied to a graph that is not read.",
            "Save the generator's state_dict() instead.",
        )
    inner = [name for name in names if name.lower().endswith((".pth", ".pt", ".ckpt", ".bin", ".safetensors", ".pkl"))]
    if len(inner) != 1:
        raise UnreadableError(
            "This zip archive holds no checkpoint, or several.", "Unpack it and open one of its files."
        )
    place = archive.place(inner[0])
    if place is None:
        raise UnreadableError("This zip archive is compressed.", f"Unpack it and open {inner[0].rpartition('/')[2]}.")
    size = archive.entries[inner[0]].size
    return _shifted(read(archive.data[place : place + size], budget, depth + 1), place, budget)


def _tar(data: memoryview, budget: Budget, depth: int) -> Content:
    position = 0
    found: list[tuple[str, int, int]] = []
    while position + 512 <= len(data) and any(header := bytes(data[position : position + 512])):
        digits = header[124:136].strip(b"\0 ")
        if not digits or any(digit not in b"01234567" for digit in digits) or len(found) > 1000:
            raise UnreadableError("The tar archive is damaged.", "Copy the file again.")
        size, name = int(digits, 8), header[:100].rstrip(b"\0").decode("utf-8", "replace")
        if header[156:157] in (b"0", b"\0"):
            found.append((name, position + 512, size))
        position += 512 + -(-size // 512) * 512
    inner = [item for item in found if item[0].lower().endswith((".pth", ".pt", ".ckpt", ".bin", ".safetensors"))]
    if {"pickle", "storages", "tensors"} <= {name for name, _, _ in found}:
        raise UnreadableError(
            "This is a checkpoint of PyTorch 0.1, which is not read.", "Save it with a newer PyTorch."
        )
    if len(inner) != 1:
        raise UnreadableError(
            "This tar archive holds no checkpoint, or several.", "Unpack it and open one of its files."
        )
    _, start, size = inner[0]
    if start + size > len(data):
        raise UnreadableError("The tar archive is cut off.", "Copy the file again.")
    return _shifted(read(data[start : start + size], budget, depth + 1), start, budget)


def _pickles(data: memoryview, budget: Budget, depth: int) -> Content:
    """Plain pickle, or what torch.save wrote before 1.6: pickles, one after another, then the storages."""
    head = bytes(data[: limits.MAX_PICKLE])
    waiting: dict[str, Storage] = {}

    def find(dtype: str, key: str, count: int) -> Storage:
        nbytes = count * ITEM_SIZES[dtype]
        if key not in waiting:
            if nbytes > len(data):
                raise UnreadableError("A tensor in this file claims more numbers than the file holds.")
            waiting[key] = Storage(dtype, nbytes)
        return _typed(waiting[key], dtype, count)

    machine = Unpickler(head, _builders(budget, depth), _persistent(find), budget)
    first = machine.load()
    if first != _MAGIC:
        return Content(first, "pickle", list(machine.stubs))
    machine.load()  # the version of the protocol
    system = machine.load()
    swapped = isinstance(system, dict) and system.get("little_endian") is False
    value = machine.load()
    keys = machine.load()
    position = machine.position
    for key in keys if isinstance(keys, list) else ():
        storage = waiting.get(str(key))
        if storage is None or position + 8 > len(data):
            raise UnreadableError("The file is cut off or damaged.", "Copy it again.")
        (count,) = struct.unpack_from(">q" if swapped else "<q", data, position)
        if count * ITEM_SIZES[storage.dtype] != storage.nbytes or position + 8 + storage.nbytes > len(data):
            raise UnreadableError("The file is cut off or damaged.", "Copy it again.")
        storage.offset = position + 8
        position += 8 + storage.nbytes
    if any(storage.offset is None for storage in waiting.values()):
        raise UnreadableError("The file is cut off or damaged: weights are missing.", "Copy it again.")
    return Content(value, "legacy", list(machine.stubs), swapped)


def _typed(storage: Storage, dtype: str, count: int) -> Storage:
    """The storage as a pickle describes it: by its number format and count, which must fit."""
    if count * ITEM_SIZES[dtype] > storage.nbytes:
        raise UnreadableError("A tensor in this file claims more numbers than the file holds.")
    if storage.dtype == dtype:
        return storage
    raise UnreadableError("A part of this file is used with two number formats.")


def _persistent(find: Callable[[str, str, int], Storage]) -> Builder:
    """References out of a pickle: storages, and (before 1.6) a class with its source, which is not looked at."""

    def load(identity: Any) -> Any:
        if isinstance(identity, tuple) and len(identity) >= 2 and identity[0] == "module":
            return identity[1]
        if not isinstance(identity, tuple) or len(identity) < 5 or identity[0] != "storage":
            raise UnreadableError("The pickle in this file refers to something that is no storage.")
        kind, key, count = identity[1], str(identity[2]), identity[4]
        dtype = STORAGES.get(kind.name) if isinstance(kind, Global) else None
        if dtype is None or type(count) is not int or not 0 <= count < 2**48:
            raise UnreadableError(f"A tensor in this file has a number format that is not read ({kind}).")
        storage = find(dtype, key, count)
        if len(identity) > 5 and isinstance(identity[5], tuple) and identity[5]:
            raise UnreadableError(
                "The file uses storages inside storages, as PyTorch 0.3 did.", "Save it with a newer one."
            )
        return storage

    return load


def _builders(budget: Budget, depth: int) -> dict[Global, Builder]:
    """The usual builders, and the one for a torch.save inside a pickle (as StyleGAN's files have them)."""

    def nested(arguments: Any) -> Any:
        data = arguments[0]
        if not isinstance(data, bytes):
            raise UnreadableError("The pickle in this file is damaged.")
        content = read(memoryview(data), budget, depth + 1)
        if isinstance(content.value, Storage):
            _embed(content.value, data)
        return content.value

    return {**BUILDERS, Global("torch.storage", "_load_from_bytes"): nested}


def _embed(storage: Storage, data: bytes) -> None:
    if storage.offset is not None:
        storage.data = data[storage.offset : storage.offset + storage.nbytes]
        storage.offset = None


def _shifted(content: Content, by: int, budget: Budget) -> Content:
    """The content of an inner file, with places counted from the start of the outer one."""
    for storage in storages_in(content.value, budget):
        if storage.offset is not None:
            storage.offset += by
    return content


def _looks_like_safetensors(data: memoryview) -> bool:
    if len(data) < 10 or data[8] not in b"{":
        return False
    (length,) = struct.unpack_from("<Q", data)
    return bool(2 <= length <= len(data) - 8)


def _safetensors(data: memoryview) -> Content:
    (length,) = struct.unpack_from("<Q", data)
    if length > limits.MAX_HEADER:
        raise UnreadableError("The header of this safetensors file is too large.")
    try:
        header = json.loads(bytes(data[8 : 8 + length]), object_pairs_hook=_unique)
    except (ValueError, RecursionError) as error:
        raise UnreadableError("The header of this safetensors file is damaged.", "Copy it again.") from error
    if not isinstance(header, dict) or len(header) > limits.MAX_TENSORS:
        raise UnreadableError("The header of this safetensors file is damaged.", "Copy it again.")
    header.pop("__metadata__", None)
    start, end = 8 + length, len(data) - 8 - length
    found: dict[str, Tensor] = {}
    for name, about in header.items():
        found[name] = _placed(name, about, start, end)
    return Content(found, "safetensors")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name twice")
    return found


def _is_size(value: object) -> bool:
    return type(value) is int and 0 <= value < 2**48


def _placed(name: str, about: Any, start: int, end: int) -> Tensor:
    """One tensor of a safetensors file."""
    try:
        dtype, shape, (first, last) = _SAFETENSORS.get(about["dtype"]), about["shape"], about["data_offsets"]
        if not isinstance(shape, list) or len(shape) > limits.MAX_DIMENSIONS or not all(map(_is_size, shape)):
            raise ValueError
        strides: list[int] = []
        step = 1
        for size in reversed(shape):
            strides.insert(0, step)
            step *= size
        inside = type(first) is int and type(last) is int and 0 <= first <= last <= end
        if dtype is None or not inside or step * ITEM_SIZES[dtype] != last - first:
            raise ValueError
        return tensor(Storage(dtype, last - first, offset=start + first), 0, tuple(shape), tuple(strides))
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise UnreadableError(
            f"The tensor {name[:80]!r} in this safetensors file is damaged.", "Copy it again."
        ) from error
