"""What can be undone. One command is one step of the user's, however many values it touched."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt
from PySide6.QtGui import QUndoCommand

from latent_debugger.state.arrangement import Arrangement
from latent_debugger.state.bookmark import Bookmark
from latent_debugger.state.latent import LatentState, Origin, checked, same_bits

_MERGEABLE = 1  # QUndoStack only tries to merge commands of the same id; -1 means never


class BookmarkStore(Protocol):
    """Where bookmarks are kept. Both calls return at once; the library learns when the database has committed."""

    def put(self, bookmarks: Sequence[Bookmark], before: Sequence[Bookmark] = ()) -> None:
        """Add new bookmarks, replace those with a known id; of those in ``before`` only what differs is written."""
        ...

    def remove(self, ids: Sequence[str]) -> None:
        """Remove those there are."""
        ...


class SetLatent(QUndoCommand):
    """Replace the latent. Steps in a row with the same token, e.g. of one drag, become one; where such a drag ends at
    its start, none remains.

    Args:
        z: (dim,), as :meth:`LatentState.set` takes it.
        text: what the Undo entry says, e.g. "random draw".
        merge_token: None never merges.

    Raises:
        UserError: ``z`` does not fit, or is not finite.
    """

    def __init__(
        self, latent: LatentState, z: npt.ArrayLike, origin: Origin, text: str, merge_token: object | None = None
    ) -> None:
        super().__init__(text)
        self._latent = latent
        self._before, self._before_origin = latent.z, latent.origin
        self._after, self._after_origin = checked(z, latent.dim), origin  # here, for Qt swallows what redo() raises
        self._token = merge_token

    def id(self) -> int:
        return -1 if self._token is None else _MERGEABLE

    def redo(self) -> None:
        self._latent.set(self._after, self._after_origin)

    def undo(self) -> None:
        self._latent.set(self._before, self._before_origin)

    def mergeWith(self, other: QUndoCommand) -> bool:
        if not isinstance(other, SetLatent) or other._latent is not self._latent or other._token != self._token:
            return False
        self._after, self._after_origin = other._after, other._after_origin
        self.setText(other.text())
        if same_bits(self._after, self._before):
            self.undo()  # the same values again, so only the origin: it holds once more
            self.setObsolete(True)
        return True


class SetLocks(QUndoCommand):
    """Replace all locks by ``mask`` (dim,)."""

    def __init__(self, latent: LatentState, mask: npt.ArrayLike, text: str) -> None:
        super().__init__(text)
        self._latent, self._before, self._after = latent, latent.locks, np.array(mask, np.bool_)

    def redo(self) -> None:
        self._latent.set_locks(self._after)

    def undo(self) -> None:
        self._latent.set_locks(self._before)


class SetMarks(QUndoCommand):
    """Pin and hide other rows: two masks (dim,)."""

    def __init__(self, rows: Arrangement, pinned: npt.ArrayLike, hidden: npt.ArrayLike, text: str) -> None:
        super().__init__(text)
        self._rows, self._before = rows, (rows.pinned, rows.hidden)
        self._after = (np.array(pinned, np.bool_), np.array(hidden, np.bool_))

    def redo(self) -> None:
        self._rows.set_marks(*self._after)

    def undo(self) -> None:
        self._rows.set_marks(*self._before)


class PutBookmarks(QUndoCommand):
    """Add bookmarks, or change them.

    Args:
        before: the previous versions of those in ``after`` that existed; empty when all are new.
    """

    def __init__(self, store: BookmarkStore, before: Sequence[Bookmark], after: Sequence[Bookmark], text: str) -> None:
        super().__init__(text)
        self._store, self._before, self._after = store, tuple(before), tuple(after)

    def redo(self) -> None:
        self._store.put(self._after, self._before)

    def undo(self) -> None:
        existed = {item.id for item in self._before}
        added = tuple(item.id for item in self._after if item.id not in existed)
        if added:
            self._store.remove(added)
        if self._before:
            self._store.put(self._before, self._after)


class RemoveBookmarks(QUndoCommand):
    """Remove bookmarks; undo brings them back as they were, at their old places."""

    def __init__(self, store: BookmarkStore, bookmarks: Sequence[Bookmark], text: str) -> None:
        super().__init__(text)
        self._store, self._bookmarks = store, tuple(bookmarks)

    def redo(self) -> None:
        self._store.remove(tuple(item.id for item in self._bookmarks))

    def undo(self) -> None:
        self._store.put(self._bookmarks)
