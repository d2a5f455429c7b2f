"""What each dimension does to the picture: measured when the latent rests, shown in its row and on the canvas."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QObject, Qt, QTimer, Slot
from PySide6.QtGui import QGuiApplication

from gan.errors import UserError
from gan.images import Floats
from gan.instruments.sensitivity import Dead, JacobianProbe, Sensitivity
from gan.instruments.subject import Subject
from gan.latent.draws import Latents
from latent_debugger.services.instruments import InstrumentService, Watch
from latent_debugger.services.worker import Worker
from latent_debugger.state.paths import sensitivity_path
from latent_debugger.state.sensitivity import Figures, SensitivitySettings, SensitivityState
from latent_debugger.state.session import Session
from latent_debugger.views.main_window import MainWindow

PURPOSE, DEAD = "sensitivity", "sensitivity.dead"
REST_MS = 150
"""The latent has come to rest when it did not change for so long and no mouse button is down."""
HEAT_MS = 80
"""A pointer that crosses the rows faster than this leaves the picture alone."""
PARTS_S = 0.5, 0.25
"""A job that takes longer than the first shows what it has found so far, and again each time the second has passed."""
MAP_SIDE = 64
"""Maps are no finer than this: at 512 dimensions they take 8 MB."""


@dataclass(eq=False)
class _Prepared:
    """The probe of one model, made by the first job that needs it; only the service's threads touch it."""

    probe: JacobianProbe | None = None

    def get(self, subject: Subject) -> JacobianProbe:
        if self.probe is None:
            self.probe = JacobianProbe(subject.generator, subject.dim)
        return self.probe


