"""Everything one window is about."""

from __future__ import annotations

import numpy.typing as npt
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoGroup, QUndoStack

from latent_debugger.state.arrangement import Arrangement
from latent_debugger.state.curation import Curation
from latent_debugger.state.directions import DirectionState
from latent_debugger.state.folders import Folders
from latent_debugger.state.latent import NO_ORIGIN, LatentState, Origin
from latent_debugger.state.library import BookmarkLibrary
from latent_debugger.state.model import OpenModel
from latent_debugger.state.neighbour_state import NeighbourState
from latent_debugger.state.reference import ReferenceState
from latent_debugger.state.runs import RunList
from latent_debugger.state.settings import Preferences
from latent_debugger.state.timeline import TimelineState

UNDO_LIMIT = 1000  # steps; a step holds two latents of at most 4 KiB


class Session(QObject):
    """The open model and the state around it.

    Attributes:
        latent: the latent on show.
        arrangement: how its rows are laid out.
        directions: further sliders, each of which moves many dimensions.
        library: the bookmarks.
        undo: the history of latent, locks, pins and bookmarks.
        curation: the training pictures being looked through; it has a history of its own.
        undo_group: both histories; the active one is what Undo takes back.
        neighbours: how neighbours are drawn.
        preferences: what the user prefers, whatever model is open.
        runs: the training runs that are known.
        folders: where the user last chose a file.
        timeline: which stars are shown under every checkpoint, and whether new checkpoints are followed.
        reference: the real pictures that the open model was trained on.
    """

    model_changed = Signal()
    label_changed = Signal()
    """Another class of the open model is drawn; ``model_changed`` follows."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._model: OpenModel | None = None
        self.latent = LatentState(self)
        self.arrangement = Arrangement(self.latent, self)
        self.directions = DirectionState(self.latent, self)
        self.library = BookmarkLibrary(self)
        self.neighbours = NeighbourState(self)
        self.preferences = Preferences(self)
        self.runs = RunList(self)
        self.folders = Folders(self)
        self.timeline = TimelineState(self)
        self.reference = ReferenceState(self)
        self.undo = QUndoStack(self)
        self.undo.setUndoLimit(UNDO_LIMIT)
        self.curation = Curation(self)
        self.undo_group = QUndoGroup(self)
        for stack in (self.undo, self.curation.undo):
            self.undo_group.addStack(stack)
        self.undo_group.setActiveStack(self.undo)

    @property
    def model(self) -> OpenModel | None:
        """The model on show; None before one is open."""
        return self._model

    def set_model(self, model: OpenModel | None, z: npt.ArrayLike | None = None, origin: Origin = NO_ORIGIN) -> None:
        """Show another model, or none. Latent, locks and history stay where the number of dimensions does; otherwise
        they start anew, for no earlier step could be taken back. ``model_changed`` comes last.

        Args:
            z: the latent (dim,) to start anew with, and where it came from; zeros unless given.
        """
        self._model = model
        if model is not None and model.dim != self.latent.dim:
            self.undo.clear()
            self.latent.resize(model.dim, z, origin)
        self.directions.show(model)
        self.model_changed.emit()

    def set_label(self, label: str) -> None:
        """Draw another class of the open model; nothing happens where it has no such class, or draws it already."""
        model = self._model
        if model is None or model.with_label(label) == model:
            return
        self._model = model.with_label(label)
        self.label_changed.emit()
        self.model_changed.emit()
