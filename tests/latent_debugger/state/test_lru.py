"""A cache that holds no more than it has room for."""

from __future__ import annotations

from latent_debugger.state.lru import Lru


def test_what_was_not_asked_for_the_longest_goes_first() -> None:
    cache: Lru[str, int] = Lru(room=10)
    for key in "abc":
        cache.put(key, ord(key), 3)
    assert cache.get("a") == 97
    cache.put("d", 100, 4)
    assert "b" not in cache and cache.get("b") is None
    assert [cache.get(key) for key in "acd"] == [97, 99, 100]
    assert (len(cache), cache.weight) == (3, 10)


def test_the_newest_stays_even_where_there_is_no_room() -> None:
    cache: Lru[int, str] = Lru(room=10)
    cache.put(1, "small", 5)
    cache.put(2, "huge", 1000)
    assert (cache.get(1), cache.get(2), len(cache)) == (None, "huge", 1)


def test_a_value_can_be_replaced_dropped_and_counted() -> None:
    cache: Lru[int, str] = Lru(room=100, most=2)
    for key in (1, 2, 3):
        cache.put(key, "x", 10)
    assert len(cache) == 2 and 1 not in cache
    cache.put(3, "y", 30)
    assert (cache.get(3), cache.weight) == ("y", 40)
    cache.drop((3, 99))
    assert (len(cache), cache.weight) == (1, 10)
    cache.clear()
    assert (len(cache), cache.weight) == (0, 0)
