"""What an ONNX file asks for, read without the onnx package: operators, inputs, outputs and where its weights lie.

The file is a protocol buffer; the few fields that matter here are listed in github.com/onnx/onnx, onnx/onnx.proto.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field

from gan.importers.budget import Budget
from gan.importers.limits import UnreadableError

METADATA_KEY = "latent_debugger"
"""Of what :mod:`gan.exporters.onnx` notes in its files."""
MAX_METADATA = 2**16
OUTPUT_RANGES = ("-1..1", "0..1")


@dataclass
class Port:
    """An input or output of a graph."""

    name: str
    kind: int
    """Number format: 1 is float32."""
    shape: list[int]
    """0 where the file leaves a size open."""


@dataclass
class Graph:
    """An ONNX file in short."""

    operators: list[str] = field(default_factory=list)
    """Their names, each once, with ``domain.`` before those of other than the standard set."""
    inputs: list[Port] = field(default_factory=list)
    outputs: list[Port] = field(default_factory=list)
    initializers: list[str] = field(default_factory=list)
    external: bool = False
    """Whether weights lie in other files."""
    output_range: str = ""
    """The numbers that are black and white, where this program wrote the file and said so."""


def is_onnx(head: bytes) -> bool:
    """Whether a file may be ONNX: it begins with the version of its format."""
    return len(head) > 8 and head[0] == 0x08 and 1 <= head[1] <= 20 and head[2] in (0x12, 0x3A, 0x42, 0x1A, 0x22)


def read_graph(data: memoryview, budget: Budget) -> Graph:
    """Read the summary.

    Raises:
        UnreadableError: damaged.
    """
    graph = Graph()
    try:
        for number, value in _fields(data, budget):
            if number == 7 and isinstance(value, memoryview):
                _graph(value, graph, budget)
            if number == 25:
                raise UnreadableError("This ONNX file defines operators of its own, which are not run.")
            if number == 14 and isinstance(value, memoryview):
                graph.output_range = _noted_range(value, budget) or graph.output_range
    except (IndexError, ValueError, TypeError) as error:
        raise UnreadableError("The ONNX file is cut off or damaged.", "Copy it again.") from error
    if not graph.inputs or not graph.outputs:
        raise UnreadableError("The ONNX file is cut off or damaged.", "Copy it again.")
    return graph


def _graph(data: memoryview, graph: Graph, budget: Budget) -> None:
    for number, value in _fields(data, budget):
        if not isinstance(value, memoryview):
            continue
        if number == 1:
            _node(value, graph, budget)
        elif number == 5:
            _initializer(value, graph, budget)
        elif number in (11, 12):
            (graph.inputs if number == 11 else graph.outputs).append(_port(value, budget))
    known = set(graph.initializers)
    graph.inputs = [port for port in graph.inputs if port.name not in known]  # old files list weights as inputs too


def _node(data: memoryview, graph: Graph, budget: Budget) -> None:
    operator = domain = ""
    for number, value in _fields(data, budget):
        if number == 4:
            operator = _text(value)
        elif number == 7:
            domain = _text(value)
        elif number == 5 and isinstance(value, memoryview):
            for inner, part in _fields(value, budget):
                if inner in (6, 11):
                    raise UnreadableError("This ONNX file has loops or branches, which are not run.")
                if inner == 5 and isinstance(part, memoryview):
                    _initializer(part, graph, budget, named=False)
    name = operator if domain in ("", "ai.onnx") else f"{domain}.{operator}"
    if name not in graph.operators:
        graph.operators.append(name)
    if len(graph.operators) > 200:
        raise UnreadableError("This ONNX file uses more kinds of operators than a generator does.")


def _initializer(data: memoryview, graph: Graph, budget: Budget, named: bool = True) -> None:
    name = ""
    for number, value in _fields(data, budget):
        if number == 8:
            name = _text(value)
        elif number == 13 or (number == 14 and value == 1):
            graph.external = True
    if named:
        graph.initializers.append(name)


def _port(data: memoryview, budget: Budget) -> Port:
    port = Port("", 0, [])
    for number, value in _fields(data, budget):
        if number == 1:
            port.name = _text(value)
        elif number == 2 and isinstance(value, memoryview):
            for field_, part in _fields(value, budget):
                if field_ == 1 and isinstance(part, memoryview):
                    _tensor_type(part, port, budget)
    return port


def _tensor_type(data: memoryview, port: Port, budget: Budget) -> None:
    for number, value in _fields(data, budget):
        if number == 1 and isinstance(value, int):
            port.kind = value
        elif number == 2 and isinstance(value, memoryview):
            for _, dimension in _fields(value, budget):
                sizes = [size for kind, size in _fields(memoryview(dimension), budget) if kind == 1]  # type: ignore[arg-type]
                port.shape.append(sizes[0] if sizes and isinstance(sizes[0], int) else 0)


def _noted_range(data: memoryview, budget: Budget) -> str:
    """From one entry of the metadata; empty where it tells something else."""
    entry = {number: value for number, value in _fields(data, budget) if isinstance(value, memoryview)}
    key, note = entry.get(1), entry.get(2)
    if key is None or note is None or _text(key) != METADATA_KEY or len(note) > MAX_METADATA:
        return ""
    try:
        about = json.loads(bytes(note))
    except (ValueError, RecursionError):
        return ""
    said = about.get("output_range") if isinstance(about, dict) else None
    return next((known for known in OUTPUT_RANGES if known == said), "")


def _text(value: int | memoryview) -> str:
    return bytes(value[:200]).decode("utf-8", "replace") if isinstance(value, memoryview) else ""


def _fields(data: memoryview, budget: Budget) -> Iterator[tuple[int, int | memoryview]]:
    """(field number, value) of one message."""
    position = 0
    while position < len(data):
        budget.spend(1)
        tag, position = _varint(data, position)
        kind, value = tag & 7, 0
        if kind == 0:
            value, position = _varint(data, position)
            yield tag >> 3, value
            continue
        length = {1: 8, 5: 4}.get(kind)
        if kind == 2:
            length, position = _varint(data, position)
        if length is None or position + length > len(data):
            raise ValueError("cut off")
        yield tag >> 3, data[position : position + length]
        position += length


def _varint(data: memoryview, position: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        byte = data[position]
        position += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, position
    raise ValueError("not a number")
