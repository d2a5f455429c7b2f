"""The bookmarks as the window sees them: what the database has committed, in order, in memory."""

from __future__ import annotations

import re
from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator, Sequence

from PySide6.QtCore import QObject, Signal, Slot

from latent_debugger.state.bookmark import Bookmark
from latent_debugger.state.model import OpenModel

_NUMBERED = re.compile(r"Star (\d{1,9})")


class BookmarkLibrary(QObject):
    """All bookmarks by ascending position; equals by age and id, so that two windows show the same order.

    It changes only through its three slots, which are called once the database has committed. Signals come after the
    change, so :meth:`index_of` gives an inserted bookmark's new row.
    """

    inserted = Signal(object)
    """tuple[Bookmark, ...]: new ones."""
    removed = Signal(object)
    """tuple[str, ...]: ids that were there before."""
    updated = Signal(object)
    """tuple[Bookmark, ...]: new versions of known ones, at unchanged places."""
    reset = Signal()
    """Everything may have changed: loaded, or re-ordered."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._ordered: list[Bookmark] = []
        self._by_id: dict[str, Bookmark] = {}
        self._by_latent: dict[bytes, tuple[str, ...]] = {}  # ids; asked for at every move of a slider

    def __len__(self) -> int:
        return len(self._ordered)

    def __bool__(self) -> bool:
        return True  # an empty library is still a library

    def bookmarks(self) -> tuple[Bookmark, ...]:
        """All of them, in order."""
        return tuple(self._ordered)

    def get(self, bookmark_id: str) -> Bookmark | None:
        """The bookmark with this id, if there is one."""
        return self._by_id.get(bookmark_id)

    def find(self, ids: Iterable[str]) -> list[Bookmark]:
        """The bookmarks with these ids, in that order; unknown ids are passed over."""
        return [self._by_id[id_] for id_ in ids if id_ in self._by_id]

    def index_of(self, bookmark_id: str) -> int:
        """Its row, or -1."""
        found = self._by_id.get(bookmark_id)
        if found is None:
            return -1
        return bisect_left(self._ordered, _place(found), key=_place)

    def next_position(self) -> float:
        """A position behind all others."""
        return self._ordered[-1].position + 1.0 if self._ordered else 0.0

    def next_number(self) -> int:
        """A number for the name of a new star that none has, nor a lower one than any."""
        found = (_NUMBERED.fullmatch(item.name) for item in self._ordered)
        return max((int(match[1]) for match in found if match), default=0) + 1

    def contains_latent(self, z: bytes, model: OpenModel) -> Bookmark | None:
        """The bookmark of exactly this latent (bytes as in :attr:`Bookmark.z`) in ``model``, of the class it draws: is
        its star alight?"""
        found = (item for item in self._with_latent(z) if item.belongs_to(model))
        return next((item for item in found if item.label == model.label), None)

    def twin(self, bookmark: Bookmark) -> Bookmark | None:
        """Another bookmark of the same latent in the same model."""
        same = (item for item in self._with_latent(bookmark.z) if item.id != bookmark.id)
        return next((item for item in same if item.model_key == bookmark.model_key), None)

    def has_latent(self, z: bytes) -> bool:
        """Whether there is a bookmark of exactly this latent, in whatever model."""
        return z in self._by_latent

    @Slot(object)
    def apply_put(self, bookmarks: Sequence[Bookmark]) -> None:
        """Insert new bookmarks and replace known ones."""
        newest = {item.id: item for item in bookmarks}
        known = {id_: self._by_id[id_] for id_ in newest if id_ in self._by_id}
        changed = tuple(newest[id_] for id_, old in known.items() if newest[id_] != old)
        moved = any(item.position != known[item.id].position for item in changed)
        fresh = tuple(item for item in newest.values() if item.id not in known)
        self._index(fresh)  # the latent of an id never changes

        self._by_id.update(newest)
        self._ordered = [self._by_id[item.id] for item in self._ordered]
        if moved:
            self._ordered.sort(key=_place)
        for item in fresh:
            insort(self._ordered, item, key=_place)

        if moved:
            self.reset.emit()
            return
        if changed:
            self.updated.emit(changed)
        if fresh:
            self.inserted.emit(fresh)

    @Slot(object)
    def apply_removed(self, ids: Sequence[str]) -> None:
        """Forget bookmarks; unknown ids are passed over."""
        found = [item for id_ in dict.fromkeys(ids) if (item := self._by_id.pop(id_, None)) is not None]
        gone = tuple(item.id for item in found)
        for item in found:
            same = tuple(id_ for id_ in self._by_latent.pop(item.z) if id_ != item.id)
            if same:
                self._by_latent[item.z] = same
        if gone:
            self._ordered = [item for item in self._ordered if item.id in self._by_id]
            self.removed.emit(gone)

    @Slot(object)
    def load(self, bookmarks: Sequence[Bookmark]) -> None:
        """Replace everything."""
        self._by_id = {item.id: item for item in bookmarks}
        self._ordered = sorted(self._by_id.values(), key=_place)
        self._by_latent = {}
        self._index(self._ordered)
        self.reset.emit()

    def _index(self, fresh: Iterable[Bookmark]) -> None:
        for item in fresh:
            self._by_latent[item.z] = (*self._by_latent.get(item.z, ()), item.id)

    def _with_latent(self, z: bytes) -> Iterator[Bookmark]:
        return (self._by_id[id_] for id_ in self._by_latent.get(z, ()))


def _place(bookmark: Bookmark) -> tuple[float, str, str]:
    return bookmark.position, bookmark.created, bookmark.id
