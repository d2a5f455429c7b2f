"""What of a pile is on show, in which order, and how large."""

from __future__ import annotations

import math
from dataclasses import replace

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QComboBox, QHBoxLayout, QSlider, QToolButton, QWidget

from latent_debugger.state.curation import Curation
from latent_debugger.state.curation_query import (
    ALIKE,
    ALL,
    ASK,
    BY_NAME,
    BY_RANKING,
    GROUP,
    LIKELY,
    UNSURE,
    CurationQuery,
    histogram,
)
from latent_debugger.views import icons, theme
from latent_debugger.views.dataset_grid import DEFAULT_SIDE, SIDES
from latent_debugger.views.dataset_histogram import HistogramRange

SHOWN = (
    (ALL, "All pictures", "Every picture of the pile"),
    ("undecided", "Undecided", "Pictures nothing was said about yet"),
    ("kept", "Kept", "Pictures to train on"),
    ("rejected", "Rejected", "Pictures not to train on"),
    (BY_RANKING, "Decided in one go", "What was kept or rejected by one of the buttons below the ranking, not by hand"),
    (ALIKE, "Look-alikes", "Near-duplicates beside each other, the largest of each group first"),
    (ASK, "Questions", "The pictures whose decision would teach the ranking most"),
)
ORDERS = (
    (BY_NAME, "By name", "In the order of the files"),
    (LIKELY, "Most likely to keep", "What the ranking expects you to keep comes first"),
    (UNSURE, "Least certain", "Where the ranking is in doubt comes first"),
)


_WIDE = 800
"""From this width on everything stands in one line."""


