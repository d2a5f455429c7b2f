"""The two menus of the latents: how all of them are arranged, and what can be done with one."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from latent_debugger.state.arrangement import Arrangement
from latent_debugger.views import icons

_SORTS = (
    ("Sort by number", "number"),
    ("Sort by value", "value"),
    ("Sort by distance from zero", "magnitude"),
    ("Sort by sensitivity", "sensitivity"),
)
_GROUPS = (("No groups", "none"), ("Groups of 16", "16"), ("Groups of 32", "32"), ("Locked ones apart", "locks"))


_WEAK = (
    ("Show weak dimensions", "none"),
    ("Fold what is under 10 % of the strongest", "10%"),
    ("Fold what is under 25 % of the strongest", "25%"),
    ("Fold what is under 50 % of the strongest", "50%"),
    ("Fold all but the strongest 16", "top16"),
    ("Fold all but the strongest 32", "top32"),
)


class ArrangeButton(QToolButton):
    """Opens the menu that sorts and groups the rows, and switches between rows and faders.

    Signals:
        sensitivity_wanted(): an order was chosen that needs to know what the dimensions do.
    """

    sensitivity_wanted = Signal()

    def __init__(self, rows: Arrangement, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows = rows
        self.setObjectName("latent.arrange")
        self.setAccessibleName("Arrange dimensions")
        self.setToolTip("Sort and group the dimensions, or show them as faders")
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        icons.set_icon(self, "rows")
        menu = QMenu(self)
        menu.setAccessibleName("Arrange dimensions")
        self._sorts = _choices(menu, _SORTS, rows.set_sort)
        menu.addSeparator()
        self._groups = _choices(menu, _GROUPS, rows.set_group)
        weak = QMenu("Weak dimensions", menu)
        weak.setAccessibleName("Weak dimensions")
        self._weak = _choices(weak, _WEAK, rows.set_weak)
        menu.addMenu(weak)
        for action in (self._sorts[-1], *self._weak[1:]):
            action.triggered.connect(self.sensitivity_wanted)
        menu.addSeparator()
        self._faders = _entry(menu, "Fader bank")
        self._faders.setCheckable(True)
        self._faders.triggered.connect(rows.set_faders)
        menu.addSeparator()
        self.show_all = _entry(menu, "Show hidden rows")
        self.unpin_all = _entry(menu, "Unpin all")
        menu.aboutToShow.connect(self._sync)
        self.setMenu(menu)

    def choices(self) -> list[QAction]:
        """Everything in the menu but the fader bank, which is in the window's own, as it is now."""
        self._sync()
        return [*self._sorts, *self._groups, *self._weak, self.show_all, self.unpin_all]

    def _sync(self) -> None:
        settings = self._rows.settings
        chosen_of = (self._sorts, settings.sort), (self._groups, settings.group), (self._weak, settings.weak)
        for actions, chosen in chosen_of:
            for action in actions:
                action.setChecked(action.data() == chosen)
        self._faders.setChecked(settings.faders)
        self.show_all.setEnabled(bool(self._rows.hidden.any()))
        self.unpin_all.setEnabled(bool(self._rows.pinned.any()))


def row_menu(parent: QWidget, locked: bool, pinned: bool, hidden: bool) -> tuple[QMenu, dict[str, QAction]]:
    """The context menu of one dimension, which deletes itself, and its actions: lock, pin, hide, zero."""
    menu = QMenu(parent)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    menu.setAccessibleName("Dimension")
    actions = {
        "lock": menu.addAction("Unlock\tL" if locked else "Lock\tL"),
        "pin": menu.addAction("Unpin\tP" if pinned else "Pin\tP"),
        "hide": menu.addAction("Show among the others\tH" if hidden else "Hide\tH"),
    }
    menu.addSeparator()
    actions["zero"] = menu.addAction("Set to zero")
    actions["zero"].setEnabled(not locked)
    return menu, actions


def _entry(menu: QMenu, text: str) -> QAction:
    """An action of a menu that stays: made here, because PySide may invalidate the wrapper of one that Qt has made
    while the action itself lives on (found by tests/soak)."""
    action = QAction(text, menu)
    action.setObjectName(f"latent.{text.lower().replace(' ', '_')}")  # as the palette, too, shows it among its like
    menu.addAction(action)
    return action


def _choices(menu: QMenu, choices: tuple[tuple[str, str], ...], choose: Callable[..., None]) -> list[QAction]:
    group, made = QActionGroup(menu), []
    for text, value in choices:
        action = _entry(menu, text)
        action.setCheckable(True)
        action.setData(value)
        group.addAction(action)
        made.append(action)
    group.triggered.connect(lambda action: choose(action.data()))
    return made
