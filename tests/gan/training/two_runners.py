"""Run by test_runner_processes.py, once for each process: one run that nothing disturbs, one that has to go back."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from gan.config import ModelConfig, TrainConfig
from gan.training import runner as runs
from gan.training.runner import Runner

MODEL = ModelConfig(image_size=32, z_dim=8, width=4, norm="layer")
TRAIN = TrainConfig(
    steps=4, batch=4, checkpoint_every=3, previews=4, threads=1, precision="fp32", device="cpu", devices=2
)


def _save(runner: Runner, out: Path) -> None:
    networks = {"generator": runner.trainer.generator, "critic": runner.trainer.critic}
    np.savez(
        out / f"{runner.directory.path.name}-{runner.trainer.engine.rank}.npz",
        **{
            f"{part}.{name}": v.detach().numpy() for part, net in networks.items() for name, v in net.named_parameters()
        },
    )


def main(data: Path, out: Path) -> None:
    """Four updates, then two more after a resume."""
    torch.set_num_threads(1)
    runs.STATE_EVERY = runs.METRICS_EVERY = 0.0
    for name in ("calm", "spoilt"):
        runs.start(data, out / name, MODEL, TRAIN).run(lambda report: None)
        runner = runs.resume(out / name, 6)
        due = [name == "spoilt" and runner.trainer.engine.is_main]

        def spoil(runner: Runner = runner, due: list[bool] = due) -> bool:
            if runner.trainer.step == 5 and due[0]:
                due[0] = False
                with torch.no_grad():
                    next(runner.trainer.critic.parameters())[0, 0, 0, 0] = float("nan")
            return False

        pauses: list[float] = []

        def resume(seconds: float, runner: Runner = runner, pauses: list[float] = pauses) -> None:
            pauses.append(seconds)
            runner.directory.write_control("run")

        runs.time.sleep = resume  # type: ignore[attr-defined]
        runner.run(lambda report: None, spoil, "pause")
        assert bool(pauses) == (name == "spoilt" and runner.trainer.engine.is_main)
        _save(runner, out)
    assert replace(TRAIN, steps=6) == runner.config.train


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