class CurationFilter(QWidget):
    """Edits a query about ``curation``.

    Signals:
        changed(CurationQuery).
        side_changed(pixels): of a thumbnail.
        sort_again(): the order has grown old.
    """

    changed = Signal(object)
    side_changed = Signal(int)
    sort_again = Signal()

    def __init__(self, curation: Curation, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._curation = curation
        self._query = CurationQuery()
        self.show_box = _combo("dataset.show", "Show", SHOWN)
        self.order_box = _combo("dataset.order", "Order", ORDERS)
        self.reverse = _button("dataset.reverse", "sort", "Reverse the order", "Show the other end of the order first")
        self.reverse.setCheckable(True)
        self.again = _button("dataset.sort_again", "refresh", "Sort again", "The ranking has learned since: sort again")
        self.score_box = _combo("dataset.score", "Filter by", (("", "Any score", "Filter by a score"),))
        self.range = HistogramRange()
        self.size = QSlider(Qt.Orientation.Horizontal)
        self.size.setObjectName("dataset.size")
        self.size.setAccessibleName("Size of the thumbnails")
        self.size.setToolTip("Size of the thumbnails")
        self.size.setRange(*SIDES)
        self.size.setPageStep(16)
        self.size.setValue(DEFAULT_SIDE)
        self.size.setFixedWidth(12 * theme.UNIT)
        self._lines = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._lay_out()
        self.show_box.currentIndexChanged.connect(self._edit)
        self.order_box.currentIndexChanged.connect(self._edit)
        self.reverse.toggled.connect(self._edit)
        self.again.clicked.connect(self._sort_again)
        self.score_box.currentIndexChanged.connect(self._choose_score)
        self.range.range_changed.connect(self._edit)
        self.size.valueChanged.connect(self.side_changed)
        curation.opened.connect(self._fill)
        curation.opinion_changed.connect(self._grow_old)
        self._fill()

    def _lay_out(self) -> None:
        lines, which, scores, pair = self._lines, QHBoxLayout(), QHBoxLayout(), QHBoxLayout()
        lines.setContentsMargins(0, 0, 0, 0)
        for layout in (lines, which, scores):
            layout.setSpacing(theme.UNIT)
        which.addWidget(self.show_box)
        which.addWidget(self.order_box)
        pair.setSpacing(0)
        pair.addWidget(self.reverse)
        pair.addWidget(self.again)
        which.addLayout(pair)
        which.addStretch(1)
        scores.addWidget(self.score_box)
        scores.addWidget(self.range)
        scores.addStretch(1)
        scores.addWidget(self.size)
        lines.addLayout(which)
        lines.addLayout(scores, 1)

    def query(self) -> CurationQuery:
        """What is on show."""
        return self._query

    def show_only(self, what: str) -> None:
        """One of the choices of :data:`SHOWN`, whatever its score."""
        self.score_box.setCurrentIndex(0)
        self.show_box.setCurrentIndex(self.show_box.findData(what))

    def show_all(self) -> None:
        """Let everything through."""
        self.show_only(ALL)

    @Slot()
    def _fill(self) -> None:
        """The scores of another pile."""
        pile = self._curation.pile
        boxes = (self.show_box, self.order_box, self.score_box, self.reverse)
        for widget in boxes:
            widget.blockSignals(True)
        while self.order_box.count() > len(ORDERS):
            self.order_box.removeItem(self.order_box.count() - 1)
        while self.score_box.count() > 1:
            self.score_box.removeItem(self.score_box.count() - 1)
        for score in pile.scores if pile is not None else ():
            if score.name != GROUP:
                _add(self.order_box, score.name, score.label, score.about)
                _add(self.score_box, score.name, score.label, score.about)
        for box in (self.show_box, self.order_box, self.score_box):
            box.setCurrentIndex(0)
        self.reverse.setChecked(False)
        for widget in boxes:
            widget.blockSignals(False)
        self.again.setEnabled(False)
        self._choose_score()
        self._edit()

    @Slot()
    def _choose_score(self) -> None:
        name, pile = self.score_box.currentData(), self._curation.pile
        known = pile is not None and name in pile.values
        self.range.setVisible(known)
        self.score_box.setToolTip(self.score_box.currentData(Qt.ItemDataRole.ToolTipRole))
        if known and pile is not None:
            unit = next((score.unit for score in pile.scores if score.name == name), "")
            self.range.set_histogram(histogram(pile.values[name]), unit)
        self._edit()

    @Slot()
    def _edit(self) -> None:
        low, high = self.range.range() if self.score_box.currentData() else (-math.inf, math.inf)
        query = replace(
            self._query,
            show=self.show_box.currentData(),
            order=self.order_box.currentData(),
            best_first=not self.reverse.isChecked(),
            score=self.score_box.currentData(),
            low=low,
            high=high,
        )
        self.show_box.setToolTip(self.show_box.currentData(Qt.ItemDataRole.ToolTipRole))
        self.order_box.setToolTip(self.order_box.currentData(Qt.ItemDataRole.ToolTipRole))
        own_order = query.show in (ALIKE, ASK)
        self.order_box.setEnabled(not own_order)
        self.reverse.setEnabled(not own_order)
        self.score_box.setEnabled(query.show != ASK)
        self.again.setVisible(query.by_opinion)
        if query != self._query:
            self._query = query
            self.again.setEnabled(False)
            self.changed.emit(query)

    @Slot()
    def _grow_old(self) -> None:
        """What is under the user's hands stays in its place until it is told to sort again."""
        self.again.setEnabled(self._query.by_opinion)

    @Slot()
    def _sort_again(self) -> None:
        self.again.setEnabled(False)
        self.sort_again.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        wide = self.width() >= _WIDE
        self._lines.setDirection(QBoxLayout.Direction.LeftToRight if wide else QBoxLayout.Direction.TopToBottom)
        super().resizeEvent(event)


def _combo(name: str, title: str, choices: tuple[tuple[str, str, str], ...]) -> QComboBox:
    box = QComboBox()
    box.setObjectName(name)
    box.setAccessibleName(title)
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
    box.setMinimumWidth(10 * theme.UNIT)  # or the longest entry would keep the panel wide
    for value, text, about in choices:
        _add(box, value, text, about)
    return box


def _add(box: QComboBox, value: str, text: str, about: str) -> None:
    box.addItem(text, value)
    box.setItemData(box.count() - 1, about, Qt.ItemDataRole.ToolTipRole)


def _button(name: str, icon: str, title: str, tooltip: str) -> QToolButton:
    made = QToolButton()
    icons.set_icon(made, icon)
    made.setObjectName(name)
    made.setAccessibleName(title)
    made.setToolTip(tooltip)
    made.setIconSize(QSize(16, 16))
    return made
