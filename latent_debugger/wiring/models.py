"""Opening checkpoints: the window keeps what it has until the new model has proved that it can draw."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from gan.errors import UserError
from gan.importers.choices import ChoiceNeededError, Choices
from gan.latent.draws import draw
from gan.rendering import Renderer
from latent_debugger.services.devices import available_devices
from latent_debugger.services.models import LoadedModel, ModelService
from latent_debugger.services.render import RenderService
from latent_debugger.state.latent import Origin
from latent_debugger.state.model import AdapterUse
from latent_debugger.state.session import Session
from latent_debugger.state.snapshot import SessionSnapshot
from latent_debugger.views import file_dialogs
from latent_debugger.views.main_window import MainWindow

log = logging.getLogger(__name__)

FIRST_SEED = 4  # the first picture of a model whose latent nobody has touched yet; people64 looks good there


class ModelFlow(QObject):
    """File > Open, reload, and the model of the last session.

    Attributes:
        renderer: what draws the model on show; None before there is one, and after its device failed.
    """

    opened = Signal(object)
    """Path: this checkpoint is on show now."""
    stepped = Signal(object)
    """Path: the same by :meth:`show_step`. The user has opened no file, only gone to another step of a run."""
    folder_opened = Signal(object)
    """Path: the run directory, or folder of checkpoints, whose newest is on show now; after ``opened``."""

    choice_needed = Signal(object, object)
    """Path, ChoiceNeededError: this file can be opened only by :meth:`open_as`."""
    refused = Signal(object, object)
    """Path, UserError: this file could not be opened without naming an adapter; the window has said so."""

    def __init__(self, window: MainWindow, session: Session, models: ModelService, render: RenderService) -> None:
        super().__init__(window)
        self._window, self._session, self._models, self._render = window, session, models, render
        self._restore: SessionSnapshot | None = None
        self._fall_back: Path | None = None
        self._device, self._asked, self._with_adapter = "auto", Path(), False
        self.renderer: Renderer | None = None
        models.loaded.connect(self._show)
        models.failed.connect(self._fail)
        models.busy_changed.connect(self._show_busy)
        render.device_changed.connect(self._show_device)
        window.action_map["file.open"].triggered.connect(self._choose)
        window.action_map["file.reload"].triggered.connect(self.reload)

    @Slot(object)
    def open(self, path: Path) -> None:
        """Open a checkpoint, or the newest one of a run directory. What is open stays when that fails."""
        self._asking(path)
        self._models.open(path, self._device)

    def open_with(self, path: Path, use: AdapterUse, restore: SessionSnapshot | None = None) -> None:
        """Open a file with the adapter that the user has named: this runs its code.

        Args:
            restore: latent and locks to go to, where they fit.
        """
        self._asked, self._with_adapter, self._restore = path, True, restore
        self._models.open(path, self._device, adapter=use)

    def open_as(self, path: Path, choices: Choices) -> None:
        """Open another project's file as the user wants it drawn, now and whenever it is opened."""
        self._asking(path)
        self._models.open(path, self._device, choices)

    def show_step(self, path: Path, done: Callable[[UserError | None], object]) -> None:
        """Show another checkpoint of a run, soon if it was on show lately. ``done(None)`` follows when it is there or
        something else was opened meanwhile, ``done(error)`` when it cannot be: nothing has changed then or been said.
        """

        def loaded(model: LoadedModel | None) -> None:
            if model is not None:
                self._put_on_show(model)
                self.stepped.emit(model.model.path)
            done(None)

        self._models.open_step(path, self._device, loaded, done)

    def expect_steps(self, paths: Sequence[Path]) -> None:
        """Load checkpoints in advance that :meth:`show_step` will probably be asked for."""
        self._models.expect_steps(paths, self._device)

    def open_first(self, path: Path, restore: SessionSnapshot | None, fall_back: Path | None) -> None:
        """Open the model of the start, with the latent and locks of the last session where they fit.

        Args:
            fall_back: opened instead when ``path`` cannot be, for the last session's model may be gone.
        """
        self._restore, self._fall_back = restore, fall_back
        self.open(path)

    def set_device(self, device: str) -> None:
        """Compute pictures there from now on; ``auto`` where this machine has no such device (any more)."""
        before, self._device = self._device, device if device in available_devices() else "auto"
        if self._device != before:
            self.reload()

    def _asking(self, path: Path) -> None:
        """Without naming an adapter, and whatever was asked for with one before."""
        if self._with_adapter:
            self._restore = None
        self._asked, self._with_adapter = path, False

    @Slot()
    def _choose(self) -> None:
        model = self._session.model
        dialog = file_dialogs.open_checkpoint(self._window, model.path.parent if model else Path.home())
        dialog.fileSelected.connect(self._chosen)
        file_dialogs.from_last_folder(dialog, self._session.folders).open()

    @Slot(str)
    def _chosen(self, name: str) -> None:
        self.open(Path(name))

    @Slot()
    def reload(self) -> None:
        """Read the model on show from disk again, with the adapter it was opened with, if any."""
        model = self._session.model
        if model is not None and model.adapter is not None:
            self.open_with(model.path, model.adapter)
        elif model is not None:
            self.open(model.path)

    @Slot(object)
    def _show(self, loaded: LoadedModel) -> None:
        self._put_on_show(loaded)
        self.opened.emit(loaded.model.path)
        if loaded.folder is not None:
            self.folder_opened.emit(loaded.folder)

    def _put_on_show(self, loaded: LoadedModel) -> None:
        session, restore = self._session, self._restore
        first = session.model is None  # what went wrong during the start stays on show
        self._restore = self._fall_back = None
        self._render.set_renderer(None)  # the new size must not ask the old model for anything
        self.renderer = loaded.renderer
        if restore is not None and len(restore.latent) == loaded.model.dim:
            session.set_model(loaded.model, restore.latent)
            session.latent.set(restore.latent)  # where the model before was of the same size
            session.latent.set_locks(restore.lock_mask(loaded.model.dim))
        elif loaded.model.dim == session.latent.dim:
            session.set_model(loaded.model)
        else:
            z = draw(1, loaded.model.dim, FIRST_SEED)[0]
            session.set_model(loaded.model, z, Origin(seed=FIRST_SEED))
            self._window.latents.set_seed(FIRST_SEED)
        self._render.set_renderer(loaded.renderer)
        self._render.request(session.latent.z)
        if loaded.notice:
            self._window.messages.show_info(loaded.notice)
        elif self._window.messages.kind() == "error" and not first:
            self._window.messages.clear()
        model = loaded.model
        log.info("opened %s: %s, step %d, on %s", model.path.name, model.objective, model.step, model.device)

    @Slot(object)
    def _fail(self, error: UserError) -> None:
        if isinstance(error, ChoiceNeededError):
            self._window.messages.show_error(UserError(error.text, "Choose how it is drawn."))
            self.choice_needed.emit(self._asked, error)
        else:
            self._window.messages.show_error(error)
            if not self._with_adapter:
                self.refused.emit(self._asked, error)
        fall_back, self._fall_back = self._fall_back, None
        if fall_back is not None:
            self.open(fall_back)

    @Slot(bool)
    def _show_busy(self, busy: bool) -> None:
        self._window.set_opening(busy)

    @Slot(object)
    def _show_device(self, device: str) -> None:
        model = self._session.model
        if model is not None:
            self.renderer = None  # the service has made another
            self._session.set_model(model.on_device(device))
