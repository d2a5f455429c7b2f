"""The scrolling list of the latent's dimensions: rows below each other, or upright faders side by side."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import pairwise

from PySide6.QtCore import QEvent, QPoint, QRect, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QHelpEvent, QKeyEvent, QPainter, QPaintEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QFrame, QScrollArea, QScrollBar, QToolTip, QWidget

from latent_debugger.state.sensitivity import Figures
from latent_debugger.views import theme
from latent_debugger.views.latent_meters import Meters
from latent_debugger.views.latent_row import HEIGHT, WIDTH, LatentRow, RowSignals
from latent_debugger.views.latent_sections import Section
from latent_debugger.views.number_field import flat_style
from latent_debugger.views.section_header import THICKNESS, SectionHeader

_STEPS = {Qt.Key.Key_Up: -1, Qt.Key.Key_Left: -1, Qt.Key.Key_Down: 1, Qt.Key.Key_Right: 1}
_AT_REST_MS = 100
"""So long after the last change of many rows comes what need not be there at once: real numbers and buttons in place of
painted ones, the numbers out of view, the order of Tab."""


class LatentList(QScrollArea):
    """One :class:`LatentRow` per dimension, of which :meth:`arrange` shows some; it relays the rows' signals.

    Signals:
        fold_requested(key, folded): the title of a section was clicked.
        left(): the pointer went elsewhere.
    """

    edited = Signal(int, float, object)
    lock_toggled = Signal(int)
    pin_toggled = Signal(int)
    reset_requested = Signal(int)
    menu_requested = Signal(int, QPoint)
    pointed = Signal(int)
    fold_requested = Signal(str, bool)
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAccessibleName("Dimensions of the latent")
        self.rows: list[LatentRow] = []
        self._said, self._meters = RowSignals(self), Meters()
        self._figures: Figures | None = None
        self._headers: dict[str, SectionHeader] = {}
        self._sections: tuple[Section, ...] = ()
        self._shown: list[LatentRow] = []
        self._starts: list[int] = []  # of the shown rows, in pixels along the list
        self._faders = False
        self._empty = ""
        self.tab_after: QWidget | None = None  # Tab comes from there into the rows
        self._in_view: list[LatentRow] = []
        self._reordered = False
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_AT_REST_MS)
        self._rest.timeout.connect(self._catch_up)
        self._restyle()
        self._turn()
        for bar in (self.verticalScrollBar(), self.horizontalScrollBar()):
            bar.valueChanged.connect(self._furnish)
        for ours in ("edited", "lock_toggled", "pin_toggled", "reset_requested", "menu_requested", "pointed"):
            getattr(self._said, ours).connect(getattr(self, ours))
        theme.themed.changed.connect(self._restyle)

    def build(self, dim: int) -> None:
        """Start anew with ``dim`` rows, none of them shown before :meth:`arrange`."""
        old = self.takeWidget()
        if old is not None:
            old.hide()
            old.deleteLater()
        content = _Content(self)
        content.setObjectName("scrollContent")
        self._meters, self._figures = Meters(), None
        content.setFont(theme.numbers_font(self.font()))
        self._headers, self._sections, self._shown, self._starts, self._in_view = {}, (), [], [], []
        self.setWidget(content)  # before there are rows: a parent's style goes through all of its children
        self.rows = [LatentRow(i, self._said, self._meters, content) for i in range(dim)]
        for row in self.rows:
            row.hide()
            row.setUpdatesEnabled(False)
            if self._faders:
                row.set_upright(True)

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
            row.sync(value, limit, whole=False)
        for row in self._in_view:
            row.catch_up()
        self._rest.start()

    def sync_locks(self, locks: Sequence[bool]) -> None:
        """Show the locks (dim,)."""
        for row, locked in zip(self.rows, locks, strict=True):
            if row.locked != locked:
                row.set_locked(locked)

    def sync_marks(self, pinned: Sequence[bool], hidden: Sequence[bool]) -> None:
        """Show what is pinned and what is among the hidden ones; both (dim,)."""
        for row, *marks in zip(self.rows, pinned, hidden, strict=True):
            if [row.pinned, row.hidden] != marks:
                row.set_marks(*marks)

    def set_figures(self, figures: Figures | None) -> None:
        """Show these sensitivities in all rows, or none; one repaint."""
        self._figures, meters = figures, self._meters
        meters.shares = figures.shares() if figures is not None else []
        meters.dead = figures.dead.tolist() if figures is not None else []
        meters.stale = False
        self._repaint()

    def set_stale(self) -> None:
        """The sensitivities shown belong to an earlier latent."""
        if self._meters.shares and not self._meters.stale:
            self._meters.stale = True
            self._repaint()

    def words(self, row: LatentRow) -> str:
        """What is known of what a row's dimension does; empty where nothing is measured."""
        return f"{row.name} {self._figures.words(row.dim)}" if self._figures is not None else ""

    def held(self) -> bool:
        """Whether a slider is being dragged."""
        return any(row.slider.isSliderDown() for row in self.rows)

    def looked_at(self) -> int:
        """The dimension that the keyboard is at; -1 where there is none, or the mouse brought the focus there."""
        row = self.focused_row()
        return row.dim if row is not None and row.slider.by_keys else -1

    def arrange(self, sections: tuple[Section, ...]) -> None:
        """Show these sections, and no other rows."""
        if sections == self._sections:
            return
        before, self._sections = set(self._shown), sections
        self._shown = [self.rows[i] for section in sections if not section.folded for i in section.dims]
        after = set(self._shown)
        self._place()
        for row in before - after:
            row.hide()
        for row in after - before:
            row.show()
        self._reordered = True

    def set_faders(self, faders: bool) -> None:
        """Show faders, or rows; the sliders are the same ones."""
        if faders == self._faders:
            return
        self._faders = faders
        self._turn()
        for row in self.rows:
            row.set_upright(faders)
        self._place()
        self.to_start()

    def to_start(self) -> None:
        """Scroll to the first row."""
        self._bar.setValue(0)

    def set_empty(self, text: str) -> None:
        """The sentence shown while there is no row to show."""
        self._empty = text
        self.viewport().update()

    def focused_row(self) -> LatentRow | None:
        """The row that has the focus, or the focus in it."""
        widget = QApplication.focusWidget()
        while widget is not None and not isinstance(widget, LatentRow):
            widget = widget.parentWidget()
        return widget if widget in self._shown else None

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.left.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = _STEPS.get(Qt.Key(event.key()))
        if step is None or not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            event.ignore()
            return
        row = self.focused_row()
        if row is not None:
            beside = self._shown[min(max(self._shown.index(row) + step, 0), len(self._shown) - 1)]
            self.ensureWidgetVisible(beside, 0, 0)
            beside.take_focus()

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self._faders and not event.angleDelta().x():  # a wheel knows up and down only
            bar = self.horizontalScrollBar()
            bar.setValue(bar.value() - event.angleDelta().y() * WIDTH * 3 // 120)
            event.accept()
        else:
            super().wheelEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place()

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._sections and self._empty:
            painter = QPainter(self.viewport())
            painter.setPen(theme.colour("muted"))
            area = self.viewport().rect().adjusted(24, 24, -24, -24)
            painter.drawText(area, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self._empty)

    def _repaint(self) -> None:
        content = self.widget()
        if content is not None:
            content.update()

    @property
    def _bar(self) -> QScrollBar:
        return self.horizontalScrollBar() if self._faders else self.verticalScrollBar()

    def _turn(self) -> None:
        never, needed = Qt.ScrollBarPolicy.ScrollBarAlwaysOff, Qt.ScrollBarPolicy.ScrollBarAsNeeded
        self.setHorizontalScrollBarPolicy(needed if self._faders else never)
        self.setVerticalScrollBarPolicy(never if self._faders else needed)
        self._bar.setSingleStep(WIDTH if self._faders else HEIGHT)

    def _place(self) -> None:
        content, view = self.widget(), self.viewport().size()
        if content is None:
            return
        across, step = (view.height(), WIDTH) if self._faders else (view.width(), HEIGHT)
        along = 0
        self._starts = []
        titled = {section.key for section in self._sections if section.title}
        for key, header in self._headers.items():
            header.setVisible(key in titled)
        for section in self._sections:
            if section.title:
                header = self._header(section.key)
                header.show_section(section, self._faders)
                header.setGeometry(self._area(along, THICKNESS, across))
                along += THICKNESS
            for i in () if section.folded else section.dims:
                if self._faders:
                    self.rows[i].setGeometry(along, 0, step, across)
                else:
                    self.rows[i].setGeometry(0, along, across, step)
                self._starts.append(along)
                along += step
        content.setGeometry(QRect(content.pos(), self._area(0, along, across).size()))
        self._look()
        self._rest.start()

    def _area(self, along: int, thickness: int, across: int) -> QRect:
        return QRect(along, 0, thickness, across) if self._faders else QRect(0, along, across, thickness)

    def _header(self, key: str) -> SectionHeader:
        if key not in self._headers:
            header = self._headers[key] = SectionHeader(self.widget())
            header.fold_requested.connect(self.fold_requested)
            header.show()
        return self._headers[key]

    @Slot()
    def _furnish(self) -> None:
        """Complete the rows in view."""
        self._look()
        if not self._faders:
            for row in self._in_view:
                row.furnish()

    def _look(self) -> None:
        """Find the rows in view; no others ask to be painted, or Qt would look at each of them at every paint."""
        view = self.viewport().size()
        length, step = (view.width(), WIDTH) if self._faders else (view.height(), HEIGHT)
        first = bisect_right(self._starts, self._bar.value() - step)
        last = bisect_right(self._starts, self._bar.value() + length)
        before, self._in_view = self._in_view, self._shown[first:last]
        now = set(self._in_view)
        for row in before:
            if row not in now:
                row.setUpdatesEnabled(False)
        for row in self._in_view:
            row.setUpdatesEnabled(True)
            row.catch_up()

    @Slot()
    def _catch_up(self) -> None:
        self._furnish()
        for row in self.rows:
            row.catch_up()
        if self._reordered:
            self._reordered = False
            self._order_tabs()

    def _order_tabs(self) -> None:
        """Tab goes on in the order that one sees, titles included."""
        stops: list[QWidget] = [] if self.tab_after is None else [self.tab_after]
        for section in self._sections:
            if section.title:
                stops.append(self._headers[section.key])
            for i in () if section.folded else section.dims:
                stops += self.rows[i].tab_stops()
        for one, next_ in pairwise(stops):
            QWidget.setTabOrder(one, next_)

    def _restyle(self) -> None:
        self.setStyleSheet(flat_style())


class _Content(QWidget):
    """Holds the rows, and answers for them what the pointer rests on: a hundred rows of Python need not be asked."""

    def __init__(self, owner: LatentList) -> None:
        super().__init__()
        self._list = owner

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            row = self.childAt(event.pos())
            if isinstance(row, LatentRow) and row.on_name(row.mapFrom(self, event.pos())):
                QToolTip.showText(event.globalPos(), self._list.words(row), row)
                return True
        return super().event(event)
