"""The real window on the bundled model, with instruments: a hand on a slider, a stop-watch, a slow model."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import numpy as np
import torch  # before PySide6: on Windows c10.dll loads only in this order
from PySide6.QtCore import QCoreApplication, QEvent, QEventLoop, QObject, Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import QAbstractItemView, QSlider

from gan.checkpoints import CheckpointInfo, read_info
from gan.images import Bytes
from gan.latent.draws import Latents
from latent_debugger.application import build, bundled_model
from latent_debugger.views.latent_slider import UNITS
from latent_debugger.views.main_window import MainWindow
from latent_debugger.wiring import Wiring

SETTLE_S = 1.5  # the session is saved a second after the last change
PATIENCE_S = 30.0


class Stage:
    """The window.

    Attributes:
        info: the bundled model.
        painted: the newest generation on the canvas; -1 before the first.
    """

    def __init__(self) -> None:
        checkpoint = bundled_model()
        if checkpoint is None:
            raise RuntimeError("there is no bundled model in checkpoints/people64")
        self.info = read_info(checkpoint)
        _, self.window = build([])
        wiring = self.window.property("wiring")
        assert isinstance(wiring, Wiring)
        self.wiring, self.render = wiring, wiring.services.render
        self.painted = -1
        self.window.canvas.painted.connect(self._note)

    @property
    def slider(self) -> QSlider:
        """Of the first dimension."""
        return next(s for s in self.window.findChildren(QSlider) if s.accessibleName() == "z 0")

    def settle(self) -> None:
        """Wait for the first picture, and for what follows it."""
        self.wait_until(lambda: self.painted >= 0)
        run_for(SETTLE_S)

    def shows_latent(self) -> bool:
        """Whether the picture of the very latent of now has been painted."""
        frame = self.wiring.frames.latest
        newest = frame is not None and frame.z.tobytes() == self.wiring.session.latent.z.tobytes()
        return newest and frame is not None and frame.generation == self.painted

    def wait_until(self, condition: Callable[[], bool], patience: float = PATIENCE_S) -> None:
        """Run the event loop until ``condition()``, for ``patience`` seconds at most.

        Raises:
            RuntimeError: it did not come true in time.
        """
        deadline = time.monotonic() + patience
        while not condition():
            if time.monotonic() > deadline:
                raise RuntimeError(f"the window did not get there in {patience:.0f} s")
            run_for(0.005)

    def _note(self, generation: int) -> None:
        self.painted = generation


@contextmanager
def stage() -> Iterator[Stage]:
    """The window after its first picture, at rest; closed in the end, with everything behind it stopped."""
    opened = Stage()
    try:
        opened.settle()
        yield opened
    finally:
        window: MainWindow = opened.window
        window.close()
        window.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


def run_for(seconds: float) -> None:
    """Run the event loop for a while; it sleeps where there is nothing to do."""
    loop = QEventLoop()
    QTimer.singleShot(round(seconds * 1000), loop.quit)
    loop.exec()


def milliseconds(action: Callable[[], object]) -> float:
    """How long ``action`` takes."""
    began = time.perf_counter()
    action()
    return (time.perf_counter() - began) * 1000


def roll(view: QAbstractItemView, step: int, frames: int) -> list[float]:
    """Milliseconds for each step of ``step`` pixels, and for the longest of what follows it, from the top of a list."""
    bar = view.verticalScrollBar()
    bar.setValue(0)
    run_for(0.3)

    def move() -> None:
        bar.setValue(bar.value() + step)
        view.viewport().repaint()

    spent = []
    for _ in range(frames):
        spent.append(milliseconds(move))
        watch = StopWatch()
        run_for(0.03)  # pictures that had to wait are drawn now
        spent.append(watch.longest_ms)
    return spent


class Hand(QObject):
    """Drags a slider through ``positions`` at ``hz`` moves a second.

    Attributes:
        moved_at: position -> time.perf_counter() just before the slider was told.
    """

    finished = Signal()

    def __init__(self, slider: QSlider, positions: Sequence[int], hz: float) -> None:
        super().__init__()
        self.moved_at: dict[int, float] = {}
        self._slider, self._positions, self._hz = slider, positions, hz
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._move)
        self._started = 0.0

    def drag(self) -> None:
        """Press, move along, let go; returns when all moves are made."""
        loop = QEventLoop()
        self.finished.connect(loop.quit)
        self._slider.setSliderDown(True)
        self._started = time.perf_counter()
        self._timer.start(0)
        loop.exec()
        self._slider.setSliderDown(False)

    @Slot()
    def _move(self) -> None:
        position = self._positions[len(self.moved_at)]
        self.moved_at[position] = time.perf_counter()
        self._slider.setValue(position)
        made = len(self.moved_at)
        if made == len(self._positions):
            self.finished.emit()
        else:  # towards the beat, not from now: lateness must not add up
            left = self._started + made / self._hz - time.perf_counter()
            self._timer.start(max(0, round(left * 1000)))


def sweep(moves: int) -> range:
    """Slider positions from -2.5 up to at most 2.5, no two alike."""
    return range(-5 * UNITS // 2, 5 * UNITS // 2, 5 * UNITS // moves)[:moves]


class StopWatch(QObject):
    """The longest time between two ticks of a 5 ms timer: what the event loop was kept from doing.

    Attributes:
        longest_ms: so far.
    """

    def __init__(self) -> None:
        super().__init__()
        self.longest_ms = 0.0
        self._last = time.perf_counter()
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)
        self._timer.start(5)

    @Slot()
    def _tick(self) -> None:
        now = time.perf_counter()
        self.longest_ms = max(self.longest_ms, (now - self._last) * 1000)
        self._last = now


class SlowModel:
    """A model that takes ``seconds`` for a picture, for the render service to draw with.

    Attributes:
        forwards: pictures begun.
    """

    def __init__(self, info: CheckpointInfo, seconds: float) -> None:
        self.info, self.dim, self.device = info, info.config.z_dim, torch.device("cpu")
        self.forwards = 0
        self._seconds = seconds

    def pixels(self, latents: Latents) -> Bytes:
        """(N, dim) -> grey pictures (N, H, W, C)."""
        self.forwards += 1
        time.sleep(self._seconds)
        size, channels = self.info.config.image_size, self.info.config.channels
        shades = np.clip(128 + 40 * latents[:, :1, None, None], 0, 255).astype(np.uint8)
        return np.broadcast_to(shades, (len(latents), size, size, channels)).copy()
