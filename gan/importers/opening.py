"""Opening a generator of another project: parse, recognise, rebuild, check. Whatever goes wrong is one sentence."""

from __future__ import annotations

import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor, nn

from gan.errors import UserError
from gan.files import sha256_of
from gan.importers.arrays import Arrays
from gan.importers.assemble import assemble, configure
from gan.importers.choices import ChoiceNeededError, Choices
from gan.importers.config import ImportedConfig
from gan.importers.limits import UnreadableError
from gan.importers.parsed import Parsed
from gan.importers.process import parse_elsewhere
from gan.importers.proving import about_stubs, proven
from gan.importers.recognise import Recognised, recognise

if TYPE_CHECKING:
    from gan.checkpoints import CheckpointInfo


@dataclass(frozen=True)
class Opened:
    """A generator of another project, rebuilt: float32, on the processor, in eval mode."""

    info: CheckpointInfo
    generator: nn.Module


def open_foreign(path: Path, choices: Choices | None = None) -> Opened:
    """Open a checkpoint that another project wrote.

    Raises:
        UserError: it cannot be read, is no generator that is known, or is damaged.
        ChoiceNeededError: its pictures depend on something that it does not tell.
    """
    choices = choices or Choices()
    try:
        before = _stamp(path)
        with tempfile.TemporaryDirectory(prefix="latent-debugger-") as folder, ThreadPoolExecutor(1) as beside:
            parsed = parse_elsewhere(path, Path(folder))
            digest = beside.submit(sha256_of, path)
            opened = _open(path, parsed, choices)
            sha256 = digest.result()
        if _stamp(path) != before:
            raise UnreadableError("The file has changed while it was read.", "Open it again.")
    except OSError as error:
        raise UserError(f"{path} cannot be opened: {error.strerror or error}.", "Choose another checkpoint.") from error
    except ChoiceNeededError:
        raise
    except UserError as error:
        raise UserError(f"{path.name}: {_clean(error.text)}", error.hint) from error
    return Opened(replace(opened.info, sha256=sha256), opened.generator)


def _clean(text: str) -> str:
    """One line of reasonable length: names in a file may hold anything."""
    shown = "".join(c if c.isprintable() and c not in "<>" else "\N{REPLACEMENT CHARACTER}" for c in text)
    return shown if len(shown) <= 500 else f"{shown[:500]} …"


def _stamp(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_size, status.st_mtime_ns


def _open(path: Path, parsed: Parsed, choices: Choices) -> Opened:
    if parsed.graph is not None:
        from gan.importers.onnx import open_onnx

        network, config, source = open_onnx(path, parsed.graph, choices)
        return Opened(_info(path, config, source, parsed, ()), network)
    found = recognise(parsed)
    config = configure(found.plan, choices)
    with Arrays(path, parsed) as arrays:
        weights = _weights(found, arrays)
        damaged = arrays.damaged
    network = assemble(config, weights)
    warnings = [*about_stubs(parsed.stubs), *found.warnings]
    if damaged:
        warnings.append("The checksum of some weights is wrong: the file may be damaged.")
    from gan.rendering import one_thread  # which imports what leads here

    with one_thread():  # more can collapse beside other busy processes (docs/adr/0003)
        network, config, doubts = proven(network, config, weights, guessed=not found.state.modules)
    source = found.plan.project + (f", averaged weights ({'.'.join(found.state.path)})" if found.averaged else "")
    return Opened(_info(path, config, source, parsed, tuple(map(_clean, (*warnings, *doubts)))), network)


def _weights(found: Recognised, arrays: Arrays) -> dict[str, Tensor]:
    """The weights of the plan, and the counters of its normalisations.

    Raises:
        UnreadableError: NaN or infinity among them.
    """
    weights = {}
    for name in found.plan.weights:
        array = arrays.get(found.state.tensors[name])
        if array.dtype != np.float32:
            raise UnreadableError(f"The weight {name} is made of whole numbers, which no generator is.")
        if not np.isfinite(array).all():
            raise UnreadableError("The weights contain NaN or infinity: its training diverged.", "Open an earlier one.")
        weights[name] = torch.from_numpy(array)
        counter = f"{name.removesuffix('running_var')}num_batches_tracked"
        tensor = found.state.tensors.get(counter) if name.endswith("running_var") else None
        if tensor is not None and tensor.count == 1:
            weights[counter] = torch.tensor(int(arrays.get(tensor).reshape(-1)[0]))
    return weights


def _info(path: Path, config: ImportedConfig, source: str, parsed: Parsed, warnings: tuple[str, ...]) -> CheckpointInfo:
    from gan.checkpoints import CheckpointInfo

    step = _step(parsed)
    return CheckpointInfo(path=path, family=config.family, config=config, step=step, source=source, warnings=warnings)


def _step(parsed: Parsed) -> int:
    """Generator updates, where the file says how many; epochs are no updates."""
    for name in ("global_step", "step", "steps", "iteration", "iterations", "iter"):
        value = parsed.notes.get(name)
        if type(value) is int and 0 <= value < 10**12:
            return value
    return 0
