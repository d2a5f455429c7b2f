"""How fast the pictures change along the path: measured a moment after each change, while the panel is open."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from gan.errors import UserError
from gan.instruments.paths import Profile
from gan.instruments.speed import Speed, measure
from latent_debugger.services.instruments import InstrumentService
from latent_debugger.state.model import OpenModel
from latent_debugger.state.path import Plan
from latent_debugger.views.path_track import PathTrack

PURPOSE = "path.speed"
SOON_MS = 300
"""Between a change of the path and the measuring: a spin box is many changes."""
CANCELLED = "Not measured. The next change of the path measures it."
_QUICK_SIDE = 64  # larger pictures take seconds: they must not hold up quick instruments


class PathSpeed(QObject):
    """Measures, draws, and finds the clock of a constant speed.

    Signals:
        clock_changed(Clock or None): what the path is to be played with.
    """

    clock_changed = Signal(object)

    def __init__(self, track: PathTrack, service: InstrumentService, parent: QObject) -> None:
        super().__init__(parent)
        self._track, self._service = track, service
        self._plan, self._model = Plan(), service.model
        self._known: tuple[Plan, OpenModel | None] | None = None  # what is drawn, or was given up
        self._speed: Speed | None = None
        self._active = False
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(SOON_MS)
        self._soon.timeout.connect(self.measure_now)
        track.cancelled.connect(self.cancel)

    def set_plan(self, plan: Plan) -> None:
        """Measure another path."""
        self._plan = plan
        self._later()

    def set_model(self, model: OpenModel | None) -> None:
        """Measure with another model."""
        self._model = model.on_device("") if model is not None else None  # where it is drawn changes nothing
        self._later()

    def set_active(self, active: bool) -> None:
        """Whether somebody can see it."""
        self._active = active
        if active:
            self._later()
        else:
            self._soon.stop()
            self._service.cancel(PURPOSE)

    @property
    def waiting(self) -> bool:
        """Whether it is about to begin."""
        return self._soon.isActive()

    def shown_at(self, own: float) -> float:
        """When the moment ``own`` of the route's own time is played, as far as that is known; in seconds."""
        return self._speed.shown_at(own) if self._speed is not None else own

    def _later(self) -> None:
        if self._known != (self._plan, self._model):
            self._service.cancel(PURPOSE)
            if self._known is not None and self._known[0] != self._plan:
                self._speed = None  # another model's clock will do until its own is measured: the path plays on
                self.clock_changed.emit(None)
            self._known = None
            if self._active:
                self._soon.start()

    @Slot()
    def measure_now(self) -> None:
        """Measure what has not been measured."""
        self._soon.stop()
        plan, model, route = self._plan, self._model, self._plan.route()
        if model is None or route is None or not route.seconds or any(len(k.z) != 4 * model.dim for k in plan.keys):
            self._known = (plan, model)
            self._track.clear_speed("Add another key frame, and there is a way to go." if len(plan.keys) == 1 else "")
            return

        def done(speed: Speed) -> None:
            self._known = (plan, model)
            self._show(speed)

        def failed(error: UserError) -> None:
            self._known = (plan, model)
            self._track.clear_speed(str(error))

        begun = self._service.run(
            PURPOSE,
            lambda subject, watch: measure(subject, route, plan.even, watch),
            done,
            failed,
            self._advance,
            slow=model.image_size > _QUICK_SIDE,
        )
        if begun:
            self._track.set_measuring(0.0)

    @Slot()
    def cancel(self) -> None:
        """Do not measure this path."""
        self._soon.stop()
        self._service.cancel(PURPOSE)
        self._known = (self._plan, self._model)
        self._track.clear_speed(CANCELLED)

    def _advance(self, share: float, _: object) -> None:
        self._track.set_measuring(share)

    def _show(self, speed: Speed) -> None:
        starts = [self._plan.start_of(row) for row in range(len(self._plan.keys))]
        keys = [speed.shown_at(start) for start in starts]
        self._speed, shown = speed, speed.shown
        self._track.set_speed(shown.middles, shown.speeds, shown.cliffs(), keys, told(shown))
        self.clock_changed.emit(speed.clock)


def told(profile: Profile) -> str:
    """What a profile says, in words."""
    speeds, cliffs = profile.speeds, profile.cliffs()
    middle = float(sorted(speeds)[len(speeds) // 2]) if len(speeds) else 0.0
    if middle <= 0:
        return "The pictures hardly change along this path."
    if not cliffs:
        return f"Smooth: at its fastest, {speeds.max() / middle:.1f} × the usual speed."
    steepest = f"{profile.middles[cliffs[0]]:.1f} s, {speeds[cliffs[0]] / middle:.1f} × the usual speed"
    if len(cliffs) == 1:
        return f"One cliff, at {steepest}."
    return f"{len(cliffs)} cliffs. The steepest: at {steepest}."
