"""The fields and buttons around the list of the latent's dimensions."""

from __future__ import annotations

from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QDoubleSpinBox, QLabel, QLineEdit, QPushButton, QWidget

from latent_debugger.views import icons, latent_find, theme

DEFAULT_RANGE = 3.0


def find_field() -> QLineEdit:
    """Takes what :mod:`latent_find` understands."""
    field = QLineEdit()
    field.setObjectName("latent.find")
    field.setAccessibleName("Find a dimension")
    field.setPlaceholderText("Find a dimension")
    field.setClearButtonEnabled(True)
    field.setToolTip(f"{latent_find.HELP} (Ctrl+F)")
    return field


def range_field() -> QDoubleSpinBox:
    """How far the sliders go."""
    field = QDoubleSpinBox()
    field.setObjectName("latent.range")
    field.setAccessibleName("Range of the sliders")
    field.setRange(0.5, 20.0)
    field.setSingleStep(0.5)
    field.setDecimals(1)
    field.setPrefix("±\N{THIN SPACE}")
    field.setValue(DEFAULT_RANGE)
    field.setKeyboardTracking(False)
    field.setFont(theme.numbers_font(field.font()))
    field.setToolTip("How far the sliders go to either side; values beyond stay as they are")
    return field


def button(text: str, icon: str, tooltip: str, key: str) -> QPushButton:
    """A button that ``key`` presses, too."""
    button = QPushButton(text)
    icons.set_icon(button, icon)
    button.setObjectName(f"latent.{text.lower()}Button")
    button.setAccessibleName(text)
    button.setToolTip(f"{tooltip} ({QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText)})")
    return button


def caption(text: str, buddy: QWidget) -> QLabel:
    """The name of the field ``buddy``, beside it."""
    label = QLabel(text)
    label.setProperty("quiet", True)
    label.setBuddy(buddy)
    return label
