"""Opening checkpoints without making the window wait."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from PySide6.QtCore import QObject, Signal

from gan.importers.choices import Choices
from gan.importers.process import warm_up
from gan.latent.draws import draw
from gan.rendering import Renderer, choose_device, open_renderer
from latent_debugger.errors import UserError
from latent_debugger.services.adapters import labels_of, open_with, use_of
from latent_debugger.services.devices import is_out_of_memory
from latent_debugger.services.foreign import Sketch, choices_of, remember, remembered, sketch
from latent_debugger.services.worker import Worker
from latent_debugger.state.lru import Lru
from latent_debugger.state.model import AdapterUse, OpenModel

log = logging.getLogger(__name__)

STEPS_KEPT, STEPS_BYTES = 12, 256 << 20
"""Checkpoints of a run that stay loaded after :meth:`ModelService.open_step`, and the size of their files together."""


@dataclass(frozen=True, eq=False)
class LoadedModel:
    """A model that has proved that it can draw."""

    model: OpenModel
    renderer: Renderer
    notice: str = ""
    """What the user should know: another device than asked for, doubts about another project's file; else empty."""
    folder: Path | None = None
    """The run directory, or folder of checkpoints, that was opened; None where it was a file."""


class ModelService(QObject):
    """Loads checkpoints and runs in a thread of its own; of several, the newest wins."""

    loaded = Signal(object)
    """LoadedModel"""
    failed = Signal(object)
    """UserError: whatever is open stays."""
    busy_changed = Signal(bool)

    def __init__(self, parent: QObject | None = None, *, synchronous: bool = False) -> None:
        super().__init__(parent)
        self._worker = Worker("models", self, trouble="The model could not be opened.", synchronous=synchronous)
        self._worker.busy_changed.connect(self.busy_changed)
        self._newest = 0
        self._opening = 0  # calls of open() that are not answered
        self._steps: Lru[tuple[str, int, int, str], LoadedModel] = Lru(STEPS_BYTES, STEPS_KEPT)  # only the worker's

    def open(
        self,
        path: Path,
        device: str = "auto",
        choices: Choices | None = None,
        adapter: AdapterUse | None = None,
    ) -> None:
        """Load a checkpoint, or the newest one of a run directory; ``loaded`` or ``failed`` follows.

        An older call that is not answered yet never will be.

        Args:
            device: auto, cpu, cuda, cuda:N or mps.
            choices: of another project's file: how it is drawn from now on. Else as it was said before.
            adapter: code that the user has named to open the file with; it is run.
        """
        self._newest += 1
        number = self._newest

        def done(loaded: LoadedModel | None) -> None:
            self._opening -= 1
            if loaded is not None and number == self._newest:
                self.loaded.emit(loaded)

        def failed(error: UserError) -> None:
            self._opening -= 1
            if number == self._newest:
                self.failed.emit(error)

        self._opening += 1
        self._worker.submit(self._load, number, Path(path), device, choices, adapter, done=done, failed=failed)

    def open_step(
        self,
        path: Path,
        device: str,
        done: Callable[[LoadedModel | None], object],
        failed: Callable[[UserError], object],
    ) -> None:
        """Load a checkpoint for whoever goes through the steps of a run: no signal, and those opened last are kept.

        Args:
            done: gets the model, or None when another call has overtaken this one; :meth:`open` always does.
        """
        if self._opening:
            done(None)
            return
        self._newest += 1
        number = self._newest

        def loaded(model: LoadedModel | None) -> None:
            done(model if number == self._newest else None)

        self._worker.submit(self._load_step, number, Path(path), device, done=loaded, failed=failed)

    def expect_steps(self, paths: Sequence[Path], device: str) -> None:
        """Load checkpoints that will probably be asked for next by :meth:`open_step`, while there is nothing to do.
        What cannot be loaded is passed over."""
        if not self._worker.busy:
            self._worker.submit(self._expect, self._newest, tuple(paths), device)

    def sketch(
        self,
        path: Path,
        choices: Choices,
        wanted: Callable[[], bool],
        done: Callable[[Sketch | None], object],
        failed: Callable[[UserError], object],
    ) -> None:
        """Draw another project's file as ``choices`` say, for whoever chooses among them.

        Args:
            wanted: asked in the thread that draws, before it does; if it says no, ``done`` gets None.
        """
        self._worker.submit(lambda: sketch(path, choices) if wanted() else None, done=done, failed=failed)

    def wait_idle(self, timeout_s: float) -> bool:
        """Block until every call is answered; False after ``timeout_s`` seconds."""
        return self._worker.wait_idle(timeout_s)

    def stop(self) -> None:
        """Finish the load in hand, forget the others, end the thread."""
        self._newest += 1
        self._worker.stop()

    def _load(
        self, number: int, path: Path, device: str, choices: Choices | None, adapter: AdapterUse | None
    ) -> LoadedModel | None:
        if number != self._newest:  # superseded while it waited
            return None
        loaded = load_model(path, device, choices, adapter)
        if choices is not None:
            remember(loaded.renderer.info, choices)
        warm_up()  # the next file may be another project's
        return loaded

    def _expect(self, number: int, paths: tuple[Path, ...], device: str) -> None:
        for path in paths:
            try:
                self._load_step(number, path, device)
            except UserError as error:
                log.info("not loaded in advance: %s", error)

    def _load_step(self, number: int, path: Path, device: str) -> LoadedModel | None:
        if number != self._newest:
            return None
        try:
            stat = path.stat()
        except OSError as error:
            raise UserError(f"{path} cannot be opened: {error.strerror or error}.") from error
        key = (str(path), stat.st_mtime_ns, stat.st_size, device)
        model = self._steps.get(key)
        if model is None:
            model = load_model(path, device)
            self._steps.put(key, model, stat.st_size)
        return model


