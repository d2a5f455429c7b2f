"""The question before the window closes while something is being trained."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from latent_debugger.views import theme
from latent_debugger.views.dialog import Dialog, button


class CloseQuestion(Dialog):
    """Asks; ``objectName`` dialog.close_training. It blocks nothing: the window stays open until the answer.

    Signals:
        answered(answer): ``stop``, ``go_on`` or ``stay``; Escape stays.

    Args:
        here: names of the runs that are trained in this process, which cannot go on without the window.
        apart: names of those that are processes of their own.
    """

    answered = Signal(str)

    def __init__(self, here: Sequence[str], apart: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__("dialog.close_training", "Close the window?", parent)
        self._answer = "stay"
        text = QLabel(question(here, apart))
        text.setWordWrap(True)
        text.setTextFormat(Qt.TextFormat.PlainText)
        text.setMinimumWidth(48 * theme.UNIT)
        self.column.addWidget(text)
        self.column.addSpacing(theme.UNIT)
        stop = button("close.stop", "Stop and save", "Save the training, end it, then close the window")
        stay = button("close.stay", "Keep the window open", "Close nothing")
        choices = [(stop, "stop")]
        if not here:
            stay.setText("Cancel")
            go_on = button("close.go_on", "Let it go on", "Close the window; the training goes on and is found again")
            choices.insert(0, (go_on, "go_on"))
        row = QHBoxLayout()
        row.setSpacing(theme.UNIT)
        row.addWidget(stay)
        row.addStretch(1)
        for made, _ in reversed(choices):
            row.addWidget(made)
        self.column.addLayout(row)
        for made, answer in (*choices, (stay, "stay")):
            made.setProperty("answer", answer)
            made.clicked.connect(self._choose)
        choices[0][0].setDefault(True)
        choices[0][0].setFocus()
        self.finished.connect(self._tell)

    def _choose(self) -> None:
        self._answer = str(self.sender().property("answer"))
        self.accept()

    def _tell(self) -> None:
        self.answered.emit(self._answer)


def question(here: Sequence[str], apart: Sequence[str]) -> str:
    """What is being trained, and what closing means for it."""
    parts = []
    if here:
        verb = "are" if len(here) > 1 else "is"
        parts.append(f"{_list(here)} {verb} being trained in this process, which ends with the window.")
    if apart:
        verb, it = ("are", "They") if len(apart) > 1 else ("is", "It")
        parts.append(f"{_list(apart)} {verb} being trained in a process of its own. {it} can go on without the window.")
    return " ".join(parts)


def _list(names: Sequence[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
