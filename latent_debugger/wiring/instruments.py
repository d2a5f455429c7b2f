"""The instruments of one window: one flow for each, all on the networks of the open model."""

from __future__ import annotations

from PySide6.QtCore import QObject, Slot

from latent_debugger.services.instruments import InstrumentService
from latent_debugger.services.render import RenderService
from latent_debugger.services.worker import Worker
from latent_debugger.state.editor import LatentEditor
from latent_debugger.state.session import Session
from latent_debugger.views.main_window import MainWindow
from latent_debugger.wiring.critic import CriticFlow
from latent_debugger.wiring.directions import DirectionFlow
from latent_debugger.wiring.memorisation import MemorisationFlow
from latent_debugger.wiring.neighbours import NeighbourFlow
from latent_debugger.wiring.paths import PathFlow
from latent_debugger.wiring.previews import PreviewFlow
from latent_debugger.wiring.projection import ProjectionFlow
from latent_debugger.wiring.reference import ReferenceFlow
from latent_debugger.wiring.sensitivity import SensitivityFlow


class InstrumentFlows(QObject):
    """Makes them, and lets all of them know which model is open.

    Attributes:
        service: what works for them.
        reference: the training pictures, for those that compare with them.
    """

    def __init__(
        self,
        window: MainWindow,
        session: Session,
        render: RenderService,
        files: Worker,
        editor: LatentEditor,
        neighbours: NeighbourFlow,
    ) -> None:
        super().__init__(window)
        self._session = session
        self.service = service = InstrumentService(self)
        session.model_changed.connect(self._set_model)  # before any flow hears of the new model
        self._set_model()
        self.reference = ReferenceFlow(window, session)
        self.sensitivity = SensitivityFlow(window, session, service, files)
        self.previews = PreviewFlow(window, session, render, editor, self.sensitivity.state)
        self.directions = DirectionFlow(window, session, service, render, files, editor)
        self.critic = CriticFlow(window, session, service, render, files, editor, neighbours, self.reference)
        self.paths = PathFlow(window, session, service, render, files, editor)
        self.projection = ProjectionFlow(window, session, service, render, files, editor)
        self.memorisation = MemorisationFlow(window, session, service, render, files, self.reference)

    def wait_idle(self, timeout_s: float) -> bool:
        """Block until every instrument has answered; False after ``timeout_s`` seconds."""
        self.directions.flush()
        if not self.paths.wait_idle(timeout_s):
            return False
        return self.reference.wait_idle(timeout_s) and self.service.wait_idle(timeout_s)

    def stop(self) -> None:
        """End whatever is being worked out, and wait for it."""
        self.critic.stop()
        self.paths.stop()
        self.reference.stop()
        self.service.stop()

    @Slot()
    def _set_model(self) -> None:
        self.service.set_model(self._session.model)
