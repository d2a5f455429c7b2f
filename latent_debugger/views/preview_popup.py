"""A small window that floats beside what the pointer rests on. It never takes the focus."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QRectF, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QEnterEvent, QGuiApplication, QKeyEvent, QPainter
from PySide6.QtWidgets import QApplication, QWidget

from latent_debugger.views import theme

GAP = theme.UNIT
"""Between it and what it belongs to."""
LINGER_MS = 250
"""It stays so long after the pointer left, which may be on its way to it."""
_ENDS = frozenset(
    {
        QEvent.Type.MouseButtonPress,
        QEvent.Type.MouseButtonDblClick,
        QEvent.Type.Wheel,
        QEvent.Type.DragEnter,
    }
)


class PreviewPopup(QWidget):
    """The frame; what is in it is painted by those who derive from it.

    Escape, a press of the mouse elsewhere and the wheel take it away.

    Signals:
        gone(): it was taken away, by whomever.
    """

    gone = Signal()

    def __init__(self, owner: QWidget) -> None:
        super().__init__(owner, Qt.WindowType.ToolTip | Qt.WindowType.FramelessWindowHint)
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._linger = QTimer(self)
        self._linger.setSingleShot(True)
        self._linger.setInterval(LINGER_MS)
        self._linger.timeout.connect(self.dismiss)
        theme.themed.changed.connect(self.update)

    def show_beside(self, place: QRect, above: bool = False) -> None:
        """Appear to the right of ``place`` on the screen, or to its left where there is no room.

        Args:
            above: rather above, or below.
        """
        self._linger.stop()
        screen = QGuiApplication.screenAt(place.center()) or self.screen()
        self.move(corner(place, self.size(), screen.availableGeometry(), above))
        if not self.isVisible():
            application = QApplication.instance()
            assert application is not None
            application.installEventFilter(self)  # only while it is shown: every event passes by Python
            self.show()

    def leave_soon(self) -> None:
        """The pointer has left: go, unless it comes here."""
        if self.isVisible():
            self._linger.start()

    def stay(self) -> None:
        """The pointer is back."""
        self._linger.stop()

    @Slot()
    def dismiss(self) -> None:
        """Go at once."""
        self._linger.stop()
        self.hide()

    def hideEvent(self, event: QEvent) -> None:
        application = QApplication.instance()
        if application is not None:
            application.removeEventFilter(self)
        self.gone.emit()

    def enterEvent(self, event: QEnterEvent) -> None:
        self._linger.stop()

    def leaveEvent(self, event: QEvent) -> None:
        self.leave_soon()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if kind == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape:
            self.dismiss()
            event.accept()  # Escape has done its work: it must not leave a field, too
            return True
        elsewhere = kind in _ENDS and isinstance(watched, QWidget) and watched is not self
        if elsewhere or kind == QEvent.Type.ApplicationDeactivate:
            self.dismiss()
        return False

    def paint_frame(self, painter: QPainter) -> None:
        """Ground and outline."""
        painter.fillRect(self.rect(), theme.colour("raised"))
        painter.setPen(theme.colour("border"))
        painter.drawRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5))


def corner(place: QRect, size: QSize, screen: QRect, above: bool = False) -> QPoint:
    """The upper left corner of a window of ``size`` beside ``place``: to its right or else its left, or ``above`` or
    else below it, and within ``screen``. Where there is no room at either side, it lies below or above."""
    width, height = size.width(), size.height()
    if above:
        x = place.center().x() - width // 2
        y = place.top() - GAP - height
        if y < screen.top():
            y = place.bottom() + 1 + GAP
    else:
        x = place.right() + 1 + GAP
        if x + width > screen.right() + 1 and place.left() - GAP - width >= screen.left():
            x = place.left() - GAP - width
        y = place.center().y() - height // 2
    x = max(screen.left(), min(x, screen.right() + 1 - width))
    if not above and QRect(QPoint(x, y), size).intersects(place):
        y = place.bottom() + 1 + GAP
        if y + height > screen.bottom() + 1:
            y = place.top() - GAP - height
    return QPoint(x, max(screen.top(), min(y, screen.bottom() + 1 - height)))
