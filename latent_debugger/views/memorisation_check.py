"""One button, one verdict: does the generator copy, does it draw the same few over and over?"""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QImage
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from latent_debugger.state.memorisation import MAX_SAMPLES, MIN_SAMPLES, SAMPLES
from latent_debugger.views import theme
from latent_debugger.views.memorisation_chart import DistanceChart, Distances
from latent_debugger.views.memorisation_pairs import PairModel, PairView
from latent_debugger.views.picture_list import Item
from latent_debugger.views.quiet import page_tabs

_PAIRS = (
    ("Nearest to training", "Generated pictures (left) and the training pictures nearest to them (right)"),
    ("Nearest to each other", "Generated pictures that are most alike: near duplicates, where it has collapsed"),
)

CHECK = "Check for copies and collapse"
INVITATION = (
    "Draws pictures at random, compares each with the training pictures and with one another, and says what that means."
)


@dataclass(frozen=True, eq=False)
class Report:
    """What a check found, in words and numbers."""

    text: str
    serious: bool
    """Whether it copies or has collapsed."""
    real: Distances
    """(m,) distances between pairs of real pictures."""
    generated: Distances
    """(m,) the same between generated ones."""
    near_training: tuple[Item, ...]
    """Pairs of a generated and a training picture."""
    twins: tuple[Item, ...]
    """Pairs of generated pictures."""


class CheckSection(QWidget):
    """Shows what it is told.

    Signals:
        check_requested(), cancel_requested().
        samples_changed(int): how many pictures to draw.
        pair_opened(twins, row): show this pair large; twins is False for a generated and a training picture.
    """

    check_requested = Signal()
    cancel_requested = Signal()
    samples_changed = Signal(int)
    pair_opened = Signal(bool, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._busy = self._can = False
        self.near, self.twins = PairModel(self), PairModel(self)
        self.pairs = PairView(self.near)
        self.chart = DistanceChart()
        self.tabs = page_tabs("memorisation.tabs", "Which pairs", _PAIRS, "3px 8px")
        self._build_fields()
        self._lay_out()
        self.button.clicked.connect(self._press)
        self.samples.valueChanged.connect(self.samples_changed)
        self.tabs.currentChanged.connect(self._turn)
        self.pairs.opened.connect(self._open)
        self.clear()

    def set_possible(self, can: bool) -> None:
        """Whether there is anything to check, and to compare with."""
        self._can = can
        self._refresh()

    def set_samples(self, count: int) -> None:
        """How many pictures to draw; emits nothing."""
        self.samples.blockSignals(True)
        self.samples.setValue(count)
        self.samples.blockSignals(False)

    def set_busy(self, busy: bool) -> None:
        """Whether a check is under way."""
        self._busy = busy
        self.bar.setValue(0)
        self._refresh()

    def advance(self, share: float) -> None:
        """How much of it is done, 0 ... 1."""
        self.bar.setValue(round(1000 * share))

    def clear(self, why: str = INVITATION) -> None:
        """Nothing was found (yet)."""
        self._say(why, serious=False, quiet=True)
        self.chart.set_distances(None, None)
        self.near.set_items(())
        self.twins.set_items(())
        self._show_results(False)
        self._refresh()

    def set_report(self, report: Report) -> None:
        """The verdict; the pairs' pictures follow."""
        self._say(report.text, report.serious, quiet=False)
        self.chart.set_distances(report.real, report.generated)
        self.near.set_items(report.near_training)
        self.twins.set_items(report.twins)
        self._show_results(True)
        self._refresh()

    def set_picture(self, twins: bool, row: int, side: int, picture: QImage) -> None:
        """The left (0) or right (1) picture of a pair."""
        (self.twins if twins else self.near).set_picture(row, side, picture)

    def _build_fields(self) -> None:
        self.title = QLabel("All of its pictures")
        self.title.setFont(theme.caption_font(self.title.font()))
        self.samples = QSpinBox()
        self.samples.setObjectName("memorisation.samples")
        self.samples.setAccessibleName("Pictures to draw")
        self.samples.setToolTip("How many pictures to draw: more make the verdict surer, and take longer")
        self.samples.setRange(MIN_SAMPLES, MAX_SAMPLES)
        self.samples.setSingleStep(64)
        self.samples.setValue(SAMPLES)
        self.samples.setKeyboardTracking(False)
        self.samples.setFont(theme.numbers_font(self.samples.font()))
        self.button = QPushButton(CHECK)
        self.button.setObjectName("memorisation.check")
        self.bar = QProgressBar()
        self.bar.setObjectName("memorisation.progress")
        self.bar.setAccessibleName("Progress of the check")
        self.bar.setTextVisible(False)
        self.bar.setRange(0, 1000)
        policy = self.bar.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.bar.setSizePolicy(policy)
        self.verdict = QLabel()
        self.verdict.setObjectName("memorisation.verdict")
        self.verdict.setTextFormat(Qt.TextFormat.PlainText)
        self.verdict.setWordWrap(True)
        self.verdict.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.verdict.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.MinimumExpanding)
        self.verdict.setAlignment(Qt.AlignmentFlag.AlignTop)

    def _lay_out(self) -> None:
        unit = theme.UNIT
        top, results, right, column = QHBoxLayout(), QHBoxLayout(), QVBoxLayout(), QVBoxLayout(self)
        top.setSpacing(unit)
        top.addWidget(self.title)
        top.addStretch(1)
        label = QLabel("&Pictures")
        label.setProperty("quiet", True)
        label.setBuddy(self.samples)
        top.addWidget(label)
        top.addWidget(self.samples)
        top.addWidget(self.button)
        right.setSpacing(0)
        right.addWidget(self.tabs)
        right.addWidget(self.pairs, 1)
        results.setSpacing(2 * unit)
        results.addWidget(self.chart, 2)
        results.addLayout(right, 3)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(unit // 2)
        column.addLayout(top)
        column.addWidget(self.bar)
        column.addWidget(self.verdict)
        column.addLayout(results, 1)

    def _refresh(self) -> None:
        self.button.setEnabled(self._can or self._busy)
        self.button.setText("Cancel" if self._busy else CHECK)
        says = "Stop the check (Esc)" if self._busy else "Draw pictures, and look for copies and collapse among them"
        self.button.setToolTip(says)
        self.button.setAccessibleName("Cancel the check" if self._busy else CHECK)
        self.samples.setEnabled(not self._busy)
        self.bar.setVisible(self._busy)

    def _say(self, words: str, serious: bool, quiet: bool) -> None:
        self.verdict.setText(words)
        for name, on in (("warning", serious), ("quiet", quiet)):
            self.verdict.setProperty(name, on)
        self.verdict.style().unpolish(self.verdict)
        self.verdict.style().polish(self.verdict)

    def _show_results(self, on: bool) -> None:
        for widget in (self.chart, self.tabs, self.pairs):
            policy = widget.sizePolicy()
            policy.setRetainSizeWhenHidden(True)
            widget.setSizePolicy(policy)
            widget.setVisible(on)

    @Slot()
    def _press(self) -> None:
        (self.cancel_requested if self._busy else self.check_requested).emit()

    @Slot(int)
    def _turn(self, tab: int) -> None:
        self.pairs.setModel(self.twins if tab == 1 else self.near)

    @Slot(int)
    def _open(self, row: int) -> None:
        self.pair_opened.emit(self.tabs.currentIndex() == 1, row)
