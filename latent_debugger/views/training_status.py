"""The run that is being trained, in the window's status bar."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QToolButton, QWidget

from latent_debugger.state.run_progress import duration
from latent_debugger.state.runs import RunEntry
from latent_debugger.views import theme


class TrainingStatus(QToolButton):
    """``training people · 1,200 of 20,000 · 0:42 left``; nothing while nobody trains. A click wants to see more."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("status.training")
        self.setAccessibleName("Training")
        self.setToolTip("Show this run in the Training panel")
        self.setAutoRaise(True)
        self.setFont(theme.numbers_font())
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the panel itself is one key away
        self.set_run(None, None)

    def set_run(self, entry: RunEntry | None, seconds_left: float | None) -> None:
        """Say how this run goes."""
        text = status_text(entry, seconds_left) if entry is not None else ""
        self.setText(text.replace("&", "&&"))  # a lone one would become a mnemonic
        self.setVisible(entry is not None)

    def sizeHint(self) -> QSize:
        # Qt makes room for an icon where there is no text: the bar, and all above it, would move when a run begins
        return QSize(super().sizeHint().width(), self.fontMetrics().height() + theme.UNIT)


def status_text(entry: RunEntry, seconds_left: float | None) -> str:
    """One line about a run that is worked on."""
    verb = "training" if entry.state == "running" else entry.word
    parts = [f"{verb} {entry.name}"]
    if entry.steps:
        parts.append(f"{entry.step:,} of {entry.steps:,}")
    if seconds_left is not None and entry.state == "running":
        parts.append(f"{duration(seconds_left)} left")
    return " · ".join(parts)
