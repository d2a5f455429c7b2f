from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from latent_debugger.state.library import BookmarkLibrary
from latent_debugger.state.model import OpenModel


class Log:
    def __init__(self, library: BookmarkLibrary) -> None:
        self.events: list[Any] = []
        library.inserted.connect(lambda new: self.events.append(("inserted", [item.name for item in new])))
        library.removed.connect(lambda ids: self.events.append(("removed", ids)))
        library.updated.connect(lambda new: self.events.append(("updated", [item.name for item in new])))
        library.reset.connect(lambda: self.events.append("reset"))


def names(library: BookmarkLibrary) -> list[str]:
    return [item.name for item in library.bookmarks()]


def test_inserts_in_order_with_one_signal(star: Any) -> None:
    library = BookmarkLibrary()
    log = Log(library)
    first, third = star(1, position=1.0), star(3, position=3.0)
    library.apply_put((third, first))
    library.apply_put((star(2, position=2.0), star(4, position=3.0, created="2999")))
    assert names(library) == ["star 1", "star 2", "star 3", "star 4"]
    assert log.events == [("inserted", ["star 3", "star 1"]), ("inserted", ["star 2", "star 4"])]
    assert library.index_of(third.id) == 2 and library.index_of("nobody") == -1
    assert library.get(first.id) is first and library.get("nobody") is None
    assert len(library) == 4 and library.next_position() == 4.0


def test_updates_in_place_and_says_nothing_of_what_is_the_same(star: Any) -> None:
    library = BookmarkLibrary()
    one, two = star(1, position=1.0), star(2, position=2.0)
    library.load([one, two])
    log = Log(library)
    library.apply_put((replace(one, name="renamed"), two))
    assert log.events == [("updated", ["renamed"])]
    assert names(library) == ["renamed", "star 2"]


def test_a_new_position_re_orders(star: Any) -> None:
    library = BookmarkLibrary()
    one, two = star(1, position=1.0), star(2, position=2.0)
    library.load([one, two])
    log = Log(library)
    library.apply_put((replace(one, position=3.0),))
    assert names(library) == ["star 2", "star 1"]
    assert log.events == ["reset"]


def test_removes_what_there_is(star: Any) -> None:
    library = BookmarkLibrary()
    one, two = star(1), star(2)
    library.load([one, two])
    log = Log(library)
    library.apply_removed((one.id, "nobody", one.id))
    library.apply_removed(("nobody",))
    assert log.events == [("removed", (one.id,))]
    assert names(library) == ["star 2"] and library.get(one.id) is None


def test_an_empty_library_is_still_true() -> None:
    assert BookmarkLibrary() and BookmarkLibrary().next_position() == 0.0


def test_finds_the_star_of_a_latent_in_its_own_model_only(star: Any, model: OpenModel) -> None:
    library = BookmarkLibrary()
    one = star(1)
    library.load([one])
    assert library.contains_latent(one.z, model) is one
    assert library.contains_latent(one.z, replace(model, run="another")) is None
    assert library.contains_latent(star(2).z, model) is None


def test_a_latent_is_known_as_long_as_one_has_it(star: Any, model: OpenModel) -> None:
    library = BookmarkLibrary()
    one, copy = star(1, position=1.0), star(1, position=2.0)
    library.load([one])
    library.apply_put([copy])
    assert library.twin(one) is copy and library.twin(copy) is one
    assert library.twin(replace(one, run="run-b")) is None
    renamed = replace(one, name="x")
    library.apply_put([renamed])
    assert library.contains_latent(one.z, model) is renamed
    library.apply_removed([one.id])
    assert library.contains_latent(one.z, model) is copy and library.twin(copy) is None
    library.apply_removed([copy.id])
    assert not library.has_latent(one.z)
    library.load([copy])
    assert library.has_latent(one.z)


def test_a_new_number_is_above_all_others(star: Any) -> None:
    library = BookmarkLibrary()
    assert library.next_number() == 1
    names_ = ("Star 3", "Star 12", "Star 99 b", "Aunt", "Star ²")
    library.load([star(n, name=name, position=float(n)) for n, name in enumerate(names_)])
    assert library.next_number() == 13
    library.apply_removed([library.bookmarks()[0].id])
    assert library.next_number() == 13


@given(steps=st.lists(st.tuples(st.booleans(), st.integers(0, 5), st.integers(0, 3)), max_size=20))
def test_a_mirror_that_follows_the_signals_stays_equal(star: Any, steps: list[tuple[bool, int, int]]) -> None:
    library = BookmarkLibrary()
    mirror: dict[str, Any] = {}
    library.inserted.connect(lambda new: mirror.update({item.id: item for item in new}))
    library.updated.connect(lambda new: mirror.update({item.id: item for item in new}))
    library.removed.connect(lambda ids: [mirror.pop(id_) for id_ in ids])
    library.reset.connect(lambda: (mirror.clear(), mirror.update({item.id: item for item in library.bookmarks()})))
    for put, which, position in steps:
        if put:
            library.apply_put((star(which, id=str(which), position=float(position), created=""),))
        else:
            library.apply_removed((str(which),))
        assert mirror == {item.id: item for item in library.bookmarks()}
        positions = [item.position for item in library.bookmarks()]
        assert positions == sorted(positions) and len(library) == len(mirror)
        assert [library.index_of(item.id) for item in library.bookmarks()] == list(range(len(library)))


def test_find_keeps_the_order_asked_for_and_passes_over_unknown_ids(star: Any) -> None:
    library = BookmarkLibrary()
    first, second = star(1), star(2, position=1.0)
    library.load((first, second))
    assert library.find((second.id, "unknown", first.id)) == [second, first]
