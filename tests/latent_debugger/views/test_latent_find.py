from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from latent_debugger.views.latent_find import matches


def found(query: str) -> list[int]:
    return [i for i in range(130) if matches(query, i, f"z {i}", i in (3, 40), i in (7, 8), i == 99)]


@pytest.mark.parametrize(
    ("query", "dims"),
    [
        ("7", [7, *range(70, 80)]),
        ("12", [12, *range(120, 130)]),
        ("8-11", [8, 9, 10, 11]),
        ("11 .. 8", [8, 9, 10, 11]),
        ("99, 41-42", [41, 42, 99]),
        ("Locked", [3, 40]),
        ("lock, 5-5", [3, 5, 40]),
        ("pinned, hid", [7, 8, 99]),
        ("Z 9", [9, *range(90, 100)]),
        ("nose", []),
        ("500", []),
        ("", list(range(130))),
        (" , ", list(range(130))),
    ],
)
def test_queries(query: str, dims: list[int]) -> None:
    assert found(query) == dims


@given(st.text(), st.integers(0, 1023))
def test_anything_may_be_typed(query: str, dim: int) -> None:
    assert matches(query, dim, f"z {dim}", False) in (True, False)
