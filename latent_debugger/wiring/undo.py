"""Two histories, one Ctrl+Z."""

from __future__ import annotations

from PySide6.QtCore import QObject, Slot
from PySide6.QtGui import QUndoStack
from PySide6.QtWidgets import QApplication, QMenu, QMenuBar, QWidget
from shiboken6 import isValid

from latent_debugger.state.session import Session
from latent_debugger.views.main_window import MainWindow


class UndoFlow(QObject):
    """Ctrl+Z takes back what was last done where the user is working: in the panel *Dataset* a decision, elsewhere a
    change of the latent or the stars. A step done brings its history to the front, and so does the focus."""

    def __init__(self, window: MainWindow, session: Session) -> None:
        super().__init__(window)
        self._window, self._group = window, session.undo_group
        self._main, self._decisions = session.undo, session.curation.undo
        self._main.indexChanged.connect(self._main_used)
        self._decisions.indexChanged.connect(self._decisions_used)
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        app.focusChanged.connect(self._follow_focus)

    @Slot(int)
    def _main_used(self, index: int) -> None:
        self._activate(self._main, index)

    @Slot(int)
    def _decisions_used(self, index: int) -> None:
        self._activate(self._decisions, index)

    def _activate(self, stack: QUndoStack, index: int) -> None:
        if index > 0:  # or else it was cleared, by another model or another pile
            self._group.setActiveStack(stack)

    @Slot(QWidget, QWidget)
    def _follow_focus(self, old: QWidget | None, new: QWidget | None) -> None:
        if new is None or not isValid(self._window) or isinstance(new, QMenu | QMenuBar):
            return
        if self._window.docks["dataset"].isAncestorOf(new):
            self._group.setActiveStack(self._decisions)
        elif self._window.isAncestorOf(new):
            self._group.setActiveStack(self._main)
