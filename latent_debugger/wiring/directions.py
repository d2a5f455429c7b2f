"""Directions as sliders: found in the network, moved along, and seen along their whole range."""

from __future__ import annotations

from functools import partial

import numpy as np
from PySide6.QtCore import QObject, QTimer, Slot
from shiboken6 import isValid

from gan.errors import UserError
from gan.latent.directions import Direction, moved_along
from gan.latent.draws import Latents
from latent_debugger.services.direction_search import SLOW, search
from latent_debugger.services.instruments import InstrumentService
from latent_debugger.services.render import RenderService, Tile
from latent_debugger.services.worker import Worker
from latent_debugger.state.direction_editor import DirectionEditor
from latent_debugger.state.directions import MAX_DIRECTIONS, KnownDirection
from latent_debugger.state.editor import LatentEditor
from latent_debugger.state.session import Session
from latent_debugger.views.canvas import to_qimage
from latent_debugger.views.direction_strip import COUNT
from latent_debugger.views.main_window import MainWindow
from latent_debugger.wiring.direction_files import DirectionFileFlow
from latent_debugger.wiring.direction_tags import LEARN, DirectionTagFlow

FIND, PICTURES = "direction.find", "direction"
REST_MS = 120
"""So long the latent rests before pictures along the direction are drawn: a drag needs the time for itself."""


