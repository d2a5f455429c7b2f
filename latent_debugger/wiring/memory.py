"""What the next start remembers: saved a moment after each change, and when the window closes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Slot

from gan.errors import UserError
from latent_debugger.services.exports import save_snapshot
from latent_debugger.services.worker import Worker
from latent_debugger.state.bookmark import z_bytes
from latent_debugger.state.editor import LatentEditor
from latent_debugger.state.paths import session_path
from latent_debugger.state.session import Session
from latent_debugger.state.snapshot import NeighbourSettings, SessionSnapshot
from latent_debugger.views.main_window import MainWindow
from latent_debugger.wiring.models import ModelFlow

SAVE_AFTER_MS = 1000


class MemoryFlow(QObject):
    """Keeps :class:`SessionSnapshot` up to date."""

    def __init__(
        self, window: MainWindow, session: Session, files: Worker, editor: LatentEditor, models: ModelFlow
    ) -> None:
        super().__init__(window)
        self._window, self._session, self._files, self._editor = window, session, files, editor
        self._snapshot = SessionSnapshot()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(SAVE_AFTER_MS)
        self._timer.timeout.connect(self.save_now)
        models.opened.connect(self._remember_model)
        window.theme_chosen.connect(self._remember_theme)
        window.smooth_chosen.connect(self._remember_smooth)
        window.latents.range_changed.connect(self._later)
        session.latent.changed.connect(self._later)
        session.latent.locks_changed.connect(self._later)
        session.neighbours.changed.connect(self._later)

    def restore(self, snapshot: SessionSnapshot, theme: str) -> None:
        """Put the window where it was; model, latent and locks follow when the model is open."""
        window = self._window
        self._snapshot = replace(snapshot, theme=theme)
        window.set_theme(theme)
        window.set_smooth(snapshot.smooth)
        window.set_recent(snapshot.recent)
        window.latents.set_range(snapshot.slider_range)
        if snapshot.seed is not None:
            window.latents.set_seed(snapshot.seed)
        snapshot.neighbours.apply_to(self._session.neighbours)
        if snapshot.geometry:
            window.restoreGeometry(snapshot.geometry)
        window.restore_layout(snapshot.layout)

    @Slot()
    def save_now(self) -> None:
        """Write what would be lost otherwise."""
        self._timer.stop()
        session, window = self._session, self._window
        latent = session.latent
        if latent.dim == 0:
            return  # nothing was opened: keep what the last session left
        seed = self._editor.last_seed
        self._snapshot = replace(
            self._snapshot,
            z=z_bytes(latent.z),
            locks=tuple(int(i) for i in latent.locks.nonzero()[0]),
            seed=self._snapshot.seed if seed is None else seed,
            slider_range=window.latents.slider_range(),
            neighbours=NeighbourSettings.of(session.neighbours),
            geometry=bytes(window.saveGeometry().data()),
            layout=window.save_layout(),
        )
        self._files.submit(save_snapshot, session_path(), self._snapshot, failed=self._fail)

    @Slot()
    @Slot(object)
    def _later(self, _: object = None) -> None:
        self._timer.start()

    @Slot(object)
    def _remember_model(self, path: Path) -> None:
        path = path.absolute()
        self._snapshot = replace(self._snapshot, model_path=str(path)).with_recent(path)
        self._window.set_recent(self._snapshot.recent)
        self._later()

    @Slot(object)
    def _remember_theme(self, theme: str) -> None:
        self._snapshot = replace(self._snapshot, theme=theme)
        self._later()

    @Slot(bool)
    def _remember_smooth(self, smooth: bool) -> None:
        self._snapshot = replace(self._snapshot, smooth=smooth)
        self._later()

    def _fail(self, error: UserError) -> None:
        self._window.messages.show_error(error)
