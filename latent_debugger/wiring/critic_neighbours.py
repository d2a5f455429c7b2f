"""Neighbours in the critic's order, or chosen by it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from PySide6.QtCore import QElapsedTimer, QObject, QTimer, Slot

from gan.errors import UserError
from latent_debugger.services.critic import Chosen, best_neighbours, read_scores
from latent_debugger.services.critic_scale import CriticScale
from latent_debugger.services.instruments import InstrumentService
from latent_debugger.state.anchor import NeighbourRequest
from latent_debugger.state.bookmark import z_bytes
from latent_debugger.state.critic import CriticState, Scores, short, told
from latent_debugger.state.neighbour_state import Search
from latent_debugger.views.main_window import MainWindow
from latent_debugger.wiring.critic_choice import PATIENCE_MS
from latent_debugger.wiring.neighbours import NeighbourFlow

CHOOSE, SORT = "critic.neighbours", "critic.sort"
REST_MS = 150
"""Sigma has to rest so long before anything is scored."""
PREVIEWED = 512
"""Of so many candidates at most, those chosen last are shown while sigma moves."""

Answer = Callable[[NeighbourRequest | None], None]
Lines = tuple[object, ...]


@dataclass(eq=False)
class _Choice:
    """A search that is waiting, or under way."""

    search: Search
    answer: Answer
    times: int


class CriticNeighboursFlow(QObject):
    """Stands between the flow of the neighbours and the critic; idle while the neighbours are out of view."""

    def __init__(
        self,
        window: MainWindow,
        instruments: InstrumentService,
        state: CriticState,
        scale: CriticScale,
        neighbours: NeighbourFlow,
    ) -> None:
        super().__init__(window)
        self._instruments, self._state, self._scale, self._neighbours = instruments, state, scale, neighbours
        self._panel, self._section, self._messages = window.neighbours, window.critic.choice, window.messages
        self._visible = False
        self._choice: _Choice | None = None
        self._lines: tuple[Lines, list[int]] | None = None  # the candidates chosen last
        self._scores: tuple[NeighbourRequest, Scores] | None = None
        self._given: NeighbourRequest | None = None  # what was chosen last
        self._on = self._on_before = (False, 0)  # whether neighbours are chosen, and from how many times as many
        self._began = QElapsedTimer()
        self._choose_soon, self._sort_soon = self._timer(self._choose), self._timer(self._score)
        self._section.cancel_requested.connect(self._cancel)
        window.docks["neighbours"].visibilityChanged.connect(self._show_visible)
        neighbours.shown.connect(self._neighbours_changed)
        state.changed.connect(self._settings_changed)
        state.available_changed.connect(self._available_changed)
        scale.changed.connect(self._show_order)
        self._refresh()

    def _timer(self, then: Callable[[], None]) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(REST_MS)
        timer.timeout.connect(then)
        return timer

    @Slot(bool)
    def _show_visible(self, on: bool) -> None:
        self._visible = on
        if on and self._choice is not None:
            self._choose_soon.start()
        self._refresh_order()

    @Slot()
    def _settings_changed(self) -> None:
        self._refresh()
        if self._on != self._on_before and (self._on[0] or self._on_before[0]):
            self._panel.set_note("")
            self._neighbours.redraw()

    @Slot()
    def _available_changed(self) -> None:
        """Another model: those on show stay what they are, unless they were to be chosen and have not been."""
        self._scores = None
        self._refresh()
        if self._on[0] and self._neighbours.request is not None and self._neighbours.request is not self._given:
            self._neighbours.redraw()

    def _refresh(self) -> None:
        state, settings = self._state, self._state.settings
        missing = "" if state.available else (state.reason or "Open a checkpoint first.")
        self._panel.set_sort(settings.sort_neighbours, missing)
        self._on_before, self._on = self._on, (state.available and settings.choose_neighbours, settings.best_of)
        if self._on != self._on_before:
            self._drop_choice()
            self._neighbours.set_chooser(self._take if self._on[0] else None)
        self._refresh_order()

    def _refresh_order(self) -> None:
        sorting = self._state.available and self._state.settings.sort_neighbours
        self._scale.want("neighbours", sorting and self._visible)
        if sorting and self._visible:
            self._sort_soon.start()
        else:
            self._sort_soon.stop()
            self._instruments.cancel(SORT)
        if not sorting:
            self._scores = None
            self._panel.model.set_order(None)

    # choosing

    def _take(self, search: Search, answer: Answer) -> bool:
        """A :data:`~latent_debugger.wiring.neighbours.Chooser`."""
        times = self._on[1]
        self._instruments.cancel(CHOOSE)
        self._choice = _Choice(search, answer, times)
        if self._lines is not None and self._lines[0] == _lines(search, times):
            request = search.draw(times)
            self._give(answer, _rows(request, self._lines[1]))  # as sigma moves, they move along their lines
        if self._visible:
            self._choose_soon.start()
        return True

    def _give(self, answer: Answer, request: NeighbourRequest) -> None:
        self._given = request
        answer(request)

    @Slot()
    def _choose(self) -> None:
        choice = self._choice
        if choice is None:
            return
        self._began.start()
        many = choice.search.settings.count * choice.times
        job = partial(best_neighbours, choice.search, choice.times)
        done, failed = partial(self._chosen, choice), partial(self._not_chosen, choice)
        if not self._instruments.run(CHOOSE, job, done, failed, partial(self._advance, many), slow=True):
            choice.answer(None)

    def _advance(self, many: int, share: float, _found: object) -> None:
        if self._began.hasExpired(PATIENCE_MS):
            self._section.set_working(CHOOSE, f"Choosing among {many:,} neighbours…", share)

    def _chosen(self, choice: _Choice, found: Chosen) -> None:
        self._end(choice)
        many = found.among <= PREVIEWED
        self._lines = (_lines(choice.search, choice.times), list(found.rows)) if many else None
        less = f", {short(100 * (1 - found.diversity))} more alike" if found.diversity < 0.995 else ""
        self._panel.set_note(f"best of {found.among:,}{less}")
        self._scores = (found.request, found.scores)
        self._give(choice.answer, found.request)

    def _not_chosen(self, choice: _Choice, error: UserError) -> None:
        self._end(choice)
        self._panel.set_note("")
        self._scale.failed.emit(error)
        choice.answer(None)

    def _end(self, choice: _Choice) -> None:
        self._section.set_working(CHOOSE, "")
        if self._choice is choice:
            self._choice = None

    @Slot()
    def _cancel(self) -> None:
        choice = self._choice
        if choice is not None:
            self._drop_choice()
            self._panel.set_note("not chosen")
            choice.answer(None)

    def _drop_choice(self) -> None:
        self._choose_soon.stop()
        self._instruments.cancel(CHOOSE)
        self._section.set_working(CHOOSE, "")
        self._choice = self._lines = None

    # sorting

    @Slot(object)
    def _neighbours_changed(self, request: NeighbourRequest | None) -> None:
        if self._scores is not None and self._scores[0] is not request:
            self._scores = None
        if request is not None and self._visible and self._state.available and self._state.settings.sort_neighbours:
            self._sort_soon.start()

    @Slot()
    def _score(self) -> None:
        request = self._neighbours.request
        if request is None:
            return
        if self._scores is not None and self._scores[0] is request:
            self._show_order()
        else:
            done, failed = partial(self._keep_scores, request), self._scale.failed.emit
            self._instruments.run(SORT, partial(read_scores, request.latents), done, failed)

    def _keep_scores(self, request: NeighbourRequest, scores: Scores) -> None:
        if request is self._neighbours.request:
            self._scores = (request, scores)
            self._show_order()

    @Slot()
    def _show_order(self) -> None:
        if self._scores is None or not self._state.settings.sort_neighbours:
            return
        scores, scale = self._scores[1], self._scale.scale
        ranks: list[str] = []
        if scale is not None:
            count = len(scale.fakes)
            ranks = [f"Liked {told(scale.among_fakes(float(one)), count, 'random pictures')}" for one in scores]
        self._panel.model.set_order([int(row) for row in np.argsort(-scores, kind="stable")], ranks)


def _lines(search: Search, times: int) -> Lines:
    """What, besides sigma, decides which noise each candidate is moved by."""
    settings = search.settings
    fixed = (search.seed, settings.count, settings.mode, times, search.frozen.tobytes(), z_bytes(search.held))
    return (*fixed, z_bytes(search.anchor.latents))


def _rows(request: NeighbourRequest, rows: list[int]) -> NeighbourRequest:
    parents = tuple(request.parents[row] for row in rows)
    return NeighbourRequest(request.latents[rows], request.base[rows], parents, request.sigma)
