"""Which devices can draw pictures here."""

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
