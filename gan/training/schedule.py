"""What follows from the step alone: learning rate, critic updates, pictures seen. Imports no torch."""

from __future__ import annotations

from gan.config import TrainConfig

BURST = 100
"""Critic updates of a burst, and the two numbers below: the code published with arXiv 1701.07875."""
BURST_FIRST = 25
BURST_EVERY = 500


def learning_rate(config: TrainConfig, step: int, steps: int) -> float:
    """The step size of generator update number ``step`` (from 0) in a run of ``steps``."""
    first = config.decay_from * steps
    if config.lr_decay == "none" or step <= first:
        return config.learning_rate
    return config.learning_rate * max(0.0, (steps - step) / (steps - first))


def critic_updates(config: TrainConfig, step: int) -> int:
    """Critic updates right before generator update number ``step`` (from 0)."""
    burst = config.burst and (step < BURST_FIRST or step % BURST_EVERY == 0)
    return BURST if burst else config.n_critic


def critic_updates_before(config: TrainConfig, step: int) -> int:
    """All critic updates made when ``step`` generator updates are."""
    total = step * config.n_critic
    if config.burst:
        bursts = min(step, BURST_FIRST) + max(0, (step - 1) // BURST_EVERY)  # steps 500, 1000 … below ``step``
        total += bursts * (BURST - config.n_critic)
    return total


def images_seen(config: TrainConfig, step: int) -> int:
    """Real pictures shown to the critic when ``step`` generator updates are made, repeats counted."""
    return critic_updates_before(config, step) * config.batch
