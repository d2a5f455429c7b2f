"""What rows and faders show of the sensitivities: a quiet bar, and a name struck through where nothing happens.

All rows read one object, so that new figures are one repaint of the list, however many dimensions there are.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter

from latent_debugger.views import theme

THICKNESS = 2.0
_FRESH, _STALE = 0.9, 0.3  # opacity


@dataclass(eq=False)
class Meters:
    """For all dimensions of the latent, or empty while nothing is measured."""

    shares: list[float] = field(default_factory=list)
    """(dim,) of the strongest dimension's sensitivity, 0 to 1."""
    dead: list[bool] = field(default_factory=list)
    """(dim,) True where a dimension changes no picture."""
    stale: bool = False
    """They belong to an earlier latent."""

    def is_dead(self, dim: int) -> bool:
        """Whether the dimension is known to change no picture."""
        return dim < len(self.dead) and self.dead[dim]

    def paint(self, painter: QPainter, dim: int, groove: QRectF) -> None:
        """Draw the bar of ``dim`` along the lower, or the left, edge of ``groove``, which lies or stands."""
        if dim >= len(self.shares) or not self.shares[dim]:
            return
        colour = QColor(theme.current().faint)
        colour.setAlphaF(_STALE if self.stale else _FRESH)
        share = self.shares[dim]
        if groove.width() >= groove.height():
            bar = QRectF(groove.left(), groove.bottom() - THICKNESS, groove.width() * share, THICKNESS)
        else:
            length = groove.height() * share
            bar = QRectF(groove.left(), groove.bottom() - length, THICKNESS, length)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawRect(bar)
