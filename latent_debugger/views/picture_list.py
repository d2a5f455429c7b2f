"""A few pictures with a caption each, as Qt's model/view wants them; pictures may come later than captions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QAbstractItemView, QWidget

from latent_debugger.views.thumbnail_view import ThumbnailView
from latent_debugger.views.thumbnails import Role

Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True)
class Item:
    """What is told of one picture."""

    caption: str
    spoken: str
    """For those who cannot see it."""
    tooltip: str = ""

    def told(self, role: int) -> str | None:
        """What a model answers for one of Qt's own roles."""
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return self.caption
            case Qt.ItemDataRole.AccessibleTextRole:
                return self.spoken
            case Qt.ItemDataRole.ToolTipRole:
                return self.tooltip or None
        return None


class PictureListModel(QAbstractListModel):
    """Captions, and the pictures that have come so far. The old pictures stay until the new ones come."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._items: list[Item] = []
        self._pictures: list[QImage] = []

    @property
    def items(self) -> tuple[Item, ...]:
        """What is told of each."""
        return tuple(self._items)

    def set_items(self, items: Sequence[Item]) -> None:
        """Others from now on; the selection stays where the number does."""
        before, count = len(self._items), len(items)
        if count > before:
            self.beginInsertRows(QModelIndex(), before, count - 1)
            self._items, self._pictures = list(items), [*self._pictures, *(QImage() for _ in range(count - before))]
            self.endInsertRows()
        elif count < before:
            self.beginRemoveRows(QModelIndex(), count, before - 1)
            self._items, self._pictures = list(items), self._pictures[:count]
            self.endRemoveRows()
        else:
            self._items = list(items)
        if items:
            self.dataChanged.emit(self.index(0), self.index(count - 1))

    def set_picture(self, row: int, picture: QImage) -> None:
        """The picture of a row; one that is no more is passed over."""
        if 0 <= row < len(self._pictures):
            self._pictures[row] = picture
            self.dataChanged.emit(self.index(row), self.index(row))

    def picture(self, row: int) -> QImage:
        """What is shown there; null while there is nothing."""
        return self._pictures[row]

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 (Qt's own default)
        return 0 if parent.isValid() else len(self._items)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid() or not 0 <= index.row() < len(self._items):
            return None
        return self._pictures[index.row()] if role == Role.PICTURE else self._items[index.row()].told(role)


def picture_view(
    model: PictureListModel, sides: tuple[int, ...], name: str, title: str, parent: QWidget | None = None
) -> ThumbnailView:
    """A grid of captioned pictures of which one can be selected.

    Args:
        sides: see :class:`~latent_debugger.views.thumbnail_view.ThumbnailView`.
        name: objectName.
        title: for those who cannot see it.
    """
    view = ThumbnailView(sides, named=True, parent=parent)
    view.setObjectName(name)
    view.setAccessibleName(title)
    view.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    view.setModel(model)
    return view
