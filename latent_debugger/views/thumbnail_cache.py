"""Thumbnails decoded when they come into view, never so many at once that scrolling would falter."""

from __future__ import annotations

import time
from collections import OrderedDict

from PySide6.QtCore import QObject, QTimer, Signal, Slot
from PySide6.QtGui import QImage

from latent_debugger.state.bookmark import Bookmark

CAPACITY = 600
"""Pictures kept; at most 64 KiB each."""
BUDGET_MS = 8.0
"""Spent on decoding in one turn of the event loop: half a frame. A single picture takes less than one."""
A_TURN = 20
"""Pictures decoded in one turn, for the view has to scale them, too."""


class ThumbnailCache(QObject):
    """The decoded thumbnails that were looked at last.

    Signals:
        ready(ids): these pictures, refused by :meth:`picture` before, can be asked for again.
    """

    ready = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pictures: OrderedDict[str, tuple[bytes, QImage]] = OrderedDict()
        self._refused: set[str] = set()
        self._spent_ms, self._decoded = 0.0, 0
        self._turn = QTimer(self)
        self._turn.setSingleShot(True)
        self._turn.setInterval(0)
        self._turn.timeout.connect(self._next_turn)

    def picture(self, bookmark: Bookmark) -> QImage | None:
        """Its picture, null where it has none; None when it has to be asked for again after :attr:`ready`."""
        known = self._pictures.get(bookmark.id)
        if known is not None and known[0] == bookmark.thumbnail:
            self._pictures.move_to_end(bookmark.id)
            return known[1]
        if not bookmark.thumbnail:
            return QImage()
        self._turn.start()
        if self._spent_ms > BUDGET_MS or self._decoded >= A_TURN:
            self._refused.add(bookmark.id)
            return None
        began = time.perf_counter()
        image = QImage.fromData(bookmark.thumbnail)
        self._spent_ms += (time.perf_counter() - began) * 1000
        self._decoded += 1
        self._pictures[bookmark.id] = (bookmark.thumbnail, image)
        if len(self._pictures) > CAPACITY:
            self._pictures.popitem(last=False)
        return image

    @Slot()
    def _next_turn(self) -> None:
        self._spent_ms, self._decoded = 0.0, 0
        refused, self._refused = self._refused, set()
        if refused:
            self.ready.emit(refused)
