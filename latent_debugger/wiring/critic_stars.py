"""Stars in the critic's order: their scores are worked out while the list is in view and wants them."""

from __future__ import annotations

from functools import partial

import numpy as np
from PySide6.QtCore import QObject, QTimer, Slot

from gan.errors import UserError
from latent_debugger.services.critic import read_scores
from latent_debugger.services.critic_scale import CriticScale
from latent_debugger.services.instruments import InstrumentService
from latent_debugger.state.bookmark import Bookmark
from latent_debugger.state.critic import CriticState, Scores, told
from latent_debugger.state.session import Session
from latent_debugger.views.main_window import MainWindow

PURPOSE = "critic.stars"


class CriticStarsFlow(QObject):
    """Scores the stars that belong to the open model; of others the open model would draw other pictures."""

    def __init__(
        self,
        window: MainWindow,
        session: Session,
        instruments: InstrumentService,
        state: CriticState,
        scale: CriticScale,
    ) -> None:
        super().__init__(window)
        self._session, self._instruments, self._state, self._scale = session, instruments, state, scale
        self._panel, self._visible = window.bookmarks, False
        self._scores: dict[bytes, float] = {}  # of the open model, by latent
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(0)
        self._soon.timeout.connect(self._refresh)
        window.docks["bookmarks"].visibilityChanged.connect(self._show_visible)
        self._panel.filter.changed.connect(self._later)
        for signal in (session.library.inserted, session.library.reset, state.available_changed, scale.changed):
            signal.connect(self._later)
        session.model_changed.connect(self._forget)

    @Slot(bool)
    def _show_visible(self, on: bool) -> None:
        self._visible = on
        self._later()

    @Slot()
    @Slot(object)
    def _later(self, _: object = None) -> None:
        self._soon.start()

    @Slot()
    def _forget(self) -> None:
        self._scores.clear()
        self._later()

    @Slot()
    def _refresh(self) -> None:
        wanted = self._visible and self._state.available and self._panel.filter.query().order == "critic"
        self._scale.want("stars", wanted)
        if not wanted:
            self._instruments.cancel(PURPOSE)
            self._panel.filter.set_note("")
            self._panel.model.set_scores({}, {})
            return
        stars = self._own_stars()
        self._show(stars)
        fresh = list({star.z: star for star in stars if star.z not in self._scores}.values())
        if fresh and not self._instruments.running(PURPOSE):
            latents = np.stack([star.latent for star in fresh])
            self._instruments.run(
                PURPOSE, partial(read_scores, latents), partial(self._keep, fresh), self._failed,
                partial(self._advance, len(fresh)), slow=True,
            )  # fmt: skip

    def _own_stars(self) -> list[Bookmark]:
        model = self._session.model
        if model is None:
            return []
        form = (model.dim, model.space, model.label)
        stars = self._session.library.bookmarks()
        return [star for star in stars if (star.dim, star.space, star.label) == form and star.belongs_to(model)]

    def _advance(self, count: int, share: float, _found: object) -> None:
        self._panel.filter.set_note(f"scoring {count:,} stars: {share:.0%}")

    def _keep(self, stars: list[Bookmark], scores: Scores) -> None:
        self._scores.update(zip((star.z for star in stars), map(float, scores), strict=True))
        self._panel.filter.set_note("")
        self._later()

    def _failed(self, error: UserError) -> None:
        self._panel.filter.set_note("")
        self._scale.failed.emit(error)

    def _show(self, stars: list[Bookmark]) -> None:
        scores = {star.id: self._scores[star.z] for star in stars if star.z in self._scores}
        scale, ranks = self._scale.scale, {}
        if scale is not None:
            count = len(scale.fakes)
            for id_, score in scores.items():
                ranks[id_] = f"The critic likes it {told(scale.among_fakes(score), count, 'random pictures')}"
        self._panel.model.set_scores(scores, ranks)
