"""Random, best of N: one undo step, whose seed the window shows as it does for any random draw."""

from __future__ import annotations

from functools import partial

import numpy as np
from PySide6.QtCore import QElapsedTimer, QObject, Slot

from latent_debugger.services.critic import best_row, cost
from latent_debugger.services.critic_scale import CriticScale
from latent_debugger.services.instruments import InstrumentService
from latent_debugger.state.critic import CriticState
from latent_debugger.state.editor import LatentEditor
from latent_debugger.state.seeds import fresh_seed
from latent_debugger.state.session import Session
from latent_debugger.views.main_window import MainWindow

PURPOSE = "critic.random"
MANY = 64
"""From more pictures than this on it is a job for the slow lane."""
PATIENCE_MS = 400
"""After so long the progress is shown."""


class BestRandomFlow(QObject):
    """The action, and what choosing costs."""

    def __init__(
        self,
        window: MainWindow,
        session: Session,
        instruments: InstrumentService,
        state: CriticState,
        scale: CriticScale,
        editor: LatentEditor,
    ) -> None:
        super().__init__(window)
        self._session, self._instruments, self._state = session, instruments, state
        self._scale, self._editor, self._section = scale, editor, window.critic.choice
        self._messages, self._began = window.messages, QElapsedTimer()
        action = window.action_map["critic.best_random"]
        action.triggered.connect(self.draw)
        self._section.add_action(action)
        self._section.cancel_requested.connect(self._cancel)
        instruments.busy_changed.connect(self._show_busy)
        state.changed.connect(self._show_cost)
        scale.changed.connect(self._show_cost)

    @Slot()
    def draw(self) -> None:
        """Draw N latents and go to the one whose picture the critic likes best; locked values stay."""
        if self._instruments.running(PURPOSE) or not self._session.latent.dim:
            return  # a key that is held down
        count = self._state.settings.best_of
        seeds = [fresh_seed() for _ in range(count)]
        latents = np.stack([self._editor.random_latent(seed) for seed in seeds])
        self._began.start()
        self._instruments.run(
            PURPOSE, partial(best_row, latents), lambda row: self._editor.random(seeds[row]), self._scale.failed.emit,
            self._advance, slow=count > MANY,
        )  # fmt: skip

    def _advance(self, share: float, _found: object) -> None:
        if self._began.hasExpired(PATIENCE_MS):
            words = f"Choosing 1 of {self._state.settings.best_of}…"
            if not self._section.isVisible() and not self._section.working_on:
                self._messages.show_info(words)
            self._section.set_working(PURPOSE, words, share)

    @Slot()
    def _cancel(self) -> None:
        self._instruments.cancel(PURPOSE)

    @Slot(str, bool)
    def _show_busy(self, purpose: str, busy: bool) -> None:
        if purpose == PURPOSE and not busy:
            self._section.set_working(PURPOSE, "")

    @Slot()
    def _show_cost(self) -> None:
        seen, group = self._scale.seen, self._state.settings.best_of
        self._section.set_cost(cost(seen, group) if seen is not None else None, group)
