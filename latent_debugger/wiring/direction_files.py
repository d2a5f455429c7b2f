"""Files of directions: saved, opened, dropped; and those that each model had when it was open last."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QTimer, Slot

from gan.errors import UserError
from gan.latent.directions import Direction, holds_directions, read_directions, save_directions
from latent_debugger.services.direction_files import recall, remember
from latent_debugger.services.worker import Worker
from latent_debugger.state.direction_editor import DirectionEditor
from latent_debugger.state.directions import MAX_DIRECTIONS, DirectionSettings, KnownDirection
from latent_debugger.state.paths import directions_path
from latent_debugger.state.session import Session
from latent_debugger.views import file_dialogs
from latent_debugger.views.main_window import MainWindow

SETTINGS_MS = 1000
"""The settings are written at the latest this long after a change: a name is typed letter by letter."""


class DirectionFileFlow(QObject):
    """Everything about directions that touches the disk, all of it in the files' thread."""

    def __init__(self, window: MainWindow, session: Session, files: Worker, editor: DirectionEditor) -> None:
        super().__init__(window)
        self._window, self._session, self._files, self._editor = window, session, files, editor
        self._state, self._messages = session.directions, window.messages
        self._asked: set[str] = set()  # models whose directions are on their way from the disk
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(SETTINGS_MS)
        self._soon.timeout.connect(self._save_settings)
        panel, actions = window.directions, window.action_map
        self._state.set(**vars(DirectionSettings.load(directions_path())))
        self._state.settings_changed.connect(self._settings_changed)
        self._state.edited.connect(self._remember)
        session.model_changed.connect(self._recall)
        panel.file_dropped.connect(self._dropped)
        panel.save_requested.connect(self._choose_save_one)
        actions["direction.open"].triggered.connect(self._choose_open)
        actions["direction.save"].triggered.connect(self._choose_save)
        window.closing.connect(self._flush)
        self._recall()

    # opening

    def take(self, path: Path, otherwise: Callable[[Path], object]) -> None:
        """Open ``path`` where it holds directions, else leave it to ``otherwise``."""

        def looked(is_one: bool) -> None:
            if is_one:
                self.open(path)
            else:
                otherwise(path)

        self._files.submit(holds_directions, path, done=looked, failed=self._messages.show_error)

    def open(self, path: Path) -> None:
        """Add the directions of a file to those of the open model."""
        if self._session.model is None:
            self._messages.show_error(UserError("Directions need a model to go in.", "Open a checkpoint first."))
            return
        key = self._state.key
        done = partial(self._opened, path, key)
        dim, space = self._session.latent.dim, self._session.model.space
        self._files.submit(read_directions, path, dim, space, done=done, failed=self._messages.show_error)

    def _opened(self, path: Path, key: str | None, answer: tuple[list[Direction], dict[str, Any]]) -> None:
        directions, about = answer
        model = self._session.model
        if model is None or key != self._state.key:
            return  # another model was opened meanwhile
        added = self._editor.opened(directions)
        self._window.show_panel("directions")
        if added:
            self._window.directions.set_current(added[0].id)
        n, left = len(added), len(directions) - len(added)
        told = f"Opened {n} direction{'s' if n != 1 else ''} from {path.name}."
        if left:
            told += f" There is room for {MAX_DIRECTIONS}, so {left} {'was' if left == 1 else 'were'} left out."
        run = about.get("run")
        if isinstance(run, str) and run != model.run:
            told += " They were found in another model, so here they may mean something else."
        self._messages.show_info(told)

    @Slot(object)
    def _dropped(self, path: Path) -> None:
        self.take(path, otherwise=self._window.file_dropped.emit)

    @Slot()
    def _choose_open(self) -> None:
        dialog = file_dialogs.open_directions(self._window, Path.home())
        dialog.fileSelected.connect(self._open_chosen)
        file_dialogs.from_last_folder(dialog, self._session.folders).open()

    @Slot(str)
    def _open_chosen(self, name: str) -> None:
        self.open(Path(name))

    # saving

    @Slot()
    def _choose_save(self) -> None:
        self._choose(self._state.all, "directions.npz")

    @Slot(object)
    def _choose_save_one(self, id_: str) -> None:
        item = self._state.get(id_)
        if item is not None:
            self._choose([item], f"{_file_name(item.direction.name)}.npz")

    def _choose(self, items: Sequence[KnownDirection], name: str) -> None:
        if not items:
            self._messages.show_error(UserError("There is no direction to save.", "Find some first (Ctrl+7)."))
            return
        directions = [item.direction for item in items]
        model = self._session.model
        run, space = (model.run, model.space) if model is not None else (None, "z")

        def save(chosen: str) -> None:
            path = Path(chosen)
            write = partial(save_directions, path, directions, run=run, space=space)
            told = f"Saved {len(directions)} direction{'s' if len(directions) != 1 else ''} to {path}."
            self._files.submit(write, done=lambda _: self._messages.show_info(told), failed=self._messages.show_error)

        dialog = file_dialogs.save_directions(self._window, Path.home(), name)
        dialog.fileSelected.connect(save)
        file_dialogs.from_last_folder(dialog, self._session.folders).open()

    # remembering

    @Slot()
    def _recall(self) -> None:
        key = self._state.key
        if key is None or self._state.knows(key) or key in self._asked:
            return
        self._asked.add(key)
        done = partial(self._recalled, key)
        failed = partial(self._not_recalled, key)
        self._files.submit(recall, key, self._session.latent.dim, done=done, failed=failed)

    def _recalled(self, key: str, answer: tuple[list[KnownDirection], str]) -> None:
        remembered, notice = answer
        found_meanwhile = bool(self._state.of(key))
        self._asked.discard(key)
        self._state.restore(key, remembered)
        if found_meanwhile:
            self._remember(key)
        if notice:
            self._messages.show_notice(notice)

    def _not_recalled(self, key: str, error: UserError) -> None:
        self._recalled(key, ([], str(error)))

    @Slot(object)
    def _remember(self, key: str) -> None:
        if key not in self._asked:  # or else what is on disk would be lost
            self._files.submit(remember, key, self._state.of(key), failed=self._messages.show_error)

    @Slot()
    def _settings_changed(self) -> None:
        self._soon.start()

    @Slot()
    def _flush(self) -> None:
        if self._soon.isActive():
            self._save_settings()

    @Slot()
    def _save_settings(self) -> None:
        self._soon.stop()
        settings = self._state.settings
        self._files.submit(settings.save, directions_path(), failed=self._messages.show_error)


def _file_name(name: str) -> str:
    """``name`` without what file names may not hold."""
    return "".join(letter if letter.isalnum() or letter in " -_" else "_" for letter in name).strip() or "direction"
