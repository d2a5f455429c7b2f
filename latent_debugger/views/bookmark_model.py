"""The library's bookmarks as Qt's model/view wants them."""

from __future__ import annotations

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
from latent_debugger.views.thumbnails import Role

Index = QModelIndex | QPersistentModelIndex
ID = Qt.ItemDataRole.UserRole + 20
"""Role of a bookmark's id."""
SEARCH = Qt.ItemDataRole.UserRole + 21
"""Role of the text that a search looks through."""
UNNAMED = "Untitled"


class BookmarkListModel(QAbstractListModel):
    """One row per bookmark, in the library's order; follows the library by itself.

    Signals:
        rename_requested(id, name): a new name was typed. The row keeps the old one until the library has the new.
    """

    rename_requested = Signal(object, object)

    def __init__(self, library: BookmarkLibrary, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._library = library
        self._items: list[Bookmark] = list(library.bookmarks())
        self._model: OpenModel | None = None
        self._pictures: dict[str, tuple[bytes, QImage]] = {}
        library.inserted.connect(self._insert)
        library.removed.connect(self._remove)
        library.updated.connect(self._update)
        library.reset.connect(self._reset)

    def set_model_context(self, model: OpenModel | None) -> None:
        """Mark the bookmarks that do not belong to ``model``; None marks none."""
        self._model = model
        if self._items:
            self.dataChanged.emit(self.index(0), self.index(len(self._items) - 1))

    def row_of(self, bookmark_id: str) -> int:
        """The row of a bookmark, or -1."""
        return next((row for row, item in enumerate(self._items) if item.id == bookmark_id), -1)

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
                return tooltip(item, self._badge(item))
            case Qt.ItemDataRole.AccessibleTextRole:
                return ", ".join(filter(None, (item.name or UNNAMED, self._badge(item))))
            case Role.PICTURE:
                return self._picture(item)
            case Role.BADGE:
                return self._badge(item)
            case _ if role == ID:
                return item.id
            case _ if role == SEARCH:
                seed = "" if item.seed is None else str(item.seed)
                return " ".join((item.name or UNNAMED, item.model_name, item.note, *item.tags, seed))
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
        return super().flags(index) | Qt.ItemFlag.ItemIsEditable

    def _badge(self, item: Bookmark) -> str:
        return "" if self._model is None or item.belongs_to(self._model) else "other model"

    def _picture(self, item: Bookmark) -> QImage:
        known = self._pictures.get(item.id)
        if known is None or known[0] != item.thumbnail:
            known = self._pictures[item.id] = (item.thumbnail, QImage.fromData(item.thumbnail))
        return known[1]

    @Slot(object)
    def _insert(self, bookmarks: tuple[Bookmark, ...]) -> None:
        for row, item in sorted((self._library.index_of(item.id), item) for item in bookmarks):
            self.beginInsertRows(QModelIndex(), row, row)
            self._items.insert(row, item)
            self.endInsertRows()

    @Slot(object)
    def _remove(self, ids: tuple[str, ...]) -> None:
        for bookmark_id in ids:
            row = self.row_of(bookmark_id)
            if row >= 0:
                self.beginRemoveRows(QModelIndex(), row, row)
                del self._items[row]
                self.endRemoveRows()
            self._pictures.pop(bookmark_id, None)

    @Slot(object)
    def _update(self, bookmarks: tuple[Bookmark, ...]) -> None:
        for item in bookmarks:
            row = self.row_of(item.id)
            if row >= 0:
                self._items[row] = item
                self.dataChanged.emit(self.index(row), self.index(row))

    @Slot()
    def _reset(self) -> None:
        self.beginResetModel()
        self._items = list(self._library.bookmarks())
        known = {item.id for item in self._items}
        self._pictures = {key: value for key, value in self._pictures.items() if key in known}
        self.endResetModel()


def tooltip(item: Bookmark, badge: str = "") -> str:
    """What there is to know of a bookmark, as rich text."""
    lines = [f"{item.model_name}, step {item.step:,}" + (f" ({badge})" if badge else "")]
    if item.seed is not None:
        lines.append(f"Seed {item.seed}")
    if item.sigma is not None:
        lines.append(f"Neighbour at σ {item.sigma:g}")
    made = QDateTime.fromString(item.created, Qt.DateFormat.ISODateWithMs)
    if made.isValid():
        lines.append(QLocale().toString(made.toLocalTime(), QLocale.FormatType.ShortFormat))
    return f"<b>{escape(item.name or UNNAMED)}</b><br>" + "<br>".join(escape(line) for line in lines)
