from __future__ import annotations

import torch
from torch import nn

from gan.training.ema import GeneratorEMA


def _network(value: float) -> nn.Module:
    network = nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2))
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.fill_(value)
    return network


def test_half_is_forgotten_after_the_half_life_whatever_the_batch() -> None:
    for batch in (1, 8, 32):
        ema = GeneratorEMA(_network(1.0), half_life=64)
        for _ in range(64 // batch):
            ema.update(_network(0.0), batch)
        for parameter in ema.generator.parameters():
            torch.testing.assert_close(parameter, torch.full_like(parameter, 0.5))


def test_statistics_are_copied_not_averaged() -> None:
    ema, source = GeneratorEMA(_network(1.0), 1000), _network(0.0)
    source[1].running_mean.fill_(7.0)
    ema.update(source, 8)
    assert ema.generator[1].running_mean.tolist() == [7.0, 7.0]


def test_no_half_life_means_no_averaging() -> None:
    ema = GeneratorEMA(_network(1.0), 0)
    ema.update(_network(0.25), 8)
    assert all((parameter == 0.25).all() for parameter in ema.generator.parameters())
