"""The library's bookmarks as Qt's model/view wants them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape

from PySide6.QtCore import (
    QAbstractListModel,
    QDateTime,
    QLocale,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
    Slot,
)
from PySide6.QtGui import QImage

from latent_debugger.state.bookmark import Bookmark
from latent_debugger.state.library import BookmarkLibrary
from latent_debugger.state.model import OpenModel
from latent_debugger.state.star_query import NO_SCORES, StarQuery
from latent_debugger.views.thumbnail_cache import ThumbnailCache
from latent_debugger.views.thumbnails import Role

Index = QModelIndex | QPersistentModelIndex
ID = Qt.ItemDataRole.UserRole + 20
"""Role of a bookmark's id."""
UNNAMED = "Untitled"
_FLAGS = (
    Qt.ItemFlag.ItemIsSelectable
    | Qt.ItemFlag.ItemIsEnabled
    | Qt.ItemFlag.ItemNeverHasChildren
    | Qt.ItemFlag.ItemIsEditable
    | Qt.ItemFlag.ItemIsDragEnabled
)
_MANY_RUNS = 32
"""Stretches of rows that come or go one by one; beyond, a view is quicker to begin anew."""


class BookmarkListModel(QAbstractListModel):
    """One row per bookmark that the query shows, in its order; follows the library by itself.

    Signals:
        rename_requested(id, name): a new name was typed. The row keeps the old one until the library has the new.
    """

    rename_requested = Signal(object, object)

    def __init__(self, library: BookmarkLibrary, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._library = library
        self._model: OpenModel | None = None
        self._query = StarQuery()
        self._items: list[Bookmark] = list(library.bookmarks())
        self._rows: dict[str, int] | None = None
        self._thumbnails = ThumbnailCache(self)
        self._thumbnails.ready.connect(self._redraw)
        self._now: dict[str, QImage] = {}
        self._scores: Mapping[str, float] = NO_SCORES
        self._ranks: Mapping[str, str] = {}
        library.inserted.connect(self._follow)
        library.removed.connect(self._follow)
        library.updated.connect(self._follow)
        library.reset.connect(self._reset)

    @property
    def query(self) -> StarQuery:
        """What is shown."""
        return self._query

    def set_query(self, query: StarQuery) -> None:
        """Show something else."""
        if query != self._query:
            self._query = query
            self._reset()

    def set_model_context(self, model: OpenModel | None) -> None:
        """Mark the bookmarks that do not belong to ``model``; None marks none."""
        self._model = model
        if self._query.own_model:
            self._reset()
        elif self._items:
            self.dataChanged.emit(self.index(0), self.index(len(self._items) - 1))

    def set_scores(self, scores: Mapping[str, float], ranks: Mapping[str, str]) -> None:
        """What the critic thinks of the stars, by id, as far as it is known: its scores, to sort by, and what tooltips
        say of them."""
        self._ranks = dict(ranks)
        if scores != self._scores:
            self._scores = dict(scores)
            if self._query.order == "critic":
                self._reset()

    def show_now(self, pictures: dict[str, QImage]) -> None:
        """What stars look like under the open model, by id, where that is not the checkpoint they were made with. The
        others show their thumbnails."""
        changed = {id_ for id_ in {*pictures, *self._now} if pictures.get(id_) is not self._now.get(id_)}
        self._now = dict(pictures)
        self._redraw(changed)

    def items(self) -> tuple[Bookmark, ...]:
        """The bookmarks shown, in order."""
        return tuple(self._items)

    def row_of(self, bookmark_id: str | None) -> int:
        """The row of a bookmark, or -1."""
        if self._rows is None:
            self._rows = {item.id: row for row, item in enumerate(self._items)}
        return self._rows.get(bookmark_id, -1) if bookmark_id is not None else -1

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 (Qt's own default)
        return 0 if parent.isValid() else len(self._items)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid() or not 0 <= index.row() < len(self._items):
            return None
        item = self._items[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return item.name or UNNAMED
            case Qt.ItemDataRole.EditRole:
                return item.name
            case Qt.ItemDataRole.ToolTipRole:
                return tooltip(item, self._badge(item), self._ranks.get(item.id, ""))
            case Qt.ItemDataRole.AccessibleTextRole:
                stars = f"{item.rating} of 5 stars" if item.rating else ""
                return ", ".join(filter(None, (item.name or UNNAMED, stars, self._badge(item))))
            case Role.PICTURE:
                return self._now.get(item.id) or self._thumbnails.picture(item)
            case Role.RATING:
                return item.rating
            case Role.BADGE:
                return self._badge(item)
            case _ if role == ID:
                return item.id
        return None

    def setData(self, index: Index, value: object, role: int = Qt.ItemDataRole.EditRole) -> bool:
        if role != Qt.ItemDataRole.EditRole or not index.isValid():
            return False
        item, name = self._items[index.row()], " ".join(str(value).split())
        if name and name != item.name:
            self.rename_requested.emit(item.id, name)
        return bool(name)

    def flags(self, index: Index) -> Qt.ItemFlag:
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        return _FLAGS

    def _badge(self, item: Bookmark) -> str:
        return "" if self._model is None or item.belongs_to(self._model) else "other model"

    @Slot(object)
    def _follow(self, _: object = None) -> None:
        """Make the rows what the library says now, by the fewest signals a view has to answer."""
        old, new = self._items, self._query.apply(self._library.bookmarks(), self._model, self._scores)
        before, after = {item.id for item in old}, {item.id for item in new}
        gone = _runs(row for row, item in enumerate(old) if item.id not in after)
        come = _runs(row for row, item in enumerate(new) if item.id not in before)
        stayed = [item.id for item in old if item.id in after]
        if stayed != [item.id for item in new if item.id in before] or len(gone) + len(come) > _MANY_RUNS:
            self._reset()
            return
        for first, last in reversed(gone):
            self.beginRemoveRows(QModelIndex(), first, last)
            del old[first : last + 1]
            self._rows = None
            self.endRemoveRows()
        for first, last in come:
            self.beginInsertRows(QModelIndex(), first, last)
            old[first:first] = new[first : last + 1]
            self._rows = None
            self.endInsertRows()
        changed = [row for row, (was, now) in enumerate(zip(old, new, strict=True)) if was is not now]
        self._items = new
        for first, last in _runs(changed):
            self.dataChanged.emit(self.index(first), self.index(last))

    @Slot()
    def _reset(self) -> None:
        self.beginResetModel()
        self._items = self._query.apply(self._library.bookmarks(), self._model, self._scores)
        self._rows = None
        self.endResetModel()

    @Slot(object)
    def _redraw(self, ids: set[str]) -> None:
        for first, last in _runs(sorted(row for id_ in ids if (row := self.row_of(id_)) >= 0)):
            self.dataChanged.emit(self.index(first), self.index(last), [Role.PICTURE])


def _runs(rows: Iterable[int]) -> list[tuple[int, int]]:
    """Ascending rows as stretches (first, last) without gaps."""
    found: list[tuple[int, int]] = []
    for row in rows:
        if found and found[-1][1] == row - 1:
            found[-1] = (found[-1][0], row)
        else:
            found.append((row, row))
    return found


def tooltip(item: Bookmark, badge: str = "", rank: str = "") -> str:
    """What there is to know of a bookmark, as rich text."""
    lines = provenance(item)
    lines[0] += f" ({badge})" if badge else ""
    if item.tags:
        lines.append(", ".join(item.tags))
    if rank:
        lines.append(rank)
    lines.append("Double-click to go there")
    return f"<b>{escape(item.name or UNNAMED)}</b><br>" + "<br>".join(escape(line) for line in lines)


def shown_date(moment: QDateTime) -> str:
    """As people write it where the user is; where nobody has said where that is (locale C), as in ISO 8601."""
    locale = QLocale()
    if locale.language() == QLocale.Language.C:
        return moment.toString("yyyy-MM-dd HH:mm")
    return locale.toString(moment, QLocale.FormatType.ShortFormat)


def provenance(item: Bookmark, parent: str = "") -> list[str]:
    """Where a bookmark comes from, a line each: model, seed or parent, date.

    Args:
        parent: the name of the star it descends from, where that is still there.
    """
    lines = [f"{item.model_name}, {item.label}" if item.label else f"{item.model_name}, step {item.step:,}"]
    if item.seed is not None:
        lines.append(f"Seed {item.seed}")
    if item.sigma is not None:
        lines.append(f"Neighbour{f' of {parent}' if parent else ''} at σ {item.sigma:g}")
    made = QDateTime.fromString(item.created, Qt.DateFormat.ISODateWithMs)
    if made.isValid():
        lines.append(shown_date(made.toLocalTime()))
    return lines
