"""The fused RMSprop is PyTorch's, in its numbers and in its state."""

from __future__ import annotations

import copy

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from gan.config import TrainConfig
from gan.training.optimisers import FusedRMSprop, make_optimiser, set_learning_rate


@settings(max_examples=30, deadline=None)
@given(
    seed=st.integers(0, 2**16),
    rate=st.floats(1e-6, 1e-1),
    sizes=st.lists(st.integers(1, 3000), min_size=1, max_size=4),
    scale=st.floats(1e-8, 1e4),
)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_it_makes_the_steps_of_pytorchs(
    dtype: torch.dtype, seed: int, rate: float, sizes: list[int], scale: float
) -> None:
    torch.manual_seed(seed)
    ours = [nn.Parameter(torch.randn(size, dtype=dtype)) for size in sizes]
    theirs = copy.deepcopy(ours)
    fused, plain = FusedRMSprop(ours, rate), torch.optim.RMSprop(theirs, rate)
    for step in range(5):
        if step == 3:
            set_learning_rate(fused, rate / 2)
            set_learning_rate(plain, rate / 2)
        for mine, other in zip(ours, theirs, strict=True):
            mine.grad = scale * torch.randn_like(mine)
            other.grad = mine.grad.clone()
        fused.step()
        plain.step()
    close = {"rtol": 1e-5, "atol": 1e-6} if dtype == torch.float32 else {"rtol": 1e-12, "atol": 1e-12}
    for mine, other in zip(ours, theirs, strict=True):
        torch.testing.assert_close(mine, other, **close)
        torch.testing.assert_close(mine.grad, other.grad, rtol=0, atol=0)


def test_each_goes_on_from_the_others_state() -> None:
    torch.manual_seed(0)
    ours, theirs = nn.Linear(7, 5), nn.Linear(7, 5)
    theirs.load_state_dict(ours.state_dict())
    fused, plain = FusedRMSprop(ours.parameters(), 1e-2), torch.optim.RMSprop(theirs.parameters(), 1e-2)
    x = torch.randn(3, 7)
    for _ in range(4):
        for network, optimiser in ((ours, fused), (theirs, plain)):
            optimiser.zero_grad()
            network(x).square().sum().backward()
            optimiser.step()
        saved, fused_state = copy.deepcopy(plain.state_dict()), copy.deepcopy(fused.state_dict())
        assert saved["state"].keys() == fused_state["state"].keys()
        fused.load_state_dict(saved)
        plain.load_state_dict(fused_state)
    torch.testing.assert_close(ours.weight, theirs.weight)


def test_a_parameter_without_gradient_stays() -> None:
    used, unused = nn.Parameter(torch.ones(3)), nn.Parameter(torch.ones(3))
    optimiser = FusedRMSprop([used, unused], 0.1)
    used.sum().backward()
    optimiser.step()
    assert bool((used != 1).all()) and bool((unused == 1).all())
    FusedRMSprop([unused], 0.1).step()  # nothing to do at all


@pytest.mark.parametrize(("objective", "kind"), [("wgan", FusedRMSprop), ("wgan-gp", torch.optim.Adam)])
def test_each_objective_has_its_papers(objective: str, kind: type) -> None:
    config = TrainConfig.for_objective(objective)  # type: ignore[arg-type]
    assert type(make_optimiser(nn.Linear(2, 2), config)) is kind
