"""Latents to pictures: the one renderer behind the window, the command line, samples and exports.

Pictures are computed one at a time with one thread. Batching and threading change the order of floating-point sums, and
with it now and then a pixel; a picture must be the same wherever it is shown.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import torch
from torch import nn

from gan.checkpoints import CheckpointInfo, load_checkpoint
from gan.errors import UserError
from gan.fast_path import Forward, optimise
from gan.images import Bytes, Floats, to_uint8
from gan.importers.choices import Choices
from gan.importers.config import ImportedConfig
from gan.importers.statistics import freeze_statistics, together
from gan.side_stream import SideStream

EXTREME = 1e3
"""Beyond that a value of a latent may be what broke a picture; of a normal distribution none is over 7."""
MAX_BATCH = 1024
"""Pictures that are drawn together, where a project normalises with their common statistics."""


class Renderer:
    """A generator ready to draw: float32, eval mode, on one device.

    Attributes:
        info: the checkpoint it came from.
        device: where it runs.
        forwards: pictures computed so far.
    """

    def __init__(self, generator: nn.Module, info: CheckpointInfo, device: torch.device) -> None:
        self.info = info
        self.device = device
        self.forwards = 0
        generator = generator.to(device, torch.float32).eval().requires_grad_(False)
        config = info.config
        self._low = 0.0 if isinstance(config, ImportedConfig) and config.output_range == "0..1" else -1.0
        self._batch = generator if isinstance(config, ImportedConfig) and config.batch_stats == "batch" else None
        with one_thread(), torch.inference_mode():
            if self._batch is not None:
                freeze_statistics(self._batch, info.config.z_dim, device)
            self._forward = _forward_on(device, generator)

    @property
    def dim(self) -> int:
        """Length of a latent."""
        return self.info.config.z_dim

    @property
    def draws_together(self) -> bool:
        """Whether :meth:`raw` of several latents is not the same as of one after the other."""
        return self._batch is not None

    def raw(self, latents: Floats) -> Floats:
        """(N, dim) -> the network's own output (N, C, H, W), nothing clipped.

        Of an imported model that normalises with the statistics of the batch, several latents are one batch, as in its
        own project; :meth:`pixels` never depends on the other latents.

        Raises:
            UserError: the generator answered with NaN or infinity, or these are too many for one batch.
        """
        if self._batch is None or len(latents) < 2:
            return self._one_by_one(latents)
        self._check(latents)
        if len(latents) > MAX_BATCH:
            raise UserError(
                f"The model {self.info.name} draws pictures together, at most {MAX_BATCH} at a time.",
                "Ask for fewer, or for --batch-stats running.",
            )
        with one_thread(), torch.inference_mode():
            z = torch.tensor(latents, dtype=torch.float32).to(self.device)
            images: Floats = together(self._batch, z).cpu().numpy()
        self.forwards += len(latents)
        return self._checked(images, latents)

    def pixels(self, latents: Floats) -> Bytes:
        """(N, dim) -> uint8 pictures (N, H, W, C), each as if it were alone."""
        return self.to_pixels(self._one_by_one(latents))

    def to_pixels(self, images: Floats) -> Bytes:
        """The network's own numbers (N, C, H, W) -> uint8 pictures (N, H, W, C)."""
        return to_uint8(images if self._low else images * np.float32(2) - np.float32(1))

    def _one_by_one(self, latents: Floats) -> Floats:
        self._check(latents)
        with one_thread(), torch.inference_mode():
            rows = [self._one(row) for row in np.ascontiguousarray(latents, np.float32)]
        size = self.info.config.image_size
        return np.concatenate(rows) if rows else np.empty((0, self.info.config.channels, size, size), np.float32)

    def _check(self, latents: Floats) -> None:
        if latents.ndim != 2 or latents.shape[1] != self.dim:
            raise UserError(f"The model takes latents of {self.dim} dimensions, not an array {latents.shape}.")

    def _one(self, latent: Floats) -> Floats:
        z = torch.tensor(latent[np.newaxis])  # a copy: callers hand in read-only arrays
        image: Floats = self._forward(z).numpy()
        self.forwards += 1
        return self._checked(image, latent)

    def _checked(self, image: Floats, latent: Floats) -> Floats:
        if np.isfinite(image).all():
            return image
        if np.abs(latent).max() > EXTREME:
            raise UserError(
                f"The model {self.info.name} answers with NaN to a latent with values over {EXTREME:,.0f}.",
                "Bring them nearer to zero.",
            )
        raise UserError(f"The model {self.info.name} answers with NaN: its weights are broken.", "Open another.")


def _forward_on(device: torch.device, generator: nn.Module) -> Forward:
    """How ``generator`` computes on ``device``: from a latent in main memory to a picture in main memory."""
    if device.type == "cpu":
        return optimise(generator) or generator
    if device.type == "cuda":
        return SideStream(generator, device)
    return lambda z: generator(z.to(device)).cpu()


def open_renderer(path: Path, device: str = "auto", choices: Choices | None = None) -> Renderer:
    """Load a checkpoint (ours or another project's), or the newest one of a run directory, onto a device.

    Args:
        device: auto (CUDA, then MPS, then the CPU), cpu, cuda, cuda:N or mps.
        choices: for another project's file: what it does not tell.

    Raises:
        UserError: there is nothing to load, or the device does not exist.
        ChoiceNeededError: another project's file does not tell what its pictures depend on.
    """
    checkpoint = load_checkpoint(resolve(path), choices=choices)
    return Renderer(checkpoint.generator, checkpoint.info, choose_device(device))


def resolve(path: Path) -> Path:
    """A checkpoint file, or the newest checkpoint in a run directory or a folder of checkpoints.

    Raises:
        UserError: a folder without checkpoints.
    """
    try:
        if not path.is_dir():
            return path
    except OSError as error:  # a name that is too long, a folder that is locked
        raise UserError(f"{path} cannot be opened: {error.strerror}.", "Choose another checkpoint.") from error
    found = sorted(path.glob("checkpoints/step-*.safetensors")) or sorted(path.glob("step-*.safetensors"))
    if not found:
        raise UserError(f"{path} holds no checkpoint.", "Choose a .safetensors file or a run directory.")
    return found[-1]


def choose_device(name: str = "auto") -> torch.device:
    """The device called ``name``; auto takes CUDA, then Apple's MPS, then the CPU.

    Raises:
        UserError: no such device on this machine.
    """
    has_mps = torch.backends.mps.is_available()
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "mps" if has_mps else "cpu")
    try:
        device = torch.device(name)
    except RuntimeError:
        raise UserError(f"{name!r} is no device.", "Choose auto, cpu, cuda, cuda:N or mps.") from None
    counts = {"cpu": 1, "cuda": torch.cuda.device_count(), "mps": int(has_mps)}
    if (device.index or 0) >= counts.get(device.type, 0):
        raise UserError(f"This machine has no device {name!r}.", "Choose auto or cpu.")
    return device


@contextmanager
def one_thread() -> Iterator[None]:
    """Compute with one CPU thread, then go back to as many as before."""
    before = torch.get_num_threads()
    if before == 1:
        yield
        return
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
