"""The critic's view: what it thinks of the picture, choosing by it, and climbing towards what it likes."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QBoxLayout, QFrame, QLabel, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from latent_debugger.state.critic import CriticSettings
from latent_debugger.views import theme
from latent_debugger.views.critic_choice import ChoiceSection
from latent_debugger.views.critic_improve import ImproveSection
from latent_debugger.views.critic_rank import RankSection

NO_MODEL = "Open a checkpoint to ask its critic."
_WIDE = 720  # from this width on the sections stand side by side


class CriticPanel(QWidget):
    """Three sections side by side, or one sentence where there is no critic.

    Signals:
        left(): Escape where there was nothing to end.

    Attributes:
        rank: what the critic thinks of the current picture.
        choice: the best of many.
        improve: a better one nearby.
    """

    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("criticPanel")
        self.setAccessibleName("Critic’s view")
        self.rank, self.choice, self.improve = RankSection(), ChoiceSection(), ImproveSection()
        self.empty = QLabel(NO_MODEL)
        self.empty.setObjectName("critic.empty")
        self.empty.setProperty("quiet", True)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.empty.setWordWrap(True)
        self._sections = QWidget()
        self._sections.setObjectName("scrollContent")
        self._row = QBoxLayout(QBoxLayout.Direction.LeftToRight, self._sections)
        self._pages = QStackedWidget()
        self._lay_out()
        self.set_empty(NO_MODEL)

    def _lay_out(self) -> None:
        unit = theme.UNIT
        self._row.setContentsMargins(unit, unit, unit, unit)
        self._row.setSpacing(4 * unit)
        sections = (self.rank, self.choice, self.improve)
        for section, stretch in zip(sections, (5, 4, 5), strict=True):
            self._row.addWidget(section, stretch)
        scroll = QScrollArea()
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setWidgetResizable(True)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(self._sections)
        self._pages.addWidget(scroll)
        self._pages.addWidget(self.empty)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._pages)
        self.setMinimumSize(360, 160)
        key = QShortcut(
            QKeySequence(Qt.Key.Key_Escape), self, context=Qt.ShortcutContext.WidgetWithChildrenShortcut
        )  # fmt: skip
        key.activated.connect(self._escape)

    def set_settings(self, settings: CriticSettings) -> None:
        """Show what is in force; nothing is announced."""
        self.choice.set_settings(settings)
        self.improve.set_steps(settings.steps)

    def set_empty(self, text: str) -> None:
        """The sentence shown in place of everything else; empty where there is a critic."""
        self.empty.setText(text)
        self._pages.setCurrentWidget(self.empty if text else self._pages.widget(0))

    @Slot()
    def _escape(self) -> None:
        """End what is being worked out, or else leave the panel."""
        if self.choice.working_on:
            self.choice.cancel_requested.emit()
        elif not self.improve.escape():
            self.left.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        wide = self.width() >= _WIDE
        self._row.setDirection(QBoxLayout.Direction.LeftToRight if wide else QBoxLayout.Direction.TopToBottom)
        super().resizeEvent(event)
