from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from gan.errors import UserError
from latent_debugger.state.latent import MANY, LatentState, Origin, same_bits

FINITE = st.floats(width=32, allow_nan=False, allow_infinity=False)


class Log:
    """Every signal of a latent, in order."""

    def __init__(self, latent: LatentState) -> None:
        self.events: list[Any] = []
        latent.changed.connect(lambda dims: self.events.append(("changed", dims)))
        latent.locks_changed.connect(lambda: self.events.append("locks"))
        latent.resized.connect(lambda: self.events.append("resized"))


@pytest.fixture
def latent() -> LatentState:
    state = LatentState()
    state.resize(5)
    return state


def test_starts_empty_and_resizes_to_zeros() -> None:
    latent = LatentState()
    log = Log(latent)
    assert latent.dim == 0
    latent.resize(3)
    assert latent.dim == 3
    assert not latent.z.any() and latent.z.dtype == np.float32
    assert not latent.locks.any() and latent.locks.shape == (3,)
    assert log.events == ["resized", ("changed", None)]


def test_resizing_to_the_same_dimensions_keeps_everything(latent: LatentState) -> None:
    latent.set_value(1, 4.5)
    latent.set_locks([True, False, False, False, False])
    log = Log(latent)
    latent.resize(5)
    assert latent.z[1] == 4.5 and latent.locks[0]
    assert log.events == []


@given(z=arrays(np.float32, 5, elements=FINITE))
def test_values_are_kept_bit_for_bit(z: np.ndarray[Any, np.dtype[np.float32]]) -> None:
    latent = LatentState()
    latent.resize(5)
    latent.set(z)
    assert latent.z.tobytes() == z.tobytes()


@given(before=arrays(np.float32, 40, elements=FINITE), data=st.data())
def test_one_emission_names_the_dimensions_that_changed(
    before: np.ndarray[Any, np.dtype[np.float32]], data: st.DataObject
) -> None:
    latent = LatentState()
    latent.resize(40)
    latent.set(before)
    touched = data.draw(st.sets(st.integers(0, 39)))
    after = before.copy()
    for i in touched:
        after[i] = data.draw(FINITE)
    really = frozenset(i for i in touched if after[i].tobytes() != before[i].tobytes())
    log = Log(latent)
    latent.set(after)
    if not really:
        assert log.events == []
    else:
        assert log.events == [("changed", really if len(really) <= MANY else None)]


def test_negative_zero_is_a_change(latent: LatentState) -> None:
    log = Log(latent)
    latent.set_value(2, -0.0)
    assert log.events == [("changed", frozenset({2}))]
    assert not same_bits(latent.z, np.zeros(5, np.float32))


def test_arrays_are_read_only_and_outlive_changes(latent: LatentState) -> None:
    before = latent.z
    mine = np.ones(5, np.float32)
    latent.set(mine)
    mine[0] = 9
    assert latent.z[0] == 1 and before[0] == 0
    with pytest.raises(ValueError, match="read-only"):
        latent.z[0] = 2
    with pytest.raises(ValueError, match="read-only"):
        latent.locks[0] = True


def test_origin_follows_the_latent(latent: LatentState) -> None:
    latent.set(np.ones(5, np.float32), Origin(seed=3, parent="p", sigma=0.5))
    latent.set_value(0, 1.0)
    assert latent.origin == Origin(seed=3, parent="p", sigma=0.5), "nothing changed"
    latent.set_value(0, 2.0)
    assert latent.origin == Origin(parent="p")
    latent.set_value(0, 3.0, Origin(seed=1))
    assert latent.origin == Origin(seed=1)
    latent.set(latent.z)
    assert latent.origin == Origin()


@pytest.mark.parametrize(
    "bad", [np.zeros(4), np.zeros((1, 5)), [0, 0, 0, 0, np.nan], [np.inf] * 5, [1e39] * 5, ["a"] * 5, [None] * 5, 1.0]
)
def test_refuses_what_is_no_latent(latent: LatentState, bad: Any) -> None:
    log = Log(latent)
    with pytest.raises(UserError):
        latent.set(bad)
    assert log.events == [] and not latent.z.any()


@pytest.mark.parametrize(("i", "value"), [(5, 0.0), (-1, 0.0), (0, float("nan")), (0, float("inf")), (0, 1e39)])
def test_refuses_what_is_no_value(latent: LatentState, i: int, value: float) -> None:
    with pytest.raises(UserError):
        latent.set_value(i, value)
    assert not latent.z.any()


def test_locks(latent: LatentState) -> None:
    log = Log(latent)
    latent.set_locks([True, False, False, False, True])
    latent.set_locks(latent.locks)
    assert log.events == ["locks"]
    assert latent.locks.tolist() == [True, False, False, False, True]
    with pytest.raises(UserError):
        latent.set_locks([True])
