"""Seeds that nobody chose."""

from __future__ import annotations

import numpy as np


def fresh_seed() -> int:
    """A seed, 0 to 2**32 - 1, from the operating system's entropy."""
    return int(np.random.SeedSequence().generate_state(1)[0])
