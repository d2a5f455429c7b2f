"""Which checkpoint is on the canvas, as a place on a line."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSlider, QStyle, QStyleOptionSlider, QToolButton, QWidget

from latent_debugger.views import icons, theme


class Scrubber(QWidget):
    """A slider over the checkpoints of a run, one position each.

    Signals:
        moved(position): the user went there.
    """

    moved = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._steps: tuple[int, ...] = ()
        self.slider = JumpSlider(Qt.Orientation.Horizontal)
        self.slider.setObjectName("timeline.scrubber")
        self.slider.setAccessibleName("Checkpoint")
        self.slider.setToolTip("Go through the checkpoints: drag, or use the arrow keys")
        self.earlier = _button("timeline.earlierButton", "back", "Earlier checkpoint", "The checkpoint before (,)")
        self.later = _button("timeline.laterButton", "forward", "Later checkpoint", "The checkpoint after (.)")
        self.label = QLabel()
        self.label.setObjectName("timeline.step")
        self.label.setProperty("quiet", True)
        self.label.setFont(theme.numbers_font(self.label.font()))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.UNIT)
        row.addWidget(self.earlier)
        row.addWidget(self.slider, 1)
        row.addWidget(self.later)
        row.addWidget(self.label)
        self.slider.valueChanged.connect(self._move)
        self.earlier.clicked.connect(self._back)
        self.later.clicked.connect(self._forward)
        self.set_steps((), -1)

    def set_steps(self, steps: Sequence[int], position: int) -> None:
        """The steps of the checkpoints, and which of them is on the canvas; -1 for none."""
        self._steps = tuple(steps)
        self.slider.blockSignals(True)
        self.slider.setRange(0, max(0, len(self._steps) - 1))
        self.slider.setPageStep(max(1, len(self._steps) // 10))
        self.slider.blockSignals(False)
        self.setEnabled(bool(self._steps))
        self.show_position(position)

    def show_position(self, position: int) -> None:
        """Which checkpoint is on the canvas; a hand on the slider wins."""
        if position >= 0 and not self.slider.isSliderDown():
            self.slider.blockSignals(True)
            self.slider.setValue(position)
            self.slider.blockSignals(False)
        self._describe(self.slider.value() if self.slider.isSliderDown() else position)

    def _describe(self, position: int) -> None:
        count = len(self._steps)
        known = 0 <= position < count
        of = f"{position + 1} of {count}" if known else f"{count} checkpoints" if count else ""
        self.label.setText(f"step {self._steps[position]:,} · {of}" if known else of)
        self.slider.setAccessibleDescription(self.label.text())
        self.earlier.setEnabled(position > 0)
        self.later.setEnabled(position < count - 1)

    @Slot(int)
    def _move(self, position: int) -> None:
        self._describe(position)
        self.moved.emit(position)

    @Slot()
    def _back(self) -> None:
        self.slider.setValue(self.slider.value() - 1)

    @Slot()
    def _forward(self) -> None:
        self.slider.setValue(self.slider.value() + 1)


class JumpSlider(QSlider):
    """A click on the groove goes there; Qt's own sliders take a step towards it."""

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            event.ignore()
            return
        option = QStyleOptionSlider()
        self.initStyleOption(option)
        control = QStyle.ComplexControl.CC_Slider
        handle = self.style().subControlRect(control, option, QStyle.SubControl.SC_SliderHandle, self)
        if not handle.contains(event.position().toPoint()):
            groove = self.style().subControlRect(control, option, QStyle.SubControl.SC_SliderGroove, self)
            room = max(1, groove.width() - handle.width())
            x = round(event.position().x()) - groove.x() - handle.width() // 2
            self.setValue(QStyle.sliderValueFromPosition(self.minimum(), self.maximum(), x, room))
        super().mousePressEvent(event)


def _button(name: str, icon: str, title: str, tooltip: str) -> QToolButton:
    button = QToolButton()
    icons.set_icon(button, icon)
    button.setObjectName(name)
    button.setAccessibleName(title)
    button.setToolTip(tooltip)
    return button
