"""Which devices can draw pictures here, and when one has no room."""

from __future__ import annotations

import torch


def available_devices() -> tuple[str, ...]:
    """``auto``, ``cpu`` and what else this machine has: ``mps``, ``cuda``, or of several ``cuda:0``, ``cuda:1`` ..."""
    found = ["auto", "cpu"]
    if torch.backends.mps.is_available():
        found.append("mps")
    cards = torch.cuda.device_count()
    found += ["cuda"] if cards == 1 else [f"cuda:{index}" for index in range(cards)]
    return tuple(found)


def is_out_of_memory(error: Exception) -> bool:
    """Whether ``error`` says so: Python's, CUDA's, or the bare RuntimeError of torch's allocator on the processor."""
    return isinstance(error, MemoryError | torch.OutOfMemoryError) or "allocate memory" in str(error)
