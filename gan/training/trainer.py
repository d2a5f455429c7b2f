"""One training run in memory: networks, optimisers, and a generator of events that reads top to bottom.

It knows no files and no window; :mod:`gan.training.runner` gives it a run directory, :mod:`gan.training.engine` the
devices. With several processes, process 0 iterates :meth:`Trainer.run` and the others call :meth:`Trainer.follow`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from gan.config import ModelConfig, TrainConfig, check_together
from gan.errors import UserError
from gan.images import Bytes
from gan.models import build_critic, build_generator
from gan.models.batch_norm import can_take_parts, in_parts
from gan.training import augment, losses, sampler, schedule
from gan.training.ema import GeneratorEMA
from gan.training.engine import Engine, open_engine
from gan.training.feed import Feed
from gan.training.observer import Observer
from gan.training.optimisers import make_optimiser, set_learning_rate

ADJUST_EVERY = 16
"""Generator updates between two looks at the held-out pictures, where they decide about augmentation."""
RECALL = -1
"""What process 0 says instead of a number of steps."""


@dataclass(frozen=True)
class Progress:
    """One generator update is done. Metrics are means over its critic updates and over all processes."""

    step: int
    images_seen: int
    wasserstein: float
    """Critic on real minus critic on fake pictures; for the objective dcgan the same difference of logits."""
    critic_loss: float
    generator_loss: float
    critic_grad_norm: float = 0.0
    """Length of the gradient of the last critic update."""
    generator_grad_norm: float = 0.0
    penalty: float | None = None
    """The gradient penalty before its weight; None without one."""
    learning_rate: float = 0.0
    augment: float = 0.0
    """The share of pictures that was augmented."""


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

    Args:
        engine: devices; None opens what ``config`` says.
        networks: (generator, critic) to train instead of freshly initialised ones.

    Attributes:
        generator, critic: the networks in training.
        ema: the averaged generator.
        step: generator updates made.
        augment: the share of pictures that is augmented now.
        tick: called before each critic update, of which there may be a hundred in one generator update.
    """

    def __init__(
        self,
        model: ModelConfig,
        config: TrainConfig,
        images: Bytes,
        engine: Engine | None = None,
        networks: tuple[nn.Module, nn.Module] | None = None,
    ) -> None:
        _check(model, config, images)
        self.model, self.config = model, config
        self.engine = engine or open_engine(config)
        self.device, self.bf16 = self.engine.device, self.engine.bf16
        self.step = 0
        self.tick: Callable[[], None] = lambda: None
        self.augment = 1.0 if config.augment == "diffaugment" else 0.0
        generator, critic = networks or _fresh(model, config.seed)
        # channels last and bfloat16 together halve a step on a CPU with bf16 instructions (docs/benchmarks.md)
        self.generator, self.critic = _channels_last(generator, self.device), _channels_last(critic, self.device)
        self.ema = GeneratorEMA(self.generator, config.ema_half_life)
        self.generator_optimiser = make_optimiser(self.generator, config)
        self.critic_optimiser = make_optimiser(self.critic, config)
        self._generate = self.engine.wrap(self.generator)
        self._judge = self.engine.wrap(_Judge(self.critic))
        self.feed = Feed(model, config, images, self.engine, next(self.generator.parameters()).dtype)
        self._observer = Observer(self.generator, self.critic, self.feed, self._observed_scores, config.batch)

    @property
    def images_seen(self) -> int:
        """Real pictures shown to the critic so far, repeats counted."""
        return schedule.images_seen(self.config, self.step)

    @property
    def extra_state(self) -> dict[str, Tensor]:
        """What a resumed run needs besides networks, optimisers and the step."""
        return {"augment": torch.tensor(self.augment, dtype=torch.float64)}

    @extra_state.setter
    def extra_state(self, saved: dict[str, Tensor]) -> None:
        self.augment = float(saved.get("augment", self.augment))

    def run(self, steps: Callable[[], int], should_stop: Callable[[], bool] = lambda: False) -> Iterator[Event]:
        """Update until ``steps()`` generator updates are made in all (it may grow meanwhile), or ``should_stop()``."""
        if self.step == 0:
            yield CheckpointDue(0)
        while self.step < (end := steps()) and not should_stop():
            self.engine.tell(end)
            yield self._update(end)
            if self.step % self.config.checkpoint_every == 0:
                yield CheckpointDue(self.step)
        if self.step % self.config.checkpoint_every:
            yield CheckpointDue(self.step)
        yield Done(self.step)

    def follow(self, receive: Callable[[], None] = lambda: None) -> None:
        """Make every update that process 0 makes, until it is through with the run (:meth:`dismiss`).

        Args:
            receive: called when process 0 went back to an earlier state (:meth:`recall`), to be given it.
        """
        while end := self.engine.told():
            if end == RECALL:
                receive()
            else:
                self._update(end)

    def recall(self) -> None:
        """Let the processes that follow be given another state."""
        self.engine.tell(RECALL)

    def dismiss(self) -> None:
        """Let the processes that follow end."""
        self.engine.tell(0)

    def held_out_estimate(self) -> float | None:
        """The critic's mean score of held-out pictures minus that of generated ones, always the same ones, as in
        training; None where nothing is held out. Changes nothing."""
        with self.engine.autocast():
            return self._observer.held_out_estimate()

    def _update(self, steps: int) -> Progress:
        config, step = self.config, self.step
        rate = schedule.learning_rate(config, step, steps)
        set_learning_rate(self.critic_optimiser, rate)
        set_learning_rate(self.generator_optimiser, rate)
        first, augmented = schedule.critic_updates_before(config, step), self.augment
        critic = [self._critic_step(first + k) for k in range(schedule.critic_updates(config, step))]
        lengths = [losses.gradient_norm(self.critic)]
        generator_loss = self._generator_step()
        lengths.append(losses.gradient_norm(self.generator))
        self.step += 1
        self.ema.update(self.generator, config.batch)
        if config.augment == "auto" and self.step % ADJUST_EVERY == 0:
            self._adjust_augmentation()
        # one read-back for the whole step: each would wait for the device
        numbers = torch.cat([torch.stack(critic).mean(0), torch.stack([generator_loss, *lengths]).to(critic[0].dtype)])
        estimate, loss, penalty, of_generator, critic_norm, generator_norm = self.engine.mean(numbers).tolist()
        return Progress(
            self.step, self.images_seen, estimate, loss, of_generator, critic_norm, generator_norm,
            penalty if config.objective == "wgan-gp" else None, rate, augmented,
        )  # fmt: skip

    def _critic_step(self, position: int) -> Tensor:
        """One critic update -> (Wasserstein estimate, loss, gradient penalty)."""
        self.tick()
        config, feed = self.config, self.feed
        if config.objective == "wgan":
            losses.clip_parameters(self.critic, config.clip)
        with self.engine.autocast():
            with torch.no_grad():
                fake = self.generator(feed.noise(sampler.CRITIC_NOISE, position))
            real = self._augmented(feed.real(position), sampler.AUGMENT_REAL, position)
            fake = self._augmented(fake, sampler.AUGMENT_FAKE, position)
            real_scores, fake_scores = map(_wide, self._judge(real, fake))
            estimate = losses.wasserstein_estimate(real_scores, fake_scores)
            if config.objective == "dcgan":
                loss = losses.dcgan_critic_loss(real_scores, fake_scores)
            else:
                loss = losses.wgan_critic_loss(real_scores, fake_scores)
            penalty = torch.zeros_like(estimate)
            if config.objective == "wgan-gp":
                # through the unwrapped critic, in the one backward pass below: a pass of its own would not be averaged
                # over the processes; and not in bfloat16, which has three digits for a gradient's gradient
                with self.engine.full_precision():
                    alpha = feed.mixing(position)
                    penalty = losses.gradient_penalty(self.critic, real, fake.to(real.dtype), alpha)
                loss = loss + config.gradient_penalty * penalty
        self.critic_optimiser.zero_grad(set_to_none=True)
        self.engine.backward(loss)
        self.critic_optimiser.step()
        return torch.stack([estimate, loss, penalty]).detach()

    def _generator_step(self) -> Tensor:
        self.critic.requires_grad_(False)  # its gradients are not wanted here, and cost a third of the step
        with self.engine.autocast():
            fake = self._generate(self.feed.noise(sampler.GENERATOR_NOISE, self.step))
            scores = _wide(self.critic(self._augmented(fake, sampler.AUGMENT_GENERATOR, self.step)))
            dcgan = self.config.objective == "dcgan"
            loss = losses.dcgan_generator_loss(scores) if dcgan else losses.wgan_generator_loss(scores)
        self.generator_optimiser.zero_grad(set_to_none=True)
        self.engine.backward(loss)
        self.generator_optimiser.step()
        self.critic.requires_grad_(True)
        return loss.detach()

    def _augmented(self, images: Tensor, purpose: int, position: int) -> Tensor:
        if not self.augment:
            return images
        return self._change(images, self.feed.numbers(purpose, position))

    def _change(self, images: Tensor, numbers: Tensor) -> Tensor:
        assert self.feed.ground is not None
        with self.engine.full_precision():
            return augment.augment(images, numbers, self.augment, self.feed.ground)

    def _observed_scores(self, images: Tensor) -> Tensor:
        if self.augment:
            images = self._change(images, self.feed.observed_numbers(len(images)))
        return _wide(self.critic(images))

    def _adjust_augmentation(self) -> None:
        """More while the critic tells training from held-out pictures, else less; the same in every process."""
        with self.engine.autocast():
            seen = self._observer.drawn(self.config.seed, self.step)
        images = self.images_seen - schedule.images_seen(self.config, self.step - ADJUST_EVERY)
        self.augment = self.engine.from_main(augment.adjusted(self.augment, seen.overfitting, images))


