"""What the critic thinks of the picture on the canvas, as two ranks."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from latent_debugger.state.critic import Scale, short, told
from latent_debugger.views import theme
from latent_debugger.views.critic_histogram import CriticHistogram
from latent_debugger.views.reference_bar import ReferenceBar

NOTHING = "–"
COMPARING = "Scoring random pictures to compare with…"
_HELP = (
    "A critic’s score has no unit, so only its order is told: how many other pictures it likes less than this one.\n"
    "That says nothing of how likely the picture is, or how good you would find it."
)


class RankSection(QWidget):
    """Two figures, a histogram, and which training pictures are compared with.

    Attributes:
        reference: says, and lets choose, where the training pictures are.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("critic.rank")
        self.setAccessibleName("What the critic thinks of this picture")
        self._scale: Scale | None = None
        self._score: float | None = None
        self.fakes = Figure("critic.among_fakes", "Among random pictures")
        self.reals = Figure("critic.among_reals", "Among training pictures")
        self.histogram = CriticHistogram()
        self.histogram.setToolTip(_HELP)
        self.reference = ReferenceBar()
        self._lay_out()
        self.set_scale(None)

    def _lay_out(self) -> None:
        title = QLabel("This picture")
        title.setFont(theme.caption_font())
        column, figures = QVBoxLayout(self), QHBoxLayout()
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.UNIT // 2)
        figures.setSpacing(2 * theme.UNIT)
        figures.addWidget(self.fakes, 1)
        figures.addWidget(self.reals, 1)
        column.addWidget(title)
        column.addLayout(figures)
        column.addWidget(self.histogram, 1)
        column.addWidget(self.reference)

    def set_scale(self, scale: Scale | None, waiting: str = COMPARING) -> None:
        """What the score is compared with; None while that is being worked out, or cannot be: ``waiting`` says so."""
        self._scale = scale
        self.histogram.set_scale(scale)
        self.histogram.set_waiting(waiting)
        self._show()

    def set_score(self, score: float | None) -> None:
        """The current picture's; None while it is not known."""
        self._score = score
        self.histogram.set_score(score)
        self._show()

    def _show(self) -> None:
        scale, score = self._scale, self._score
        if scale is None or score is None:
            self.fakes.tell(None, "random pictures", 0)
            self.reals.tell(None, "training pictures", 0)
            return
        self.fakes.tell(scale.among_fakes(score), "random pictures", len(scale.fakes))
        self.reals.tell(
            scale.among_reals(score), "training pictures", len(scale.reals) if scale.reals is not None else 0
        )


class Figure(QWidget):
    """One share, large, and what it is a share of."""

    def __init__(self, name: str, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.number, self.words = QLabel(), QLabel()
        font = QFont(theme.numbers_font(self.number.font()))
        font.setPointSizeF(font.pointSizeF() + 5)
        self.number.setFont(font)
        self.number.setObjectName(name)
        self.number.setAccessibleName(title)
        self.words.setProperty("quiet", True)
        self.words.setWordWrap(True)
        self.words.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self.setToolTip(_HELP)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.number)
        column.addWidget(self.words)

    def tell(self, percent: float | None, kind: str, count: int) -> None:
        """``percent`` of ``count`` pictures of a kind are liked less; None while that is not known."""
        self.number.setText(NOTHING if percent is None else short(percent))
        self.words.setText(f"of {count:,} {kind} are liked less" if count else f"of {kind} are liked less")
        self.number.setAccessibleDescription("" if percent is None else f"Liked {told(percent, count, kind)}")
