"""The Training panel: which runs there are, how one is started, and what is said when one ends."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Slot

from gan.errors import UserError
from gan.training.run_reader import is_run
from latent_debugger.services.runs import RunsService
from latent_debugger.services.training import TrainingService
from latent_debugger.services.training_pictures import check_place
from latent_debugger.services.worker import Worker
from latent_debugger.state.runs import RunEnd, RunEntry, runs_folder
from latent_debugger.state.session import Session
from latent_debugger.state.training_plan import RunPlan
from latent_debugger.views import file_dialogs
from latent_debugger.views.main_window import MainWindow
from latent_debugger.wiring.follow import FollowFlow
from latent_debugger.wiring.models import ModelFlow
from latent_debugger.wiring.training_actions import RunActions
from latent_debugger.wiring.training_close import ClosingFlow
from latent_debugger.wiring.training_form import RunFormFlow
from latent_debugger.wiring.training_view import RunViewFlow

_GONE = "Its process has gone; Resume goes on from the state it saved last."
LIST_MS = 5000
"""Between two looks at all runs while the panel is seen."""


class TrainingFlow(QObject):
    """Everything about runs, except the canvas that follows one (:mod:`latent_debugger.wiring.follow`).

    Attributes:
        service: hosts the runs that are started here.
        runs: knows which there are.
        run_view: the run in view.
        form: the form for a new run.
    """

    def __init__(
        self,
        window: MainWindow,
        session: Session,
        files: Worker,
        models: ModelFlow,
        follow: FollowFlow,
    ) -> None:
        super().__init__(window)
        self._window, self._session, self._files, self._follow = window, session, files, follow
        self._panel = window.training
        self.service, self.runs = TrainingService(self), RunsService(self)
        self.run_view = RunViewFlow(window, session, self.service, models)
        self.form = RunFormFlow(window, session)
        self._actions = RunActions(window, session, self.service, self.runs, self.run_view)
        self._closing = ClosingFlow(window, session, self.service)
        self._told: dict[Path, RunEntry] = {}
        self._asked: set[Path] = set()  # of the runs that are about to start
        self._data: dict[Path, Path] = {}  # of the runs that were started here, to say where that was wrong
        self._said: dict[Path, str] = {}  # the latest word about a run; when it goes on, that is no news any more
        self._timer = QTimer(self)
        self._timer.setInterval(LIST_MS)
        self._timer.timeout.connect(self.runs.look)
        for name, slot in (("start", self._new), ("fine_tune", self._fine_tune), ("watch", self._choose_run)):
            window.action_map[f"train.{name}"].triggered.connect(slot)
        self._panel.built.connect(self._connect_panel)
        self._panel.shown.connect(self._show_panel)
        self._panel.dropped.connect(self.take)
        self.service.begun.connect(self._begin)
        self.service.ended.connect(self._end)
        self.service.failed.connect(self._fail)
        self.runs.listed.connect(self._list)
        self.runs.added.connect(self.run_view.view)
        self.runs.failed.connect(self._fail)
        session.runs.changed.connect(self._note_changes)
        models.folder_opened.connect(self._remember)
        window.file_dropped.connect(self._remember)
        QTimer.singleShot(0, self, self.runs.look)  # a run that outlived the last window is found again

    @Slot()
    def _connect_panel(self) -> None:
        self._panel.form.start_requested.connect(self._start)
        self._set_places()

    # what others ask for

    @Slot(object)
    def set_up(self, data: Path) -> None:
        """Show the form for a new run on the pictures at ``data``."""
        self._window.show_panel("training")
        self._panel.build()
        self._panel.form.set_data(data)
        self._show_form()

    @Slot(object)
    def take(self, path: Path) -> None:
        """A file or folder was dropped on the panel: a run to watch, or pictures to train on."""

        def done(run: bool) -> None:
            self.runs.add(path) if run else self.set_up(path)

        self._files.submit(is_run, path, done=done, failed=self._fail)

    def wait_idle(self, timeout_s: float) -> bool:
        """Block until what was asked for is answered; runs go on. False after ``timeout_s`` seconds each."""
        return all(part.wait_idle(timeout_s) for part in (self.service, self.runs, self.form, self.run_view))

    def stop(self) -> None:
        """Stop watching; save and end what is trained in this process; wait for it."""
        self._timer.stop()
        for part in (self.form, self.service, self.runs, self.run_view):
            part.stop()

    # the list

    @Slot(bool)
    def _show_panel(self, on: bool) -> None:
        if on:
            self.runs.look()
            self._timer.start()
        else:
            self._timer.stop()

    @Slot(object)
    def _list(self, entries: tuple[RunEntry, ...]) -> None:
        view, known = self.run_view, self._session.runs
        shown = tuple(view.starting.get(entry.path, entry) if not entry.alive else entry for entry in entries)
        in_view = known.find(view.path)
        if in_view is not None and in_view.alive:  # the look of its own watch is newer
            shown = tuple(in_view if entry.path == in_view.path and entry.alive else entry for entry in shown)
        known.set(shown)
        if view.path is not None and known.find(view.path) is None:
            view.view(None)
            self._panel.show_empty()
        if self._panel.isVisible() and self._panel.page == "empty" and shown:
            view.view(shown[0].path)
        self._set_places()
        view.refresh()

    @Slot()
    def _note_changes(self) -> None:
        """Say what happened to a run that nobody here hosts, and why one pauses by itself."""
        entries = self._session.runs.entries
        before, self._told = self._told, {entry.path: entry for entry in entries}
        for entry in entries:
            if entry.path in before and before[entry.path].run:
                self._note_change(before[entry.path], entry)

    def _note_change(self, before: RunEntry, now: RunEntry) -> None:
        if now.life == "alive" and now.state == "running" and (before.state != "running" or before.life != "alive"):
            self._take_back(now.path)
        if now.state == "paused" and before.state != "paused" and now.message:
            self._say(now.path, f"{now.name} is paused. {now.message}")
        elif before.life == "alive" and now.life in ("ended", "dead") and not self.service.hosted(now.path):
            if now.state == "failed" or now.life == "dead":
                told = now.message if now.state == "failed" else _GONE
                self._say(now.path, f"{now.name}: {told}", error=True)
            elif now.run:
                self._say(now.path, _ended(now.name, now.step, now.finished), lasts=False)

    def _say(self, path: Path, text: str, *, error: bool = False, lasts: bool = True) -> None:
        self._said[path] = text
        if error:
            self._window.messages.show_error(text)
        else:
            self._window.messages.show_notice(text, lasts=lasts)

    def _take_back(self, path: Path) -> None:
        if path in self._said:
            self._window.messages.take_back(self._said.pop(path))

    def _set_places(self) -> None:
        if self._panel.is_built:
            folder = runs_folder()
            taken = {entry.name for entry in self._session.runs.entries if entry.path.parent == folder}
            self._panel.form.set_places(folder, taken)

    @Slot()
    def _choose_run(self) -> None:
        self._window.show_panel("training")
        dialog = file_dialogs.open_run(self._window, runs_folder() if runs_folder().is_dir() else Path.home())
        dialog.setObjectName("dialog.watch_run")
        dialog.fileSelected.connect(lambda name: self.runs.add(Path(name)))
        file_dialogs.from_last_folder(dialog, self._session.folders).open()

    @Slot(object)
    def _remember(self, folder: Path) -> None:
        """A run that was opened or dropped elsewhere in the window is known here too."""
        folder = folder.absolute()

        def done(run: bool) -> None:
            if run and self._session.runs.find(folder) is None:
                self.runs.add(folder, begun=True)

        self._files.submit(is_run, folder, done=done, failed=self._fail)

    # starting, and the end

    @Slot()
    def _new(self) -> None:
        self._window.show_panel("training")
        self._show_form()

    def _show_form(self) -> None:
        self.run_view.view(None)
        self._panel.build()
        self._panel.show_form()

    @Slot()
    def _fine_tune(self) -> None:
        self._new()
        self.form.fine_tune()

    @Slot(object)
    def _start(self, plan: RunPlan) -> None:
        """Start a run, unless its folder has come to hold one, which must neither be touched nor shown as a new one."""
        if plan.out in self._asked:
            return
        self._asked.add(plan.out)

        def fine(_: object) -> None:
            self._asked.discard(plan.out)
            self._start_there(plan)

        def taken(error: UserError) -> None:
            self._asked.discard(plan.out)
            self._show_form()
            self._panel.form.set_out_problem(str(error))

        self._files.submit(check_place, plan.out, done=fine, failed=taken)

    def _start_there(self, plan: RunPlan) -> None:
        self._actions.modes[plan.out] = plan.own_process
        self._data[plan.out] = plan.data
        self.run_view.starting[plan.out] = RunEntry(
            plan.out, state="starting", steps=plan.train.steps, objective=plan.train.objective, ours=True
        )
        self.service.start(plan)
        if plan.follow and self.service.hosted(plan.out):
            self._follow.follow_run(plan.out)

    @Slot(object)
    def _begin(self, path: Path) -> None:
        self._take_back(path)
        starting, known = self.run_view.starting, self._session.runs
        entry = known.find(path) or starting.get(path) or RunEntry(path)
        entry = replace(entry, state="starting", message="", note="", ours=True)  # how it ended is no news any more
        starting[path] = entry
        known.put(entry)
        self.runs.add(path, ours=True, begun=True)
        self.run_view.view(path)

    @Slot(object)
    def _end(self, end: RunEnd) -> None:
        self.run_view.forget_start(end.path)
        if end.problem:
            self._say(end.path, f"{end.path.name}: {end.problem}", error=True)
        elif not end.begun:
            self._window.messages.show_info(f"{end.path.name} was stopped before it began.")
        elif not self._closing.under_way:
            self._say(end.path, _ended(end.path.name, end.step, end.finished), lasts=False)
        if not end.begun:  # back to the form, where it can be mended
            self._follow.follow_run(None)
            self.runs.remove(end.path)
            self._session.runs.set(tuple(item for item in self._session.runs.entries if item.path != end.path))
            if self.run_view.path == end.path:
                self._show_form()
                data = self._data.get(end.path)
                if data is not None and end.problem.startswith(str(data)):
                    self._panel.form.set_data_problem(end.problem)
        self.run_view.look()
        self.runs.look()
        self.run_view.refresh()

    @Slot(object)
    def _fail(self, error: UserError) -> None:
        self._window.messages.show_error(error)


def _ended(name: str, step: int, finished: bool) -> str:
    return f"{name} is done: {step:,} steps." if finished else f"{name} is saved and stopped at step {step:,}."
