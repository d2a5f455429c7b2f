"""The hints of the first minute: each stays until somebody does what it says, or closes it."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Slot
from PySide6.QtGui import QKeySequence

from latent_debugger.state.hints import Hint, next_hint
from latent_debugger.state.session import Session
from latent_debugger.views.main_window import MainWindow

TICKED_MS = 1200
"""So long the tick of a hint that was followed is on show before the next one comes."""


class HintFlow(QObject):
    """What was done -> the settings remember it -> the next hint. Whatever is done unasked needs no hint any more."""

    def __init__(self, window: MainWindow, session: Session) -> None:
        super().__init__(window)
        self._window, self._session, self._strip = window, session, window.hints
        self._shown: Hint | None = None
        self._ticked = QTimer(self)
        self._ticked.setSingleShot(True)
        self._ticked.setInterval(TICKED_MS)
        self._ticked.timeout.connect(self._show)
        actions, latents, near = window.action_map, window.latents, window.neighbours
        for signal in (actions["latent.random"].triggered, latents.random_requested, latents.value_edited):
            signal.connect(self._drew)
        for signal in (session.library.inserted, session.library.reset):
            signal.connect(self._starred)
        for signal in (actions["neighbours.sample"].triggered, near.sample_requested):
            signal.connect(self._sampled)
        near.chosen.connect(self._went)
        window.bookmarks.export_requested.connect(self._exported)
        self._strip.dismissed.connect(self._dismiss)
        actions["help.hints"].triggered.connect(self._begin_anew)
        session.model_changed.connect(self._show)
        session.preferences.changed.connect(self._show)

    @Slot()
    def _drew(self) -> None:
        self._done("random")

    @Slot()
    def _starred(self) -> None:
        if len(self._session.library):
            self._done("star")

    @Slot()
    def _sampled(self) -> None:
        self._done("sample")

    @Slot()
    def _went(self) -> None:
        self._done("go")

    @Slot()
    def _exported(self) -> None:
        self._done("export")

    def _done(self, hint: str) -> None:
        done = self._session.preferences.settings.hints_done
        if hint in done:
            return
        if self._shown is not None and self._shown.id == hint:
            self._strip.set_done()
            self._ticked.start()
        self._session.preferences.change(hints_done=(*done, hint))

    @Slot()
    def _dismiss(self) -> None:
        if self._shown is not None:
            done = self._session.preferences.settings.hints_done
            self._session.preferences.change(hints_done=(*done, self._shown.id))

    @Slot()
    def _begin_anew(self) -> None:
        self._ticked.stop()
        self._session.preferences.change(hints_done=())
        self._show()

    @Slot()
    def _show(self) -> None:
        if self._ticked.isActive():
            return
        hint = next_hint(self._session.preferences.settings.hints_done)
        self._shown = hint if self._session.model is not None else None
        action = self._window.action_map.get(self._shown.action) if self._shown is not None else None
        keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText) if action is not None else ""
        self._strip.set_hint(self._shown.told(keys) if self._shown is not None else "")
