"""Where and in which precision training runs."""

from __future__ import annotations

import os
from contextlib import AbstractContextManager, nullcontext

import torch

from gan.config import Precision


def training_threads(wanted: int) -> int:
    """CPU threads for training: ``wanted``, or all cores but one, so that a window beside it stays smooth."""
    return wanted or max(1, (os.cpu_count() or 2) - 1)


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


def autocast(device: torch.device, bf16: bool) -> AbstractContextManager[object]:
    """Mixed precision for the forward passes: weights, sums and optimisers stay float32."""
    return torch.autocast(device.type, torch.bfloat16) if bf16 else nullcontext()
