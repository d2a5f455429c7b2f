"""A path through stars: its key frames, where on it the canvas is, and how smoothly the pictures change."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, get_args

from PySide6.QtCore import QEvent, Qt, Signal, Slot
from PySide6.QtGui import QAction, QDragEnterEvent, QDropEvent, QKeyEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from latent_debugger.state.path import Plan
from latent_debugger.views import theme
from latent_debugger.views.path_arithmetic import ArithmeticPage
from latent_debugger.views.path_empty import EmptyPath
from latent_debugger.views.path_strip import star_ids
from latent_debugger.views.path_track import PathTrack
from latent_debugger.views.quiet import page_tabs, tool, tool_menu
from latent_debugger.views.star_list import STARS_MIME

Page = Literal["path", "arithmetic"]
_PAGES = (("Path", "Go from star to star"), ("Arithmetic", "Add stars, and take others away"))
PAGES: tuple[Page, ...] = get_args(Page)


class PathPanel(QWidget):
    """Shows what it is told, and says what the user wants.

    Signals:
        play_toggled(): play, or pause.
        stopped(): Esc: go back to where the playing began.
        stars_dropped(ids, before): put these stars in front of that key frame.
        page_changed(): another page is shown.

    Attributes:
        track, empty, arithmetic: what it shows, one at a time.
    """

    play_toggled = Signal()
    stopped = Signal()
    stars_dropped = Signal(object, int)
    page_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("pathPanel")
        self.setAccessibleName("Paths")
        self.setAcceptDrops(True)
        self._plan = Plan()
        self.track, self.arithmetic, self.empty = PathTrack(), ArithmeticPage(), EmptyPath()
        self.tabs, self.told = page_tabs("path.tabs", "Pages", _PAGES), QLabel()
        self._buttons, self._pages = QHBoxLayout(), QStackedWidget()
        self._lay_out()
        self.tabs.currentChanged.connect(self._turn)
        self.track.strip.dropped.connect(self.stars_dropped)
        self.set_plan(self._plan)

    def _lay_out(self) -> None:
        unit = theme.UNIT
        self.told.setObjectName("path.told")
        self.told.setProperty("quiet", True)
        self.told.setFont(theme.numbers_font(self.told.font()))
        self.told.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.told.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        for page in (self.track, self.empty, self.arithmetic):
            self._pages.addWidget(page)
        self._buttons.setSpacing(0)
        top, column = QHBoxLayout(), QVBoxLayout(self)
        top.setSpacing(unit)
        top.addWidget(self.tabs)
        top.addWidget(self.told, 1)
        top.addLayout(self._buttons)
        column.setContentsMargins(unit, unit // 4, unit, unit // 2)
        column.setSpacing(unit // 2)
        column.addLayout(top)
        column.addWidget(self._pages, 1)
        self.setMinimumSize(480, 160)

    def add_actions(
        self, play: QAction, adding: Sequence[QAction], more: Sequence[QAction], exports: Sequence[QAction]
    ) -> None:
        """Give the window's actions their buttons.

        Args:
            more: behind the button with the dots.
        """
        self.track.play.setDefaultAction(play)
        self.empty.add_actions(adding)
        for action in adding:
            button = tool(f"path.{action.objectName().partition('.')[2]}Button", action.toolTip())
            button.setDefaultAction(action)
            self._buttons.addWidget(button)
        for name, says, icon, actions in (
            ("path.moreButton", "More to do with the path", "more", more),
            ("path.exportButton", "Export the path", "export", exports),
        ):
            self._buttons.addWidget(tool_menu(name, says, icon, actions, self))

    # setters

    @property
    def page(self) -> Page:
        """What is shown: path or arithmetic."""
        return PAGES[max(0, self.tabs.currentIndex())]

    def set_page(self, page: Page) -> None:
        """Show another page."""
        self.tabs.setCurrentIndex(PAGES.index(page))

    def set_model(self, open_: bool) -> None:
        """Whether there is a model to show pictures with."""
        self.empty.set_model(open_)
        self.arithmetic.set_model(open_)

    def set_plan(self, plan: Plan) -> None:
        """Show another path."""
        self._plan = plan
        self.track.set_plan(plan)
        count = len(plan.keys)
        parts = [f"{count} key frame{'s' if count != 1 else ''}"] if count else []
        if count > 1:
            parts.append(f"{self.track.seconds:.1f} s")
        self.told.setText(" · ".join(parts))
        self._show_page()

    def _show_page(self) -> None:
        if self.page == "arithmetic":
            self._pages.setCurrentWidget(self.arithmetic)
        else:
            self._pages.setCurrentWidget(self.track if self._plan.keys else self.empty)
        self.told.setVisible(self.page == "path")

    @Slot()
    def _turn(self) -> None:
        self._show_page()
        self.page_changed.emit()

    # what the user does

    def event(self, event: QEvent) -> bool:
        if (
            isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.ShortcutOverride
            and event.key() in (Qt.Key.Key_Space, Qt.Key.Key_Escape)
            and event.modifiers() == Qt.KeyboardModifier.NoModifier
        ):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        plain = event.modifiers() == Qt.KeyboardModifier.NoModifier and self.page == "path"
        if plain and event.key() == Qt.Key.Key_Space:
            if not event.isAutoRepeat():
                self.play_toggled.emit()
        elif plain and event.key() == Qt.Key.Key_Escape:
            self.stopped.emit()
        else:
            super().keyPressEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if self.page == "path" and event.mimeData().hasFormat(STARS_MIME):
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()
        else:
            event.ignore()  # the window takes files

    def dropEvent(self, event: QDropEvent) -> None:
        event.accept()
        self.stars_dropped.emit(star_ids(event.mimeData()), len(self._plan.keys))
