"""Paths: stars and pictures -> key frames -> the latent goes along them; and what is remembered of that."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Slot

from latent_debugger.services.instruments import InstrumentService
from latent_debugger.services.render import RenderService
from latent_debugger.services.worker import Worker
from latent_debugger.state.editor import LatentEditor
from latent_debugger.state.path import PathMemory, Plan
from latent_debugger.state.path_editor import PathEditor, PathState
from latent_debugger.state.paths import key_frames_path
from latent_debugger.state.session import Session
from latent_debugger.views import icons
from latent_debugger.views.burst import Burst
from latent_debugger.views.main_window import MainWindow
from latent_debugger.wiring.path_arithmetic import ArithmeticFlow
from latent_debugger.wiring.path_export import PathExportFlow
from latent_debugger.wiring.path_keys import PathKeys
from latent_debugger.wiring.path_pictures import Pictures
from latent_debugger.wiring.path_player import PathPlayer
from latent_debugger.wiring.path_speed import PathSpeed

SAVE_AFTER_MS = 1000


class PathFlow(QObject):
    """Connects the panel *Paths*. While it is out of view nothing is drawn or measured, and nothing plays.

    Attributes:
        state: the path in force.
        keys: changes it.
        player: goes along it.
        speed: measures it.
        export: writes it.
    """

    def __init__(
        self,
        window: MainWindow,
        session: Session,
        instruments: InstrumentService,
        render: RenderService,
        files: Worker,
        editor: LatentEditor,
    ) -> None:
        super().__init__(window)
        self._window, self._session, self._files = window, session, files
        self._panel = window.paths
        self.state = PathState(self)
        edit = PathEditor(self.state, session.undo)
        self.keys = PathKeys(window, session, files, self.state, edit, self)
        self.player = PathPlayer(session.latent, editor, self)
        self.speed = PathSpeed(self._panel.track, instruments, self)
        self.export = PathExportFlow(window, session, self.state, self)
        self.arithmetic = ArithmeticFlow(window, session, render, editor, edit, self)
        self._pictures = Pictures(render, "path.keys", self)
        self._active = False
        self._burst = Burst()
        self._drag: object = None
        self._save = QTimer(self)
        self._save.setSingleShot(True)
        self._save.setInterval(SAVE_AFTER_MS)
        self._save.timeout.connect(self._save_now)
        self._connect()
        memory, lost = PathMemory.recover(key_frames_path(), "What is remembered of paths")
        if lost:
            window.messages.show_notice(lost)
        self.state.restore(memory)
        self.state.changed.connect(self._save_soon)
        self.state.film_changed.connect(self._save_soon)
        self._model_changed()

    def _connect(self) -> None:
        panel, session, actions = self._panel, self._session, self._window.action_map
        panel.add_actions(
            actions["path.play"],
            [actions["path.add_stars"], actions["path.add_current"]],
            [actions["path.open_latents"], actions["path.clear"]],
            [actions["path.export_film"], actions["path.export_latents"]],
        )
        actions["path.play"].triggered.connect(self._play)
        actions["path.arithmetic"].triggered.connect(self._show_arithmetic)
        panel.play_toggled.connect(self.player.toggle)
        panel.stopped.connect(self.player.stop)
        panel.track.moved.connect(self._go)
        panel.track.drag_ended.connect(self._end_drag)
        panel.page_changed.connect(self._look)
        panel.track.strip.opened.connect(self._open_key)
        self.state.changed.connect(self._show)
        self.player.moved.connect(panel.track.set_time)
        self.player.playing_changed.connect(self._show_playing)
        self.speed.clock_changed.connect(self.player.set_clock)
        self._pictures.changed.connect(self._show_pictures)
        self._window.docks["paths"].visibilityChanged.connect(self._activate)
        self._window.bookmarks.selection_changed.connect(self._show_actions)
        session.model_changed.connect(self._model_changed)

    def wait_idle(self, timeout_s: float) -> bool:
        """Begin what is about to begin; block until nothing is written any more; False after ``timeout_s`` seconds."""
        if self.speed.waiting:
            self.speed.measure_now()
        return self.export.wait_idle(timeout_s)

    def stop(self) -> None:
        """Stay where it is, keep the path, abandon what is being written."""
        self.player.pause()
        if self._save.isActive():
            self._save_now()
        self.export.stop()

    # what changes

    @Slot(bool)
    def _activate(self, active: bool) -> None:
        self._active = active
        if not active:
            self.player.pause()
        self._look()
        if active:
            self._show(self.state.plan)

    @Slot()
    def _look(self) -> None:
        """Work for what is in view, and for nothing else."""
        self.arithmetic.set_active(self._active and self._panel.page == "arithmetic")
        self.speed.set_active(self._active and self._panel.page == "path")

    @Slot()
    def _model_changed(self) -> None:
        model = self._session.model
        self._panel.set_model(model is not None)
        self._pictures.forget()
        self.state.set_dim(model.dim if model is not None else 0)
        self.speed.set_model(model)
        self.arithmetic.set_model()
        self._show(self.state.plan)

    @Slot(object)
    def _show(self, plan: Plan) -> None:
        self.player.set_plan(plan)
        self._panel.set_plan(plan)
        self._panel.track.set_time(self.player.time)
        self.speed.set_plan(plan)
        self._show_actions()
        if self._active and self._session.model is not None:
            self._pictures.show(key.z for key in plan.keys)

    @Slot()
    def _show_pictures(self) -> None:
        self._panel.track.set_pictures(self._pictures.images)

    @Slot()
    @Slot(object)
    def _show_actions(self, _: object = None) -> None:
        actions, plan, open_ = self._window.action_map, self.state.plan, self._session.model is not None
        actions["path.add_stars"].setEnabled(open_ and bool(self._window.bookmarks.selected()))
        for name in ("add_current", "open_latents"):
            actions[f"path.{name}"].setEnabled(open_)
        actions["path.play"].setEnabled(self.player.seconds > 0)
        for name in ("clear", "export_film", "export_latents"):
            actions[f"path.{name}"].setEnabled(bool(plan.keys))

    @Slot(bool)
    def _show_playing(self, playing: bool) -> None:
        action = self._window.action_map["path.play"]
        icons.set_icon(action, "pause" if playing else "play")
        self._panel.track.play.setAccessibleName("Pause" if playing else "Play the path")

    # going along it

    @Slot()
    def _play(self) -> None:
        self._window.show_panel("paths")
        self._panel.set_page("path")
        self.player.toggle()

    @Slot(float)
    def _go(self, time: float) -> None:
        if self._panel.track.slider.isSliderDown():
            self._drag = self._drag or self._burst.token()  # a click that became a drag is one step
        self.player.go(time, self._drag or self._burst.token())

    @Slot()
    def _end_drag(self) -> None:
        self._drag = None

    @Slot(int)
    def _open_key(self, row: int) -> None:
        if 0 <= row < len(self.state.plan.keys):
            self.player.go(self.speed.shown_at(self.state.plan.start_of(row)))

    @Slot()
    def _show_arithmetic(self) -> None:
        self._window.show_panel("paths")
        self._panel.set_page("arithmetic")

    # remembering

    @Slot()
    @Slot(object)
    def _save_soon(self, _: object = None) -> None:
        self._save.start()

    @Slot()
    def _save_now(self) -> None:
        self._save.stop()
        self._files.submit(self.state.memory.save, key_frames_path(), failed=self._window.messages.show_error)
