from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gan.config import TrainConfig
from gan.training import schedule


@given(step=st.integers(0, 2100), n_critic=st.integers(1, 7), burst=st.booleans())
def test_the_sum_is_the_sum(step: int, n_critic: int, burst: bool) -> None:
    config = TrainConfig(n_critic=n_critic, burst=burst, batch=3)
    updates = sum(schedule.critic_updates(config, k) for k in range(step))
    assert schedule.critic_updates_before(config, step) == updates
    assert schedule.images_seen(config, step) == 3 * updates


def test_bursts_come_where_the_authors_code_has_them() -> None:
    config = TrainConfig(n_critic=5, burst=True)
    assert [k for k in range(1600) if schedule.critic_updates(config, k) == 100] == [*range(25), 500, 1000, 1500]


def test_rates() -> None:
    config = TrainConfig(learning_rate=1.0, lr_decay="linear", decay_from=0.2)
    assert [schedule.learning_rate(config, k, 10) for k in (0, 2, 6, 10, 99)] == [1, 1, 0.5, 0, 0]
    assert schedule.learning_rate(config, 10, 20) == pytest.approx(10 / 16)  # extended: it falls later
    late = TrainConfig(learning_rate=1.0, lr_decay="linear", decay_from=1.0)
    assert [schedule.learning_rate(late, k, 10) for k in (0, 9, 10)] == [1, 1, 1]
    assert schedule.learning_rate(TrainConfig(learning_rate=0.5), 99, 100) == 0.5
