"""The real pictures that instruments compare with: found, chosen or drawn, and told to every panel that uses them."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QFileDialog

from latent_debugger.services.reference import ReferenceService
from latent_debugger.state.session import Session
from latent_debugger.views import file_dialogs
from latent_debugger.views.main_window import MainWindow
from latent_debugger.views.reference_bar import ReferenceBar


class ReferenceFlow(QObject):
    """Connects any number of bars with one service.

    An instrument calls :meth:`attach` once with its bar, :meth:`want` as its panel comes and goes, and reads
    ``session.reference.pictures`` whenever ``session.reference.changed`` says so.
    """

    def __init__(self, window: MainWindow, session: Session) -> None:
        super().__init__(window)
        self._window, self._session = window, session
        self._bars: list[ReferenceBar] = []
        self.service = ReferenceService(session.reference, self)
        self.service.failed.connect(window.messages.show_error)
        session.reference.changed.connect(self._show)
        session.model_changed.connect(self._model_changed)
        self._model_changed()

    def attach(self, bar: ReferenceBar) -> None:
        """Keep ``bar`` up to date, and do what it asks for."""
        self._bars.append(bar)
        self._session.reference.advanced.connect(bar.advance)
        bar.folder_requested.connect(self._choose_folder)
        bar.file_requested.connect(self._choose_file)
        bar.people_requested.connect(self.service.draw_people)
        bar.cancel_requested.connect(self.service.cancel)
        bar.show_state(self._session.reference)

    def want(self, purpose: str, wanted: bool) -> None:
        """Look for the pictures while the panel ``purpose`` is in view."""
        self.service.want(purpose, wanted)

    def wait_idle(self, timeout_s: float) -> bool:
        """Block until nothing is being looked for; False after ``timeout_s`` seconds."""
        return self.service.wait_idle(timeout_s)

    def stop(self) -> None:
        """Look no more."""
        self.service.stop()

    @Slot()
    def _show(self) -> None:
        for bar in self._bars:
            bar.show_state(self._session.reference)

    @Slot()
    def _model_changed(self) -> None:
        self.service.set_model(self._session.model)

    @Slot()
    def _choose_folder(self) -> None:
        self._choose(file_dialogs.open_pictures(self._window, Path.home()))

    @Slot()
    def _choose_file(self) -> None:
        self._choose(file_dialogs.open_picture_file(self._window, Path.home()))

    def _choose(self, dialog: QFileDialog) -> None:
        dialog.fileSelected.connect(self._chosen)
        file_dialogs.from_last_folder(dialog, self._session.folders).open()

    @Slot(str)
    def _chosen(self, name: str) -> None:
        self.service.choose(Path(name))
