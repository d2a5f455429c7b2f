"""The score of the picture on the canvas: at once where that is quick, else as soon as the latent rests."""

from __future__ import annotations

import time
from functools import partial

from PySide6.QtCore import QObject, QTimer, Slot

from gan.errors import UserError
from latent_debugger.services.critic import read_score
from latent_debugger.services.critic_scale import CriticScale
from latent_debugger.services.instruments import InstrumentService
from latent_debugger.state.critic import CriticState
from latent_debugger.state.session import Session
from latent_debugger.views.critic_rank import COMPARING
from latent_debugger.views.main_window import MainWindow
from latent_debugger.wiring.reference import ReferenceFlow

PURPOSE = "critic.read"
QUICK_S = 0.02
"""A score that takes no longer is read during a drag, too."""
LIVE_MS, REST_MS = 66, 150
"""Between two readings during a drag; and how long the latent has to rest otherwise."""


class RankFlow(QObject):
    """Works only while the panel is in view."""

    def __init__(
        self,
        window: MainWindow,
        session: Session,
        instruments: InstrumentService,
        state: CriticState,
        scale: CriticScale,
        reference: ReferenceFlow,
    ) -> None:
        super().__init__(window)
        self._window, self._session, self._instruments = window, session, instruments
        self._state, self._scale, self._section, self._reference = state, scale, window.critic.rank, reference
        self._active = False
        self._took_s = 1.0  # the last reading; the first loads the networks
        self._again = False
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.timeout.connect(self._read)
        reference.attach(self._section.reference)
        session.latent.changed.connect(self._later)
        session.model_changed.connect(self._model_changed)
        state.available_changed.connect(self._refresh)
        scale.changed.connect(self._show_scale)
        scale.advanced.connect(self._show_share)
        window.docks["critic"].visibilityChanged.connect(self._activate)

    @Slot(bool)
    def _activate(self, on: bool) -> None:
        self._active = on
        self._refresh()

    @Slot()
    def _model_changed(self) -> None:
        self._section.set_score(None)
        self._took_s = 1.0
        self._refresh()

    @Slot()
    def _refresh(self) -> None:
        wanted = self._active and self._state.available
        self._scale.want("panel", wanted)
        self._reference.want("critic", wanted)
        if wanted:
            self._soon.start(0)
        else:
            self._soon.stop()
            self._instruments.cancel(PURPOSE)

    @Slot()
    @Slot(object)
    def _later(self, _: object = None) -> None:
        if not self._active or not self._state.available:
            return
        if self._instruments.running(PURPOSE):
            self._again = True
        elif self._took_s > QUICK_S:
            self._soon.start(REST_MS)  # anew with every change: the latent has to rest
        elif not self._soon.isActive():
            self._soon.start(LIVE_MS)

    @Slot()
    def _read(self) -> None:
        if self._active and self._state.available:
            self._again = False
            job = partial(_timed_score, self._session.latent.z)
            self._instruments.run(PURPOSE, job, self._show_score, self._failed)

    def _show_score(self, found: tuple[float, float]) -> None:
        score, self._took_s = found
        self._section.set_score(score)
        if self._again:
            self._later()

    def _failed(self, error: UserError) -> None:
        self._section.set_score(None)
        self._scale.failed.emit(error)

    @Slot()
    def _show_scale(self) -> None:
        self._section.set_scale(self._scale.scale)

    @Slot(float)
    def _show_share(self, share: float) -> None:
        if self._scale.scale is None:
            self._section.set_scale(None, f"{COMPARING} {share:.0%}")


def _timed_score(z, subject, watch) -> tuple[float, float]:  # type: ignore[no-untyped-def]
    started = time.perf_counter()
    return read_score(z, subject, watch), time.perf_counter() - started
