from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from gan.training import sampler


@given(count=st.integers(2, 40), batch=st.integers(2, 64), seed=st.integers(0, 2**32 - 1))
def test_every_picture_once_an_epoch(count: int, batch: int, seed: int) -> None:
    batches = -(-3 * count // batch)
    walk = np.concatenate([sampler.batch_indices(seed, count, batch, position) for position in range(batches)])
    for epoch in range(3):
        assert sorted(walk[epoch * count : (epoch + 1) * count]) == list(range(count))


def test_purposes_and_positions_are_independent() -> None:
    draws = {
        (seed, purpose, position): sampler.noise(seed, purpose, position, 2, 3).tobytes()
        for seed in (0, 1)
        for purpose in (sampler.CRITIC_NOISE, sampler.GENERATOR_NOISE)
        for position in (0, 1)
    }
    assert len(set(draws.values())) == len(draws)
    assert sampler.noise(0, sampler.CRITIC_NOISE, 1, 2, 3).tobytes() == draws[0, sampler.CRITIC_NOISE, 1]
