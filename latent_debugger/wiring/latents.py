"""The latent panel and the latent menu: intents go to the editor, and come back as changes of the state."""

from __future__ import annotations

from latent_debugger.state.editor import LatentEditor
from latent_debugger.state.session import Session
from latent_debugger.views.main_window import MainWindow


def connect_latents(window: MainWindow, session: Session, editor: LatentEditor) -> None:
    """Connect them; all in the GUI thread."""
    panel, actions = window.latents, window.action_map
    panel.value_edited.connect(editor.set_value)
    panel.lock_toggled.connect(editor.toggle_lock)
    panel.reset_requested.connect(editor.reset_dimension)
    panel.random_requested.connect(lambda: editor.random())
    panel.zero_requested.connect(editor.zero)
    panel.seed_submitted.connect(editor.random)
    editor.seed_changed.connect(panel.set_seed)
    actions["latent.random"].triggered.connect(lambda: editor.random())
    actions["latent.zero"].triggered.connect(lambda: editor.zero())
    actions["latent.lock_all"].triggered.connect(lambda: editor.lock_all(True))
    actions["latent.unlock_all"].triggered.connect(lambda: editor.lock_all(False))
    actions["edit.undo"].triggered.connect(session.undo.undo)
    actions["edit.redo"].triggered.connect(session.undo.redo)
