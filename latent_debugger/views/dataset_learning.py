"""The column beside the pictures: what the ranking has learned, and what it may decide for the user."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QSpinBox, QVBoxLayout, QWidget

from latent_debugger.state.curation import Curation
from latent_debugger.views import icons, theme

WANTED, OF_A_KIND = 30, 3
"""Decisions, and how many of either kind, that a ranking needs; as told to the user, for it says itself when it knows
enough."""


class LearningColumn(QWidget):
    """Says what ``curation``'s ranking is worth and lets it decide.

    Signals:
        ask_toggled(on): show what the ranking wants to know.
        deciding(): many pictures are about to be decided in one go, which may leave the button pressed disabled.
    """

    ask_toggled = Signal(bool)
    deciding = Signal()

    def __init__(self, curation: Curation, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("dataset.learning")
        self.setAccessibleName("Ranking")
        self._curation = curation
        self._own_number = False
        self.told = QLabel()
        self.told.setObjectName("dataset.told")
        self.told.setWordWrap(True)
        self.told.setProperty("quiet", True)
        self.told.setToolTip(
            "It learns from what you decide by hand, and tries itself on decisions it was not told about.\n"
            "The pictures it asks about are the hard ones: it is mostly better at the others."
        )
        self.progress = QProgressBar()
        self.progress.setObjectName("dataset.learned")
        self.progress.setAccessibleName("Decisions towards a ranking")
        self.progress.setRange(0, WANTED)
        self.progress.setTextVisible(False)
        self.ask = _button("dataset.askButton", "sparkle", "Ask me", "Show the pictures that would teach it most")
        self.ask.setCheckable(True)
        self.best = _button("dataset.bestButton", "check", "Keep the best", "")
        self.number = QSpinBox()
        self.number.setObjectName("dataset.number")
        self.number.setAccessibleName("How many to keep")
        self.number.setToolTip("How many pictures are kept afterwards, those you kept yourself among them")
        self.number.setKeyboardTracking(False)
        self.number.setGroupSeparatorShown(True)
        self.number.setFont(theme.numbers_font(self.number.font()))
        self.rest = _button(
            "dataset.restButton", "close", "Reject the rest", "Reject all undecided pictures in one step"
        )
        self._lay_out()
        self.ask.toggled.connect(self.ask_toggled)
        self.best.clicked.connect(self.keep_best)
        self.rest.clicked.connect(self.reject_rest)
        self.number.valueChanged.connect(self._choose_number)
        curation.opened.connect(self._start)
        curation.decided.connect(self._show)
        curation.opinion_changed.connect(self._show)
        self.ask.toggled.connect(self._show)
        self._start()

    def _lay_out(self) -> None:
        title = QLabel("Ranking")
        title.setFont(theme.caption_font())
        column, line = QVBoxLayout(self), QHBoxLayout()
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.UNIT)
        line.setSpacing(theme.UNIT)
        line.addWidget(self.best, 1)
        line.addWidget(self.number)
        column.addWidget(title)
        column.addWidget(self.told)
        column.addWidget(self.progress)
        column.addWidget(self.ask)
        column.addLayout(line)
        column.addWidget(self.rest)
        column.addStretch(1)

    @Slot()
    def keep_best(self) -> None:
        """Keep as many as the number says; one step."""
        self._own_number = False
        self.deciding.emit()
        self._curation.keep_best(self.number.value())

    @Slot()
    def reject_rest(self) -> None:
        """Reject everything undecided; one step."""
        self.deciding.emit()
        self._curation.reject_rest()

    @Slot()
    def _start(self) -> None:
        self._own_number = False
        self._show()

    @Slot(int)
    def _choose_number(self, number: int) -> None:
        self._own_number = True
        self._explain()

    @Slot()
    @Slot(object)
    @Slot(bool)
    def _show(self, _: object = None) -> None:
        curation, opinion, counts = self._curation, self._curation.opinion, self._curation.counts()
        enough = opinion is not None and opinion.enough
        kept, rejected = curation.decided_by_hand()
        self.told.setText(self._sentence(kept, rejected))
        self.progress.setVisible(not enough)
        self.progress.setValue(min(kept + rejected, WANTED))
        self.number.blockSignals(True)
        self.number.setRange(counts.kept, counts.kept + counts.undecided)
        if not self._own_number and opinion is not None:
            self.number.setValue(opinion.proposed)
        self.number.blockSignals(False)
        self.number.setEnabled(enough and counts.undecided > 0)
        self.ask.setEnabled(counts.undecided > 0 or self.ask.isChecked())
        self.rest.setEnabled(counts.undecided > 0 and counts.kept > 0)
        self._explain()

    def _sentence(self, kept: int, rejected: int) -> str:
        opinion, counts, left = self._curation.opinion, self._curation.counts(), self._curation.asks_left()
        if self.ask.isChecked() and left:
            then = "Then it asks about others."
            if opinion is not None and opinion.enough:
                then = f"It would keep {opinion.proposed:,} by now."
            return f"Decide these {len(self._curation.asks)}: {left} left. {then}"
        if counts.kept + counts.rejected and not counts.undecided:
            more = " “Decided in one go” shows what to check." if counts.by_ranking else ""
            return f"Everything is decided.{more}"
        if opinion is not None and opinion.enough and opinion.accuracy is not None:
            share = round(100 * opinion.accuracy)
            return f"It is right about {share} % of your decisions it had not seen. It would keep {opinion.proposed:,}."
        if kept + rejected < WANTED:
            so_far = f"So far: {kept} kept, {rejected} rejected." if kept + rejected else ""
            return f"Keep (K) and reject (X) some {WANTED} pictures, and it ranks all others for you. {so_far}".strip()
        if min(kept, rejected) < OF_A_KIND:
            return f"It needs both kinds: {'reject' if rejected < kept else 'keep'} a few more pictures, too."
        return "It is learning from your decisions…"

    def _explain(self) -> None:
        more = self.number.value() - self._curation.counts().kept
        self.best.setEnabled(self.number.isEnabled() and more > 0)
        pictures = "picture" if more == 1 else "pictures"
        self.best.setToolTip(
            f"Keep the {more:,} undecided {pictures} most likely to be wanted, in one step (Ctrl+Z takes it back)"
            if more > 0
            else "Keep the undecided pictures most likely to be wanted, until so many are kept"
        )


def _button(name: str, icon: str, text: str, tooltip: str) -> QPushButton:
    made = QPushButton(text)
    icons.set_icon(made, icon)
    made.setObjectName(name)
    made.setAccessibleName(text)
    made.setToolTip(tooltip)
    return made
