"""Where the panels of the window are: the places they start in, and how they are remembered.

Latents, neighbours and bookmarks are the window at rest. The *work panels* (training, timeline, data …) share one strip
of tabs at the bottom with the neighbours; they are closed until asked for, and while one of them is docked there the
strip takes the window's whole width, for charts and walls of pictures are wide.
"""

from __future__ import annotations

from PySide6.QtCore import QByteArray, QObject, Qt, Slot
from PySide6.QtWidgets import QMainWindow, QTabWidget
from shiboken6 import isValid

from latent_debugger.views.dock import Dock

LAYOUT_VERSION = 1
"""Raise it when a saved layout no longer fits the panels."""
LATENTS_WIDTH, BOOKMARKS_WIDTH, NEIGHBOURS_HEIGHT, WORK_HEIGHT = 360, 300, 244, 340

_AREAS = Qt.DockWidgetArea
_PLACES = {
    "latents": _AREAS.LeftDockWidgetArea,
    "neighbours": _AREAS.BottomDockWidgetArea,
    "bookmarks": _AREAS.RightDockWidgetArea,
}


class WindowLayout(QObject):
    """Gives the panels of ``window`` their places.

    Args:
        docks: every panel's frame by name; those besides latents, neighbours and bookmarks are work panels.
    """

    def __init__(self, window: QMainWindow, docks: dict[str, Dock]) -> None:
        super().__init__(window)
        self._window, self._docks = window, docks
        self._work = [dock for name, dock in docks.items() if name not in _PLACES]
        self._sized = False
        window.setTabPosition(_AREAS.BottomDockWidgetArea, QTabWidget.TabPosition.North)
        for dock in self._work:
            dock.toggle.triggered.connect(self._raise_opened)
            dock.visibilityChanged.connect(self._give_corners)
            dock.dockLocationChanged.connect(self._give_corners)
            dock.topLevelChanged.connect(self._give_corners)

    def save(self) -> bytes:
        """Where the panels are, to be kept for the next start."""
        return bytes(self._window.saveState(LAYOUT_VERSION).data())

    def restore(self, layout: bytes) -> bool:
        """Put the panels where they were; False, and nothing changed, when ``layout`` does not fit."""
        restored = bool(layout) and self._window.restoreState(QByteArray(layout), LAYOUT_VERSION)
        self._sized = self._sized or restored
        return restored

    @Slot()
    def reset(self) -> None:
        """Latents left, bookmarks right, neighbours under the canvas, work panels behind them and closed."""
        for name, dock in self._docks.items():
            dock.setFloating(False)
            self._window.addDockWidget(_PLACES.get(name, _AREAS.BottomDockWidgetArea), dock)
            dock.setVisible(name in _PLACES)
        self._give_corners()
        self.size_docks()

    def size_at_first_show(self) -> None:
        """Sizes asked for before the first show are forgotten by Qt's layout."""
        if not self._sized:
            self._sized = True
            self.size_docks()

    def size_docks(self) -> None:
        """Give every panel its share of the window."""
        docks, window = self._docks, self._window
        widths = [max(LATENTS_WIDTH, window.width() // 5), max(BOOKMARKS_WIDTH, window.width() // 6)]  # large screens
        window.resizeDocks([docks["latents"], docks["bookmarks"]], widths, Qt.Orientation.Horizontal)
        height = max(NEIGHBOURS_HEIGHT, window.height() // 5)
        window.resizeDocks([docks["neighbours"]], [height], Qt.Orientation.Vertical)

    def show(self, name: str) -> None:
        """Open a panel and bring it to the front."""
        dock = self._docks[name]
        opened = dock.isHidden()
        if opened and dock in self._work and not dock.isFloating():
            self._join_strip(dock)
        dock.show()
        dock.raise_()
        if opened and dock in self._work and not dock.isFloating() and dock.height() < WORK_HEIGHT:
            self._window.resizeDocks([dock], [WORK_HEIGHT], Qt.Orientation.Vertical)

    def _join_strip(self, dock: Dock) -> None:
        """A tab beside what is open at the bottom. Not before it is opened: Qt keeps a tab bar even for one tab."""
        bottom = _AREAS.BottomDockWidgetArea
        if self._window.dockWidgetArea(dock) != bottom or self._window.tabifiedDockWidgets(dock):
            return
        for other in (self._docks["neighbours"], *self._work):
            shown = other is not dock and not other.isHidden() and not other.isFloating()
            if shown and self._window.dockWidgetArea(other) == bottom:
                self._window.tabifyDockWidget(other, dock)
                return

    @Slot(bool)
    def _raise_opened(self, on: bool) -> None:
        if on:
            sender = self.sender().parent()
            name = next((name for name, dock in self._docks.items() if dock is sender), None)
            if name is not None:
                self._docks[name].hide()
                self.show(name)

    @Slot()
    def _give_corners(self) -> None:
        if not isValid(self._window):  # torn down with its panels open, each of which says that it goes
            return
        bottom = _AREAS.BottomDockWidgetArea
        wide = any(
            not dock.isHidden() and not dock.isFloating() and self._window.dockWidgetArea(dock) == bottom
            for dock in self._work
        )
        left, right = (bottom, bottom) if wide else (_AREAS.LeftDockWidgetArea, _AREAS.RightDockWidgetArea)
        if self._window.corner(Qt.Corner.BottomLeftCorner) != left:
            self._window.setCorner(Qt.Corner.BottomLeftCorner, left)
            self._window.setCorner(Qt.Corner.BottomRightCorner, right)
