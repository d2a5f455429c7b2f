"""The picture, as large as it goes on a calm ground.

The canvas keeps the newest generation it was given and never goes back: a frame that arrives late is dropped. It says
with ``painted`` when a frame has really been drawn, which is what latency is measured by.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QEnterEvent,
    QFocusEvent,
    QImage,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from latent_debugger.views import icons, theme
from latent_debugger.views.canvas_heat import HeatMap

NO_MODEL = "No model open. Open a checkpoint (Ctrl+O) or drop one here."
MARGIN = theme.UNIT
_STAR_SIZE = 5 * theme.UNIT
_FORMATS = {
    1: QImage.Format.Format_Grayscale8,
    3: QImage.Format.Format_RGB888,
    4: QImage.Format.Format_RGBA8888,
}


def to_qimage(image: NDArray[np.uint8]) -> QImage:
    """A QImage with its own memory.

    Args:
        image: uint8 (height, width, channels) with 1, 3 or 4 channels, or (height, width).

    Raises:
        ValueError: the array is no such picture.
    """
    pixels = image[:, :, None] if image.ndim == 2 else image
    if pixels.ndim != 3 or pixels.dtype != np.uint8 or pixels.shape[2] not in _FORMATS or 0 in pixels.shape:
        raise ValueError(f"a picture is uint8 (height, width, 1, 3 or 4), not {pixels.dtype} {image.shape}")
    height, width, channels = pixels.shape
    packed = np.ascontiguousarray(pixels)
    # rows are packed here, Qt assumes multiples of four bytes: it must be told; copy() lets go of numpy's memory
    return QImage(packed.data, width, height, width * channels, _FORMATS[channels]).copy()


def dropped_path(event: QDropEvent) -> Path | None:
    """The one local file or folder a drag holds, or None."""
    urls = event.mimeData().urls()
    return Path(urls[0].toLocalFile()) if len(urls) == 1 and urls[0].isLocalFile() else None


class ImageCanvas(QWidget):
    """Shows one picture; a star in its corner, a menu behind the right button, files can be dropped on it.

    Attributes:
        heat: a map that may lie over the picture.
    """

    painted = Signal(object)
    """The generation (int) just drawn; once for each generation that reaches the screen."""
    star_clicked = Signal()
    file_dropped = Signal(object)
    """A Path."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("imageCanvas")
        self.setAccessibleName("Picture")
        self.setAcceptDrops(True)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)  # a click on the picture leaves the text field one was in
        self.setMinimumSize(QSize(160, 160))
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self._image = QImage()
        self._generation = -1
        self._announced = -1
        self._smooth = False
        self._drop_target = False
        self._empty = NO_MODEL
        self.heat = HeatMap(self)
        self.star = _StarButton(self)
        self.star.clicked.connect(self.star_clicked)
        theme.themed.changed.connect(self.update)

    # what it shows

    def set_frame(self, image: NDArray[np.uint8], generation: int) -> bool:
        """Show ``image``, uint8 (height, width, 1, 3 or 4); False when something newer is shown already."""
        if generation <= self._generation:
            return False
        self._image = to_qimage(image)
        self._generation = generation
        self._place_star()
        self.update()
        return True

    def clear(self) -> None:
        """Show the empty state. Generations go on counting: what was asked for before stays out."""
        self._image = QImage()
        self._announced = self._generation
        self._place_star()
        self.update()

    def set_empty(self, text: str = "") -> None:
        """What is written where no picture is; by default, what to do about it."""
        self._empty = text or NO_MODEL
        self.update()

    def set_starred(self, starred: bool) -> None:
        """Fill the star: this very picture is among the bookmarks."""
        self.star.set_starred(starred)

    def set_smooth(self, smooth: bool) -> None:
        """Interpolate the enlarged picture (True) or show its pixels as squares (False)."""
        self._smooth = smooth
        self.update()

    def show_drop_target(self, on: bool) -> None:
        """Ring the canvas while a file hovers over the window."""
        self._drop_target = on
        self.update()

    @property
    def generation(self) -> int:
        """The newest generation it was given; -1 before the first."""
        return self._generation

    @property
    def picture(self) -> QImage:
        """The picture shown, in its own size; null in the empty state."""
        return self._image

    def picture_rect(self) -> QRectF:
        """Where the picture lies, in logical pixels.

        Nearest snaps to whole device pixels, and to a whole factor as long as that costs less than an eighth of the
        size: equal squares look better than a few more pixels, but a small picture in a large window does not.
        """
        if self._image.isNull():
            return QRectF()
        ratio = self.devicePixelRatioF()
        room = min(
            (self.width() - 2 * MARGIN) * ratio / self._image.width(),
            (self.height() - 2 * MARGIN) * ratio / self._image.height(),
        )
        scale = max(room, 1 / max(self._image.width(), self._image.height()))
        if not self._smooth and int(scale) >= 1 and int(scale) / scale > 7 / 8:
            scale = int(scale)
        width, height = round(self._image.width() * scale), round(self._image.height() * scale)
        left = (round(self.width() * ratio) - width) // 2
        top = (round(self.height() * ratio) - height) // 2
        return QRectF(left / ratio, top / ratio, width / ratio, height / ratio)

    # Qt

    def sizeHint(self) -> QSize:
        return QSize(640, 640)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.colour("canvas"))
        if self._image.isNull():
            self._paint_empty(painter)
        else:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, self._smooth)
            painter.drawImage(self.picture_rect(), self._image)
            self.heat.paint(painter, self.picture_rect(), self._image, self._smooth)
        if self._drop_target:
            self._paint_drop_target(painter)
        painter.end()
        if self._announced < self._generation:
            self._announced = self._generation
            self.painted.emit(self._generation)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._place_star()

    def enterEvent(self, event: QEnterEvent) -> None:
        self.star.set_near(True)

    def leaveEvent(self, event: QEvent) -> None:
        self.star.set_near(False)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if self.actions():
            menu = QMenu(self)
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            menu.addActions(self.actions())
            menu.popup(event.globalPos())

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if dropped_path(event) is not None:
            event.acceptProposedAction()
            self.show_drop_target(True)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self.show_drop_target(False)

    def dropEvent(self, event: QDropEvent) -> None:
        self.show_drop_target(False)
        path = dropped_path(event)
        if path is not None:
            event.acceptProposedAction()
            self.file_dropped.emit(path)

    # details

    def _place_star(self) -> None:
        self.star.setVisible(not self._image.isNull())
        corner = self.picture_rect().toAlignedRect().bottomRight()
        self.star.move(corner - QPoint(_STAR_SIZE + theme.UNIT, _STAR_SIZE + theme.UNIT))

    def _paint_empty(self, painter: QPainter) -> None:
        side = 5 * theme.UNIT
        middle = self.rect().center()
        icons.paint(
            painter, "open", theme.colour("faint"), QRectF(middle.x() - side / 2, middle.y() - side - 4, side, side)
        )
        painter.setPen(theme.colour("muted"))
        words = QRect(MARGIN, middle.y() + theme.UNIT, self.width() - 2 * MARGIN, 8 * theme.UNIT)
        painter.drawText(words, Qt.AlignmentFlag.AlignHCenter | Qt.TextFlag.TextWordWrap, self._empty)

    def _paint_drop_target(self, painter: QPainter) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.colour("accent"), 2))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(8, 8, -8, -8), 4, 4)


