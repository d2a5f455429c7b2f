"""Going along a path. The latent itself goes, so that everything in the window is about the picture on the canvas; one
play, or one drag, is one step that undo takes back."""

from __future__ import annotations

from PySide6.QtCore import QElapsedTimer, QObject, Qt, QTimer, Signal, Slot

from gan.instruments.paths import Clock
from latent_debugger.services.film import to_latent
from latent_debugger.state.bookmark import z_bytes
from latent_debugger.state.editor import LatentEditor
from latent_debugger.state.latent import LatentState, Origin
from latent_debugger.state.path import Plan

FRAME_MS = 33
"""Between two pictures while it plays; those that the model has no time for are left out."""
_PLAYING, _GOING = "play the path", "go along the path"


class PathPlayer(QObject):
    """Plays a :class:`Plan`. Whoever changes the latent otherwise ends it.

    Signals:
        moved(time): the latent is where the path is after ``time`` seconds.
        playing_changed(bool): it has begun, or ended.
    """

    moved = Signal(float)
    playing_changed = Signal(bool)

    def __init__(self, latent: LatentState, editor: LatentEditor, parent: QObject) -> None:
        super().__init__(parent)
        self._latent, self._editor = latent, editor
        self._plan = Plan()
        self._route = self._plan.route()
        self._clock: Clock | None = None
        self._origins: dict[bytes, Origin] = {}
        self._time = self._began_at = 0.0
        self._token: object = None
        self._start: tuple[bytes, Origin] | None = None  # where the latest play began
        self._own = False  # the latent changes because of this
        self._since = QElapsedTimer()
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(FRAME_MS)
        self._timer.timeout.connect(self._tick)
        latent.changed.connect(self._latent_changed)

    @property
    def playing(self) -> bool:
        """Whether it goes on by itself."""
        return self._timer.isActive()

    @property
    def time(self) -> float:
        """Where on the path it is, in seconds."""
        return self._time

    @property
    def seconds(self) -> float:
        """How long the path is."""
        return self._route.seconds if self._route is not None else 0.0

    def set_plan(self, plan: Plan) -> None:
        """Go along another path; where it is playing, it goes on there."""
        if plan == self._plan:
            return
        self._plan, self._route = plan, plan.route()
        self._origins = {key.z: Origin(parent=key.star) for key in plan.keys}
        self._clock = None
        self._time = min(self._time, self.seconds)
        if not self.seconds:
            self.pause()
        elif self.playing:
            self._begin_at(self._time)

    def set_clock(self, clock: Clock | None) -> None:
        """What makes the speed constant."""
        self._clock = clock

    @Slot()
    def toggle(self) -> None:
        """Play, from the start where it is at its end; or pause."""
        if self.playing:
            self.pause()
        elif self.seconds:
            at_end = not self._plan.loop and self._time >= self.seconds - FRAME_MS / 1000
            self._token, self._start = object(), (z_bytes(self._latent.z), self._latent.origin)
            self._begin_at(0.0 if at_end else self._time)
            self._timer.start()
            self.playing_changed.emit(True)
            self._tick()

    @Slot()
    def pause(self) -> None:
        """Stay where it is."""
        if self.playing:
            self._timer.stop()
            self.playing_changed.emit(False)

    @Slot()
    def stop(self) -> None:
        """Pause, and go back to the latent that was there before the play."""
        self.pause()
        if self._start is not None:
            (z, origin), self._start = self._start, None
            if len(z) == 4 * self._latent.dim:
                self._go(z, origin, _PLAYING, self._token)

    def go(self, time: float, token: object | None = None) -> None:
        """Go to a moment; steps in a row with the same token become one."""
        self.pause()
        self._show(time, _GOING, token)

    def _begin_at(self, time: float) -> None:
        self._began_at = time
        self._since.start()

    @Slot()
    def _tick(self) -> None:
        time = self._began_at + self._since.elapsed() / 1000
        if self._plan.loop:
            time %= self.seconds
        ended = not self._plan.loop and time >= self.seconds
        self._show(min(time, self.seconds), _PLAYING, self._token)
        if ended:
            self.pause()

    def _show(self, time: float, text: str, token: object | None) -> None:
        if self._route is None:
            return
        z = z_bytes(self._route.at(time if self._clock is None else self._clock(time)))
        if len(z) == 4 * self._latent.dim:
            self._time = time
            self._go(z, self._origins.get(z, Origin()), text, token)
            self.moved.emit(time)

    def _go(self, z: bytes, origin: Origin, text: str, token: object | None) -> None:
        self._own = True
        try:
            self._editor.go_to(to_latent(z), origin, text, token)
        finally:
            self._own = False

    @Slot(object)
    def _latent_changed(self, _: object) -> None:
        if not self._own:
            self._start = None
            self.pause()
