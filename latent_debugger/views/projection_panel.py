"""Picture to latent: the picture that is searched for, the best find so far, and what each start led to."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QModelIndex, Qt, Signal, Slot
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent, QImage, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from latent_debugger.state.projection import (
    MAX_RESTARTS,
    MAX_STEPS,
    MIN_RESTARTS,
    MIN_STEPS,
    ProjectionSettings,
)
from latent_debugger.views import icons, theme
from latent_debugger.views.canvas import dropped_path
from latent_debugger.views.picture_list import Item, PictureListModel, picture_view
from latent_debugger.views.picture_tile import PictureTile
from latent_debugger.views.projection_curve import ErrorCurve

NO_MODEL = "Open a checkpoint (Ctrl+O) to search with."
INVITATION = "Drop any picture here, or choose one. The search finds a latent that draws it."
READY = "Press Search to look for a latent that draws this picture."
_SIDES = (48, 64, 80, 96, 112)
_FRAMINGS = (("As in training", "run"), ("Crop", "crop"), ("Pad", "pad"), ("Stretch", "fit"))


class ProjectionPanel(QWidget):
    """Shows what it is told, and says what the user wants.

    Signals:
        choose_requested(): ask for a picture file.
        picture_dropped(Path): search for this one.
        search_requested(), cancel_requested().
        go_requested(row): go to this result; -1 is the best find so far.
        settings_changed(ProjectionSettings).
    """

    choose_requested = Signal()
    picture_dropped = Signal(object)
    search_requested = Signal()
    cancel_requested = Signal()
    go_requested = Signal(int)
    settings_changed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("projectionPanel")
        self.setAccessibleName("Projection")
        self.setAcceptDrops(True)
        self._has_model = self._has_target = self._busy = False
        self.target = PictureTile("The picture searched for", INVITATION, "import")
        self.target.setObjectName("projection.target")
        self.best = PictureTile("The best find", "The best find so far appears here.")
        self.best.setObjectName("projection.best")
        self.curve = ErrorCurve()
        self.results = PictureListModel(self)
        self.list = picture_view(self.results, _SIDES, "projection.results", "What each start led to")
        self.list.set_empty("What each start led to, the best first. A double click goes there.")
        self._build_fields()
        self._lay_out()
        self.list.opened.connect(self._open)
        self.list.doubleClicked.connect(self._open)
        self.best.opened.connect(self._go_to_best)
        escape = QShortcut(QKeySequence(Qt.Key.Key_Escape), self)
        escape.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        escape.activated.connect(self._escape)
        self._escape_key = escape
        self.set_settings(ProjectionSettings())
        self._refresh()

    # what it shows

    def set_model(self, there: bool) -> None:
        """Whether there is a model to search with."""
        self._has_model = there
        self._refresh()

    def set_settings(self, settings: ProjectionSettings) -> None:
        """Fill in the options; emits nothing."""
        fields = (self.restarts, self.steps, self.critic, self.framing)
        for field in fields:
            field.blockSignals(True)
        self.restarts.setValue(settings.restarts)
        self.steps.setValue(settings.steps)
        self.critic.setChecked(settings.critic)
        self.framing.setCurrentIndex(max(0, self.framing.findData(settings.framing)))
        for field in fields:
            field.blockSignals(False)

    def settings(self) -> ProjectionSettings:
        """The options as they stand."""
        return ProjectionSettings(
            self.restarts.value(), self.steps.value(), self.critic.isChecked(), self.framing.currentData()
        )

    def set_target(self, image: QImage | None, name: str = "") -> None:
        """The picture to search for, as the model would see it; what was found for another goes."""
        self._has_target = image is not None
        self.target.set_image(image)
        self.target.set_caption(name)
        self.clear_finds()

    def clear_finds(self) -> None:
        """Nothing has been found (yet)."""
        self.best.set_image(None)
        self.best.set_caption("")
        self.curve.clear()
        self.set_results(())
        self._say("")
        self._refresh()

    def set_busy(self, busy: bool) -> None:
        """Whether a search is under way."""
        self._busy = busy
        if busy:
            self.bar.setRange(0, 0)
            self.curve.clear()
            self._say("The search begins…")
        self._refresh()

    def advance(self, share: float, error: float) -> None:
        """How far the search is, and the error of the best find so far."""
        self.bar.setRange(0, 1000)
        self.bar.setValue(round(1000 * share))
        self.curve.add(share, error)
        self.best.set_caption(f"Error {error:.5f}")
        self._say(f"Searching: {100 * share:.0f} %")

    def set_best(self, image: QImage | None, error: float | None = None) -> None:
        """The picture of the best find so far."""
        self.best.set_image(image)
        if error is not None:
            self.best.set_caption(f"Error {error:.5f}")
        self._refresh()

    def set_results(self, errors: Sequence[float]) -> None:
        """What each start led to, the best first."""
        self.results.set_items(
            [
                Item(
                    f"{error:.5f}",
                    f"Result {row + 1}, error {error:.5f}",
                    f"Mean square error {error:.2e}: double-click to go there",
                )
                for row, error in enumerate(errors)
            ]
        )
        self._refresh()

    def tell(self, words: str, problem: bool = False) -> None:
        """How the search ended."""
        self._say(words, problem)

    # building

    def _build_fields(self) -> None:
        self.choose = QPushButton("Choose picture…")
        self.choose.setObjectName("projection.chooseButton")
        self.choose.setToolTip("Choose a picture to search for; one can also be dropped here")
        icons.set_icon(self.choose, "open")
        self.choose.clicked.connect(self.choose_requested)
        self.framing = QComboBox()
        for text, value in _FRAMINGS:
            self.framing.addItem(text, value)
        _name(self.framing, "projection.framing", "Framing", "How pictures that are not square become so")
        self.restarts = _number(MIN_RESTARTS, MAX_RESTARTS, 1)
        _name(self.restarts, "projection.restarts", "Starts", "Latents to start from; more find more, and take longer")
        self.steps = _number(MIN_STEPS, MAX_STEPS, 50)
        _name(self.steps, "projection.steps", "Steps", "Steps of the search from each start")
        self.critic = QCheckBox("Critic’s features")
        _name(
            self.critic,
            "projection.critic",
            "Critic’s features",
            "Compare in the critic’s early features, too, which see edges and not only colours,\n"
            "where the checkpoint has a critic",
        )
        self.go = QPushButton("Go there")
        _name(self.go, "projection.go", "Go to the best find", "Go to the selected result, or else to the best")
        self.go.clicked.connect(self._go)
        self.search = QPushButton("Search")
        _name(self.search, "projection.search", "Search", "Search; pressed again, it starts from other latents")
        self.search.clicked.connect(self._search_or_cancel)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        _name(self.bar, "projection.progress", "Progress of the search", "How far the search is")
        self.told = QLabel()
        self.told.setObjectName("projection.told")
        self.told.setTextFormat(Qt.TextFormat.PlainText)
        self.told.setProperty("quiet", True)
        self.told.setFont(theme.numbers_font(self.told.font()))
        self.told.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        for signal in (self.restarts.valueChanged, self.steps.valueChanged, self.critic.toggled):
            signal.connect(self._tell_settings)
        self.framing.currentIndexChanged.connect(self._tell_settings)

    def _lay_out(self) -> None:
        unit = theme.UNIT
        top = QHBoxLayout()
        top.setSpacing(unit)
        top.addWidget(self.choose)
        top.addWidget(self.framing)
        top.addStretch(1)
        for text, field in (("S&tarts", self.restarts), ("Ste&ps", self.steps)):
            label = QLabel(text)
            label.setProperty("quiet", True)
            label.setBuddy(field)
            top.addWidget(label)
            top.addWidget(field)
        top.addWidget(self.critic)
        top.addWidget(self.search)
        pictures = QHBoxLayout()
        pictures.setSpacing(unit)
        pictures.addWidget(self.target, 3)
        pictures.addWidget(self.best, 3)
        pictures.addWidget(self.curve, 4)
        pictures.addWidget(self.list, 5)
        bottom = QHBoxLayout()
        bottom.setSpacing(unit)
        bottom.addWidget(self.told, 1)
        bottom.addWidget(self.go)
        column = QVBoxLayout(self)
        column.setContentsMargins(unit, unit, unit, unit)
        column.setSpacing(unit)
        column.addLayout(top)
        column.addLayout(pictures, 1)
        column.addWidget(self.bar)
        column.addLayout(bottom)
        self.setMinimumSize(480, 220)

    # details

    def _refresh(self) -> None:
        ready, busy = self._has_model and self._has_target, self._busy
        self.search.setEnabled(ready)
        self.search.setText("Cancel" if busy else "Search again" if self.results.rowCount() else "Search")
        self.search.setAccessibleName(self.search.text())
        self.choose.setEnabled(self._has_model)
        for field in (self.restarts, self.steps, self.critic, self.framing):
            field.setEnabled(not busy)
        policy = self.bar.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.bar.setSizePolicy(policy)
        self.bar.setVisible(busy)
        found = not self.best.image.isNull()
        self.best.set_live(found)
        self.go.setEnabled(found)
        self.target.set_empty(INVITATION if self._has_model else NO_MODEL)
        self._escape_key.setEnabled(busy)
        if not self.told.text() and ready and not busy:
            self._say(READY)

    def _say(self, words: str, problem: bool = False) -> None:
        self.told.setText(words)
        self.told.setToolTip(words)
        if bool(self.told.property("problem")) != problem:
            self.told.setProperty("problem", problem)
            self.told.style().unpolish(self.told)
            self.told.style().polish(self.told)

    @Slot()
    def _search_or_cancel(self) -> None:
        (self.cancel_requested if self._busy else self.search_requested).emit()

    @Slot()
    def _escape(self) -> None:
        self.cancel_requested.emit()

    @Slot()
    def _go(self) -> None:
        rows = [index.row() for index in self.list.selectedIndexes()]
        self.go_requested.emit(rows[0] if rows else -1)

    @Slot()
    def _go_to_best(self) -> None:
        self.go_requested.emit(-1)

    @Slot(QModelIndex)
    def _open(self, index: QModelIndex) -> None:
        self.go_requested.emit(index.row())

    @Slot()
    @Slot(int)
    @Slot(bool)
    def _tell_settings(self, _: object = None) -> None:
        self.settings_changed.emit(self.settings())

    # Qt

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if self._has_model and dropped_path(event) is not None:
            event.acceptProposedAction()
            self.target.show_drop_target(True)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self.target.show_drop_target(False)

    def dropEvent(self, event: QDropEvent) -> None:
        self.target.show_drop_target(False)
        path = dropped_path(event)
        if path is not None:
            event.acceptProposedAction()
            self.picture_dropped.emit(Path(path))


def _number(low: int, high: int, step: int) -> QSpinBox:
    field = QSpinBox()
    field.setRange(low, high)
    field.setSingleStep(step)
    field.setKeyboardTracking(False)
    field.setFont(theme.numbers_font(field.font()))
    return field


def _name(widget: QWidget, name: str, title: str, tooltip: str) -> None:
    widget.setObjectName(name)
    widget.setAccessibleName(title)
    widget.setToolTip(tooltip)