class SensitivityFlow(QObject):
    """Connects bars, order and heat map. Switched off, or with the latents closed, nothing is measured.

    Attributes:
        state: what the user wants to see.
    """

    def __init__(self, window: MainWindow, session: Session, instruments: InstrumentService, files: Worker) -> None:
        super().__init__(window)
        self._window, self._session, self._service, self._files = window, session, instruments, files
        self._panel, self._heat = window.latents, window.canvas.heat
        self.state = SensitivityState(self)
        self._open = False  # the panel can be seen
        self._refused = False  # the open model cannot be measured
        self._prepared = _Prepared()
        self._dead: Dead | None = None
        self._found: Sensitivity | None = None
        self._fresh = False  # what was found belongs to the latent of now
        self._next_part = 0.0  # time.monotonic() at which it is shown
        self._dim = -1  # the one that is looked at
        self._at_work = False  # it was moved since: whoever moves a slider wants to see the picture
        self._rest, self._soon = QTimer(self), QTimer(self)
        for timer, interval, act in ((self._rest, REST_MS, self._measure), (self._soon, HEAT_MS, self._show_heat)):
            timer.setSingleShot(True)
            timer.setInterval(interval)
            timer.timeout.connect(act)
        actions, dock = window.action_map, window.docks["latents"]
        self._panel.set_measure_action(actions["sensitivity.show"])
        session.model_changed.connect(self._start_over)
        session.latent.changed.connect(self._moved)
        dock.visibilityChanged.connect(self._see)
        self._panel.looked_at.connect(self._look)
        self._panel.sensitivity_wanted.connect(self._switch_on)
        actions["sensitivity.show"].toggled.connect(self.state.set_show)
        actions["sensitivity.heat_map"].toggled.connect(self.state.set_heat_map)
        self.state.set(SensitivitySettings.load(sensitivity_path()))
        self.state.changed.connect(self._apply)
        self.state.changed.connect(self._save)
        self._apply(self.state.settings)

    @property
    def figures(self) -> Figures | None:
        """What is known of the latent of now; None where it is not measured, or not any more."""
        return self._figures(self._found.norms) if self._found is not None and self._fresh else None

    # when to measure

    @Slot(object)
    def _apply(self, settings: SensitivitySettings) -> None:
        actions = self._window.action_map
        actions["sensitivity.show"].setChecked(settings.show)
        actions["sensitivity.heat_map"].setChecked(settings.heat_map)
        actions["sensitivity.heat_map"].setEnabled(settings.show)
        if not settings.show:
            self._forget()
        elif not self._fresh:
            self._later()
        self._show_heat()

    @Slot()
    def _switch_on(self) -> None:
        self.state.set_show(True)

    @Slot(object)
    def _save(self, settings: SensitivitySettings) -> None:
        self._files.submit(settings.save, sensitivity_path(), failed=self._window.messages.show_error)

    @Slot(bool)
    def _see(self, seen: bool) -> None:
        self._open = seen
        if not seen:
            self._rest.stop()
            self._service.cancel(PURPOSE)
            self._service.cancel(DEAD)
        elif not self._fresh:
            self._later()

    @Slot()
    def _start_over(self) -> None:
        """Another model: nothing that was found is about it. Until it is measured, pale bars stay where they fit: the
        checkpoints of a run follow each other quickly."""
        self._prepared, self._refused, self._dead = _Prepared(), False, None
        fits = self._found is not None and len(self._found.norms) == self._session.latent.dim
        if self._session.model is None or not fits:
            self._forget()
        self._fresh = False
        self._panel.set_stale()
        self._heat.hide(at_once=True)
        self._later()

    @Slot(object)
    def _moved(self, dims: object) -> None:
        self._at_work = dims == frozenset({self._dim})
        if self._fresh:
            self._fresh = False
            self._panel.set_stale()
            self._heat.hide(at_once=True)
        if self.state.settings.show:
            self._service.cancel(PURPOSE)
            self._later()

    def _later(self) -> None:
        if self.state.settings.show and self._open and not self._refused and self._session.model is not None:
            self._rest.start()

    @Slot()
    def _measure(self) -> None:
        session, prepared = self._session, self._prepared
        if not self._open or session.model is None or session.model.dim != session.latent.dim:
            return
        if self._panel.held() or QGuiApplication.mouseButtons() != Qt.MouseButton.NoButton:
            self._rest.start()
            return
        z: Latents = session.latent.z

        def work(subject: Subject, watch: Watch) -> Sensitivity:
            return prepared.get(subject).sensitivity(z, side=MAP_SIDE, found=watch.show)

        self._next_part = time.monotonic() + PARTS_S[0]
        self._service.run(PURPOSE, work, self._show, self._give_up, self._show_part)

    # what was found

    def _show(self, found: Sensitivity) -> None:
        self._found, self._fresh = found, True
        self._panel.set_figures(self._figures(found.norms))
        self._show_heat()
        if self._dead is None and not self._service.running(DEAD):
            self._service.run(DEAD, _find_dead, self._mark_dead, self._give_up, slow=True)

    def _show_part(self, _: float, norms: object) -> None:
        if isinstance(norms, np.ndarray) and time.monotonic() > self._next_part:
            self._next_part = time.monotonic() + PARTS_S[1]
            self._panel.set_figures(self._figures(norms), complete=False)

    def _mark_dead(self, dead: Dead) -> None:
        self._dead = dead
        if self._found is not None:
            self._panel.set_figures(self._figures(self._found.norms))
            if not self._fresh:
                self._panel.set_stale()

    def _figures(self, norms: Floats) -> Figures:
        dead = self._dead
        none = np.zeros(len(norms), np.bool_)
        return Figures(norms, none if dead is None else dead.mask, dead is None or dead.exact)

    def _give_up(self, error: UserError) -> None:
        """It would fail at the next latent again: say so once, until another model is open."""
        self._refused = True
        self._forget()
        self._window.messages.show_error(error)

    def _forget(self) -> None:
        self._rest.stop()
        self._service.cancel(PURPOSE)
        self._service.cancel(DEAD)
        if self._found is not None:
            self._panel.set_figures(None)
        self._found, self._fresh = None, False
        self._heat.hide(at_once=True)

    # where it acts

    @Slot(int)
    def _look(self, dim: int) -> None:
        if dim != self._dim:
            self._dim, self._at_work = dim, False
            if self._fresh:
                self._soon.start()

    @Slot()
    def _show_heat(self) -> None:
        found, dim, wanted = self._found, self._dim, self.state.settings.heat_map
        pressed = self._panel.held() or QGuiApplication.mouseButtons() != Qt.MouseButton.NoButton
        wanted = wanted and self._fresh and not self._at_work and not pressed
        if found is None or not wanted or not 0 <= dim < len(found.norms):
            self._heat.hide()
            return
        figures, strongest = self._figures(found.norms), float(found.maps[dim].max())
        if figures.dead[dim] or not strongest:
            self._heat.hide()
            return
        share = f"{figures.shares()[dim]:.0%} of the strongest"
        self._heat.show(found.maps[dim], f"z {dim}  ·  {share}  ·  up to {strongest:.2g} a pixel")


def _find_dead(subject: Subject, watch: Watch) -> Dead:
    # a probe of its own: the other thread may be at work with the one that is shared
    return JacobianProbe(subject.generator, subject.dim).dead(watch)
