"""Any model that turns latents into pictures, by a small Python class: docs/adapters.md shows one.

An adapter is code, and code is run only where the user names it: ``--adapter NAME`` for an installed one (entry point
group ``latent_debugger.generators``), ``--adapter module:Class``, or ``--adapter file.py:Class``. Opening a file never
looks for one.
"""

from __future__ import annotations

import ast
import importlib
import importlib.util
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib.metadata import entry_points
from itertools import count
from pathlib import Path
from typing import Any, Protocol, TypeVar

import torch
from torch import Tensor, nn

from gan.checkpoints import Checkpoint, CheckpointInfo
from gan.errors import UserError
from gan.files import sha256_of
from gan.importers.config import PREFIX, ImportedConfig
from gan.rendering import Renderer

GROUP = "latent_debugger.generators"
"""Of entry points: ``[project.entry-points."latent_debugger.generators"]`` of somebody's package."""

MAX_SOURCE = 4 * 2**20
"""Bytes of a Python file that is looked through for classes."""

T = TypeVar("T")


@dataclass(frozen=True)
class Capabilities:
    """What a model can do beyond z -> picture."""

    spaces: tuple[str, ...] = ("z",)
    """Of latents: z, standard normal, comes first; "w" where :meth:`Adapter.mapped` leads there."""
    labels: tuple[str, ...] = ()
    """Names of classes, where pictures depend on one."""
    critic: bool = False
    """Whether :meth:`Adapter.scores` is there."""


class Adapter(Protocol):
    """What to write; made without arguments. Only :meth:`load` and :meth:`images` are needed by every model.

    The same latent has to give the same picture; torch's random numbers are seeded before each call.
    """

    capabilities: Capabilities

    def load(self, path: Path, device: torch.device) -> int:
        """Read the weights from the file that the user opened. The answer is the length of a latent z."""

    def images(self, latents: Tensor, space: str, label: int) -> Tensor:
        """Latents (N, dim), float32 -> pictures (N, C, H, W) from -1 to 1; C is 1, 3 or 4, H = W.

        Args:
            label: a place in ``capabilities.labels``; 0 where there are none.
        """

    def mapped(self, latents: Tensor, label: int) -> Tensor:
        """z (N, dim) -> w (N, dim of w). Only with "w" in ``capabilities.spaces``."""

    def scores(self, images: Tensor, label: int) -> Tensor:
        """Pictures (N, C, H, W) -> (N,), larger means more real. Only with ``capabilities.critic``."""


@dataclass(frozen=True)
class AdaptedInfo(CheckpointInfo):
    """What is known of a model that was opened with an adapter. Only :func:`open_adapted` makes these: whatever a file
    says of itself, it is never one of them."""

    adapter: str = ""
    """As the user named it."""
    labels: tuple[str, ...] = ()
    """Names of its classes."""
    label: str = ""
    """The class that is drawn; empty where there are none."""
    spaces: tuple[str, ...] = ("z",)
    """Of latents."""
    space: str = "z"
    """The one that latents are in now."""

    def to_json(self) -> dict[str, Any]:
        names = ("adapter", "label", "space")
        more = {"labels": list(self.labels), "spaces": list(self.spaces)}
        return {**super().to_json(), **{name: getattr(self, name) for name in names}, **more}


class AdaptedGenerator(nn.Module):
    """Latents (N, dim) of one space -> pictures (N, C, H, W), with one label."""

    def __init__(self, adapter: Adapter, name: str, space: str, label: int) -> None:
        super().__init__()
        self._adapter, self._name, self._space, self._label = adapter, name, space, label

    def with_label(self, label: int) -> AdaptedGenerator:
        """The same network with another label; nothing is loaded anew."""
        return AdaptedGenerator(self._adapter, self._name, self._space, label).eval()

    def __deepcopy__(self, memo: object) -> AdaptedGenerator:
        """Instruments copy networks before they change them. They cannot change this one, and an adapter may hold what
        cannot be copied."""
        return self.with_label(self._label)

    def forward(self, z: Tensor) -> Tensor:
        images = _guarded(self._name, lambda: self._adapter.images(z, self._space, self._label))
        if not isinstance(images, Tensor) or images.dim() != 4 or len(images) != len(z):
            raise UserError(f"The adapter {self._name} has to answer with a tensor (N, C, H, W).")
        return images.to(torch.float32)


