"""A star or a neighbour as large as it can be told apart, beside its list."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QFontMetrics, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from latent_debugger.views import theme
from latent_debugger.views.pixmaps import picture_pixmap
from latent_debugger.views.preview_popup import PreviewPopup

SIDE = 256
_CAPTION = 24


class PreviewLarge(PreviewPopup):
    """One picture and its caption. The pointer passes through it."""

    def __init__(self, owner: QWidget) -> None:
        super().__init__(owner)
        self.setObjectName("preview.large")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setWindowFlag(Qt.WindowType.WindowTransparentForInput)
        self.image = QImage()
        self._caption = ""

    def set_picture(self, image: QImage, caption: str) -> None:
        """Show ``image``, and ``caption`` below it where there is one."""
        self.image, self._caption = image, caption
        self.setFixedSize(SIDE + 2 * theme.UNIT, SIDE + 2 * theme.UNIT + (_CAPTION if caption else 0))
        self.setAccessibleName(f"Preview of {caption}" if caption else "Preview")
        self.update()

    def set_image(self, image: QImage) -> None:
        """The same, drawn better."""
        self.image = image
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, unit = QPainter(self), theme.UNIT
        self.paint_frame(painter)
        if not self.image.isNull():
            pixmap = picture_pixmap(self.image, SIDE, self.devicePixelRatioF())
            size = pixmap.deviceIndependentSize()
            place = QRectF(unit + (SIDE - size.width()) / 2, unit + (SIDE - size.height()) / 2, *size.toTuple())
            painter.fillRect(QRect(unit, unit, SIDE, SIDE), theme.colour("canvas"))
            painter.drawPixmap(place.topLeft(), pixmap)
        if self._caption:
            line = QRect(unit, SIDE + unit + unit // 2, SIDE, _CAPTION)
            painter.setPen(theme.colour("muted"))
            words = QFontMetrics(self.font()).elidedText(self._caption, Qt.TextElideMode.ElideRight, SIDE)
            painter.drawText(line, Qt.AlignmentFlag.AlignCenter, words)
