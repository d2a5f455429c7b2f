"""The run in view: its log, its newest pictures, another run to compare it with, all read off the GUI thread."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, QUrl, Signal, Slot
from PySide6.QtGui import QDesktopServices

from gan.errors import UserError
from gan.images import Bytes
from latent_debugger.services.film_samples import Sheet, read_sheet
from latent_debugger.services.run_watch import RunView, RunWatch
from latent_debugger.services.runs import MOST_STEPS, entry_of
from latent_debugger.services.training import TrainingService
from latent_debugger.services.training_pictures import real_pictures
from latent_debugger.services.worker import Worker
from latent_debugger.state.run_progress import seconds_left
from latent_debugger.state.runs import RunEntry
from latent_debugger.state.session import Session
from latent_debugger.views.main_window import MainWindow
from latent_debugger.views.training_runs import told_apart
from latent_debugger.wiring.models import ModelFlow


class RunViewFlow(QObject):
    """Keeps the panel's run page up to date while it is seen, and the run that is trained from here while it is not.

    Attributes:
        starting: what is shown of runs whose process has said nothing yet, by path.
    """

    seen = Signal()
    """What is known of a run changed, or another one came into view."""
    sample_chosen = Signal(object, object, object)
    """(run directory, step, index): go to the latent of a sample, under the checkpoint that drew it."""

    def __init__(
        self,
        window: MainWindow,
        session: Session,
        service: TrainingService,
        models: ModelFlow,
    ) -> None:
        super().__init__(window)
        self._messages = window.messages
        self._panel, self._runs, self._service, self._models = window.training, session.runs, service, models
        self.starting: dict[Path, RunEntry] = {}
        self._path: Path | None = None
        self._watch, self._other = RunWatch(self, name="run view"), RunWatch(self, name="run comparison")
        self._worker = Worker("run pictures", self, trouble="The pictures could not be read.")
        self._sheet: Path | None = None
        self._real = ""
        self._watch.changed.connect(self._see)
        self._watch.failed.connect(self._not_seen)
        self._other.changed.connect(self._compare)
        self._panel.built.connect(self._connect)
        self._panel.shown.connect(self._show)
        self._panel.chosen.connect(self.view)
        self._runs.changed.connect(self._offer_others)
        self._runs.changed.connect(self.refresh)

    @Slot()
    def _connect(self) -> None:
        page = self._panel.run
        page.open_requested.connect(self._models.open)
        page.folder_requested.connect(self._open_folder)
        page.compare_requested.connect(self._compare_with)
        page.preview.tile_chosen.connect(self._choose_sample)
        self._offer_others()

    @property
    def path(self) -> Path | None:
        """The run in view; None while the form is, or nothing."""
        return self._path

    def entry(self) -> RunEntry | None:
        """What is known of it; where none is in view, of the one that is trained from here."""
        trained = (entry for entry in self._runs.entries if self._service.hosted(entry.path))
        return self._runs.find(self._path) or next(trained, None)

    def left(self, path: Path) -> float | None:
        """Seconds that a run will take yet, where it is watched and that can be told."""
        latest, entry = self._watch.latest, self._runs.find(path)
        if latest is None or latest.snapshot.path != path or entry is None:
            return None
        return seconds_left(latest.metrics, entry.step, entry.steps)

    @Slot(object)
    def view(self, path: Path | None) -> None:
        """Show another run; None makes room for the form."""
        if path != self._path:
            self._path = path
            self._sheet, self._real = None, ""
            if self._panel.is_built:
                self._panel.run.preview.clear()
                self._offer_others()
        if path is not None:
            self._panel.build()
            if self._panel.page != "run" or self._panel.run.entry is None or self._panel.run.entry.path != path:
                self._panel.show_run(self._runs.find(path) or RunEntry(path), {})
        self.refresh()
        self._see_again()

    @Slot()
    def look(self) -> None:
        """Something happened to the run: look at it now."""
        self._watch.look()

    def forget_start(self, path: Path) -> None:
        """Whoever was starting there has ended: show what the run itself says, also where nothing on disk changed."""
        if self.starting.pop(path, None) is not None and path == self._watch.path:
            if self._watch.latest is None:  # it could not be read, which was kept quiet
                self._watch.watch(None)
                self._watch.watch(path)
            self._see_again()

    @Slot()
    def refresh(self) -> None:
        """Watch what has to be watched: a closed panel costs nothing, unless a run goes on that a window started."""
        on = self._panel.isVisible()
        ours = (entry.path for entry in self._runs.entries if entry.ours and entry.alive)
        trained = (*reversed(self._service.hosted()), *ours)
        path = self._path if on and self._path is not None else next(iter(trained), None)
        if path != self._watch.path:
            self._watch.watch(path)
        if not on:
            self._other.watch(None)
        elif self._panel.is_built and self._other.path is None:
            self._other.watch(self._panel.run.charts.compare.currentData())
        self.seen.emit()

    def wait_idle(self, timeout_s: float) -> bool:
        """Block until everything is read; False after ``timeout_s`` seconds each."""
        return all(service.wait_idle(timeout_s) for service in (self._watch, self._other, self._worker))

    def stop(self) -> None:
        """Watch nothing any more."""
        for service in (self._watch, self._other, self._worker):
            service.stop()

    @Slot(bool)
    def _show(self, _: bool) -> None:
        self.refresh()
        self._see_again()

    def _see_again(self) -> None:
        if self._watch.latest is not None:
            self._see(self._watch.latest)

    @Slot(object)
    def _see(self, view: RunView) -> None:
        path = view.snapshot.path
        before = self._runs.find(path)
        entry = self._as_known(entry_of(view.snapshot, ours=before is not None and before.ours), view)
        if before is not None:
            self._runs.put(entry)
        if path == self._path and self._panel.isVisible():
            self._panel.show_run(entry, view.metrics)
            self._show_pictures(view)
        self.seen.emit()

    def _as_known(self, entry: RunEntry, view: RunView) -> RunEntry:
        """With what this window knows better: that it is just starting, and the newest step of the log."""
        if (started := self.starting.get(entry.path)) is not None:
            if not entry.alive:  # what it says is from before
                return replace(started, run=entry.run, steps=entry.steps, step=entry.step)
            del self.starting[entry.path]
        steps = view.metrics.get("step")
        if entry.state == "running" and steps is not None and len(steps) and steps[-1] <= MOST_STEPS:
            return replace(entry, step=max(entry.step, int(steps[-1])))  # the status is a second or two older
        return entry

    @Slot(object)
    def _not_seen(self, error: UserError) -> None:
        path = self._watch.path
        entry = self._runs.find(path)
        if path is None or entry is None or path in self.starting:
            return
        entry = RunEntry(path, message=str(error), ours=entry.ours)
        self._runs.put(entry)
        if path == self._path and self._panel.isVisible():
            self._panel.show_run(entry, {})
        self.seen.emit()

    def _show_pictures(self, view: RunView) -> None:
        samples, preview, path = view.snapshot.samples, self._panel.run.preview, view.snapshot.path
        if not samples:
            return
        newest = samples[-1]

        def show(sheet: Sheet) -> None:
            if self._path == path:
                preview.set_samples(sheet.step, sheet.tiles)

        def show_real(pictures: Bytes) -> None:
            if self._path == path:
                preview.set_real(pictures)

        if newest.path != self._sheet:
            self._sheet = newest.path
            self._worker.submit(read_sheet, newest.path, newest.step, done=show, failed=_quietly)
        if view.snapshot.run != self._real:
            self._real = view.snapshot.run
            config = view.snapshot.config
            data = Path(str(config.data.get("path")))
            self._worker.submit(real_pictures, data, config.model, config.train, done=show_real, failed=_quietly)

    @Slot()
    def _offer_others(self) -> None:
        if self._panel.is_built:
            others = [entry for entry in self._runs.entries if entry.path != self._path and entry.run]
            paths = [entry.path for entry in others]
            self._panel.run.charts.set_others(list(zip(told_apart(paths), paths, strict=True)))

    @Slot(object, object)
    def _choose_sample(self, step: int, index: int) -> None:
        if self._path is not None:
            self.sample_chosen.emit(self._path, step, index)

    @Slot(object)
    def _compare_with(self, path: Path | None) -> None:
        self._other.watch(path)
        if path is None:
            self._panel.run.charts.set_other("", {})

    @Slot(object)
    def _compare(self, view: RunView) -> None:
        self._panel.run.charts.set_other(view.snapshot.path.name, view.metrics)

    @Slot(object)
    def _open_folder(self, path: Path) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))


def _quietly(error: UserError) -> None:
    """A picture that cannot be shown is not worth a message."""
