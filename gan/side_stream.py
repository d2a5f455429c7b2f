"""One picture on a CUDA device, beside whatever else that device does."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class SideStream:
    """A generator on a CUDA device with a stream of its own: it waits for its own work only.

    TF32 and timed choices of kernels are off: pictures should be as near to the processor's as float32 allows, and the
    same whenever they are drawn.
    """

    def __init__(self, generator: nn.Module, device: torch.device) -> None:
        self._generator, self._device = generator, device
        self._stream = torch.cuda.Stream(device)  # type: ignore[no-untyped-call]
        self._stream.wait_stream(torch.cuda.current_stream(device))  # on which the weights may still be travelling

    def __call__(self, z: Tensor) -> Tensor:
        """z (1, z_dim) in main memory -> picture (1, C, H, W) in main memory."""
        exact = torch.backends.cudnn.flags(enabled=True, benchmark=False, deterministic=True, allow_tf32=False)
        with torch.cuda.stream(self._stream), exact:
            image = self._generator(z.to(self._device, non_blocking=True))
            # page-locked, which the copy engine writes without a detour; torch keeps such blocks for the next picture
            host = torch.empty(image.shape, dtype=image.dtype, pin_memory=True)
            host.copy_(image, non_blocking=True)
        self._stream.synchronize()
        return host
