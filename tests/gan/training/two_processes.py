"""Run by test_engine.py, once for each process: train a little pair of networks and write the weights down."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import torch
from torch import nn

from gan.config import ModelConfig, TrainConfig
from gan.images import Bytes
from gan.training.engine import Engine
from gan.training.trainer import Trainer

MODEL = ModelConfig(image_size=32, z_dim=5, width=2, norm="none")
STEPS = 4


def pictures() -> Bytes:
    return np.random.RandomState(0).randint(0, 256, (30, 32, 32, 3), np.uint8)


def config(objective: str, **changes: object) -> TrainConfig:
    """Everything that is drawn at random is switched on."""
    return TrainConfig.for_objective(
        objective, batch=8, n_critic=2, steps=STEPS, learning_rate=1e-3, flip=True, augment="diffaugment",
        held_out=0.2, precision="fp32", device="cpu", **changes,
    )  # type: ignore[arg-type]  # fmt: skip


def networks() -> tuple[nn.Module, nn.Module]:
    """Without batch normalisation, in float64."""
    torch.manual_seed(1)
    generator = nn.Sequential(
        nn.Linear(5, 8 * 16), nn.Unflatten(1, (2, 8, 8)), nn.Tanh(), nn.ConvTranspose2d(2, 3, 8, 4, 2), nn.Tanh()
    )
    critic = nn.Sequential(
        nn.Conv2d(3, 4, 4, 4), nn.GroupNorm(1, 4), nn.LeakyReLU(0.2), nn.Conv2d(4, 1, 8), nn.Flatten(0)
    )
    return generator.double(), critic.double()


def train(settings: TrainConfig, engine: Engine | None = None) -> Trainer:
    """As process 0, or following it."""
    trainer = Trainer(MODEL, settings, pictures(), engine, networks())
    if trainer.engine.is_main:
        for _ in trainer.run(lambda: STEPS):
            pass
        trainer.dismiss()
    else:
        trainer.follow()
    return trainer


def weights(trainer: Trainer) -> dict[str, np.ndarray]:
    """Every weight by name."""
    parts = {"generator": trainer.generator, "critic": trainer.critic, "ema": trainer.ema.generator}
    return {f"{part}.{name}": v.numpy() for part, net in parts.items() for name, v in net.state_dict().items()}


def main(out: Path) -> None:
    """Train for both objectives in one go: starting two processes takes seconds."""
    torch.set_num_threads(1)
    from gan.training.engine import open_engine

    engine = open_engine(config("wgan-gp", devices=2))
    for objective in ("wgan-gp", "wgan", "dcgan"):
        trainer = train(config(objective, devices=2), engine)
        np.savez(out / f"{objective}-{engine.rank}.npz", **weights(trainer))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
