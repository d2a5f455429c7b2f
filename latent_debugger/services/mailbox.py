"""What waits to be drawn: one frame at most, one batch of tiles per purpose. Free of Qt and of threads."""

from __future__ import annotations

from dataclasses import dataclass

from gan.latent.draws import Latents


@dataclass(frozen=True, eq=False)
class FrameRequest:
    """One picture for the canvas."""

    generation: int
    z: Latents
    """(dim,)"""
    requested_at: float
    """time.perf_counter() of the request, in seconds."""


@dataclass(frozen=True, eq=False)
class TileRequest:
    """One picture of a batch."""

    batch: int
    purpose: str
    index: int
    z: Latents
    """(dim,)"""
    last: bool
    """True for the batch's final picture."""


@dataclass(eq=False)
class _Batch:
    number: int
    latents: Latents
    next: int = 0


class Mailbox:
    """Newest wins. The caller sees to it that only one thread is inside."""

    def __init__(self) -> None:
        self.dropped = 0
        """Frames that were replaced before anyone drew them."""
        self._frame: FrameRequest | None = None
        self._batches: dict[str, _Batch] = {}

    def put_frame(self, request: FrameRequest) -> None:
        """Replace the frame that waits."""
        if self._frame is not None and self._frame.generation != request.generation:
            self.dropped += 1
        self._frame = request

    def put_batch(self, number: int, purpose: str, latents: Latents) -> None:
        """Replace what is left of the batch of the same purpose with ``latents`` (N, dim)."""
        self._batches.pop(purpose, None)
        if len(latents):
            self._batches[purpose] = _Batch(number, latents)

    def forget_batch(self, purpose: str) -> None:
        """Abandon what is left of a batch."""
        self._batches.pop(purpose, None)

    def forget_batches(self) -> None:
        """Abandon all tiles."""
        self._batches.clear()

    def clear(self) -> None:
        """Abandon everything."""
        self._frame = None
        self._batches.clear()

    def take(self, dim: int) -> FrameRequest | TileRequest | None:
        """The next thing to draw with a model of ``dim`` dimensions: the frame first, then a tile, then nothing.

        A frame of another length stays: its model is on its way. Tiles of another length are abandoned.
        """
        frame = self._frame
        if frame is not None and len(frame.z) == dim:
            self._frame = None
            return frame
        for purpose, batch in list(self._batches.items()):
            if batch.latents.shape[1] != dim:
                del self._batches[purpose]
                continue
            index, batch.next = batch.next, batch.next + 1
            last = batch.next == len(batch.latents)
            if last:
                del self._batches[purpose]
            return TileRequest(batch.number, purpose, index, batch.latents[index], last)
        return None
