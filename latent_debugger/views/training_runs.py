"""The list of runs: a name, how it goes, and a dot that says whether somebody works on it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QPointF,
    QRect,
    QSize,
    Qt,
    Signal,
    Slot,
)
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from latent_debugger.state.runs import RunEntry, RunList
from latent_debugger.views import theme

_HEIGHT = 5 * theme.UNIT + 4
_DOT = 3.5  # radius in pixels
_EMPTY = "No runs yet.\nWhat you start, or open, is listed here."
_Index = QModelIndex | QPersistentModelIndex


def told_apart(paths: Sequence[Path]) -> list[str]:
    """The runs' names; where several have one name, with the folder that tells them apart: ``faces · server``."""
    names = []
    for path in paths:
        others = [other for other in paths if other.name == path.name and other != path]
        own = (part for part in reversed(path.parent.parts) if not any(part in other.parts for other in others))
        names.append(f"{path.name} · {next(own, path.parent)}" if others else path.name)
    return names


def colour_of(entry: RunEntry) -> str:
    """Theme token of a run's dot."""
    if entry.state == "failed" or entry.life == "dead":
        return "danger"
    if entry.state == "paused" or entry.life == "silent":
        return "warning"
    return "accent" if entry.alive else "faint"


class RunListModel(QAbstractListModel):
    """Follows a :class:`RunList`."""

    def __init__(self, runs: RunList, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._runs = runs
        self._entries = runs.entries
        self._names = told_apart([entry.path for entry in self._entries])
        runs.changed.connect(self._update)

    def entry(self, index: _Index) -> RunEntry | None:
        """The run in that row."""
        return self._entries[index.row()] if index.isValid() and index.row() < len(self._entries) else None

    def name(self, index: _Index) -> str:
        """What tells the run in that row from the others."""
        return self._names[index.row()]

    def row_of(self, path: Path | None) -> int:
        """Where ``path`` stands; -1 where it does not."""
        return next((row for row, entry in enumerate(self._entries) if entry.path == path), -1)

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 (Qt's own signature)
        return 0 if parent.isValid() else len(self._entries)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        entry = self.entry(index)
        if entry is None:
            return None
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return self.name(index)
            case Qt.ItemDataRole.ToolTipRole:
                return "\n".join(filter(None, (str(entry.path), entry.told(), entry.message)))
            case Qt.ItemDataRole.AccessibleTextRole:
                return f"{self.name(index)}, {entry.told()}"
        return None

    @Slot()
    def _update(self) -> None:
        entries = self._runs.entries
        if [entry.path for entry in entries] == [entry.path for entry in self._entries]:
            self._entries = entries
            if entries:
                self.dataChanged.emit(self.index(0), self.index(len(entries) - 1))
            return
        self.beginResetModel()
        self._entries = entries
        self._names = told_apart([entry.path for entry in entries])
        self.endResetModel()


class RunListView(QListView):
    """Shows them.

    Signals:
        chosen(path): the user wants to see this run.
        remove_requested(path): away from the list with it.
    """

    chosen = Signal(object)
    remove_requested = Signal(object)

    def __init__(self, runs: RunList, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("training.runs")
        self.setAccessibleName("Runs")
        self.setUniformItemSizes(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setItemDelegate(_RunDelegate(self))
        self._model = RunListModel(runs, self)
        self.setModel(self._model)
        self._wanted: Path | None = None
        self._model.modelReset.connect(self._restore)
        self.selectionModel().currentChanged.connect(self._choose)
        theme.themed.changed.connect(self.viewport().update)

    def select(self, path: Path | None) -> None:
        """Mark a run, now or as soon as it is in the list; emits nothing."""
        self._wanted = path
        self._restore()

    @Slot()
    def _restore(self) -> None:
        self.selectionModel().blockSignals(True)
        row = self._model.row_of(self._wanted)
        self.setCurrentIndex(self._model.index(row) if row >= 0 else QModelIndex())
        self.selectionModel().blockSignals(False)
        self.viewport().update()

    @Slot(QModelIndex, QModelIndex)
    def _choose(self, index: QModelIndex, _: QModelIndex) -> None:
        entry = self._model.entry(index)
        if entry is not None and entry.path != self._wanted:
            self._wanted = entry.path
            self.chosen.emit(entry.path)

    def mousePressEvent(self, event: object) -> None:
        super().mousePressEvent(event)  # type: ignore[arg-type]
        entry = self._model.entry(self.currentIndex())
        if entry is not None:  # a click on the current one leaves the form for a new run
            self.chosen.emit(entry.path)

    def keyPressEvent(self, event: object) -> None:
        entry = self._model.entry(self.currentIndex())
        if entry is not None and event.key() == Qt.Key.Key_Delete:  # type: ignore[attr-defined]
            self.remove_requested.emit(entry.path)
            return
        super().keyPressEvent(event)  # type: ignore[arg-type]

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._model.rowCount():
            painter = QPainter(self.viewport())
            painter.setPen(theme.colour("muted"))
            area = self.viewport().rect().adjusted(theme.UNIT, theme.UNIT, -theme.UNIT, -theme.UNIT)
            painter.drawText(area, Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap, _EMPTY)


class _RunDelegate(QStyledItemDelegate):
    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return QSize(0, _HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        model = index.model()
        if not isinstance(model, RunListModel) or (entry := model.entry(index)) is None:
            return
        tokens, unit = theme.current(), theme.UNIT
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        if selected or option.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(option.rect, QColor(tokens.selection if selected else tokens.hover))
        if option.state & QStyle.StateFlag.State_HasFocus:
            painter.fillRect(QRect(option.rect.topLeft(), QSize(2, option.rect.height())), QColor(tokens.accent))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour(colour_of(entry)))
        area = option.rect.adjusted(unit, unit // 2, -unit, -unit // 2)
        half = area.height() // 2
        painter.drawEllipse(QPointF(area.left() + _DOT, area.top() + half / 2), _DOT, _DOT)
        left = area.adjusted(2 * unit, 0, 0, 0)
        for text, colour, top in (
            (model.name(index), tokens.text, left.top()),
            (entry.told(), tokens.muted, left.top() + half),
        ):
            painter.setPen(QColor(colour))
            painter.setFont(theme.numbers_font(option.font))
            line = QRect(left.left(), top, left.width(), half)
            shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, line.width())
            painter.drawText(line, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)
        painter.restore()
