"""The key frames of a path as Qt's model/view wants them: name, time, picture."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QImage

from latent_debugger.state.path import Key, Plan
from latent_debugger.views.thumbnails import Role

Index = QModelIndex | QPersistentModelIndex
_EASED = {"linear": "", "smooth": " · eased", "in": " · slow start", "out": " · slow end"}


class KeyModel(QAbstractListModel):
    """The key frames of a :class:`Plan`, with their pictures."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._plan = Plan()
        self._pictures: Mapping[bytes, QImage] = {}

    @property
    def keys(self) -> tuple[Key, ...]:
        """Those on show."""
        return self._plan.keys

    def set_plan(self, plan: Plan) -> None:
        """Show another path."""
        before, self._plan = self._plan, plan
        if [key.z for key in before.keys] == [key.z for key in plan.keys]:
            self._all_changed()
            return
        self.beginResetModel()
        self.endResetModel()

    def set_pictures(self, pictures: Mapping[bytes, QImage]) -> None:
        """Pictures by latent, for as many as there are."""
        self._pictures = pictures
        self._all_changed()

    def _all_changed(self) -> None:
        if self._plan.keys:
            self.dataChanged.emit(self.index(0), self.index(len(self._plan.keys) - 1))

    def timing(self, row: int) -> str:
        """What is written below the name: how long the way to the next takes."""
        key, last = self._plan.keys[row], row == len(self._plan.keys) - 1
        if last and not self._plan.loop:
            return "end"
        return f"{key.seconds:g} s" + ("" if self._plan.even else _EASED[key.easing])

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 (Qt's own default)
        return 0 if parent.isValid() else len(self._plan.keys)

    def flags(self, index: Index) -> Qt.ItemFlag:
        usual = super().flags(index)
        return usual | Qt.ItemFlag.ItemIsDragEnabled if index.isValid() else usual

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid() or not 0 <= index.row() < len(self._plan.keys):
            return None
        key = self._plan.keys[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return key.name or f"Key frame {index.row() + 1}"
            case Role.PICTURE:
                return self._pictures.get(key.z)
            case Qt.ItemDataRole.AccessibleTextRole:
                return f"{index.row() + 1}: {self.data(index)}, {self.timing(index.row())}"
            case Qt.ItemDataRole.ToolTipRole:
                return (
                    f"{self.data(index)}, {self.timing(index.row())}\n"
                    "Double click to go there; drag, or Alt+Left and Alt+Right, to move it; Del takes it out"
                )
        return None
