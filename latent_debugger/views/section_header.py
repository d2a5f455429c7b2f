"""The title of some rows, which folds them away: a line above rows, a strip before faders."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPolygon
from PySide6.QtWidgets import QAbstractButton, QWidget

from latent_debugger.views import theme
from latent_debugger.views.latent_sections import Section

THICKNESS = 24
_EDGE = 8


class SectionHeader(QAbstractButton):
    """Shows a section's title and size.

    Signals:
        fold_requested(key, folded): it was clicked. It does not fold itself: whoever holds the folds does.
    """

    fold_requested = Signal(str, bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._section = Section("", "", ())
        self._upright = False
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setFont(theme.numbers_font(theme.caption_font(self.font())))
        self.clicked.connect(self._ask)

    def show_section(self, section: Section, upright: bool) -> None:
        """Show this section's title, from bottom to top where ``upright``."""
        self._section, self._upright = section, upright
        state, verb = ("folded", "unfold") if section.folded else ("unfolded", "fold")
        self.setAccessibleName(f"{section.title}, {len(section.dims)} dimensions, {state}")
        self.setToolTip(f"{section.title}, {len(section.dims)} dimensions: click to {verb}")
        self.update()

    def _ask(self) -> None:
        self.fold_requested.emit(self._section.key, not self._section.folded)

    def sizeHint(self) -> QSize:
        return QSize(THICKNESS, THICKNESS)

    def event(self, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.HoverEnter, QEvent.Type.HoverLeave):
            self.update()
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens, painter = theme.current(), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.underMouse() or self.hasFocus():
            painter.setPen(QColor(tokens.accent) if self.hasFocus() else Qt.PenStyle.NoPen)
            painter.setBrush(QColor(tokens.raised))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(2.5, 1.5, -2.5, -1.5), 4, 4)
        length = self.height() if self._upright else self.width()
        if self._upright:  # read from bottom to top, and begin at the top
            painter.translate(0, length)
            painter.rotate(-90)
        line = QRect(_EDGE, 0, length - 2 * _EDGE, THICKNESS)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(tokens.muted))
        arrow = QPoint(line.right() - 4 if self._upright else line.left() + 4, THICKNESS // 2)
        painter.drawPolygon(_triangle(arrow, along=self._section.folded))
        painter.setPen(QColor(tokens.muted))
        align = Qt.AlignmentFlag.AlignVCenter
        title, count = self._section.title, str(len(self._section.dims))
        if self._upright:
            painter.drawText(line.adjusted(0, 0, -16, 0), align | Qt.AlignmentFlag.AlignRight, f"{title}  ·  {count}")
        else:
            painter.drawText(line.adjusted(16, 0, 0, 0), align | Qt.AlignmentFlag.AlignLeft, title)
            painter.drawText(line, align | Qt.AlignmentFlag.AlignRight, count)


def _triangle(centre: QPoint, along: bool) -> QPolygon:
    """Points along the line of writing, or across it, downwards."""
    points = (QPoint(-2, -4), QPoint(3, 0), QPoint(-2, 4)) if along else (QPoint(-4, -2), QPoint(4, -2), QPoint(0, 3))
    return QPolygon([centre + point for point in points])
