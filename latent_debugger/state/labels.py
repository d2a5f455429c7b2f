"""Which class of a model is drawn: a step that can be undone, as the picture depends on it."""

from __future__ import annotations

import numpy.typing as npt
from PySide6.QtGui import QUndoCommand

from latent_debugger.state.editor import LatentEditor
from latent_debugger.state.latent import Origin
from latent_debugger.state.session import Session


class SetLabel(QUndoCommand):
    """Draw another class. Under a model that has no such class it does nothing."""

    def __init__(self, session: Session, label: str) -> None:
        super().__init__(f"label {label}")
        self._session, self._after = session, label
        self._before = session.model.label if session.model is not None else ""

    def redo(self) -> None:
        self._session.set_label(self._after)

    def undo(self) -> None:
        self._session.set_label(self._before)


def choose_label(session: Session, label: str) -> None:
    """Draw another class of the open model, the latent stays; what changes nothing leaves no step."""
    if _differs(session, label):
        session.undo.push(SetLabel(session, label))


def go_to(session: Session, editor: LatentEditor, z: npt.ArrayLike, origin: Origin, text: str, label: str) -> None:
    """Go to a known latent (dim,) of a known class, in one step; the class stays where the model has no such class.

    Raises:
        UserError: ``z`` does not fit the model, or is not finite.
    """
    if not _differs(session, label):
        editor.go_to(z, origin, text)
        return
    session.undo.beginMacro(text)
    try:
        editor.go_to(z, origin, text)  # first: the picture in between is overtaken, and never drawn
        session.undo.push(SetLabel(session, label))
    finally:
        session.undo.endMacro()


def _differs(session: Session, label: str) -> bool:
    return session.model is not None and session.model.with_label(label) != session.model
