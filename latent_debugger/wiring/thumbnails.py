"""Pictures for stars that have none: imported ones, and those starred before their frame arrived."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from PySide6.QtCore import QObject, QTimer, Slot

from latent_debugger.services.exports import thumbnail_png
from latent_debugger.services.library import LibraryService
from latent_debugger.services.render import RenderService, Tile
from latent_debugger.state.bookmark import Bookmark
from latent_debugger.state.session import Session

PURPOSE = "thumbnails"
BATCH = 64
"""Stars drawn in one go, and committed together."""


class ThumbnailFlow(QObject):
    """Draws what is missing under the open model, one batch after another, while nothing else wants to be drawn."""

    def __init__(self, parent: QObject, session: Session, library: LibraryService, render: RenderService) -> None:
        super().__init__(parent)
        self._session, self._store, self._render = session, library, render
        self._batch: object = None
        self._ids: tuple[str, ...] = ()
        self._drawn: list[Bookmark] = []
        self._soon = QTimer(self)  # many changes of the library are one look at it
        self._soon.setSingleShot(True)
        self._soon.setInterval(0)
        self._soon.timeout.connect(self._look)
        for signal in (session.library.inserted, session.library.reset, session.library.updated):
            signal.connect(self._later)
        session.model_changed.connect(self._start_over)
        render.tile_ready.connect(self._keep)
        render.batch_done.connect(self._finish)
        render.failed.connect(self._stop)

    @Slot()
    @Slot(object)
    def _later(self, _: object = None) -> None:
        if self._batch is None:
            self._soon.start()

    @Slot()
    def _start_over(self) -> None:
        """Another model: the batch of the one before is abandoned."""
        self._stop()
        self._later()

    @Slot()
    @Slot(object)
    def _stop(self, _: object = None) -> None:
        self._batch, self._ids = None, ()
        self._drawn.clear()

    @Slot()
    def _look(self) -> None:
        model = self._session.model
        if model is None or self._batch is not None:
            return
        bare = [
            item
            for item in self._session.library.bookmarks()
            if not item.thumbnail and item.dim == model.dim and item.label == model.label and item.belongs_to(model)
        ][:BATCH]
        if bare:
            self._ids = tuple(item.id for item in bare)
            self._batch = self._render.request_tiles(np.stack([item.latent for item in bare]), PURPOSE)

    @Slot(object)
    def _keep(self, tile: Tile) -> None:
        if tile.batch == self._batch:
            bookmark = self._session.library.get(self._ids[tile.index])
            if bookmark is not None and not bookmark.thumbnail:
                self._drawn.append(replace(bookmark, thumbnail=thumbnail_png(tile.image)))

    @Slot(object)
    def _finish(self, batch: object) -> None:
        if batch == self._batch:
            # a star may have been renamed or deleted meanwhile: only its picture is news
            library = self._session.library
            pictures = {item.id: item.thumbnail for item in self._drawn}
            before = library.find(pictures)
            self._store.put([replace(now, thumbnail=pictures[now.id]) for now in before], before)
            self._stop()
