"""Training pictures a second: the trainer against the plain loop, in turns, in one process.

Where there are several cores the trainer has them in two ways: as threads of one process, and as processes of one
thread each, among which a batch is divided. The plain loop has them as threads, as PyTorch does by itself.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

os.environ.setdefault("THP_MEM_ALLOC_ENABLE", "1")  # both as gan.cli has it for every run; the plain loop gains, too

os.environ.setdefault("GOMP_SPINCOUNT", "4000")

import torch

from benchmarks.data import training_pictures
from benchmarks.figure import Figure
from benchmarks.plain_loop import PlainLoop
from gan.config import ModelConfig, TrainConfig
from gan.presets import find_preset
from gan.training.trainer import Progress, Trainer

FASTER = 2.5  # times as fast as the plain loop, where the processor has instructions for bfloat16


@dataclass(frozen=True)
class Task:
    """What to compare: ``rounds`` blocks of so many generator updates, by a trainer in ``processes``."""

    preset: str
    block: int
    rounds: int
    threads: int
    processes: int = 1
    target: float | None = None

    @property
    def title(self) -> str:
        """How the figures begin."""
        if self.processes > 1:
            return f"training {self.preset}, {self.processes} processes"
        return f"training {self.preset}, {self.threads} thread{'s'[: self.threads - 1]}"


def paper(quick: bool) -> list[Figure]:
    """WGAN as in arXiv 1701.07875, width 64: a block is one generator update."""
    return _compare("paper-wgan", 1, quick, FASTER)


def bundled(quick: bool) -> list[Figure]:
    """What the bundled model is trained with. No target: its penalty is float32 in both, by decision."""
    return _compare("small-cpu", 1 if quick else 8, quick, None)


def _compare(preset: str, block: int, quick: bool, target: float | None) -> list[Figure]:
    rounds, cores = 1 if quick else 9, os.cpu_count() or 1
    figures = []
    for threads in sorted({1, cores}):
        figures += in_turns(Task(preset, block, rounds, threads, target=target))
    if cores > 1:
        figures += _in_processes(Task(preset, block, rounds, cores, min(cores, 8), target))
    return figures


def _in_processes(task: Task) -> list[Figure]:
    """:func:`in_turns` by several processes, which torchrun starts."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder, "figures.json")
        launcher = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", str(task.processes)]
        what = ["-m", "benchmarks.training", json.dumps(asdict(task)), str(out)]
        subprocess.run([*launcher, "--standalone", *what], check=True, stdout=subprocess.DEVNULL)
        return [Figure(**fields) for fields in json.loads(out.read_text())]


def in_turns(task: Task) -> list[Figure]:
    """Measure both. With several processes, process 0 returns the figures and the others none."""
    preset = find_preset(task.preset)
    model = ModelConfig(**preset.model)
    config = TrainConfig.for_objective(preset.objective, **preset.train, device="cpu", devices=task.processes)
    torch.manual_seed(0)
    images = training_pictures(model.image_size)
    trainer = Trainer(model, config, images)
    alone = 1 if task.processes > 1 else task.threads
    torch.set_num_threads(alone)
    if not trainer.engine.is_main:
        trainer.follow()
        return []
    plain = PlainLoop(model, config, images)
    events = trainer.run(lambda: sys.maxsize)

    def trainer_step() -> None:
        while not isinstance(next(events), Progress):
            pass

    ours, theirs = [], []
    for _ in range(1 + task.rounds):
        torch.set_num_threads(alone)
        ours.append(_seconds(trainer_step, task.block))
        torch.set_num_threads(task.threads)  # the other processes wait meanwhile
        theirs.append(_seconds(plain.step, task.block))
    trainer.dismiss()
    del ours[0], theirs[0]  # they warm up
    pictures = task.block * config.n_critic * config.batch
    precision, threads = "bf16" if trainer.bf16 else "no bf16 here", f"{task.threads} thread{'s'[: task.threads - 1]}"
    return [
        Figure(f"{task.title}: trainer, {precision}", pictures / median(ours), "images/s"),
        Figure(f"{task.title}: plain float32, {threads}", pictures / median(theirs), "images/s"),
        Figure(f"{task.title}: ratio", median(theirs) / median(ours), "×", task.target if trainer.bf16 else None, "≥"),
    ]


def _seconds(step: Callable[[], None], times: int) -> float:
    began = time.perf_counter()
    for _ in range(times):
        step()
    return time.perf_counter() - began


if __name__ == "__main__":
    found = in_turns(Task(**json.loads(sys.argv[1])))
    if found:
        Path(sys.argv[2]).write_text(json.dumps([asdict(figure) for figure in found]))
