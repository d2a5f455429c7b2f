"""Finding networks in the value a file holds: dictionaries of tensors, and objects that were modules."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from gan.importers import limits
from gan.importers.budget import Budget
from gan.importers.builders import NumpyArray
from gan.importers.limits import UnreadableError
from gan.importers.values import Storage, Stub, Tensor

_FACTS = (
    "eps", "stride", "padding", "output_padding", "kernel_size", "groups", "dilation", "negative_slope", "scale_factor",
    "mode", "align_corners", "alpha", "affine", "track_running_stats", "upscale_factor",
)  # fmt: skip
_NESTED = (dict, list, tuple, Stub)
Plain = str | int | float | bool | None | list["Plain"]


@dataclass
class Module:
    """What a pickled module says about itself."""

    kind: str
    """Its class, for example torch.nn.modules.conv.ConvTranspose2d."""
    facts: dict[str, Plain] = field(default_factory=dict)
    """Numbers that its weights do not tell: stride, eps ..."""


@dataclass
class Network:
    """Tensors that belong together, and how the file calls them."""

    path: tuple[str, ...]
    """Keys that lead to it, for example ("state_dict",)."""
    tensors: dict[str, Tensor] = field(default_factory=dict)
    modules: dict[str, Module] = field(default_factory=dict)
    """By name, only where whole modules were saved."""


def storages_in(value: Any, budget: Budget) -> list[Storage]:
    """Every storage below ``value``, each once."""
    found = {}
    for node in _walk(value, budget):
        storage = node.storage if isinstance(node, Tensor) else node
        if isinstance(storage, Storage):
            found[id(storage)] = storage
    return list(found.values())


def networks_in(value: Any, budget: Budget) -> list[Network]:
    """Every dictionary that holds tensors, and every object that does, outermost first.

    Raises:
        UnreadableError: nested too deeply, or far more objects than a checkpoint has.
    """
    found: list[Network] = []
    seen: set[int] = set()
    waiting: deque[tuple[tuple[str, ...], Any]] = deque([((), value)])
    while waiting:
        path, node = waiting.popleft()
        if id(node) in seen or any(key.lower().startswith("opt") for key in path):  # an optimiser's moments
            continue
        seen.add(id(node))
        if len(path) > limits.MAX_DEPTH:
            raise UnreadableError("The file nests its values too deeply: no checkpoint does.")
        if isinstance(node, Stub) and isinstance(node.state, dict):
            network = _of_module(path, node, budget)
            if network.tensors:
                found.append(network)
                seen.update(id(part) for part in _walk(node, budget) if isinstance(part, Stub | dict))
                continue
        entries = _entries(node)
        budget.spend(1 + len(entries))
        tensors = {str(key): held for key, item in entries.items() if (held := _tensor(item)) is not None}
        if tensors:
            found.append(Network(path, tensors))
        waiting += [((*path, str(key)), item) for key, item in entries.items() if isinstance(item, _NESTED)]
    if sum(len(network.tensors) for network in found) > limits.MAX_TENSORS:
        raise UnreadableError("The file holds far more tensors than a checkpoint does.")
    if any(len(name) > limits.MAX_NAME for network in found for name in network.tensors):
        raise UnreadableError("The file names its tensors in a way that no checkpoint does.")
    return found


def notes_in(value: Any, budget: Budget) -> dict[str, Plain]:
    """Plain values near the top: epoch, step, and the settings of a configuration object; names joined with dots."""
    found: dict[str, Plain] = {}
    waiting: deque[tuple[str, Any, int]] = deque([("", value, 0)])
    while waiting and len(found) < 500:
        name, node, depth = waiting.popleft()
        node = node.state if isinstance(node, Stub) else node
        for key, item in islice(node.items(), 500) if isinstance(node, dict) else ():
            budget.spend(1)
            inner = f"{name}.{key}" if name else str(key)
            if len(inner) > 200:
                continue
            if isinstance(item, int | float | bool) or (isinstance(item, str) and len(item) < 200):
                found[inner] = item
            elif depth < 2 and isinstance(item, dict | Stub):
                waiting.append((inner, item, depth + 1))
    return found


def _tensor(item: Any) -> Tensor | None:
    if isinstance(item, NumpyArray):
        return item.tensor
    return item if isinstance(item, Tensor) else None


def _entries(node: Any) -> dict[Any, Any]:
    """The named parts of a dictionary, a list or an unknown object."""
    if isinstance(node, dict):
        return node
    if isinstance(node, list | tuple):
        return dict(enumerate(node[:1000])) if any(isinstance(item, _NESTED) for item in node[:1000]) else {}
    if isinstance(node, Stub):
        state = node.state if isinstance(node.state, dict) else {}
        if isinstance(node.state, tuple) and len(node.state) == 2 and isinstance(node.state[1], dict):  # with slots
            state = node.state[1]
        return {**node.entries, **state}
    return {}


def _of_module(path: tuple[str, ...], root: Stub, budget: Budget) -> Network:
    """A pickled module as a state dict: parameters and buffers by their dotted names."""
    network = Network(path)
    waiting: list[tuple[str, Stub, int]] = [("", root, 0)]
    seen: set[int] = set()
    while waiting:
        name, node, depth = waiting.pop()
        state = node.state
        if id(node) in seen or not isinstance(state, dict):
            continue
        seen.add(id(node))
        if depth > limits.MAX_DEPTH:
            raise UnreadableError("The file nests its modules too deeply: no checkpoint does.")
        parts = {**state, **_sub(state, "_parameters"), **_sub(state, "_buffers"), **_sub(state, "_modules")}
        budget.spend(1 + len(parts))
        network.modules[name] = Module(str(node.kind), {key: _plain(state[key]) for key in _FACTS if key in state})
        for key, item in parts.items():
            inner = f"{name}.{key}" if name else str(key)
            if (held := _tensor(item)) is not None and not str(key).startswith("_"):
                network.tensors[inner] = held
            elif isinstance(item, Stub):
                waiting.append((inner, item, depth + 1))
    return network


def _sub(state: dict[Any, Any], key: str) -> dict[Any, Any]:
    found = state.get(key)
    return found if isinstance(found, dict) else {}


def _walk(value: Any, budget: Budget) -> Iterator[Any]:
    """Every object below ``value``, each once."""
    waiting, seen = [value], set()
    while waiting:
        node = waiting.pop()
        if isinstance(node, str | int | float | bytes | None) or id(node) in seen:
            continue
        seen.add(id(node))
        yield node
        below: Any = ()
        if isinstance(node, dict):
            below = node.values()
        elif isinstance(node, list | tuple):
            below = node
        elif isinstance(node, Stub):
            below = [node.state, node.arguments, *node.items, *node.entries.values()]
        elif isinstance(node, NumpyArray):
            below = [node.tensor]
        budget.spend(1 + len(below))
        waiting += below


def _plain(value: Any, depth: int = 0) -> Plain:
    if isinstance(value, str | int | float | bool) or value is None:
        return value if not isinstance(value, str) else value[:200]
    if isinstance(value, list | tuple) and depth < 2 and len(value) <= limits.MAX_DIMENSIONS:
        return [_plain(item, depth + 1) for item in value]
    return str(type(value).__name__)
