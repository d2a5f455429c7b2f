"""Instruments: why does this latent give this picture? One question a file, as plain functions.

Long ones take ``tell``, which is told the share that is done (0 ... 1) and may raise to end the work; nothing is shared
between calls, so an instrument that was ended leaves nothing behind.
"""

from __future__ import annotations

from collections.abc import Callable

Tell = Callable[[float], None]


def silent(_share: float) -> None:
    """The ``tell`` of a caller who does not want to know."""
