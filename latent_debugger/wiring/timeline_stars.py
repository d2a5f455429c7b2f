"""Another checkpoint of the same run: the stars in view show what they look like under it, one after another.

Their thumbnails on the disk stay what they were when the picture was starred: to write them anew at every step of a
scrubber would be a storm of writes, and lose what the user liked.
"""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QObject, QPoint, QTimer, Slot
from PySide6.QtGui import QImage

from latent_debugger.services.render import RenderService, Tile
from latent_debugger.state.bookmark import Bookmark
from latent_debugger.state.lru import Lru
from latent_debugger.state.model import OpenModel
from latent_debugger.state.session import Session
from latent_debugger.views.main_window import MainWindow
from latent_debugger.views.timeline_model import small_picture

PURPOSE = "stars"
SOON_MS = 250
"""After a change of the model, or of what is in view: scrubbing and scrolling ask for nothing."""
ROOM = 32 << 20
"""Bytes of pictures that are kept."""
MOST = 500
"""Stars that keep the picture of a checkpoint while they are out of view."""


class StarPicturesFlow(QObject):
    """Draws with the open model what the list of stars has in view and was starred under another step of its run."""

    def __init__(self, window: MainWindow, session: Session, render: RenderService) -> None:
        super().__init__(window)
        self._session, self._render = session, render
        self._panel, self._list = window.bookmarks, window.bookmarks.list
        self._pictures: Lru[tuple[str, str], QImage] = Lru(ROOM)  # of a star under a checkpoint (sha256)
        self._shown: dict[str, QImage] = {}
        self._run: str | None = None
        self._batch: object = None
        self._asked: list[tuple[str, str]] = []
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(SOON_MS)
        self._soon.timeout.connect(self._look)
        session.model_changed.connect(self._model_changed)
        self._list.verticalScrollBar().valueChanged.connect(self._later)
        self._panel.model.modelReset.connect(self._later)
        self._panel.model.rowsInserted.connect(self._later)
        render.tile_ready.connect(self._show)

    @Slot()
    def _model_changed(self) -> None:
        model = self._session.model
        run = model.run if model is not None else None
        if run != self._run:
            self._run = run
            self._set({})
        self._later()

    @Slot()
    def _later(self) -> None:
        if self._run is not None:
            self._soon.start()

    @Slot()
    def _look(self) -> None:
        model = self._session.model
        if model is None:
            return
        in_view = self._in_view()
        strangers = [star for star in in_view if _is_stranger(star, model)]
        known = {star.id: self._pictures.get((star.id, model.sha256)) for star in strangers}
        missing = [star for star in strangers if known[star.id] is None]
        own = {star.id for star in in_view} - known.keys()  # their thumbnails are right
        before = self._shown if len(self._shown) < MOST else {}
        kept = {id_: image for id_, image in before.items() if id_ not in own}
        self._set(kept | {id_: image for id_, image in known.items() if image is not None})
        if missing:
            self._asked = [(star.id, model.sha256) for star in missing]
            self._batch = self._render.request_tiles(np.stack([star.latent for star in missing]), PURPOSE)

    def _in_view(self) -> list[Bookmark]:
        items, viewport = self._panel.model.items(), self._list.viewport().rect()
        if not items or not self._list.isVisible():
            return []
        first = self._list.indexAt(QPoint(viewport.width() // 8, 8)).row()
        found = []
        for row in range(max(0, first), len(items)):
            if self._list.visualRect(self._panel.model.index(row)).top() > viewport.bottom():
                break
            found.append(items[row])
        return found

    @Slot(object)
    def _show(self, tile: Tile) -> None:
        if tile.batch != self._batch:
            return
        star, sha256 = self._asked[tile.index]
        image = small_picture(tile.image)
        self._pictures.put((star, sha256), image, image.sizeInBytes())
        self._set({**self._shown, star: image})

    def _set(self, pictures: dict[str, QImage]) -> None:
        self._shown = pictures
        self._panel.model.show_now(pictures)


def _is_stranger(star: Bookmark, model: OpenModel) -> bool:
    """Whether it was starred under another checkpoint of the model's run."""
    same_run = star.run is not None and star.run == model.run and star.dim == model.dim
    return bool(star.thumbnail) and same_run and star.model_sha256 != model.sha256
