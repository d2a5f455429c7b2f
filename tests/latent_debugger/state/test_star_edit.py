from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from latent_debugger.state.star_edit import StarEdit, moved, parse_tags


def test_one_star_gets_the_name_several_get_numbers(star: Any) -> None:
    stars = [star(1), star(2)]
    assert [item.name for item in StarEdit(name="Anna").applied(stars[:1])] == ["Anna"]
    assert [item.name for item in StarEdit(name="Anna").applied(stars)] == ["Anna 1", "Anna 2"]


def test_tags_come_and_go_without_touching_the_others(star: Any) -> None:
    stars = [star(1, tags=("hat", "old")), star(2, tags=("new",))]
    after = StarEdit(add_tags=("new", "new"), remove_tags=("old",)).applied(stars)
    assert [item.tags for item in after] == [("hat", "new"), ("new",)]


def test_only_what_is_named_changes(star: Any) -> None:
    one = star(1, note="n", tags=("t",))
    assert StarEdit().applied([one]) == [one]
    assert StarEdit(rating=9).applied([one]) == [replace(one, rating=5)]
    assert StarEdit(note="").applied([one]) == [replace(one, note="")]
    edits = (StarEdit(rating=0), StarEdit(name="x"), StarEdit(note=""), StarEdit(add_tags=("t",)))
    assert [edit.text for edit in edits] == ["rating", "rename", "note", "tags"]


@pytest.mark.parametrize(
    ("typed", "tags"),
    [("", ()), (" , ,", ()), ("hat", ("hat",)), (" a  b ,c,,a b, C", ("a b", "c", "C"))],
)
def test_tags_are_typed_with_commas(typed: str, tags: tuple[str, ...]) -> None:
    assert parse_tags(typed) == tags


POSITIONS = st.lists(
    st.integers(0, 5).map(float) | st.floats(-1e308, 1e308) | st.sampled_from([1.0, 1.0 + 2**-52, 5e-324, 0.0]),
    min_size=1,
    max_size=8,
)


@given(data=st.data(), positions=POSITIONS)
def test_what_is_moved_stands_where_it_was_put(star: Any, data: st.DataObject, positions: list[float]) -> None:
    stars = [star(row, id=str(row), position=position) for row, position in enumerate(sorted(positions))]
    rows = data.draw(st.sets(st.integers(0, len(stars) - 1), min_size=1))
    target = data.draw(st.none() | st.integers(0, len(stars) - 1))
    ids = {str(row) for row in rows}
    changed = {item.id: item for item in moved(stars, ids, None if target is None else str(target))}

    staying = [row for row in range(len(stars)) if row not in rows]
    place = len(staying) if target is None else sum(row < target for row in staying)
    wanted = [*staying[:place], *sorted(rows), *staying[place:]]
    after = sorted((changed.get(item.id, item) for item in stars), key=lambda item: item.position)
    if wanted != list(range(len(stars))):
        assert [int(item.id) for item in after] == wanted
    else:
        assert not changed
    assert all(replace(item, position=0.0) == replace(stars[int(id_)], position=0.0) for id_, item in changed.items())


def test_a_move_touches_only_what_moves_while_there_is_room(star: Any) -> None:
    stars = [star(row, id=str(row), position=float(row)) for row in range(5)]
    assert [(item.id, item.position) for item in moved(stars, {"4"}, "1")] == [("4", 0.5)]
    assert [(item.id, item.position) for item in moved(stars, {"0", "1"}, None)] == [("0", 5.0), ("1", 6.0)]
    assert [(item.id, item.position) for item in moved(stars, {"4"}, "0")] == [("4", -1.0)]
    assert moved(stars, {"1"}, "1") == moved(stars, {"1"}, "2") == moved(stars, set(), "2") == []


def test_a_thousand_moves_into_the_same_gap(star: Any) -> None:
    stars = [star(row, id=str(row), position=float(row)) for row in range(3)]
    for _ in range(1000):
        last = stars[-1].id
        changed = {item.id: item for item in moved(stars, {last}, stars[1].id)}
        stars = sorted((changed.get(item.id, item) for item in stars), key=lambda item: item.position)
        assert stars[1].id == last and stars[0].id == "0"
