"""The scrolling list of the latent's dimensions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from PySide6.QtCore import QRect, Qt, Signal, Slot
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

from latent_debugger.views import theme
from latent_debugger.views.latent_find import matches
from latent_debugger.views.latent_row import HEIGHT, LatentRow

_STYLE = """
NumberField {{ background: transparent; border: 1px solid transparent; min-height: 0; padding: 0 5px; }}
NumberField:hover {{ border-color: {border}; }}
NumberField:focus {{ background: {raised}; border-color: {accent}; }}
NumberField[overflow="true"] {{ color: {warning}; }}
NumberField:disabled {{ background: transparent; border-color: transparent; color: {muted}; }}
"""


class LatentList(QScrollArea):
    """One :class:`LatentRow` per dimension, of which :meth:`show_matching` shows some; it relays the rows' signals."""

    edited = Signal(int, float, object)
    lock_toggled = Signal(int)
    reset_requested = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAccessibleName("Dimensions of the latent")
        self.verticalScrollBar().setSingleStep(HEIGHT)
        self.rows: list[LatentRow] = []
        self._shown: list[LatentRow] = []
        self._empty = ""
        self._restyle()
        self.verticalScrollBar().valueChanged.connect(self._furnish)
        theme.themed.changed.connect(self._restyle)

    def build(self, dim: int) -> None:
        """Start anew with ``dim`` rows, all shown."""
        old = self.takeWidget()
        if old is not None:
            old.hide()
            old.deleteLater()
        content = QWidget()
        content.setObjectName("scrollContent")
        content.setFont(theme.numbers_font(self.font()))
        self.rows = [LatentRow(i, content) for i in range(dim)]
        for row in self.rows:
            row.edited.connect(self.edited)
            row.lock_toggled.connect(self.lock_toggled)
            row.reset_requested.connect(self.reset_requested)
        self._shown = list(self.rows)
        self.setWidget(content)
        self._place()

    def sync(self, values: Sequence[float], limit: float, dims: Iterable[int] | None = None) -> None:
        """Show ``values`` (dim,) on sliders from -limit to +limit; emits nothing.

        Args:
            dims: only these changed; None for all.
        """
        if dims is not None:
            for i in dims:
                self.rows[i].sync(values[i], limit)
            return
        for row, value in zip(self.rows, values, strict=True):
            row.sync(value, limit)

    def sync_locks(self, locks: Sequence[bool]) -> None:
        """Show the locks (dim,)."""
        for row, locked in zip(self.rows, locks, strict=True):
            if row.locked != locked:
                row.set_locked(locked)

    def show_matching(self, query: str) -> int:
        """Show the rows that ``query`` means (see :mod:`latent_find`) and hide the others; returns how many."""
        wanted = [row for row in self.rows if matches(query, row.dim, row.name, row.locked)]
        if wanted != self._shown:
            self._shown = wanted
            keep = set(wanted)
            for row in self.rows:
                row.setVisible(row in keep)
            self._place()
            self.verticalScrollBar().setValue(0)
        return len(wanted)

    def set_empty(self, text: str) -> None:
        """The sentence shown while there is no row to show."""
        self._empty = text
        self.viewport().update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place()

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._shown and self._empty:
            painter = QPainter(self.viewport())
            painter.setPen(theme.colour("muted"))
            area = self.viewport().rect().adjusted(24, 24, -24, -24)
            painter.drawText(area, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self._empty)

    def _place(self) -> None:
        content, width = self.widget(), self.viewport().width()
        if content is None:
            return
        content.resize(width, len(self._shown) * HEIGHT)
        for index, row in enumerate(self._shown):
            row.setGeometry(QRect(0, index * HEIGHT, width, HEIGHT))
        self._furnish()

    @Slot()
    def _furnish(self) -> None:
        """Complete the rows in view."""
        first = self.verticalScrollBar().value() // HEIGHT
        for row in self._shown[first : first + self.viewport().height() // HEIGHT + 2]:
            row.furnish()

    def _restyle(self) -> None:
        tokens = theme.current()
        self.setStyleSheet(
            _STYLE.format(
                border=tokens.border, raised=tokens.raised, accent=tokens.accent,
                warning=tokens.warning, muted=tokens.muted,
            )
        )  # fmt: skip
