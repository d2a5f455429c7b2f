"""What a run measures about itself: means over updates, pictures per second, memory."""

from __future__ import annotations

import math
import os
import platform
import time
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import torch

from gan.training.trainer import Progress, Trainer


class Every:
    """True once per ``seconds``."""

    def __init__(self, seconds: float) -> None:
        self._seconds, self._next = seconds, time.monotonic() + seconds

    def __call__(self) -> bool:
        now = time.monotonic()
        if now < self._next:
            return False
        self._next = now + self._seconds
        return True


class Pace:
    """Pictures per second of work: time spent waiting is taken out."""

    def __init__(self, images_seen: int) -> None:
        self._images, self._since = images_seen, time.monotonic()

    def waited(self, seconds: float) -> None:
        """So many of the last seconds were a pause."""
        self._since += seconds

    def __call__(self, images_seen: int) -> float:
        """Pictures per second since the last call."""
        now = time.monotonic()
        rate = max(0, images_seen - self._images) / max(now - self._since, 1e-9)
        self._images, self._since = images_seen, now
        return rate


class Measured:
    """What was measured since the last line of metrics.

    Attributes:
        updates: made since then.
        pace: pictures per second of work.
    """

    def __init__(self, trainer: Trainer) -> None:
        self._trainer = trainer
        self.updates: list[Progress] = []
        self.pace = Pace(trainer.images_seen)

    def take(self, *, with_held_out: bool) -> tuple[Progress, float, dict[str, Any]]:
        """Means over the updates, pictures per second, and the line of metrics that tells them; then begin anew.

        Args:
            with_held_out: look at the held-out pictures, too.
        """
        mean, rate = mean_of(self.updates), self.pace(self.updates[-1].images_seen)
        self.updates.clear()
        held_out = self._trainer.held_out_estimate() if with_held_out else None
        line: dict[str, Any] = {
            "time": time.time(),
            **asdict(mean),
            "wasserstein_held_out": held_out if held_out is None or math.isfinite(held_out) else None,
            "images_per_second": round(rate, 1),
            "memory_mb": memory_mb(),
        }
        on_device = device_memory_mb(self._trainer.device)
        if on_device is not None:
            line["device_memory_mb"] = on_device
        return mean, rate, line


def mean_of(window: list[Progress]) -> Progress:
    """The newest update, with every measured number averaged over ``window``."""
    last = asdict(window[-1])
    means: dict[str, Any] = {}
    for name in last.keys() - {"step", "images_seen", "learning_rate", "augment"}:
        values = [value for value in (getattr(progress, name) for progress in window) if value is not None]
        means[name] = sum(values) / len(values) if values else None
    return replace(window[-1], **means)


def memory_mb() -> float | None:
    """Main memory that this process occupies, in MB of 10^6 bytes; None where the system does not say."""
    system = platform.system()
    if system == "Linux":
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 1e6
    if system == "Darwin":
        import resource

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6  # its peak: macOS gives no more without ctypes
    return None


def device_memory_mb(device: torch.device) -> float | None:
    """Memory that tensors occupy on a CUDA device, in MB of 10^6 bytes; None on others."""
    return torch.cuda.memory_allocated(device) / 1e6 if device.type == "cuda" else None
