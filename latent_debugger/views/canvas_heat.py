"""Where a dimension acts: a transparent map over the picture, and a line that says how strongly.

The picture below it turns grey, so that no colour of the map is taken for one of the picture. From violet to magenta,
and the stronger the denser: it reads without a sense for red and green, on black, on white and on skin.
"""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QObject, QRectF, Qt, QVariantAnimation, Slot
from PySide6.QtGui import QFontMetrics, QImage, QPainter
from PySide6.QtWidgets import QApplication, QWidget

from gan.images import Floats
from latent_debugger.views import theme

FADE_MS = 120
_STOPS = np.array([[120, 94, 240], [220, 38, 127]], np.float32)  # of IBM's colour-blind safe palette
_DENSEST = 0.9
_SHOULDER = 1.5  # of density: weak places stay clear


class HeatMap(QObject):
    """What the canvas paints on top of its picture.

    Args:
        canvas: it is repainted while the map fades.
    """

    def __init__(self, canvas: QWidget) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._image = QImage()
        self._text = ""
        self._grey: tuple[int, QImage] = 0, QImage()
        self._fade = QVariantAnimation(self)
        self._fade.setDuration(FADE_MS)
        self._fade.valueChanged.connect(self._repaint)
        self._fade.finished.connect(self._settle)

    @property
    def shown(self) -> bool:
        """Whether there is a map, or will be in a moment."""
        return not self._image.isNull() and self._fade.endValue() == 1.0

    @property
    def text(self) -> str:
        """The line below it; empty while there is none."""
        return self._text if self.shown else ""

    def show(self, strengths: Floats, text: str) -> None:
        """Lay a map (H, W) over the picture; its largest value is the densest, whatever it is."""
        self._image, self._text = to_heat(strengths), text
        self._fade_to(1.0)

    def hide(self, at_once: bool = False) -> None:
        """Take it away.

        Args:
            at_once: the picture has changed below it.
        """
        if self.shown:
            self._fade_to(0.0)
        if at_once:
            self._fade.stop()
            self._forget()

    def paint(self, painter: QPainter, picture: QRectF, image: QImage, smooth: bool) -> None:
        """Paint it over ``image``, which lies at ``picture``, in large pixels or smoothly."""
        density = self._density()
        if self._image.isNull() or density <= 0:
            return
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smooth)
        painter.setOpacity(density)
        if image.hasAlphaChannel():
            painter.fillRect(picture, theme.colour("canvas"))
        else:
            painter.drawImage(picture, self._in_grey(image))
        painter.drawImage(picture, self._image)
        self._paint_text(painter, picture)
        painter.setOpacity(1.0)

    def _paint_text(self, painter: QPainter, picture: QRectF) -> None:
        unit = theme.UNIT
        painter.setFont(theme.numbers_font(self._canvas.font()))
        metrics = QFontMetrics(painter.font())
        room = round(picture.width()) - 10 * unit  # the star has its place in the other corner
        words = metrics.elidedText(self._text, Qt.TextElideMode.ElideRight, room)
        width = metrics.horizontalAdvance(words) + 2 * unit
        pill = QRectF(picture.left() + unit, picture.bottom() - 4 * unit, width, 3 * unit)
        ground = theme.colour("raised")
        ground.setAlphaF(0.92)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ground)
        painter.drawRoundedRect(pill, 4, 4)
        painter.setPen(theme.colour("text"))
        painter.drawText(pill, Qt.AlignmentFlag.AlignCenter, words)

    def _in_grey(self, image: QImage) -> QImage:
        if self._grey[0] != image.cacheKey():
            self._grey = image.cacheKey(), image.convertToFormat(QImage.Format.Format_Grayscale8)
        return self._grey[1]

    def _density(self) -> float:
        if self._fade.state() == QVariantAnimation.State.Running:
            return float(self._fade.currentValue())
        return 1.0 if self.shown else 0.0

    def _fade_to(self, end: float) -> None:
        start = self._density()
        self._fade.stop()
        self._fade.setStartValue(start)
        self._fade.setEndValue(end)
        if start != end and QApplication.isEffectEnabled(Qt.UIEffect.UI_FadeTooltip):
            self._fade.start()
        else:
            self._settle()

    @Slot()
    def _settle(self) -> None:
        if self._fade.endValue() != 1.0:
            self._forget()
        self._repaint()

    def _forget(self) -> None:
        self._image, self._text, self._grey = QImage(), "", (0, QImage())
        self._repaint()

    @Slot(object)
    def _repaint(self, _: object = None) -> None:
        self._canvas.update()


def to_heat(strengths: Floats) -> QImage:
    """A transparent picture of ``strengths`` (H, W), none of them below 0."""
    top = float(strengths.max(initial=0.0))
    share = strengths / top if top > 0 else np.zeros_like(strengths)
    place = share * (len(_STOPS) - 1)
    low = np.minimum(place.astype(np.intp), len(_STOPS) - 2)
    part = (place - low)[..., None]
    colour = _STOPS[low] * (1 - part) + _STOPS[low + 1] * part
    density = _DENSEST * share[..., None] ** _SHOULDER
    pixels = np.ascontiguousarray(np.concatenate([colour, 255 * density], axis=-1).round().astype(np.uint8))
    height, width = share.shape
    return QImage(pixels.data, width, height, 4 * width, QImage.Format.Format_RGBA8888).convertToFormat(
        QImage.Format.Format_ARGB32_Premultiplied
    )
