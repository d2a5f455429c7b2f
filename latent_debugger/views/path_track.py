"""Where on a path the canvas is, and how fast the pictures change there: key frames, slider and curve on one scale."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QSizePolicy, QWidget

from latent_debugger.state.path import Plan
from latent_debugger.views import icons, theme
from latent_debugger.views.path_model import KeyModel
from latent_debugger.views.path_settings import PathSettings
from latent_debugger.views.path_strip import KeyStrip
from latent_debugger.views.quiet import tool
from latent_debugger.views.timeline_scrubber import JumpSlider

if TYPE_CHECKING:
    from latent_debugger.views.charts.speed_chart import SpeedChart

_TICKS = 1000  # of the slider, a second
_FRAME = 1 / 30
_SIDE = 29 * theme.UNIT
_AXIS = 5 * theme.UNIT  # as wide as the axis of the chart, so that slider and curve begin at the same place


class PathTrack(QWidget):
    """Shows one path.

    Signals:
        moved(time): go to this moment, in seconds; a drag says many.
        drag_ended(): the hand has left the slider.
        cancelled(): nobody wants to wait for the speed.

    Attributes:
        keys, strip, settings, play, slider, time, reading, cancel: its parts.
        chart: the curve; None before there was one.
    """

    moved = Signal(float)
    drag_ended = Signal()
    cancelled = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._plan, self._seconds, self._now = Plan(), 0.0, 0.0
        self.chart: SpeedChart | None = None
        self.keys = KeyModel(self)
        self.strip = KeyStrip(self.keys)
        self.settings = PathSettings()
        self.play = tool("path.playButton", "Play the path")
        self.slider = JumpSlider(Qt.Orientation.Horizontal)
        self.time, self.reading = QLabel(), QLabel()
        self.cancel = tool("path.cancelButton", "Stop measuring")
        self._grid = QGridLayout(self)
        self._lay_out()
        self.slider.valueChanged.connect(self._slide)
        self.slider.sliderReleased.connect(self.drag_ended)
        self.strip.chosen.connect(self._show_settings)
        self.cancel.clicked.connect(self.cancelled)
        self.set_measuring(None)

    def _lay_out(self) -> None:
        unit, grid = theme.UNIT, self._grid
        for label, name in ((self.time, "path.time"), (self.reading, "path.reading")):
            label.setObjectName(name)
            label.setProperty("quiet", True)
            label.setFont(theme.numbers_font(label.font()))
        self.reading.setWordWrap(True)
        self.reading.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self.reading.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
        self.reading.setAccessibleName("How smooth the path is")
        icons.set_icon(self.cancel, "close")
        self.slider.setObjectName("path.slider")
        self.slider.setAccessibleName("Time on the path")
        self.slider.setToolTip("Go along the path: drag, or use the arrow keys; Space plays")
        self.slider.setSingleStep(round(_TICKS * _FRAME))
        self.slider.setPageStep(_TICKS)
        self.settings.setFixedWidth(_SIDE)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(0)
        grid.setVerticalSpacing(0)
        grid.addWidget(self.strip, 0, 0, 1, 2)
        grid.addWidget(self.settings, 0, 3)
        grid.addWidget(self.play, 1, 0, Qt.AlignmentFlag.AlignLeft)
        grid.addWidget(self.slider, 1, 1)
        grid.addWidget(self.time, 1, 3)
        told = QHBoxLayout()
        told.setSpacing(unit // 2)
        told.addWidget(self.reading, 1)
        told.addWidget(self.cancel, 0, Qt.AlignmentFlag.AlignTop)
        grid.addLayout(told, 2, 3)
        grid.setColumnMinimumWidth(0, _AXIS)
        grid.setColumnMinimumWidth(2, 2 * unit)
        grid.setColumnStretch(1, 1)
        grid.setRowMinimumHeight(2, 8 * unit)
        grid.setRowStretch(2, 1)

    @property
    def seconds(self) -> float:
        """How long the path is."""
        return self._seconds

    def set_plan(self, plan: Plan) -> None:
        """Show another path."""
        self._plan = plan
        route = plan.route()
        self._seconds = route.seconds if route is not None else 0.0
        rows = self.strip.rows()
        self.keys.set_plan(plan)
        if not self.strip.rows() and rows and rows[-1] < len(plan.keys):
            self.strip.select(rows)
        self.slider.blockSignals(True)
        self.slider.setRange(0, round(self._seconds * _TICKS))
        self.slider.blockSignals(False)
        self.slider.setEnabled(self._seconds > 0)
        self._show_settings()
        self.set_time(min(self._now, self._seconds))

    def set_pictures(self, pictures: Mapping[bytes, QImage]) -> None:
        """The key frames' pictures by latent."""
        self.keys.set_pictures(pictures)

    def set_time(self, time: float) -> None:
        """Where on the path the canvas is, in seconds; a hand on the slider wins."""
        self._now = time
        if not self.slider.isSliderDown():
            self.slider.blockSignals(True)
            self.slider.setValue(round(time * _TICKS))
            self.slider.blockSignals(False)
        self.time.setText(f"{time:.2f} of {self._seconds:.2f} s" if self._seconds else "")
        self.slider.setAccessibleDescription(self.time.text())
        if self.chart is not None:
            self.chart.set_time(time)

    def set_speed(
        self,
        times: npt.NDArray[np.float64],
        speeds: npt.NDArray[np.float64],
        cliffs: Sequence[int],
        keys: Sequence[float],
        reading: str,
    ) -> None:
        """Draw the speed.

        Args:
            times, speeds: (n,), in seconds and as change a second.
            cliffs: indexes of peaks.
            keys: moments of the key frames.
            reading: what it says, in words.
        """
        chart = self._made()
        chart.show()
        chart.set_speed(times, speeds, cliffs, self._seconds)
        chart.set_keys(keys)
        chart.set_time(self._now)
        self.set_measuring(None)
        self.reading.setText(reading)

    def clear_speed(self, why: str = "") -> None:
        """There is nothing to draw, and ``why``."""
        if self.chart is not None:
            self.chart.hide()
        self.set_measuring(None)
        self.reading.setText(why)

    def set_measuring(self, share: float | None) -> None:
        """How far measuring is, 0 to 1; None where nothing is measured."""
        self.cancel.setVisible(share is not None)
        if share is not None:
            self.reading.setText(f"Measuring the speed… {100 * share:.0f} %")

    def _made(self) -> SpeedChart:
        if self.chart is None:
            from latent_debugger.views.charts.speed_chart import SpeedChart  # pyqtgraph: only once it is needed

            self.chart = SpeedChart()
            self.chart.moved.connect(self.moved)
            self._grid.addWidget(self.chart, 2, 0, 1, 2)
        return self.chart

    @Slot(int)
    def _slide(self, position: int) -> None:
        self.moved.emit(min(position / _TICKS, self._seconds))

    @Slot()
    def _show_settings(self) -> None:
        self.settings.show_plan(self._plan, self.strip.rows())
