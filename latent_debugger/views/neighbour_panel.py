"""The panel of the neighbours: how far, how many, around what; and the pictures found there."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QModelIndex, QPoint, Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QBoxLayout,
    QHBoxLayout,
    QMenu,
    QVBoxLayout,
    QWidget,
)

from latent_debugger.state.neighbour_state import NeighbourState
from latent_debugger.views import icons, theme
from latent_debugger.views import neighbour_fields as fields
from latent_debugger.views.neighbour_model import NeighbourListModel
from latent_debugger.views.thumbnail_view import ThumbnailView

_SIDES = (64, 96, 128)
_WIDE, _MEDIUM = 640, 560
"""From these widths on all controls stand in one line, or two lines hold them and the read-out."""
_FAR = 2.0
SORT_HELP = "Let those come first that the critic likes most"
NO_MODEL = "Open a checkpoint to see pictures near the current one."
_MINUS = "\N{MINUS SIGN}"


class NeighbourPanel(QWidget):
    """Edits ``state`` and shows pictures; drawing and rendering the neighbours is up to others.

    Signals:
        sample_requested(): draw anew.
        chosen(row): go there.
        star_requested(row): keep it.
        back_requested(), forward_requested(): show the generation before or after.
        sort_toggled(on): let them stand in the critic's order.
    """

    sample_requested = Signal()
    chosen = Signal(int)
    star_requested = Signal(int)
    back_requested = Signal()
    forward_requested = Signal()
    sort_toggled = Signal(bool)

    def __init__(self, state: NeighbourState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("neighbourPanel")
        self.setAccessibleName("Neighbours")
        self._state = state
        self._change: float | None = None
        self._note = ""
        self.model = NeighbourListModel(self)
        self.sigma, self.sigma_slider = fields.sigma_field(), fields.sigma_slider()
        self.count = fields.count_field()
        self.source = fields.combo(
            "neighbours.source", "Source", fields.SOURCES, "What the neighbours are drawn around"
        )
        self.mode = fields.combo("neighbours.mode", "Mode", fields.MODES, fields.MODE_HELP)
        self.only_pinned = fields.button(
            "neighbours.only_pinned", "pin", "Pinned only", "Vary only the pinned dimensions"
        )
        self.only_pinned.setCheckable(True)
        self.back = fields.button(
            "neighbours.backButton", "back", "Earlier neighbours", "Earlier neighbours (Alt+Left)"
        )
        self.forward = fields.button(
            "neighbours.forwardButton", "forward", "Later neighbours", "Later neighbours (Alt+Right)"
        )
        self.sort = fields.button("neighbours.sort", "sort", "Sort by the critic", SORT_HELP)
        self.sort.setCheckable(True)
        self.sort.setEnabled(False)
        self.sample = fields.button("neighbours.again", "refresh", "Sample neighbours", "Draw other neighbours (N)")
        self.change, self.generation = fields.change_label(), fields.generation_label()
        self.list = _list_view()
        self.list.setModel(self.model)
        self._medium: bool | None = None
        self._controls = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._lay_out()

        self.sigma.valueChanged.connect(state.set_sigma)
        self.sigma_slider.valueChanged.connect(self._slide)
        self.count.valueChanged.connect(state.set_count)
        self.source.currentIndexChanged.connect(self._choose_source)
        self.mode.currentIndexChanged.connect(self._choose_mode)
        self.only_pinned.toggled.connect(state.set_only_pinned)
        self.sort.toggled.connect(self.sort_toggled)
        self.sample.clicked.connect(self._ask_sample)
        self.back.clicked.connect(self._ask_back)
        self.forward.clicked.connect(self._ask_forward)
        self.list.clicked.connect(self._choose)
        self.list.opened.connect(self._choose)
        self.list.star_clicked.connect(self._star)
        self.list.customContextMenuRequested.connect(self._show_menu)
        state.changed.connect(self._sync)
        theme.themed.changed.connect(self._colour_change)
        self._sync()
        self.set_reading(None, None, None)
        self.set_generation(0, 0, False, False)
        self.set_empty(NO_MODEL)

    def _lay_out(self) -> None:
        unit = theme.UNIT
        self._noise, self._around = noise, around = QHBoxLayout(), QHBoxLayout()
        self._told, self._buttons = QWidget(), QWidget()
        told, buttons = QHBoxLayout(self._told), QHBoxLayout(self._buttons)
        for line in (noise, around, told, self._controls):
            line.setSpacing(unit)
        for line in (told, buttons):
            line.setContentsMargins(0, 0, 0, 0)
        noise.addWidget(fields.caption("σ", self.sigma))
        noise.addWidget(self.sigma_slider, 1)
        noise.addWidget(self.sigma)
        noise.addWidget(fields.caption("n", self.count))
        noise.addWidget(self.count)
        around.addWidget(self.source, 1)
        around.addWidget(self.mode, 1)
        buttons.setSpacing(0)
        for button in (self.only_pinned, self.sort, self.back, self.forward, self.sample):
            buttons.addWidget(button)
        told.addWidget(self.change)
        told.addStretch(1)
        told.addWidget(self.generation)
        self._controls.addLayout(noise, 1)
        self._controls.addLayout(around)
        self._column = column = QVBoxLayout(self)
        column.setContentsMargins(unit, unit // 4, unit, 0)  # two lines of tiles just fit below a picture of 9 x 64
        column.setSpacing(unit // 4)
        column.addLayout(self._controls)
        column.addWidget(self.list, 1)
        self._place_controls()
        self.setMinimumSize(320, 140)

    # Setters

    def set_tiles(self, n: int) -> None:
        """``n`` new neighbours are on their way: :meth:`set_tile` brings their pictures, none of them is starred."""
        self.model.set_tiles(n)

    def set_tile(self, row: int, image: npt.NDArray[np.uint8]) -> None:
        """The picture of neighbour ``row``: uint8 (height, width, channels)."""
        self.model.set_tile(row, image)

    def set_starred_rows(self, rows: set[int]) -> None:
        """Which neighbours are bookmarks."""
        self.model.set_starred_rows(rows)

    def set_reading(self, angle: float | None, norms: tuple[float, float] | None, norm_change: float | None) -> None:
        """How far the neighbours lie from what they were drawn around, on average; None for nothing to tell.

        Args:
            angle: in degrees.
            norms: |z| before and after.
            norm_change: of |z|, in standard deviations of the chi distribution.
        """
        self._change = norm_change
        parts = [self._note] if self._note and angle is not None else []
        if angle is not None:
            parts.append(f"{angle:.0f}° away" if angle >= 1 or angle == 0 else f"{angle:.1f}° away")
        if norms is not None:
            parts.append(f"|z| {norms[0]:.1f} → {norms[1]:.1f}")
        if norm_change is not None:
            parts.append(f"Δ|z| {norm_change:+.1f} σ".replace("-", _MINUS))
        self.change.setText(" · ".join(parts))
        self._colour_change()

    def set_note(self, text: str) -> None:
        """What the next read-out begins with; empty for nothing."""
        self._note = text

    def set_sort(self, on: bool, why_not: str = "") -> None:
        """Whether they stand in the critic's order, which nobody announces; and why they cannot, if so."""
        self.sort.blockSignals(True)
        self.sort.setChecked(on and not why_not)
        self.sort.blockSignals(False)
        self.sort.setEnabled(not why_not)
        self.sort.setToolTip(why_not or SORT_HELP)

    def set_generation(self, number: int, count: int, back: bool, forward: bool) -> None:
        """Which generation of neighbours is on show, from 1, of how many; and whether there are others either way."""
        self.generation.setText(f"{number} of {count}" if count > 1 else "")
        self.back.setEnabled(back)
        self.forward.setEnabled(forward)

    @Slot()
    def _colour_change(self) -> None:
        far = self._change is not None and abs(self._change) > _FAR
        self.change.setStyleSheet(f"color: {theme.current().warning};" if far else "")

    def set_empty(self, text: str) -> None:
        """The sentence shown while there is no neighbour."""
        self.list.set_empty(text)

    # The state and its controls

    @Slot()
    def _sync(self) -> None:
        state = self._state
        edited = (self.sigma, self.sigma_slider, self.count, self.source, self.mode, self.only_pinned)
        for widget in edited:
            widget.blockSignals(True)
        self.sigma.setMaximum(state.max_sigma)
        self.sigma_slider.setMaximum(round(state.max_sigma * fields.UNITS))
        if self.sigma.value() != round(state.sigma, self.sigma.decimals()):  # or else typing would be disturbed
            self.sigma.setValue(state.sigma)
        self.sigma_slider.setValue(round(state.sigma * fields.UNITS))
        self.count.setValue(state.count)
        self.source.setCurrentIndex(self.source.findData(state.source))
        self.mode.setCurrentIndex(self.mode.findData(state.mode))
        self.only_pinned.setChecked(state.only_pinned)
        for widget in edited:
            widget.blockSignals(False)

    @Slot(int)
    def _slide(self, position: int) -> None:
        self._state.set_sigma(position / fields.UNITS)

    @Slot()
    def _choose_source(self) -> None:
        self._state.set_source(self.source.currentData())

    @Slot()
    def _choose_mode(self) -> None:
        self._state.set_mode(self.mode.currentData())

    # What the user wants

    @Slot()
    def _ask_sample(self) -> None:
        self.sample_requested.emit()

    @Slot()
    def _ask_back(self) -> None:
        self.back_requested.emit()

    @Slot()
    def _ask_forward(self) -> None:
        self.forward_requested.emit()

    @Slot(QModelIndex)
    def _choose(self, index: QModelIndex) -> None:
        self.chosen.emit(self.model.neighbour_at(index.row()))

    @Slot(QModelIndex)
    def _star(self, index: QModelIndex) -> None:
        self.star_requested.emit(self.model.neighbour_at(index.row()))

    @Slot(QPoint)
    def _show_menu(self, position: QPoint) -> None:
        index = self.list.indexAt(position)
        if not index.isValid():
            return
        self.list.setCurrentIndex(index)
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.setAccessibleName("Neighbour")
        menu.addAction("Go there", self._choose_current)
        icons.set_icon(menu.addAction("Keep as a star", self._star_current), "star")
        menu.popup(self.list.viewport().mapToGlobal(position))

    @Slot()
    def _choose_current(self) -> None:
        self._choose(self.list.currentIndex())

    @Slot()
    def _star_current(self) -> None:
        self._star(self.list.currentIndex())

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._place_controls()
        super().resizeEvent(event)

    def _place_controls(self) -> None:
        """The fewer lines they take, the more is left for the tiles."""
        wide, medium = self.width() >= _WIDE, _MEDIUM <= self.width() < _WIDE
        self._controls.setDirection(QBoxLayout.Direction.LeftToRight if wide else QBoxLayout.Direction.TopToBottom)
        if self._medium == medium:
            return
        self._medium = medium
        if medium:
            self._noise.addWidget(self._buttons)
            self._around.addWidget(self._told, 2)
        else:
            self._around.addWidget(self._buttons)
            self._column.insertWidget(1, self._told)


def _list_view() -> ThumbnailView:
    view = ThumbnailView(_SIDES, named=False)
    view.setObjectName("neighbourList")
    view.setAccessibleName("Neighbours")
    view.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
    view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
    return view
