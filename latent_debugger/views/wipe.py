"""Two pictures on one another, and a divider that is dragged across them."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from latent_debugger.views import theme

_KEY_STEP = 0.02
_HANDLE = 7.0


class WipeView(QWidget):
    """Picture A left of the divider, picture B right of it; both fill the same square.

    Signals:
        divided(place): the user moved the divider.
    """

    divided = Signal(float)
    margin = theme.UNIT // 2
    """Around the pictures, in logical pixels."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("timeline.wipe")
        self.setAccessibleName("Comparison of two checkpoints")
        self.setToolTip("Drag the divider, or move it with the arrow keys")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.SplitHCursor)
        self.setMinimumSize(QSize(96, 96))
        self._pictures: tuple[QImage, QImage] = QImage(), QImage()
        self._names = "", ""
        self._divider = 0.5
        theme.themed.changed.connect(self.update)
        self._describe()

    @property
    def divider(self) -> float:
        """Where it is: 0 shows B only, 1 shows A only."""
        return self._divider

    def set_divider(self, place: float) -> None:
        """Move it; beyond either end counts as there."""
        self._divider = min(1.0, max(0.0, place))
        self._describe()
        self.update()

    def set_pictures(self, a: QImage, b: QImage, name_a: str, name_b: str) -> None:
        """Show these; a null picture leaves its side empty."""
        self._pictures, self._names = (a, b), (name_a, name_b)
        self._describe()
        self.update()

    def picture_rect(self) -> QRectF:
        """Where the pictures lie, in logical pixels; a whole factor of their pixels where that costs little."""
        image = next((image for image in self._pictures if not image.isNull()), None)
        width, height = (image.width(), image.height()) if image is not None else (1, 1)
        ratio = self.devicePixelRatioF()
        room = 2 * self.margin
        scale = min((self.width() - room) * ratio / width, (self.height() - room) * ratio / height)
        scale = int(scale) if int(scale) >= 1 and int(scale) / scale > 7 / 8 else max(scale, 1 / max(width, height))
        width, height = round(width * scale), round(height * scale)
        left, top = (round(self.width() * ratio) - width) // 2, (round(self.height() * ratio) - height) // 2
        return QRectF(left / ratio, top / ratio, width / ratio, height / ratio)

    def sizeHint(self) -> QSize:
        return QSize(256, 256)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, place = QPainter(self), self.picture_rect()
        x = place.left() + self._divider * place.width()
        painter.fillRect(place, theme.colour("hover"))
        a, b = self._pictures
        if not b.isNull():
            painter.drawImage(place, b)
        if not a.isNull():
            painter.setClipRect(QRectF(place.left(), place.top(), x - place.left(), place.height()))
            painter.drawImage(place, a)
            painter.setClipping(False)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_name(painter, place, self._names[0], left=True)
        self._paint_name(painter, place, self._names[1], left=False)
        colour = theme.colour("accent")
        painter.setPen(QPen(colour, 2))
        painter.drawLine(QPointF(x, place.top()), QPointF(x, place.bottom()))
        painter.setBrush(theme.colour("raised"))
        painter.setPen(QPen(theme.colour("text") if self.hasFocus() else colour, 2))
        painter.drawEllipse(QPointF(x, place.center().y()), _HANDLE, _HANDLE)

    def _paint_name(self, painter: QPainter, place: QRectF, name: str, left: bool) -> None:
        if not name:
            return
        metrics = QFontMetrics(self.font())
        if metrics.horizontalAdvance(max(self._names, key=len)) + 24 > place.width() / 2:
            name = name[0]  # only which it is
        width = metrics.horizontalAdvance(name) + 12
        x = place.left() + 4 if left else place.right() - width - 4
        pill = QRectF(x, place.top() + 4, width, 20)
        ground = QColor(theme.current().raised)
        ground.setAlphaF(0.92)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ground)
        painter.drawRoundedRect(pill, 4, 4)
        painter.setPen(theme.colour("text"))
        painter.drawText(pill, Qt.AlignmentFlag.AlignCenter, name)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._drag_to(event.position().x())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._drag_to(event.position().x())

    def _drag_to(self, x: float) -> None:
        place = self.picture_rect()
        self._move((x - place.left()) / max(1.0, place.width()))

    def _move(self, place: float) -> None:
        self.set_divider(place)
        self.divided.emit(self._divider)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        moves = {Qt.Key.Key_Left: -_KEY_STEP, Qt.Key.Key_Right: _KEY_STEP, Qt.Key.Key_Home: -1.0, Qt.Key.Key_End: 1.0}
        move = moves.get(Qt.Key(event.key()))
        if move is None:
            super().keyPressEvent(event)
        else:
            self._move(self._divider + move)

    def _describe(self) -> None:
        a, b = self._names
        self.setAccessibleDescription(f"{round(100 * self._divider)} % {a}, the rest {b}" if a and b else "")


class CanvasWipe(WipeView):
    """The same as large as it goes: it covers ``canvas`` while it is shown.

    Signals:
        left(): Escape; whoever showed it takes it away.
    """

    left = Signal()
    margin = theme.UNIT

    def __init__(self, canvas: QWidget) -> None:
        super().__init__(canvas)
        self.setObjectName("canvas.wipe")
        self.setToolTip("Drag the divider, or move it with the arrow keys; Escape goes back to the picture")
        self.hide()
        canvas.installEventFilter(self)

    def set_shown(self, shown: bool) -> None:
        """Cover the canvas, or uncover it."""
        if shown and self.isHidden():
            self.setGeometry(self.parentWidget().rect())
            self.show()
            self.raise_()
        elif not shown:
            self.hide()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and watched is self.parent():
            self.setGeometry(self.parentWidget().rect())
        return False

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.colour("canvas"))
        painter.end()
        super().paintEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)
