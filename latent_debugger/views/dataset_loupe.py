"""One picture of a pile, as large as the panel is, with the same keys as the wall of thumbnails."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QImage, QKeyEvent, QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from latent_debugger.state.curation import KEEP, REJECT, UNDECIDED
from latent_debugger.views import icons, theme
from latent_debugger.views.dataset_grid import DECISION_KEYS

_STEPS = {
    Qt.Key.Key_Left: -1,
    Qt.Key.Key_Up: -1,
    Qt.Key.Key_Right: 1,
    Qt.Key.Key_Down: 1,
}
_CLOSE = (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape)
_DETAILS = 26 * theme.UNIT


class Loupe(QWidget):
    """Shows what it is given; who turns the pages is up to others.

    Signals:
        stepped(step): -1 or 1, the picture before or after is wanted.
        decision_pressed(value): 1 keep, 0 reject, -1 undecided.
        closed(): back to all pictures.
    """

    stepped = Signal(int)
    decision_pressed = Signal(int)
    closed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("datasetLoupe")
        self.setAccessibleName("Large picture")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.picture = _Picture()
        self.details = QLabel()
        self.details.setObjectName("dataset.details")
        self.details.setWordWrap(True)
        self.details.setProperty("quiet", True)
        self.details.setTextFormat(Qt.TextFormat.PlainText)
        self.details.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.details.setFixedWidth(_DETAILS)
        self.details.setFont(theme.numbers_font(self.details.font()))
        buttons = QHBoxLayout()
        buttons.setSpacing(0)
        for name, icon, title, tip, slot in (
            ("back", "back", "Picture before", "The picture before (←)", self._before),
            ("forward", "forward", "Picture after", "The picture after (→)", self._after),
            ("keep", "check", "Keep", "Keep this picture (K)", self._keep),
            ("reject", "close", "Reject", "Reject this picture (X)", self._reject),
            ("undecide", "undo", "Undecide", "Take the decision back (U)", self._undecide),
            ("all", "rows", "All pictures", "Back to all pictures (Space)", self._close),
        ):
            button = QToolButton()
            icons.set_icon(button, icon)
            button.setObjectName(f"dataset.loupe.{name}")
            button.setAccessibleName(title)
            button.setToolTip(tip)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.clicked.connect(slot)
            buttons.addWidget(button)
        buttons.addStretch(1)
        row, column = QHBoxLayout(self), QVBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2 * theme.UNIT)
        column.setSpacing(theme.UNIT)
        column.addLayout(buttons)
        column.addWidget(self.details, 1)
        row.addWidget(self.picture, 1)
        row.addLayout(column)

    def set_picture(self, image: QImage, decision: int, details: str) -> None:
        """Show another picture (its thumbnail, until :meth:`set_image` brings the whole)."""
        self.picture.set_image(image)
        self.set_decision(decision, details)

    def set_image(self, image: QImage) -> None:
        """The same picture, in full."""
        self.picture.set_image(image)

    def set_decision(self, decision: int, details: str) -> None:
        """What became of the picture, and everything that is known about it."""
        self.picture.set_decision(decision)
        self.details.setText(details)
        self.setAccessibleDescription(details)

    @Slot()
    def _before(self) -> None:
        self.stepped.emit(-1)

    @Slot()
    def _after(self) -> None:
        self.stepped.emit(1)

    @Slot()
    def _keep(self) -> None:
        self.decision_pressed.emit(KEEP)

    @Slot()
    def _reject(self) -> None:
        self.decision_pressed.emit(REJECT)

    @Slot()
    def _undecide(self) -> None:
        self.decision_pressed.emit(UNDECIDED)

    @Slot()
    def _close(self) -> None:
        self.closed.emit()

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride and _claimed(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if not _claimed(event):
            super().keyPressEvent(event)
        elif key in _CLOSE:
            self.closed.emit()
        elif key in _STEPS:
            self.stepped.emit(_STEPS[key])
        else:
            self.decision_pressed.emit(DECISION_KEYS[key])

    def wheelEvent(self, event: QWheelEvent) -> None:
        if event.angleDelta().y():
            self.stepped.emit(-1 if event.angleDelta().y() > 0 else 1)
        event.accept()


class _Picture(QWidget):
    """A picture as large as it goes, outlined in the colour of its decision."""

    def __init__(self) -> None:
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._image, self._decision = QImage(), UNDECIDED

    def minimumSizeHint(self) -> QSize:
        return QSize(12 * theme.UNIT, 12 * theme.UNIT)

    def image(self) -> QImage:
        """What is shown."""
        return self._image

    def set_image(self, image: QImage) -> None:
        self._image = image
        self.update()

    def set_decision(self, decision: int) -> None:
        self._decision = decision
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("canvas"))
        painter.drawRoundedRect(QRectF(self.rect()), 4, 4)
        if self._image.isNull():
            return
        room = QSize(self.width() - 2 * theme.UNIT, self.height() - 2 * theme.UNIT)
        size = self._image.size().scaled(room, Qt.AspectRatioMode.KeepAspectRatio)
        place = QRectF(0, 0, size.width(), size.height())
        place.moveCenter(QRectF(self.rect()).center())
        painter.drawImage(place, self._image)
        if self._decision != UNDECIDED:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(theme.colour("accent" if self._decision == KEEP else "danger"), 3))
            painter.drawRoundedRect(place.adjusted(-2.5, -2.5, 2.5, 2.5), 4, 4)


def _claimed(event: QKeyEvent) -> bool:
    plain = event.modifiers() in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)
    return plain and (event.key() in DECISION_KEYS or event.key() in _STEPS or event.key() in _CLOSE)
