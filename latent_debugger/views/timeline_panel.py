"""Every checkpoint of a run under the same latents: as a film, two against one another, or the run's own samples."""

from __future__ import annotations

from functools import partial
from typing import Literal, get_args

from PySide6.QtCore import QPoint, Qt, Signal, Slot
from PySide6.QtGui import QAction, QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QMenu,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from latent_debugger.state.timeline import Reel
from latent_debugger.views import icons, theme
from latent_debugger.views.preview_wall import PreviewWall
from latent_debugger.views.quiet import page_tabs, tool, tool_menu
from latent_debugger.views.timeline_compare import ComparePage
from latent_debugger.views.timeline_model import CURRENT, FilmModel
from latent_debugger.views.timeline_scrubber import Scrubber
from latent_debugger.views.timeline_strip import FilmStrip

Page = Literal["film", "compare", "samples"]
_PAGES = (
    ("Film", "The latent on the canvas, and the pinned stars, under every checkpoint"),
    ("Compare", "Two checkpoints on one picture, with a divider between them"),
    ("Samples", "The samples that the run wrote at this step; each can be gone to"),
)
PAGES: tuple[Page, ...] = get_args(Page)
EMPTY = "Open a run, or a checkpoint of one, to see it learn."
NO_CHECKPOINT = "This run has no checkpoint yet. The first will appear here."


