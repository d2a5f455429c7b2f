"""A hint for newcomers in the header of the canvas: quiet, and never over the picture or where it would move it."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QToolButton, QWidget

from latent_debugger.views import icons, theme

_ICON = 14
_LEAST = 128
"""With less room for its words it does not show: half a hint is a riddle."""


class HintStrip(QWidget):
    """Shows one hint in its middle, as far as there is room.

    Signals:
        dismissed(): the cross of the hint on show was clicked.
    """

    dismissed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("hint")
        self.setAccessibleName("Hint")
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._done = False
        self._icon, self._words, self._close = QLabel(), _Elided(), QToolButton()
        self._words.setObjectName("hint.text")
        self._close.setObjectName("hint.close")
        self._close.setAccessibleName("Close this hint")
        self._close.setToolTip("Close this hint")
        self._close.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._close.clicked.connect(self.dismissed)
        icons.set_icon(self._close, "close")
        kept = self._close.sizePolicy()
        kept.setRetainSizeWhenHidden(True)  # nothing moves when the tick comes
        self._close.setSizePolicy(kept)
        self._frame = QFrame()
        self._frame.setObjectName("hintFrame")
        inner = QHBoxLayout(self._frame)
        inner.setContentsMargins(theme.UNIT, 0, 0, 0)
        inner.setSpacing(theme.UNIT // 2)
        inner.addWidget(self._icon)
        inner.addWidget(self._words, 1)
        inner.addWidget(self._close)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.UNIT, 2, theme.UNIT, 2)
        row.addWidget(self._frame, 0, Qt.AlignmentFlag.AlignCenter)
        theme.themed.changed.connect(self._draw_icon)
        self.set_hint("")

    def set_hint(self, text: str) -> None:
        """Show a hint; none where ``text`` is empty."""
        self._done = False
        self._words.setText(text)
        self._words.setToolTip(text)
        self.setAccessibleDescription(text)
        self._close.show()
        self._fit()
        self._draw_icon()

    def set_done(self) -> None:
        """Tick the hint on show: somebody has just done what it says."""
        self._done = True
        self._close.hide()
        self._draw_icon()

    def text(self) -> str:
        """The hint on show; empty when there is none."""
        return self._words.text()

    def minimumSizeHint(self) -> QSize:
        return QSize(0, 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._fit()
        super().resizeEvent(event)

    def _fit(self) -> None:
        wanted = self._words.sizeHint().width()
        room = self.width() - 2 * theme.UNIT - (self._frame.sizeHint().width() - wanted)
        self._frame.setVisible(bool(self.text()) and room >= min(_LEAST, wanted))

    @Slot()
    def _draw_icon(self) -> None:
        name = "check" if self._done else "hint"
        self._icon.setPixmap(icons.pixmap(name, theme.current().accent, _ICON, self.devicePixelRatioF()))


class _Elided(QLabel):
    """Words that give way: cut short with … where there is little room."""

    def minimumSizeHint(self) -> QSize:
        return QSize(0, super().minimumSizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(theme.colour("muted"))
        words = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width())
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, words)
