"""Pausing, stopping, extending the run in view; and the line about training in the status bar."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Slot

from latent_debugger.services.runs import RunsService
from latent_debugger.services.training import TrainingService
from latent_debugger.state.session import Session
from latent_debugger.views import icons
from latent_debugger.views.main_window import MainWindow
from latent_debugger.views.training_extend import ExtendQuestion
from latent_debugger.views.training_status import TrainingStatus
from latent_debugger.wiring.training_view import RunViewFlow


class RunActions(QObject):
    """Train > Pause, Stop, Extend, Remove.

    Attributes:
        modes: whether a run that was started from here has a process of its own, by path.
    """

    def __init__(
        self, window: MainWindow, session: Session, service: TrainingService, runs: RunsService, view: RunViewFlow
    ) -> None:
        super().__init__(window)
        self._window, self._session, self._service, self._runs, self._view = window, session, service, runs, view
        self._actions = window.action_map
        self.modes: dict[Path, bool] = {}
        self._status = TrainingStatus()
        window.status.insertPermanentWidget(1, self._status)  # right of the model
        self._status.clicked.connect(self._show_trained)
        for name, slot in (
            ("pause", self._pause), ("stop", self._stop), ("extend", self._extend), ("forget", self._forget),
        ):  # fmt: skip
            self._actions[f"train.{name}"].triggered.connect(slot)
        window.training.built.connect(self._connect)
        view.seen.connect(self._show)
        session.runs.changed.connect(self._show)
        session.model_changed.connect(self._show)
        self._show()

    @Slot()
    def _connect(self) -> None:
        self._window.training.list.remove_requested.connect(self._remove)

    @Slot()
    def _show(self) -> None:
        """Let actions and status bar say how it is."""
        entry, actions, model = self._view.entry(), self._actions, self._session.model
        alive = entry is not None and entry.alive
        begun = entry is not None and bool(entry.run) and entry.state != "starting"
        rests = begun and entry is not None and (entry.state == "paused" or not entry.alive)
        pause = actions["train.pause"]
        pause.setEnabled(begun and entry is not None and (alive or not entry.finished) and entry.life != "silent")
        pause.setText("Resume" if rests else "&Pause")
        if pause.property("iconName") != (shape := "play" if rests else "pause"):
            icons.set_icon(pause, shape)
        actions["train.stop"].setEnabled(alive)
        actions["train.extend"].setEnabled(begun)
        actions["train.forget"].setEnabled(entry is not None and not self._service.hosted(entry.path))
        actions["train.fine_tune"].setEnabled(model is not None and model.trainable)
        self._show_status()

    def _show_status(self) -> None:
        hosted = set(self._service.hosted())
        trained = [e for e in self._session.runs.entries if e.alive and (e.ours or e.path in hosted)]
        trained.sort(key=lambda entry: (entry.path not in hosted, self._view.left(entry.path) is None))
        entry = trained[0] if trained else None
        self._status.set_run(entry, self._view.left(entry.path) if entry is not None else None)
        self._status.setProperty("run", str(entry.path) if entry is not None else "")

    @Slot()
    def _show_trained(self) -> None:
        self._window.show_panel("training")
        if text := str(self._status.property("run") or ""):
            self._view.view(Path(text))

    @Slot()
    def _pause(self) -> None:
        entry = self._view.entry()
        if entry is None:
            return
        if entry.alive:
            self._service.tell(entry.path, "run" if entry.state == "paused" else "pause")
        else:
            self._resume(entry.path, None)

    def _resume(self, path: Path, steps: int | None) -> None:
        self._service.resume(path, steps, own_process=self.modes.get(path, True))

    @Slot()
    def _stop(self) -> None:
        entry = self._view.entry()
        if entry is not None and entry.alive:
            self._service.tell(entry.path, "stop")
            self._window.messages.show_info(f"{entry.name} saves and stops.")

    @Slot()
    def _extend(self) -> None:
        entry = self._view.entry()
        if entry is None:
            return
        dialog = ExtendQuestion(entry, self._window)
        dialog.answered.connect(partial(self._extend_to, entry.path))
        dialog.open()

    def _extend_to(self, path: Path, steps: int) -> None:
        entry = self._session.runs.find(path)
        if entry is not None and entry.alive:
            self._service.tell(path, "pause" if entry.state == "paused" else "run", steps)
        else:
            self._resume(path, steps)

    @Slot()
    def _forget(self) -> None:
        entry = self._view.entry()
        if entry is not None:
            self._remove(entry.path)

    @Slot(object)
    def _remove(self, path: Path) -> None:
        if self._service.hosted(path):
            self._window.messages.show_info(f"{path.name} is being trained from here. Stop it first.")
            return
        self._runs.remove(path)