class TimelinePanel(QWidget):
    """Shows what it is told, and says what the user wants.

    Signals:
        activated(bool): it has come into view, or gone out of it.
        page_changed(): another page is shown.
        stage_chosen(row): open this checkpoint.
        frame_opened(row, column): a latent of the film under a checkpoint.
        unpin_requested(key): take the star of this row off the film.
    """

    activated = Signal(bool)
    page_changed = Signal()
    stage_chosen = Signal(int)
    frame_opened = Signal(int, int)
    unpin_requested = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("timelinePanel")
        self.setAccessibleName("Timeline")
        self._reel: Reel | None = None
        self._followed = True
        self.film = FilmModel(self)
        self.strip = FilmStrip(self.film)
        self.compare = ComparePage()
        self.wall = PreviewWall()
        self.scrubber = Scrubber()
        self.tabs = page_tabs("timeline.tabs", "Timeline pages", _PAGES)
        self.told = QLabel()
        self.told.setObjectName("timeline.told")
        self.told.setProperty("quiet", True)
        self.told.setFont(theme.numbers_font(self.told.font()))
        self._buttons = QHBoxLayout()
        self._buttons.setSpacing(0)
        self.empty = QLabel(EMPTY)
        self.empty.setObjectName("timeline.empty")
        self.empty.setProperty("quiet", True)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.empty.setWordWrap(True)
        self._pages = QStackedWidget()
        self._lay_out()

        self.tabs.currentChanged.connect(self._show_page)
        self.strip.chosen.connect(self.stage_chosen)
        self.strip.opened.connect(self.frame_opened)
        self.strip.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.strip.customContextMenuRequested.connect(self._show_menu)
        self.scrubber.moved.connect(self.stage_chosen)
        self.set_reel(None, -1)

    def _lay_out(self) -> None:
        unit = theme.UNIT
        for page in (self.strip, self.compare, self.wall, self.empty):
            self._pages.addWidget(page)
        top, column = QHBoxLayout(), QVBoxLayout(self)
        top.setSpacing(unit)
        top.addWidget(self.tabs)
        top.addStretch(1)
        top.addWidget(self.told)
        top.addLayout(self._buttons)
        column.setContentsMargins(unit, unit // 4, unit, unit // 2)
        column.setSpacing(unit // 2)
        column.addLayout(top)
        column.addWidget(self._pages, 1)
        column.addWidget(self.scrubber)
        self.setMinimumSize(360, 160)

    def add_actions(self, follow: QAction, pin: QAction, exports: list[QAction]) -> None:
        """Give the window's actions their buttons."""
        for action in (follow, pin):
            button = tool(f"timeline.{action.objectName().partition('.')[2]}Button", action.toolTip())
            button.setDefaultAction(action)
            self._buttons.addWidget(button)
        self._buttons.addWidget(tool_menu("timeline.exportButton", "Export the film", "export", exports, self))
        before: QWidget = self.tabs
        for place in range(self._buttons.count()):  # they came last, but the eye meets them here
            after = self._buttons.itemAt(place).widget()
            QWidget.setTabOrder(before, after)
            before = after

    @property
    def page(self) -> Page:
        """What is shown: film, compare or samples."""
        return PAGES[max(0, self.tabs.currentIndex())]

    def set_page(self, page: Page) -> None:
        """Show another page."""
        self.tabs.setCurrentIndex(PAGES.index(page))

    def set_reel(self, reel: Reel | None, position: int) -> None:
        """Show the checkpoints of a run; ``position`` is the one on the canvas, -1 for none of them."""
        before, self._reel = self._reel, reel
        steps = tuple(stage.step for stage in reel.stages) if reel is not None else ()
        same = before is not None and reel is not None and before.run == reel.run
        if before is None or reel is None or steps != tuple(stage.step for stage in before.stages):
            self.film.set_steps(steps, same_run=same)
            self.compare.set_steps(steps, same_run=same)
            self.scrubber.set_steps(steps, position)
        self.empty.setText(EMPTY if reel is None else NO_CHECKPOINT)
        self.tabs.setEnabled(bool(steps))
        self._show_page()
        self.show_position(position)
        self._tell()

    def set_followed(self, followed: bool) -> None:
        """Whether the canvas goes on with the run."""
        self._followed = followed
        self._tell()

    def show_position(self, position: int) -> None:
        """Which checkpoint is on the canvas."""
        self.strip.show_column(position)
        self.scrubber.show_position(position)
        if self._reel is not None and position >= 0:
            self.compare.show_step(self._reel.stages[position].step)

    @Slot(QPoint)
    def _show_menu(self, position: QPoint) -> None:
        index = self.strip.indexAt(position)
        if index.isValid():
            menu = self.frame_menu(index.row(), index.column())
            menu.popup(self.strip.viewport().mapToGlobal(position))

    def frame_menu(self, row: int, column: int) -> QMenu:
        """What can be done with a frame of the film."""
        item, step = self.film.rows[row], self.film.steps[column]
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.setAccessibleName("Frame")
        menu.addAction("Open this checkpoint", partial(self.stage_chosen.emit, column))
        icons.set_icon(menu.addAction("Compare with the canvas", partial(self._compare_with, step)), "swap")
        if item.key != CURRENT:
            menu.addAction(f"Go to {_plain(item.name)} here", partial(self.frame_opened.emit, row, column))
            unpin = menu.addAction(f"Take {_plain(item.name)} off", partial(self.unpin_requested.emit, item.key))
            icons.set_icon(unpin, "pin")
        return menu

    def _compare_with(self, step: int) -> None:
        self.set_page("compare")
        self.compare.set_a(step)

    def _tell(self) -> None:
        reel = self._reel
        parts = [] if reel is None else [reel.folder.name]
        if reel is not None and reel.alive:
            parts.append("training now" if self._followed else "training now, not followed")
        self.told.setText(" · ".join(parts))
        self.told.setToolTip(str(reel.folder) if reel is not None else "")

    @Slot()
    def _show_page(self) -> None:
        pages = {"film": self.strip, "compare": self.compare, "samples": self.wall}
        has = self._reel is not None and bool(self._reel.stages)
        self._pages.setCurrentWidget(pages[self.page] if has else self.empty)
        self.page_changed.emit()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.activated.emit(True)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.activated.emit(False)


def _plain(name: str) -> str:
    """``name`` for a menu, where a lone & would become a mnemonic."""
    return name.replace("&", "&&")
