"""The settings: from their file into force at the start, and from wherever the user changes one to everywhere else."""

from __future__ import annotations

import logging
from dataclasses import replace

from PySide6.QtCore import QObject, QTimer, Slot

from gan.errors import UserError
from latent_debugger.services.devices import available_devices
from latent_debugger.services.worker import Worker
from latent_debugger.state.paths import settings_path
from latent_debugger.state.session import Session
from latent_debugger.state.settings import Settings
from latent_debugger.views.main_window import MainWindow
from latent_debugger.views.preferences_dialog import PreferencesDialog
from latent_debugger.wiring.memory import MemoryFlow
from latent_debugger.wiring.models import ModelFlow

SAVE_AFTER_MS = 500


log = logging.getLogger(__name__)


class PreferencesFlow(QObject):
    """Edit > Preferences, and the same settings in menus and panels."""

    def __init__(
        self, window: MainWindow, session: Session, files: Worker, memory: MemoryFlow, models: ModelFlow
    ) -> None:
        super().__init__(window)
        self._window, self._files, self._preferences = window, files, session.preferences
        self._neighbours = session.neighbours
        self._in_force = session.preferences.settings
        self._chosen = False  # something to be saved was chosen; a hint that was followed is nothing to make a fuss of
        self._apply = {
            "theme": window.set_theme,
            "smooth": window.set_smooth,
            "reduced_motion": window.set_reduced_motion,
            "slider_range": window.latents.set_range,
            "default_sigma": self._neighbours.set_sigma,
            "autosave_s": memory.set_interval,
            "device": models.set_device,
        }
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(SAVE_AFTER_MS)
        self._timer.timeout.connect(self.save_now)
        session.preferences.changed.connect(self._change)
        window.theme_chosen.connect(self._choose_theme)
        window.smooth_chosen.connect(self._choose_smooth)
        window.latents.range_changed.connect(self._choose_range)
        window.action_map["edit.preferences"].triggered.connect(self._show)
        window.action_map["neighbours.reset_sigma"].triggered.connect(self._reset_sigma)
        window.neighbours.sigma_slider.reset_requested.connect(self._reset_sigma)

    def restore(self, theme: str | None, *, first_start: bool) -> None:
        """Put all settings in force.

        Args:
            theme: instead of the one preferred; it is not remembered.
            first_start: there is no session yet that tells another sigma than the default.
        """
        values = {**vars(self._in_force), "theme": theme or self._in_force.theme}
        for name, apply in self._apply.items():
            if name != "default_sigma" or first_start:
                apply(values[name])

    @Slot()
    def save_now(self) -> None:
        """Write the settings in force."""
        self._timer.stop()
        failed = self._window.messages.show_error if self._chosen else _not_worth_a_word
        self._chosen = False
        self._files.submit(self._in_force.save, settings_path(), failed=failed)

    def flush(self) -> None:
        """Write what waits to be written: the window closes."""
        if self._timer.isActive():
            self.save_now()

    @Slot(object)
    def _change(self, settings: Settings) -> None:
        before, self._in_force = self._in_force, settings
        self._chosen |= replace(before, hints_done=settings.hints_done) != settings
        for name, apply in self._apply.items():
            if getattr(settings, name) != getattr(before, name):
                apply(getattr(settings, name))
        self._timer.start()

    @Slot(object)
    def _choose_theme(self, theme: str) -> None:
        self._preferences.change(theme=theme)

    @Slot(bool)
    def _choose_smooth(self, smooth: bool) -> None:
        self._preferences.change(smooth=smooth)

    @Slot(float)
    def _choose_range(self, limit: float) -> None:
        self._preferences.change(slider_range=limit)

    @Slot()
    def _reset_sigma(self) -> None:
        self._neighbours.set_sigma(self._in_force.default_sigma)

    @Slot()
    def _show(self) -> None:
        PreferencesDialog.present_one(self._window, self._preferences, available_devices())


def _not_worth_a_word(error: UserError) -> None:
    log.info("the hints that were followed could not be kept: %s", error)
