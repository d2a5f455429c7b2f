"""What may be rebuilt from a pickle: tensors, numpy arrays and numbers, and plain containers, with checked arguments.

The names on the left are those that PyTorch, numpy and Python write; the functions on the right are ours and only make
values of :mod:`gan.importers.values`. A tensor is refused unless every element lies inside its storage.
"""

from __future__ import annotations

import struct
from array import array
from collections.abc import Callable
from typing import Any

from gan.importers import limits
from gan.importers.limits import UnreadableError
from gan.importers.unpickle import Builder
from gan.importers.values import ITEM_SIZES, Global, HalfMade, Storage, Tensor

_DTYPES = {
    "float64": "f64", "double": "f64", "float32": "f32", "float": "f32", "float16": "f16", "half": "f16",
    "bfloat16": "bf16", "int64": "i64", "long": "i64", "int32": "i32", "int": "i32", "int16": "i16", "short": "i16",
    "int8": "i8", "uint8": "u8", "bool": "bool", "uint16": "u16", "uint32": "u32", "uint64": "u64",
    "complex64": "c64", "complex128": "c128", "float8_e4m3fn": "f8", "float8_e5m2": "f8",
}  # fmt: skip
STORAGES = {
    "DoubleStorage": "f64", "FloatStorage": "f32", "HalfStorage": "f16", "BFloat16Storage": "bf16",
    "LongStorage": "i64", "IntStorage": "i32", "ShortStorage": "i16", "CharStorage": "i8", "ByteStorage": "u8",
    "BoolStorage": "bool", "ComplexFloatStorage": "c64", "ComplexDoubleStorage": "c128", "UntypedStorage": "u8",
}  # fmt: skip
"""Number formats by the names of PyTorch's storage classes."""
_NUMPY = {
    "f8": "f64", "f4": "f32", "f2": "f16", "i8": "i64", "i4": "i32", "i2": "i16", "i1": "i8", "u1": "u8", "b1": "bool",
    "u2": "u16", "u4": "u32", "u8": "u64", "c8": "c64", "c16": "c128",
}  # fmt: skip
_STRUCT = {
    "f64": "d", "f32": "f", "f16": "e", "i64": "q", "i32": "i", "i16": "h", "i8": "b", "u8": "B", "bool": "?",
    "u16": "H", "u32": "I", "u64": "Q",
}  # fmt: skip


class NumpyType(HalfMade):
    """A numpy dtype: ``code`` is ours, None for what holds no numbers (objects, text, records)."""

    def __init__(self, code: object) -> None:
        self.code = _NUMPY.get(code) if isinstance(code, str) else None
        self.big = False

    def set_state(self, state: Any) -> None:
        """The byte order is what matters of it."""
        if isinstance(state, tuple) and len(state) > 1:
            self.big = state[1] == ">"


class NumpyArray(HalfMade):
    """A numpy array; ``tensor`` is None until its bytes come, and for arrays of objects, which are not read."""

    def __init__(self) -> None:
        self.tensor: Tensor | None = None

    def set_state(self, state: Any) -> None:
        """(version, shape, dtype, whether in Fortran's order, bytes)."""
        if not isinstance(state, tuple) or len(state) != 5:
            raise UnreadableError("A numpy array in this file is damaged.")
        _, shape, kind, fortran, data = state
        self.tensor = _numpy_tensor(shape, kind, bool(fortran), data)


def tensor(storage: Any, start: Any, shape: Any, strides: Any, dtype: str | None = None) -> Tensor:
    """A checked view of ``storage``.

    Raises:
        UnreadableError: an argument of the wrong kind, or elements outside the storage.
    """
    if not isinstance(storage, Storage) or not isinstance(shape, tuple) or not isinstance(strides, tuple):
        raise UnreadableError("A tensor in this file is damaged.")
    numbers = (start, *shape, *strides)
    if len(shape) != len(strides) or not all(type(n) is int and 0 <= n < 2**48 for n in numbers):
        raise UnreadableError("A tensor in this file has an impossible shape.")
    if len(shape) > limits.MAX_DIMENSIONS:
        raise UnreadableError(f"A tensor in this file has {len(shape)} axes.")
    found = Tensor(storage, dtype or storage.dtype, shape, strides, start)
    held = storage.nbytes // ITEM_SIZES[found.dtype]
    reach = start + sum((size - 1) * stride for size, stride in zip(shape, strides, strict=True)) + 1
    if found.count and reach > held:
        raise UnreadableError(
            f"A tensor of shape {_words(shape)} in this file claims more numbers than the file holds."
        )
    if found.count > max(held, limits.MAX_OVERLAP):
        raise UnreadableError(
            f"A tensor of shape {_words(shape)} in this file claims {found.count} numbers; it has {held}."
        )
    return found


