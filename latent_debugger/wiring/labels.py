"""Which class is drawn: choice -> step that can be undone -> another renderer -> picture, neighbours, all the rest."""

from __future__ import annotations

from PySide6.QtCore import QObject, Slot

from latent_debugger.services.adapters import with_label
from latent_debugger.services.render import RenderService
from latent_debugger.state.labels import choose_label
from latent_debugger.state.session import Session
from latent_debugger.views.main_window import MainWindow
from latent_debugger.wiring.frames import FrameFlow
from latent_debugger.wiring.models import ModelFlow


class LabelFlow(QObject):
    """The line *Class* of the latent panel, and what follows when another class is drawn."""

    def __init__(
        self, window: MainWindow, session: Session, render: RenderService, frames: FrameFlow, models: ModelFlow
    ) -> None:
        super().__init__(window)
        self._field, self._session = window.latents.label_field, session
        self._render, self._frames, self._models = render, frames, models
        self._field.chosen.connect(self._choose)
        session.label_changed.connect(self._draw)
        session.model_changed.connect(self._show)

    @Slot(str)
    def _choose(self, label: str) -> None:
        choose_label(self._session, label)

    @Slot()
    def _draw(self) -> None:
        """Before anybody asks for pictures of the class: what is on its way is of another one."""
        self._frames.latest = None  # a star would get the picture of the class before
        model, renderer = self._session.model, self._models.renderer
        if renderer is None or model is None:  # the device it was on has failed
            self._models.reload()
            return
        self._models.renderer = with_label(renderer, model.label)
        self._render.set_renderer(self._models.renderer)
        self._render.request(self._session.latent.z)

    @Slot()
    def _show(self) -> None:
        model = self._session.model
        self._field.set_labels(model.labels if model else (), model.label if model else "")
