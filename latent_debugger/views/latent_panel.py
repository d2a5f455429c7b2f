"""The panel of the latent: find, order and range above, a row or fader per dimension, random, zero and seed below."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication, QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from latent_debugger.state.arrangement import Arrangement
from latent_debugger.state.latent import LatentState
from latent_debugger.state.sensitivity import Figures
from latent_debugger.views import theme
from latent_debugger.views.label_field import LabelField
from latent_debugger.views.latent_fields import button, caption, find_field, range_field
from latent_debugger.views.latent_list import LatentList
from latent_debugger.views.latent_menus import ArrangeButton, row_menu
from latent_debugger.views.latent_readout import LatentReadout
from latent_debugger.views.latent_sections import sections
from latent_debugger.views.seed_field import SeedField

NO_MODEL = "Open a checkpoint to see its latent."


class LatentPanel(QWidget):
    """Shows ``latent``, laid out as ``arrangement`` says, and says what the user wants of it.

    It changes sorting, grouping, folding and view itself, and nothing else.

    Args:
        arrangement: one of its own unless given.

    Signals:
        value_edited(dim, value, token): edits in a row with the same token are one step for the user; None stands
            alone.
        lock_toggled(dim), pin_toggled(dim), hide_toggled(dim), reset_requested(dim).
        random_requested(), zero_requested(), unpin_requested(), show_all_requested().
        seed_submitted(int as object): draw the latent of this seed.
        range_changed(float): the sliders now go from -range to +range.
        looked_at(dim): the pointer, or the keyboard, came to a dimension; -1 when it left.
        sensitivity_wanted(): an order was chosen for which the dimensions have to be measured.
    """

    value_edited = Signal(int, float, object)
    lock_toggled = Signal(int)
    pin_toggled = Signal(int)
    hide_toggled = Signal(int)
    reset_requested = Signal(int)
    random_requested = Signal()
    zero_requested = Signal()
    unpin_requested = Signal()
    show_all_requested = Signal()
    seed_submitted = Signal(object)
    range_changed = Signal(float)
    looked_at = Signal(int)
    sensitivity_wanted = Signal()

    def __init__(
        self, latent: LatentState, arrangement: Arrangement | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("latentPanel")
        self.setAccessibleName("Latents")
        self._latent = latent
        self._rows = rows = arrangement if arrangement is not None else Arrangement(latent, self)
        self._touched = self._pointed = -1
        self._figures: Figures | None = None
        self._ranked: Figures | None = None  # those that the rows are ordered by: they hold still under the pointer
        self._no_model = NO_MODEL
        self._seed_soon = QTimer(self)  # a draw changes latent and seed: restyling for both in between costs the most
        self._seed_soon.setSingleShot(True)
        self._seed_soon.setInterval(0)
        self._seed_soon.timeout.connect(self._mark_seed)
        self.list, self.readout = LatentList(), LatentReadout()
        self.arrange = ArrangeButton(rows)
        self.measure = QToolButton()
        self.measure.setObjectName("latent.measure")
        self.measure.hide()  # until it is given something to do
        self.find_field, self.range_field, self.seed_field = find_field(), range_field(), SeedField()
        self.seed_field.setObjectName("latent.seed")
        self.label_field = LabelField()
        self.list.tab_after = self.range_field
        self.random = button("Random", "dice", "Draw all unlocked values at random", "R")
        self.zero = button("Zero", "zero", "Set all unlocked values to zero", "Z")
        self._lay_out()

        for part in (self.list, self.readout):
            part.edited.connect(self.value_edited)
            part.lock_toggled.connect(self.lock_toggled)
            part.pin_toggled.connect(self.pin_toggled)
        self.list.reset_requested.connect(self.reset_requested)
        self.list.menu_requested.connect(self._show_menu)
        self.list.pointed.connect(self._point)
        self.list.fold_requested.connect(rows.set_folded)
        self.list.left.connect(self._rank_at_last)
        self.arrange.sensitivity_wanted.connect(self.sensitivity_wanted)
        self.arrange.show_all.triggered.connect(self._ask_show_all)
        self.arrange.unpin_all.triggered.connect(self._ask_unpin)
        self.random.clicked.connect(self._ask_random)
        self.zero.clicked.connect(self._ask_zero)
        self.seed_field.submitted.connect(self.seed_submitted)
        self.seed_field.textChanged.connect(self._seed_changed)
        self.find_field.textChanged.connect(self._find)
        self.range_field.valueChanged.connect(self._rescale)
        latent.resized.connect(self._rebuild)
        latent.changed.connect(self._sync)
        latent.locks_changed.connect(self._sync_locks)
        rows.marked.connect(self._sync_marks)
        rows.arranged.connect(self._rank)
        rows.faders_changed.connect(self._turn)
        QApplication.instance().focusChanged.connect(self._follow_focus)
        self._turn(rows.settings.faders)
        self._rebuild()
        self._sync(None)

    def _lay_out(self) -> None:
        unit = theme.UNIT
        above, below = QHBoxLayout(), QHBoxLayout()
        for row in (above, below):
            row.setContentsMargins(unit, unit, unit, unit)
            row.setSpacing(unit)
        above.addWidget(self.find_field, 1)
        above.addWidget(self.arrange)
        above.addWidget(self.measure)
        above.addWidget(caption("Range", self.range_field))
        above.addWidget(self.range_field)
        below.addWidget(self.random)
        below.addWidget(self.zero)
        below.addWidget(caption("Seed", self.seed_field))
        below.addWidget(self.seed_field, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.label_field)
        column.addLayout(above)
        column.addWidget(self.list, 1)
        column.addWidget(self.readout)
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

    def set_empty(self, text: str = "") -> None:
        """The sentence shown while no model is open; by default, what to do about it."""
        self._no_model = text or NO_MODEL
        self._arrange()

    def set_measure_action(self, action: QAction) -> None:
        """Give the button in the header its action, which switches sensitivities on and off."""
        self.measure.setDefaultAction(action)
        self.measure.setAccessibleName("Show sensitivity")
        self.measure.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.measure.show()

    def set_figures(self, figures: Figures | None, complete: bool = True) -> None:
        """Show what the dimensions do, or None where that is not known.

        Args:
            complete: False where some are still to come; the order waits for them.
        """
        self.list.set_figures(figures)
        if complete:
            self._figures = figures
            if figures is None or not self._busy():
                self._rank()

    def set_stale(self) -> None:
        """What is shown of the sensitivities belongs to an earlier latent."""
        self.list.set_stale()

    def held(self) -> bool:
        """Whether a slider is being dragged."""
        return self.list.held()

    def focused_dimension(self) -> int | None:
        """The dimension whose row, fader or read-out has the focus."""
        if self.readout.isAncestorOf(QApplication.focusWidget() or self):
            return self.readout.dim
        row = self.list.focused_row()
        return row.dim if row is not None else None

    # The state

    @Slot()
    def _rebuild(self) -> None:
        self._touched = self._pointed = -1
        self._figures = self._ranked = None
        self.list.build(self._latent.dim)
        for widget in (self.find_field, self.arrange, self.range_field, self.seed_field, self.random, self.zero):
            widget.setEnabled(self._latent.dim > 0)
        self.list.sync_locks(self._latent.locks.tolist())
        self._sync_marks()

    @Slot(object)
    def _sync(self, dims: object) -> None:
        only = dims if isinstance(dims, frozenset) else None
        if self._rows.settings.sort != "number" and (only is None or len(only) > 1):
            self._arrange()  # but rows hold still under a hand that moves one of them
        self.list.sync(self._latent.z.tolist(), self.range_field.value(), only)
        self._seed_soon.start()
        self._read_out()

    @Slot()
    def _sync_locks(self) -> None:
        self.list.sync_locks(self._latent.locks.tolist())
        self._arrange()
        self._read_out()

    @Slot()
    def _sync_marks(self) -> None:
        self.list.sync_marks(self._rows.pinned.tolist(), self._rows.hidden.tolist())
        self._arrange()
        self._read_out()

    @Slot()
    def _arrange(self) -> None:
        latent, rows, query = self._latent, self._rows, self.find_field.text()
        how, norms = rows.settings, self._ranked.norms if self._ranked is not None else None
        self.list.arrange(
            sections(
                latent.z, latent.locks, rows.pinned, rows.hidden, how.sort, how.group, rows.folded, query, norms,
                how.weak,
            )
        )  # fmt: skip
        if not latent.dim:
            self.list.set_empty(self._no_model)
        else:
            self.list.set_empty(f"No dimension matches “{query}”.")

    @Slot()
    def _rank(self) -> None:
        """Order by the newest figures."""
        self._ranked = self._figures
        self._arrange()

    @Slot()
    def _rank_at_last(self) -> None:
        if self._ranked is not self._figures and not self._busy():
            self._rank()

    def _busy(self) -> bool:
        """Whether rows must hold still: somebody is about to click, or steps through them with the keyboard."""
        return self.list.underMouse() or self.list.looked_at() >= 0 or self.list.held()

    @Slot()
    def _find(self) -> None:
        self._arrange()
        self.list.to_start()

    @Slot(bool)
    def _turn(self, faders: bool) -> None:
        self.list.set_faders(faders)
        self.readout.setVisible(faders and self._latent.dim > 0)
        self._read_out()

    # The read-out of the faders

    @Slot(int)
    def _point(self, dim: int) -> None:
        self._pointed = dim
        self._read_out()
        self._say_where()

    @Slot(QWidget, QWidget)
    def _follow_focus(self, _: QWidget | None, now: QWidget | None) -> None:
        row = self.list.focused_row() if now is not None and self.list.isAncestorOf(now) else None
        if row is not None:
            self._touched = row.dim
            if self._rows.settings.faders:
                self._read_out()
            else:
                row.furnish()  # Tab goes to its number next
            row.slider.setAccessibleDescription(self.list.words(row))
        self._say_where()
        self._rank_at_last()

    def _say_where(self) -> None:
        self.looked_at.emit(self._pointed if self._pointed >= 0 else self.list.looked_at())

    def _read_out(self) -> None:
        if not self._rows.settings.faders or not self._latent.dim:
            return
        dim = next((dim for dim in (self._pointed, self._touched, self.readout.dim) if 0 <= dim < self._latent.dim), 0)
        dim = min(self.readout.dim, self._latent.dim - 1) if self.readout.busy else dim
        locked, pinned = bool(self._latent.locks[dim]), bool(self._rows.pinned[dim])
        self.readout.show_dimension(dim, float(self._latent.z[dim]), self.range_field.value(), locked, pinned)

    @Slot(int, QPoint)
    def _show_menu(self, dim: int, position: QPoint) -> None:
        rows = self._rows
        menu, actions = row_menu(self, *(bool(marks[dim]) for marks in (self._latent.locks, rows.pinned, rows.hidden)))
        actions["lock"].triggered.connect(lambda: self.lock_toggled.emit(dim))
        actions["pin"].triggered.connect(lambda: self.pin_toggled.emit(dim))
        actions["hide"].triggered.connect(lambda: self.hide_toggled.emit(dim))
        actions["zero"].triggered.connect(lambda: self.reset_requested.emit(dim))
        menu.popup(position)

    # What the user wants

    @Slot(float)
    def _rescale(self, limit: float) -> None:
        self.list.sync(self._latent.z.tolist(), limit)
        self._read_out()
        self.range_changed.emit(limit)

    @Slot()
    def _seed_changed(self) -> None:
        self._seed_soon.start()

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

    @Slot()
    def _ask_unpin(self) -> None:
        self.unpin_requested.emit()

    @Slot()
    def _ask_show_all(self) -> None:
        self.show_all_requested.emit()