def _words(shape: tuple[int, ...]) -> str:
    return " × ".join(map(str, shape))


def _numpy_tensor(shape: Any, kind: Any, fortran: bool, data: Any) -> Tensor | None:
    if not isinstance(kind, NumpyType) or kind.code is None or isinstance(data, list):
        return None
    raw = data.encode("latin-1") if isinstance(data, str) else data
    if not isinstance(raw, bytes) or not isinstance(shape, tuple):
        raise UnreadableError("A numpy array in this file is damaged.")
    size = ITEM_SIZES[kind.code]
    if kind.big and size > 1:
        raw = _swapped(raw, size)
    strides, step = [], 1
    for extent in shape if fortran else shape[::-1]:
        strides.append(step)
        step *= extent if isinstance(extent, int) else 1
    return tensor(Storage(kind.code, len(raw), data=raw), 0, shape, tuple(strides if fortran else strides[::-1]))


def _swapped(raw: bytes, size: int) -> bytes:
    if size not in (2, 4, 8) or len(raw) % size:
        raise UnreadableError("A numpy array in this file is damaged.")
    numbers = array("H" if size == 2 else "I" if size == 4 else "Q", raw)
    numbers.byteswap()
    return numbers.tobytes()


def _numpy_scalar(arguments: Any) -> Any:
    kind, *rest = arguments
    if not rest or not isinstance(kind, NumpyType) or kind.code not in _STRUCT:
        return None
    raw = rest[0].encode("latin-1") if isinstance(rest[0], str) else rest[0]
    return struct.unpack((">" if kind.big else "<") + _STRUCT[kind.code], raw)[0]


def _array_of_buffer(arguments: Any) -> Any:
    """numpy's ``_frombuffer(bytes, dtype, shape, order)`` of protocol 5."""
    data, kind, shape, order = arguments
    found = NumpyArray()
    found.tensor = _numpy_tensor(shape, kind, order == "F", data)
    return found


def _tensor_v2(arguments: Any) -> Tensor:
    storage, start, shape, strides = arguments[:4]
    return tensor(storage, start, shape, strides)


def _tensor_v3(arguments: Any) -> Tensor:
    name = arguments[6]
    dtype = _DTYPES.get(name.name) if isinstance(name, Global) and name.module == "torch" else None
    if dtype is None:
        raise UnreadableError(f"A tensor in this file has the number format {name}, which is not read.")
    storage, start, shape, strides = arguments[:4]
    return tensor(storage, start, shape, strides, dtype)


def _of_type(arguments: Any) -> Any:
    """A tensor of a subclass: the function that rebuilds it, the class, its arguments, what else it had."""
    function, _, inner = arguments[:3]
    builder = BUILDERS.get(function) if isinstance(function, Global) else None
    if builder not in (_tensor_v2, _tensor_v3, _first):
        raise UnreadableError("A tensor in this file is of a kind that is not read.")
    return builder(inner)


def _of_numpy(arguments: Any) -> Any:
    return arguments[0].tensor if isinstance(arguments[0], NumpyArray) else None


def _first(arguments: Any) -> Any:
    return arguments[0]


def _nothing(arguments: Any) -> None:
    """Where it ran, how it was laid out: of no interest here."""


def _refuse(what: str) -> Builder:
    def refuse(arguments: Any) -> Any:
        raise UnreadableError(f"This file holds {what}, which are not read.", "Save it with ordinary (dense) tensors.")

    return refuse


def _encode(arguments: Any) -> bytes:
    """Bytes as protocol 2 writes them: latin-1 text."""
    text, *encoding = arguments
    if encoding not in ([], ["latin1"], ["latin-1"]):
        raise UnreadableError("The pickle in this file is damaged.")
    encoded: bytes = text.encode("latin-1")
    return encoded


