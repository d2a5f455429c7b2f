"""How a path is gone through: the selected key frames' time and easing, and what holds for the whole path."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QCheckBox, QDoubleSpinBox, QGridLayout, QWidget

from latent_debugger.state.path import MAX_SECONDS, MIN_SECONDS, Key, Plan
from latent_debugger.views import theme
from latent_debugger.views.neighbour_fields import caption, combo

WAYS = (("On the shell (slerp)", "slerp"), ("Straight (lerp)", "lerp"))
WAY_HELP = (
    "On the shell: along a great circle, so that |z| stays what the generator has learnt.\n"
    "Straight: along a line, which passes nearer to the origin: pictures in the middle are more average."
)
PACES = (("Evenly", "linear"), ("Gently at both ends", "smooth"), ("Slowly at first", "in"), ("Slowly at last", "out"))
EVEN_HELP = (
    "Measure the pictures and let them change at the same speed everywhere: cliffs take longer, plains less.\n"
    "Then only the sum of the seconds counts, and easing does not."
)


class PathSettings(QWidget):
    """Shows a :class:`Plan`, and says what the user wants otherwise.

    Signals:
        seconds_changed(value), easing_changed(value): for the selected key frames, or all where none is selected.
        way_changed(value): slerp or lerp.
        even_changed(bool), loop_changed(bool).
    """

    seconds_changed = Signal(float)
    easing_changed = Signal(str)
    way_changed = Signal(str)
    even_changed = Signal(bool)
    loop_changed = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.seconds = QDoubleSpinBox()
        self.seconds.setObjectName("path.seconds")
        self.seconds.setAccessibleName("Seconds to the next key frame")
        self.seconds.setToolTip("How long the way from the selected key frames, or else from all, to the next takes")
        self.seconds.setRange(MIN_SECONDS, MAX_SECONDS)
        self.seconds.setDecimals(1)
        self.seconds.setSingleStep(0.1)
        self.seconds.setSuffix(" s")
        self.seconds.setKeyboardTracking(False)
        self.seconds.setFont(theme.numbers_font(self.seconds.font()))
        self.easing = combo("path.easing", "Easing", PACES, "How time runs on the way to the next key frame")
        self.way = combo("path.way", "Way", WAYS, WAY_HELP)
        self.even = QCheckBox("Constant speed")
        self.even.setObjectName("path.even")
        self.even.setToolTip(EVEN_HELP)
        self.loop = QCheckBox("Loop")
        self.loop.setObjectName("path.loop")
        self.loop.setToolTip("Go back to the first key frame behind the last, and begin anew")
        for box in (self.even, self.loop):
            box.setAccessibleName(box.text())
        self.which = caption("Each", self.seconds)
        self._lay_out()
        self.seconds.valueChanged.connect(self.seconds_changed)
        self.easing.activated.connect(self._choose_easing)
        self.way.activated.connect(self._choose_way)
        self.even.clicked.connect(self.even_changed)
        self.loop.clicked.connect(self.loop_changed)

    def _lay_out(self) -> None:
        unit = theme.UNIT
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(unit)
        grid.setVerticalSpacing(unit // 2)
        grid.addWidget(self.which, 0, 0)
        grid.addWidget(self.seconds, 0, 1)
        grid.addWidget(caption("Pace", self.easing), 1, 0)
        grid.addWidget(self.easing, 1, 1)
        grid.addWidget(caption("Way", self.way), 2, 0)
        grid.addWidget(self.way, 2, 1)
        ticks = QGridLayout()
        ticks.setHorizontalSpacing(2 * unit)
        ticks.setColumnStretch(1, 1)
        ticks.addWidget(self.even, 0, 0)
        ticks.addWidget(self.loop, 0, 1)
        grid.addLayout(ticks, 3, 0, 1, 2)
        grid.setColumnStretch(1, 1)
        grid.setRowStretch(4, 1)
        self.which.setMinimumWidth(self.which.fontMetrics().horizontalAdvance("Selected"))

    def show_plan(self, plan: Plan, rows: Sequence[int]) -> None:
        """Show what is in force for key frames ``rows``, or for all where there are none. Emits nothing."""
        chosen: list[Key] = [plan.keys[row] for row in rows if row < len(plan.keys)] or list(plan.keys)
        fields = (self.seconds, self.easing, self.way, self.even, self.loop)
        for field in fields:
            field.blockSignals(True)
        if chosen:
            if round(self.seconds.value(), 1) != round(chosen[0].seconds, 1):  # or typing would be disturbed
                self.seconds.setValue(chosen[0].seconds)
            same = len({key.easing for key in chosen}) == 1
            self.easing.setCurrentIndex(self.easing.findData(chosen[0].easing) if same else -1)
        self.way.setCurrentIndex(self.way.findData(plan.interpolation))
        self.even.setChecked(plan.even)
        self.loop.setChecked(plan.loop)
        for field in fields:
            field.blockSignals(False)
        self.which.setText("Selected" if rows else "Each")
        self.easing.setEnabled(not plan.even)

    @Slot()
    def _choose_easing(self) -> None:
        self.easing_changed.emit(self.easing.currentData())

    @Slot()
    def _choose_way(self) -> None:
        self.way_changed.emit(self.way.currentData())