def load_model(
    path: Path, device: str = "auto", choices: Choices | None = None, adapter: AdapterUse | None = None
) -> LoadedModel:
    """Open a model and let it draw one picture, so that a broken one is refused before it replaces a good one.

    A model that fails on another device than the processor goes to the processor, with a notice.

    Args:
        choices: of another project's file: how it is drawn. None: as was said when it was opened before.
        adapter: code that the user has named to open the file with; it is run.

    Raises:
        UserError: see :func:`gan.rendering.open_renderer`; or the model answers with NaN, or is too large.
    """
    chosen, notice = choose_device(device), ""
    if adapter is None:
        choices = choices or remembered(path)
    try:
        renderer = _proven(path, chosen, choices, adapter)
    except RuntimeError as error:  # what torch raises for whatever goes wrong on a device
        if chosen.type == "cpu":
            raise
        log.warning("the device %s failed: %s", chosen, error)
        renderer = _proven(path, torch.device("cpu"), choices, adapter)
        notice = f"The device {chosen} could not take the model, so the processor draws the pictures."
    notice = " ".join([notice, *renderer.info.warnings]).strip()
    return LoadedModel(describe(renderer), renderer, notice, None if renderer.info.path == path else path)


def describe(renderer: Renderer) -> OpenModel:
    """What the window needs to know of a renderer's model."""
    info = renderer.info
    use = use_of(info)
    return OpenModel(
        path=info.path.absolute(),  # its folder tells the run it belongs to
        name=info.name,
        dim=info.config.z_dim,
        space="z" if use is None else use.space,
        image_size=info.config.image_size,
        channels=info.config.channels,
        step=info.step,
        run=info.run,
        sha256=info.sha256,
        device=str(renderer.device),
        objective=info.objective,
        choices=choices_of(info),
        adapter=use,
        labels=labels_of(info),
        trainable=info.trainable,
    )


def _proven(path: Path, device: torch.device, choices: Choices | None, adapter: AdapterUse | None) -> Renderer:
    try:
        if adapter is None:
            renderer = open_renderer(path, str(device), choices)
        else:
            renderer = open_with(path, adapter, device)
        renderer.pixels(draw(1, renderer.dim, seed=0))
    except (MemoryError, RuntimeError) as error:
        if device.type == "cpu" and is_out_of_memory(error):
            raise UserError(f"{path.name} needs more memory than there is.", "Open a smaller model.") from error
        raise
    return renderer
