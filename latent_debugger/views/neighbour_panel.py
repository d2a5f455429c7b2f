"""The panel of the neighbours: how far, how many, around what; and the pictures found there."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QModelIndex, QPoint, Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QBoxLayout,
    QComboBox,
    QDoubleSpinBox,
    QHBoxLayout,
    QLabel,
    QMenu,
    QSlider,
    QSpinBox,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from latent_debugger.state.neighbour_state import MAX_COUNT, MAX_SIGMA, MIN_COUNT, NeighbourState
from latent_debugger.views import icons, theme
from latent_debugger.views.neighbour_model import NeighbourListModel
from latent_debugger.views.thumbnail_view import ThumbnailView

_SIDES = (64, 96, 128)
_UNITS = 100
_WIDE = 640
"""From this width on all controls stand in one line."""
_FAR = 2.0
_SOURCES = (("Current picture", "current"), ("Selected stars", "selected"), ("All stars", "all"))
_MODES = (("Additive", "additive"),)


class NeighbourPanel(QWidget):
    """Edits ``state`` and shows pictures; drawing and rendering the neighbours is up to others.

    Signals:
        sample_requested(): draw anew.
        chosen(row): go there.
        star_requested(row): keep it.
    """

    sample_requested = Signal()
    chosen = Signal(int)
    star_requested = Signal(int)

    def __init__(self, state: NeighbourState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("neighbourPanel")
        self.setAccessibleName("Neighbours")
        self._state = state
        self._change: float | None = None
        self.model = NeighbourListModel(self)
        self.sigma, self.sigma_slider = _sigma_field(), _sigma_slider()
        self.count = _count_field()
        self.source = _combo("neighbours.source", "Source", _SOURCES, "What the neighbours are drawn around")
        self.mode = _combo("neighbours.mode", "Mode", _MODES, "Additive: noise of σ is added to every unlocked value")
        self.change, self.sample = _change_label(), _sample_button()
        self.list = _list_view()
        self.list.setModel(self.model)
        self._controls = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._lay_out()

        self.sigma.valueChanged.connect(state.set_sigma)
        self.sigma_slider.valueChanged.connect(self._slide)
        self.count.valueChanged.connect(state.set_count)
        self.source.currentIndexChanged.connect(self._choose_source)
        self.mode.currentIndexChanged.connect(self._choose_mode)
        self.sample.clicked.connect(self._ask_sample)
        self.list.clicked.connect(self._choose)
        self.list.opened.connect(self._choose)
        self.list.star_clicked.connect(self._star)
        self.list.customContextMenuRequested.connect(self._show_menu)
        state.changed.connect(self._sync)
        theme.themed.changed.connect(self._colour_change)
        self._sync()
        self.set_norm_change(None)
        self.set_empty("Open a checkpoint to see pictures near the current one.")

    def _lay_out(self) -> None:
        unit = theme.UNIT
        noise, around = QHBoxLayout(), QHBoxLayout()
        for line in (noise, around, self._controls):
            line.setSpacing(unit)
        noise.addWidget(_caption("σ", self.sigma))
        noise.addWidget(self.sigma_slider, 1)
        noise.addWidget(self.sigma)
        noise.addWidget(_caption("n", self.count))
        noise.addWidget(self.count)
        around.addWidget(self.source)
        around.addWidget(self.mode)
        around.addStretch(1)
        around.addWidget(self.change)
        around.addWidget(self.sample)
        self._controls.addLayout(noise, 1)
        self._controls.addLayout(around, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(unit, unit, unit, unit)
        column.setSpacing(unit)
        column.addLayout(self._controls)
        column.addWidget(self.list, 1)
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

    def set_norm_change(self, change: float | None) -> None:
        """The mean change of |z| in standard deviations of the chi distribution; None for nothing to tell."""
        self._change = change
        self.change.setText("" if change is None else f"Δ|z| {change:+.1f} σ".replace("-", "\N{MINUS SIGN}"))
        self._colour_change()

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
        for widget in (self.sigma, self.sigma_slider, self.count, self.source, self.mode):
            widget.blockSignals(True)
        if self.sigma.value() != round(state.sigma, self.sigma.decimals()):  # or else typing would be disturbed
            self.sigma.setValue(state.sigma)
        self.sigma_slider.setValue(round(state.sigma * _UNITS))
        self.count.setValue(state.count)
        self.source.setCurrentIndex(self.source.findData(state.source))
        self.mode.setCurrentIndex(self.mode.findData(state.mode))
        for widget in (self.sigma, self.sigma_slider, self.count, self.source, self.mode):
            widget.blockSignals(False)

    @Slot(int)
    def _slide(self, position: int) -> None:
        self._state.set_sigma(position / _UNITS)

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

    @Slot(QModelIndex)
    def _choose(self, index: QModelIndex) -> None:
        self.chosen.emit(index.row())

    @Slot(QModelIndex)
    def _star(self, index: QModelIndex) -> None:
        self.star_requested.emit(index.row())

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
        wide = self.width() >= _WIDE
        self._controls.setDirection(QBoxLayout.Direction.LeftToRight if wide else QBoxLayout.Direction.TopToBottom)
        super().resizeEvent(event)


def _list_view() -> ThumbnailView:
    view = ThumbnailView(_SIDES, named=False)
    view.setObjectName("neighbourList")
    view.setAccessibleName("Neighbours")
    view.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
    view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
    return view


def _sigma_field() -> QDoubleSpinBox:
    field = QDoubleSpinBox()
    field.setObjectName("neighbours.sigma")
    field.setAccessibleName("Sigma")
    field.setToolTip("Standard deviation of the noise: 0 stays in place, 2 goes far away")
    field.setRange(0.0, MAX_SIGMA)
    field.setDecimals(2)
    field.setSingleStep(0.05)
    field.setKeyboardTracking(False)
    field.setFont(theme.numbers_font(field.font()))
    return field


def _sigma_slider() -> QSlider:
    slider = QSlider(Qt.Orientation.Horizontal)
    slider.setObjectName("neighbours.sigmaSlider")
    slider.setAccessibleName("Sigma slider")
    slider.setToolTip("Standard deviation of the noise: 0 stays in place, 2 goes far away")
    slider.setRange(0, round(MAX_SIGMA * _UNITS))
    slider.setSingleStep(1)
    slider.setPageStep(10)
    slider.setMinimumWidth(64)
    return slider


def _count_field() -> QSpinBox:
    field = QSpinBox()
    field.setObjectName("neighbours.count")
    field.setAccessibleName("Number of neighbours")
    field.setToolTip("How many neighbours to draw")
    field.setRange(MIN_COUNT, MAX_COUNT)
    field.setKeyboardTracking(False)
    field.setFont(theme.numbers_font(field.font()))
    return field


def _combo(name: str, title: str, choices: tuple[tuple[str, str], ...], tooltip: str) -> QComboBox:
    combo = QComboBox()
    combo.setObjectName(name)
    combo.setAccessibleName(title)
    combo.setToolTip(tooltip)
    for text, value in choices:
        combo.addItem(text, value)
    return combo


def _change_label() -> QLabel:
    label = QLabel()
    label.setObjectName("neighbours.change")
    label.setAccessibleName("Mean change of the distance from the origin")
    label.setProperty("quiet", True)
    label.setFont(theme.numbers_font(label.font()))
    label.setToolTip(
        "How much further from the origin the neighbours lie on average, in standard deviations of |z|.\n"
        "Beyond about ±2 the generator has hardly ever been; its pictures get worse there."
    )
    return label


def _sample_button() -> QToolButton:
    button = QToolButton()
    icons.set_icon(button, "refresh")
    button.setObjectName("neighbours.again")
    button.setAccessibleName("Sample neighbours")
    button.setToolTip("Draw other neighbours (N)")
    return button


def _caption(text: str, buddy: QWidget) -> QLabel:
    label = QLabel(text)
    label.setProperty("quiet", True)
    label.setBuddy(buddy)
    return label
