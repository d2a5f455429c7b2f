"""Slider to pixels: every change of the latent asks for one frame, and only the newest reaches the canvas."""

from __future__ import annotations

import time

import numpy as np
from PySide6.QtCore import QObject, Slot

from gan.errors import UserError
from gan.latent.neighbours import norm_percentile
from latent_debugger.services.render import Frame, RenderService
from latent_debugger.state.session import Session
from latent_debugger.views.main_window import MainWindow


class FrameFlow(QObject):
    """Latent -> render service -> canvas.

    Attributes:
        latest: the frame on the canvas, or None while there is none.
    """

    def __init__(self, window: MainWindow, session: Session, render: RenderService) -> None:
        super().__init__(window)
        self._window, self._session, self._render = window, session, render
        self.latest: Frame | None = None
        session.latent.changed.connect(self._request)
        render.frame_ready.connect(self._show)
        render.failed.connect(self._fail)
        window.canvas.painted.connect(self._measure)

    @Slot(object)
    def _request(self, dimensions: object) -> None:
        z = self._session.latent.z
        if not len(z):
            return
        self._render.request(z)
        self._window.status.set_norm(float(np.linalg.norm(z)), 100 * norm_percentile(z))

    @Slot(object)
    def _show(self, frame: Frame) -> None:
        if self._window.canvas.set_frame(frame.image, frame.generation):
            self.latest = frame

    @Slot(object)
    def _measure(self, generation: object) -> None:
        frame = self.latest
        if frame is not None and frame.generation == generation:
            spent = (time.perf_counter() - frame.requested_at) * 1000
            self._window.status.set_timing(frame.model_ms, spent, self._render.dropped)

    @Slot(object)
    def _fail(self, error: UserError) -> None:
        self._window.messages.show_error(error)
