"""Hot reload: a new checkpoint of the open model's run takes its place, under the same latent."""

from __future__ import annotations

import logging
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Slot

from gan.errors import UserError
from latent_debugger.services.run_watch import RunView, RunWatch
from latent_debugger.services.timeline import ReelSource
from latent_debugger.services.worker import Worker
from latent_debugger.state.model import OpenModel
from latent_debugger.state.paths import timeline_path
from latent_debugger.state.session import Session
from latent_debugger.state.timeline import Reel, Stage, TimelineSettings
from latent_debugger.views import file_dialogs
from latent_debugger.views.main_window import MainWindow
from latent_debugger.wiring.models import ModelFlow

log = logging.getLogger(__name__)

RETRY_MS = 2000
ATTEMPTS = 5
"""How often a checkpoint that cannot be read is tried: a copy may still be on its way to a shared folder."""


class FollowFlow(QObject):
    """Train > Follow and File > Open run.

    Only what is *new* is followed: a checkpoint that came after the open model's run came into view, or since the last
    session, whose model is opened at the start. So whoever opens an older checkpoint keeps it until the run writes the
    next one; switching Follow on goes to the newest. Without Follow, one line says that the run has gone on.

    Attributes:
        source: where the open model stands in its run.
    """

    def __init__(
        self, window: MainWindow, session: Session, models: ModelFlow, source: ReelSource, files: Worker
    ) -> None:
        super().__init__(window)
        self._window, self._session, self._models, self._files = window, session, models, files
        self._state = session.timeline
        self.source = source
        self._arrivals = RunWatch(self, name="follow", with_metrics=False)
        self._run: str | None = None
        self._known = -1  # checkpoints up to this step are not news
        self._jump = False  # the next look at a run takes what is newer than the model on show for news
        self._folder_opened = False
        self._at_start: Path | None = None  # was on show when the last session ended
        self._unasked = False  # whether the run of what was opened has gone on is not known yet
        self._said = ""
        self._dim_before: dict[Path, int] = {}  # of the latent, when a run that was waited for came
        self._busy = False
        self._attempts: dict[Path, int] = {}
        self._retry = QTimer(self)
        self._retry.setSingleShot(True)
        self._retry.setInterval(RETRY_MS)
        self._retry.timeout.connect(self._go)
        self._action = window.action_map["train.follow"]
        self._action.triggered.connect(self._switch)
        window.action_map["file.open_run"].triggered.connect(self._choose)
        settings, lost = TimelineSettings.recover(timeline_path(), "What is remembered of the timeline")
        if lost:
            window.messages.show_notice(lost)
        self._state.set(settings)
        self._state.changed.connect(self._settings_changed)
        session.model_changed.connect(self._model_changed)
        models.opened.connect(self._ask_for_news)
        models.folder_opened.connect(self._ask_for_life)
        source.changed.connect(self._see)
        self._arrivals.changed.connect(self._arrive)
        self._apply(self._state.settings)

    @Slot(object)
    def follow_run(self, folder: Path | None) -> None:
        """Open the newest checkpoint of a run as soon as it has one, and go on following; None waits for none."""
        self._arrivals.watch(folder)

    def expect(self, checkpoint: Path) -> None:
        """This was on show when the last session ended, and is about to be opened: what came since is news."""
        self._at_start = checkpoint

    def stop(self) -> None:
        """Look no more."""
        self._retry.stop()
        self._arrivals.stop()
        self.source.stop()

    # what is on show

    @Slot()
    def _model_changed(self) -> None:
        model = self._session.model
        if model is None or model.run != self._run:
            self._run, self._known = None, -1
            self._jump = self._folder_opened = self._unasked = False
            self._attempts.clear()
            self._retry.stop()
            self._take_back()
            for purpose in ("life", "news"):
                self.source.want(purpose, False)
        elif self._known >= 0:
            self._known = max(self._known, model.step)
        self.source.show(model.path if model else None, model.run if model else None)

    @Slot(object)
    def _ask_for_news(self, path: Path) -> None:
        """A step of a run was opened: has the run gone on since?"""
        if path.parent.name == "checkpoints":
            self._unasked = True
            self.source.want("news", True)
            self._see(self.source.reel)

    @Slot(object)
    def _ask_for_life(self, folder: Path) -> None:
        """A run directory was opened: follow it if somebody trains it."""
        before, dim = self._dim_before.pop(folder, 0), self._session.latent.dim
        if before not in (0, dim):  # nobody opened it just now, so nobody would know why the picture is another
            self._window.messages.show_info(
                f"{folder.name} has {dim:,} latent dimensions, and the model before it {before:,}: "
                "the canvas begins with a new latent."
            )
        self._folder_opened = True
        self.source.want("life", True)
        if self.source.reel is not None:
            self._see(self.source.reel)

    @Slot(object)
    def _see(self, reel: Reel | None) -> None:
        model = self._session.model
        if reel is None or model is None or reel.run != model.run:
            return
        if self._run != reel.run:
            self._run = reel.run
            newest = -1 if self._jump or reel.newest is None else reel.newest.step
            self._known, self._jump = max(model.step, newest), False
        if self._folder_opened:
            self._folder_opened = False
            if reel.alive:
                self._known = model.step
                self._state.set_follow(True)
            self.source.want("life", False)
        if self._unasked:
            self._unasked = False
            self._take_news(reel, model)
            self.source.want("news", False)
        self._go()

    def _take_news(self, reel: Reel, model: OpenModel) -> None:
        """Follow what was written while no window looked; or say once that there is something."""
        newest, followed = reel.newest, self._state.follow and model.path == self._at_start
        self._at_start = None
        if newest is None or newest.step <= model.step:
            return
        if followed:
            self._known = model.step
        elif not self._state.has_told(reel.run, newest.step):
            self._state.set_told(reel.run, newest.step)
            self._said = f"This run has gone on to step {newest.step:,}."
            self._window.messages.show_offer(self._said, "Show it", partial(self._show_newest, newest))

    def _show_newest(self, stage: Stage) -> None:
        def done(error: UserError | None) -> None:
            if error is not None:
                self._window.messages.show_error(error)

        self._models.show_step(stage.path, done)

    def _take_back(self) -> None:
        self._window.messages.take_back(self._said)
        self._said = ""

    @Slot()
    def _go(self, tried: frozenset[Path] = frozenset()) -> None:
        """Show the newest checkpoint that is news and can be read."""
        reel, model = self.source.reel, self._session.model
        if self._busy or not self._state.follow or reel is None or model is None or reel.run != model.run:
            return
        news = [stage for stage in reel.stages if stage.step > self._known and stage.path not in tried]
        news = [stage for stage in news if self._attempts.get(stage.path, 0) < ATTEMPTS]
        if not news:
            return
        stage = news[-1]
        path = stage.path

        def done(error: UserError | None) -> None:
            self._busy = False
            if error is not None:
                log.warning("not followed: %s", error)
                self._attempts[path] = self._attempts.get(path, 0) + 1
                self._go(tried | {path})
            elif self._session.model is not None and self._session.model.path == path:
                self._known = max(self._known, stage.step)
                self._go(tried)  # the next may be there already
            if not self._busy:
                self._retry.start()

        self._busy = True
        self._models.show_step(path, done)

    # switching it on and off

    @Slot(bool)
    def _switch(self, on: bool) -> None:
        """Whoever switches it on wants the newest."""
        self._take_back()
        model = self._session.model
        if model is not None and self._run is not None:
            self._known = model.step
        else:
            self._jump = on
        self._state.set_follow(on)

    @Slot(object)
    def _settings_changed(self, settings: TimelineSettings) -> None:
        self._files.submit(settings.save, timeline_path(), failed=self._window.messages.show_error)
        self._apply(settings)

    def _apply(self, settings: TimelineSettings) -> None:
        self._action.setChecked(settings.follow)
        self.source.want("follow", settings.follow)
        self._go()

    @Slot(object)
    def _arrive(self, view: RunView) -> None:
        if view.snapshot.checkpoints:
            folder = view.snapshot.path
            self._arrivals.watch(None)
            self._state.set_follow(True)
            self._dim_before = {folder: self._session.latent.dim}
            self._models.open(folder)

    @Slot()
    def _choose(self) -> None:
        model = self._session.model
        start = model.path.parent if model is not None else Path.home()
        start = start.parent.parent if start.name == "checkpoints" else start
        dialog = file_dialogs.open_run(self._window, start)
        dialog.fileSelected.connect(self._chosen)
        dialog.open()

    @Slot(str)
    def _chosen(self, name: str) -> None:
        self._models.open(Path(name))
