"""Run directories whose checkpoints hold random weights: as a trainer leaves them, in milliseconds."""

from __future__ import annotations

import uuid
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from gan.checkpoints import CheckpointInfo, save_checkpoint
from gan.config import ModelConfig, TrainConfig
from gan.files import write_json
from gan.images import save_sheet
from gan.latent.draws import draw
from gan.latent.vectors import save_vectors
from gan.models import build_generator
from gan.rendering import open_renderer
from gan.training.run_directory import RunConfig, RunDirectory

PREVIEWS = 6


class FakeRun:
    """A run that "trains" when told to.

    Args:
        z_dim: of its generator.
    """

    def __init__(self, path: Path, z_dim: int = 12) -> None:
        self.directory = RunDirectory(path)
        self.model = ModelConfig(image_size=32, z_dim=z_dim, width=4)
        self.config = RunConfig.new(self.model, TrainConfig(), {"path": "pictures", "name": "pictures"})
        self.config = replace(self.config, run=str(uuid.uuid4()))
        write_json(self.directory.config_path, self.config.to_json())
        self.previews = draw(PREVIEWS, z_dim, 99)
        save_vectors(self.directory.preview_z_path, self.previews)

    @property
    def path(self) -> Path:
        return self.directory.path

    def write_status(self, state: str = "running", step: int = 0) -> None:
        """Its process is this one, which the reader of a run counts as alive."""
        self.directory.write_status(state, step)  # type: ignore[arg-type]

    def checkpoint(self, step: int, *, sheet: bool = True) -> Path:
        """Write the checkpoint of ``step``, and its sheet of samples; pictures differ visibly from step to step."""
        torch.manual_seed(step)
        generator = build_generator(self.model)
        with torch.no_grad():
            for parameter in generator.parameters():
                parameter.mul_(4.0)
        path = self.directory.checkpoint(step)
        save_checkpoint(path, generator, CheckpointInfo(path, "dcgan", self.model, step, run=self.config.run))
        if sheet:
            save_sheet(self.directory.sample(step), open_renderer(path, "cpu").pixels(self.previews), step)
        return path

    def picture(self, step: int, z: np.ndarray) -> np.ndarray:
        """What ``z`` (dim,) looks like under the checkpoint of ``step``."""
        return open_renderer(self.directory.checkpoint(step), "cpu").pixels(z[np.newaxis])[0]
