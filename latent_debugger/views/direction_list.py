"""The directions of the open model, a row for each."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QEvent, QPoint, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QFrame, QLabel, QScrollArea, QVBoxLayout, QWidget

from latent_debugger.state.directions import DEFAULT_RANGE, KnownDirection
from latent_debugger.views import theme
from latent_debugger.views.direction_row import DirectionRow
from latent_debugger.views.number_field import flat_style

_NUMBERS_MS = 100
"""While many places change in a row, numbers follow in such steps: they take much longer than sliders."""
_ROWS_AT_ONCE = 8
"""So many rows are made between two events; fifty would stop the window for a tenth of a second."""


class DirectionList(QScrollArea):
    """Shows rows, and which of them is current; holds no direction.

    Signals:
        edited(row, place, token), reset_requested(row), lock_toggled(row), keep_toggled(row): see
            :class:`DirectionRow`.
        chosen(row): it was clicked, or the focus came in: make this the current one.
        menu_requested(row, position): its context menu is wanted there on the screen.
        remove_requested(row), rename_requested(row): by Delete, and by F2.
    """

    edited = Signal(int, float, object)
    reset_requested = Signal(int)
    lock_toggled = Signal(int)
    keep_toggled = Signal(int)
    chosen = Signal(int)
    menu_requested = Signal(int, QPoint)
    remove_requested = Signal(int)
    rename_requested = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("direction.list")
        self.setAccessibleName("Directions")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.rows: list[DirectionRow] = []
        self._items: Sequence[KnownDirection] = ()
        self._places: npt.NDArray[np.floating] = np.zeros(0)
        self._limit = DEFAULT_RANGE
        self.empty = QLabel()
        self.empty.setObjectName("direction.empty")
        self.empty.setProperty("quiet", True)
        self.empty.setWordWrap(True)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        content = QWidget()
        content.setObjectName("scrollContent")
        self._column = column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, theme.UNIT // 2, 0)
        column.setSpacing(0)
        column.addWidget(self.empty, 1)
        column.addStretch(0)
        self.setWidget(content)
        self._current = -1
        self.tab_after: QWidget | None = None  # Tab comes from there into the rows
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_NUMBERS_MS)
        self._rest.timeout.connect(self._catch_up)
        self._more = QTimer(self)
        self._more.setSingleShot(True)
        self._more.setInterval(0)
        self._more.timeout.connect(self._grow)
        QApplication.instance().focusChanged.connect(self._follow_focus)
        self._restyle()
        theme.themed.changed.connect(self._restyle)

    @Slot()
    def _restyle(self) -> None:
        self.setStyleSheet(flat_style())

    def set_empty(self, text: str) -> None:
        """The sentence shown while there is no direction."""
        self.empty.setText(text)

    def set_directions(self, items: Sequence[KnownDirection]) -> None:
        """Show these, the first ones at once; :meth:`set_places` says where their sliders stand."""
        self._items = items
        while len(self.rows) > len(items):
            row = self.rows.pop()
            self._column.removeWidget(row)
            row.hide()
            row.deleteLater()
        for row, item in zip(self.rows, items, strict=False):
            row.show_direction(item)
        self.empty.setVisible(not items)
        self._grow()

    @Slot()
    def _grow(self) -> None:
        """Make the next rows."""
        begin = len(self.rows)
        for number, item in enumerate(self._items[begin : begin + _ROWS_AT_ONCE], begin):
            row = DirectionRow(number)
            row.show_direction(item)
            row.set_current(number == self._current)
            if len(self._places) == len(self._items):
                row.sync(float(self._places[number]), self._limit)
            self._add(row)
        if len(self.rows) < len(self._items):
            self._more.start()

    def set_places(self, places: npt.NDArray[np.floating], limit: float = DEFAULT_RANGE) -> None:
        """Where the sliders stand (n,), from -limit to +limit; emits nothing."""
        self._places, self._limit = places, limit
        if len(places) == len(self._items):  # or else the directions are about to change, too
            calm = not self._rest.isActive()
            for row, place in zip(self.rows, places, strict=False):
                row.sync(float(place), limit, whole=calm or row.row == self._current)
            if calm:  # not started anew, or the numbers would stand still for the whole of a drag
                self._rest.start()

    @Slot()
    def _catch_up(self) -> None:
        for row in self.rows:
            row.catch_up()

    def set_current(self, row: int) -> None:
        """Mark one row, -1 for none, and bring it into view."""
        self._current = row
        for other in self.rows:
            other.set_current(other.row == row)
        if 0 <= row < len(self.rows) and self.rows[row].isVisible():
            self.ensureWidgetVisible(self.rows[row], 0, 0)

    def focus_row(self, row: int) -> None:
        """Put the keyboard on a row."""
        if 0 <= row < len(self.rows):
            part = self.rows[row]
            (part.slider if part.slider.isEnabled() else part.lock).setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot(QWidget, QWidget)
    def _follow_focus(self, _: QWidget | None, now: QWidget | None) -> None:
        row = now.parentWidget() if now is not None else None
        if isinstance(row, DirectionRow) and row in self.rows:
            self.chosen.emit(row.row)

    def event(self, event: QEvent) -> bool:
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and (event.key(), event.modifiers()) == (Qt.Key.Key_L, Qt.KeyboardModifier.NoModifier)
        ):
            event.accept()  # here the key locks the direction, as it locks a dimension elsewhere
            return True
        return super().event(event)

    def _add(self, row: DirectionRow) -> None:
        self._column.insertWidget(self._column.count() - 1, row)
        before = self.rows[-1].lock if self.rows else self.tab_after
        self.rows.append(row)
        for one, other in (
            (before, row.slider),
            (row.slider, row.number),
            (row.number, row.keep),
            (row.keep, row.lock),
        ):
            if one is not None and one.window() is other.window():
                QWidget.setTabOrder(one, other)
        row.edited.connect(self.edited)
        row.reset_requested.connect(self.reset_requested)
        row.lock_toggled.connect(self.lock_toggled)
        row.keep_toggled.connect(self.keep_toggled)
        row.chosen.connect(self.chosen)
        row.menu_requested.connect(self.menu_requested)
        row.key_pressed.connect(self._press)

    @Slot(int, object, object)
    def _press(self, row: int, key: Qt.Key, modifiers: Qt.KeyboardModifier) -> None:
        if key in (Qt.Key.Key_Up, Qt.Key.Key_Down):  # with Ctrl in a slider, which has its own use for plain ones
            self.focus_row(row + (1 if key == Qt.Key.Key_Down else -1))
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.remove_requested.emit(row)
        elif key == Qt.Key.Key_L:
            self.lock_toggled.emit(row)
        elif key == Qt.Key.Key_F2:
            self.rename_requested.emit(row)
