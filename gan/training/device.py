"""Where and in which precision training runs."""

from __future__ import annotations

import torch

from gan.config import Precision
from gan.cores import cores


def training_threads(wanted: int, processes: int = 1) -> int:
    """CPU threads for one of the ``processes`` on this machine: ``wanted``, or its part of all cores but one, so that a
    window beside it stays smooth."""
    return wanted or max(1, (cores() - 1) // processes)


def uses_bf16(precision: Precision, device: torch.device) -> bool:
    """Whether to compute in bfloat16; auto says yes where the hardware has instructions for it (emulation is slow)."""
    if precision != "auto":
        return precision == "bf16"
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    if device.type == "cpu":
        able = torch.cpu.get_capabilities()
        return bool(able.get("avx512_bf16") or able.get("amx_bf16") or able.get("bf16"))
    return False
