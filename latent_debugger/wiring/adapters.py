"""File > Open with adapter. Code of the user's runs where they name it, in this window, and never by itself: a file
that was opened so is only offered again, with the adapter's name on the offer."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Slot
from shiboken6 import isValid

from gan.errors import UserError
from latent_debugger.services.adapters import classes_of, known_adapters
from latent_debugger.services.worker import Worker
from latent_debugger.state.adapters import AdapterMemory
from latent_debugger.state.model import AdapterUse
from latent_debugger.state.paths import adapters_path
from latent_debugger.state.session import Session
from latent_debugger.state.snapshot import SessionSnapshot
from latent_debugger.views import file_dialogs
from latent_debugger.views.adapter_dialog import AdapterDialog
from latent_debugger.views.main_window import MainWindow
from latent_debugger.wiring.models import ModelFlow

SAVE_MS = 1000


class AdapterFlow(QObject):
    """Asks which code, opens with it, remembers which file it was."""

    def __init__(self, window: MainWindow, session: Session, files: Worker, models: ModelFlow) -> None:
        super().__init__(window)
        self._window, self._session, self._files, self._models = window, session, files, models
        self._dialog: AdapterDialog | None = None
        self._memory, lost = AdapterMemory.recover(adapters_path(), "The list of files opened with adapters")
        if lost:
            window.messages.show_notice(lost)
        self._save_soon = QTimer(self)
        self._save_soon.setSingleShot(True)
        self._save_soon.setInterval(SAVE_MS)
        self._save_soon.timeout.connect(self._save)
        window.action_map["file.open_with_adapter"].triggered.connect(self._ask)
        window.recent_chosen.connect(self._open_recent)
        window.closing.connect(self._flush)
        models.opened.connect(self._remember)
        models.refused.connect(self._offer_instead)
        session.label_changed.connect(self._remember_label)

    def offer_at_start(self, path: Path, snapshot: SessionSnapshot) -> bool:
        """Offer the model of the last session; False where no adapter opened it, so that it can just be opened."""
        use = self._memory.by_path.get(str(path))
        if use is not None:
            self._offer(path, use, _needs(path, use), snapshot)
        return use is not None

    def _offer(self, path: Path, use: AdapterUse, why: str, restore: SessionSnapshot | None = None) -> None:
        def open_it() -> None:
            self._models.open_with(path, use, restore)

        self._window.messages.show_offer(why, "Run and open", open_it)

    @Slot(object)
    def _open_recent(self, path: Path) -> None:
        use = self._memory.by_path.get(str(path.absolute()))
        if use is not None:
            self._offer(path, use, _needs(path, use))
        else:
            self._models.open(path)

    @Slot(object, object)
    def _offer_instead(self, path: Path, error: UserError) -> None:
        """A file that could not be opened by itself, but once was with an adapter."""
        use = self._memory.by_path.get(str(path.absolute()))
        if use is not None:
            self._offer(path, use, f"{error.text} The adapter {use.name} has opened it before.")

    # What is remembered

    @Slot(object)
    def _remember(self, path: Path) -> None:
        model, place = self._session.model, str(path.absolute())
        if model is not None and model.adapter is not None:
            self._set(self._memory.adding(place, model.adapter))
        elif place in self._memory.by_path:
            self._set(self._memory.without(place))

    @Slot()
    def _remember_label(self) -> None:
        model = self._session.model
        if model is not None and model.adapter is not None:
            self._set(self._memory.adding(str(model.path), model.adapter))

    def _set(self, memory: AdapterMemory) -> None:
        if memory != self._memory:
            self._memory = memory
            self._save_soon.start()

    @Slot()
    def _save(self) -> None:
        self._save_soon.stop()
        self._files.submit(self._memory.save, adapters_path(), failed=self._window.messages.show_error)

    @Slot()
    def _flush(self) -> None:
        if self._save_soon.isActive():
            self._save()

    # The dialog

    @Slot()
    def _ask(self) -> None:
        dialog = self._open_dialog()
        if dialog is None:
            self._dialog = dialog = AdapterDialog(self._window)
            dialog.python_wanted.connect(self._choose_python)
            dialog.file_wanted.connect(self._choose_file)
            dialog.chosen.connect(self._run)
            dialog.set_name(self._memory.last)
            self._files.submit(known_adapters, done=self._list, failed=self._say)
        dialog.present()

    def _list(self, names: list[str]) -> None:
        dialog = self._open_dialog()
        if dialog is not None:
            dialog.set_adapters(names, names[0] if names else "")

    def _say(self, error: UserError) -> None:
        dialog = self._open_dialog()
        if dialog is not None:
            dialog.say(str(error))

    @Slot()
    def _choose_python(self) -> None:
        chooser = file_dialogs.open_python(self._dialog or self._window, Path.home())
        chooser.fileSelected.connect(self._python_chosen)
        file_dialogs.from_last_folder(chooser, self._session.folders).open()

    @Slot(str)
    def _python_chosen(self, name: str) -> None:
        path = Path(name)

        def show(classes: list[str]) -> None:
            dialog = self._open_dialog()
            if dialog is not None:
                dialog.set_classes(path, classes)

        self._files.submit(classes_of, path, done=show, failed=self._say)

    @Slot()
    def _choose_file(self) -> None:
        model = self._session.model
        folder = model.path.parent if model is not None else Path.home()
        chooser = file_dialogs.open_adapted(self._dialog or self._window, folder)
        chooser.fileSelected.connect(self._file_chosen)
        file_dialogs.from_last_folder(chooser, self._session.folders).open()

    @Slot(str)
    def _file_chosen(self, name: str) -> None:
        dialog = self._open_dialog()
        if dialog is not None:
            dialog.set_file(Path(name))

    @Slot(object, str)
    def _run(self, path: Path, name: str) -> None:
        self._set(self._memory.naming(name))
        self._models.open_with(path, AdapterUse(name))

    def _open_dialog(self) -> AdapterDialog | None:
        dialog = self._dialog
        return dialog if dialog is not None and isValid(dialog) and dialog.isVisible() else None


def _needs(path: Path, use: AdapterUse) -> str:
    return f"{path.name} needs the adapter {use.name}, a program that does not run by itself."
