"""What the next start remembers: saved soon after each change, and when the window closes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Slot

from latent_debugger.services.exports import save_snapshot
from latent_debugger.services.worker import Worker
from latent_debugger.state.bookmark import z_bytes
from latent_debugger.state.editor import LatentEditor
from latent_debugger.state.paths import session_path
from latent_debugger.state.session import Session
from latent_debugger.state.settings import DEFAULT_AUTOSAVE_S
from latent_debugger.state.snapshot import NeighbourSettings, SessionSnapshot
from latent_debugger.views.main_window import MainWindow
from latent_debugger.wiring.models import ModelFlow
from latent_debugger.wiring.neighbours import NeighbourFlow


class MemoryFlow(QObject):
    """Keeps :class:`SessionSnapshot` up to date."""

    def __init__(
        self,
        window: MainWindow,
        session: Session,
        files: Worker,
        editor: LatentEditor,
        models: ModelFlow,
        neighbours: NeighbourFlow,
    ) -> None:
        super().__init__(window)
        self._window, self._session, self._files, self._editor = window, session, files, editor
        self._neighbours = neighbours
        self._first = True  # no model has been opened yet
        self._snapshot = SessionSnapshot()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self.set_interval(DEFAULT_AUTOSAVE_S)
        self._timer.timeout.connect(self.save_now)
        models.opened.connect(self._remember_model)
        models.stepped.connect(self._remember_step)
        session.latent.changed.connect(self._later)
        session.latent.locks_changed.connect(self._later)
        session.neighbours.changed.connect(self._later)
        for signal in (session.arrangement.marked, session.arrangement.arranged, session.arrangement.faders_changed):
            signal.connect(self._later)
        for signal in (session.folders.changed, window.bookmarks.filter.changed, window.bookmarks.inspector_resized):
            signal.connect(self._later)

    def restore(self, snapshot: SessionSnapshot) -> None:
        """Put the window where it was; model, latent and locks follow when the model is open."""
        window = self._window
        self._snapshot = snapshot
        window.set_recent(snapshot.recent)
        if snapshot.seed is not None:
            window.latents.set_seed(snapshot.seed)
        snapshot.neighbours.apply_to(self._session.neighbours)
        self._session.arrangement.restore(snapshot.arrangement)
        self._session.folders.restore(snapshot.folders)
        window.bookmarks.filter.set_query(snapshot.stars)
        window.bookmarks.set_inspector_height(snapshot.inspector)
        if snapshot.geometry:
            window.restoreGeometry(snapshot.geometry)
        window.restore_layout(snapshot.layout)

    def set_interval(self, seconds: int) -> None:
        """A change is written at the latest this long after it was made."""
        self._timer.setInterval(1000 * seconds)

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
            neighbours=NeighbourSettings.of(session.neighbours),
            last_neighbours=self._neighbours.last(),
            arrangement=session.arrangement.settings,
            stars=replace(window.bookmarks.filter.query(), text=""),
            inspector=window.bookmarks.inspector_height(),
            folders=session.folders.all,
            geometry=bytes(window.saveGeometry().data()),
            layout=window.save_layout(),
        )
        self._files.submit(save_snapshot, session_path(), self._snapshot, failed=window.messages.show_error)

    @Slot()
    @Slot(object)
    def _later(self, _: object = None) -> None:
        if not self._timer.isActive():  # started anew by each change, it would never fire during a long drag
            self._timer.start()

    @Slot(object)
    def _remember_model(self, path: Path) -> None:
        path = path.absolute()
        if self._first and str(path) == self._snapshot.model_path:
            self._neighbours.restore(self._snapshot.last_neighbours)
        self._first = False
        self._snapshot = replace(self._snapshot, model_path=str(path)).with_recent(path)
        self._window.set_recent(self._snapshot.recent)
        self._later()

    @Slot(object)
    def _remember_step(self, path: Path) -> None:
        """Where one is in a run; the list of recent files would be full of its steps."""
        self._snapshot = replace(self._snapshot, model_path=str(path.absolute()))
        self._later()
