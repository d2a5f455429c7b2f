"""Things that are dear to make and not small: what was used last stays, as far as the room goes."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable, Iterable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Lru(Generic[K, V]):
    """A cache of bounded weight; what was not asked for the longest goes first. The newest always stays.

    Args:
        room: the sum of weights that is kept, in whatever unit :meth:`put` counts (bytes, say).
        most: how many are kept at most.

    Not thread-safe: the caller sees to it.
    """

    def __init__(self, room: int, most: int = 2**31) -> None:
        self._room, self._most = room, most
        self._items: OrderedDict[K, tuple[V, int]] = OrderedDict()
        self._weight = 0

    def __len__(self) -> int:
        return len(self._items)

    def __contains__(self, key: K) -> bool:
        return key in self._items

    @property
    def weight(self) -> int:
        """The sum of the weights kept."""
        return self._weight

    def get(self, key: K) -> V | None:
        """What was put under ``key``, which counts as used now; None where it is gone."""
        found = self._items.get(key)
        if found is None:
            return None
        self._items.move_to_end(key)
        return found[0]

    def put(self, key: K, value: V, weight: int) -> None:
        """Keep ``value``, and let go of what there is no room for any more."""
        self.drop((key,))
        self._items[key] = value, weight
        self._weight += weight
        while len(self._items) > 1 and (self._weight > self._room or len(self._items) > self._most):
            _, (_, freed) = self._items.popitem(last=False)
            self._weight -= freed

    def drop(self, keys: Iterable[K]) -> None:
        """Let go of these; unknown ones are passed over."""
        for key in keys:
            found = self._items.pop(key, None)
            if found is not None:
                self._weight -= found[1]

    def clear(self) -> None:
        """Let go of everything."""
        self._items.clear()
        self._weight = 0
