"""The panel of the latent: find and range above, one row per dimension, random, zero and seed below."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QDoubleSpinBox, QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from latent_debugger.state.latent import LatentState
from latent_debugger.views import icons, latent_find, theme
from latent_debugger.views.latent_list import LatentList
from latent_debugger.views.seed_field import SeedField

DEFAULT_RANGE = 3.0


class LatentPanel(QWidget):
    """Shows ``latent`` and says what the user wants of it; changes nothing itself.

    Signals:
        value_edited(dim, value, token): edits in a row with the same token are one step for the user; None stands
            alone.
        lock_toggled(dim), reset_requested(dim), random_requested(), zero_requested().
        seed_submitted(int as object): draw the latent of this seed.
        range_changed(float): the sliders now go from -range to +range.
    """

    value_edited = Signal(int, float, object)
    lock_toggled = Signal(int)
    reset_requested = Signal(int)
    random_requested = Signal()
    zero_requested = Signal()
    seed_submitted = Signal(object)
    range_changed = Signal(float)

    def __init__(self, latent: LatentState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("latentPanel")
        self.setAccessibleName("Latents")
        self._latent = latent
        self.list = LatentList()
        self.find_field, self.range_field, self.seed_field = _find_field(), _range_field(), SeedField()
        self.seed_field.setObjectName("latent.seed")
        self.random = _button("Random", "dice", "Draw all unlocked values at random", "R")
        self.zero = _button("Zero", "zero", "Set all unlocked values to zero", "Z")
        self._lay_out()

        self.list.edited.connect(self.value_edited)
        self.list.lock_toggled.connect(self.lock_toggled)
        self.list.reset_requested.connect(self.reset_requested)
        self.random.clicked.connect(self._ask_random)
        self.zero.clicked.connect(self._ask_zero)
        self.seed_field.submitted.connect(self.seed_submitted)
        self.seed_field.textChanged.connect(self._mark_seed)
        self.find_field.textChanged.connect(self._filter)
        self.range_field.valueChanged.connect(self._rescale)
        latent.resized.connect(self._rebuild)
        latent.changed.connect(self._sync)
        latent.locks_changed.connect(self._sync_locks)
        self._rebuild()
        self._sync(None)

    def _lay_out(self) -> None:
        unit = theme.UNIT
        above, below = QHBoxLayout(), QHBoxLayout()
        for row in (above, below):
            row.setContentsMargins(unit, unit, unit, unit)
            row.setSpacing(unit)
        above.addWidget(self.find_field, 1)
        above.addWidget(_caption("Range", self.range_field))
        above.addWidget(self.range_field)
        below.addWidget(self.random)
        below.addWidget(self.zero)
        below.addWidget(_caption("Seed", self.seed_field))
        below.addWidget(self.seed_field, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(above)
        column.addWidget(self.list, 1)
        column.addLayout(below)
        self.setMinimumWidth(240)

    def slider_range(self) -> float:
        """The sliders go from minus this to plus this."""
        return self.range_field.value()

    def set_range(self, limit: float) -> None:
        """Let the sliders go from -limit to +limit (0.5 to 20); the latent stays as it is."""
        self.range_field.setValue(limit)

    @Slot(object)
    def set_seed(self, seed: object) -> None:
        """Show the seed of the latest draw (an int), or None."""
        self.seed_field.set_seed(seed if isinstance(seed, int) else None)

    @Slot()
    def _rebuild(self) -> None:
        self.list.build(self._latent.dim)
        for widget in (self.find_field, self.range_field, self.seed_field, self.random, self.zero):
            widget.setEnabled(self._latent.dim > 0)
        self._sync_locks()

    @Slot(object)
    def _sync(self, dims: object) -> None:
        only = dims if isinstance(dims, frozenset) else None
        self.list.sync(self._latent.z.tolist(), self.range_field.value(), only)
        self._mark_seed()

    @Slot()
    def _sync_locks(self) -> None:
        self.list.sync_locks(self._latent.locks.tolist())
        self._filter()

    @Slot()
    def _filter(self) -> None:
        found = self.list.show_matching(self.find_field.text())
        if not self._latent.dim:
            self.list.set_empty("Open a checkpoint to see its latent.")
        elif not found:
            self.list.set_empty(f"No dimension matches “{self.find_field.text()}”.")

    @Slot(float)
    def _rescale(self, limit: float) -> None:
        self.list.sync(self._latent.z.tolist(), limit)
        self.range_changed.emit(limit)

    @Slot()
    def _mark_seed(self) -> None:
        seed = self.seed_field.seed()
        self.seed_field.set_current(seed is None or self._latent.origin.seed == seed)

    @Slot()
    def _ask_random(self) -> None:
        self.random_requested.emit()

    @Slot()
    def _ask_zero(self) -> None:
        self.zero_requested.emit()


def _find_field() -> QLineEdit:
    field = QLineEdit()
    field.setObjectName("latent.find")
    field.setAccessibleName("Find a dimension")
    field.setPlaceholderText("Find a dimension")
    field.setClearButtonEnabled(True)
    field.setToolTip(f"{latent_find.HELP} (Ctrl+F)")
    return field


def _range_field() -> QDoubleSpinBox:
    field = QDoubleSpinBox()
    field.setObjectName("latent.range")
    field.setAccessibleName("Range of the sliders")
    field.setRange(0.5, 20.0)
    field.setSingleStep(0.5)
    field.setDecimals(1)
    field.setPrefix("±\N{THIN SPACE}")
    field.setValue(DEFAULT_RANGE)
    field.setKeyboardTracking(False)
    field.setFont(theme.numbers_font(field.font()))
    field.setToolTip("How far the sliders go to either side; values beyond stay as they are")
    return field


def _button(text: str, icon: str, tooltip: str, key: str) -> QPushButton:
    button = QPushButton(text)
    icons.set_icon(button, icon)
    button.setAccessibleName(text)
    button.setToolTip(f"{tooltip} ({QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText)})")
    return button


def _caption(text: str, buddy: QWidget) -> QLabel:
    label = QLabel(text)
    label.setProperty("quiet", True)
    label.setBuddy(buddy)
    return label
