"""Exact resume: every number of a trainer in one .safetensors file.

Randomness needs no saving (see :mod:`gan.training.sampler`), so weights, buffers, averages, optimiser moments and the
step are all there is. No pickle: a run directory may come from somebody else.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save as dump_tensors
from torch import Tensor

from gan.checkpoints import all_finite
from gan.errors import UserError
from gan.files import require_ordinary, write_atomic
from gan.training.trainer import Trainer

METADATA_KEY = "latent_debugger_state"


@dataclass(frozen=True)
class Snapshot:
    """A copy of every number of a trainer, which it may go on from while the copy is written."""

    step: int
    tensors: dict[str, Tensor]
    """Contiguous, on the CPU."""

    @classmethod
    def of(cls, trainer: Trainer) -> Snapshot:
        """Copy. Memory format is a property of the trainer, not of the numbers: safetensors wants plain tensors."""
        plain = torch.contiguous_format
        tensors = {
            name: value.detach().cpu() if value.device.type != "cpu" else value.detach().clone(memory_format=plain)
            for name, value in _tensors(trainer).items()
        }
        return cls(trainer.step, {name: value.contiguous() for name, value in tensors.items()})

    @property
    def nbytes(self) -> int:
        """What it takes in memory, and about what it will take on disk."""
        return sum(value.nbytes for value in self.tensors.values())

    def is_finite(self) -> bool:
        """Whether there is neither NaN nor infinity in it."""
        return all_finite(self.tensors.values())

    def save(self, path: Path) -> None:
        """Write what :func:`load_state` reads, atomically."""
        write_atomic(path, dump_tensors(self.tensors, {METADATA_KEY: json.dumps({"step": self.step})}))


def save_state(path: Path, trainer: Trainer) -> None:
    """Write everything that :func:`load_state` needs, atomically."""
    Snapshot.of(trainer).save(path)


def load_state(path: Path, trainer: Trainer) -> None:
    """Put ``trainer``, freshly built from the same configuration, where :func:`save_state` left it.

    Raises:
        UserError: the file is damaged or belongs to another configuration.
    """
    require_ordinary(path)
    try:
        with safe_open(path, "pt") as file:
            step = int(json.loads(file.metadata()[METADATA_KEY])["step"])
            saved = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (no mapping)
        _restore(trainer, saved)
    except (OSError, SafetensorError, KeyError, TypeError, ValueError, OverflowError, RuntimeError) as error:
        raise UserError(f"The training state {path.name} is damaged or belongs to another run.") from error
    trainer.step = step


def load_newest(states: Sequence[Path], trainer: Trainer) -> bool:
    """Put ``trainer`` where the last readable of ``states`` (oldest first) left it; False where there are none.

    A damaged newest state must not cost the run: the one before it is kept for this.

    Raises:
        UserError: there are some, but none is readable: beginning again would write over what is there.
    """
    for state in reversed(states):
        try:
            load_state(state, trainer)
            return True
        except UserError:
            continue
    if states:
        folder = states[0].parent.parent
        raise UserError(f"Every training state in {folder} is damaged.", "Start a new run in another folder.")
    return False


def share_state(trainer: Trainer) -> None:
    """Give every process the numbers of process 0, which alone reads files: not every machine may see the folder."""
    engine = trainer.engine
    if engine.processes == 1:
        return
    snapshot = engine.from_main(Snapshot.of(trainer) if engine.is_main else None)
    if snapshot is not None and not engine.is_main:
        _restore(trainer, snapshot.tensors)
        trainer.step = snapshot.step


def _tensors(trainer: Trainer) -> dict[str, Tensor]:
    out = {f"extra.{name}": value for name, value in trainer.extra_state.items()}
    for prefix, network in _networks(trainer).items():
        out |= {f"{prefix}.{name}": value for name, value in network.state_dict().items()}
    for prefix, optimiser in _optimisers(trainer).items():
        for index, slots in optimiser.state_dict()["state"].items():
            out |= {f"{prefix}.{index}.{slot}": value for slot, value in slots.items()}
    return out


def _restore(trainer: Trainer, saved: dict[str, Tensor]) -> None:
    for prefix, network in _networks(trainer).items():
        network.load_state_dict(_under(prefix, saved))
    for prefix, optimiser in _optimisers(trainer).items():
        state: dict[int, dict[str, Any]] = {}
        for name, value in _under(prefix, saved).items():
            index, slot = name.split(".")
            state.setdefault(int(index), {})[slot] = value
        groups = optimiser.state_dict()["param_groups"]
        optimiser.load_state_dict({"state": state, "param_groups": groups})
        _match_layout(optimiser)
    trainer.extra_state = _under("extra", saved)


def _match_layout(optimiser: torch.optim.Optimizer) -> None:
    """Moments in the memory format of their parameters, or each step would convert them."""
    for parameter, slots in optimiser.state.items():
        for slot, value in slots.items():
            if value.dim() == 4 and parameter.is_contiguous(memory_format=torch.channels_last):
                slots[slot] = value.contiguous(memory_format=torch.channels_last)


def _networks(trainer: Trainer) -> dict[str, torch.nn.Module]:
    return {"generator": trainer.generator, "critic": trainer.critic, "ema": trainer.ema.generator}


def _optimisers(trainer: Trainer) -> dict[str, torch.optim.Optimizer]:
    return {"generator_optimiser": trainer.generator_optimiser, "critic_optimiser": trainer.critic_optimiser}


def _under(prefix: str, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    return {name[len(prefix) + 1 :]: value for name, value in tensors.items() if name.startswith(f"{prefix}.")}
