from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from latent_debugger.state.tolerant import choice, is_int, number

ANYTHING = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.integers())


@given(value=ANYTHING)
def test_whatever_comes_lies_in_range(value: object) -> None:
    assert 1.0 <= number(value, 1.0, 2.0, 1.5) <= 2.0
    assert choice(value, ("a", "b")) in ("a", "b")
    assert not is_int(value, 3, 5) or value in (3, 4, 5)


@pytest.mark.parametrize("value", [True, "1", float("nan"), 10**400, None])
def test_no_number_gives_the_default(value: object) -> None:
    assert number(value, 0.0, 2.0, 0.25) == 0.25


def test_truth_is_no_whole_number() -> None:
    assert is_int(1, 0, 1) and not is_int(True, 0, 1) and not is_int(1.0, 0, 1)
