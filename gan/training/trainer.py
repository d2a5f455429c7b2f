"""One training run in memory: networks, optimisers, and a generator of events that reads top to bottom.

It knows no files, no processes and no window; :mod:`gan.training.runner` gives it a run directory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from gan.config import ModelConfig, TrainConfig
from gan.errors import UserError
from gan.images import Bytes
from gan.models import build_critic, build_generator
from gan.rendering import choose_device
from gan.training import losses, sampler
from gan.training.device import autocast, uses_bf16
from gan.training.ema import GeneratorEMA


@dataclass(frozen=True)
class Progress:
    """One generator update is done. Metrics are means over its critic updates."""

    step: int
    images_seen: int
    wasserstein: float
    """Critic on real minus critic on fake pictures; for the objective dcgan the same difference of logits."""
    critic_loss: float
    generator_loss: float


@dataclass(frozen=True)
class CheckpointDue:
    """The averaged generator is worth keeping at this step."""

    step: int


@dataclass(frozen=True)
class Done:
    """No more updates: all steps are made, or it was asked to stop."""

    step: int


Event = Progress | CheckpointDue | Done


class Trainer:
    """Trains on pictures (n, H, W, C) uint8, which must match ``model``.

    Attributes:
        generator, critic: the networks in training.
        ema: the averaged generator.
        step: generator updates made.
    """

    def __init__(self, model: ModelConfig, config: TrainConfig, images: Bytes) -> None:
        _check(model, config, images)
        self.model, self.config, self.images = model, config, images
        self.device = choose_device(config.device)
        self.bf16 = uses_bf16(config.precision, self.device)
        self.step = 0
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(int(sampler.stream(config.seed, sampler.WEIGHTS).integers(2**63)))
            generator, critic = build_generator(model), build_critic(model)
        # channels last and bfloat16 together halve a step on a CPU with bf16 instructions (docs/benchmarks.md)
        self.generator, self.critic = _channels_last(generator, self.device), _channels_last(critic, self.device)
        self.ema = GeneratorEMA(self.generator, config.ema_half_life)
        self.generator_optimiser = _optimiser(self.generator, config)
        self.critic_optimiser = _optimiser(self.critic, config)

    @property
    def images_seen(self) -> int:
        """Real pictures shown to the critic so far, repeats counted."""
        return self.step * self.config.n_critic * self.config.batch

    def run(self, steps: Callable[[], int], should_stop: Callable[[], bool] = lambda: False) -> Iterator[Event]:
        """Update until ``steps()`` generator updates are made in all (it may grow meanwhile), or ``should_stop()``."""
        if self.step == 0:
            yield CheckpointDue(0)
        while self.step < steps() and not should_stop():
            results = [self._critic_step(self.step * self.config.n_critic + k) for k in range(self.config.n_critic)]
            generator_loss = self._generator_step()
            self.step += 1
            self.ema.update(self.generator, self.config.batch)
            # one read-back for the whole step: each would wait for the device
            means = torch.cat([torch.stack(results).mean(0), generator_loss[None]]).tolist()
            yield Progress(self.step, self.images_seen, *means)
            if self.step % self.config.checkpoint_every == 0:
                yield CheckpointDue(self.step)
        if self.step % self.config.checkpoint_every:
            yield CheckpointDue(self.step)
        yield Done(self.step)

    def _critic_step(self, position: int) -> Tensor:
        """One critic update -> (Wasserstein estimate, loss)."""
        config = self.config
        real = self._real_batch(position)
        with autocast(self.device, self.bf16):
            with torch.no_grad():
                fake = self.generator(self._noise(sampler.CRITIC_NOISE, position))
            real_scores, fake_scores = self._scores(real, fake)
            estimate = losses.wasserstein_estimate(real_scores, fake_scores)
            if config.objective == "dcgan":
                loss = losses.dcgan_critic_loss(real_scores, fake_scores)
            else:
                loss = losses.wgan_critic_loss(real_scores, fake_scores)
            if config.objective == "wgan-gp":
                alpha = self._mixing(position)
                loss = loss + config.gradient_penalty * losses.gradient_penalty(self.critic, real, fake, alpha)
        self.critic_optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        self.critic_optimiser.step()
        if config.objective == "wgan":
            losses.clip_parameters(self.critic, config.clip)
        return torch.stack([estimate.detach(), loss.detach()])

    def _generator_step(self) -> Tensor:
        self.critic.requires_grad_(False)  # its gradients are not wanted here, and cost a third of the step
        with autocast(self.device, self.bf16):
            scores = self.critic(self.generator(self._noise(sampler.GENERATOR_NOISE, self.step))).float()
            dcgan = self.config.objective == "dcgan"
            loss = losses.dcgan_generator_loss(scores) if dcgan else losses.wgan_generator_loss(scores)
        self.generator_optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        self.generator_optimiser.step()
        self.critic.requires_grad_(True)
        return loss.detach()

    def _scores(self, real: Tensor, fake: Tensor) -> tuple[Tensor, Tensor]:
        """One pass over both halves is faster, but batch normalisation would mix their statistics."""
        if self.model.norm == "batch":
            return self.critic(real).float(), self.critic(fake).float()
        scores = self.critic(torch.cat([real, fake.to(real.dtype)])).float()
        return scores[: len(real)], scores[len(real) :]

    def _real_batch(self, position: int) -> Tensor:
        """Batch number ``position`` as (N, C, H, W) in [-1, 1]: NHWC bytes seen as channels-last, without a copy."""
        config = self.config
        batch = self.images[sampler.batch_indices(config.seed, len(self.images), config.batch, position)]
        if config.flip:
            flips = sampler.stream(config.seed, sampler.FLIPS, position).random(config.batch) < 0.5
            batch[flips] = batch[flips, :, ::-1]
        return torch.from_numpy(batch).to(self.device).permute(0, 3, 1, 2).float().div_(127.5).sub_(1)

    def _mixing(self, position: int) -> Tensor:
        shape = (self.config.batch, 1, 1, 1)
        weights = sampler.stream(self.config.seed, sampler.MIXING, position).random(shape, np.float32)
        return torch.from_numpy(weights).to(self.device)

    def _noise(self, purpose: int, position: int) -> Tensor:
        latents = sampler.noise(self.config.seed, purpose, position, self.config.batch, self.model.z_dim)
        return torch.from_numpy(latents).to(self.device)


def _channels_last(network: nn.Module, device: torch.device) -> nn.Module:
    return network.to(device).to(memory_format=torch.channels_last)  # type: ignore[call-overload,no-any-return]


def _optimiser(network: nn.Module, config: TrainConfig) -> torch.optim.Optimizer:
    if config.objective == "wgan":  # momentum made the authors' critic unstable (arXiv 1701.07875, section 4.3)
        return torch.optim.RMSprop(network.parameters(), config.learning_rate)
    betas = (float(config.beta1), float(config.beta2))  # an int raises in torch 2.13
    return torch.optim.Adam(network.parameters(), config.learning_rate, betas, fused=True)


def _check(model: ModelConfig, config: TrainConfig, images: Bytes) -> None:
    if config.objective == "wgan-gp" and model.norm == "batch":
        raise UserError(
            "wgan-gp does not work with batch normalisation in the critic: its penalty is per sample.",
            "Choose layer or none.",
        )
    wanted = (model.image_size, model.image_size, model.channels)
    if images.shape[1:] != wanted:
        raise UserError(f"The pictures have the shape {images.shape[1:]}, but the model makes {wanted}.")
    if len(images) < 2:
        raise UserError("Training needs at least two pictures.", "Choose a larger data set.")
