"""File > Open with adapter: somebody's own code is named, and the file that it shall open."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QComboBox, QGridLayout, QLabel, QLineEdit, QWidget

from latent_debugger.views import theme
from latent_debugger.views.dialog import Dialog, button

ABOUT = (
    "An adapter is a small Python program that draws what a file holds. It can do whatever you can do on this "
    "computer: name only one that you trust.\nHow to write one is in docs/adapters.md."
)
_WIDTH = 60 * theme.UNIT


class AdapterDialog(Dialog):
    """Asks for an adapter and a file; ``objectName`` dialog.adapter. Nothing runs before the button is pressed.

    Signals:
        python_wanted(), file_wanted(): ask for a Python file, and for the file to be opened.
        chosen(Path, str): open the file with the adapter of this name.
    """

    python_wanted = Signal()
    file_wanted = Signal()
    chosen = Signal(object, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("dialog.adapter", "Open with adapter", parent)
        about = QLabel(ABOUT)
        about.setWordWrap(True)
        about.setMinimumWidth(_WIDTH)
        self.name = QComboBox()
        self.name.setObjectName("adapter.name")
        self.name.setAccessibleName("Adapter")
        self.name.setEditable(True)
        self.name.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.name.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.name.setMinimumContentsLength(24)
        self.name.setToolTip("An adapter of an installed package, module:Class, or file.py:Class")
        line = self.name.lineEdit()
        assert line is not None
        line.setPlaceholderText("module:Class, or file.py:Class")
        self.file = QLineEdit()
        self.file.setObjectName("adapter.file")
        self.file.setAccessibleName("File")
        self.file.setPlaceholderText("The weights, or whatever the adapter reads")
        self.file.setToolTip("The file that the adapter is given to open")
        python = button("adapter.python", "&Python file…", "Choose a Python file; its classes are listed, not run")
        other = button("adapter.choose", "&Choose…", "Choose the file that the adapter reads")
        self._status = QLabel()
        self._status.setObjectName("adapter.status")
        self._status.setTextFormat(Qt.TextFormat.PlainText)
        self._status.setProperty("quiet", True)
        self._status.setWordWrap(True)
        self._open = button("adapter.open", "&Run it and open", "Run the adapter's code, and open the file with it")
        self._open.setDefault(True)
        grid = QGridLayout()
        grid.setSpacing(theme.UNIT)
        grid.setColumnStretch(1, 1)
        for row, (caption, field, more) in enumerate((("&Adapter", self.name, python), ("&File", self.file, other))):
            label = QLabel(caption)
            label.setBuddy(field)
            grid.addWidget(label, row, 0)
            grid.addWidget(field, row, 1)
            grid.addWidget(more, row, 2)
        self.column.addWidget(about)
        self.column.addSpacing(theme.UNIT)
        self.column.addLayout(grid)
        self.column.addWidget(self._status)
        self.column.addSpacing(theme.UNIT)
        self.column.addStretch(1)
        self.add_buttons(None, self._open)
        python.clicked.connect(self.python_wanted)
        other.clicked.connect(self.file_wanted)
        self.name.editTextChanged.connect(self._check)
        self.file.textChanged.connect(self._check)
        self._open.clicked.connect(self._accept)
        self._check()
        self.name.setFocus()

    def set_adapters(self, names: Sequence[str], chosen: str = "") -> None:
        """Offer these adapters; what is written already stays, or else ``chosen`` is written."""
        text = self.name.currentText() or chosen
        self.name.clear()
        self.name.addItems([*dict.fromkeys(names)])
        self.name.setEditText(text)

    def set_name(self, name: str) -> None:
        """Write the name of an adapter."""
        self.name.setEditText(name)

    def set_classes(self, file: Path, classes: Sequence[str]) -> None:
        """Offer the classes of a Python file, in front of the adapters there are, and write the first one's name."""
        names = [f"{file}:{name}" for name in classes]
        for row, name in enumerate(names):
            if self.name.findText(name) < 0:
                self.name.insertItem(row, name)
        if names:
            self.name.setEditText(names[0])
        self.say(_found(file, classes))

    def set_file(self, path: Path) -> None:
        """Write the path of the file to be opened."""
        self.file.setText(str(path))

    def say(self, text: str) -> None:
        """Tell what came of a choice."""
        self._status.setText(text)

    @Slot()
    def _check(self) -> None:
        name, file = self._written()
        self._open.setEnabled(bool(name and file))
        self._status.setText(f"This will run the code of {name}." if name and file else "")

    def _written(self) -> tuple[str, str]:
        return self.name.currentText().strip(), self.file.text().strip()

    @Slot()
    def _accept(self) -> None:
        name, file = self._written()
        if name and file:
            self.chosen.emit(Path(file).expanduser(), name)
            self.close()


def _found(file: Path, classes: Sequence[str]) -> str:
    if not classes:
        return f"{file.name} holds no class, so it is no adapter."
    if len(classes) == 1:
        return ""
    return f"{file.name} holds {len(classes)} classes: choose one in the list."
