"""Start a run, or watch one: the list of runs on the left; beside it the run in view, or the form for a new one."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QDragEnterEvent, QDropEvent, QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from latent_debugger.state.runs import RunEntry, RunList
from latent_debugger.views import icons, theme
from latent_debugger.views.canvas import dropped_path
from latent_debugger.views.training_charts import Metrics
from latent_debugger.views.training_form import NewRunForm
from latent_debugger.views.training_run import RunPage
from latent_debugger.views.training_runs import RunListView

_LIST, _LIST_HEIGHT = 28 * theme.UNIT, 16 * theme.UNIT
_WIDE = 700
_NO_LIMIT = 16_777_215  # Qt's
_EMPTY = "Choose pictures, take a preset, press Start: then watch pictures emerge from noise here."


class TrainingPanel(QWidget):
    """Shows ``runs``, and one of them.

    It is built when it is first shown: closed, it costs nothing.

    Signals:
        built(): form, list and run page are there now.
        chosen(path): the user wants to see this run.
        dropped(path): a file or folder was dropped on the panel: a run, or pictures.
        shown(on): the panel came to be seen, or went out of sight.
    """

    built = Signal()
    chosen = Signal(object)
    dropped = Signal(object)
    shown = Signal(bool)

    def __init__(self, runs: RunList, actions: dict[str, QAction], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("trainingPanel")
        self.setAccessibleName("Training")
        self.setAcceptDrops(True)
        self.setMinimumSize(320, 160)
        self._runs, self._actions = runs, actions
        self._is_built = False

    @property
    def is_built(self) -> bool:
        """Whether form, list and run page exist."""
        return self._is_built

    def build(self) -> None:
        """Make what it consists of, once."""
        if self._is_built:
            return
        self._is_built = True
        self._side = self._make_side(self._actions)  # before the pages: Tab goes from left to right
        self._stack = QStackedWidget(self)
        self.form, self.run = NewRunForm(self._stack), RunPage(self._actions, self._stack)
        self._empty = self._welcome(self._actions)
        for page in (self._empty, self.form, self.run):
            self._stack.addWidget(page)
        self._lay_out()
        self.list.chosen.connect(self.chosen)
        self.built.emit()

    def _make_side(self, actions: dict[str, QAction]) -> QWidget:
        unit, made = theme.UNIT, QWidget(self)
        head = QHBoxLayout()
        head.setContentsMargins(unit, 0, unit // 2, 0)
        head.setSpacing(0)
        caption = QLabel("Runs", made)
        caption.setProperty("quiet", True)
        head.addWidget(caption, 1)
        for name, icon in (("train.start", "plus"), ("train.watch", "open")):
            button = QToolButton(made)
            button.setObjectName(f"training.head.{name}")
            button.setAccessibleName(actions[name].text().replace("&", "").removesuffix("…"))
            button.setToolTip(actions[name].toolTip())
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            icons.set_icon(button, icon)
            button.clicked.connect(actions[name].trigger)
            head.addWidget(button)
        self.list = RunListView(self._runs, made)
        side = QVBoxLayout(made)
        side.setContentsMargins(0, unit // 2, 0, 0)
        side.setSpacing(unit // 2)
        side.addLayout(head)
        side.addWidget(self.list, 1)
        return made

    def _lay_out(self) -> None:
        self._box = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.setSpacing(0)
        self._box.addWidget(self._side)
        self._box.addWidget(self._stack, 1)
        self._turn()

    def _turn(self) -> None:
        """In a narrow place the list stands above."""
        wide = self.width() >= _WIDE
        self._box.setDirection(QBoxLayout.Direction.LeftToRight if wide else QBoxLayout.Direction.TopToBottom)
        self._side.setMinimumWidth(_LIST if wide else 0)
        self._side.setMaximumSize(_LIST if wide else _NO_LIMIT, _NO_LIMIT if wide else _LIST_HEIGHT)

    def _welcome(self, actions: dict[str, QAction]) -> QWidget:
        page = QWidget()
        page.setObjectName("training.empty")
        text = QLabel(_EMPTY)
        text.setWordWrap(True)
        text.setAlignment(Qt.AlignmentFlag.AlignCenter)
        text.setProperty("quiet", True)
        column = QVBoxLayout(page)
        column.setSpacing(2 * theme.UNIT)
        column.addStretch(1)
        column.addWidget(text)
        row = QHBoxLayout()
        row.setSpacing(theme.UNIT)
        row.addStretch(1)
        for name, title in (("train.start", "New run"), ("train.watch", "Watch a run…")):
            button = QPushButton(title)
            button.setObjectName(f"training.empty.{name}")
            button.setToolTip(actions[name].toolTip())
            button.setDefault(name == "train.start")
            button.clicked.connect(actions[name].trigger)
            row.addWidget(button)
        row.addStretch(1)
        column.addLayout(row)
        column.addStretch(1)
        return page

    # setters

    def show_form(self) -> None:
        """Set up a new run."""
        self.list.select(None)
        self._stack.setCurrentWidget(self.form)
        if self.isVisible():
            self.form.begin()

    def show_empty(self) -> None:
        """Nothing is in view: say what to do."""
        self.list.select(None)
        self._stack.setCurrentWidget(self._empty)

    def show_run(self, entry: RunEntry, metrics: Metrics) -> None:
        """Show a run as it is now, and mark it in the list."""
        if self._stack.isAncestorOf(self.focusWidget() or self) and self.page != "run":
            self.list.setFocus()
        self.list.select(entry.path)
        self.run.set_run(entry, metrics)
        self._stack.setCurrentWidget(self.run)

    @property
    def page(self) -> str:
        """What is on show: empty, form or run; empty also before it is built."""
        if not self._is_built:
            return "empty"
        return {self._empty: "empty", self.form: "form", self.run: "run"}[self._stack.currentWidget()]

    # Qt

    def showEvent(self, event: QShowEvent) -> None:
        self.build()
        super().showEvent(event)
        self.shown.emit(True)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.shown.emit(False)

    def resizeEvent(self, event: QResizeEvent) -> None:
        if self._is_built:
            self._turn()
        super().resizeEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if dropped_path(event) is not None:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        path: Path | None = dropped_path(event)
        if path is not None:
            event.acceptProposedAction()
            self.dropped.emit(path)
