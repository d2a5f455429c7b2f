"""The yardstick of the trainer: the same training as one would write it down from the papers.

float32, NCHW, a pass each for real and fake pictures, PyTorch's optimisers as they come, no average of the weights. The
critic is frozen in the generator's step, as in the code that the authors of arXiv 1701.07875 published.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from gan.config import ModelConfig, TrainConfig
from gan.images import Bytes
from gan.models import build_critic, build_generator


class PlainLoop:
    """WGAN or WGAN-GP on pictures (n, H, W, C) uint8."""

    def __init__(self, model: ModelConfig, config: TrainConfig, images: Bytes) -> None:
        self.model, self.config, self.images = model, config, images
        self.generator, self.critic = build_generator(model), build_critic(model)
        self.generator_optimiser, self.critic_optimiser = self._optimiser(self.generator), self._optimiser(self.critic)

    def step(self) -> None:
        """Update the critic ``n_critic`` times, then the generator once."""
        for parameter in self.critic.parameters():
            parameter.requires_grad = True
        for _ in range(self.config.n_critic):
            self._critic_step()
        for parameter in self.critic.parameters():
            parameter.requires_grad = False
        loss = -self.critic(self.generator(self._noise())).mean()
        self.generator_optimiser.zero_grad()
        loss.backward()
        self.generator_optimiser.step()

    def _critic_step(self) -> None:
        real = self._real()
        with torch.no_grad():
            fake = self.generator(self._noise())
        loss = self.critic(fake).mean() - self.critic(real).mean()
        if self.config.objective == "wgan-gp":
            loss = loss + self.config.gradient_penalty * self._penalty(real, fake)
        self.critic_optimiser.zero_grad()
        loss.backward()
        self.critic_optimiser.step()
        if self.config.objective == "wgan":
            for parameter in self.critic.parameters():
                parameter.data.clamp_(-self.config.clip, self.config.clip)

    def _penalty(self, real: Tensor, fake: Tensor) -> Tensor:
        alpha = torch.rand(len(real), 1, 1, 1)
        mixed = (alpha * real + (1 - alpha) * fake).requires_grad_(True)
        scores = self.critic(mixed)
        (gradient,) = torch.autograd.grad(scores, mixed, torch.ones_like(scores), create_graph=True)
        norms: Tensor = gradient.flatten(1).norm(2, dim=1)
        return ((norms - 1) ** 2).mean()

    def _real(self) -> Tensor:
        batch = torch.from_numpy(self.images[torch.randint(len(self.images), (self.config.batch,)).numpy()])
        return batch.permute(0, 3, 1, 2).contiguous().float() / 127.5 - 1

    def _noise(self) -> Tensor:
        return torch.randn(self.config.batch, self.model.z_dim)

    def _optimiser(self, network: nn.Module) -> torch.optim.Optimizer:
        config = self.config
        if config.objective == "wgan":
            return torch.optim.RMSprop(network.parameters(), lr=config.learning_rate)
        betas = float(config.beta1), float(config.beta2)
        return torch.optim.Adam(network.parameters(), lr=config.learning_rate, betas=betas)
