"""Which class of a model is drawn: a line above the latent, there only where a model has classes."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QSizePolicy, QWidget

from latent_debugger.views import theme

MOST_SHOWN = 20
"""Classes in the open list at once."""


class LabelField(QWidget):
    """A choice among the classes; its list has the objectName ``latent.label``. Up and Down walk through them, a letter
    goes to the next one that begins with it.

    Signals:
        chosen(str): draw this class.
    """

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.choice = QComboBox()
        self.choice.setObjectName("latent.label")
        self.choice.setAccessibleName("Class")
        self.choice.setToolTip("The class that is drawn; Up and Down show the others of the same latent")
        self.choice.setMaxVisibleItems(MOST_SHOWN)
        self.choice.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.choice.setMinimumContentsLength(8)
        self.choice.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.choice.activated.connect(self._choose)
        caption = QLabel("Class")
        caption.setProperty("quiet", True)
        caption.setBuddy(self.choice)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.UNIT, theme.UNIT, theme.UNIT, 0)
        row.setSpacing(theme.UNIT)
        row.addWidget(caption)
        row.addWidget(self.choice, 1)
        self._labels: tuple[str, ...] = ()
        self.hide()

    def set_labels(self, labels: Sequence[str], label: str) -> None:
        """Offer these classes, of which ``label`` is drawn; without any, be gone. Emits nothing."""
        if tuple(labels) != self._labels:
            self._labels = tuple(labels)
            self.choice.clear()
            self.choice.addItems(self._labels)
        if label in self._labels:
            self.choice.setCurrentIndex(self._labels.index(label))
        self.setVisible(bool(self._labels))

    @Slot(int)
    def _choose(self, row: int) -> None:
        if 0 <= row < len(self._labels):
            self.chosen.emit(self._labels[row])
