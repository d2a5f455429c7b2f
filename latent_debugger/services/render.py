"""Latents to pictures in a thread of their own, newest wins.

Requests carry a generation number; at most one waits, a newer one takes its place. Pictures are drawn one at a time, so
that a frame never waits for more than the picture in hand, and thumbnails fill the gaps between frames.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, Signal, Slot

from gan.checkpoints import CheckpointInfo
from gan.images import Bytes
from gan.latent.draws import Latents
from latent_debugger.errors import UserError, report_unexpected
from latent_debugger.services.adapters import open_again
from latent_debugger.services.devices import is_out_of_memory
from latent_debugger.services.foreign import choices_of
from latent_debugger.services.loop import Job, Loop
from latent_debugger.services.mailbox import FrameRequest, Mailbox, TileRequest

log = logging.getLogger(__name__)


class PictureSource(Protocol):
    """What the service asks of :class:`gan.rendering.Renderer`."""

    @property
    def dim(self) -> int: ...
    @property
    def info(self) -> CheckpointInfo: ...
    @property
    def device(self) -> torch.device: ...
    def pixels(self, latents: Latents, /) -> Bytes: ...


@dataclass(frozen=True, eq=False)
class Frame:
    """One picture for the canvas."""

    generation: int
    z: Latents
    """(dim,), read-only."""
    image: Bytes
    """(H, W, C)"""
    model_ms: float
    """Time inside the model, in milliseconds."""
    requested_at: float
    """time.perf_counter() of the request, in seconds."""
    model_sha256: str


@dataclass(frozen=True, eq=False)
class Tile:
    """One picture of a batch."""

    batch: int
    index: int
    image: Bytes
    """(H, W, C)"""


@dataclass(frozen=True, eq=False)
class _Drawn:
    """What the thread made of a request, or why it could not."""

    turn: int
    request: FrameRequest | TileRequest
    image: Bytes | None
    error: UserError | None
    model_ms: float
    model_sha256: str


@dataclass(frozen=True, eq=False)
class _FellBack:
    """The model moved to the processor."""

    turn: int
    device: str
    error: UserError


def reopen_on_cpu(broken: PictureSource) -> PictureSource:
    """The model of ``broken`` on the processor, read anew: after an error a device may not give its weights back."""
    return open_again(broken.info, choices_of(broken.info), torch.device("cpu"))


class RenderService(QObject):
    """Owns the thread that draws. All its signals are emitted in the thread of this object.

    Args:
        synchronous: no thread: requests are drawn before they return. For tests.
        fall_back: makes the renderer that takes over when a device other than the processor fails.

    Attributes:
        forwards: pictures computed so far, frames and tiles.
    """

    frame_ready = Signal(object)
    """Frame: the newest one asked for, or one on the way to it."""
    tile_ready = Signal(object)
    """Tile"""
    batch_done = Signal(object)
    """int: the batch whose last tile was just emitted. Abandoned batches are never done."""
    failed = Signal(object)
    """UserError"""
    device_changed = Signal(object)
    """str: the model had to move to this device."""

    _answered = Signal(object)

    def __init__(
        self,
        parent: QObject | None = None,
        *,
        synchronous: bool = False,
        fall_back: Callable[[PictureSource], PictureSource] = reopen_on_cpu,
    ) -> None:
        super().__init__(parent)
        self.forwards = 0
        self._fall_back = fall_back
        self._renderer: PictureSource | None = None
        self._turn = 0  # counts renderers: an answer from an older one is not wanted any more
        self._mailbox = Mailbox()
        self._numbers = 0  # generations and batches share one series
        self._newest: FrameRequest | None = None
        self._settled = 0  # the newest generation that was answered
        self._batches: dict[str, int] = {}
        prepare = None if synchronous else _one_torch_thread
        self._loop = Loop("render", self._take, prepare, synchronous=synchronous)
        self._answered.connect(self._deliver, Qt.ConnectionType.QueuedConnection)
        self.destroyed.connect(self._loop.stop)  # before a parent takes this object from under its thread

    @property
    def dropped(self) -> int:
        """Requests that a newer one replaced before they were drawn."""
        return self._mailbox.dropped

    def set_renderer(self, renderer: PictureSource | None) -> None:
        """Draw with another model from now on, or not at all.

        Nothing that the old model drew is emitted after this; a request it left unanswered goes to the new one, if the
        length fits. The old model's batches are abandoned: ask again. Those asked for while there was none are drawn.
        """
        with self._loop.lock:
            if self._renderer is not None:
                self._mailbox.forget_batches()
                self._batches.clear()
            self._renderer = renderer
            self._turn += 1
            if self._newest is not None and self._newest.generation > self._settled:
                self._mailbox.put_frame(self._newest)
        self._loop.wake()

    def request(self, z: Latents) -> int:
        """Ask for the picture of ``z`` (dim,); answers the generation number that its frame will carry.

        Without a fitting model the request waits for one. Asking twice for what is still on its way is asking once.
        """
        z = _own_copy(z)
        newest = self._newest
        if newest is not None and newest.generation > self._settled and newest.z.tobytes() == z.tobytes():
            return newest.generation
        self._numbers += 1
        self._newest = request = FrameRequest(self._numbers, z, time.perf_counter())
        with self._loop.lock:
            self._mailbox.put_frame(request)
        self._loop.wake()
        return request.generation

    def request_tiles(self, latents: Latents, purpose: str) -> int:
        """Ask for the pictures of ``latents`` (N, dim), one tile each; answers the batch number they will carry.

        What is left of an older batch of the same ``purpose`` is abandoned; so is a batch that the model does not fit.
        Without a model it waits for one.
        """
        self._numbers += 1
        number = self._batches[purpose] = self._numbers
        with self._loop.lock:
            self._mailbox.put_batch(number, purpose, _own_copy(latents))
        self._loop.wake()
        return number

    def wait_idle(self, timeout_s: float) -> bool:
        """Block until everything is drawn and emitted (in this object's thread only); False after ``timeout_s``."""
        deadline = time.monotonic() + timeout_s
        while self._loop.wait_idle(deadline - time.monotonic()):
            before = self._numbers, self._turn
            QCoreApplication.sendPostedEvents(self, QEvent.Type.MetaCall.value)
            if before == (self._numbers, self._turn):
                return True
        return False

    def stop(self) -> None:
        """Abandon what waits, finish the picture in hand, end the thread; nothing is emitted any more."""
        with self._loop.lock:
            self._mailbox.clear()
            self._renderer = None
        self._loop.stop()

    def _take(self) -> Job | None:
        renderer, turn = self._renderer, self._turn
        request = None if renderer is None else self._mailbox.take(renderer.dim)
        if renderer is None or request is None:
            return None
        return lambda: self._draw(renderer, turn, request)

    def _draw(self, renderer: PictureSource, turn: int, request: FrameRequest | TileRequest) -> None:
        image, error, started = None, None, time.perf_counter()
        try:
            self.forwards += 1
            image = renderer.pixels(request.z[np.newaxis])[0]
        except UserError as mistake:
            error = mistake
        except Exception as failure:
            if str(renderer.device) != "cpu":
                log.warning("device %s failed: %s", renderer.device, failure)
                self._continue_on_cpu(renderer, turn, request)
                return
            if is_out_of_memory(failure):
                error = UserError("There is not enough memory for this picture.", "Close what needs much of it.")
            else:
                report_unexpected(failure)
                error = UserError(f"The model {renderer.info.name} could not draw this picture.", "The log says why.")
        spent = (time.perf_counter() - started) * 1000
        if error is not None and isinstance(request, TileRequest):
            with self._loop.lock:
                self._mailbox.forget_batch(request.purpose)
        self._answer(_Drawn(turn, request, image, error, spent, renderer.info.sha256))

    def _answer(self, answer: _Drawn | _FellBack) -> None:
        if self._loop.synchronous:
            self._deliver(answer)
        else:
            self._answered.emit(answer)

    @Slot(object)
    def _deliver(self, answer: _Drawn | _FellBack) -> None:
        if self._loop.stopped or answer.turn != self._turn:
            return
        if isinstance(answer, _FellBack):
            self.failed.emit(answer.error)
            if answer.device:
                self.device_changed.emit(answer.device)
        elif isinstance(answer.request, FrameRequest):
            self._deliver_frame(answer, answer.request)
        elif self._batches.get(answer.request.purpose) == answer.request.batch:
            self._deliver_tile(answer, answer.request)

    def _deliver_frame(self, answer: _Drawn, request: FrameRequest) -> None:
        self._settled = request.generation
        if answer.image is None:
            self.failed.emit(answer.error)
            return
        self.frame_ready.emit(
            Frame(
                request.generation,
                request.z,
                answer.image,
                answer.model_ms,
                request.requested_at,
                answer.model_sha256,
            )
        )

    def _deliver_tile(self, answer: _Drawn, request: TileRequest) -> None:
        if answer.image is None:
            self.failed.emit(answer.error)
            return
        self.tile_ready.emit(Tile(request.batch, request.index, answer.image))
        if request.last:
            self.batch_done.emit(request.batch)

    def _continue_on_cpu(self, broken: PictureSource, turn: int, request: FrameRequest | TileRequest) -> None:
        """The device failed: go on with the processor, beginning with ``request``, and say so."""
        try:
            renderer: PictureSource | None = self._fall_back(broken)
            error = UserError(
                f"The device {broken.device} failed, so the processor draws the pictures from now on.",
                "Open the model again to try the device again.",
            )
        except UserError as mistake:
            renderer, error = None, mistake
        with self._loop.lock:
            if turn != self._turn:
                return  # another model came meanwhile
            self._renderer = renderer
        self._answer(_FellBack(turn, str(renderer.device) if renderer is not None else "", error))
        if renderer is not None:
            self._draw(renderer, turn, request)


def _one_torch_thread() -> None:
    torch.set_num_threads(1)


def _own_copy(latents: Latents) -> Latents:
    copy = np.array(latents, np.float32, order="C")
    copy.flags.writeable = False
    return copy
