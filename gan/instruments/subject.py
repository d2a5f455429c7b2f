"""What instruments look at: the networks of one checkpoint, as the renderer would use them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from gan.checkpoints import CheckpointInfo, load_checkpoint
from gan.importers.choices import Choices
from gan.importers.config import ImportedConfig
from gan.importers.statistics import freeze_statistics
from gan.rendering import one_thread

CPU = torch.device("cpu")


@dataclass(frozen=True, eq=False)
class Subject:
    """Networks on the processor: float32, eval mode, weights that ask for no gradient. Instruments leave them alone."""

    info: CheckpointInfo
    generator: nn.Module
    """z (N, dim) -> pictures (N, C, H, W) in [-1, 1], each as if it were alone."""
    critic: nn.Module | None
    """Pictures (N, C, H, W) -> scores (N,); None where the checkpoint has none."""

    @property
    def dim(self) -> int:
        """Length of a latent."""
        return self.info.config.z_dim


def open_subject(path: Path, choices: Choices | None = None) -> Subject:
    """Load generator and, where it is there, critic.

    Raises:
        UserError: see :func:`gan.checkpoints.load_checkpoint`.
    """
    found = load_checkpoint(path, with_critic=True, choices=choices)
    return subject_of(found.info, found.generator, found.critic)


def subject_of(info: CheckpointInfo, generator: nn.Module, critic: nn.Module | None = None) -> Subject:
    """Networks that are loaded already. They are changed, not copied."""
    generator = generator.to(CPU, torch.float32).eval().requires_grad_(False)
    config = info.config
    if isinstance(config, ImportedConfig):
        if config.batch_stats == "batch":
            with one_thread(), torch.inference_mode(False), torch.no_grad():
                freeze_statistics(generator, config.z_dim, CPU)
        if config.output_range == "0..1":
            generator = _Centred(generator).eval()
    if critic is not None:
        critic = critic.to(CPU, torch.float32).eval().requires_grad_(False)
    return Subject(info, generator, critic)


class _Centred(nn.Module):
    """Pictures in [0, 1] -> [-1, 1]."""

    def __init__(self, generator: nn.Module) -> None:
        super().__init__()
        self.generator = generator

    def forward(self, z: Tensor) -> Tensor:
        images: Tensor = self.generator(z)
        return images * 2 - 1
