from __future__ import annotations

import torch
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits

from gan.training import losses

REAL = torch.tensor([1.0, 2.0, 6.0])
FAKE = torch.tensor([-1.0, 0.5, 2.0])


def test_wasserstein_losses_by_hand() -> None:
    assert losses.wasserstein_estimate(REAL, FAKE).item() == 2.5
    assert losses.wgan_critic_loss(REAL, FAKE).item() == -2.5
    assert losses.wgan_generator_loss(FAKE).item() == -0.5


def test_dcgan_losses_are_binary_cross_entropy() -> None:
    ones, zeros = torch.ones(3), torch.zeros(3)
    expected = binary_cross_entropy_with_logits(REAL, ones) + binary_cross_entropy_with_logits(FAKE, zeros)
    torch.testing.assert_close(losses.dcgan_critic_loss(REAL, FAKE), expected)
    torch.testing.assert_close(losses.dcgan_generator_loss(FAKE), binary_cross_entropy_with_logits(FAKE, ones))


def test_penalty_of_a_linear_critic_is_its_slope() -> None:
    """f(x) = <w, x> has the gradient w everywhere, so the penalty is (|w| - 1)^2 exactly."""
    weight = torch.full((1, 2, 3, 3), 0.5, dtype=torch.float64)
    real, fake = torch.randn(5, 2, 3, 3, dtype=torch.float64), torch.randn(5, 2, 3, 3, dtype=torch.float64)
    penalty = losses.gradient_penalty(lambda x: (x * weight).flatten(1).sum(1), real, fake, torch.rand(5, 1, 1, 1))
    assert abs(penalty.item() - (weight.norm().item() - 1) ** 2) < 1e-6


def test_penalty_gradient_matches_central_differences() -> None:
    torch.manual_seed(0)
    critic = nn.Sequential(nn.Conv2d(1, 3, 3), nn.Tanh(), nn.Flatten(), nn.Linear(12, 1)).double()
    real, fake = torch.randn(4, 1, 4, 4, dtype=torch.float64), torch.randn(4, 1, 4, 4, dtype=torch.float64)
    alpha = torch.rand(4, 1, 1, 1, dtype=torch.float64)
    weight = critic[0].weight
    losses.gradient_penalty(critic, real, fake, alpha).backward()
    assert weight.grad is not None
    step = 1e-5
    for index in range(0, weight.numel(), 5):
        values = []
        for sign in (1, -1):
            with torch.no_grad():
                weight.view(-1)[index] += sign * step
            values.append(losses.gradient_penalty(critic, real, fake, alpha).item())
            with torch.no_grad():
                weight.view(-1)[index] -= sign * step
        assert abs((values[0] - values[1]) / (2 * step) - weight.grad.view(-1)[index].item()) < 1e-7


def test_a_flat_critic_gives_no_nan() -> None:
    critic = nn.Sequential(nn.Flatten(), nn.Linear(4, 1))
    nn.init.zeros_(critic[1].weight)
    penalty = losses.gradient_penalty(critic, torch.ones(2, 1, 2, 2), torch.zeros(2, 1, 2, 2), torch.rand(2, 1, 1, 1))
    penalty.backward()
    assert abs(penalty.item() - 1) < 1e-5
    assert torch.isfinite(critic[1].weight.grad).all()


def test_clipping() -> None:
    critic = nn.Linear(4, 1)
    with torch.no_grad():
        critic.weight.copy_(torch.tensor([[-0.3, -0.004, 0.01, 2.0]]))
        critic.bias.copy_(torch.tensor([0.007]))
    losses.clip_parameters(critic, 0.01)
    assert torch.equal(critic.weight, torch.tensor([[-0.01, -0.004, 0.01, 0.01]]))
    assert torch.equal(critic.bias, torch.tensor([0.007]))
