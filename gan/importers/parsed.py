"""What the parsing process hands back: names, shapes and places of weights as JSON, checked again on arrival."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from gan.importers import limits
from gan.importers.budget import Budget
from gan.importers.builders import tensor
from gan.importers.containers import read
from gan.importers.limits import UnreadableError
from gan.importers.onnx_graph import Graph, Port
from gan.importers.tree import Module, Network, Plain, networks_in, notes_in
from gan.importers.values import ITEM_SIZES, Storage, Tensor


@dataclass
class Parsed:
    """A file from elsewhere, understood but not yet recognised."""

    container: str
    """zip, torchscript, legacy, pickle, safetensors or onnx."""
    networks: list[Network]
    stubs: list[str] = field(default_factory=list)
    """Classes and functions that the file names and nothing here knows; none was run."""
    notes: dict[str, Plain] = field(default_factory=dict)
    """Plain values near the top of the file: step, settings ..."""
    swapped: bool = False
    """Whether its numbers are big-endian."""
    graph: Graph | None = None
    spilled: Path | None = None
    """Where the bytes lie that the file holds compressed or inside a pickle."""


def parse(data: memoryview, spill: BinaryIO) -> str:
    """Parse a whole file and describe it as JSON for :func:`from_json`.

    Args:
        spill: where bytes go that do not lie in the file as they are.

    Raises:
        UnreadableError: see :func:`gan.importers.containers.read`.
    """
    budget = Budget()
    content = read(data, budget)
    if isinstance(content.value, Graph):
        return json.dumps({"container": "onnx", "graph": asdict(content.value)})
    networks = networks_in(content.value, budget)
    places: dict[int, int] = {}
    storages: list[tuple[str, int, int, int | None, bool]] = []
    described = []
    for network in networks:
        tensors = {}
        for name, item in network.tensors.items():
            storage = item.storage
            if id(storage) not in places:
                places[id(storage)] = len(storages)
                storages.append(_place(storage, spill))
            tensors[name] = (item.dtype, item.shape, item.strides, item.start, places[id(storage)])
        modules = {name: (module.kind, module.facts) for name, module in network.modules.items()}
        described.append({"path": network.path, "tensors": tensors, "modules": modules})
    return json.dumps(
        {
            "container": content.container,
            "stubs": content.stubs[:1000],
            "notes": notes_in(content.value, budget),
            "swapped": content.swapped,
            "storages": storages,
            "networks": described,
        }
    )


def _place(storage: Storage, spill: BinaryIO) -> tuple[str, int, int, int | None, bool]:
    """Number format, first byte, bytes, CRC-32, and whether the first byte is one of ``spill``."""
    if storage.data is None:
        return storage.dtype, storage.offset or 0, storage.nbytes, storage.crc, False
    start = spill.tell()
    if start + len(storage.data) > limits.MAX_INFLATED:
        raise UnreadableError("The file holds far more numbers inside its pickle than a checkpoint does.")
    spill.write(storage.data)
    return storage.dtype, start, len(storage.data), None, True


def from_json(text: str | bytes, file_size: int, spilled: Path) -> Parsed:
    """What :func:`parse` described; every tensor must lie inside the file, or the spilled one.

    Raises:
        UnreadableError: it does not.
    """
    value: dict[str, Any] = json.loads(text)
    if value.get("graph"):
        about = value["graph"]
        ports = {name: [Port(**port) for port in about[name]] for name in ("inputs", "outputs")}
        return Parsed("onnx", [], graph=Graph(**{**about, **ports}))
    storages = []
    spilled_size = spilled.stat().st_size if spilled.exists() else 0
    for dtype, offset, nbytes, crc, elsewhere in value["storages"]:
        if dtype not in ITEM_SIZES or offset < 0 or nbytes < 0:
            raise UnreadableError("The file is damaged.")
        if offset + nbytes > (spilled_size if elsewhere else file_size):
            raise UnreadableError("The file is cut off or damaged.", "Copy it again.")
        storage = Storage(dtype, nbytes, offset, crc=crc)
        storages.append(storage)
        if elsewhere:
            storage.data = b""  # says: look in the spilled file
    networks = [
        Network(
            tuple(about["path"]),
            {name: _tensor(item, storages) for name, item in about["tensors"].items()},
            {name: Module(kind, facts) for name, (kind, facts) in about["modules"].items()},
        )
        for about in value["networks"]
    ]
    return Parsed(
        value["container"],
        networks,
        value["stubs"],
        value["notes"],
        value["swapped"],
        spilled=spilled,
    )


def _tensor(item: Any, storages: list[Storage]) -> Tensor:
    dtype, shape, strides, start, place = item
    return tensor(storages[place], start, tuple(shape), tuple(strides), dtype)
