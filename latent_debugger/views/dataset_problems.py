"""The files that were left out, and why."""

from __future__ import annotations

from collections import Counter

from PySide6.QtWidgets import QLabel, QWidget

from latent_debugger.state.curation import Pile
from latent_debugger.views.dialog import CopyButton, Dialog, text_view

_COPIES = "copies of others"


class ProblemsDialog(Dialog):
    """Lists the problems of a pile; ``objectName`` dialog.problems."""

    def __init__(self, pile: Pile, parent: QWidget | None = None) -> None:
        super().__init__("dialog.problems", f"Left out of {pile.name}", parent)
        words = QLabel(summary(pile))
        words.setWordWrap(True)
        self._text = text_view("problems.text", "Files left out")
        self._text.setPlainText("\n".join(f"{problem.path}: {problem.reason}" for problem in pile.problems))
        self.column.addWidget(words)
        self.column.addWidget(self._text, 1)
        self.add_buttons(None, CopyButton())
        self.resize(720, 480)

    def text(self) -> str:
        """A line for each file."""
        return self._text.toPlainText()


def summary(pile: Pile) -> str:
    """How many were left out, and the reasons by how often they occur."""
    n = len(pile.problems)
    if not n:
        return "No file was left out."
    reasons = Counter(_kind(problem.reason) for problem in pile.problems)
    told = "; ".join(_counted(kind, count) for kind, count in reasons.most_common(5))  # a reason may hold a comma
    return f"{n:,} file{' was' if n == 1 else 's were'} left out: {told}. They stay where they are."


def _counted(kind: str, count: int) -> str:
    return "1 copy of another" if (kind, count) == (_COPIES, 1) else f"{count:,} {kind}"


def _kind(reason: str) -> str:
    """The reason without what is particular to one file."""
    return _COPIES if reason.startswith("a copy of") else reason.partition(":")[0]
