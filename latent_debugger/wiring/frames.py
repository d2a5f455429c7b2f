"""Slider to pixels: every change of the latent asks for one frame, and only the newest reaches the canvas."""

from __future__ import annotations

import time

from PySide6.QtCore import QObject, QTimer, Slot

from gan.latent.neighbours import lengths, norm_percentile
from latent_debugger.services.render import Frame, RenderService
from latent_debugger.state.session import Session
from latent_debugger.views.main_window import MainWindow

STATUS_MS = 100
"""Between two updates of the status bar's numbers: nobody reads faster, and each makes the window lay itself out."""


class FrameFlow(QObject):
    """Latent -> render service -> canvas.

    Attributes:
        latest: the frame on the canvas, or None while there is none.
    """

    def __init__(self, window: MainWindow, session: Session, render: RenderService) -> None:
        super().__init__(window)
        self._window, self._session, self._render = window, session, render
        self.latest: Frame | None = None
        self._timing: tuple[float, float] | None = None
        self._status = QTimer(self)
        self._status.setSingleShot(True)
        self._status.setInterval(STATUS_MS)
        self._status.timeout.connect(self._show_status)
        session.latent.changed.connect(self._request)
        render.frame_ready.connect(self._show)
        render.failed.connect(window.messages.show_error)
        window.canvas.painted.connect(self._measure)

    @Slot(object)
    def _request(self, dimensions: object) -> None:
        z = self._session.latent.z
        if not len(z):
            return
        self._render.request(z)
        self._show_status_soon()

    @Slot(object)
    def _show(self, frame: Frame) -> None:
        if self._window.canvas.set_frame(frame.image, frame.generation):
            self.latest = frame

    @Slot(object)
    def _measure(self, generation: object) -> None:
        frame = self.latest
        if frame is not None and frame.generation == generation:
            self._timing = frame.model_ms, (time.perf_counter() - frame.requested_at) * 1000
            self._show_status_soon()

    def _show_status_soon(self) -> None:
        if not self._status.isActive():
            self._status.start()

    @Slot()
    def _show_status(self) -> None:
        z = self._session.latent.z
        if self._session.model is None or not len(z):
            return
        self._window.status.set_norm(float(lengths(z)), 100 * norm_percentile(z))
        if self._timing is not None:
            self._window.status.set_timing(*self._timing, self._render.dropped)
