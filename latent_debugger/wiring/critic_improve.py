"""Improving the picture: the latent stays where it is until the user keeps what was found."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from PySide6.QtCore import QObject, QTimer, Slot

from gan.errors import UserError
from gan.instruments.improving import Improved
from gan.latent.draws import Latents
from latent_debugger.services.critic import climb
from latent_debugger.services.critic_scale import CriticScale
from latent_debugger.services.instruments import InstrumentService
from latent_debugger.services.render import RenderService, Tile
from latent_debugger.state.critic import CriticState, short
from latent_debugger.state.editor import LatentEditor
from latent_debugger.state.latent import Origin
from latent_debugger.state.session import Session
from latent_debugger.views.main_window import MainWindow

PURPOSE = "critic.improve"
PREVIEW_MS = 120
"""Between two previews on the way."""
TOP = "There is nothing better nearby: the critic’s slope is flat here."


@dataclass(frozen=True, eq=False)
class _Walk:
    """What is being improved."""

    z: Latents
    origin: Origin


class ImproveFlow(QObject):
    """Improve, cancel, keep, discard."""

    def __init__(
        self,
        window: MainWindow,
        session: Session,
        instruments: InstrumentService,
        state: CriticState,
        scale: CriticScale,
        render: RenderService,
        editor: LatentEditor,
    ) -> None:
        super().__init__(window)
        self._window, self._session, self._instruments, self._state = window, session, instruments, state
        self._scale, self._render, self._editor, self._section = scale, render, editor, window.critic.improve
        self._walk: _Walk | None = None
        self._found: Improved | None = None
        self._batch: object = None
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(PREVIEW_MS)
        self._soon.timeout.connect(self._preview)
        section = self._section
        window.action_map["critic.improve"].triggered.connect(self._begin_from_menu)
        section.improve_requested.connect(self.begin)
        section.cancel_requested.connect(self.discard)
        section.discard_requested.connect(self.discard)
        section.keep_requested.connect(self.keep)
        render.tile_ready.connect(self._show_tile)
        scale.changed.connect(self._describe)
        state.available_changed.connect(self.discard)
        session.latent.resized.connect(self.discard)

    @Slot()
    def _begin_from_menu(self) -> None:
        self._window.show_panel("critic")
        self.begin()

    @Slot()
    def begin(self) -> None:
        """Climb from the latent on the canvas."""
        latent = self._session.latent
        if not self._state.available or not latent.dim:
            return
        self.discard()
        self._walk = _Walk(latent.z, replace(latent.origin, seed=None, sigma=None))
        self._section.pair.clear()
        self._section.set_stage("climbing", "Walking uphill…")
        job = partial(climb, latent.z, self._state.settings.steps, latent.locks, latent.held)
        self._instruments.run(PURPOSE, job, self._done, self._failed, self._advance, slow=True)

    @Slot()
    def keep(self) -> None:
        """Go to what was found: one step."""
        if self._found is not None and self._walk is not None:
            z, origin = self._found.z, self._walk.origin
            self.discard()
            self._editor.go_to(z, origin, "improvement")

    @Slot()
    def discard(self) -> None:
        """Forget what was found, or end the climb."""
        self._instruments.cancel(PURPOSE)
        self._soon.stop()
        self._walk = self._found = self._batch = None
        self._section.set_stage("idle")

    def _advance(self, share: float, found: Improved | None) -> None:
        self._found = found
        self._section.advance(share, self._told())
        if found is not None and not self._soon.isActive():
            self._soon.start()

    def _done(self, found: Improved) -> None:
        self._found = found
        self._soon.stop()
        if found.after <= found.before:
            self.discard()
            self._section.set_stage("idle", TOP)
            return
        self._section.set_stage("found", self._told())
        self._preview()

    def _failed(self, error: UserError) -> None:
        self.discard()
        self._section.set_stage("idle", str(error))
        self._scale.failed.emit(error)

    @Slot()
    def _preview(self) -> None:
        if self._walk is not None and self._found is not None:
            pair = np.stack([self._walk.z, self._found.z])
            self._batch = self._render.request_tiles(pair, PURPOSE)

    @Slot(object)
    def _show_tile(self, tile: Tile) -> None:
        if tile.batch == self._batch:
            self._section.pair.set_picture(tile.index, tile.image)

    @Slot()
    def _describe(self) -> None:
        if self._section.stage == "found":
            self._section.told.setText(self._told())

    def _told(self) -> str:
        found, scale = self._found, self._scale.scale
        if found is None:
            return "Walking uphill…"
        away = f"{found.degrees:.0f}° away" if found.degrees >= 1 else f"{found.degrees:.1f}° away"
        if scale is None:
            return away
        before, after = short(scale.among_fakes(found.before)), short(scale.among_fakes(found.after))
        return f"{away} · liked more than {before} of random pictures before, {after} after"
