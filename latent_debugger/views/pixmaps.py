"""Icons and pictures for things that draw themselves, drawn once per size and colour."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPixmap, QPixmapCache

from latent_debugger.views import icons


def icon_pixmap(name: str, colour: str, size: int, ratio: float) -> QPixmap:
    """Icon ``name`` in ``colour`` (``#rrggbb``), ``size`` logical pixels square, sharp at device pixel ``ratio``."""
    key, found = f"icon {name} {colour} {size} {ratio}", QPixmap()
    if not QPixmapCache.find(key, found):
        found = icons.pixmap(name, colour, size, ratio)
        QPixmapCache.insert(key, found)
    return found


def picture_pixmap(image: QImage, side: int, ratio: float) -> QPixmap:
    """``image`` to fit ``side`` logical pixels square: its own pixels where they fit a whole number of times, else
    smoothly scaled."""
    key, found = f"picture {image.cacheKey()} {side} {ratio}", QPixmap()
    if not QPixmapCache.find(key, found):
        found = _fitted(image, side, ratio)
        QPixmapCache.insert(key, found)
    return found


def _fitted(image: QImage, side: int, ratio: float) -> QPixmap:
    wanted = round(side * ratio)
    whole = wanted % max(1, image.width()) == 0 and wanted % max(1, image.height()) == 0
    how = Qt.TransformationMode.FastTransformation if whole else Qt.TransformationMode.SmoothTransformation
    found = QPixmap.fromImage(image.scaled(wanted, wanted, Qt.AspectRatioMode.KeepAspectRatio, how))
    found.setDevicePixelRatio(ratio)
    return found


def tile_pixmap(image: QImage, side: int, ratio: float, corner: float, ground: str) -> QPixmap:
    """``image`` as :func:`picture_pixmap` draws it, in the middle of a square of ``side`` logical pixels with round
    corners; what it leaves free is ``ground`` (``#rrggbb``). Rounded once and kept: clipping at every paint is slow."""
    key, found = f"tile {image.cacheKey()} {side} {ratio} {corner} {ground}", QPixmap()
    if not QPixmapCache.find(key, found):
        found = rounded_tile(image, side, ratio, corner, ground)
        QPixmapCache.insert(key, found)
    return found


def rounded_tile(image: QImage, side: int, ratio: float, corner: float, ground: str) -> QPixmap:
    """What :func:`tile_pixmap` keeps, drawn anew: for those who know their pictures by another key."""
    picture = _fitted(image, side, ratio)
    size = picture.deviceIndependentSize()
    found = _blank(side, ratio)
    painter = QPainter(found)
    painter.fillRect(QRectF(0, 0, side, side), QColor(ground))
    painter.drawPixmap(QPointF((side - size.width()) / 2, (side - size.height()) / 2), picture)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_DestinationIn)
    painter.drawPixmap(0, 0, _rounded(side, ratio, corner))
    painter.end()
    return found


def _rounded(side: int, ratio: float, corner: float) -> QPixmap:
    """A square with round corners, to cut others with."""
    key, found = f"rounded {side} {ratio} {corner}", QPixmap()
    if not QPixmapCache.find(key, found):
        found = _blank(side, ratio)
        painter = QPainter(found)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(Qt.GlobalColor.black)
        painter.drawRoundedRect(QRectF(0, 0, side, side), corner, corner)
        painter.end()
        QPixmapCache.insert(key, found)
    return found


def _blank(side: int, ratio: float) -> QPixmap:
    found = QPixmap(round(side * ratio), round(side * ratio))
    found.setDevicePixelRatio(ratio)
    found.fill(Qt.GlobalColor.transparent)
    return found
