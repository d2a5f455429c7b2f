"""Fields side by side, as many as fit into a line: a form that is wide in one place and narrow in another.

A widget that places its children, not a QLayout: PySide lets go of the QLayoutItems that a layout written in Python has
to keep, and Qt then crashes on them (tests/soak found it).
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRect, QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget


class Flow(QWidget):
    """Puts widgets one after another, all in columns of one width, and begins a new line where there is no room.

    Args:
        column: width of a field in pixels; lines are filled up, so that a field may get more.
        gap: between two of them, in pixels.
    """

    def __init__(self, column: int, gap: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._column, self._gap = column, gap
        self._fields: list[QWidget] = []
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def addWidget(self, field: QWidget) -> None:
        """Put ``field`` behind the others; hidden ones take no room."""
        field.setParent(self)
        self._fields.append(field)
        self.updateGeometry()

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return self._place(width, really=False)

    def sizeHint(self) -> QSize:
        return self.minimumSizeHint()

    def minimumSizeHint(self) -> QSize:
        least = QSize(0, 0)
        for field in self._shown():
            least = least.expandedTo(field.minimumSizeHint())
        return least

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:  # a field wants another size, came or went
            self._place(self.width(), really=True)
            self.updateGeometry()
        return super().event(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._place(self.width(), really=True)
        super().resizeEvent(event)

    def _shown(self) -> list[QWidget]:
        return [field for field in self._fields if not field.isHidden()]

    def _place(self, room: int, *, really: bool) -> int:
        """Height needed; all of a line are as high as the highest of them."""
        shown = self._shown()
        columns = max(1, (room + self._gap) // (self._column + self._gap))
        width = min(2 * self._column, (room - (columns - 1) * self._gap) // columns)
        top = 0
        for start in range(0, len(shown), columns):
            line = shown[start : start + columns]
            height = max(_height(field, width) for field in line)
            if really:
                for index, field in enumerate(line):
                    field.setGeometry(QRect(index * (width + self._gap), top, width, height))
            top += height + self._gap
        return top - (self._gap if shown else 0)


def _height(field: QWidget, width: int) -> int:
    return field.heightForWidth(width) if field.hasHeightForWidth() else field.sizeHint().height()
