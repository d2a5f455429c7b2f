"""Every connection that crosses a layer: one file for each flow between views, state and services."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Slot

from latent_debugger.errors import Reporter
from latent_debugger.log import Log
from latent_debugger.services.curation import CurationService
from latent_debugger.services.garbage import GuiGarbageCollector
from latent_debugger.services.library import LibraryService
from latent_debugger.services.models import ModelService
from latent_debugger.services.render import RenderService
from latent_debugger.services.timeline import ReelSource
from latent_debugger.services.worker import Worker
from latent_debugger.state.editor import LatentEditor
from latent_debugger.state.session import Session
from latent_debugger.state.snapshot import SessionSnapshot
from latent_debugger.views.main_window import MainWindow
from latent_debugger.wiring.adapters import AdapterFlow
from latent_debugger.wiring.bookmarks import BookmarkFlow
from latent_debugger.wiring.charts_ahead import ChartsAhead
from latent_debugger.wiring.dataset import DatasetFlow
from latent_debugger.wiring.drawn_as import DrawnAsFlow
from latent_debugger.wiring.follow import FollowFlow
from latent_debugger.wiring.frames import FrameFlow
from latent_debugger.wiring.hints import HintFlow
from latent_debugger.wiring.instruments import InstrumentFlows
from latent_debugger.wiring.labels import LabelFlow
from latent_debugger.wiring.latents import LatentFlow
from latent_debugger.wiring.memory import MemoryFlow
from latent_debugger.wiring.model_info import ModelInfoFlow
from latent_debugger.wiring.models import ModelFlow
from latent_debugger.wiring.neighbours import NeighbourFlow
from latent_debugger.wiring.pictures import PictureFlow
from latent_debugger.wiring.preferences import PreferencesFlow
from latent_debugger.wiring.projection import PICTURES
from latent_debugger.wiring.star_tools import StarToolsFlow
from latent_debugger.wiring.thumbnails import ThumbnailFlow
from latent_debugger.wiring.timeline import TimelineFlow
from latent_debugger.wiring.timeline_stars import StarPicturesFlow
from latent_debugger.wiring.training import TrainingFlow
from latent_debugger.wiring.trouble import TroubleFlow
from latent_debugger.wiring.undo import UndoFlow
from latent_debugger.wiring.vectors import VectorFlow


@dataclass(frozen=True)
class Services:
    """Everything that runs off the GUI thread."""

    render: RenderService
    models: ModelService
    library: LibraryService
    files: Worker
    """Exports, imports and the session file, one after another."""
    curation: CurationService


class Wiring(QObject):
    """Connects one window. It lives as long as the window, its parent.

    Attributes:
        session: what the window shows.
        services: what works for it; all stopped when the window closes.
    """

    def __init__(self, window: MainWindow, session: Session, reporter: Reporter, log: Log) -> None:
        super().__init__(window)
        self.session = session
        self.services = services = Services(
            RenderService(self), ModelService(self), LibraryService(self), Worker("files", self), CurationService(self)
        )
        self._garbage = GuiGarbageCollector(self)
        self._reporter, self._log = reporter, log
        self.editor = LatentEditor(session.latent, session.undo, self)
        self.frames = FrameFlow(window, session, services.render)
        self.bookmarks = BookmarkFlow(window, session, services.library, self.editor, self.frames)
        self.thumbnails = ThumbnailFlow(self, session, services.library, services.render)
        self.neighbours = NeighbourFlow(window, session, services.render, self.editor, self.bookmarks)
        self.models = ModelFlow(window, session, services.models, services.render)
        self.drawn_as = DrawnAsFlow(window, session, services.models, self.models)
        self.adapters = AdapterFlow(window, session, services.files, self.models)
        self.labels = LabelFlow(window, session, services.render, self.frames, self.models)
        self.vectors = VectorFlow(window, session, services.files, self.editor, self.bookmarks)
        self.star_tools = StarToolsFlow(window, session, services.files)
        self.pictures = PictureFlow(window, services.files, session, self.frames)
        self.memory = MemoryFlow(window, session, services.files, self.editor, self.models, self.neighbours)
        self.preferences = PreferencesFlow(window, session, services.files, self.memory, self.models)
        self.model_info = ModelInfoFlow(window, session, services.files, self.models)
        self.trouble = TroubleFlow(window, session, services.files, self.memory, reporter)
        self.latents = LatentFlow(window, session, self.editor)
        self.hints = HintFlow(window, session)
        self.follow = FollowFlow(window, session, self.models, ReelSource(services.files, self), services.files)
        self.timeline = TimelineFlow(window, session, self.models, self.follow.source, self.editor, services.files)
        self.star_pictures = StarPicturesFlow(window, session, services.render)
        self.training = TrainingFlow(window, session, services.files, self.models, self.follow)
        self.charts_ahead = ChartsAhead(window, session)
        self.dataset = DatasetFlow(window, session, services.curation, services.files)
        self.training.run_view.sample_chosen.connect(self.timeline.steps.open_sample)
        self.dataset.train_requested.connect(self.training.set_up)
        self.instruments = InstrumentFlows(
            window, session, services.render, services.files, self.editor, self.neighbours
        )
        self.undo = UndoFlow(window, session)
        window.file_dropped.connect(self.open_file)
        window.closing.connect(self._close)

    @Slot(object)
    def open_file(self, path: Path) -> None:
        """Open whatever was dropped on the window: vectors, directions, a picture that carries its latent, training
        pictures, or a model."""
        kind = path.suffix.lower()
        if path.name == "images.npy":
            self.dataset.take(path, otherwise=self.vectors.import_file)
        elif kind == ".npz":
            self.instruments.directions.files.take(path, otherwise=self.vectors.import_file)
        elif kind == ".npy":
            self.vectors.import_file(path)
        elif kind == ".png":
            self.vectors.open_picture(path, otherwise=self.instruments.projection.offer)
        elif kind in PICTURES:
            self.instruments.projection.offer(path)
        else:
            self.dataset.take(path, otherwise=self.models.open)

    def open_at_start(self, path: Path | None, snapshot: SessionSnapshot, bundled: Path | None) -> None:
        """Open what the command line names, else what was open last, else the bundled model."""
        last = Path(snapshot.model_path) if snapshot.model_path else None
        if path is not None:
            same = last is not None and path.absolute() == last
            self.models.open_first(path, snapshot if same else None, None)
        elif last is not None and self.adapters.offer_at_start(last, snapshot):
            if bundled is not None:
                self.models.open_first(bundled, None, None)
        elif last is not None:
            self.follow.expect(last)
            self.models.open_first(last, snapshot, bundled)
        elif bundled is not None:
            self.models.open_first(bundled, None, None)

    def wait_idle(self, timeout_s: float = 10.0) -> bool:
        """Block until every service has done and answered what it was asked; False after ``timeout_s`` seconds each."""
        services = self.services
        own = (self.timeline, services.curation, self.training, self.instruments)
        waiting = (self.follow.source, services.models, services.library, services.files, services.render, *own)
        return all(service.wait_idle(timeout_s) for service in waiting)

    @Slot()
    def _close(self) -> None:
        """Save, then stop every service and wait for it."""
        self.memory.save_now()
        self.preferences.flush()
        self.follow.stop()
        self.charts_ahead.stop()
        self.training.stop()
        self.timeline.stop()
        self.instruments.stop()
        services = self.services
        for service in (services.render, services.models, services.library, services.files, services.curation):
            service.stop()
        self._garbage.stop()
        self._reporter.uninstall()
        self._log.close()
