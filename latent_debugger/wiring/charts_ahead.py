"""What draws the charts is read before it is needed: importing pyqtgraph takes some 0.3 s, too long for the GUI thread.

The import makes no QObject, only values (colours, painter paths) and classes, so that any thread may do it. Whoever
needs a chart meanwhile waits at Python's own lock for what is left of it.
"""

from __future__ import annotations

from importlib import import_module

from PySide6.QtCore import QObject, QTimer, Slot

from latent_debugger.services.worker import Worker
from latent_debugger.state.session import Session
from latent_debugger.views.main_window import MainWindow

CHARTS = "latent_debugger.views.charts.chart"
SETTLED_MS = 3000
"""After runs were found, which is soon after the start: until then the first picture goes before."""


class ChartsAhead(QObject):
    """Imports :data:`CHARTS` once: when the panel Training or Paths is first seen, or a while after runs were found."""

    def __init__(self, window: MainWindow, session: Session) -> None:
        super().__init__(window)
        self._session = session
        self._asked = False
        self._worker = Worker("charts", self, trouble="The charts could not be prepared.")
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(SETTLED_MS)
        self._timer.timeout.connect(self._import)
        window.training.shown.connect(self._panel_shown)
        window.docks["paths"].visibilityChanged.connect(self._panel_shown)  # its speed is a chart, too
        session.runs.changed.connect(self._runs_changed)

    def wait_idle(self, timeout_s: float) -> bool:
        """Block until nothing is being imported; False after ``timeout_s`` seconds."""
        return self._worker.wait_idle(timeout_s)

    @Slot()
    def stop(self) -> None:
        """Import nothing any more; end the thread."""
        self._timer.stop()
        self._worker.stop()

    @Slot(bool)
    def _panel_shown(self, on: bool) -> None:
        if on:
            self._import()

    @Slot()
    def _runs_changed(self) -> None:
        if self._session.runs.entries:
            self._session.runs.changed.disconnect(self._runs_changed)
            self._timer.start()

    @Slot()
    def _import(self) -> None:
        self._timer.stop()
        if not self._asked:
            self._asked = True
            self._worker.submit(import_module, CHARTS, done=self._imported)

    def _imported(self, _: object) -> None:
        QTimer.singleShot(0, self, self.stop)  # the worker is still about to answer