class AdaptedCritic(nn.Module):
    """Pictures (N, C, H, W) in [-1, 1] -> scores (N,), with one label."""

    def __init__(self, adapter: Adapter, name: str, label: int) -> None:
        super().__init__()
        self._adapter, self._name, self._label = adapter, name, label

    def with_label(self, label: int) -> AdaptedCritic:
        """The same network with another label; nothing is loaded anew."""
        return AdaptedCritic(self._adapter, self._name, label).eval()

    def forward(self, images: Tensor) -> Tensor:
        scores = _guarded(self._name, lambda: self._adapter.scores(images, self._label))
        if not isinstance(scores, Tensor) or scores.shape != (len(images),):
            raise UserError(f"The critic of the adapter {self._name} has to answer with one number for each picture.")
        return scores.to(torch.float32)


class AdaptedRenderer(Renderer):
    """Draws what an adapter draws, with one label.

    Attributes:
        opened: the model with that label.
    """

    def __init__(self, opened: Checkpoint, device: torch.device) -> None:
        super().__init__(opened.generator, opened.info, device)
        self.opened = opened

    def with_label(self, label: str) -> AdaptedRenderer:
        """One that draws with another label, without loading anything; both can be used.

        Raises:
            UserError: there is no such label.
        """
        return AdaptedRenderer(relabelled(self.opened, label), self.device)


def open_adapted(
    path: Path, name: str, device: torch.device, *, label: str | None = None, space: str = "z"
) -> Checkpoint:
    """Open ``path`` with an adapter: this runs the adapter's code.

    Args:
        name: of an installed adapter, ``module:Class`` or ``file.py:Class``.
        label: one of its labels, by name or place; None takes the first.
        space: what latents are: z, or another one of its spaces.

    Raises:
        UserError: there is no such adapter, file, label or space; or it fails, or does not answer with pictures.
    """
    if not path.is_file():
        raise UserError(f"{path} is not a file.", "Choose the file that the adapter reads.")
    made = _guarded(name, _find(name))
    flags = getattr(made, "capabilities", None)
    if not isinstance(flags, Capabilities) or not flags.spaces:
        raise UserError(f"The adapter {name} has no capabilities.", "docs/adapters.md shows what it needs.")
    needed = ["load", "images", *(["mapped"] if "w" in flags.spaces else []), *(["scores"] if flags.critic else [])]
    missing = [method for method in needed if not callable(getattr(made, method, None))]
    if missing:
        raise UserError(
            f"The adapter {name} has no {' and no '.join(missing)}.", "docs/adapters.md shows what it needs."
        )
    if space not in flags.spaces:
        raise UserError(f"The adapter {name} has no space {space!r}, but {', '.join(flags.spaces)}.")
    labels = _distinct(name, flags.labels)
    adapter: Adapter = made
    place = _label(name, labels, label)
    dim = _guarded(name, lambda: adapter.load(path, device))
    if type(dim) is not int or not 0 < dim < 2**16:
        raise UserError(f"The adapter {name} has to answer load() with the length of a latent.")
    with torch.inference_mode():
        latents = torch.zeros(1, dim, device=device)
        if space != flags.spaces[0]:
            latents = _guarded(name, lambda: adapter.mapped(latents, place))
        generator = AdaptedGenerator(adapter, name, space, place)
        _, channels, height, width = generator(latents).shape
    if height != width:
        raise UserError(f"The adapter {name} makes pictures of {width} × {height}, and only square ones are shown.")
    architecture = {"kind": "adapter", "name": name, "channels": channels, "image_size": height, "space": space}
    config = ImportedConfig(
        family=f"{PREFIX}adapter",
        image_size=height,
        z_dim=latents.shape[1],
        channels=channels,
        width=1,
        architecture=json.dumps(architecture),
    )
    info = AdaptedInfo(
        path,
        config.family,
        config,
        0,
        source=f"adapter {name}",
        sha256=sha256_of(path),
        adapter=name,
        labels=labels,
        spaces=tuple(flags.spaces),
        space=space,
    )
    critic = AdaptedCritic(adapter, name, place).eval() if flags.critic else None
    return Checkpoint(_relabelled(info, place) if labels else info, generator.eval(), critic)


