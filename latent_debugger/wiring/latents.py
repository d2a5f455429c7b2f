"""The latent panel and the latent menu: intents go to the editors, and come back as changes of the state."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Slot

from latent_debugger.state.editor import LatentEditor
from latent_debugger.state.row_editor import RowEditor
from latent_debugger.state.session import Session
from latent_debugger.views.main_window import MainWindow

NO_FOCUS = "Click a dimension first, then press the key."


class LatentFlow(QObject):
    """Values, locks, pins and hidden rows."""

    def __init__(self, window: MainWindow, session: Session, editor: LatentEditor) -> None:
        super().__init__(window)
        self._window, self._editor = window, editor
        self._rows = rows = RowEditor(session.arrangement, session.undo, self)
        panel, actions = window.latents, window.action_map
        panel.value_edited.connect(editor.set_value)
        panel.lock_toggled.connect(editor.toggle_lock)
        panel.pin_toggled.connect(rows.toggle_pin)
        panel.hide_toggled.connect(rows.toggle_hidden)
        panel.reset_requested.connect(editor.reset_dimension)
        panel.random_requested.connect(lambda: editor.random())
        panel.zero_requested.connect(editor.zero)
        panel.unpin_requested.connect(rows.unpin_all)
        panel.show_all_requested.connect(rows.show_all)
        panel.seed_submitted.connect(editor.random)
        editor.seed_changed.connect(panel.set_seed)
        actions["latent.random"].triggered.connect(lambda: editor.random())
        actions["latent.zero"].triggered.connect(lambda: editor.zero())
        actions["latent.lock"].triggered.connect(self._lock)
        actions["latent.pin"].triggered.connect(self._pin)
        actions["latent.hide"].triggered.connect(self._hide)
        actions["latent.lock_all"].triggered.connect(lambda: editor.lock_all(True))
        actions["latent.unlock_all"].triggered.connect(lambda: editor.lock_all(False))
        actions["view.fader_bank"].toggled.connect(session.arrangement.set_faders)
        session.arrangement.faders_changed.connect(actions["view.fader_bank"].setChecked)
        actions["edit.undo"].triggered.connect(session.undo_group.undo)
        actions["edit.redo"].triggered.connect(session.undo_group.redo)

    @Slot()
    def _lock(self) -> None:
        self._at_focus(self._editor.toggle_lock)

    @Slot()
    def _pin(self) -> None:
        self._at_focus(self._rows.toggle_pin)

    @Slot()
    def _hide(self) -> None:
        self._at_focus(self._rows.toggle_hidden)

    def _at_focus(self, act: Callable[[int], None]) -> None:
        dim = self._window.latents.focused_dimension()
        if dim is None:
            self._window.messages.show_info(NO_FOCUS)
        else:
            act(dim)