class _StarButton(QToolButton):
    """The star on the picture: there while the pointer or the focus is near, and always when filled."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("canvas.star")
        self.setAccessibleName("Star this picture")
        self.setToolTip("Star this picture: keep it, to come back to it (Ctrl+D)")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFixedSize(_STAR_SIZE, _STAR_SIZE)
        self.hide()
        self._starred = False
        self._near = False
        self._reached = False

    def set_starred(self, starred: bool) -> None:
        if starred == self._starred:
            return  # it is asked after every move of a slider
        self._starred = starred
        self.setAccessibleName("This picture is starred" if starred else "Star this picture")
        self.update()

    def set_near(self, near: bool) -> None:
        self._near = near
        self.update()

    def focusInEvent(self, event: QFocusEvent) -> None:
        keys = (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)
        self._reached = event.reason() in keys  # not when Qt merely hands the focus to the window's first widget
        super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._reached = False
        super().focusOutEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        if not (self._near or self._starred or self._reached):
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.colour("accent"), 2) if self._reached else QPen(theme.colour("border"), 1))
        ground = theme.colour("raised" if not self.underMouse() else "hover")
        ground.setAlphaF(0.92)
        painter.setBrush(ground)
        painter.drawEllipse(QRectF(self.rect()).adjusted(2, 2, -2, -2))
        side = 22
        box = QRectF((self.width() - side) / 2, (self.height() - side) / 2, side, side)
        colour = theme.colour("accent" if self._starred or self.underMouse() else "text")
        icons.paint(painter, "star-filled" if self._starred else "star", colour, box)
