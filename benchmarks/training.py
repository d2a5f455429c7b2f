"""Training pictures a second: the trainer against the plain loop, in turns, in one process."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from statistics import median

os.environ.setdefault("THP_MEM_ALLOC_ENABLE", "1")  # as gan.cli does for every run; the plain loop gains from it, too

import torch

from benchmarks.data import training_pictures
from benchmarks.figure import Figure
from benchmarks.plain_loop import PlainLoop
from gan.config import ModelConfig, TrainConfig
from gan.presets import find_preset
from gan.training.trainer import Progress, Trainer

FASTER = 2.5  # times as fast as the plain loop, where the processor has instructions for bfloat16


def paper(quick: bool) -> list[Figure]:
    """WGAN as in arXiv 1701.07875, width 64: a block is one generator update."""
    return _compare("paper-wgan", 1, quick, FASTER)


def bundled(quick: bool) -> list[Figure]:
    """What the bundled model is trained with. No target: its penalty is float32 in both, by decision."""
    return _compare("small-cpu", 1 if quick else 8, quick, None)


def _compare(name: str, block: int, quick: bool, target: float | None) -> list[Figure]:
    preset = find_preset(name)
    model = ModelConfig(**preset.model)
    config = TrainConfig.for_objective(preset.objective, **preset.train, device="cpu")
    figures = []
    for threads in sorted({1, os.cpu_count() or 1}):
        torch.set_num_threads(threads)
        title = f"training {name}, {threads} thread{'s' if threads > 1 else ''}"
        figures += _in_turns(title, model, config, block, 1 if quick else 9, target)
    return figures


def _in_turns(
    title: str, model: ModelConfig, config: TrainConfig, block: int, rounds: int, target: float | None
) -> list[Figure]:
    torch.manual_seed(0)
    images = training_pictures(model.image_size)
    trainer, plain = Trainer(model, config, images), PlainLoop(model, config, images)
    events = trainer.run(lambda: sys.maxsize)

    def trainer_step() -> None:
        while not isinstance(next(events), Progress):
            pass

    trainer_step()  # both warm up
    plain.step()
    ours, theirs = [], []
    for _ in range(rounds):
        ours.append(_seconds(trainer_step, block))
        theirs.append(_seconds(plain.step, block))
    pictures = block * config.n_critic * config.batch
    precision = "bf16" if trainer.bf16 else "no bf16 here"
    return [
        Figure(f"{title}: trainer, {precision}", pictures / median(ours), "images/s"),
        Figure(f"{title}: plain float32", pictures / median(theirs), "images/s"),
        Figure(f"{title}: ratio", median(theirs) / median(ours), "×", target if trainer.bf16 else None, "≥"),
    ]


def _seconds(step: Callable[[], None], times: int) -> float:
    began = time.perf_counter()
    for _ in range(times):
        step()
    return time.perf_counter() - began
