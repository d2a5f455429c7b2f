"""Look through the training pictures and keep the good ones."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QLabel, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from latent_debugger.state.curation import Counts, Curation
from latent_debugger.state.curation_query import ALL, ASK, CurationQuery
from latent_debugger.views import icons, theme
from latent_debugger.views.canvas import dropped_path
from latent_debugger.views.dataset_filter import CurationFilter
from latent_debugger.views.dataset_learning import LearningColumn
from latent_debugger.views.dataset_model import CurationListModel, tip
from latent_debugger.views.dataset_problems import ProblemsDialog, summary
from latent_debugger.views.dataset_start import StartPage
from latent_debugger.views.dataset_wall import PictureWall

_WIDE = 640
"""From this width on the ranking stands beside the pictures."""
_COLUMN = 30 * theme.UNIT
_EMPTY = {
    "undecided": "Nothing is undecided any more.",
    "kept": "Nothing is kept yet. Press K on a picture to keep it.",
    "rejected": "Nothing is rejected yet. Press X on a picture to reject it.",
    "ranking": "Everything was decided by hand so far.",
    "alike": "No two pictures look alike.",
    ASK: "There is nothing to ask about.",
}


class DatasetPanel(QWidget):
    """Shows ``curation`` and decides in it; opening, saving and ranking are up to others.

    Attributes:
        wall: the pictures; ``list`` and ``loupe`` are its two faces.

    Signals:
        open_requested(), open_file_requested(): look through another folder, or a file that holds pictures.
        cancel_requested(): end the scan.
        dropped(Path): look through this instead.
        train_requested(): train on what was kept.
        shown(): the panel came to be seen.
    """

    open_requested = Signal()
    open_file_requested = Signal()
    cancel_requested = Signal()
    dropped = Signal(object)
    train_requested = Signal()
    shown = Signal()

    def __init__(self, curation: Curation, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("datasetPanel")
        self.setAccessibleName("Dataset")
        self.setAcceptDrops(True)
        self._curation = curation
        self._before_asking = ALL
        self.model = CurationListModel(curation, self)
        self.wall = PictureWall(curation, self.model)
        self.list, self.loupe = self.wall.list, self.wall.loupe
        self.filter = CurationFilter(curation)
        self.learning = LearningColumn(curation)
        self.start = StartPage()
        self.counts = _label("dataset.counts", "Decisions")
        self.name = _label("dataset.name", "Pictures from")
        self.open = _button("dataset.open_other", "open", "", "Open other pictures (Ctrl+Alt+O)", "Open pictures")
        self.problems = _button("dataset.problemsButton", "warning", "", "", "Files left out")
        self.train = _button("dataset.trainButton", "play", "Train on these…", "", "Train on these")
        self._pages = QStackedWidget()
        self._head = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._body = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._lay_out()
        self._connect()
        self._show_pile()

    def _lay_out(self) -> None:
        unit = theme.UNIT
        told, buttons = QHBoxLayout(), QHBoxLayout()
        for layout in (told, buttons, self._head):
            layout.setSpacing(unit)
        told.addWidget(self.open)
        told.addWidget(self.name)
        told.addWidget(self.counts)
        told.addStretch(1)
        buttons.addStretch(1)
        buttons.addWidget(self.problems)
        buttons.addWidget(self.train)
        self._head.addLayout(told, 1)
        self._head.addLayout(buttons)
        self._body.setSpacing(2 * unit)
        self._body.addWidget(self.wall, 1)
        self._body.addWidget(self.learning)
        curating = QWidget()
        column = QVBoxLayout(curating)
        column.setContentsMargins(unit, unit // 2, unit, unit // 2)
        column.setSpacing(unit // 2)
        column.addLayout(self._head)
        column.addWidget(self.filter)
        column.addLayout(self._body, 1)
        self._pages.addWidget(self.start)
        self._pages.addWidget(curating)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._pages)
        self.setMinimumSize(320, 160)

    def _connect(self) -> None:
        self.start.open_requested.connect(self.open_requested)
        self.start.open_file_requested.connect(self.open_file_requested)
        self.start.cancel_requested.connect(self.cancel_requested)
        self.open.clicked.connect(self._ask_open)
        self.problems.clicked.connect(self.show_problems)
        self.train.clicked.connect(self._ask_train)
        self.filter.changed.connect(self._show_query)
        self.filter.sort_again.connect(self._sort_again)
        self.filter.side_changed.connect(self.list.set_side)
        self.learning.ask_toggled.connect(self.ask_me)
        self.learning.deciding.connect(self._leave_questions)
        self.learning.deciding.connect(self.list.setFocus)  # or the focus goes where Ctrl+Z means something else
        self._curation.opened.connect(self._show_pile)
        self._curation.asks_changed.connect(self._show_asks)
        self._curation.decided.connect(self._count)

    # setters

    def set_scanning(self, name: str) -> None:
        """The pictures of ``name`` are being looked at; empty for none any more."""
        if name:
            self.start.set_busy(name)
        else:
            self.start.set_idle()
        self._pages.setCurrentIndex(0 if name or self._curation.pile is None else 1)

    @Slot(int, int)
    def set_progress(self, done: int, total: int) -> None:
        """How far that is."""
        self.start.set_progress(done, total)

    # what the user does

    @Slot(bool)
    def ask_me(self, on: bool) -> None:
        """Show what the ranking wants to know, or what was on show before."""
        if on and self.filter.query().show != ASK:
            self._before_asking = self.filter.query().show
            self.filter.show_only(ASK)
            self.wall.go_to(0)
            self.list.setFocus()
        elif not on and self.filter.query().show == ASK:
            self.filter.show_only(self._before_asking)

    @Slot()
    def _leave_questions(self) -> None:
        """Where they stand, nothing would be seen of many decisions in one go, and at the end nothing at all."""
        self.ask_me(False)

    @Slot()
    def _show_asks(self) -> None:
        if self.filter.query().show == ASK:
            self.wall.go_to(0)

    @Slot()
    def show_problems(self) -> None:
        """List the files that were left out."""
        if self._curation.pile is not None:
            ProblemsDialog.present_one(self, self._curation.pile)

    @Slot()
    def _ask_open(self) -> None:
        self.open_requested.emit()

    @Slot()
    def _ask_train(self) -> None:
        self.train_requested.emit()

    # what the state does

    @Slot()
    def _show_pile(self) -> None:
        pile = self._curation.pile
        self._pages.setCurrentIndex(1 if pile is not None else 0)
        self.wall.show_all()
        self.learning.ask.setChecked(False)
        if pile is not None:
            self.name.setText(pile.name)
            self.show_manifest(pile.manifest)
            n = len(pile.problems)
            self.problems.setVisible(n > 0)
            self.problems.setText(f"{n:,} left out")
            self.problems.setToolTip(summary(pile))
        self._count()
        self._say_empty()
        self.wall.go_to(0)

    def show_manifest(self, manifest: Path) -> None:
        """Where the decisions are kept now."""
        if self._curation.pile is not None:
            self.name.setToolTip(tip(f"{self._curation.pile.source}\nDecisions are kept in {manifest}"))

    @Slot()
    @Slot(object)
    def _count(self, _: object = None) -> None:
        counts = self._curation.counts()
        self.counts.setText(counted(counts))
        chosen = counts.kept or counts.undecided
        self.train.setEnabled(chosen > 0)
        what = "kept" if counts.kept else "not rejected"
        self.train.setToolTip(f"Set up a training run on the {chosen:,} pictures that are {what}")

    @Slot(object)
    def _show_query(self, query: CurationQuery) -> None:
        self.model.set_query(query)
        self._say_empty()
        self.learning.ask.setChecked(query.show == ASK)
        self.wall.begin_at_top()

    @Slot()
    def _sort_again(self) -> None:
        self.model.refresh()
        self.wall.begin_at_top()

    def _say_empty(self) -> None:
        query = self.filter.query()
        self.list.set_empty("No picture has such a score." if query.score else _EMPTY.get(query.show, ""))

    # Qt

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.shown.emit()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if dropped_path(event) is not None:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        path = dropped_path(event)
        if path is not None:
            event.acceptProposedAction()
            self.dropped.emit(path)

    def resizeEvent(self, event: QResizeEvent) -> None:
        wide = self.width() >= _WIDE
        for layout in (self._head, self._body):
            layout.setDirection(QBoxLayout.Direction.LeftToRight if wide else QBoxLayout.Direction.TopToBottom)
        self.learning.setFixedWidth(_COLUMN) if wide else self.learning.setMaximumWidth(16_777_215)
        super().resizeEvent(event)


def counted(counts: Counts) -> str:
    """``3,120 kept · 480 rejected · 11,400 undecided``."""
    return f"{counts.kept:,} kept · {counts.rejected:,} rejected · {counts.undecided:,} undecided"


def _label(name: str, accessible: str) -> QLabel:
    label = QLabel()
    label.setObjectName(name)
    label.setAccessibleName(accessible)
    label.setFont(theme.numbers_font(label.font()))
    label.setTextFormat(Qt.TextFormat.PlainText)
    if name.endswith("counts"):
        label.setProperty("quiet", True)
    else:
        label.setMinimumWidth(3 * theme.UNIT)  # it may be cut where the panel is narrow
    return label


def _button(name: str, icon: str, text: str, tooltip: str, accessible: str) -> QPushButton:
    made = QPushButton(text)
    icons.set_icon(made, icon)
    made.setObjectName(name)
    made.setAccessibleName(accessible)
    made.setToolTip(tooltip)
    return made