def relabelled(opened: Checkpoint, label: str) -> Checkpoint:
    """What :func:`open_adapted` opened, with another label; nothing is loaded anew.

    Raises:
        UserError: there is no such label.
    """
    info, generator, critic = opened.info, opened.generator, opened.critic
    assert isinstance(info, AdaptedInfo) and isinstance(generator, AdaptedGenerator)
    place = _label(info.adapter, info.labels, label)
    critic = critic.with_label(place) if isinstance(critic, AdaptedCritic) else None
    return Checkpoint(_relabelled(info, place), generator.with_label(place), critic)


def installed() -> list[str]:
    """Names of the adapters in installed packages. Nothing of them is imported."""
    return sorted({entry.name for entry in entry_points(group=GROUP)})


def classes_in(path: Path) -> list[str]:
    """Names of the classes in a Python file that could be adapters: those with a method ``images``, else all of them.
    Nothing in it is run.

    Raises:
        UserError: it cannot be read, or is no Python.
    """
    try:
        if not path.is_file() or path.stat().st_size > MAX_SOURCE:
            raise UserError(f"{path.name} is no Python file.", "Choose the file that holds the adapter.")
        tree = ast.parse(path.read_bytes())
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror or error}.") from error
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:  # what ast.parse says it raises
        raise UserError(f"{path.name} is not written in Python, or in another version of it.") from error
    found = [node for node in tree.body if isinstance(node, ast.ClassDef)]
    likely = [node for node in found if any(_defines(part, "images") for part in node.body)]
    return [node.name for node in likely or found]


def _defines(node: ast.stmt, name: str) -> bool:
    return isinstance(node, ast.FunctionDef) and node.name == name


def _find(name: str) -> Callable[[], Any]:
    """How to make the adapter.

    Raises:
        UserError: there is none.
    """
    where, colon, attribute = name.rpartition(":")
    if not colon:
        entry = next(iter(entry_points(group=GROUP, name=name)), None)
        if entry is None:
            known = ", ".join(installed()) or "none is installed"
            raise UserError(f"There is no adapter {name!r} ({known}).", "Or name module:Class, or file.py:Class.")
        return lambda: entry.load()()

    def make() -> Any:
        found = _module(Path(where)) if where.endswith(".py") else importlib.import_module(where)
        return getattr(found, attribute)()

    return make


def _module(path: Path) -> Any:
    """A Python file as a module; it can be imported by its name afterwards, as dataclasses and the like want."""
    spec = importlib.util.spec_from_file_location(f"latent_debugger_adapter_{path.stem}", path)
    assert spec is not None and spec.loader is not None  # its name ends in .py
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def _distinct(name: str, labels: object) -> tuple[str, ...]:
    """Labels as an adapter gives them; of equal ones (ImageNet has two cranes) the later ones are numbered."""
    if not isinstance(labels, tuple | list) or not all(isinstance(label, str) and label for label in labels):
        raise UserError(f"The labels of the adapter {name} are not a tuple of names.", "docs/adapters.md shows some.")
    found: list[str] = []
    taken = set(labels)
    for place, label in enumerate(labels):
        if label in labels[:place]:
            numbered = (f"{label} ({number})" for number in count(2))
            label = next(item for item in numbered if item not in taken)
            taken.add(label)
        found.append(label)
    return tuple(found)


def _label(name: str, labels: tuple[str, ...], label: str | None) -> int:
    if label is None:
        return 0
    if label in labels:
        return labels.index(label)
    if label.isdecimal() and int(label) < len(labels):
        return int(label)
    known = ", ".join(labels[:20]) or "none at all"
    raise UserError(f"The adapter {name} has no label {label!r}; it has {known}.")


def _relabelled(info: AdaptedInfo, place: int) -> AdaptedInfo:
    """The same model with another label, in its configuration, too."""
    label = info.labels[place]
    config = info.config
    assert isinstance(config, ImportedConfig)
    architecture = json.dumps({**config.plan, "label": label})
    return replace(info, label=label, config=replace(config, architecture=architecture))


def _guarded(name: str, call: Callable[[], T]) -> T:
    """Run the adapter's code, with torch's random numbers seeded; whatever it raises is one sentence."""
    try:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            return call()
    except UserError:
        raise
    except (Exception, SystemExit) as error:  # somebody else's code
        what = (str(error).splitlines() or [""])[0][:200].rstrip(".")
        raise UserError(f"The adapter {name} fails: {type(error).__name__}{f': {what}' if what else ''}.") from error
