"""Copy check: is the picture on the canvas a training picture, and are there more than a few different ones?"""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from latent_debugger.views import theme
from latent_debugger.views.canvas import dropped_path
from latent_debugger.views.memorisation_check import CheckSection
from latent_debugger.views.memorisation_nearest import NearestSection
from latent_debugger.views.reference_bar import ReferenceBar


class MemorisationPanel(QWidget):
    """The training pictures above; the picture on the canvas to the left, all pictures to the right.

    Attributes:
        reference, nearest, check: its parts.

    Signals:
        escaped(): Escape; whatever is under way should end.
        pictures_dropped(Path): take these for the training pictures.
    """

    escaped = Signal()
    pictures_dropped = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("memorisationPanel")
        self.setAccessibleName("Copy check")
        self.reference, self.nearest, self.check = (
            ReferenceBar("memorisation.reference"),
            NearestSection(),
            CheckSection(),
        )
        line = QFrame()
        line.setFixedWidth(1)
        line.setObjectName("memorisation.line")
        line.setStyleSheet("QFrame { background: palette(mid); border: none; }")
        unit = theme.UNIT
        row, column = QHBoxLayout(), QVBoxLayout(self)
        row.setSpacing(2 * unit)
        row.addWidget(self.nearest, 4)
        row.addWidget(line)
        row.addWidget(self.check, 5)
        column.setContentsMargins(unit, unit // 2, unit, unit)
        column.setSpacing(unit // 2)
        column.addWidget(self.reference)
        column.addLayout(row, 1)
        self.setMinimumSize(480, 240)
        self.setAcceptDrops(True)
        escape = QShortcut(QKeySequence(Qt.Key.Key_Escape), self)
        escape.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        escape.activated.connect(self._escape)

    @Slot()
    def _escape(self) -> None:
        self.escaped.emit()

    # Qt

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if dropped_path(event) is not None:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        path = dropped_path(event)
        if path is not None:
            event.acceptProposedAction()
            self.pictures_dropped.emit(path)
