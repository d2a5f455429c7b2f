"""Small pictures of latents, by latent: asked of the one renderer, kept as long as the model stays."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QImage

from latent_debugger.services.render import RenderService, Tile
from latent_debugger.views.timeline_model import small_picture


class Pictures(QObject):
    """Draws what is wanted and not there yet; forgets what is not wanted any more.

    Args:
        purpose: of the batches, unlike all others'.
    """

    changed = Signal()

    def __init__(self, render: RenderService, purpose: str, parent: QObject) -> None:
        super().__init__(parent)
        self._render, self._purpose = render, purpose
        self._images: dict[bytes, QImage] = {}
        self._asked: list[bytes] = []
        self._batch: object = None
        render.tile_ready.connect(self._take)

    @property
    def images(self) -> dict[bytes, QImage]:
        """Those that have come, by latent (bytes as in ``Bookmark.z``)."""
        return self._images

    def show(self, latents: Iterable[bytes]) -> None:
        """Draw these, all of the model's length, and nothing else that was asked for."""
        wanted = list(dict.fromkeys(latents))
        self._images = {z: self._images[z] for z in wanted if z in self._images}
        self._asked = [z for z in wanted if z not in self._images]
        self._batch = None
        if self._asked:
            rows = np.stack([np.frombuffer(z, "<f4") for z in self._asked])
            self._batch = self._render.request_tiles(rows, self._purpose)
        self.changed.emit()

    def forget(self) -> None:
        """Another model draws them."""
        self._images, self._asked, self._batch = {}, [], None

    @Slot(object)
    def _take(self, tile: Tile) -> None:
        if tile.batch == self._batch:
            self._images[self._asked[tile.index]] = small_picture(tile.image)
            self.changed.emit()
