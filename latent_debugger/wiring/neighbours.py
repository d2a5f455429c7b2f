"""Sampling around pictures: settings -> latents -> live thumbnails -> go there, or keep one."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QObject, QTimer, Slot

from gan.errors import UserError
from gan.images import Bytes
from latent_debugger.services.render import RenderService, Tile
from latent_debugger.state.bookmark import Bookmark, z_bytes
from latent_debugger.state.editor import LatentEditor
from latent_debugger.state.neighbour_state import Anchor, NeighbourRequest
from latent_debugger.state.session import Session
from latent_debugger.views.main_window import MainWindow
from latent_debugger.wiring.bookmarks import BookmarkFlow

PURPOSE = "neighbours"
NO_ANCHOR = "Press N to draw relatives of this picture."
NO_STARS = {
    "selected": "Select stars on the right to draw their relatives.",
    "all": "Star a picture (Ctrl+D) to draw its relatives.",
}


class NeighbourFlow(QObject):
    """Neighbours of the current latent stay those of the latent they were sampled around, so that one can walk through
    them; moving sigma slides them along their own lines, and *Sample* starts from what is on the canvas now."""

    def __init__(
        self,
        window: MainWindow,
        session: Session,
        render: RenderService,
        editor: LatentEditor,
        bookmarks: BookmarkFlow,
    ) -> None:
        super().__init__(window)
        self._window, self._session, self._render = window, session, render
        self._panel, self._editor, self._bookmarks = window.neighbours, editor, bookmarks
        self._anchor: Anchor | None = None
        self._request: NeighbourRequest | None = None
        self._images: dict[int, Bytes] = {}
        self._batch: object = None
        self._soon = QTimer(self)  # several settings may change in one go
        self._soon.setSingleShot(True)
        self._soon.setInterval(0)
        self._soon.timeout.connect(self._draw)
        window.action_map["neighbours.sample"].triggered.connect(self.sample)
        self._panel.sample_requested.connect(self.sample)
        self._panel.chosen.connect(self._go)
        self._panel.star_requested.connect(self._star)
        session.neighbours.changed.connect(self._settings_changed)
        session.latent.locks_changed.connect(self._later)
        session.model_changed.connect(self._later)
        session.latent.resized.connect(self._forget)
        window.bookmarks.selection_changed.connect(self._stars_changed)
        for signal in (session.library.inserted, session.library.removed):
            signal.connect(self._stars_changed)
        session.library.reset.connect(self._later)
        render.tile_ready.connect(self._show_tile)
        self._draw()

    @Slot()
    def sample(self) -> None:
        """Draw anew, around what is on the canvas now where the source is the current picture."""
        if self._session.latent.dim:
            self._anchor = self._here()
            self._session.neighbours.sample()

    def _here(self) -> Anchor:
        return Anchor.at(self._session.latent, self._session.library.bookmarks())

    @Slot()
    def _settings_changed(self) -> None:
        if self._anchor is None and self._session.latent.dim:  # the first touch of sigma is as good as pressing N
            self._anchor = self._here()
        self._later()

    @Slot()
    def _later(self) -> None:
        self._soon.start()

    @Slot(object)
    def _stars_changed(self, ids: object) -> None:
        self._mark_starred()
        if self._session.neighbours.source != "current":
            self._later()

    @Slot()
    def _forget(self) -> None:
        self._anchor = None
        self._later()

    @Slot()
    def _draw(self) -> None:
        session = self._session
        try:
            request = session.neighbours.compute(
                self._anchor, session.latent.locks, self._selected(), session.library.bookmarks()
            )
        except UserError as error:
            self._window.messages.show_error(error)
            return
        self._request = request
        self._images.clear()
        if request is None or session.model is None:
            self._panel.set_tiles(0)
            self._panel.set_norm_change(None)
            self._panel.set_empty(NO_STARS.get(session.neighbours.source, NO_ANCHOR) if session.model else "")
            return
        self._panel.set_tiles(len(request.latents))
        self._panel.set_norm_change(request.norm_change)
        self._mark_starred()
        self._batch = self._render.request_tiles(request.latents, PURPOSE)

    def _selected(self) -> list[Bookmark]:
        found = (self._session.library.get(id_) for id_ in self._window.bookmarks.selected())
        return [bookmark for bookmark in found if bookmark is not None]

    def _mark_starred(self) -> None:
        if self._request is not None:
            kept = {item.z for item in self._session.library.bookmarks()}
            rows = {row for row, latent in enumerate(self._request.latents) if z_bytes(latent) in kept}
            self._panel.set_starred_rows(rows)

    @Slot(object)
    def _show_tile(self, tile: Tile) -> None:
        if tile.batch == self._batch:
            self._images[tile.index] = tile.image
            self._panel.set_tile(tile.index, tile.image)

    @Slot(int)
    def _go(self, row: int) -> None:
        if self._request is not None and 0 <= row < len(self._request.latents):
            self._editor.go_to(self._request.latents[row], self._request.origin(row), "neighbour")

    @Slot(int)
    def _star(self, row: int) -> None:
        if self._request is not None and 0 <= row < len(self._request.latents):
            latent = np.array(self._request.latents[row])
            self._bookmarks.toggle(latent, self._request.origin(row), self._images.get(row))