class DirectionFlow(QObject):
    """Connects the panel of the directions. While it is out of view nothing is worked out or drawn for it.

    Attributes:
        editor: changes the directions.
        files: saves, opens and remembers them.
    """

    def __init__(
        self,
        window: MainWindow,
        session: Session,
        instruments: InstrumentService,
        render: RenderService,
        files: Worker,
        latents: LatentEditor,
    ) -> None:
        super().__init__(window)
        self._window, self._session, self._instruments = window, session, instruments
        self._render, self._latents = render, latents
        self._panel, self._state = window.directions, session.directions
        self.editor = DirectionEditor(session.directions, session.undo, self)
        self.files = DirectionFileFlow(window, session, files, self.editor)
        self._tags = DirectionTagFlow(window, session, instruments, self.editor)
        self._active = False
        self._drawn: tuple[object, Latents] | None = None  # the model, and what was asked for last
        self._batch: object = None
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(REST_MS)
        self._soon.timeout.connect(self._draw)
        self._gone = QTimer(self)
        self._gone.setSingleShot(True)
        self._gone.setInterval(0)
        self._gone.timeout.connect(self._end_where_closed)
        self._connect()
        self._show_actions()
        self._panel.set_available(session.model is not None)

    def _connect(self) -> None:
        panel, session, actions = self._panel, self._session, self._window.action_map
        panel.add_actions(
            [actions["direction.open"], actions["direction.save"]],
            [actions["direction.orthogonalise"], actions["direction.remove"]],
        )
        self._window.docks["directions"].visibilityChanged.connect(self._activate)
        panel.moved.connect(self._move)
        panel.place_chosen.connect(self._go_to_picture)
        panel.lock_toggled.connect(self.editor.toggle_lock)
        panel.keep_toggled.connect(self.editor.toggle_keep)
        panel.renamed.connect(self.editor.rename)
        panel.remove_requested.connect(self._remove)
        panel.current_changed.connect(self._show_current)
        panel.range_changed.connect(self._set_range)
        panel.finder.find_requested.connect(self.find)
        panel.finder.cancel_requested.connect(self._cancel)
        panel.finder.settings_changed.connect(self._set)
        actions["direction.find"].triggered.connect(self.find)
        actions["latent.unlock_all"].triggered.connect(self.editor.unlock_all)
        actions["direction.orthogonalise"].triggered.connect(self._orthogonalise)
        actions["direction.remove"].triggered.connect(self._remove_current)
        actions["direction.rename"].triggered.connect(self._rename)
        self._instruments.busy_changed.connect(self._show_busy)
        session.model_changed.connect(self._model_changed)
        session.latent.changed.connect(self._latent_changed)
        session.latent.locks_changed.connect(self._later)
        self._state.changed.connect(self._directions_changed)
        self._state.settings_changed.connect(self._later)
        self._render.tile_ready.connect(self._show_tile)

    def flush(self) -> None:
        """Ask now for the pictures that would be asked for in a moment."""
        if self._soon.isActive():
            self._soon.stop()
            self._draw()

    # searching

    @Slot()
    def find(self) -> None:
        """Search the network by the method and for the number chosen in the panel."""
        session, settings = self._session, self._state.settings
        if session.model is None:
            self._window.messages.show_error(UserError("There is no model to search.", "Open a checkpoint first."))
            return
        self._window.show_panel("directions")
        work = partial(search, settings.method, settings.count, np.array(session.latent.z))
        slow = settings.method in SLOW
        failed = self._window.messages.show_error
        self._instruments.run(FIND, work, self._found, failed, self._advance, slow=slow)

    def _found(self, directions: list[Direction]) -> None:
        wanted, dim = self._state.settings.count, self._session.latent.dim
        added = self.editor.found(directions)
        if added:
            self._panel.set_current(added[0].id)
        if len(added) < len(directions):
            left = len(directions) - len(added)
            self._window.messages.show_info(
                f"There is room for {MAX_DIRECTIONS} directions; {left} found now {'was' if left == 1 else 'were'} "
                "left out. Remove some, or keep and lock fewer."
            )
        elif len(directions) < wanted and len(directions) == dim:
            self._window.messages.show_info(
                f"The latent has {dim} dimension{'s' if dim > 1 else ''}, so there {'are' if dim > 1 else 'is'} no "
                f"more than {dim} direction{'s' if dim > 1 else ''}."
            )

    def _advance(self, share: float, _: object) -> None:
        self._panel.finder.set_progress(share)

    @Slot()
    def _cancel(self) -> None:
        self._instruments.cancel(FIND)
        self._tags.cancel()

    @Slot(str, bool)
    def _show_busy(self, purpose: str, _: bool) -> None:
        if purpose in (FIND, LEARN):
            running = self._instruments.running
            self._panel.set_busy("find" if running(FIND) else "learn" if running(LEARN) else "")

    # moving

    @Slot(object, float, object)
    def _move(self, id_: str, place: float, token: object) -> None:
        item = self._state.get(id_)
        if item is None:
            return
        try:
            if item.locked:
                raise UserError(f"“{item.direction.name}” is locked.", "Unlock it to move along it.")
            self._latents.move_along(item.direction, place, token)
        except UserError as error:
            self._window.messages.show_error(error)
            self._show_places()  # the slider that was dragged goes back

    @Slot(int)
    def _go_to_picture(self, index: int) -> None:
        places = self._panel.strip.places
        if 0 <= index < len(places) and self._panel.current is not None:
            self._move(self._panel.current, places[index], None)

    @Slot()
    def _orthogonalise(self) -> None:
        if self._panel.current is not None:
            try:
                self.editor.orthogonalise(self._panel.current)
            except UserError as error:
                self._window.messages.show_error(error)

    @Slot(object)
    def _remove(self, id_: str) -> None:
        row = self._state.index_of(id_)
        self.editor.remove([id_])
        rest = self._state.all
        if rest and row >= 0:  # its neighbour, so that several can be removed one after another
            self._panel.set_current(rest[min(row, len(rest) - 1)].id)

    @Slot()
    def _remove_current(self) -> None:
        if self._panel.current is not None:
            self._remove(self._panel.current)

    @Slot()
    def _rename(self) -> None:
        self._window.show_panel("directions")
        self._panel.edit_name()

    # what changes

    @Slot(bool)
    def _activate(self, active: bool) -> None:
        """In front, behind another tab, or closed; what was begun goes on behind a tab."""
        if not isValid(self._window):  # torn down with the panel open, which says that it goes
            return
        self._active = active
        if active:
            self._show_places()
            self._later()
            return
        self._soon.stop()
        self._gone.start()

    @Slot()
    def _end_where_closed(self) -> None:
        """A moment after the panel went out of view: one that is being detached is back by now."""
        if self._window.docks["directions"].isHidden():
            self._cancel()

    @Slot(object)
    def _set(self, changes: dict[str, object]) -> None:
        self._state.set(**changes)

    @Slot(float)
    def _set_range(self, limit: float) -> None:
        self._state.set(range=limit)

    @Slot()
    def _model_changed(self) -> None:
        self._panel.set_available(self._session.model is not None)
        self._show_actions()
        self._show_places()
        self._later()

    @Slot()
    def _directions_changed(self) -> None:
        self._show_actions()
        self._show_places()
        self._later()

    @Slot(object)
    def _latent_changed(self, _: object) -> None:
        self._show_places()
        self._later()

    @Slot(object)
    def _show_current(self, _: object) -> None:
        self._show_actions()
        self._draw_now()

    def _show_actions(self) -> None:
        actions, chosen = self._window.action_map, self._panel.current is not None
        actions["direction.find"].setEnabled(self._session.model is not None)
        actions["direction.open"].setEnabled(self._session.model is not None)
        actions["direction.save"].setEnabled(bool(self._state.all))
        for verb in ("rename", "orthogonalise", "remove"):
            actions[f"direction.{verb}"].setEnabled(chosen)

    def _show_places(self) -> None:
        if self._active:
            self._panel.set_places(self._state.places(self._session.latent.z))

    # pictures along the chosen one

    @Slot()
    def _later(self) -> None:
        if self._active:
            self._soon.start()

    def _draw_now(self) -> None:
        self._drawn = None
        self._soon.stop()
        self._draw()

    @Slot()
    def _draw(self) -> None:
        item, model = self._state.get(self._panel.current), self._session.model
        if not self._active or item is None or model is None:
            return
        limit = self._state.settings.range
        places = [limit * (2 * k - COUNT + 1) / (COUNT - 1) for k in range(COUNT)]
        try:
            latents = np.stack([self._along(item, place) for place in places])
        except UserError as error:
            self._drawn, self._batch = None, None
            self._panel.strip.set_places(())
            self._panel.details.set_remark(str(error))
            return
        self._panel.strip.set_places(places)
        self._panel.details.set_remark("")
        if self._drawn is not None and self._drawn[0] == model and np.allclose(self._drawn[1], latents, atol=1e-4):
            return  # moving along the direction itself changes none of them
        self._drawn = model, latents
        self._batch = self._render.request_tiles(latents, PICTURES)

    def _along(self, item: KnownDirection, place: float) -> Latents:
        """The latent as moving along the direction would leave it; as if unlocked where it is locked."""
        latent = self._session.latent
        held = [other.direction.vector for other in self._state.locked if other.id != item.id]
        vectors = np.stack(held) if held else np.zeros((0, latent.dim), np.float32)
        return moved_along(latent.z, item.direction, place, latent.locks, vectors)

    @Slot(object)
    def _show_tile(self, tile: Tile) -> None:
        if tile.batch == self._batch:
            self._panel.strip.set_picture(tile.index, to_qimage(tile.image))
