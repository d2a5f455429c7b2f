from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gan.errors import UserError
from gan.latent.draws import MAX_SEED, draw, seeded

seeds = st.integers(0, MAX_SEED)


def test_the_stream_is_numpys_frozen_one() -> None:
    """Literal figures: should NumPy ever change them, every seed that a user noted down would mean another picture."""
    expected = [1.764052345967664, 0.4001572083672233, 0.9787379841057392, 2.240893199201458]
    assert seeded(0).standard_normal(4).tolist() == expected
    assert draw(2, 2, 0).tolist() == np.array(expected, np.float32).reshape(2, 2).tolist()


@settings(deadline=None)
@given(seeds, st.integers(1, 12), st.integers(1, 9))
def test_rows_come_one_by_one_from_the_seed(seed: int, n: int, dim: int) -> None:
    random = np.random.RandomState(seed)
    rows = [random.standard_normal(dim).astype(np.float32) for _ in range(n)]
    drawn = draw(n, dim, seed)
    assert drawn.dtype == np.float32 and drawn.shape == (n, dim) and drawn.flags.c_contiguous
    assert drawn.tobytes() == np.stack(rows).tobytes()


@settings(deadline=None)
@given(seeds, st.integers(1, 12), st.integers(1, 12), st.integers(1, 9))
def test_the_first_rows_do_not_depend_on_how_many_are_drawn(seed: int, few: int, more: int, dim: int) -> None:
    assert draw(few + more, dim, seed)[:few].tobytes() == draw(few, dim, seed).tobytes()


@pytest.mark.parametrize("seed", [-1, MAX_SEED + 1, 10**30])
def test_a_seed_outside_the_range_is_refused(seed: int) -> None:
    with pytest.raises(UserError, match="between 0 and 4294967295"):
        draw(1, 3, seed)


def test_draws_leave_numpys_global_generator_alone() -> None:
    np.random.seed(5)
    before = np.random.get_state()[1].tolist()
    draw(3, 3, 1)
    assert np.random.get_state()[1].tolist() == before
