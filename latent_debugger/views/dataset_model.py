"""The pictures of a pile as Qt's model/view wants them: those that the query lets through, in its order."""

from __future__ import annotations

import html
import math
from enum import IntEnum

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Slot
from PySide6.QtGui import QImage

from latent_debugger.state.curation import KEEP, REJECT, Curation, Pile, Rows
from latent_debugger.state.curation_query import CurationQuery, rows_of
from latent_debugger.views.canvas import to_qimage

Index = QModelIndex | QPersistentModelIndex

WORDS = {KEEP: "kept", REJECT: "rejected"}


class CurationRole(IntEnum):
    """What the model tells about a tile."""

    PICTURE = Qt.ItemDataRole.UserRole + 1
    """int: which picture of the pile."""
    DECISION = Qt.ItemDataRole.UserRole + 2
    """int: -1 undecided, 0 reject, 1 keep."""
    BY_RANKING = Qt.ItemDataRole.UserRole + 3
    """bool: not decided by hand."""


class CurationListModel(QAbstractListModel):
    """A row of the list is a *place*; what stands there is a *picture*, a row of the pile."""

    def __init__(self, curation: Curation, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._curation = curation
        self._query = CurationQuery()
        self._pictures: Rows = np.zeros(0, np.int64)
        self._places: Rows = np.zeros(0, np.int64)
        curation.opened.connect(self.refresh)
        curation.decided.connect(self._redecide)
        curation.asks_changed.connect(self._ask_anew)

    @property
    def pile(self) -> Pile | None:
        """What the pictures belong to."""
        return self._curation.pile

    @property
    def query(self) -> CurationQuery:
        """What is on show."""
        return self._query

    def set_query(self, query: CurationQuery) -> None:
        """Show other pictures, or the same in another order."""
        self._query = query
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Ask the query again: a new ranking has other favourites."""
        self.beginResetModel()
        self._pictures = rows_of(self._query, self._curation)
        self._places = np.full(len(self.pile) if self.pile is not None else 0, -1, np.int64)
        self._places[self._pictures] = np.arange(len(self._pictures))
        self.endResetModel()

    def pictures(self) -> Rows:
        """The pictures on show, in order: int64 (k,)."""
        return self._pictures

    def picture_at(self, place: int) -> int:
        """Which picture stands there."""
        return int(self._pictures[place])

    def place_of(self, picture: int) -> int:
        """Where a picture stands; -1 where it is not on show."""
        return int(self._places[picture]) if 0 <= picture < len(self._places) else -1

    def places_of(self, pictures: Rows) -> Rows:
        """Where those of some pictures that are on show stand, ascending."""
        known = pictures[(pictures >= 0) & (pictures < len(self._places))]
        places = np.sort(self._places[known])
        return places[places >= 0]

    def tile(self, place: int) -> tuple[int, int, bool]:
        """Which picture stands there, its decision, and whether the ranking took it: all that drawing it needs."""
        picture = int(self._pictures[place])
        return picture, int(self._curation.keep()[picture]), bool(self._curation.by_ranking()[picture])

    def thumbnail(self, picture: int) -> QImage:
        """A picture of the pile, small; null where it cannot be read any more."""
        pile = self._curation.pile
        return to_qimage(pile.thumbnails[picture]) if pile is not None else QImage()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 (Qt's own default)
        return 0 if parent.isValid() else len(self._pictures)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid() or not 0 <= index.row() < len(self._pictures):
            return None
        picture = int(self._pictures[index.row()])
        match role:
            case CurationRole.PICTURE:
                return picture
            case CurationRole.DECISION:
                return int(self._curation.keep()[picture])
            case CurationRole.BY_RANKING:
                return bool(self._curation.by_ranking()[picture])
            case Qt.ItemDataRole.AccessibleTextRole:
                return f"{self._path(picture)}, {self._decision(picture)}"
            case Qt.ItemDataRole.ToolTipRole:
                return tip(self.describe(picture))
        return None

    def describe(self, picture: int) -> str:
        """Everything known about a picture, a line each."""
        pile, opinion = self._curation.pile, self._curation.opinion
        if pile is None:
            return ""
        width, height = pile.sizes[picture]
        lines = [pile.paths[picture], f"{width} × {height} px · {self._decision(picture)}"]
        if opinion is not None and opinion.enough:
            lines.append(f"Likely to be kept: {100 * opinion.probability[picture]:.0f} %")
        lines += [
            f"{score.label}: {tell(float(pile.values[score.name][picture]), score.unit)}"
            for score in pile.scores
            if score.name not in ("size", "group")
        ]
        return "\n".join(lines)

    def _path(self, picture: int) -> str:
        pile = self._curation.pile
        return pile.paths[picture] if pile is not None else ""

    def _decision(self, picture: int) -> str:
        word = WORDS.get(int(self._curation.keep()[picture]), "undecided")
        return f"{word} in one go" if self._curation.by_ranking()[picture] else word

    @Slot(object)
    def _redecide(self, pictures: npt.NDArray[np.int64]) -> None:
        if self._query.by_decision:
            self.refresh()
        elif len(pictures) == 1:
            place = self.place_of(int(pictures[0]))
            if place >= 0:
                self.dataChanged.emit(self.index(place), self.index(place))
        elif len(self._pictures):
            self.dataChanged.emit(self.index(0), self.index(len(self._pictures) - 1))

    @Slot()
    def _ask_anew(self) -> None:
        if self._query.show == "ask":
            self.refresh()


def tip(text: str) -> str:
    """``text`` for a tooltip, which would take a file called ``<b>.png`` for HTML."""
    return f"<p style='white-space:pre'>{html.escape(text)}</p>" if "<" in text else text


def tell(value: float, unit: str) -> str:
    """A score with its unit, to two or three figures."""
    if not math.isfinite(value):
        return "unknown"
    figures = f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:.3g}"
    gap = " " if unit else ""
    return f"{figures}{gap}{unit}"
