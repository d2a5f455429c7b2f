"""Choosing by the critic: the best of many random pictures, or of many neighbours."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QCheckBox,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from latent_debugger.state.critic import MAX_N, MIN_N, CriticSettings, short
from latent_debugger.views import icons, theme
from latent_debugger.views import neighbour_fields as fields

COST_HELP = (
    "How far two pictures chosen in this way look apart, against two random ones, worked out from the random pictures\n"
    "that the critic has scored. A critic has tastes of its own: whole kinds of pictures may hardly come up any more,\n"
    "which this figure shows only in part. The guide says how much it was on the bundled model."
)


class ChoiceSection(QWidget):
    """How many to choose from, and what choosing costs.

    Signals:
        best_of_changed(n), neighbours_toggled(on), sort_toggled(on): by the user.
        cancel_requested(): end what is being worked out.
    """

    best_of_changed = Signal(int)
    neighbours_toggled = Signal(bool)
    sort_toggled = Signal(bool)
    cancel_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("critic.choice")
        self.setAccessibleName("Choosing by the critic")
        self.number = QSpinBox()
        self.number.setObjectName("critic.best_of")
        self.number.setAccessibleName("Pictures to choose from")
        self.number.setToolTip("For each picture that is kept, so many are drawn and scored")
        self.number.setRange(MIN_N, MAX_N)
        self.number.setKeyboardTracking(False)
        self.number.setFont(theme.numbers_font(self.number.font()))
        self.random = QPushButton("Random")
        self.random.setObjectName("critic.randomButton")
        icons.set_icon(self.random, "dice")
        self.neighbours = _box("critic.neighbours", "Choose neighbours so, too", "")
        self.sort = _box("critic.sort", "Sort neighbours by the critic", "Those it likes most come first")
        self.cost = QLabel()
        self.cost.setObjectName("critic.cost")
        self.cost.setWordWrap(True)
        self.cost.setProperty("quiet", True)
        self.cost.setToolTip(COST_HELP)
        self.working = QLabel()
        self.working.setProperty("quiet", True)
        self.bar = QProgressBar()
        self.bar.setObjectName("critic.progress")
        self.bar.setAccessibleName("Choosing")
        self.bar.setTextVisible(False)
        self.bar.setRange(0, 1000)
        self.cancel = QPushButton("Cancel")
        self.cancel.setObjectName("critic.cancelChoice")
        self.cancel.setToolTip("Stop choosing (Esc)")
        self._work = QWidget()
        self._busy: dict[str, tuple[str, float]] = {}
        self._lay_out()
        self.number.valueChanged.connect(self.best_of_changed)
        self.neighbours.toggled.connect(self.neighbours_toggled)
        self.sort.toggled.connect(self.sort_toggled)
        self.cancel.clicked.connect(self.cancel_requested)
        self._work.hide()
        self.set_cost(None)

    def _lay_out(self) -> None:
        title = QLabel("Best of many")
        title.setFont(theme.caption_font())
        column, line, work = QVBoxLayout(self), QHBoxLayout(), QVBoxLayout(self._work)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.UNIT)
        line.setSpacing(theme.UNIT)
        line.addWidget(fields.caption("Best of", self.number))
        line.addWidget(self.number)
        line.addWidget(self.random, 1)
        below = QHBoxLayout()
        below.setSpacing(theme.UNIT)
        below.addWidget(self.working, 1)
        below.addWidget(self.cancel)
        work.setContentsMargins(0, 0, 0, 0)
        work.setSpacing(theme.UNIT // 2)
        work.addWidget(self.bar)
        work.addLayout(below)
        column.addWidget(title)
        column.addLayout(line)
        column.addWidget(self.neighbours)
        column.addWidget(self.sort)
        column.addWidget(self.cost)
        column.addStretch(1)
        column.addWidget(self._work)

    def add_action(self, action: QAction) -> None:
        """The window's action that the button stands for."""
        self.random.clicked.connect(action.trigger)
        self.random.setToolTip(action.toolTip())
        self.random.setAccessibleName("Random, best of many")

    def set_settings(self, settings: CriticSettings) -> None:
        """Show what is in force; nothing is announced."""
        for widget in (self.number, self.neighbours, self.sort):
            widget.blockSignals(True)
        self.number.setValue(settings.best_of)
        self.neighbours.setChecked(settings.choose_neighbours)
        self.sort.setChecked(settings.sort_neighbours)
        for widget in (self.number, self.neighbours, self.sort):
            widget.blockSignals(False)
        self.neighbours.setToolTip(f"Draw {settings.best_of} times as many neighbours, and show those it likes most")

    def set_cost(self, diversity: float | None, best_of: int = 0) -> None:
        """Say how alike the chosen pictures are.

        Args:
            diversity: share of the random pictures' distances that is left; None while it is not known.
            best_of: how many each was chosen from.
        """
        if diversity is None:
            self.cost.setText("")
            return
        alike, half = 100.0 * (1.0 - diversity), 100.0 * 0.5**best_of  # for the best of them, all have to lie there
        looks = f"{short(alike)} more alike than" if alike >= 0.5 else "as different as"
        rest = f"{half:.0f} %" if half >= 1 else "almost none"
        self.cost.setText(
            f"The price: the best of {best_of} look {looks} random ones, "
            f"and the half of all pictures that it likes less makes up {rest} of them."
        )

    def set_working(self, purpose: str, text: str, share: float = 0.0) -> None:
        """What is being worked out for ``purpose``, and how much of it is done; empty for nothing any more."""
        self._busy.pop(purpose, None)
        if text:
            self._busy[purpose] = (text, share)
        text, share = next(iter(self._busy.values()), ("", 0.0))
        self._work.setVisible(bool(text))
        self.working.setText(text)
        self.bar.setValue(round(1000 * share))

    @property
    def working_on(self) -> bool:
        """Whether something is being worked out that can be cancelled."""
        return bool(self._busy)


def _box(name: str, text: str, tooltip: str) -> QCheckBox:
    box = QCheckBox(text)
    box.setObjectName(name)
    box.setToolTip(tooltip)
    return box
