from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from latent_debugger.state.arrangement import GROUPS, SORTS, WEAKS
from latent_debugger.views.latent_sections import Section, sections, weak_ones

Z = np.array([0.5, -2.0, 1.0, 0.0, 3.0, -0.5], np.float32)
NONE = np.zeros(6, np.bool_)


def mask(*dims: int) -> np.ndarray:
    return np.isin(np.arange(6), dims)


def made(**how: Any) -> tuple[Section, ...]:
    marks = {"locks": NONE, "pinned": NONE, "hidden": NONE}
    return sections(Z, **{**marks, **how})


def test_at_rest_it_is_one_section_without_a_title() -> None:
    assert made() == (Section("rest", "", (0, 1, 2, 3, 4, 5)),)
    assert sections(Z[:0], NONE[:0], NONE[:0], NONE[:0]) == ()


@pytest.mark.parametrize(
    ("sort", "dims"), [("number", (0, 1, 2, 3, 4, 5)), ("value", (4, 2, 0, 3, 5, 1)), ("magnitude", (4, 1, 2, 0, 5, 3))]
)
def test_sorting(sort: Any, dims: tuple[int, ...]) -> None:
    assert made(sort=sort)[0].dims == dims


def test_pins_come_first_and_hidden_ones_last() -> None:
    assert made(pinned=mask(4, 1), hidden=mask(0), folded=frozenset({"hidden"})) == (
        Section("pinned", "Pinned", (1, 4)),
        Section("rest", "Others", (2, 3, 5)),
        Section("hidden", "Hidden", (0,), folded=True),
    )


def test_groups() -> None:
    assert made(group="locks", locks=mask(2, 3), sort="value") == (
        Section("free", "Unlocked", (4, 0, 5, 1)),
        Section("locked", "Locked", (2, 3)),
    )
    many = np.zeros(33, np.float32), *(np.zeros(33, np.bool_) for _ in range(3))
    blocks = sections(*many, group="16", folded=frozenset({"16.1"}))
    assert [(item.title, len(item.dims), item.folded) for item in blocks] == [
        ("z 0 – 15", 16, False), ("z 16 – 31", 16, True), ("z 32", 1, False),
    ]  # fmt: skip
    assert [item.title for item in sections(*many, group="32")] == ["z 0 – 31", "z 32"]


def test_what_is_searched_for_shows_wherever_it_is() -> None:
    found = made(hidden=mask(1), pinned=mask(4), folded=frozenset({"hidden", "pinned"}), query="hidden, 4")
    assert [(item.key, item.dims, item.folded) for item in found] == [("pinned", (4,), False), ("hidden", (1,), False)]


@given(
    z=st.lists(st.floats(-5, 5, width=32), min_size=1, max_size=70),
    sort=st.sampled_from(SORTS),
    group=st.sampled_from(GROUPS),
    weak=st.sampled_from(WEAKS),
    data=st.data(),
)
def test_every_dimension_is_in_exactly_one_section(z: list[float], sort: Any, group: Any, weak: Any, data: Any) -> None:
    masks = [np.array(data.draw(st.lists(st.booleans(), min_size=len(z), max_size=len(z))), np.bool_) for _ in range(3)]
    values, (locks, pinned, hidden) = np.array(z, np.float32), masks
    norms = data.draw(st.none() | st.just(np.abs(values[::-1])))
    made = sections(values, locks, pinned, hidden & ~pinned, sort, group, norms=norms, weak=weak)
    assert sorted(i for item in made for i in item.dims) == list(range(len(z)))
    assert len({item.key for item in made}) == len(made)
    for item in made:
        assert item.dims
        if sort == "number" or (sort == "sensitivity" and norms is None):
            assert list(item.dims) == sorted(item.dims)
        else:
            keys = {"value": values, "magnitude": np.abs(values), "sensitivity": norms}[sort]
            assert (np.diff(keys[list(item.dims)]) <= 0).all()


NORMS = np.array([4.0, 0.0, 1.0, 2.0, np.nan, 0.9], np.float32)


@pytest.mark.parametrize(
    ("weak", "dims"), [("none", []), ("10%", [1]), ("25%", [1, 5]), ("50%", [1, 2, 5]), ("top16", [])]
)
def test_weak_is_what_is_under_a_share_of_the_strongest(weak: Any, dims: list[int]) -> None:
    assert np.flatnonzero(weak_ones(NORMS, weak)).tolist() == dims


def test_all_but_the_strongest_are_weak_and_what_is_not_measured_yet_is_not() -> None:
    norms = np.arange(40, dtype=np.float32)
    assert np.flatnonzero(weak_ones(norms, "top16")).tolist() == list(range(24))
    norms[3] = np.nan
    assert np.flatnonzero(weak_ones(norms, "top32")).tolist() == [i for i in range(9) if i != 3]
    assert not weak_ones(np.full(5, np.nan, np.float32), "50%").any()
    assert not weak_ones(np.zeros(5, np.float32), "50%").any()


def test_the_weak_go_last_but_for_the_hidden_and_pins_stay() -> None:
    found = made(
        pinned=mask(1), hidden=mask(2), norms=NORMS, weak="50%", sort="sensitivity", folded=frozenset({"weak"})
    )
    assert [(item.key, item.title, item.dims, item.folded) for item in found] == [
        ("pinned", "Pinned", (1,), False),
        ("rest", "Others", (0, 3, 4), False),
        ("weak", "Weak", (5,), True),
        ("hidden", "Hidden", (2,), False),
    ]
    assert made(weak="50%", sort="sensitivity") == made(), "nothing is measured yet"
