"""Picture to latent: any picture -> as the model would see it -> a search -> go there."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from PySide6.QtCore import QObject, Slot

from gan.errors import UserError
from gan.images import Bytes
from gan.instruments.projection import Projection
from latent_debugger.services.instruments import InstrumentService
from latent_debugger.services.projection import read_target, search
from latent_debugger.services.render import RenderService, Tile
from latent_debugger.services.worker import Worker
from latent_debugger.state.editor import LatentEditor
from latent_debugger.state.latent import Origin
from latent_debugger.state.model import OpenModel
from latent_debugger.state.projection import ProjectionSettings, projection_path
from latent_debugger.state.session import Session
from latent_debugger.views import file_dialogs
from latent_debugger.views.canvas import to_qimage
from latent_debugger.views.main_window import MainWindow

PURPOSE = "projection"
BEST, RESULTS = "projection.best", "projection.results"
MOST = 24
"""Results kept of several searches for one picture."""
ALIKE = 0.02
"""A mean square error above which nobody would call two pictures alike."""
PICTURES = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".gif", ".tif", ".tiff")
"""Suffixes of files that are taken for pictures when they are dropped on the window."""


@dataclass(eq=False)
class _Target:
    """What is searched for."""

    path: Path
    image: Bytes


class ProjectionFlow(QObject):
    """Connects the panel. While it is closed nothing is searched for."""

    def __init__(
        self,
        window: MainWindow,
        session: Session,
        instruments: InstrumentService,
        render: RenderService,
        files: Worker,
        editor: LatentEditor,
    ) -> None:
        super().__init__(window)
        self._window, self._session, self._panel = window, session, window.projection
        self._instruments, self._render, self._files, self._editor = instruments, render, files, editor
        self._settings = ProjectionSettings.load(projection_path())
        self._model: OpenModel | None = None  # that the finds are of
        self._wanted: Path | None = None  # what is being read, or was read last
        self._reading: tuple[int, bool] | None = None  # number of the read under way, and whether a search follows it
        self._reads = 0
        self._target: _Target | None = None
        self._best: Projection | None = None  # of the search under way, or of all that were done
        self._found: list[Projection] = []
        self._seed = 0
        self._batches: dict[str, int] = {}
        panel = self._panel
        panel.set_settings(self._settings)
        panel.choose_requested.connect(self._choose)
        window.action_map["projection.choose"].triggered.connect(self._choose)
        panel.picture_dropped.connect(self.open)
        panel.search_requested.connect(self._search)
        panel.cancel_requested.connect(self._cancel)
        panel.go_requested.connect(self._go)
        panel.settings_changed.connect(self._settings_changed)
        window.docks["projection"].visibilityChanged.connect(self._seen)
        session.model_changed.connect(self._model_changed)
        render.tile_ready.connect(self._show_tile)
        self._model_changed()

    @Slot(object)
    def open(self, path: Path) -> None:
        """Show the panel, and search for the picture in a file."""
        if self._session.model is None:
            error = UserError("A picture can only be searched for with a model.", "Open a checkpoint first.")
            self._window.messages.show_error(error)
            return
        self._window.show_panel("projection")
        self._read(path, begin=True)

    def offer(self, path: Path) -> None:
        """A picture without a latent was dropped on the window: it may be meant to be searched for."""
        words = f"{path.name} carries no latent, but one that draws it can be searched for."
        self._window.messages.show_offer(words, "Search", partial(self.open, path))

    @Slot()
    def _choose(self) -> None:
        dialog = file_dialogs.picture_to_search(self._window, Path.home())
        dialog.fileSelected.connect(self._chosen)
        file_dialogs.from_last_folder(dialog, self._session.folders).open()

    @Slot(str)
    def _chosen(self, name: str) -> None:
        self.open(Path(name))

    def _read(self, path: Path, begin: bool, quiet: bool = False) -> None:
        model = self._session.model
        if model is None:
            return
        self._instruments.cancel(PURPOSE)
        self._wanted = path
        self._reads += 1
        self._reading = self._reads, begin
        self._files.submit(
            read_target, path, model, self._settings.framing,
            done=partial(self._show_target, self._reading, path, model),
            failed=partial(self._unreadable, self._reading, quiet),
        )  # fmt: skip

    def _show_target(self, reading: tuple[int, bool], path: Path, model: OpenModel, image: Bytes) -> None:
        if self._reading != reading or model != self._session.model:
            return
        self._reading = None
        self._target = _Target(path, image)
        self._seed = 0
        self._forget()
        self._panel.set_busy(False)
        self._panel.set_target(to_qimage(image), path.name)
        if reading[1]:
            self._search()

    def _unreadable(self, reading: tuple[int, bool], quiet: bool, error: UserError) -> None:
        if self._reading != reading:
            return
        self._reading = None
        self._wanted = self._target.path if self._target is not None else None
        if not quiet:
            self._window.messages.show_error(error)

    # the search

    @Slot()
    def _search(self) -> None:
        target = self._target
        if target is None:
            return
        self._best = None
        options, seed = self._settings, self._seed
        self._seed += 1
        begun = self._instruments.run(
            PURPOSE,
            lambda subject, watch: search(subject, watch, target.image, options, seed),
            done=self._done,
            failed=self._failed,
            advanced=self._advance,
            slow=True,
        )
        self._panel.set_busy(begun)

    def _advance(self, share: float, best: Projection | None) -> None:
        if best is None:
            return
        self._panel.advance(share, best.mse)
        if self._best is None or best.mse < self._best.mse:
            self._best = best
            self._draw(BEST, best.z[np.newaxis])

    def _done(self, found: list[Projection]) -> None:
        self._panel.set_busy(False)
        self._keep(found)
        starts = "start" if len(found) == 1 else "starts"
        words = f"Done. The best of {len(found)} {starts} has an error of {found[0].mse:.5f}."
        if found[0].mse > ALIKE:
            words += " This model draws nothing like it, as far as the search can tell."
        self._panel.tell(words)

    def _failed(self, error: UserError) -> None:
        self._panel.set_busy(False)
        self._keep([])
        self._panel.tell(str(error), problem=True)

    @Slot()
    def _cancel(self) -> None:
        if not self._instruments.running(PURPOSE):
            return
        self._instruments.cancel(PURPOSE)
        self._panel.set_busy(False)
        best = self._best
        if best is None:
            self._keep([])
            self._panel.tell("Cancelled before anything was found.")
        else:
            self._keep([best])
            self._panel.tell(f"Cancelled; the best find so far, after {100 * best.share:.0f} %, is kept.")

    def _keep(self, found: list[Projection]) -> None:
        """Add what was found to what is known, and show the best of all."""
        self._found = sorted([*self._found, *found], key=lambda one: one.mse)[:MOST]
        if not self._found:
            return
        self._best = self._found[0]
        self._panel.set_results([one.mse for one in self._found])
        self._panel.set_best(self._panel.best.image, self._best.mse)
        self._draw(BEST, self._best.z[np.newaxis])
        self._draw(RESULTS, np.stack([one.z for one in self._found]))

    # pictures

    def _draw(self, purpose: str, latents: np.ndarray) -> None:
        self._batches[purpose] = self._render.request_tiles(latents, purpose)

    @Slot(object)
    def _show_tile(self, tile: Tile) -> None:
        if tile.batch == self._batches.get(BEST):
            self._panel.set_best(to_qimage(tile.image))
        elif tile.batch == self._batches.get(RESULTS):
            self._panel.results.set_picture(tile.index, to_qimage(tile.image))

    # what changes

    @Slot(int)
    def _go(self, row: int) -> None:
        found = self._best if row < 0 else self._found[row] if row < len(self._found) else None
        if found is None:
            return
        try:
            self._editor.go_to(found.z, Origin(), "go to projection")
        except UserError as error:
            self._window.messages.show_error(error)

    @Slot(object)
    def _settings_changed(self, settings: ProjectionSettings) -> None:
        other_frame = settings.framing != self._settings.framing
        self._settings = settings
        self._files.submit(settings.save, projection_path(), failed=self._window.messages.show_error)
        if other_frame and self._wanted is not None:
            self._read(self._wanted, begin=self._reading is not None and self._reading[1])

    @Slot(bool)
    def _seen(self, _: bool) -> None:
        if self._window.docks["projection"].isHidden():  # closed, not only behind another tab
            self._cancel()

    @Slot()
    def _model_changed(self) -> None:
        """What was found is another model's; the picture stays, as the new one would see it."""
        before, model = self._model, self._session.model
        if before is not None and model is not None and model.on_device(before.device) == before:
            return
        self._model = model
        self._forget()
        self._panel.set_busy(False)
        self._panel.set_model(model is not None)
        self._window.action_map["projection.choose"].setEnabled(model is not None)
        target, self._target = self._target, None
        wanted = self._wanted if target is None else target.path
        self._reading = None
        self._panel.set_target(None)
        if model is not None and wanted is not None:
            self._read(wanted, begin=False, quiet=True)  # nobody has asked for it now

    def _forget(self) -> None:
        self._best, self._found = None, []
        self._batches.clear()
