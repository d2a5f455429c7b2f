"""Two checkpoints of a run on one picture."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QHideEvent, QImage, QShowEvent
from PySide6.QtWidgets import QComboBox, QGridLayout, QHBoxLayout, QLabel, QPushButton, QToolButton, QWidget

from latent_debugger.views import icons, theme
from latent_debugger.views.wipe import CanvasWipe, WipeView


class ComparePage(QWidget):
    """Two choices of a step and a :class:`WipeView`.

    Signals:
        changed(): other steps are to be compared.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._steps: tuple[int, ...] = ()
        self._large: CanvasWipe | None = None
        self.wipe = WipeView()
        self.a = _choice("timeline.compareA", "Left of the divider")
        self.b = _choice("timeline.compareB", "Right of the divider")
        self.swap = QToolButton()
        self.swap.setObjectName("timeline.swap")
        self.swap.setAccessibleName("Swap A and B")
        self.swap.setToolTip("Swap the two checkpoints")
        icons.set_icon(self.swap, "swap")
        self.large = QPushButton("Show on the canvas")
        self.large.setObjectName("timeline.wipeOnCanvas")
        self.large.setAccessibleName("Show the comparison on the canvas")
        self.large.setToolTip("Compare in the place of the picture, as large as it goes (Escape goes back)")
        self.large.setCheckable(True)
        fields = QGridLayout()
        fields.setSpacing(theme.UNIT)
        for row, (name, box) in enumerate((("A", self.a), ("B", self.b))):
            label = QLabel(name)
            label.setProperty("quiet", True)
            label.setBuddy(box)
            fields.addWidget(label, row, 0)
            fields.addWidget(box, row, 1)
        fields.addWidget(self.swap, 0, 2, 2, 1)
        fields.addWidget(self.large, 2, 1)
        fields.setRowStretch(3, 1)
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(2 * theme.UNIT)
        line.addLayout(fields)
        line.addWidget(self.wipe, 1)
        self.a.activated.connect(self._tell)
        self.b.activated.connect(self._tell)
        self.swap.clicked.connect(self._swap)

    def set_canvas(self, canvas: QWidget) -> None:
        """Where the comparison is shown when the user wants it large."""
        self._large = CanvasWipe(canvas)
        self._large.left.connect(self.large.toggle)
        self._large.divided.connect(self.wipe.set_divider)
        self.wipe.divided.connect(self._large.set_divider)
        self.large.toggled.connect(self._show_large)

    @property
    def steps(self) -> tuple[int, int] | None:
        """The steps of A and B; None without checkpoints."""
        return (self.a.currentData(), self.b.currentData()) if self._steps else None

    def set_steps(self, steps: Sequence[int], *, same_run: bool) -> None:
        """The checkpoints there are to choose from. A begins as the first and B as the last; a choice stays."""
        kept = self.steps if same_run else None
        self._steps = tuple(steps)
        for box, value, default in ((self.a, 0, 0), (self.b, 1, len(self._steps) - 1)):
            box.clear()
            for step in self._steps:
                box.addItem(f"step {step:,}", step)
            found = box.findData(kept[value]) if kept is not None else -1
            box.setCurrentIndex(found if found >= 0 else default)

    def show_step(self, step: int) -> None:
        """B is the checkpoint on the canvas."""
        found = self.b.findData(step)
        if found >= 0 and found != self.b.currentIndex():
            self.b.setCurrentIndex(found)
            self.changed.emit()

    def set_a(self, step: int) -> None:
        """Compare the checkpoint on the canvas with this one."""
        found = self.a.findData(step)
        if found >= 0:
            self.a.setCurrentIndex(found)
            self.changed.emit()

    def set_pictures(self, a: QImage, b: QImage) -> None:
        """The pictures of A and B; null where there is none yet."""
        for wipe in filter(None, (self.wipe, self._large)):
            wipe.set_pictures(a, b, f"A  {self.a.currentText()}", f"B  {self.b.currentText()}")

    @Slot()
    def _show_large(self) -> None:
        """Not while the page is out of view: nobody would know where the picture has gone."""
        if self._large is not None:
            self._large.set_shown(self.large.isChecked() and self.isVisible())

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._show_large()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._show_large()

    @Slot()
    def _tell(self) -> None:
        self.changed.emit()

    @Slot()
    def _swap(self) -> None:
        a, b = self.a.currentIndex(), self.b.currentIndex()
        self.a.setCurrentIndex(b)
        self.b.setCurrentIndex(a)
        self.changed.emit()


def _choice(name: str, tooltip: str) -> QComboBox:
    box = QComboBox()
    box.setObjectName(name)
    box.setAccessibleName(f"Checkpoint {name[-1]}")
    box.setToolTip(tooltip)
    box.setMinimumWidth(16 * theme.UNIT)
    box.setMaxVisibleItems(16)
    box.setFont(theme.numbers_font(box.font()))
    return box
