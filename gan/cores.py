"""How much of the processor is ours."""

from __future__ import annotations

import os


def cores() -> int:
    """Processor cores this process may use: a cluster, a container or ``taskset`` may give it fewer than there are."""
    if hasattr(os, "sched_getaffinity"):  # not on macOS and Windows
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
