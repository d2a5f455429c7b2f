from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from latent_debugger.state.model import OpenModel
from latent_debugger.state.star_query import ORDERS, StarQuery, tags_of


@pytest.fixture
def stars(star: Any) -> list[Any]:
    return [
        star(1, name="Star 10", rating=2, tags=("hat",), note="Looks LEFT", created="2026-01-03"),
        star(2, name="Star 9", rating=5, tags=("hat", "Glasses"), created="2026-01-01"),
        star(3, name="Anna", rating=0, run="run-b", created="2026-01-02"),
        replace(star(4, name="star 9", rating=5, created="2026-01-04"), seed=None),
    ]


def shown(query: StarQuery, stars: list[Any], model: OpenModel | None = None) -> list[str]:
    return [item.name for item in query.apply(stars, model)]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", ["Star 10", "Star 9", "Anna", "star 9"]),
        ("STAR 9", ["Star 9", "star 9"]),
        ("left", ["Star 10"]),
        ("glasses hat", ["Star 9"]),
        ("hat left", ["Star 10"]),
        ("people64", ["Star 10", "Star 9", "Anna", "star 9"]),
        ("3", ["Anna"]),  # the seed
        ("nobody", []),
    ],
)
def test_every_word_is_found_somewhere(stars: list[Any], text: str, names: list[str]) -> None:
    assert shown(StarQuery(text=text), stars) == names


def test_filters(stars: list[Any], model: OpenModel) -> None:
    assert shown(StarQuery(min_rating=2), stars) == ["Star 10", "Star 9", "star 9"]
    assert shown(StarQuery(tags=frozenset({"hat", "Glasses"})), stars) == ["Star 9"]
    assert shown(StarQuery(own_model=True), stars, model) == ["Star 10", "Star 9", "star 9"]
    assert shown(StarQuery(own_model=True), stars, replace(model, run="run-b")) == ["Anna"]
    assert len(shown(StarQuery(own_model=True), stars, None)) == 4
    assert not StarQuery(text="x", order="name").filters and StarQuery(tags=frozenset({"x"})).filters


def test_orders(stars: list[Any]) -> None:
    assert shown(StarQuery(order="newest"), stars) == ["star 9", "Star 10", "Anna", "Star 9"]
    assert shown(StarQuery(order="rating"), stars) == ["Star 9", "star 9", "Star 10", "Anna"]
    assert shown(StarQuery(order="name"), stars) == ["Anna", "Star 9", "star 9", "Star 10"]


@given(st.lists(st.text(alphabet="a0²٣ -9", max_size=8), max_size=8))
def test_any_names_can_be_sorted(star: Any, names: list[str]) -> None:
    stars = [star(row, name=name) for row, name in enumerate(names)]
    for order in ORDERS:
        assert sorted(shown(StarQuery(order=order), stars)) == sorted(names)


def test_every_tag_once(stars: list[Any]) -> None:
    assert tags_of(stars) == ["Glasses", "hat"]


def test_the_critics_order_is_by_score_and_strangers_come_last(stars: list[Any]) -> None:
    query = StarQuery(order="critic")
    scores = {stars[2].id: 1.5, stars[3].id: 7.0, stars[0].id: -2.0}
    assert [item.name for item in query.apply(stars, None, scores)] == ["star 9", "Anna", "Star 10", "Star 9"]
    assert query.apply(stars, None) == stars