def _bytes(arguments: Any) -> bytes:
    """``bytearray(bytes)`` or ``bytearray(text, "latin-1")``; a length would claim memory for nothing."""
    if not arguments:
        return b""
    return arguments[0] if isinstance(arguments[0], bytes) else _encode(arguments)


def _collection(make: Callable[[Any], Any]) -> Builder:
    def build(arguments: Any) -> Any:
        if not arguments:
            return make(())
        if not isinstance(arguments[0], list | tuple | dict):
            raise UnreadableError("The pickle in this file is damaged.")
        return make(arguments[0])

    return build


def _plain_dict(arguments: Any) -> dict[Any, Any]:
    """OrderedDict, defaultdict, Counter: old PyTorch wrote the pairs as an argument; a factory is not kept."""
    pairs = next((value for value in arguments if isinstance(value, list | dict)), [])
    items = pairs.items() if isinstance(pairs, dict) else (tuple(pair) for pair in pairs)
    return {key: value for key, value in items if isinstance(key, str | int)}


def _size(arguments: Any) -> Any:
    return tuple(arguments[0]) if arguments and isinstance(arguments[0], list | tuple) else ()


def _members(values: Any) -> set[Any]:
    return {value for value in values if isinstance(value, str | int | float)}


_TABLE: dict[tuple[str, ...], Builder] = {
    ("collections.OrderedDict", "collections.defaultdict", "collections.Counter"): _plain_dict,
    ("builtins.dict", "__builtin__.dict"): _plain_dict,
    ("builtins.set", "__builtin__.set", "builtins.frozenset", "__builtin__.frozenset"): _collection(_members),
    ("builtins.list", "__builtin__.list", "collections.deque"): _collection(list),
    ("builtins.tuple", "__builtin__.tuple"): _collection(tuple),
    ("builtins.bytearray", "__builtin__.bytearray", "builtins.bytes", "__builtin__.bytes"): _bytes,
    ("_codecs.encode",): _encode,
    ("torch._utils._rebuild_tensor", "torch._utils._rebuild_tensor_v2"): _tensor_v2,
    ("torch._utils._rebuild_tensor_v3",): _tensor_v3,
    ("torch._utils._rebuild_parameter", "torch._utils._rebuild_parameter_with_state"): _first,
    ("torch.nn.parameter.Parameter", "torch.nn.parameter.Buffer"): _first,
    ("torch._tensor._rebuild_from_type_v2", "torch._tensor._rebuild_from_type"): _of_type,
    ("torch._utils._rebuild_device_tensor_from_numpy", "torch._utils._rebuild_xla_tensor"): _of_numpy,
    ("torch._utils._rebuild_sparse_tensor", "torch._utils._rebuild_sparse_csr_tensor"): _refuse("sparse tensors"),
    ("torch._utils._rebuild_qtensor",): _refuse("quantised tensors"),
    ("torch._utils._rebuild_nested_tensor",): _refuse("nested tensors"),
    ("torch._utils._rebuild_meta_tensor_no_storage",): _refuse("tensors without numbers (device meta)"),
    ("torch.Size",): _size,
    ("torch.device", "torch.serialization._get_layout"): _nothing,
    (
        "torch.jit._pickle.build_intlist",
        "torch.jit._pickle.build_boollist",
        "torch.jit._pickle.build_doublelist",
    ): _first,
    ("torch.jit._pickle.build_tensorlist", "torch.jit._pickle.restore_type_tag"): _first,
    ("numpy.core.multiarray._reconstruct", "numpy._core.multiarray._reconstruct"): lambda _: NumpyArray(),
    ("numpy.core.multiarray.scalar", "numpy._core.multiarray.scalar"): _numpy_scalar,
    ("numpy.core.numeric._frombuffer", "numpy._core.numeric._frombuffer"): _array_of_buffer,
    ("numpy.dtype",): lambda arguments: NumpyType(arguments[0]),
}
BUILDERS: dict[Global, Builder] = {
    Global(*name.rsplit(".", 1)): builder for names, builder in _TABLE.items() for name in names
}
"""What the names in pickles stand for; see :class:`gan.importers.unpickle.Unpickler`."""
