"""What draws the charts is read before it is needed: importing pyqtgraph takes some 0.2 s, noticed in a first chart.

It happens in the GUI thread, in small pieces between the events. Another thread must not do it: PySide makes the Python
type of a Qt class when its name is first used, and two threads that do so at once end the process (docs/adr/0003).
pyqtgraph asks for every name of QtCore, QtGui and QtWidgets; these are half of the time, and they come in pieces.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from importlib import import_module

from PySide6 import QtCore, QtGui, QtSvg, QtWidgets
from PySide6.QtCore import QObject, QTimer, Slot

from latent_debugger.state.session import Session
from latent_debugger.views.main_window import MainWindow

CHARTS = "latent_debugger.views.charts.chart"
SETTLED_MS = 3000
"""After runs were found, which is soon after the start: until then the first picture goes before."""
PIECE_S = 0.003
"""What one turn of the event loop gives. The last piece, pyqtgraph itself, cannot be divided: some 0.09 s."""
PAUSE_MS = 10


class ChartsAhead(QObject):
    """Imports :data:`CHARTS` once: when the panel Training or Paths is first seen, or a while after runs were found."""

    def __init__(self, window: MainWindow, session: Session) -> None:
        super().__init__(window)
        self._session = session
        self._pieces: Iterator[None] | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._go_on)
        window.training.shown.connect(self._panel_shown)
        window.docks["paths"].visibilityChanged.connect(self._panel_shown)  # its speed is a chart, too
        session.runs.changed.connect(self._runs_changed)

    @Slot()
    def stop(self) -> None:
        """Import nothing any more."""
        self._timer.stop()
        self._pieces = iter(())

    @Slot(bool)
    def _panel_shown(self, on: bool) -> None:
        if on and self._pieces is None:
            self._timer.start(PAUSE_MS)

    @Slot()
    def _runs_changed(self) -> None:
        if self._session.runs.entries:
            self._session.runs.changed.disconnect(self._runs_changed)
            if self._pieces is None and not self._timer.isActive():
                self._timer.start(SETTLED_MS)

    @Slot()
    def _go_on(self) -> None:
        if self._pieces is None:
            self._pieces = _pieces()
        end = time.perf_counter() + PIECE_S
        for _ in self._pieces:
            if time.perf_counter() >= end:
                self._timer.start(PAUSE_MS)
                return


def _pieces() -> Iterator[None]:
    """Everything to be done, a little between any two values."""
    for module in (QtCore, QtGui, QtWidgets, QtSvg):
        for name in dir(module):
            getattr(module, name)  # makes its type
            yield
    import_module(CHARTS)
