"""The critic's view: whether there is a critic, what the user wants of it, and the flows that ask it."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject, QTimer, Slot

from gan.errors import UserError
from latent_debugger.services.critic import NoCriticError, why_none
from latent_debugger.services.critic_scale import CriticScale
from latent_debugger.services.instruments import InstrumentService
from latent_debugger.services.render import RenderService
from latent_debugger.services.worker import Worker
from latent_debugger.state.critic import CriticSettings, CriticState, critic_path
from latent_debugger.state.editor import LatentEditor
from latent_debugger.state.model import OpenModel
from latent_debugger.state.session import Session
from latent_debugger.views.critic_panel import NO_MODEL
from latent_debugger.views.main_window import MainWindow
from latent_debugger.wiring.critic_choice import BestRandomFlow
from latent_debugger.wiring.critic_improve import ImproveFlow
from latent_debugger.wiring.critic_neighbours import CriticNeighboursFlow
from latent_debugger.wiring.critic_rank import RankFlow
from latent_debugger.wiring.critic_stars import CriticStarsFlow
from latent_debugger.wiring.neighbours import NeighbourFlow
from latent_debugger.wiring.reference import ReferenceFlow

SAVE_MS = 500
"""Between a change and its being written: a spin box is held down."""


class CriticFlow(QObject):
    """Everything that asks the critic. Nothing is loaded before somebody asks.

    Attributes:
        state: settings, and whether there is a critic.
        scale: what its scores are compared with.
    """

    def __init__(
        self,
        window: MainWindow,
        session: Session,
        instruments: InstrumentService,
        render: RenderService,
        files: Worker,
        editor: LatentEditor,
        neighbours: NeighbourFlow,
        reference: ReferenceFlow,
    ) -> None:
        super().__init__(window)
        self._window, self._session, self._files, self._panel = window, session, files, window.critic
        self.state = CriticState(self)
        self.scale = CriticScale(instruments, session.reference, self)
        self._asked: OpenModel | None = None
        self._save_soon = QTimer(self)
        self._save_soon.setSingleShot(True)
        self._save_soon.setInterval(SAVE_MS)
        self._save_soon.timeout.connect(self.save_now)
        settings, lost = CriticSettings.recover(critic_path(), "What is remembered of the critic’s view")
        self.state.set(settings)
        if lost:
            window.messages.show_notice(lost)
        self.rank = RankFlow(window, session, instruments, self.state, self.scale, reference)
        self.random = BestRandomFlow(window, session, instruments, self.state, self.scale, editor)
        self.improving = ImproveFlow(window, session, instruments, self.state, self.scale, render, editor)
        self.near = CriticNeighboursFlow(window, instruments, self.state, self.scale, neighbours)
        self.stars = CriticStarsFlow(window, session, instruments, self.state, self.scale)
        panel, change = self._panel, self.state.change
        panel.choice.best_of_changed.connect(lambda n: change(best_of=n))
        panel.choice.neighbours_toggled.connect(lambda on: change(choose_neighbours=on))
        for signal in (panel.choice.sort_toggled, window.neighbours.sort_toggled):
            signal.connect(lambda on: change(sort_neighbours=on))
        panel.improve.steps_changed.connect(lambda n: change(steps=n))
        panel.left.connect(window.canvas.setFocus)
        self.state.changed.connect(self._show_settings)
        self.state.changed.connect(self._save_soon.start)
        self.state.available_changed.connect(self._show_available)
        self.scale.failed.connect(self.refuse)
        session.model_changed.connect(self._model_changed)
        self._show_settings()
        self._model_changed()

    @Slot()
    def save_now(self) -> None:
        """Write the settings, if they have changed."""
        if self._save_soon.isActive() or self.sender() is self._save_soon:
            self._save_soon.stop()
            self._files.submit(self.state.settings.save, critic_path(), failed=self._window.messages.show_error)

    def stop(self) -> None:
        """The window closes."""
        self.save_now()

    @Slot(object)
    def refuse(self, error: UserError) -> None:
        """A question could not be answered; where there is no critic after all, say so everywhere."""
        if isinstance(error, NoCriticError):
            self._settle(str(error))
        else:
            self._window.messages.show_error(error)

    @Slot()
    def _model_changed(self) -> None:
        model, asked = self._session.model, self._asked
        if model is not None and asked is not None and model.on_device("") == asked.on_device(""):
            return
        self._asked = model
        self.state.set_available(False)
        self.scale.set_model(None)
        self._show_available()
        if model is not None:
            self._files.submit(
                why_none, model, done=partial(self._known, model), failed=self._window.messages.show_error
            )

    def _known(self, model: OpenModel, reason: str) -> None:
        if model is self._asked:
            self._settle(reason)

    def _settle(self, reason: str) -> None:
        self.scale.set_model(None if reason else self._asked)
        self.state.set_available(not reason, reason)

    @Slot()
    def _show_settings(self) -> None:
        settings = self.state.settings
        self._panel.set_settings(settings)
        self._window.action_map["critic.best_random"].setText(f"Random, &best of {settings.best_of}")

    @Slot()
    def _show_available(self) -> None:
        state, window = self.state, self._window
        missing = "" if state.available else (state.reason or NO_MODEL)
        self._panel.set_empty(missing)
        window.bookmarks.filter.set_critic(missing)
        for name in ("critic.best_random", "critic.improve"):
            window.action_map[name].setEnabled(state.available)
