"""Sampling around pictures: settings -> latents -> live thumbnails -> go there, or keep one."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal, Slot

from gan.images import Bytes
from latent_debugger.services.render import RenderService, Tile
from latent_debugger.state.anchor import Anchor, NeighbourRequest
from latent_debugger.state.bookmark import Bookmark, z_bytes
from latent_debugger.state.editor import LatentEditor
from latent_debugger.state.generations import Generation, Generations
from latent_debugger.state.last_neighbours import LastNeighbours
from latent_debugger.state.neighbour_state import Search
from latent_debugger.state.session import Session
from latent_debugger.views.main_window import MainWindow
from latent_debugger.wiring.bookmarks import BookmarkFlow

Chooser = Callable[[Search, Callable[[NeighbourRequest | None], None]], bool]
"""``chooser(search, answer)`` may take it upon itself to find the neighbours: then it is True, and calls ``answer``
later with what it found, or with None for those that would be drawn without it. It may call it again to do better."""

PURPOSE = "neighbours"
NO_ANCHOR = "Press N to draw neighbours of this picture."
NO_STARS = {
    "selected": "Select stars on the right to draw their neighbours.",
    "all": "Star a picture (Ctrl+D) to draw its neighbours.",
}
NO_PINS = "Only pinned dimensions vary, and none is pinned. Pin some with P."


class NeighbourFlow(QObject):
    """Neighbours stay those of what they were sampled around, so that one can walk through them; moving sigma slides
    them along their own lines, and *Sample*, another source or other stars begin a new generation."""

    shown = Signal(object)
    """NeighbourRequest: what is on show from now on; None for nothing."""

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
        self._history = Generations()
        self._anchor: Anchor | None = None
        self._source: str = session.neighbours.source  # of the anchor
        self._anew = False  # the next drawing takes another anchor
        self._request: NeighbourRequest | None = None
        self._chooser: Chooser | None = None
        self._turn, self._choosing = 0, False  # of drawings; whether one is up to the chooser
        self._images: dict[int, Bytes] = {}
        self._batch: object = None
        self._soon = QTimer(self)  # several settings may change in one go
        self._soon.setSingleShot(True)
        self._soon.setInterval(0)
        self._soon.timeout.connect(self._draw)
        actions, rows = window.action_map, session.arrangement
        for asked, act in (
            (actions["neighbours.sample"].triggered, self.sample),
            (self._panel.sample_requested, self.sample),
            (actions["neighbours.back"].triggered, self.back),
            (self._panel.back_requested, self.back),
            (actions["neighbours.forward"].triggered, self.forward),
            (self._panel.forward_requested, self.forward),
            (actions["latent.random_near"].triggered, self.random_near),
        ):
            asked.connect(act)
        self._panel.chosen.connect(self._go)
        self._panel.star_requested.connect(self._star)
        session.neighbours.changed.connect(self._settings_changed)
        session.latent.locks_changed.connect(self._later)
        rows.marked.connect(self._pins_changed)
        session.model_changed.connect(self._model_changed)
        session.latent.resized.connect(self._forget)
        window.bookmarks.selection_changed.connect(self._selection_changed)
        for signal in (session.library.inserted, session.library.removed):
            signal.connect(self._stars_changed)
        session.library.reset.connect(self._stars_changed)
        render.tile_ready.connect(self._show_tile)
        self._draw()

    @property
    def request(self) -> NeighbourRequest | None:
        """What is on show."""
        return self._request

    def set_chooser(self, chooser: Chooser | None) -> None:
        """Let somebody else find the neighbours from now on; those on show stay."""
        self._chooser = chooser

    def redraw(self) -> None:
        """Find those on show anew, around the same and with the same noise."""
        self._later()

    # What the user asks for

    @Slot()
    def sample(self) -> None:
        """Draw anew, around what is on the canvas now where the source is the current picture."""
        if self._session.latent.dim:
            self._begin()
            self._session.neighbours.sample()

    @Slot()
    def back(self) -> None:
        """Show the generation before, or the latest where none is on show; the latent stays."""
        self._restore(self._history.back() if self._request is not None else self._history.current)

    @Slot()
    def forward(self) -> None:
        """Show the generation after; the latent stays."""
        self._restore(self._history.forward())

    def last(self) -> LastNeighbours:
        """What brings the neighbours on show back at the next start."""
        current = self._history.current
        if self._request is None or current is None or self._request is not current.request:
            return LastNeighbours()
        return LastNeighbours.of(current.anchor, current.seed)

    def restore(self, last: LastNeighbours) -> None:
        """Draw again what :meth:`last` tells of, under the settings in force; nothing where the model takes others."""
        anchor = last.anchor(self._session.latent.dim) if self._session.latent.dim else None
        if anchor is not None:
            self._anchor, self._source, self._anew = anchor, self._session.neighbours.source, False
            self._session.neighbours.set_seed(last.seed)
            self._later()

    @Slot()
    def random_near(self) -> None:
        """Go to one neighbour of a star drawn by lot: of the selected ones where these are the source, else of all."""
        session, state = self._session, self._session.neighbours
        selected = self._selected() if state.source == "selected" else []
        dim = session.latent.dim
        anchor = Anchor.of(selected, dim) or Anchor.of(session.library.bookmarks(), dim)
        if anchor is None:
            self._window.messages.show_info("Star a picture first (Ctrl+D); this draws a neighbour of a random star.")
        elif state.only_pinned and not session.arrangement.pinned.any():
            self._window.messages.show_info(NO_PINS)
        else:
            self._editor.random_near(anchor, state, session.arrangement.pinned)

    @Slot(int)
    def _go(self, row: int) -> None:
        if self._request is not None and 0 <= row < len(self._request.latents):
            self._editor.go_to(self._request.latents[row], self._request.origin(row), "neighbour")

    @Slot(int)
    def _star(self, row: int) -> None:
        if self._request is not None and 0 <= row < len(self._request.latents):
            latent = np.array(self._request.latents[row])
            self._bookmarks.toggle(latent, self._request.origin(row), self._images.get(row))

    # What changes around it

    @Slot()
    def _settings_changed(self) -> None:
        state, current = self._session.neighbours, self._history.current
        shown = current if current is not None and self._request is current.request else None
        if shown is not None and (state.settings, state.seed) == (shown.settings, shown.seed):
            return  # one has just gone back to it
        if self._session.latent.dim and (self._anchor is None or state.source != self._source):
            self._anew = True  # the first touch of sigma is as good as pressing N
        self._later()

    @Slot()
    def _pins_changed(self) -> None:
        if self._session.neighbours.only_pinned:
            self._later()

    @Slot(object)
    def _selection_changed(self, ids: object) -> None:
        if self._session.neighbours.source == "selected":
            self._begin()

    @Slot()
    @Slot(object)
    def _stars_changed(self, ids: object = None) -> None:
        self._mark_starred()
        if self._anchor is None and self._session.neighbours.source == "all":
            self._begin()

    @Slot()
    def _forget(self) -> None:
        self._history.clear()
        self._anchor = self._request = None
        self._anew = self._session.neighbours.source != "current"
        self._later()

    @Slot()
    def _model_changed(self) -> None:
        if self._request is not None and not self._choosing:
            self._show(self._request)
        else:
            self._later()

    def _begin(self) -> None:
        self._anew = True
        self._later()

    @Slot()
    def _later(self) -> None:
        self._soon.start()

    # Drawing

    @Slot()
    def _draw(self) -> None:
        session, state, pinned = self._session, self._session.neighbours, self._session.arrangement.pinned
        if self._anew:
            self._anew, self._source = False, state.source
            self._anchor = state.anchor(session.latent, self._selected(), session.library.bookmarks())
        if session.model is None or self._anchor is None:
            self._show_nothing(NO_STARS.get(state.source, NO_ANCHOR) if session.model else None)
        elif state.only_pinned and not pinned.any():
            self._show_nothing(NO_PINS)
        else:
            frozen = state.frozen(session.latent.locks, pinned)
            self._find(Search(self._anchor, frozen, session.latent.held, state.settings, state.seed))

    def _find(self, search: Search) -> None:
        self._turn += 1
        self._choosing = True
        answer = partial(self._found, self._turn, search)
        if self._chooser is None or not self._chooser(search, answer):
            answer(None)

    def _found(self, turn: int, search: Search, request: NeighbourRequest | None) -> None:
        if turn == self._turn:
            request = request if request is not None else search.draw()
            self._history.put(Generation(search.anchor, search.settings, search.seed, request))
            self._show(request)

    def _restore(self, generation: Generation | None) -> None:
        if generation is not None:
            self._soon.stop()
            self._turn += 1
            self._anchor, self._source, self._anew = generation.anchor, generation.settings.source, False
            self._request = generation.request
            self._session.neighbours.restore(generation.settings, generation.seed)
            self._show(generation.request)

    def _show(self, request: NeighbourRequest) -> None:
        self._request = request
        self._choosing = False
        self._images.clear()
        self._panel.set_tiles(len(request.latents))
        self._panel.set_reading(request.angle, request.norms, request.norm_change)
        self._mark_starred()
        self._show_place()
        self._batch = self._render.request_tiles(request.latents, PURPOSE)
        self.shown.emit(request)

    def _show_nothing(self, why: str | None) -> None:
        """No neighbours, and ``why``; None where the window has said already that there is no model."""
        self._request, self._batch = None, None
        self._turn += 1
        self._choosing = False
        self._images.clear()
        self._panel.set_tiles(0)
        self._panel.set_reading(None, None, None)
        if why is not None:
            self._panel.set_empty(why)
        self._show_place()
        self.shown.emit(None)

    def _show_place(self) -> None:
        history, actions = self._history, self._window.action_map
        back = history.can_go_back or (self._request is None and len(history) > 0)
        self._panel.set_generation(history.place + 1, len(history), back, history.can_go_forward)
        actions["neighbours.back"].setEnabled(back)
        actions["neighbours.forward"].setEnabled(history.can_go_forward)

    def _selected(self) -> list[Bookmark]:
        return self._session.library.find(self._window.bookmarks.selected())

    @Slot()
    def _mark_starred(self) -> None:
        if self._request is not None:
            has = self._session.library.has_latent
            rows = {row for row, latent in enumerate(self._request.latents) if has(z_bytes(latent))}
            self._panel.set_starred_rows(rows)

    @Slot(object)
    def _show_tile(self, tile: Tile) -> None:
        if tile.batch == self._batch:
            self._images[tile.index] = tile.image
            self._panel.set_tile(tile.index, tile.image)
