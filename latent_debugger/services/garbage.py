"""Python's cyclic garbage collector, run in the GUI thread only: in a worker it could destroy QObjects there."""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer, Slot

INTERVAL_MS = 500


class GuiGarbageCollector(QObject):
    """Switches automatic collection off and collects from a timer instead, until :meth:`stop`."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._automatic = automatic = _Automatic()
        # with a window that is torn down and was never closed; the lambda keeps alive what the wrapper may not
        self.destroyed.connect(lambda: automatic.restore())
        self._timer = QTimer(self)
        self._timer.setInterval(INTERVAL_MS)
        self._timer.timeout.connect(self.collect)
        self._timer.start()

    @Slot()
    def collect(self) -> None:
        """Collect those generations that have passed their thresholds, as the automatic collector would."""
        for generation, (count, threshold) in enumerate(zip(gc.get_count(), gc.get_threshold(), strict=True)):
            if count <= threshold:
                return
            gc.collect(generation)

    def stop(self) -> None:
        """Go back to automatic collection. Calling it again does nothing."""
        self._timer.stop()
        self._automatic.restore()


class _Automatic:
    """Automatic collection, switched off until :meth:`restore`."""

    def __init__(self) -> None:
        self._was_on, self._off = gc.isenabled(), True
        gc.disable()
        gc.freeze()  # the modules loaded so far stay anyway; without them a full collection takes no noticeable time

    def restore(self) -> None:
        """As it was before; calling it again does nothing."""
        if self._off:
            self._off = False
            gc.unfreeze()
            if self._was_on:
                gc.enable()
