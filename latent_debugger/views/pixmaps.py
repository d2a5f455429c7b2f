"""Icons and pictures for things that draw themselves, drawn once per size and colour."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QImage, QPixmap, QPixmapCache

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
        wanted = round(side * ratio)
        whole = wanted % max(1, image.width()) == 0 and wanted % max(1, image.height()) == 0
        how = Qt.TransformationMode.FastTransformation if whole else Qt.TransformationMode.SmoothTransformation
        found = QPixmap.fromImage(image.scaled(wanted, wanted, Qt.AspectRatioMode.KeepAspectRatio, how))
        found.setDevicePixelRatio(ratio)
        QPixmapCache.insert(key, found)
    return found
