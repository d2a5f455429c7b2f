"""Where a run computes: the only file that knows Lightning Fabric. One process or many, on one machine or several.

Every process builds the same trainer from the same numbers and takes its share of each batch; gradients are averaged in
the one backward pass of an update, so that several processes train as one with the whole batch, apart from batch
normalisation, whose statistics are each process's own (those of process 0 are saved). Process 0 alone decides and
writes; the others follow it (:meth:`Engine.told`).
Fabric is imported when an engine is opened, so that neither the window nor ``--help`` waits for it.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

import torch
from torch import Tensor, nn

from gan.config import TrainConfig
from gan.cores import cores
from gan.errors import UserError
from gan.rendering import choose_device
from gan.training.device import uses_bf16

if TYPE_CHECKING:
    from lightning_fabric import Fabric

T = TypeVar("T")
MOST_ON_FEW_CORES = 8
"""Processes on one machine that are let through even if it has fewer cores: to try things out."""
PATIENCE = timedelta(days=30)
"""How long the other processes wait for process 0, which may be paused."""


class Engine:
    """A Fabric in few words.

    Attributes:
        device: where this process computes.
        bf16: whether forward passes run in bfloat16.
        rank: number of this process among all, from 0.
        processes: how many there are on all machines.
        beside: how many of them share this machine.
    """

    def __init__(self, fabric: Fabric, bf16: bool, beside: int = 1) -> None:
        self._fabric = fabric
        self.bf16, self.beside = bf16, beside
        self.device: torch.device = fabric.device
        self.rank: int = fabric.global_rank
        self.processes: int = fabric.world_size

    @property
    def is_main(self) -> bool:
        """Whether this process decides and writes."""
        return self.rank == 0

    def share(self, batch: int) -> slice:
        """Which of the ``batch`` samples drawn for all processes are this one's.

        Raises:
            UserError: they cannot be divided evenly.
        """
        each, rest = divmod(batch, self.processes)
        if rest and not self.is_main:
            raise SystemExit(2)  # process 0 says why
        if rest:
            raise UserError(
                f"A batch of {batch} cannot be divided among {self.processes} processes.",
                f"Choose a batch that is a multiple of {self.processes}, such as {max(1, each) * self.processes}.",
            )
        return slice(self.rank * each, (self.rank + 1) * each)

    def wrap(self, network: nn.Module) -> nn.Module:
        """``network`` as it must be called in an update, once for each backward pass; its gradients are averaged."""
        return cast(nn.Module, self._fabric.setup_module(network)) if self.processes > 1 else network

    def autocast(self) -> AbstractContextManager[Any]:
        """Forward passes in bfloat16 where that is wanted: weights, sums and optimisers stay float32."""
        return self._fabric.autocast()

    def full_precision(self) -> AbstractContextManager[Any]:
        """A part of :meth:`autocast` that is computed in the weights' own precision."""
        return torch.autocast(self.device.type, enabled=False)

    def backward(self, loss: Tensor) -> None:
        """The one backward pass of an update."""
        self._fabric.backward(loss)

    def mean(self, values: Tensor) -> Tensor:
        """The mean of what each process has."""
        if self.processes == 1:
            return values
        return cast(Tensor, self._fabric.all_reduce(values, reduce_op="mean"))

    def from_main(self, value: T) -> T:
        """What process 0 has."""
        return self._fabric.broadcast(value) if self.processes > 1 else value

    def main_first(self, work: Callable[[], T]) -> T:
        """Let process 0 do ``work`` before the others do it: it checks what they then find, or writes what they read.

        Raises:
            UserError: it failed in this process.
            SystemExit: it failed in process 0, which says why.
        """
        if self.processes == 1:
            return work()
        if not self.is_main:
            if not self.from_main(False):
                raise SystemExit(2)
            return work()
        done = False
        try:
            value = work()
            done = True
        finally:
            self.from_main(done)
        return value

    def tell(self, word: int) -> None:
        """In process 0: what the others wait for."""
        if self.processes > 1:
            self.from_main(word)

    def told(self) -> int:
        """In the others: wait for what process 0 says."""
        return self.from_main(0)


def open_engine(config: TrainConfig) -> Engine:
    """Set up this process, and start the others if ``config`` asks for some and nobody did.

    Raises:
        UserError: there are fewer devices than asked for, or this program cannot start itself again.
    """
    from lightning_fabric import Fabric

    logging.getLogger("lightning_fabric").setLevel(logging.WARNING)  # it tells the precision, as we do
    devices, nodes, started = _processes(config)
    device = choose_device(config.device)
    bf16 = uses_bf16(config.precision, device)
    options: dict[str, Any] = {"accelerator": device.type, "precision": "bf16-mixed" if bf16 else "32-true"}
    if devices * nodes == 1:
        return Engine(Fabric(devices=1 if device.index is None else [device.index], **options), bf16)
    check_machines(config)
    if device.type == "mps":
        raise UserError("A Mac has one GPU.", "Train with one device.")
    if device.type == "cpu" and not started and devices > max(MOST_ON_FEW_CORES, cores()):
        raise UserError(f"{devices} processes are more than this machine's cores.", "Choose fewer devices.")
    if not started and not _can_start_itself():
        raise UserError("Several devices need a separate process.", "Start the run with: python -m gan train")
    try:
        fabric = Fabric(devices=devices, num_nodes=nodes, strategy=_strategy(), **options)
        fabric.launch()
    except (ValueError, RuntimeError) as error:  # fewer GPUs than asked for, settings that contradict SLURM's
        raise UserError(f"{devices} devices on {nodes} machines cannot be set up: {error}") from error
    return Engine(fabric, bf16, devices)


def check_machines(config: TrainConfig) -> None:
    """Whether the machines of ``config`` know of each other: one alone would wait for the others for ever.

    Raises:
        UserError: nobody started them together.
    """
    _, nodes, started = _processes(config)
    if nodes > 1 and not started and "MASTER_ADDR" not in os.environ:
        raise UserError(
            f"A run on {nodes} machines is started on each of them, by torchrun or SLURM.",
            "docs/training.md says how; or choose one machine.",
        )


def _strategy() -> Any:
    from lightning_fabric.strategies.ddp import DDPStrategy

    return DDPStrategy(timeout=PATIENCE, forward_sync_buffers=False, gradient_as_bucket_view=True)


def _processes(config: TrainConfig) -> tuple[int, int, bool]:
    """(processes a machine, machines, whether somebody started them all).

    Raises:
        UserError: the environment says nonsense.
    """
    environment = os.environ
    try:
        if "TORCHELASTIC_RUN_ID" in environment:  # torchrun
            local = int(environment["LOCAL_WORLD_SIZE"])
            return local, int(environment["WORLD_SIZE"]) // local, True
        if int(environment.get("SLURM_NTASKS", "1")) > 1 and "SLURM_PROCID" in environment:  # srun
            nodes = int(environment.get("SLURM_NNODES", "1"))
            return int(environment["SLURM_NTASKS"]) // nodes, nodes, True
    except (KeyError, ValueError, ZeroDivisionError) as error:
        raise UserError(
            f"The environment does not say how many processes there are: {error}.", "Start it by torchrun or srun."
        ) from error
    return config.devices, config.nodes, "LOCAL_RANK" in environment


def _can_start_itself() -> bool:
    """Fabric starts the other processes with this process's own command line, which must be that of the trainer."""
    spec = getattr(sys.modules["__main__"], "__spec__", None)
    if spec is not None:
        return bool(spec.name == "gan.__main__")
    return Path(sys.argv[0]).stem in ("gan", "latent-debugger-gan")
