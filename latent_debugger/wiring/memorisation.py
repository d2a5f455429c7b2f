"""Copy check: the training pictures are described once, and the picture on the canvas is looked up among them."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Slot

from gan.errors import UserError
from gan.instruments.memorisation import TrainingIndex
from latent_debugger.services.instruments import InstrumentService
from latent_debugger.services.memorisation import Near, look_up, make_index
from latent_debugger.services.render import Frame, RenderService
from latent_debugger.services.worker import Worker
from latent_debugger.state.lru import Lru
from latent_debugger.state.model import OpenModel
from latent_debugger.state.reference import ReferencePictures
from latent_debugger.state.session import Session
from latent_debugger.views.canvas import to_qimage
from latent_debugger.views.main_window import MainWindow
from latent_debugger.views.memorisation_nearest import (
    NO_MODEL,
    NO_PICTURES,
    STOPPED,
    WITH_CHECK,
    NearPicture,
    sentence,
)
from latent_debugger.views.memorisation_pair_dialog import PairDialog
from latent_debugger.wiring.memorisation_check import CheckFlow
from latent_debugger.wiring.reference import ReferenceFlow

INDEX, NEAREST = "memorisation.index", "memorisation.nearest"
REST_MS = 150
"""So long the canvas must stand still before its picture is looked up."""
INDEX_BYTES = 512 << 20
"""Kept of described data sets."""


class MemorisationFlow(QObject):
    """Connects the panel. Nothing is read, described or looked up while it is closed.

    Attributes:
        check: its right half.
    """

    def __init__(
        self,
        window: MainWindow,
        session: Session,
        instruments: InstrumentService,
        render: RenderService,
        files: Worker,
        reference: ReferenceFlow,
    ) -> None:
        super().__init__(window)
        self._window, self._session, self._panel = window, session, window.memorisation
        self._instruments, self._reference = instruments, reference
        self._indexes: Lru[str, TrainingIndex] = Lru(INDEX_BYTES)
        self._stopped = ""  # sha256 of pictures that the user does not want described
        self._front = False
        self._model: OpenModel | None = None  # that everything on show is of
        self._frame: Frame | None = None
        self._near: list[Near] = []
        self._near_to: Frame | None = None
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(REST_MS)
        self._rest.timeout.connect(self._look_up)
        self.check = CheckFlow(window, instruments, render, files, self._index_of)
        self._connect(render)
        window.action_map["memorisation.check"].triggered.connect(self._show_and_check)
        self._model_changed()

    def _connect(self, render: RenderService) -> None:
        panel, session = self._panel, self._session
        self._reference.attach(panel.reference)
        panel.nearest.opened.connect(self._open)
        panel.nearest.compare_requested.connect(self._compare)
        panel.nearest.cancel_requested.connect(self._stop_index)
        panel.escaped.connect(self._escape)
        panel.pictures_dropped.connect(self._reference.service.choose)
        self.check.changed.connect(self._check_changed)
        self.check.described.connect(self._keep_index)
        self._window.docks["memorisation"].visibilityChanged.connect(self._seen)
        session.model_changed.connect(self._model_changed)
        session.reference.changed.connect(self._pictures_changed)
        render.frame_ready.connect(self._note_frame)

    # what is there

    @Slot(bool)
    def _seen(self, front: bool) -> None:
        """Opened, closed, or behind another tab: then only a check goes on, which somebody has asked for."""
        self._front = front
        closed = self._window.docks["memorisation"].isHidden()
        self._reference.want("memorisation", not closed)
        if not front:  # what describes the pictures would keep others' searches waiting
            self._rest.stop()
            for purpose in (INDEX, NEAREST):
                self._instruments.cancel(purpose)
        if closed:
            self.check.cancel()
        self._refresh()

    @Slot()
    def _show_and_check(self) -> None:
        """Begin at once, where there are pictures to compare with."""
        self._window.show_panel("memorisation")
        if not self.check.running:
            self.check.begin()

    @Slot()
    def _model_changed(self) -> None:
        before, model = self._model, self._session.model
        if before is not None and model is not None and model.on_device(before.device) == before:
            return
        self._model, self._frame = model, None  # the frame of the new one follows
        self._window.action_map["memorisation.check"].setEnabled(model is not None)
        self.check.forget()
        self._pictures_changed()

    @Slot()
    def _pictures_changed(self) -> None:
        for purpose in (INDEX, NEAREST):
            self._instruments.cancel(purpose)
        self._near, self._near_to = [], None
        self.check.set_pictures(self._session.reference.pictures if self._model is not None else None)
        self._refresh()

    def _refresh(self) -> None:
        """Show, and do, what is next."""
        nearest, pictures = self._panel.nearest, self._session.reference.pictures
        if self._model is None or pictures is None:
            nearest.set_idle(NO_MODEL if self._model is None else NO_PICTURES)
        elif self._index_of(pictures) is not None:
            nearest.set_ready()
            if self._front:
                self._rest.start()
        elif self._stopped == pictures.sha256:
            nearest.set_idle(STOPPED, can_begin=True)
        elif self.check.running:
            nearest.set_idle(WITH_CHECK)
        elif self._front and not self._instruments.running(INDEX):
            self._build_index(pictures)

    # the index

    def _index_of(self, pictures: ReferencePictures) -> TrainingIndex | None:
        return self._indexes.get(pictures.sha256)

    def _build_index(self, pictures: ReferencePictures) -> None:
        def failed(error: UserError) -> None:
            self._stopped = pictures.sha256
            self._panel.nearest.set_idle(str(error), can_begin=True)

        self._panel.nearest.set_building(0.0)
        self._instruments.run(
            INDEX,
            lambda _, watch: make_index(pictures.images, watch),
            done=lambda index: self._keep_index(pictures, index),
            failed=failed,
            advanced=lambda share, _: self._panel.nearest.set_building(share),
            slow=True,
        )

    @Slot(object, object)
    def _keep_index(self, pictures: ReferencePictures, index: TrainingIndex) -> None:
        self._indexes.put(pictures.sha256, index, index.descriptors.nbytes)
        self._stopped = ""
        self._refresh()

    @Slot()
    def _stop_index(self) -> None:
        pictures = self._session.reference.pictures
        if self._instruments.running(INDEX) and pictures is not None:
            self._stopped = pictures.sha256
            self._instruments.cancel(INDEX)
            self._refresh()

    @Slot()
    def _compare(self) -> None:
        self._stopped = ""
        self._refresh()

    @Slot()
    def _check_changed(self) -> None:
        """A check describes the pictures itself, where they are not yet."""
        if self.check.running:
            self._instruments.cancel(INDEX)
        self._refresh()

    # the picture on the canvas

    @Slot(object)
    def _note_frame(self, frame: Frame) -> None:
        self._frame = frame
        if self._front:
            self._rest.start()

    @Slot()
    def _look_up(self) -> None:
        frame, pictures = self._frame, self._session.reference.pictures
        index = self._index_of(pictures) if pictures is not None else None
        if not self._front or frame is None or pictures is None or index is None or frame is self._near_to:
            return
        images = pictures.images

        def done(found: list[Near]) -> None:
            self._near, self._near_to = found, frame
            self._panel.nearest.set_pictures([_told(near) for near in found])

        failed = self._window.messages.show_error
        self._instruments.run(NEAREST, lambda _, __: look_up(index, images, frame.image), done, failed)

    @Slot(int)
    def _open(self, row: int) -> None:
        if not 0 <= row < len(self._near) or self._near_to is None:
            return
        near = self._near[row]
        PairDialog.present_one(self._window).show_pair(
            (to_qimage(self._near_to.image), "On the canvas"),
            (to_qimage(near.image), f"Training picture {near.match.index + 1:,}"),
            f"{sentence(near.match.percentile)} Their distance is {near.match.distance:.3f}.",
        )

    @Slot()
    def _escape(self) -> None:
        if self.check.running:
            self.check.cancel()
        elif self._instruments.running(INDEX):
            self._stop_index()
        elif self._session.reference.stage == "looking":
            self._reference.service.cancel()


def _told(near: Near) -> NearPicture:
    match = near.match
    return NearPicture(match.index, match.distance, match.percentile, to_qimage(near.image))
