"""Directions as sliders: find or learn some, move along them, lock, name and share them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPoint, Qt, Signal, Slot
from PySide6.QtGui import (
    QAction,
    QDragEnterEvent,
    QDropEvent,
    QKeySequence,
    QResizeEvent,
    QShortcut,
    QShowEvent,
)
from PySide6.QtWidgets import QDoubleSpinBox, QHBoxLayout, QLabel, QMenu, QToolButton, QVBoxLayout, QWidget

from latent_debugger.state.directions import MAX_RANGE, MIN_RANGE, DirectionState
from latent_debugger.views import theme
from latent_debugger.views.canvas import dropped_path
from latent_debugger.views.direction_details import DirectionDetails
from latent_debugger.views.direction_finder import DirectionFinder
from latent_debugger.views.direction_list import DirectionList

NO_MODEL = "Open a checkpoint to find directions in it."
EMPTY = "No directions yet. Press Find, learn one from tagged stars, or drop a file of directions here."
_ROOMY = 880
"""From this width on there is room for the details."""


class DirectionPanel(QWidget):
    """Shows ``state`` and says what the user wants of it; changes nothing itself.

    Signals:
        moved(id, place, token): go there along this direction; one drag has one token.
        lock_toggled(id), keep_toggled(id), remove_requested(id), renamed(id, name).
        current_changed(id): another direction is shown in detail; None for none.
        place_chosen(index): go where this picture of the strip stands.
        range_changed(range): of the sliders.
        save_requested(id): write this direction to a file.
        file_dropped(path): a file was dropped on the panel.
    """

    moved = Signal(object, float, object)
    lock_toggled = Signal(object)
    keep_toggled = Signal(object)
    remove_requested = Signal(object)
    renamed = Signal(object, str)
    current_changed = Signal(object)
    place_chosen = Signal(int)
    range_changed = Signal(float)
    save_requested = Signal(object)
    file_dropped = Signal(object)

    def __init__(self, state: DirectionState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("directionPanel")
        self.setAccessibleName("Directions")
        self.setAcceptDrops(True)
        self._state = state
        self._current: str | None = None
        self._places: npt.NDArray[np.floating] = np.zeros(0)
        self._late = True  # out of view nothing is drawn: it catches up when it comes into view
        self.finder, self.list, self.details = DirectionFinder(), DirectionList(), DirectionDetails()
        self.strip = self.details.strip
        self.range = _range_field()
        self.told = QLabel()
        self.told.setObjectName("direction.number")
        self.told.setProperty("quiet", True)
        self.told.setFont(theme.numbers_font(self.told.font()))
        self._buttons = QHBoxLayout()
        self._buttons.setSpacing(0)
        self._menu_actions: list[QAction] = []
        self._lay_out()
        self._connect_signals()
        self._sync()

    def _lay_out(self) -> None:
        unit = theme.UNIT
        row, middle, head = QHBoxLayout(self), QVBoxLayout(), QHBoxLayout()
        caption = QLabel("Range ±")
        caption.setProperty("quiet", True)
        caption.setBuddy(self.range)
        head.setSpacing(unit)
        head.addWidget(caption)
        head.addWidget(self.range)
        head.addWidget(self.told, 1)
        head.addLayout(self._buttons)
        middle.setSpacing(unit // 2)
        middle.addLayout(head)
        middle.addWidget(self.list, 1)
        row.setContentsMargins(unit, unit // 2, unit, unit)
        row.setSpacing(2 * unit)
        row.addWidget(self.finder)
        row.addLayout(middle, 5)
        row.addWidget(self.details, 4)
        self.list.setMinimumWidth(228)
        self.setMinimumSize(508, 160)

    def _connect_signals(self) -> None:
        rows = self.list
        rows.edited.connect(self._move)
        rows.reset_requested.connect(self._reset)
        rows.lock_toggled.connect(self._toggle_lock)
        rows.keep_toggled.connect(self._toggle_keep)
        rows.chosen.connect(self._choose)
        rows.menu_requested.connect(self._show_menu)
        rows.remove_requested.connect(self._remove)
        rows.rename_requested.connect(self._edit_name)
        self.details.renamed.connect(self._rename)
        self.details.save_requested.connect(self._save)
        self.details.place_chosen.connect(self.place_chosen)
        self.range.valueChanged.connect(self.range_changed)
        self._state.changed.connect(self._sync)
        self._state.settings_changed.connect(self._sync_settings)
        self._escape = QShortcut(QKeySequence(Qt.Key.Key_Escape), self)
        self._escape.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        self._escape.setEnabled(False)  # the number fields have their own use for it
        self._escape.activated.connect(self.finder.cancel_requested)

    def add_actions(self, head: list[QAction], details: list[QAction]) -> None:
        """Give the window's actions their buttons: above the list, and beside the name of the chosen direction."""
        for action in head:
            button = QToolButton()
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.setObjectName(f"{action.objectName()}Button")
            button.setAutoRaise(True)
            button.setDefaultAction(action)
            button.setAccessibleName(action.text().replace("&", ""))
            self._buttons.addWidget(button)
            QWidget.setTabOrder(self.list.tab_after or self.range, button)
            self.list.tab_after = button
        self.details.add_actions(*details)
        self._menu_actions = details

    # what is shown

    @property
    def current(self) -> str | None:
        """The id of the direction whose details are on show."""
        return self._current

    def set_current(self, id_: str | None) -> None:
        """Show the details of this one."""
        if self._state.index_of(id_) < 0:
            id_ = None
        changed, self._current = id_ != self._current, id_
        self.list.set_current(self._state.index_of(id_))
        self.details.set_direction(self._state.get(id_))
        self._show_details()
        if changed:
            self.strip.clear_pictures()
            self._show_place()
            self.current_changed.emit(id_)

    def set_places(self, places: npt.NDArray[np.floating]) -> None:
        """Where the latent stands along each direction (n,)."""
        self._places = places
        self.list.set_places(places, self._state.settings.range)
        self._show_place()

    def set_available(self, available: bool) -> None:
        """Whether there is a model."""
        self.finder.set_available(available)
        self.list.set_empty(EMPTY if available else NO_MODEL)

    def set_busy(self, what: str) -> None:
        """find or learn: it is under way, and Escape cancels it; empty when nothing is."""
        self._escape.setEnabled(bool(what))
        self.finder.set_busy(what)

    @Slot()
    def _sync(self) -> None:
        self._late = not self.isVisible()
        items = self._state.all
        if self._late:
            if self._state.index_of(self._current) < 0:
                self._current = items[0].id if items else None
            return
        row = self._state.index_of(self._current)
        self.list.set_directions(items)
        locked = len(self._state.locked)
        parts = [f"{len(items)} direction{'s' if len(items) != 1 else ''}" if items else ""]
        parts.append(f"{locked} locked" if locked else "")
        self.told.setText(" · ".join(filter(None, parts)))
        self.set_current(self._current if row >= 0 else (items[0].id if items else None))
        self._sync_settings()

    @Slot()
    def _sync_settings(self) -> None:
        settings = self._state.settings
        self.range.blockSignals(True)
        self.range.setValue(settings.range)
        self.range.blockSignals(False)
        self.finder.set_settings(settings)
        self.set_places(self._places)

    def _show_place(self) -> None:
        row = self._state.index_of(self._current)
        self.strip.set_place(float(self._places[row]) if 0 <= row < len(self._places) else None)

    def _show_details(self) -> None:
        self.details.setVisible(self._current is not None and self.width() >= _ROOMY)

    # what the user wants

    def _id(self, row: int) -> str | None:
        items = self._state.all
        return items[row].id if 0 <= row < len(items) else None

    @Slot(int, float, object)
    def _move(self, row: int, place: float, token: object) -> None:
        self.moved.emit(self._id(row), place, token)

    @Slot(int)
    def _reset(self, row: int) -> None:
        self.moved.emit(self._id(row), 0.0, None)

    @Slot(int)
    def _toggle_lock(self, row: int) -> None:
        self.lock_toggled.emit(self._id(row))

    @Slot(int)
    def _toggle_keep(self, row: int) -> None:
        self.keep_toggled.emit(self._id(row))

    @Slot(int)
    def _choose(self, row: int) -> None:
        self.set_current(self._id(row))

    @Slot(int)
    def _remove(self, row: int) -> None:
        self.remove_requested.emit(self._id(row))
        self.list.focus_row(min(row, len(self._state.all) - 1))

    @Slot(int)
    def _edit_name(self, row: int) -> None:
        self.set_current(self._id(row))
        self.edit_name()

    def edit_name(self) -> None:
        """Put the keyboard on the name of the chosen direction."""
        self.details.name.setFocus(Qt.FocusReason.OtherFocusReason)
        self.details.name.selectAll()

    @Slot(str)
    def _rename(self, name: str) -> None:
        self.renamed.emit(self._current, name)

    @Slot()
    def _save(self) -> None:
        self.save_requested.emit(self._current)

    @Slot(int, QPoint)
    def _show_menu(self, row: int, position: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.setAccessibleName("Direction")
        item = self._state.get(self._id(row))
        if item is not None:
            menu.addAction("Unlock" if item.locked else "Lock", self._lock_current)
            menu.addAction("Keep no longer" if item.kept else "Keep", self._keep_current)
            menu.addAction("Save…", self._save)
            menu.addSeparator()
            menu.addActions(self._menu_actions)
            menu.popup(position)

    @Slot()
    def _lock_current(self) -> None:
        self.lock_toggled.emit(self._current)

    @Slot()
    def _keep_current(self) -> None:
        self.keep_toggled.emit(self._current)

    # Qt

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._show_details()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._late:
            self._sync()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        path = dropped_path(event)
        if path is not None and Path(path).suffix.lower() == ".npz":
            event.acceptProposedAction()  # here, for a floating panel has no window behind it that would take it
        else:
            event.ignore()

    def dropEvent(self, event: QDropEvent) -> None:
        path = dropped_path(event)
        if path is not None:
            event.acceptProposedAction()
            self.file_dropped.emit(path)


def _range_field() -> QDoubleSpinBox:
    field = QDoubleSpinBox()
    field.setObjectName("direction.range")
    field.setAccessibleName("Range of the sliders")
    field.setToolTip("How far the sliders reach, in standard deviations; beyond about 3 hardly any latent was trained")
    field.setRange(MIN_RANGE, MAX_RANGE)
    field.setDecimals(1)
    field.setSingleStep(0.5)
    field.setKeyboardTracking(False)
    field.setFont(theme.numbers_font(field.font()))
    return field
