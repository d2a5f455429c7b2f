"""What the form for a new run is put together from."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from gan.presets import PRESETS
from latent_debugger.views import theme
from latent_debugger.views.training_field import FieldRow
from latent_debugger.views.training_flow_layout import Flow

_MODES = (
    ("Separate process", True, "Separate process: the run goes on when the window closes, and is found again."),
    ("This process", False, "This process: the run ends with the window, which saves it first."),
)


def path_field(name: str, accessible: str, placeholder: str) -> QLineEdit:
    """A field for a path; ``placeholder`` says what kind."""
    field = QLineEdit()
    field.setObjectName(name)
    field.setAccessibleName(accessible)
    field.setPlaceholderText(placeholder)
    field.setToolTip(placeholder)
    field.setMinimumWidth(8 * theme.UNIT)
    return field


def combo(name: str, accessible: str, tooltip: str) -> QComboBox:
    """A choice that need not be as wide as its longest text."""
    made = QComboBox()
    made.setObjectName(name)
    made.setAccessibleName(accessible)
    made.setToolTip(tooltip)
    made.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    made.setMinimumContentsLength(12)
    return made


def preset_choice() -> QComboBox:
    """One of the presets; its data is the name on the command line."""
    made = combo("training.preset", "Preset", "What everything starts from")
    for name, preset in PRESETS.items():
        made.addItem(preset.title, name)
        made.setItemData(made.count() - 1, preset.about, Qt.ItemDataRole.ToolTipRole)
    return made


def mode_choice() -> QComboBox:
    """Where the run runs; its data is whether in a process of its own."""
    made = combo("training.mode", "Where it runs", "What the run does when this window closes")
    for title, own, about in _MODES:
        made.addItem(title, own)
        made.setItemData(made.count() - 1, about, Qt.ItemDataRole.ToolTipRole)
    return made


def line(*widgets: QLineEdit | QPushButton) -> QWidget:
    """Side by side; fields get what buttons leave."""
    holder = QWidget()
    row = QHBoxLayout(holder)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(theme.UNIT // 2)
    for widget in widgets:
        row.addWidget(widget, 1 if isinstance(widget, QLineEdit) else 0)
    return holder


def problem_label(name: str) -> QLabel:
    """What is wrong with a field; hidden as long as nothing is."""
    made = QLabel()
    made.setObjectName(name)
    made.setProperty("problem", True)
    made.setWordWrap(True)
    made.setTextFormat(Qt.TextFormat.PlainText)  # a path may say anything
    made.hide()
    return made


def captioned(title: str, what: QWidget, below: QWidget | None = None) -> QWidget:
    """``title`` above a widget, and perhaps another below it."""
    holder = QWidget()
    column = QVBoxLayout(holder)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(2)
    caption = QLabel(title)
    caption.setProperty("quiet", True)
    caption.setBuddy(what)
    column.addWidget(caption)
    column.addWidget(what)
    if below is not None:
        column.addWidget(below)
    column.addStretch(1)
    return holder


def options(rows: list[FieldRow], column: int, parent: QWidget) -> QWidget:
    """Fields in as many columns of ``column`` pixels as fit: the networks' first, then those of training."""
    made = QWidget(parent)
    whole = QVBoxLayout(made)
    whole.setContentsMargins(0, 0, 0, 0)
    whole.setSpacing(theme.UNIT)
    for part, title in (("model", "Networks"), ("train", "Training")):
        caption = QLabel(title)
        caption.setFont(theme.caption_font())
        whole.addWidget(caption)
        flow = Flow(column, 2 * theme.UNIT, made)
        for row in rows:
            if row.field.part == part:
                flow.addWidget(row)
        whole.addWidget(flow)
    return made
