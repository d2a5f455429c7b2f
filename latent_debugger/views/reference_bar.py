"""One line that says which real pictures an instrument compares with, and lets the user choose others."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QProgressBar, QPushButton, QSizePolicy, QWidget

from latent_debugger.state.reference import ReferenceState
from latent_debugger.views import theme

UNKNOWN = "Choose the pictures that this model was trained on."
OTHERS = "These are not the pictures it was trained on, so read with care."
LOOKING = "Looking for the training pictures…"


class ReferenceBar(QWidget):
    """Shows a :class:`~latent_debugger.state.reference.ReferenceState`.

    Signals:
        folder_requested(), file_requested(), people_requested(): choose these from now on.
        cancel_requested(): end the search under way.

    Args:
        name: objectName; its parts are ``NAME.text``, ``NAME.choose`` and so on.
    """

    folder_requested = Signal()
    file_requested = Signal()
    people_requested = Signal()
    cancel_requested = Signal()

    def __init__(self, name: str = "reference", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setAccessibleName("Training pictures")
        self.text = QLabel()
        self.text.setObjectName(f"{name}.text")
        self.text.setTextFormat(Qt.TextFormat.PlainText)
        self.text.setProperty("quiet", True)
        self.text.setWordWrap(True)
        self.text.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.bar = QProgressBar()
        self.bar.setObjectName(f"{name}.progress")
        self.bar.setAccessibleName("Reading the training pictures")
        self.bar.setTextVisible(False)
        self.bar.setFixedWidth(16 * theme.UNIT)
        self.cancel = _button(f"{name}.cancel", "Cancel", "Stop looking for training pictures")
        self.choose = _button(f"{name}.choose", "Choose", "Say which pictures this model was trained on")
        menu = QMenu(self)
        for kind, text, signal in (
            ("folder", "&Folder of pictures…", self.folder_requested),
            ("file", "F&ile of pictures…", self.file_requested),
            ("people", "&Draw the built-in people", self.people_requested),
        ):
            action = menu.addAction(text)
            action.setObjectName(f"{name}.{kind}")
            action.triggered.connect(signal)
        self.choose.setMenu(menu)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.UNIT)
        row.addWidget(self.text, 1)
        for widget in (self.bar, self.cancel, self.choose):
            row.addWidget(widget)
        self.cancel.clicked.connect(self.cancel_requested)
        self._say(UNKNOWN)
        self._show_busy(False)

    def show_state(self, state: ReferenceState) -> None:
        """What is known now."""
        pictures = state.pictures
        self._show_busy(state.stage == "looking")
        if state.stage == "looking":
            self.bar.setRange(0, 0)
            self._say(LOOKING)
        elif pictures is None:
            self._say(f"{state.trouble} {state.hint or UNKNOWN}".strip())
        else:
            words = f"Training pictures: {pictures.name}, {len(pictures):,}."
            self._say(f"{words} {OTHERS}" if pictures.same is False else words, str(pictures.place.path))

    def advance(self, doing: str, done: int, total: int) -> None:
        """``done`` of ``total`` are done."""
        self.bar.setRange(0, total)
        self.bar.setValue(done)
        self._say(f"{doing}: {done:,} of {total:,}")

    def _say(self, words: str, tip: str = "") -> None:
        self.text.setText(words)
        self.text.setToolTip(tip or words)
        self.text.setAccessibleName(words)

    def _show_busy(self, busy: bool) -> None:
        self.bar.setVisible(busy)
        self.cancel.setVisible(busy)
        self.choose.setVisible(not busy)


def _button(name: str, text: str, tooltip: str) -> QPushButton:
    button = QPushButton(text)
    button.setObjectName(name)
    button.setAccessibleName(tooltip)
    button.setToolTip(tooltip)
    return button
