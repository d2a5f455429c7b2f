"""One field of the form for a new run: its name, the value, its unit, and what is wrong with it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal, Slot
from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from latent_debugger.state.training_fields import ConfigField, Value, choice_text, spelled
from latent_debugger.views import theme

PREFIX = "training."


class FieldRow(QWidget):
    """Edits one value. The editor's objectName is ``training.NAME``.

    Signals:
        edited(name): the user changed it.
        explained(about): it wants its explanation shown.
    """

    edited = Signal(str)
    explained = Signal(str)

    def __init__(self, field: ConfigField, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.field = field
        self.about = f"{field.label}: {field.about}"
        self.editor = _editor(field)
        self.editor.setObjectName(PREFIX + field.name)
        self.editor.setAccessibleName(f"{field.label} {field.unit}".strip())
        self.editor.setAccessibleDescription(field.about)
        self.editor.setToolTip(f"{field.about}\n({field.name})")
        self._label = QLabel(field.label)
        self._label.setProperty("quiet", True)
        self._label.setBuddy(self.editor)
        self._wrong = QLabel()
        self._wrong.setObjectName(f"{PREFIX}{field.name}.problem")
        self._wrong.setProperty("problem", True)
        self._wrong.setWordWrap(True)
        self._wrong.hide()
        unit = QLabel(field.unit)
        unit.setProperty("quiet", True)
        line = QHBoxLayout()
        line.setSpacing(theme.UNIT // 2)
        line.addWidget(self.editor, 1)
        if field.unit:
            line.addWidget(unit)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(self._label)
        column.addLayout(line)
        column.addWidget(self._wrong)
        column.addStretch(1)
        self.editor.installEventFilter(self)
        match self.editor:
            case QCheckBox():
                self.editor.toggled.connect(self._edit)
            case QComboBox():
                self.editor.activated.connect(self._edit)
            case _:
                self.editor.textEdited.connect(self._edit)

    def value(self) -> Value:
        """What is in it; a text where a number is typed."""
        match self.editor:
            case QCheckBox():
                return self.editor.isChecked()
            case QComboBox():
                return self.editor.currentData()  # type: ignore[no-any-return]
            case _:
                return self.editor.text().strip()

    def set_value(self, value: Value) -> None:
        """Show it; emits nothing."""
        match self.editor:
            case QCheckBox():
                self.editor.blockSignals(True)
                self.editor.setChecked(bool(value))
                self.editor.blockSignals(False)
            case QComboBox():
                self.editor.setCurrentIndex(max(0, self.editor.findData(value)))
            case _:
                if self.editor.text() != spelled(value):
                    self.editor.setText(spelled(value))
                    self.editor.setCursorPosition(0)

    def set_edited(self, edited: bool) -> None:
        """Whether the value is the user's rather than the preset's: its name is then set off."""
        self._label.setText(f"{self.field.label} •" if edited else self.field.label)

    @property
    def problem(self) -> str:
        """What is wrong with the value; empty when nothing is."""
        return self._wrong.text()

    def set_problem(self, text: str) -> None:
        """Say what is wrong with the value; empty when nothing is."""
        self._wrong.setText(text)
        self._wrong.setVisible(bool(text))
        mark_wrong(self.editor, bool(text))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.FocusIn, QEvent.Type.Enter):
            self.explained.emit(self.about)
        elif event.type() == QEvent.Type.Wheel and not self.editor.hasFocus():
            event.ignore()  # the form scrolls instead
            return True
        return super().eventFilter(watched, event)

    @Slot()
    def _edit(self) -> None:
        self.edited.emit(self.field.name)


def mark_wrong(editor: QWidget, wrong: bool) -> None:
    """Outline a field as the theme does where something is wrong, or no longer."""
    if bool(editor.property("wrong")) != wrong:
        editor.setProperty("wrong", wrong)
        editor.style().unpolish(editor)  # the stylesheet looks at properties only when it polishes
        editor.style().polish(editor)


def _editor(field: ConfigField) -> QLineEdit | QComboBox | QCheckBox:
    if field.kind == "switch":
        box = QCheckBox("On")
        box.setMinimumHeight(26)
        return box
    if field.kind == "choice":
        combo = QComboBox()
        for choice in field.choices:
            combo.addItem(choice_text(choice), choice)
        combo.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        return combo
    line = QLineEdit()
    line.setFont(theme.numbers_font(line.font()))
    return line
