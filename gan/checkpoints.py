"""Native checkpoints: one self-describing .safetensors file, loadable without executing anything.

Tensors ``generator.*`` (averaged weights) and optionally ``critic.*``, float32 or float16; the header's metadata holds
one JSON object under ``latent_debugger``. A digest over both notices a flipped bit, which safetensors itself does not.
"""

from __future__ import annotations

import hashlib
import json
import math
import struct
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load as load_tensors
from safetensors.torch import save as dump_tensors
from torch import Tensor, nn

from gan.config import ModelConfig
from gan.errors import UserError
from gan.files import sha256_of, write_atomic
from gan.importers.choices import Choices
from gan.importers.config import PREFIX, ImportedConfig
from gan.models import build_critic, build_generator, generator_size
from gan.models.unfilled import Unfilled

FORMAT = 1
METADATA_KEY = "latent_debugger"
MAX_HEADER = 16 * 2**20
ABOUT_KEYS = {
    "format", "family", "config", "step", "images_seen", "objective", "run", "parent", "data", "created",
}  # fmt: skip


@dataclass(frozen=True)
class CheckpointInfo:
    """What a checkpoint says about itself, without its weights."""

    path: Path
    family: str
    config: ModelConfig
    step: int
    """Generator updates."""
    images_seen: int = 0
    """Real pictures shown to the critic."""
    objective: str = ""
    run: str | None = None
    """uuid of the training run; the same run means the same model."""
    parent: str | None = None
    """sha256 of the checkpoint this run started from."""
    data: dict[str, Any] = field(default_factory=dict)
    """name, count and sha256 of the training pictures."""
    created: str = ""
    """ISO 8601, UTC."""
    sha256: str = ""
    """The file's identity: sha256 of its bytes."""
    source: str = "native"
    warnings: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """What people call the model: the folder around ``step-*.safetensors`` (or the run's), else the file's stem."""
        path = self.path.absolute()
        if not path.stem.startswith("step-"):
            return path.stem
        return path.parent.parent.name if path.parent.name == "checkpoints" else path.parent.name

    @property
    def trainable(self) -> bool:
        """Whether a run can begin with it: what other projects trained has layers that the trainer does not build."""
        return type(self.config) is ModelConfig

    def to_json(self) -> dict[str, Any]:
        """The keys of ``python -m gan info --json``."""
        names = ("family", "step", "images_seen", "objective", "run", "parent", "data", "created", "sha256", "source")
        values = {name: getattr(self, name) for name in names}
        return {**values, "config": self.config.to_json(), "warnings": list(self.warnings)}


@dataclass(frozen=True)
class Checkpoint:
    """A loaded checkpoint: networks in float32, on the CPU, in eval mode."""

    info: CheckpointInfo
    generator: nn.Module
    critic: nn.Module | None


def save_checkpoint(
    path: Path,
    generator: nn.Module,
    info: CheckpointInfo,
    critic: nn.Module | None = None,
    dtype: torch.dtype = torch.float32,
) -> None:
    """Write networks and provenance atomically. ``info.path`` and ``info.sha256`` are not stored: the file has them.

    Args:
        dtype: float32, or float16 to halve the file.
    """
    tensors = _tensors("generator", generator, dtype)
    if critic is not None:
        tensors |= _tensors("critic", critic, dtype)
    about = {
        "format": FORMAT,
        "family": info.family,
        "config": info.config.to_json(),
        "step": info.step,
        "images_seen": info.images_seen,
        "objective": info.objective,
        "run": info.run,
        "parent": info.parent,
        "data": info.data,
        "created": info.created or datetime.now(UTC).isoformat(timespec="seconds"),
    }
    about["digest"] = _digest(about, tensors)
    write_atomic(path, dump_tensors(tensors, {METADATA_KEY: json.dumps(about)}))


def read_info(path: Path, choices: Choices | None = None) -> CheckpointInfo:
    """Read the header only (and the bytes once, for the sha256). A file of another project is opened for it.

    Args:
        choices: for files of other projects: what they do not tell.

    Raises:
        UserError: the file is missing, or no checkpoint that is known.
        ChoiceNeededError: a file of another project does not tell what its pictures depend on.
    """
    if not is_native(path):
        from gan.importers.opening import open_foreign

        return open_foreign(path, choices).info
    about = _read_about(path)
    _check_unneeded(path, choices)
    return _info(path, about, sha256_of(path))


def read_header(path: Path) -> CheckpointInfo:
    """What a native checkpoint says about itself, without its ``sha256``: nothing but the header is read.

    Raises:
        UserError: the file is missing, damaged, or of another format.
    """
    return _info(path, _read_about(path), "")


