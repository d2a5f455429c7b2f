"""How long a run will take, from the times its log gives."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

_LINES = 60
"""Lines of the log looked back at: about a minute of work."""
_PAUSE_S = 30.0
"""A gap between two lines longer than this, and than three usual ones, was a pause: a line follows an update."""
_LONGEST_S = 86_400.0
"""No update takes so long."""


def steps_per_second(metrics: Mapping[str, NDArray[np.float64]]) -> float | None:
    """Generator updates per second over the last minute of work; None where there is too little to tell.

    Args:
        metrics: columns of a log, each (n,): ``step``, and ``time`` in seconds.
    """
    if "time" not in metrics or "step" not in metrics:
        return None
    times, steps = metrics["time"][-_LINES:], metrics["step"][-_LINES:]
    known = np.isfinite(times) & np.isfinite(steps)
    seconds, done = np.diff(times[known]), np.diff(steps[known])
    working = (seconds > 0) & (seconds < _LONGEST_S) & (done > 0)
    if not working.any():
        return None
    usual = np.quantile(seconds[working], 0.5, method="lower")  # of two gaps the shorter: the other may be a pause
    working &= seconds < max(_PAUSE_S, 3 * usual)
    return float(done[working].sum() / seconds[working].sum())


def seconds_left(metrics: Mapping[str, NDArray[np.float64]], step: int, steps: int) -> float | None:
    """Seconds from ``step`` to ``steps`` at the present pace; None where that cannot be told."""
    pace = steps_per_second(metrics)
    return max(0, steps - step) / pace if pace else None


def duration(seconds: float) -> str:
    """``0:42``, ``12:05``, ``1:02:10``, ``3 d 4 h``."""
    whole = round(seconds)
    if whole >= 2 * 86_400:
        return f"{whole // 86_400} d {whole % 86_400 // 3600} h"
    hours, minutes = divmod(whole // 60, 60)
    return f"{hours}:{minutes:02}:{whole % 60:02}" if hours else f"{minutes}:{whole % 60:02}"
