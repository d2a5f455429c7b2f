"""How far a run is to go: its new end."""

from __future__ import annotations

from PySide6.QtCore import QLocale, Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSpinBox, QWidget

from latent_debugger.state.runs import RunEntry
from latent_debugger.views import theme
from latent_debugger.views.dialog import Dialog, button

MOST_STEPS = 10**9


class ExtendQuestion(Dialog):
    """Asks; ``objectName`` dialog.extend. It blocks nothing.

    Signals:
        answered(steps): the step at which the run is to end now; nothing where the user thinks better of it.

    Args:
        entry: the run.
    """

    answered = Signal(int)

    def __init__(self, entry: RunEntry, parent: QWidget | None = None) -> None:
        super().__init__("dialog.extend", "Extend the run", parent)
        self._entry = entry
        about = QLabel(f"{entry.name} is at step {entry.step:,} of {entry.steps:,}.")
        about.setObjectName("extend.about")
        about.setTextFormat(Qt.TextFormat.PlainText)
        about.setWordWrap(True)
        about.setMinimumWidth(44 * theme.UNIT)
        self.steps = QSpinBox()
        self.steps.setObjectName("extend.steps")
        self.steps.setAccessibleName("Train until step")
        self.steps.setToolTip("The number of generator updates at which the run ends")
        self.steps.setLocale(QLocale(QLocale.Language.English, QLocale.Country.UnitedStates))  # as everywhere here
        self.steps.setGroupSeparatorShown(True)
        self.steps.setRange(min(max(1, entry.step + 1), MOST_STEPS), MOST_STEPS)
        self.steps.setSingleStep(1000)
        self.steps.setFont(theme.numbers_font(self.steps.font()))
        self.steps.setMinimumWidth(18 * theme.UNIT)
        caption = QLabel("Train until step")
        caption.setBuddy(self.steps)
        self._adds = QLabel()
        self._adds.setObjectName("extend.adds")
        self._adds.setProperty("quiet", True)
        line = QHBoxLayout()
        line.setSpacing(theme.UNIT)
        line.addWidget(caption)
        line.addWidget(self.steps)
        line.addStretch(1)
        self._extend = button("extend.accept", "Extend", "Let the run go on until there")
        self._extend.setDefault(True)
        cancel = button("extend.cancel", "Cancel", "Leave the run as it is (Esc)")
        foot = QHBoxLayout()
        foot.setSpacing(theme.UNIT)
        foot.addWidget(cancel)
        foot.addStretch(1)
        foot.addWidget(self._extend)
        self.column.addWidget(about)
        self.column.addLayout(line)
        self.column.addWidget(self._adds)
        self.column.addSpacing(theme.UNIT)
        self.column.addLayout(foot)
        self.steps.valueChanged.connect(self._tell)
        self._extend.clicked.connect(self._accept)
        cancel.clicked.connect(self.reject)
        self.steps.setValue(min(MOST_STEPS, 2 * entry.steps))
        self._tell()
        self.steps.setFocus()
        self.steps.selectAll()

    @Slot()
    def _tell(self) -> None:
        self._adds.setText(adds(self._entry, self.steps.value()))
        self._extend.setEnabled(self.steps.value() != self._entry.steps)
        self._extend.setText("Shorten" if self.steps.value() < self._entry.steps else "Extend")

    @Slot()
    def _accept(self) -> None:
        self.steps.interpretText()
        self.accept()
        self.answered.emit(self.steps.value())


def adds(entry: RunEntry, steps: int) -> str:
    """What another end means: ``Adds 2,000 updates; 2,500 are to come. The run goes on at once.``"""
    more = steps - entry.steps
    if more == 0:
        return "It ends there already."
    count = f"{abs(more):,} update{'' if abs(more) == 1 else 's'}"
    text = f"Adds {count}" if more > 0 else f"Leaves out {count}"
    left = steps - entry.step
    if left != more:
        text += f"; {left:,} {'is' if left == 1 else 'are'} to come"
    return f"{text}." if entry.alive else f"{text}. The run goes on at once."