def read_config(path: Path) -> ModelConfig:
    """The configuration in the header of a native checkpoint; raises as :func:`read_header` does."""
    return read_header(path).config


def read_parent(path: Path) -> CheckpointInfo:
    """:func:`read_info` of a checkpoint that a training run is to begin with.

    Raises:
        UserError: the file is missing or damaged, or its networks are another project's.
    """
    if is_native(path) and (info := read_info(path)).trainable:
        return info
    raise UserError(
        f"{path.name} is another project's model, which cannot be trained further here.",
        "Choose a checkpoint of a run of this program.",
    )


def is_native(path: Path) -> bool:
    """Whether ``path`` is of this program's format, as far as its first bytes tell. What is not there, or has no bytes,
    counts as native: the native reader has the sentence for it.

    Raises:
        UserError: it is a pipe, a device or the like, which might keep a reader waiting for ever.
    """
    try:
        _require_file(path)
        with open(path, "rb") as file:
            head = file.read(9)
            if not head:
                return True
            length = struct.unpack("<Q", head[:8])[0] if len(head) == 9 and head[8:] == b"{" else 0
            if not 2 <= length <= MAX_HEADER:
                return False
            file.seek(8)
            return f'"{METADATA_KEY}"'.encode() in file.read(length)
    except OSError:
        return True


def load_checkpoint(path: Path, *, with_critic: bool = False, choices: Choices | None = None) -> Checkpoint:
    """Load the generator, and the critic when asked for and present. Files of other projects are welcome, too.

    Args:
        choices: for files of other projects: what they do not tell.

    Raises:
        UserError: the file is missing, empty, truncated, damaged, unknown, or its weights do not fit its configuration.
        ChoiceNeededError: a file of another project does not tell what its pictures depend on.
    """
    if not is_native(path):
        from gan.importers.opening import open_foreign

        opened = open_foreign(path, choices)
        return Checkpoint(opened.info, opened.generator, None)
    about = _read_about(path)
    _check_unneeded(path, choices)
    try:
        data = path.read_bytes()
        tensors = load_tensors(data)
    except (OSError, SafetensorError, ValueError, KeyError) as error:
        raise _damaged(path) from error
    unsigned = about.keys() <= ABOUT_KEYS  # by another program; a stranger among them may be a digest that was hit
    if not unsigned and about.get("digest") != _digest(about, tensors):
        raise _damaged(path)
    info = _info(path, about, hashlib.sha256(data).hexdigest())
    stored = sum(value.numel() for name, value in tensors.items() if name.startswith("generator."))
    if generator_size(info.config) > 2 * stored:  # before memory is claimed for what the header pretends to hold
        raise UserError(f"The generator in {path.name} does not fit its own description (it is far too small).")
    generator = _filled(build_generator, "generator", tensors, info)
    critic = None
    if with_critic and any(name.startswith("critic.") for name in tensors):
        critic = _filled(build_critic, "critic", tensors, info)
    return Checkpoint(info, generator, critic)


def _check_unneeded(path: Path, choices: Choices | None) -> None:
    if choices is not None and choices != Choices():
        raise UserError(f"{path.name} says itself how it is drawn.", "Leave out --activation and the like.")


def _tensors(prefix: str, network: nn.Module, dtype: torch.dtype) -> dict[str, Tensor]:
    return {
        f"{prefix}.{name}": (value.to(dtype) if value.is_floating_point() else value).detach().cpu().contiguous()
        for name, value in network.state_dict().items()
        if not name.endswith("num_batches_tracked")  # says nothing once training is over
    }


def _digest(about: dict[str, Any], tensors: dict[str, Tensor]) -> str:
    """sha256 over the metadata (without the digest) and every tensor's name, type, shape and bytes."""
    rest = {key: value for key, value in about.items() if key != "digest"}
    hasher = hashlib.sha256(json.dumps(rest, sort_keys=True).encode())
    for name in sorted(tensors):
        tensor = tensors[name]
        hasher.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}".encode())
        hasher.update(tensor.contiguous().reshape(-1).view(torch.uint8).numpy().data)
    return hasher.hexdigest()


def _require_file(path: Path) -> None:
    """Refuse what is there and no file: a pipe would be waited for, for ever. That it is missing is told by who
    opens it."""
    if path.exists() and not path.is_file():
        raise UserError(f"{path.name} is not a file.", "Choose another checkpoint.")


