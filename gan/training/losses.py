"""What critic and generator minimise, as pure functions of the critic's scores (N,)."""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn


def wasserstein_estimate(real_scores: Tensor, fake_scores: Tensor) -> Tensor:
    """E f(x) - E f(G(z)), a lower bound of the Wasserstein-1 distance up to the critic's Lipschitz constant
    (Arjovsky et al. 2017, arXiv 1701.07875, equation 2)."""
    return real_scores.mean() - fake_scores.mean()


def wgan_critic_loss(real_scores: Tensor, fake_scores: Tensor) -> Tensor:
    """The negative estimate: the critic ascends it (arXiv 1701.07875, algorithm 1, line 5)."""
    return -wasserstein_estimate(real_scores, fake_scores)


def wgan_generator_loss(fake_scores: Tensor) -> Tensor:
    """-E f(G(z)) (arXiv 1701.07875, algorithm 1, line 10)."""
    return -fake_scores.mean()


def dcgan_critic_loss(real_scores: Tensor, fake_scores: Tensor) -> Tensor:
    """Binary cross-entropy with the scores as logits, real = 1, fake = 0 (Goodfellow et al. 2014, arXiv 1406.2661)."""
    return F.softplus(-real_scores).mean() + F.softplus(fake_scores).mean()


def dcgan_generator_loss(fake_scores: Tensor) -> Tensor:
    """The non-saturating form: -E log D(G(z)) (arXiv 1406.2661, section 3)."""
    return F.softplus(-fake_scores).mean()


def gradient_penalty(critic: Callable[[Tensor], Tensor], real: Tensor, fake: Tensor, alpha: Tensor) -> Tensor:
    """E (|grad f(x)| - 1)^2 on straight lines between real and fake pictures (Gulrajani et al. 2017, arXiv 1704.00028,
    equation 3). Differentiable with respect to the critic's weights.

    Args:
        real, fake: pictures (N, C, H, W).
        alpha: one weight per pair, (N, 1, 1, 1), uniform in [0, 1].
    """
    mixed = (alpha * real + (1 - alpha) * fake).detach().requires_grad_(True)
    (gradient,) = torch.autograd.grad(critic(mixed).sum(), mixed, create_graph=True)
    # the root's slope is infinite at zero: a flat critic must not turn into NaN
    gradient = gradient.to(torch.promote_types(gradient.dtype, torch.float32))  # bfloat16 cannot hold the sum
    norms = (gradient.square().flatten(1).sum(1) + 1e-12).sqrt()
    return (norms - 1).square().mean()


@torch.no_grad()
def clip_parameters(critic: nn.Module, limit: float) -> None:
    """Every parameter into [-limit, limit] (arXiv 1701.07875, algorithm 1, line 7)."""
    for parameter in critic.parameters():
        parameter.clamp_(-limit, limit)


def gradient_norm(network: nn.Module) -> Tensor:
    """The Euclidean length of all gradients together, a scalar."""
    gradients = [parameter.grad for parameter in network.parameters() if parameter.grad is not None]
    length: Tensor = torch.linalg.vector_norm(torch.stack(torch._foreach_norm(gradients)))
    return length
