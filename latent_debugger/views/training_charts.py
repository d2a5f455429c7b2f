"""The charts of a run: which one, how smooth, beside which other run; and the newest values, or those at the cursor."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QSlider,
    QTabBar,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from latent_debugger.views import theme
from latent_debugger.views.charts.specs import CHARTS, find_chart

if TYPE_CHECKING:
    from latent_debugger.views.charts.chart import Chart, Line

Metrics = Mapping[str, NDArray[np.float64]]
"""Columns of a run's log, each (n,), sorted by the column ``step``."""

_NOTHING = "The first values come with the first updates."
_WIDE = 640
_ALONE = "Compare with…"
_NAME = 20 * theme.UNIT
"""Pixels of another run's name."""
_GAP = "&nbsp;&nbsp; "  # the last one is where a line may end

_Label = tuple[str, str, bool]
"""A line's name, its theme token, and whether it is another run's."""


class TrainingCharts(QWidget):
    """Shows the log of one run, and that of another behind it.

    Signals:
        compare_requested(path): a Path whose log is wanted for comparison; None for none.
    """

    compare_requested = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("training.charts")
        self._metrics: Metrics = {}
        self._other: Metrics = {}
        self._other_name = ""
        self._spec = CHARTS[0]
        self._at: float | None = None
        self._tools_below = False
        self._chart: Chart | None = None
        self._tabs = QTabBar()
        self._legend, self._empty, self._caption = QLabel(), QLabel(_NOTHING), QLabel()
        self.compare = QComboBox()
        self.smoothing = QSlider(Qt.Orientation.Horizontal)
        self._whole = QToolButton()
        self._tools, self._head = QWidget(), QGridLayout()
        self._column = QVBoxLayout(self)
        self._lay_out()
        self._tabs.currentChanged.connect(self._choose)
        self.compare.activated.connect(self._compare)
        self.smoothing.valueChanged.connect(self._smooth)
        theme.themed.changed.connect(self._tell)

    def _lay_out(self) -> None:
        unit = theme.UNIT
        self._tabs.setObjectName("training.chart")
        self._tabs.setAccessibleName("Chart")
        self._tabs.setExpanding(False)
        self._tabs.setDrawBase(False)
        self._tabs.setUsesScrollButtons(True)
        for spec in CHARTS:
            self._tabs.setTabToolTip(self._tabs.addTab(spec.title), spec.about)
        self._whole.setText("Show all")
        self._whole.setObjectName("training.chart.all")
        self._whole.setAccessibleName("Show all steps")
        self._whole.setToolTip("Leave the zoom (a double click on the chart does the same)")
        self._whole.hide()
        self.compare.setObjectName("training.compare")
        self.compare.setAccessibleName("Compare with another run")
        self.compare.setToolTip("Draw the same values of another run behind these, dashed")
        self.compare.addItem(_ALONE, None)
        self.compare.setMinimumContentsLength(10)
        self.compare.setEnabled(False)  # until there is another
        self.compare.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self._caption.setText("Smoothing")
        self._caption.setProperty("quiet", True)
        self._caption.setBuddy(self.smoothing)
        self.smoothing.setObjectName("training.smoothing")
        self.smoothing.setAccessibleName("Smoothing")
        self.smoothing.setToolTip("From every value as it is to means over a tenth of the run; a band shows the spread")
        self.smoothing.setRange(0, 100)
        self.smoothing.setValue(30)
        self.smoothing.setFixedWidth(12 * unit)
        tools = QHBoxLayout(self._tools)
        tools.setContentsMargins(0, 0, 0, 0)
        tools.setSpacing(unit // 2)
        for widget in (self._whole, self.compare, self._caption, self.smoothing):
            tools.addWidget(widget)
        self._legend.setObjectName("training.legend")
        self._legend.setAccessibleName("Values")
        self._legend.setFont(theme.numbers_font(self._legend.font()))
        self._legend.setTextFormat(Qt.TextFormat.RichText)
        self._legend.setWordWrap(True)
        self._legend.setMinimumWidth(1)
        self._empty.setObjectName("training.charts.empty")
        self._empty.setProperty("quiet", True)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(unit // 2)
        self._head.setSpacing(unit // 2)
        self._head.setColumnStretch(0, 1)
        self._place_tools()
        self._column.addLayout(self._head)
        self._column.addWidget(self._empty, 1)

    # setters

    def set_metrics(self, metrics: Metrics) -> None:
        """The log of the run on show; columns that are missing are not drawn."""
        self._metrics = metrics
        for number, spec in enumerate(CHARTS):
            has = any(_measured(metrics, series.column) for series in spec.series)
            self._tabs.setTabEnabled(number, has or number == 0)
        self._show()

    def set_other(self, name: str, metrics: Metrics) -> None:
        """The log of the run to compare with; an empty one for none."""
        self._other_name, self._other = name, metrics
        self._legend.setMinimumHeight(0)
        self._show()

    def set_others(self, runs: list[tuple[str, Path]]) -> None:
        """The runs that can be compared with, by name."""
        chosen = self.compare.currentData()
        if [self.compare.itemData(i) for i in range(1, self.compare.count())] == [path for _, path in runs]:
            return
        while self.compare.count() > 1:
            self.compare.removeItem(1)
        for name, path in runs:
            self.compare.addItem(name, path)
        self.compare.setEnabled(bool(runs))
        paths = [path for _, path in runs]
        self.compare.setCurrentIndex(1 + paths.index(chosen) if chosen in paths else 0)
        if chosen is not None and chosen not in paths:
            self.compare_requested.emit(None)

    def show_chart(self, key: str) -> None:
        """Show another chart."""
        self._spec = find_chart(key)
        self._tabs.setCurrentIndex(CHARTS.index(self._spec))
        self._legend.setMinimumHeight(0)
        self._show()

    def text(self) -> str:
        """What the legend says, as plain text."""
        return self._legend.accessibleDescription()

    def resizeEvent(self, event: QResizeEvent) -> None:
        for widget in (self._caption, self.smoothing):
            widget.setVisible(self.width() >= _WIDE)
        self._place_tools()
        self._legend.setMinimumHeight(0)
        super().resizeEvent(event)

    def _place_tools(self) -> None:
        """Beside the charts' names, or below them where no name would be whole there."""
        room = self.width() - self._tools.sizeHint().width() - self._head.spacing()
        below = room < self._tabs.sizeHint().width()
        if self._head.indexOf(self._tools) >= 0 and below is self._tools_below:
            return
        self._tools_below = below
        for widget in (self._tabs, self._legend, self._tools):
            self._head.removeWidget(widget)
        self._head.addWidget(self._tabs, 0, 0, 1, 2 if below else 1)
        self._head.addWidget(self._legend, 1, 0, 1, 1 if below else 2)
        self._head.addWidget(self._tools, int(below), 1)

    # what the user does

    @Slot(int)
    def _choose(self, number: int) -> None:
        if CHARTS[number] is not self._spec:
            self.show_chart(CHARTS[number].key)

    @Slot()
    def _compare(self) -> None:
        self.compare_requested.emit(self.compare.currentData())

    @Slot(int)
    def _smooth(self, position: int) -> None:
        if self._chart is not None:
            self._chart.set_smoothing(position / 100)
            self._tell()

    @Slot(object)
    def _read(self, x: float | None) -> None:
        self._at = x
        self._tell()

    # drawing

    def _show(self) -> None:
        steps = self._metrics.get("step", np.empty(0))
        if not len(steps):
            self._empty.setVisible(True)
            if self._chart is not None:
                self._chart.hide()
            self._legend.clear()
            self._legend.setMinimumHeight(0)
            return
        chart = self._made()
        self._empty.hide()
        chart.show()
        chart.set_axis(self._spec.axis)
        chart.set_lines(self._lines(), fill=self._has_gap())
        self._tell()

    def _gap_told(self) -> str:
        """How far the first two lines are apart where both were measured, nearest to the cursor or last; or nothing.

        Held-out pictures are looked at rarely: its newest value and the newest other one are many steps apart.
        """
        if self._chart is None or not self._has_gap():
            return ""
        both = np.all([np.isfinite(self._metrics[series.column]) for series in self._spec.series[:2]], axis=0)
        steps = self._metrics["step"][both]
        if not len(steps):
            return ""
        at = float(steps[-1] if self._at is None else steps[np.abs(steps - self._at).argmin()])
        first, second = self._chart.values_at(at)[:2]
        if first is None or second is None:
            return ""
        return f"gap {figure(first - second)}" + (f" at step {at:,.0f}" if at != self._metrics["step"][-1] else "")

    def _has_gap(self) -> bool:
        return self._spec.gap and all(_measured(self._metrics, series.column) for series in self._spec.series)

    def _made(self) -> Chart:
        if self._chart is None:
            from latent_debugger.views.charts.chart import Chart  # pyqtgraph: only once something is to be drawn

            self._chart = Chart()
            self._chart.setAccessibleName("Chart")
            self._chart.set_smoothing(self.smoothing.value() / 100)
            self._chart.reading.connect(self._read)
            self._chart.zoomed.connect(self._whole.setVisible)
            self._whole.clicked.connect(self._chart.show_all)
            self._column.addWidget(self._chart, 1)
        return self._chart

    def _lines(self) -> list[Line]:
        from latent_debugger.views.charts.chart import Line

        found: list[Line] = []
        for metrics, name in ((self._metrics, ""), (self._other, self._other_name)):
            for series in self._spec.series:
                if _measured(metrics, series.column):
                    y = metrics[series.column]
                    found.append(Line(series.label, series.token, metrics["step"], y, dashed=bool(name)))
        self._labels = [(line.label, line.token, line.dashed) for line in found]
        return found

    @Slot()
    def _tell(self) -> None:
        """The legend: every line's name in its colour, with its newest value or that at the cursor.

        The run to compare with has a line of text of its own.
        """
        if self._chart is None or not len(self._metrics.get("step", ())):
            return
        muted = theme.current().muted
        values = self._chart.values_at(self._at)
        own, other = (
            [pair for pair in zip(self._labels, values, strict=False) if pair[0][2] is on] for on in (False, True)
        )
        at = self._metrics["step"][-1] if self._at is None else max(0.0, self._at)
        parts, plain = [_tinted(f"step {at:,.0f}", muted), *map(_entry, own)], [*map(_plain, own)]
        gap = self._gap_told()
        if gap:
            parts.append(_tinted(gap, muted))
            plain.append(gap)
        lines = [_GAP.join(parts)]
        if other:
            name = self._legend.fontMetrics().elidedText(self._other_name, Qt.TextElideMode.ElideMiddle, _NAME)
            lines.append(_GAP.join([_tinted(name, muted), *map(_entry, other)]))
            plain += [f"{self._other_name}: {_plain(pair)}" for pair in other]
        self._legend.setText("<br>".join(lines))
        self._legend.setAccessibleDescription(f"step {at:,.0f}: {', '.join(plain)}")
        height = self._legend.heightForWidth(self._legend.width())
        if height > self._legend.minimumHeight():  # and not less again with the next value: the chart would jump
            self._legend.setMinimumHeight(height)


def _tinted(text: str, colour: str) -> str:
    """Rich text that is not broken into lines."""
    return f'<span style="color:{colour}">{escape(text).replace(" ", "&nbsp;")}</span>'


def _plain(pair: tuple[_Label, float | None]) -> str:
    (label, _, _), value = pair
    return f"{label} {'–' if value is None else figure(value)}"


def _entry(pair: tuple[_Label, float | None]) -> str:
    """A line's mark, name and value, as rich text that is not broken into lines."""
    (label, token, dashed), value = pair
    mark = _tinted("○" if dashed else "●", getattr(theme.current(), token))
    told = "–" if value is None else figure(value)
    name = escape(label).replace(" ", "&nbsp;").replace("-", "&#8209;")
    return f"{mark}&nbsp;{name}&nbsp;<b>{told}</b>"


def figure(value: float) -> str:
    """Three significant digits; thousands apart, as long as that can be read."""
    if 1000 <= abs(value) < 1e9:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def _measured(metrics: Metrics, column: str) -> bool:
    """Whether there is a number in it; nearly always the last lines tell."""
    values = metrics.get(column, np.empty(0))
    return bool(np.isfinite(values[-1000:]).any() or np.isfinite(values).any())
