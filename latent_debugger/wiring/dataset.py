"""The panel *Dataset*: open a pile, save what is decided, learn from it, train on it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal, Slot
from PySide6.QtWidgets import QApplication

from gan.errors import UserError
from latent_debugger.services.curation import CurationService, Large, Opened, Reason, Saved, Thought
from latent_debugger.services.curation_files import holds_pictures, last_pile
from latent_debugger.services.worker import Worker
from latent_debugger.state.curation import KEEP, REJECT, UNDECIDED
from latent_debugger.state.session import Session
from latent_debugger.state.training_memory import PileMemory, pile_path
from latent_debugger.views import file_dialogs
from latent_debugger.views.canvas import to_qimage
from latent_debugger.views.main_window import MainWindow

SAVE_MS = 2000
"""A decision is on the disk at most so much later."""
THINK_MS = 600
"""So long nothing may be decided before the ranking learns: it should not compete with the user's hands."""
_NEED_PILE = (
    "dataset.keep", "dataset.reject", "dataset.undecide", "dataset.ask", "dataset.keep_best", "dataset.reject_rest",
    "dataset.save_as", "dataset.problems", "dataset.train",
)  # fmt: skip


class DatasetFlow(QObject):
    """Decisions are saved and learned from in the background; nothing of the user's files is ever changed."""

    train_requested = Signal(object)
    """Path of a manifest whose pictures the user wants to train on; it is on the disk."""

    def __init__(self, window: MainWindow, session: Session, service: CurationService, files: Worker) -> None:
        super().__init__(window)
        self._window, self._panel, self._service, self._files = window, window.dataset, service, files
        self._curation, self._folders = session.curation, session.folders
        self._manifest = Path()
        self._dirty = self._recalled = False
        self._last: Path | None = None  # looked through before the restart
        self._thinking = self._think_again = False
        self._saving = _timer(self, SAVE_MS, self.save_now)
        self._pause = _timer(self, THINK_MS, self._think)
        self._connect_actions()
        self._panel.open_requested.connect(self._choose_folder)
        self._panel.open_file_requested.connect(self._choose_file)
        self._panel.cancel_requested.connect(service.cancel)
        self._panel.dropped.connect(self.open)
        self._panel.shown.connect(self._recall)
        self._panel.start.again_requested.connect(self._open_last)
        self._panel.train_requested.connect(self.train)
        self._panel.wall.large_wanted.connect(self._show_large)
        self._curation.decided.connect(self._decided)
        service.opened.connect(self._show)
        service.failed.connect(self._fail)
        service.stopped.connect(self._rest)
        service.progressed.connect(self._panel.set_progress)
        service.saved.connect(self._saved)
        service.thought.connect(self._thought)
        service.shown.connect(self._large)
        service.save_failed.connect(self._save_failed)
        service.think_failed.connect(self._think_failed)
        window.closing.connect(self.save_now)

    def _connect_actions(self) -> None:
        actions, panel = self._window.action_map, self._panel
        actions["dataset.open"].triggered.connect(self._choose_folder)
        actions["dataset.open_file"].triggered.connect(self._choose_file)
        actions["dataset.keep"].triggered.connect(lambda: panel.wall.decide_selected(KEEP))
        actions["dataset.reject"].triggered.connect(lambda: panel.wall.decide_selected(REJECT))
        actions["dataset.undecide"].triggered.connect(lambda: panel.wall.decide_selected(UNDECIDED))
        actions["dataset.ask"].triggered.connect(self._ask)
        actions["dataset.keep_best"].triggered.connect(self._keep_best)
        actions["dataset.reject_rest"].triggered.connect(panel.learning.reject_rest)
        actions["dataset.problems"].triggered.connect(panel.show_problems)
        actions["dataset.save_as"].triggered.connect(self._choose_manifest)
        actions["dataset.train"].triggered.connect(self.train)
        for name in _NEED_PILE:
            actions[name].setEnabled(False)

    @property
    def idle(self) -> bool:
        """True when everything decided was learned from and is on the disk."""
        return not (self._dirty or self._thinking or self._pause.isActive())

    # opening

    @Slot(object)
    def open(self, source: Path) -> None:
        """Look through a folder, a .zip, an images.npy or a manifest; the panel comes to the front."""
        self.save_now()
        self._window.show_panel("dataset")
        self._panel.set_scanning(source.name or str(source))
        self._panel.start.setFocus()
        self._service.open(source)

    @Slot()
    def _recall(self) -> None:
        """Offer what was looked through last; not before somebody looks, for a closed panel costs nothing."""
        if not self._recalled:
            self._recalled = True
            self._files.submit(last_pile, done=self._offer, failed=self._fail)

    def _offer(self, last: Path | None) -> None:
        self._last = last
        if last is not None:
            self._panel.start.set_last(last.name or str(last), str(last))

    @Slot()
    def _open_last(self) -> None:
        if self._last is not None:
            self.open(self._last)

    def take(self, path: Path, otherwise: Callable[[Path], object]) -> None:
        """Open what was dropped on the window, if it is a pile; else it is ``otherwise``'s."""

        def decide(yes: bool) -> None:
            (self.open if yes else otherwise)(path)

        self._files.submit(holds_pictures, path, done=decide, failed=self._fail)

    @Slot()
    def _choose_folder(self) -> None:
        dialog = file_dialogs.open_pictures(self._window, self._folder())
        dialog.fileSelected.connect(self._chosen)
        file_dialogs.from_last_folder(dialog, self._folders).open()

    @Slot()
    def _choose_file(self) -> None:
        dialog = file_dialogs.open_picture_file(self._window, self._folder())
        dialog.fileSelected.connect(self._chosen)
        file_dialogs.from_last_folder(dialog, self._folders).open()

    def _folder(self) -> Path:
        pile = self._curation.pile
        return pile.source.parent if pile is not None else Path.home()

    @Slot(str)
    def _chosen(self, name: str) -> None:
        self.open(Path(name))

    @Slot(object)
    def _show(self, opened: Opened) -> None:
        self.save_now()  # what was decided about the last pile while this one was looked at
        self._manifest, self._dirty = opened.pile.manifest, False
        self._curation.set_pile(opened.pile, opened.decisions)
        memory = PileMemory(str(opened.pile.source))
        self._files.submit(memory.save, pile_path(), failed=self._window.messages.show_error)
        self._rest()
        focused = QApplication.focusWidget() or self._window.focusWidget()
        if focused is None or self._window.docks["dataset"].isAncestorOf(focused):  # nobody is typing elsewhere
            self._panel.list.setFocus()
        for name in _NEED_PILE:
            self._window.action_map[name].setEnabled(True)
        if opened.notice:
            self._window.messages.show_error(opened.notice)
        self._pause.start(0)

    @Slot(object)
    def _fail(self, error: UserError) -> None:
        self._rest()
        self._window.messages.show_error(error)

    @Slot()
    def _rest(self) -> None:
        self._panel.set_scanning("")

    # deciding, saving

    @Slot(object)
    def _decided(self, pictures: object) -> None:
        self._dirty = True
        if not self._saving.isActive():  # not put off by every decision: a fast hand decides one a second, for hours
            self._saving.start()
        self._pause.start(THINK_MS if self._curation.asks_left() else 0)

    @Slot()
    def save_now(self) -> None:
        """Write what was decided, if it is not on the disk yet."""
        self._saving.stop()
        if self._dirty:
            self._save(self._manifest, "decided")

    def _save(self, manifest: Path, reason: Reason) -> None:
        if self._curation.pile is not None:
            self._dirty = False
            self._service.save(self._curation.pile, self._curation.decisions(), manifest, reason)

    @Slot()
    def _choose_manifest(self) -> None:
        dialog = file_dialogs.save_decisions(self._window, self._manifest)
        dialog.fileSelected.connect(self._save_as)
        dialog.open()

    @Slot(str)
    def _save_as(self, name: str) -> None:
        self._save(Path(name), "asked")

    @Slot(object)
    def _saved(self, saved: Saved) -> None:
        if saved.pile is not self._curation.pile:
            return
        if saved.reason == "asked":
            self._window.messages.show_info(f"The decisions are kept in {saved.manifest} from now on.")
        elif saved.manifest != self._manifest:
            self._window.messages.show_notice(
                f"{self._manifest.parent} cannot be written to, so the decisions are kept in {saved.manifest}."
            )
        self._manifest = saved.manifest
        self._panel.show_manifest(saved.manifest)
        if saved.reason == "training":
            self.train_requested.emit(saved.manifest)

    @Slot(object)
    def _save_failed(self, error: UserError) -> None:
        self._dirty = True  # the next decision, or the end, tries again
        self._window.messages.show_error(error)

    @Slot()
    def train(self) -> None:
        """Save, then say that the user wants to train on these."""
        self._save(self._manifest, "training")

    # learning

    @Slot()
    def _think(self) -> None:
        if self._thinking:
            self._think_again = True
        elif self._curation.pile is not None:
            self._thinking = True
            self._service.think(self._curation.pile, self._curation.decisions())

    @Slot(object)
    def _thought(self, thought: Thought) -> None:
        self._thinking = False
        if thought.pile is self._curation.pile:
            self._curation.set_opinion(thought.opinion)
        if self._think_again or thought.pile is not self._curation.pile:
            self._think_again = False
            self._think()

    @Slot(object)
    def _think_failed(self, error: UserError) -> None:
        self._thinking = False
        self._window.messages.show_error(error)

    @Slot()
    def _ask(self) -> None:
        self._window.show_panel("dataset")
        self._panel.ask_me(True)

    @Slot()
    def _keep_best(self) -> None:
        if self._panel.learning.best.isEnabled():
            self._panel.learning.keep_best()
        else:
            self._window.messages.show_info(self._panel.learning.told.text())

    # one picture

    @Slot(int)
    def _show_large(self, picture: int) -> None:
        if self._curation.pile is not None:
            self._service.show(self._curation.pile, picture)

    @Slot(object)
    def _large(self, large: Large) -> None:
        if large.pile is not self._curation.pile:
            return
        if large.image is not None:
            self._panel.wall.set_large(large.row, to_qimage(large.image))
        else:
            self._window.messages.show_error(UserError(f"{large.trouble}.", "The thumbnail is shown instead."))


def _timer(parent: QObject, ms: int, call: Callable[[], None]) -> QTimer:
    timer = QTimer(parent)
    timer.setSingleShot(True)
    timer.setInterval(ms)
    timer.timeout.connect(call)
    return timer
