"""The window's shell: panels around a canvas, menus, the status bar, and how all that is remembered.

What only concerns the view (themes, full screen, which panels show) it does itself; everything else leaves as an action
or a signal that ``wiring`` connects.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import (
    QAction,
    QActionGroup,
    QCloseEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QGuiApplication,
    QShowEvent,
)
from PySide6.QtWidgets import QApplication, QLineEdit, QMainWindow, QMenu, QWidget

from latent_debugger.state.session import Session
from latent_debugger.views import icons, motion, theme
from latent_debugger.views.actions import ACTIONS, DOCK_ACTIONS, MENUS, build_actions
from latent_debugger.views.bookmark_panel import BookmarkPanel
from latent_debugger.views.canvas import dropped_path
from latent_debugger.views.canvas_area import CanvasArea
from latent_debugger.views.critic_panel import CriticPanel
from latent_debugger.views.dataset_panel import DatasetPanel
from latent_debugger.views.direction_panel import DirectionPanel
from latent_debugger.views.dock import Dock
from latent_debugger.views.escape import LeaveByEscape
from latent_debugger.views.help import AboutDialog, ShortcutsDialog
from latent_debugger.views.latent_panel import LatentPanel
from latent_debugger.views.memorisation_panel import MemorisationPanel
from latent_debugger.views.neighbour_panel import NO_MODEL, NeighbourPanel
from latent_debugger.views.palette import Palette
from latent_debugger.views.path_panel import PathPanel
from latent_debugger.views.projection_panel import ProjectionPanel
from latent_debugger.views.regions import Regions
from latent_debugger.views.status_bar import StatusBar
from latent_debugger.views.timeline_panel import TimelinePanel
from latent_debugger.views.training_panel import TrainingPanel
from latent_debugger.views.window_layout import WindowLayout

SIZE = (1400, 900)
OPENING = "Opening…"

_NEEDS_MODEL = (
    "file.reload",
    "file.save_picture",
    "edit.copy_picture",
    "latent.random",
    "latent.random_near",
    "latent.zero",
    "latent.lock",
    "latent.pin",
    "latent.hide",
    "latent.lock_all",
    "latent.unlock_all",
    "latent.find",
    "latent.seed",
    "neighbours.sample",
    "bookmark.add",
    "bookmark.import",
    "view.model_info",
)


class MainWindow(QMainWindow):
    """Builds every view and gives it a place.

    Attributes:
        action_map: every action by id, those that show and hide panels included.
        canvas, messages, hints, status, latents, neighbours, bookmarks, training, timeline, dataset, directions,
            critic, paths, projection, memorisation: the views.
        docks: the panels' frames by name, which are the names above from latents on.
    """

    file_dropped = Signal(object)
    """A Path dropped anywhere on the window."""
    recent_chosen = Signal(object)
    """A Path chosen from File > Open recent."""
    theme_chosen = Signal(object)
    """system, light or dark: chosen from the menu, and already applied."""
    smooth_chosen = Signal(bool)
    """Whether the picture is smoothed: chosen from the menu, and already applied."""
    close_asked = Signal(object)
    """QCloseEvent: somebody wants to close the window; a slot may ignore() it and call close() later."""
    closing = Signal()
    """The window is about to close; services are stopped and the session is saved before it returns."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("mainWindow")
        self.setAccessibleName("Latent Debugger")
        self.setAcceptDrops(True)
        self.setDockOptions(QMainWindow.DockOption.AnimatedDocks | QMainWindow.DockOption.AllowTabbedDocks)
        self._session = session
        self._theme: theme.Theme = "system"
        self._icons_in = theme.current()

        self.action_map = build_actions(self)
        area = CanvasArea(self.action_map)
        self.canvas, self.messages, self.hints = area.canvas, area.messages, area.hints
        self._area = area
        self.latents = LatentPanel(session.latent, session.arrangement)
        self.neighbours = NeighbourPanel(session.neighbours)
        self.bookmarks = BookmarkPanel(session.library)
        self.status = StatusBar()
        self.setCentralWidget(area)
        self.setStatusBar(self.status)

        self.training = TrainingPanel(session.runs, self.action_map)
        self.timeline, self.dataset = TimelinePanel(), DatasetPanel(session.curation)
        self.directions, self.critic, self.paths = DirectionPanel(session.directions), CriticPanel(), PathPanel()
        self.projection, self.memorisation = ProjectionPanel(), MemorisationPanel()
        panels = (
            self.latents, self.neighbours, self.bookmarks, self.training, self.timeline, self.dataset,
            self.directions, self.critic, self.paths, self.projection, self.memorisation,
        )  # fmt: skip
        self.docks = {
            spec.id.removeprefix("view."): Dock(panel, spec, self)
            for spec, panel in zip(DOCK_ACTIONS, panels, strict=True)
        }
        self.action_map |= {dock.toggle.objectName(): dock.toggle for dock in self.docks.values()}
        self._layout = WindowLayout(self, self.docks)
        self._recent = QMenu("Open re&cent", self)
        self._recent.setObjectName("file.recent")
        self._build_menus()
        self.addActions(list(self.action_map.values()))  # shortcuts must also work where the menu bar is hidden
        self._palette = Palette(self)
        self._regions = Regions([area, *self.docks.values()], self)
        LeaveByEscape(self.latents.find_field, self.canvas, clears=True)
        LeaveByEscape(self.latents.seed_field, self.canvas)
        LeaveByEscape(self.bookmarks.search, self.canvas, clears=True)
        self._connect_signals()
        self.resize(*SIZE)
        self.reset_layout()
        self.set_recent(())
        self._show_model()
        self._show_selection(())
        for verb in ("undo", "redo"):
            self.action_map[f"edit.{verb}"].setEnabled(False)

    # setters

    def set_theme(self, name: theme.Theme) -> None:
        """Dress the application, and tick the action that says so."""
        self._theme = name
        self.action_map[f"view.theme_{name}"].setChecked(True)
        theme.apply(_application(), name)

    def set_smooth(self, smooth: bool) -> None:
        """Smooth the enlarged picture, and tick the action that says so."""
        self.action_map["view.smooth"].setChecked(smooth)

    def set_reduced_motion(self, reduced: bool) -> None:
        """Let panels, menus and tooltips appear without moving or fading, or as the desktop wishes."""
        motion.set_reduced(self, reduced)

    def set_opening(self, opening: bool) -> None:
        """Say wherever nothing can be shown yet that a checkpoint is on its way."""
        words = OPENING if opening else ""
        self.canvas.set_empty(words)
        if self._session.model is None:
            self.latents.set_empty(words)
            self.neighbours.set_empty(words or NO_MODEL)

    def set_recent(self, paths: Iterable[str]) -> None:
        """Fill File > Open recent, the latest first."""
        self._recent.clear()
        for path in paths:
            entry = self._recent.addAction(_short(Path(path)))
            entry.setData(path)
            entry.setToolTip(path)
        self._recent.setEnabled(not self._recent.isEmpty())

    # the layout

    def save_layout(self) -> bytes:
        """Where the panels are, to be kept for the next start."""
        return self._layout.save()

    def restore_layout(self, layout: bytes) -> bool:
        """Put the panels where they were; False, and nothing changed, when ``layout`` does not fit."""
        return self._layout.restore(layout)

    def reset_layout(self) -> None:
        """Latents left, bookmarks right, neighbours under the canvas, everything else closed."""
        self._layout.reset()

    def show_panel(self, name: str) -> None:
        """Open a panel, ``training`` for example, and bring it to the front."""
        self._layout.show(name)

    # building

    def _build_menus(self) -> None:
        menus = {area: self.menuBar().addMenu(title) for area, title in MENUS.items()}
        for spec in ACTIONS:
            menu = menus[spec.menu]
            if spec.separated:
                menu.addSeparator()
            menu.addAction(self.action_map[spec.id])
            if spec.id == "file.open":
                menu.addMenu(self._recent)
        first = self.action_map["view.theme_system"]
        for dock in self.docks.values():
            menus["view"].insertAction(first, dock.toggle)
        menus["view"].insertSeparator(first)
        themes = QActionGroup(self)
        for name in ("system", "light", "dark"):
            themes.addAction(self.action_map[f"view.theme_{name}"])

    def _connect_signals(self) -> None:
        actions, session = self.action_map, self._session
        session.model_changed.connect(self._show_model)
        session.undo_group.canUndoChanged.connect(actions["edit.undo"].setEnabled)
        session.undo_group.canRedoChanged.connect(actions["edit.redo"].setEnabled)
        session.undo_group.undoTextChanged.connect(self._name_undo)
        session.undo_group.redoTextChanged.connect(self._name_redo)
        theme.themed.changed.connect(self._redraw_icons)
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._follow_system)
        self.bookmarks.selection_changed.connect(self._show_selection)
        self.canvas.file_dropped.connect(self.file_dropped)
        self._recent.triggered.connect(self._open_recent)
        actions["file.quit"].triggered.connect(self.close)
        actions["bookmark.rename"].triggered.connect(self.bookmarks.rename_current)
        actions["latent.find"].triggered.connect(self._focus_find)
        actions["latent.seed"].triggered.connect(self._focus_seed)
        for name in ("system", "light", "dark"):
            actions[f"view.theme_{name}"].triggered.connect(self._choose_theme)
        actions["view.smooth"].toggled.connect(self.canvas.set_smooth)
        actions["view.smooth"].triggered.connect(self.smooth_chosen)
        actions["view.full_screen"].triggered.connect(self._set_full_screen)
        actions["view.reset_layout"].triggered.connect(self.reset_layout)
        actions["view.next_panel"].triggered.connect(self._regions.next)
        actions["view.previous_panel"].triggered.connect(self._regions.previous)
        actions["help.palette"].triggered.connect(self._show_palette)
        actions["help.shortcuts"].triggered.connect(self._show_shortcuts)
        actions["help.about"].triggered.connect(self._show_about)

    # what happens

    def _show_model(self) -> None:
        model = self._session.model
        self.status.set_model(model)
        self.bookmarks.set_model_context(model)
        self._area.set_title(model.name if model else "")
        self.setWindowTitle(f"{model.name} — Latent Debugger" if model else "Latent Debugger")
        for name in _NEEDS_MODEL:
            self.action_map[name].setEnabled(model is not None)
        self.action_map["file.drawn_as"].setEnabled(model is not None and model.choices is not None)
        if model is None:
            self.canvas.clear()

    def _show_selection(self, ids: tuple[str, ...]) -> None:
        for name in ("bookmark.recall", "bookmark.rename"):
            self.action_map[name].setEnabled(len(ids) == 1)
        for name in ("bookmark.move_earlier", "bookmark.move_later", "bookmark.delete"):
            self.action_map[name].setEnabled(bool(ids))

    def _name_undo(self, what: str) -> None:
        self.action_map["edit.undo"].setText(f"&Undo {_plain(what)}".rstrip())

    def _name_redo(self, what: str) -> None:
        self.action_map["edit.redo"].setText(f"&Redo {_plain(what)}".rstrip())

    def _redraw_icons(self) -> None:
        if self._icons_in != theme.current():
            self._icons_in = theme.current()
            icons.refresh()

    def _follow_system(self) -> None:
        if self._theme == "system" and theme.resolve("system", _application()) != theme.current():
            theme.apply(_application(), "system")

    def _choose_theme(self) -> None:
        sender = self.sender()
        name: theme.Theme = sender.objectName().removeprefix("view.theme_")  # type: ignore[assignment]
        self.set_theme(name)
        self.theme_chosen.emit(name)

    def _open_recent(self, entry: QAction) -> None:
        self.recent_chosen.emit(Path(entry.data()))

    def _focus_find(self) -> None:
        self._focus("latents", "latent.find")

    def _focus_seed(self) -> None:
        self._focus("latents", "latent.seed")

    def _focus(self, dock: str, field: str) -> None:
        self.show_panel(dock)
        widget = self.docks[dock].findChild(QWidget, field)
        if widget is not None:
            widget.setFocus(Qt.FocusReason.ShortcutFocusReason)
            if isinstance(widget, QLineEdit):
                widget.selectAll()

    def _set_full_screen(self, on: bool) -> None:
        if on:
            self.showFullScreen()
        else:
            self.showNormal()

    def _show_palette(self) -> None:
        actions = [action for name, action in self.action_map.items() if name != "help.palette"]
        actions += self.latents.arrange.choices()
        self._palette.open_with(actions, self._recent.actions())

    def _show_shortcuts(self) -> None:
        ShortcutsDialog(self.action_map, self).open()

    def _show_about(self) -> None:
        AboutDialog(self).open()

    # Qt

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._layout.size_at_first_show()
        if self.focusWidget() is None:
            self.canvas.setFocus()  # or Qt would pick the first button, ring and all

    def focusNextPrevChild(self, on: bool) -> bool:
        """Tab goes on to what can be seen: a panel behind a tab counts as visible."""
        first = self.focusWidget()
        while super().focusNextPrevChild(on):
            now = self.focusWidget()
            dock = next((dock for dock in self.docks.values() if dock.isAncestorOf(now)), None)
            # the panel's region, not the widget's: a field that is only scrolled away comes into view with the focus
            if dock is None or now is first or not dock.visibleRegion().isEmpty():
                return True
        return False

    def closeEvent(self, event: QCloseEvent) -> None:
        event.accept()
        self.close_asked.emit(event)
        if event.isAccepted():
            self.closing.emit()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if dropped_path(event) is not None:
            event.acceptProposedAction()
            self.canvas.show_drop_target(True)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self.canvas.show_drop_target(False)

    def dropEvent(self, event: QDropEvent) -> None:
        self.canvas.show_drop_target(False)
        path = dropped_path(event)
        if path is not None:
            event.acceptProposedAction()
            self.file_dropped.emit(path)


def _short(path: Path) -> str:
    """What tells ``path`` from its like: the steps of all runs have the same names."""
    if not path.stem.startswith("step-"):
        return path.name
    folder = path.parent.parent if path.parent.name == "checkpoints" else path.parent
    return f"{folder.name}/{path.name}"


def _plain(text: str) -> str:
    """``text`` for a menu, where a lone & would become a mnemonic."""
    return text.replace("&", "&&")


def _application() -> QApplication:
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    return app