class _Judge(nn.Module):
    """Scores real and generated pictures in one call, since gradients are averaged once for each call; and in one pass,
    which is faster, where no layer would mix them."""

    def __init__(self, critic: nn.Module) -> None:
        super().__init__()
        self.critic, self._together = critic, can_take_parts(critic)

    def forward(self, real: Tensor, fake: Tensor) -> tuple[Tensor, Tensor]:
        if not self._together:
            return self.critic(real), self.critic(fake)
        with in_parts(self.critic, 2):
            scores = self.critic(torch.cat([real, fake.to(real.dtype)]))
        return scores[: len(real)], scores[len(real) :]


def _wide(scores: Tensor) -> Tensor:
    """At least float32: means and losses of bfloat16 scores would be coarse."""
    return scores.to(torch.promote_types(scores.dtype, torch.float32))


def _fresh(model: ModelConfig, seed: int) -> tuple[nn.Module, nn.Module]:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(int(sampler.stream(seed, sampler.WEIGHTS).integers(2**63)))
        return build_generator(model), build_critic(model)


def _channels_last(network: nn.Module, device: torch.device) -> nn.Module:
    return network.to(device).to(memory_format=torch.channels_last)  # type: ignore[call-overload,no-any-return]


def _check(model: ModelConfig, config: TrainConfig, images: Bytes) -> None:
    check_together(model, config)
    wanted = (model.image_size, model.image_size, model.channels)
    if images.shape[1:] != wanted:
        raise UserError(f"The pictures have the shape {images.shape[1:]}, but the model makes {wanted}.")
    if len(images) < 2:
        raise UserError("Training needs at least two pictures.", "Choose a larger data set.")
