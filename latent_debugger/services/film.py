"""Pictures of many latents under many checkpoints, drawn in small jobs in a thread of their own.

What is asked for replaces all that was asked for before: while a slider moves, only what is in view is ever drawn. A
checkpoint takes tens of milliseconds to load and one to draw with, so a few stay loaded, and pictures stay longer.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, Signal, Slot

from gan.images import Bytes
from gan.latent.draws import Latents
from gan.rendering import Renderer, open_renderer
from latent_debugger.errors import UserError, report_unexpected
from latent_debugger.services.loop import Job, Loop
from latent_debugger.state.lru import Lru

log = logging.getLogger(__name__)

PICTURES_BYTES = 96 << 20
RENDERERS_BYTES, RENDERERS_KEPT = 192 << 20, 24
"""Of the files the renderers came from; a renderer takes about as much."""


@dataclass(frozen=True)
class Shot:
    """One picture of the film: which latent under which checkpoint."""

    path: Path
    z: bytes
    """(dim,) float32, little-endian."""


@dataclass(frozen=True, eq=False)
class Picture:
    """What became of a shot."""

    shot: Shot
    image: Bytes | None
    """(H, W, C); None where there is no picture."""
    error: UserError | None = None


@dataclass(frozen=True)
class _Stamp:
    """Of a file, to notice that it was replaced."""

    mtime_ns: int
    size: int


@dataclass(frozen=True, eq=False)
class _Kept:
    stamp: _Stamp
    image: Bytes


class FilmService(QObject):
    """Draws shots in the order they are asked for. Its signal is emitted in the thread of this object.

    The processor draws, whatever the window's own device is: the films leave a graphics card to the canvas.

    Args:
        synchronous: no thread: shots are drawn before :meth:`want` returns. For tests.

    Attributes:
        loads, forwards: checkpoints loaded and pictures computed so far.
    """

    ready = Signal(object)
    """Picture: once for each shot of the newest :meth:`want`, unless another comes first."""

    _answered = Signal(object)

    def __init__(self, parent: QObject | None = None, *, synchronous: bool = False) -> None:
        super().__init__(parent)
        self.loads = self.forwards = 0
        self._waiting: list[Shot] = []  # the next one last
        self._turn = 0  # counts calls of want(): the answers to an older one are not wanted any more
        self._pictures: Lru[Shot, _Kept] = Lru(PICTURES_BYTES)
        self._renderers: Lru[Path, tuple[_Stamp, Renderer | UserError]] = Lru(RENDERERS_BYTES, RENDERERS_KEPT)
        prepare = None if synchronous else _one_torch_thread
        self._loop = Loop("film", self._take, prepare, synchronous=synchronous)
        self._answered.connect(self._deliver, Qt.ConnectionType.QueuedConnection)
        self.destroyed.connect(self._loop.stop)  # before a parent takes this object from under its thread

    def want(self, shots: Sequence[Shot]) -> None:
        """Draw these, the first one first, and nothing else that was asked for."""
        if self._loop.stopped:
            return
        with self._loop.lock:
            self._turn += 1
            self._waiting = list(reversed(shots))
        self._loop.wake()

    def picture(self, shot: Shot) -> Bytes | None:
        """The picture (H, W, C) at once if it was drawn lately; the file may have changed since."""
        with self._loop.lock:
            kept = self._pictures.get(shot)
        return None if kept is None else kept.image

    def wait_idle(self, timeout_s: float) -> bool:
        """Block until all that is wanted is drawn and emitted; False after ``timeout_s`` seconds."""
        deadline = time.monotonic() + timeout_s
        while self._loop.wait_idle(deadline - time.monotonic()):
            before = self._turn
            QCoreApplication.sendPostedEvents(self, QEvent.Type.MetaCall.value)
            if before == self._turn:
                return True
        return False

    def stop(self) -> None:
        """Abandon what waits, finish the picture in hand, end the thread; nothing is emitted any more."""
        with self._loop.lock:
            self._waiting = []
        self._loop.stop()

    def _take(self) -> Job | None:
        if not self._waiting:
            return None
        shot, turn = self._waiting.pop(), self._turn
        return lambda: self._draw(shot, turn)

    def _draw(self, shot: Shot, turn: int) -> None:
        try:
            picture = Picture(shot, self._image(shot))
        except UserError as mistake:
            picture = Picture(shot, None, mistake)
        except Exception as failure:
            report_unexpected(failure)
            error = UserError(f"{shot.path.name} could not draw this picture.", "The log says why.")
            picture = Picture(shot, None, error)
        if self._loop.synchronous:
            self._deliver((turn, picture))
        else:
            self._answered.emit((turn, picture))

    def _image(self, shot: Shot) -> Bytes:
        stamp = stamp_of(shot.path)
        with self._loop.lock:
            kept = self._pictures.get(shot)
        if kept is not None and kept.stamp == stamp:
            return kept.image
        renderer = self._renderer(shot.path, stamp)
        self.forwards += 1
        image: Bytes = renderer.pixels(to_latent(shot.z)[np.newaxis])[0]
        with self._loop.lock:
            self._pictures.put(shot, _Kept(stamp, image), image.nbytes + len(shot.z))
        return image

    def _renderer(self, path: Path, stamp: _Stamp) -> Renderer:
        """Only the thread asks. A file that cannot be read is not read again before it changes."""
        known = self._renderers.get(path)
        if known is None or known[0] != stamp:
            self.loads += 1
            found: Renderer | UserError
            try:
                found = open_renderer(path, "cpu")
            except UserError as error:
                log.info("no picture under %s: %s", path, error)
                found = error
            known = stamp, found
            self._renderers.put(path, known, 0 if isinstance(found, UserError) else stamp.size)
        if isinstance(known[1], UserError):
            raise known[1]
        return known[1]

    @Slot(object)
    def _deliver(self, answer: tuple[int, Picture]) -> None:
        if not self._loop.stopped and answer[0] == self._turn:
            self.ready.emit(answer[1])


def stamp_of(path: Path) -> _Stamp:
    """What tells a file from the one that replaces it.

    Raises:
        UserError: it is gone.
    """
    try:
        stat = path.stat()
    except OSError as error:
        raise UserError(f"{path.name} cannot be read: {error.strerror or error}.") from error
    return _Stamp(stat.st_mtime_ns, stat.st_size)


def to_latent(z: bytes) -> Latents:
    """The latent (dim,) of a shot."""
    return np.frombuffer(z, "<f4").astype(np.float32)


def _one_torch_thread() -> None:
    torch.set_num_threads(1)