def _read_about(path: Path) -> dict[str, Any]:
    """The JSON object in the header, read without touching the tensors."""
    try:
        _require_file(path)
        with open(path, "rb") as file:
            head = file.read(8)
            length = struct.unpack("<Q", head)[0] if len(head) == 8 else 0
            header = json.loads(file.read(length)) if 2 <= length <= MAX_HEADER else None
            rest = path.stat().st_size - file.tell()
    except OSError as error:
        raise UserError(f"{path} cannot be opened: {error.strerror or error}.", "Choose another checkpoint.") from error
    except (ValueError, RecursionError):
        header = None
    if not isinstance(header, dict):
        empty = path.stat().st_size == 0
        raise UserError(
            f"{path.name} is {'empty' if empty else 'no checkpoint that Latent Debugger knows'}.",
            "Open a .safetensors file written by this program.",
        )
    metadata = header.get("__metadata__")
    try:
        about = json.loads(metadata[METADATA_KEY]) if isinstance(metadata, dict) else None
    except (KeyError, TypeError, ValueError, RecursionError):
        about = None
    if not isinstance(about, dict):
        raise UserError(
            f"{path.name} is a safetensors file without Latent Debugger's description of its network.",
            "Open a checkpoint written by this program.",
        )
    ends = [tensor["data_offsets"][1] for name, tensor in header.items() if name != "__metadata__" and _placed(tensor)]
    if len(ends) != len(header) - 1 or rest != max(ends, default=0):
        raise _damaged(path)
    if about.get("format") != FORMAT:
        raise UserError(f"{path.name} has format {about.get('format')!r}; this version reads {FORMAT}.", "Update it.")
    return about


def _placed(tensor: object) -> bool:
    """Whether a header's entry says where its bytes lie."""
    offsets = tensor.get("data_offsets") if isinstance(tensor, dict) else None
    return isinstance(offsets, list) and len(offsets) == 2 and all(isinstance(place, int) for place in offsets)


def _info(path: Path, about: dict[str, Any], sha256: str) -> CheckpointInfo:
    family = about.get("family")
    kind = ImportedConfig if isinstance(family, str) and family.startswith(PREFIX) else ModelConfig
    config = kind.from_json({**_dict(about.get("config")), "family": family})
    return CheckpointInfo(
        path=path,
        family=config.family,
        config=config,
        step=_count(about.get("step"), path),
        images_seen=_count(about.get("images_seen", 0), path),
        objective=str(about.get("objective") or ""),
        run=about["run"] if isinstance(about.get("run"), str) else None,
        parent=about["parent"] if isinstance(about.get("parent"), str) else None,
        data=_dict(about.get("data")),
        created=str(about.get("created") or ""),
        sha256=sha256,
    )


def all_finite(tensors: Iterable[Tensor]) -> bool:
    """Whether there is neither NaN nor infinity in ``tensors``. A finite sum says so in a fraction of the time."""
    floats = (value for value in tensors if value.is_floating_point())
    return all(math.isfinite(value.sum()) or bool(torch.isfinite(value).all()) for value in floats)


def _filled(
    build: Callable[[ModelConfig], nn.Module], prefix: str, tensors: dict[str, Tensor], info: CheckpointInfo
) -> nn.Module:
    """The network with the weights of the file. Drawing random ones first would take a third of the time."""
    with Unfilled():
        network = build(info.config)
    _fill(network, prefix, tensors, info.path)
    return network


def _fill(network: nn.Module, prefix: str, tensors: dict[str, Tensor], path: Path) -> None:
    state = {
        name.removeprefix(f"{prefix}."): value.to(torch.float32) if value.is_floating_point() else value
        for name, value in tensors.items()
        if name.startswith(f"{prefix}.")
    }
    expected = {n: v for n, v in network.state_dict().items() if not n.endswith("num_batches_tracked")}
    missing, surplus = sorted(expected.keys() - state.keys()), sorted(state.keys() - expected.keys())
    wrong = [
        name
        for name in expected.keys() & state.keys()
        if expected[name].shape != state[name].shape or not state[name].is_floating_point()
    ]
    if missing or surplus or wrong:
        what = missing or surplus or sorted(wrong)
        raise UserError(f"The {prefix} in {path.name} does not fit its own description (first at {what[0]}).")
    if not all_finite(state.values()):
        raise UserError(f"The {prefix} in {path.name} contains NaN or infinite weights.", "Its training diverged.")
    network.load_state_dict(state, strict=False)
    network.eval().requires_grad_(False)


def _damaged(path: Path) -> UserError:
    return UserError(f"{path.name} is truncated or damaged.", "Copy it again from where it came from.")


def _count(value: object, path: Path) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise _damaged(path)
    return value


def _dict(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
