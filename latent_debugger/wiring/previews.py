"""Pictures before one goes there: over the range of a slider, and stars and neighbours large."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QPoint, QRect, Qt, QTimer, Slot
from PySide6.QtGui import QCursor, QGuiApplication, QImage
from PySide6.QtWidgets import QAbstractItemView, QWidget

from latent_debugger.services.render import RenderService, Tile
from latent_debugger.state.bookmark import Bookmark
from latent_debugger.state.editor import LatentEditor
from latent_debugger.state.sensitivity import SensitivitySettings, SensitivityState
from latent_debugger.state.session import Session
from latent_debugger.views.canvas import to_qimage
from latent_debugger.views.main_window import MainWindow
from latent_debugger.views.preview_hover import REST_MS, TileHover
from latent_debugger.views.preview_large import PreviewLarge
from latent_debugger.views.preview_strip import PreviewStrip
from latent_debugger.views.thumbnails import Role
from latent_debugger.wiring.latents import NO_FOCUS

STRIP, STAR = "previews", "preview of a star"
"""Purposes of tiles."""
_STILL = 3  # pixels: a hand is never quite at rest


class PreviewFlow(QObject):
    """Connects both kinds. Nothing is drawn before the pointer has come to rest, or F3 was pressed.

    Attributes:
        strip: the pictures over a slider's range.
        large: a star or a neighbour.
    """

    def __init__(
        self, window: MainWindow, session: Session, render: RenderService, editor: LatentEditor, state: SensitivityState
    ) -> None:
        super().__init__(window)
        self._window, self._session, self._render, self._editor = window, session, render, editor
        self._panel, self._state = window.latents, state
        self.strip, self.large = PreviewStrip(window), PreviewLarge(window)
        self._strip_batch: object = None
        self._star_batch: object = None
        self._by_key = False
        self._dim = -1
        self._place = QCursor.pos()
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(REST_MS)
        self._rest.timeout.connect(self._rested)
        actions = window.action_map
        self._panel.list.pointed.connect(self._point)
        self._panel.looked_at.connect(self._follow_focus)
        self.strip.chosen.connect(self._go)
        self.strip.gone.connect(self._drop_strip)
        self.large.gone.connect(self._drop_star)
        self._near, self._stars = TileHover(window.neighbours.list, self), TileHover(window.bookmarks.list, self)
        self._near.rested.connect(self._show_neighbour)
        self._stars.rested.connect(self._show_star)
        for hover in (self._near, self._stars):
            hover.left.connect(self.large.dismiss)
        actions["latent.preview"].triggered.connect(self._toggle_strip)
        actions["view.previews"].toggled.connect(state.set_previews)
        session.latent.changed.connect(self._moved)
        session.model_changed.connect(self._dismiss)
        window.closing.connect(self._dismiss)
        render.tile_ready.connect(self._show_tile)
        state.changed.connect(self._apply)
        self._apply(state.settings)

    @Slot(object)
    def _apply(self, settings: SensitivitySettings) -> None:
        self._window.action_map["view.previews"].setChecked(settings.previews)
        if not settings.previews:
            self._dismiss()

    @Slot()
    def _dismiss(self) -> None:
        self._rest.stop()
        self.strip.dismiss()
        self.large.dismiss()

    # over the range of a slider

    @Slot(int)
    def _point(self, dim: int) -> None:
        self._dim = dim
        moved, self._place = QCursor.pos() != self._place, QCursor.pos()
        if dim < 0:
            self._rest.stop()
            if not self._by_key:
                self.strip.leave_soon()
        elif self.strip.isVisible() and self.strip.dim == dim:
            self.strip.stay()
        elif self._state.settings.previews and moved:  # not where rows came to lie below a pointer at rest
            self._rest.start()

    @Slot()
    def _rested(self) -> None:
        dim = self._dim
        if not 0 <= dim < self._session.latent.dim or self._pressed():
            return
        place, slider = QCursor.pos(), self._panel.list.rows[dim].slider
        if (place - self._place).manhattanLength() > _STILL:
            self._place = place
            self._rest.start()
        elif slider.rect().contains(slider.mapFromGlobal(place)):
            self._by_key = False
            self._show_strip(dim)

    @Slot()
    def _toggle_strip(self) -> None:
        dim = self._panel.focused_dimension()
        if self.strip.isVisible():
            self.strip.dismiss()
        elif dim is None:
            self._window.messages.show_info(NO_FOCUS)
        elif self._session.model is not None:
            self._by_key = True
            self._show_strip(dim)

    def _show_strip(self, dim: int) -> None:
        latent = self._session.latent
        row = self._panel.list.rows[dim]
        words = self._panel.list.words(row).removeprefix(f"{row.name} ")
        limit, value = self._panel.slider_range(), float(latent.z[dim])
        self.strip.set_dimension(dim, value, limit, words, bool(latent.locks[dim]))
        latents = np.repeat(latent.z[np.newaxis], len(self.strip.values), axis=0)
        latents[:, dim] = self.strip.values
        self._strip_batch = self._render.request_tiles(latents, STRIP)
        self.large.dismiss()
        self.strip.show_beside(_on_screen(row))

    @Slot(int)
    def _follow_focus(self, _: int) -> None:
        if self._by_key and self.strip.isVisible() and self._panel.focused_dimension() != self.strip.dim:
            self.strip.dismiss()

    @Slot(int, float)
    def _go(self, dim: int, value: float) -> None:
        self._editor.set_value(dim, value)

    @Slot(object)
    def _moved(self, dims: object) -> None:
        self._rest.stop()
        if not self.strip.isVisible():
            return
        if isinstance(dims, frozenset) and dims <= {self.strip.dim}:
            self.strip.set_value(float(self._session.latent.z[self.strip.dim]))  # its pictures are still the same
            self.strip.set_words("")  # they were about the picture before
        else:
            self.strip.dismiss()

    @Slot()
    def _drop_strip(self) -> None:
        self._strip_batch, self._by_key = None, False

    # stars and neighbours

    @Slot(object)
    def _show_neighbour(self, tile: QPersistentModelIndex) -> None:
        image = tile.data(Role.PICTURE)
        if isinstance(image, QImage) and not image.isNull():  # it has been drawn in full already
            self._show_large(image, "", self._window.neighbours.list, tile)

    @Slot(object)
    def _show_star(self, tile: QPersistentModelIndex) -> None:
        image, items = tile.data(Role.PICTURE), self._window.bookmarks.model.items()
        if not isinstance(image, QImage) or image.isNull() or tile.row() >= len(items):
            return
        star = items[tile.row()]
        self._star_batch = None
        if self._draws(star):
            self._star_batch = self._render.request_tiles(star.latent[np.newaxis], STAR)
        self._show_large(image, star.name, self._window.bookmarks.list, tile)

    def _draws(self, star: Bookmark) -> bool:
        """Whether the open model is the one that the star was made with; else its thumbnail is what it looked like."""
        model = self._session.model
        fits = model is not None and star.dim == model.dim and star.space == model.space
        return fits and model is not None and star.belongs_to(model) and star.label == model.label

    def _show_large(
        self, image: QImage, caption: str, view: QAbstractItemView, tile: QModelIndex | QPersistentModelIndex
    ) -> None:
        if not self._state.settings.previews or self._pressed() or not view.isVisible():
            return
        self.large.set_picture(image, caption)
        self.strip.dismiss()
        place, above = beside(view, tile)
        self.large.show_beside(place, above)

    @Slot()
    def _drop_star(self) -> None:
        self._star_batch = None

    # both

    def _pressed(self) -> bool:
        return QGuiApplication.mouseButtons() != Qt.MouseButton.NoButton or self._panel.held()

    @Slot(object)
    def _show_tile(self, tile: Tile) -> None:
        if tile.batch == self._strip_batch:
            self.strip.set_picture(tile.index, to_qimage(tile.image))
        elif tile.batch == self._star_batch:
            self.large.set_image(to_qimage(tile.image))


def beside(view: QAbstractItemView, tile: QModelIndex | QPersistentModelIndex) -> tuple[QRect, bool]:
    """What a large picture has to leave free, on the screen, and whether it goes above that: it is level with its tile
    but beside the whole list, or above it where that is wider than high, so that no other tile is covered."""
    whole, one = _on_screen(view), view.visualRect(QModelIndex(tile))
    one.moveTopLeft(view.viewport().mapToGlobal(one.topLeft()))
    if view.width() > view.height():
        return QRect(one.left(), whole.top(), one.width(), whole.height()), True
    return QRect(whole.left(), one.top(), whole.width(), one.height()), False


def _on_screen(widget: QWidget) -> QRect:
    return QRect(widget.mapToGlobal(QPoint(0, 0)), widget.size())
