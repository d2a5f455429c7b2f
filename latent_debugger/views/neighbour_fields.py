"""The fields, buttons and labels of the neighbour panel, each with its name and its explanation."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QComboBox, QDoubleSpinBox, QLabel, QSlider, QSpinBox, QToolButton, QWidget

from latent_debugger.state.neighbour_state import MAX_COUNT, MAX_SIGMA, MIN_COUNT
from latent_debugger.views import icons, theme

UNITS = 100
"""Positions of the slider per 1.0 of sigma."""
SOURCES = (("Current picture", "current"), ("Selected stars", "selected"), ("All stars", "all"))
MODES = (("Additive", "additive"), ("Norm kept", "norm"), ("Variance kept", "variance"))
MODE_HELP = (
    "Additive: z + σ e, which moves away from the origin.\n"
    "Norm kept: the same, then brought back to the distance from the origin it had.\n"
    "Variance kept: √(1 − σ²) z + σ e, as likely as any random draw; σ is at most 1.\n"
    "Locked dimensions keep their value in every mode."
)


def sigma_field() -> QDoubleSpinBox:
    """Sigma as a number."""
    field = QDoubleSpinBox()
    field.setObjectName("neighbours.sigma")
    field.setAccessibleName("Sigma")
    field.setToolTip("Standard deviation of the noise: 0 stays in place, 2 goes far away")
    field.setRange(0.0, MAX_SIGMA)
    field.setDecimals(2)
    field.setSingleStep(0.05)
    field.setKeyboardTracking(False)
    field.setFont(theme.numbers_font(field.font()))
    return field


class SigmaSlider(QSlider):
    """A double click goes back to where sigma starts, as it does on the sliders of the latent."""

    reset_requested = Signal()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.reset_requested.emit()


def sigma_slider() -> SigmaSlider:
    """Sigma as a slider, :data:`UNITS` to 1.0."""
    slider = SigmaSlider(Qt.Orientation.Horizontal)
    slider.setObjectName("neighbours.sigmaSlider")
    slider.setAccessibleName("Sigma slider")
    slider.setToolTip(
        "Standard deviation of the noise: 0 stays in place, 2 goes far away. A double click goes back to the default."
    )
    slider.setRange(0, round(MAX_SIGMA * UNITS))
    slider.setSingleStep(1)
    slider.setPageStep(10)
    slider.setMinimumWidth(64)
    return slider


def count_field() -> QSpinBox:
    """How many neighbours."""
    field = QSpinBox()
    field.setObjectName("neighbours.count")
    field.setAccessibleName("Number of neighbours")
    field.setToolTip("How many neighbours to draw")
    field.setRange(MIN_COUNT, MAX_COUNT)
    field.setKeyboardTracking(False)
    field.setFont(theme.numbers_font(field.font()))
    return field


def combo(name: str, title: str, choices: tuple[tuple[str, str], ...], tooltip: str) -> QComboBox:
    """A choice of (text, value)."""
    box = QComboBox()
    box.setObjectName(name)
    box.setAccessibleName(title)
    box.setToolTip(tooltip)
    for text, value in choices:
        box.addItem(text, value)
    return box


def change_label() -> QLabel:
    """What the neighbours are like on average."""
    label = QLabel()
    label.setObjectName("neighbours.change")
    label.setAccessibleName("How far the neighbours lie away")
    label.setProperty("quiet", True)
    label.setFont(theme.numbers_font(label.font()))
    label.setToolTip(
        "On average: the angle to what the neighbours were drawn around, their distance from the origin before and\n"
        "after, and how much further out they lie in standard deviations of |z|.\n"
        "Beyond about ±2 the generator has hardly ever been; its pictures get worse there."
    )
    return label


def generation_label() -> QLabel:
    """Which generation is on show."""
    label = QLabel()
    label.setObjectName("neighbours.generation")
    label.setAccessibleName("Generation of neighbours")
    label.setToolTip("Generations of neighbours: Alt+Left and Alt+Right go through them")
    label.setProperty("quiet", True)
    label.setFont(theme.numbers_font(label.font()))
    return label


def button(name: str, icon: str, title: str, tooltip: str) -> QToolButton:
    """An icon."""
    made = QToolButton()
    icons.set_icon(made, icon)
    made.setObjectName(name)
    made.setAccessibleName(title)
    made.setToolTip(tooltip)
    return made


def caption(text: str, buddy: QWidget) -> QLabel:
    """A word before ``buddy``."""
    label = QLabel(text)
    label.setProperty("quiet", True)
    label.setBuddy(buddy)
    return label
