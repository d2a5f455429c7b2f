"""When a run should not simply go on: four rules as pure functions, and the watch that applies them to one run.

The thresholds are far from what healthy runs do (docs/training.md): a breakpoint that cries wolf is switched off.
"""

from __future__ import annotations

import errno
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from gan.errors import UserError
from gan.images import Bytes

RECENT, EARLIER, MOST = 5, 30, 2000  # lines of metrics, about one a second
DIVERGED_RATIO = 10.0
ROOM = 3  # checkpoints with their states that must still fit on the disk
ARMED, COLLAPSED = 0.5, 0.3  # of the real pictures' diversity, of the best so far
_SIDE = 16  # pixels: differences finer than this are noise to :func:`diversity`


@dataclass(frozen=True)
class Trouble:
    """Why a run is paused."""

    text: str
    """One sentence: what is wrong."""
    hint: str
    """What to do next."""
    roll_back: bool = False
    """The numbers in memory are spoilt: go back to the last good state first."""
    can_go_on: bool = True
    """A run that was told not to care for trouble may go on regardless."""

    @property
    def message(self) -> str:
        """Text and hint."""
        return f"{self.text} {self.hint}"

    def to_error(self) -> UserError:
        """For a run that nobody could tell to go on."""
        return UserError(self.text, self.hint)


def finite(values: Iterable[float | None]) -> bool:
    """Whether every value that is there is a finite number."""
    return all(value is None or math.isfinite(value) for value in values)


def diverged(earlier: Sequence[float], recent: Sequence[float], pixels: int) -> bool:
    """Whether an estimate of the Wasserstein distance has left every reasonable scale.

    Two things must come together: the median of ``recent`` is 10 times that of ``earlier`` (medians, so that single
    spikes count for nothing), and it is more than the distance could be, see :func:`largest_distance`: a critic that
    says more is not 1-Lipschitz any more. (Under weight clipping and dcgan the scale is arbitrary, and only the growth
    says something.) Before enough is known of what was earlier, the largest distance takes its place.

    Args:
        pixels: values in one picture, channels x height x width.
    """
    if len(recent) < RECENT:
        return False
    limit, now = largest_distance(pixels), float(np.median(np.abs(recent)))
    usual = float(np.median(np.abs(earlier))) if len(earlier) >= EARLIER else limit
    return now > limit and now > DIVERGED_RATIO * usual


def largest_distance(pixels: int) -> float:
    """Pictures of so many values, each in [-1, 1], are no further apart than 2 sqrt(pixels), and neither are two
    distributions of them."""
    return 2 * math.sqrt(pixels)


def disk_low(free: int, needed: int) -> bool:
    """Whether ``free`` bytes leave room for fewer than 3 times ``needed``, a checkpoint and its state in bytes."""
    return free < ROOM * needed


def is_disk_full(error: BaseException) -> bool:
    """Whether a full disk, or a used-up quota, is what stopped a file from being written."""
    full = (errno.ENOSPC, errno.EDQUOT)
    return isinstance(error.__cause__, OSError) and error.__cause__.errno in full


def diversity(images: Bytes) -> float:
    """How different pictures (N, H, W, C) are: the mean distance of two of them, as the root mean square over the
    values in [-1, 1] of what is left of each at 16 x 16 pixels."""
    n, size = images.shape[:2]
    block = max(1, size // _SIDE)
    small = images.astype(np.float32) / 127.5 - 1
    small = small.reshape(n, size // block, block, size // block, block, -1).mean((2, 4)).reshape(n, -1)
    products = small @ small.T
    norms = np.diag(products)
    squares = np.maximum(norms[:, None] + norms - 2 * products, 0) / small.shape[1]
    return float(np.sqrt(squares).sum() / max(1, n * (n - 1)))


def collapsed(now: float, best: float, real: float) -> bool:
    """Whether samples that once were diverse now are nearly the same.

    At first every sample is the same grey, so the rule is armed once they reached half the diversity of the ``real``
    pictures; then less than 0.3 of their own ``best`` is a collapse. (While the bundled model was trained: 0.0 at
    step 0, 0.6 of the real pictures' at 1000 updates, 0.9 to 1.0 from 1500 on.)
    """
    return best >= ARMED * real and now < COLLAPSED * best


@dataclass
class Watch:
    """The rules applied to one run. Each method answers what is wrong now, or None.

    What it said once it does not say again until things have been well in between, or a resumed run would stop at once.
    """

    pixels: int
    real_diversity: float
    estimates: list[float] = field(default_factory=list)
    best_diversity: float = 0.0
    _disk_told: bool = False

    def numbers(self, step: int, values: dict[str, Any]) -> Trouble | None:
        """Look at the numbers of one update."""
        wrong = [name for name, value in values.items() if isinstance(value, float) and not math.isfinite(value)]
        return not_finite(step, wrong[0].replace("_", " ")) if wrong else None

    def estimate(self, step: int, value: float) -> Trouble | None:
        """Look at the estimate of one line of metrics."""
        self.estimates = [*self.estimates[-MOST:], value]
        earlier, recent = self.estimates[:-RECENT], self.estimates[-RECENT:]
        if not diverged(earlier, recent, self.pixels):
            return None
        self.accept(recent)
        limit = largest_distance(self.pixels)
        text = f"The estimate diverges: {value:.3g} at step {step}, though no pictures are more than {limit:.0f} apart."
        return Trouble(text, "Resume to watch on, or start a new run from an earlier checkpoint with a lower rate.")

    def accept(self, estimates: Sequence[float]) -> None:
        """Take the level of ``estimates`` for usual: who resumes a run there has seen it."""
        if len(estimates):
            self.estimates = [float(np.median(np.abs(estimates)))] * (EARLIER + RECENT)

    def samples(self, step: int, value: float) -> Trouble | None:
        """Look at the diversity of the sample sheet of ``step``."""
        if not collapsed(value, self.best_diversity, self.real_diversity):
            self.best_diversity = max(self.best_diversity, value)
            return None
        now, best = (round(100 * part / self.real_diversity) for part in (value, self.best_diversity))
        self.best_diversity = value
        text = f"The samples of step {step} collapse: they differ {now} % as much as real pictures, once {best} %."
        return Trouble(text, "Resume to watch on, or start a new run from an earlier checkpoint.")

    def disk(self, free: int, needed: int) -> Trouble | None:
        """Look at the bytes that are free, before ``needed`` bytes are written."""
        if not disk_low(free, needed):
            self._disk_told = False
            return None
        if self._disk_told:
            return None
        self._disk_told = True
        left, wanted = (f"{size / 1e6:.0f} MB" for size in (free, needed))
        text = f"The disk runs low: {left} are free, a checkpoint with its state takes {wanted}."
        return Trouble(text, "Free some space, then resume.")


def not_finite(step: int, what: str) -> Trouble:
    """The trouble that needs a roll-back."""
    text = f"At step {step} the {what} was no finite number."
    hint = "Resume tries again; if that comes back, start a new run with a lower learning rate."
    return Trouble(text, hint, roll_back=True, can_go_on=False)


def disk_full(error: UserError) -> Trouble:
    """A file could not be written; what it would have replaced is intact."""
    return Trouble(error.text, "Free some space, then resume: it is written again.", can_go_on=False)
