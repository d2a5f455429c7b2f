"""One run: how it goes, what can be done with it, its charts and its newest pictures."""

from __future__ import annotations

from math import isfinite

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QMenu,
    QProgressBar,
    QSplitter,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from latent_debugger.state.run_progress import duration, seconds_left
from latent_debugger.state.runs import RunEntry
from latent_debugger.views import icons, motion, theme
from latent_debugger.views.elided import QuietLabel
from latent_debugger.views.training_charts import Metrics, TrainingCharts, figure
from latent_debugger.views.training_preview import TrainingPreview

_PROGRESS = 1000
_WIDE, _PREVIEW = 640, 320


class RunPage(QWidget):
    """Shows a :class:`RunEntry` and its log.

    Signals:
        open_requested(path): put its newest checkpoint on the canvas.
        folder_requested(path): show its files.
        compare_requested(path): see :class:`TrainingCharts`.

    Args:
        actions: the window's actions by id; those of the run in view have their buttons here.
    """

    open_requested = Signal(object)
    folder_requested = Signal(object)
    compare_requested = Signal(object)

    def __init__(self, actions: dict[str, QAction], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("training.run")
        self.setAccessibleName("Run")
        self._entry: RunEntry | None = None
        self._actions = actions
        self._name, self._message = QLabel(), QLabel()
        self._state, self._about = QuietLabel("training.run.state"), QuietLabel("training.run.about")
        self._bar = QProgressBar()
        self._buttons: list[QToolButton] = []
        self.charts, self.preview = TrainingCharts(), TrainingPreview()
        self.charts.compare_requested.connect(self.compare_requested)
        self._lay_out()

    def _lay_out(self) -> None:
        unit = theme.UNIT
        self._name.setObjectName("training.run.name")
        self._name.setFont(theme.caption_font())
        self._name.setTextFormat(Qt.TextFormat.PlainText)
        self._state.setFont(theme.numbers_font(self._state.font()))
        keeps = self._about.sizePolicy()
        keeps.setRetainSizeWhenHidden(True)  # it comes once the run has begun: the charts below would jump
        self._about.setSizePolicy(keeps)
        self._message.setObjectName("training.run.message")
        self._message.setTextFormat(Qt.TextFormat.PlainText)
        self._message.setWordWrap(True)
        self._message.hide()
        self._bar.setObjectName("training.run.progress")
        self._bar.setAccessibleName("Progress")
        self._bar.setRange(0, _PROGRESS)
        self._bar.setTextVisible(False)
        head = QHBoxLayout()
        head.setSpacing(unit)
        head.addWidget(self._name)
        head.addWidget(self._state, 1)
        for name in ("train.pause", "train.stop", "train.extend"):
            self._buttons.append(self._button(self._actions[name]))
            head.addWidget(self._buttons[-1])
        head.addWidget(self._more())
        self._split = QSplitter()
        self._split.setChildrenCollapsible(False)
        self._split.addWidget(self.charts)
        self._split.addWidget(self.preview)
        self._split.setStretchFactor(0, 1)
        self._split.setObjectName("training.split")
        self._split.setHandleWidth(2 * unit + 1)  # a hair line and the theme's margins beside it
        column = QVBoxLayout(self)
        column.setContentsMargins(unit, unit // 2, unit, unit)
        column.setSpacing(unit // 2)
        column.addLayout(head)
        column.addWidget(self._bar)
        column.addWidget(self._about)
        column.addWidget(self._message)
        column.addWidget(self._split, 1)

    def _button(self, action: QAction) -> QToolButton:
        button = QToolButton()
        button.setDefaultAction(action)
        button.setObjectName(f"training.{action.objectName()}")
        button.setAccessibleName(action.text().replace("&", "").removesuffix("…"))
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        return button

    def _more(self) -> QToolButton:
        menu = QMenu(self)
        for text, slot in (("Show newest checkpoint", self._ask_open), ("Open the folder", self._ask_folder)):
            action = QAction(text, menu)
            action.triggered.connect(slot)
            menu.addAction(action)
        menu.addAction(self._actions["train.forget"])
        button = QToolButton()
        button.setObjectName("training.run.more")
        button.setAccessibleName("More for this run")
        button.setToolTip("More for this run")
        icons.set_icon(button, "more")
        button.setMenu(menu)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        return button

    # setters

    def set_run(self, entry: RunEntry, metrics: Metrics) -> None:
        """Show a run as it is now."""
        self._entry = entry
        self._name.setText(entry.name)
        self._name.setToolTip(str(entry.path))
        self._state.say(run_text(entry, metrics))
        busy = entry.state == "starting" and not motion.is_reduced(self)
        self._bar.setRange(0, 0 if busy else _PROGRESS)  # without an end it moves to and fro
        self._bar.setValue(round(_PROGRESS * min(1.0, entry.step / entry.steps)) if entry.steps and not busy else 0)
        self._about.say(entry.about)
        self._about.setVisible(bool(entry.about))
        message = entry.message or entry.note
        self._message.setText(message)
        self._message.setVisible(bool(message) and entry.state != "done")
        self._colour()
        self.charts.set_metrics(metrics)

    def resizeEvent(self, event: QResizeEvent) -> None:
        wide = self.width() >= _WIDE
        style = Qt.ToolButtonStyle.ToolButtonTextBesideIcon if wide else Qt.ToolButtonStyle.ToolButtonIconOnly
        for button in self._buttons:
            button.setToolButtonStyle(style)
        orientation = Qt.Orientation.Horizontal if wide else Qt.Orientation.Vertical
        if self._split.orientation() != orientation:
            self._split.setOrientation(orientation)
            self._split.setHandleWidth(2 * theme.UNIT + 1 if wide else 1)  # upright, Qt adds the theme's margins itself
            self._split.setSizes([self.width() - _PREVIEW, _PREVIEW] if wide else [3000, 2000])
        super().resizeEvent(event)

    @property
    def entry(self) -> RunEntry | None:
        """What is on show."""
        return self._entry

    def _colour(self) -> None:
        entry = self._entry
        if entry is not None:
            bad = entry.state == "failed" or not entry.run
            for name, on in (
                ("problem", bad),
                ("warning", not bad and bool(entry.message)),
                ("quiet", not entry.message),
            ):
                self._message.setProperty(name, on)
            self._message.style().unpolish(self._message)  # the stylesheet looks at properties only when it polishes
            self._message.style().polish(self._message)

    @Slot()
    def _ask_open(self) -> None:
        if self._entry is not None:
            self.open_requested.emit(self._entry.path)

    @Slot()
    def _ask_folder(self) -> None:
        if self._entry is not None:
            self.folder_requested.emit(self._entry.path)


def run_text(entry: RunEntry, metrics: Metrics) -> str:
    """``running · 1,200 of 20,000 · 83 images/s · 0:42 left``"""
    if entry.state == "starting":
        return "starting: the pictures are read and the networks built"
    parts = [entry.told()]
    if entry.alive and entry.state == "running":
        rate = metrics.get("images_per_second", ())
        if len(rate) and isfinite(rate[-1]):
            parts.append(f"{figure(float(rate[-1]))} images/s")
        left = seconds_left(metrics, entry.step, entry.steps)
        if left is not None:
            parts.append(f"{duration(left)} left")
    return " · ".join(parts)
