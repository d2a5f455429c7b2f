"""What the form for a new run is put together from."""

from __future__ import annotations

from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from latent_debugger.views import theme


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


def line(*widgets: QLineEdit | QPushButton) -> QWidget:
    """Side by side; fields get what buttons leave."""
    holder = QWidget()
    row = QHBoxLayout(holder)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(theme.UNIT // 2)
    for widget in widgets:
        row.addWidget(widget, 1 if isinstance(widget, QLineEdit) else 0)
    return holder


def captioned(title: str, what: QWidget) -> QWidget:
    """``title`` above a widget."""
    holder = QWidget()
    column = QVBoxLayout(holder)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(2)
    caption = QLabel(title)
    caption.setProperty("quiet", True)
    caption.setBuddy(what)
    column.addWidget(caption)
    column.addWidget(what)
    column.addStretch(1)
    return holder
