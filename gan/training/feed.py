"""What the networks are fed: pictures and noise, drawn for all processes together as pure functions of a position.

A process takes its share of each draw, so that two processes with half a batch each train as one with the whole.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from gan.config import ModelConfig, TrainConfig
from gan.errors import UserError
from gan.images import Bytes, Floats
from gan.training import augment, sampler
from gan.training.engine import Engine

Indices = npt.NDArray[np.int64]
ANY_BATCH = 256
"""Up to this, a batch may be as large as the user likes,"""
MOST_REPEATS = 16
"""and beyond it so many times as large as the data set: each picture is in every batch that often."""


class Feed:
    """Pictures (n, H, W, C) uint8, which may be a read-only memory map, and noise, on the engine's device.

    Attributes:
        training, held_out: indices of the pictures that are trained on, and of those that are not.
        ground: (C,) the colour of most pictures' border.
    """

    def __init__(
        self, model: ModelConfig, config: TrainConfig, images: Bytes, engine: Engine, dtype: torch.dtype
    ) -> None:
        self._config, self._images, self._device, self._dtype = config, images, engine.device, dtype
        self._z_dim = model.z_dim
        self._share = engine.share(config.batch)
        self.training, self.held_out = sampler.held_out(config.seed, len(images), config.held_out)
        if len(self.training) < 2:
            raise UserError("Training needs at least two pictures that are not held out.", "Choose a larger data set.")
        _check_batch(config.batch, len(self.training))
        self.ground = self._put(augment.ground_of(images)) if config.augment != "none" else None

    def real(self, position: int) -> Tensor:
        """This process's share of batch number ``position``: (N, C, H, W) in [-1, 1]."""
        config = self._config
        chosen = sampler.batch_indices(config.seed, len(self.training), config.batch, position)[self._share]
        batch = self._images[self.training[chosen]]
        if config.flip:
            flips = sampler.stream(config.seed, sampler.FLIPS, position).random(config.batch)[self._share] < 0.5
            batch[flips] = batch[flips, :, ::-1]
        return self._pictures(batch)

    def noise(self, purpose: int, position: int) -> Tensor:
        """This process's share of the latents (N, z_dim) for one purpose."""
        latents = sampler.noise(self._config.seed, purpose, position, self._config.batch, self._z_dim)
        return self._put(latents[self._share])

    def mixing(self, position: int) -> Tensor:
        """One weight in [0, 1) for each pair of pictures: (N, 1, 1, 1)."""
        return self._put(self._uniform(sampler.MIXING, position, 1)[:, :, None, None])

    def numbers(self, purpose: int, position: int) -> Tensor:
        """What :func:`gan.training.augment.augment` needs for this process's pictures: (N, NUMBERS)."""
        return self._put(self._uniform(purpose, position, augment.NUMBERS))

    def whole(self, indices: Indices) -> Tensor:
        """These pictures, whoever asks."""
        return self._pictures(np.asarray(self._images[indices]))

    def observed_noise(self, position: int, n: int) -> Tensor:
        """Latents (n, z_dim) for looking at the networks, whoever asks."""
        return self._put(sampler.noise(self._config.seed, sampler.OBSERVED_NOISE, position, n, self._z_dim))

    def observed_numbers(self, n: int) -> Tensor:
        """Like :meth:`numbers`, always the same, for looking at the networks."""
        drawn = sampler.stream(self._config.seed, sampler.OBSERVED_NUMBERS)
        return self._put(drawn.random((n, augment.NUMBERS), np.float32))

    def _uniform(self, purpose: int, position: int, columns: int) -> Floats:
        drawn = sampler.stream(self._config.seed, purpose, position)
        return drawn.random((self._config.batch, columns), np.float32)[self._share]

    def _pictures(self, batch: Bytes) -> Tensor:
        """NHWC bytes seen as channels-last, without a copy."""
        seen = torch.from_numpy(batch).to(self._device).permute(0, 3, 1, 2)
        return seen.to(self._dtype).div_(127.5).sub_(1)

    def _put(self, values: Floats) -> Tensor:
        return torch.from_numpy(np.ascontiguousarray(values)).to(self._device, self._dtype)


def _check_batch(batch: int, pictures: int) -> None:
    """A batch may be larger than the data set, which is then gone through more than once; within reason.

    Raises:
        UserError: it is absurdly large.
    """
    most = max(ANY_BATCH, MOST_REPEATS * pictures)
    if batch > most:
        raise UserError(
            f"batch is {batch:,}, but there are only {pictures:,} pictures to train on.", f"Choose {most:,} at most."
        )
