"""The directions of the open model, a row for each."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPoint, Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import QFrame, QLabel, QScrollArea, QVBoxLayout, QWidget

from latent_debugger.state.directions import DEFAULT_RANGE, KnownDirection
from latent_debugger.views import theme
from latent_debugger.views.direction_row import DirectionRow
from latent_debugger.views.number_field import flat_style

_NUMBERS_MS = 100
"""While many places change in a row, numbers follow in such steps: they take much longer than sliders."""


class DirectionList(QScrollArea):
    """Shows rows, and which of them is current; holds no direction.

    Signals:
        edited(row, place, token), reset_requested(row), lock_toggled(row), keep_toggled(row): see
            :class:`DirectionRow`.
        chosen(row): make this the current one.
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
        self._restyle()
        theme.themed.changed.connect(self._restyle)

    @Slot()
    def _restyle(self) -> None:
        self.setStyleSheet(flat_style())

    def set_empty(self, text: str) -> None:
        """The sentence shown while there is no direction."""
        self.empty.setText(text)

    def set_directions(self, items: Sequence[KnownDirection]) -> None:
        """Show these; :meth:`set_places` says where their sliders stand."""
        while len(self.rows) > len(items):
            row = self.rows.pop()
            self._column.removeWidget(row)
            row.hide()
            row.deleteLater()
        while len(self.rows) < len(items):
            self._add(DirectionRow(len(self.rows)))
        for row, item in zip(self.rows, items, strict=True):
            row.show_direction(item)
        self.empty.setVisible(not items)

    def set_places(self, places: npt.NDArray[np.floating], limit: float = DEFAULT_RANGE) -> None:
        """Where the sliders stand (n,), from -limit to +limit; emits nothing."""
        if len(places) == len(self.rows):  # or else the directions are about to change, too
            calm = not self._rest.isActive()
            for row, place in zip(self.rows, places, strict=True):
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
