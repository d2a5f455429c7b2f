"""What the critic thinks of pictures, told as ranks, and what the user wants it to do.

A critic's score has no unit and no zero, so nothing here is ever told but how many other pictures score lower.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, Signal

from latent_debugger.state.paths import home
from latent_debugger.state.tolerant import TolerantFile, is_int

MIN_N, MAX_N, DEFAULT_N = 2, 256, 16
"""Random pictures that the best one is chosen from."""
MIN_STEPS, MAX_STEPS, DEFAULT_STEPS = 1, 200, 20
"""Ascent steps of an improvement."""

Scores = npt.NDArray[np.float32]
Shares = npt.NDArray[np.float64]


def critic_path() -> Path:
    """Where the settings are kept."""
    return home() / "critic.json"


@dataclass(frozen=True)
class CriticSettings(TolerantFile):
    """What is remembered from one start to the next."""

    best_of: int = DEFAULT_N
    """Pictures drawn for each that is kept, 2 to 256."""
    steps: int = DEFAULT_STEPS
    """Ascent steps of an improvement, 1 to 200."""
    choose_neighbours: bool = False
    """Whether each neighbour shown is one of the best of ``best_of`` times as many."""
    sort_neighbours: bool = False
    """Whether neighbours stand in the critic's order."""

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: object) -> Self:
        """Read what :meth:`to_json` wrote; it never raises."""
        found = values if isinstance(values, dict) else {}
        return cls(
            best_of=n if is_int(n := found.get("best_of"), MIN_N, MAX_N) else DEFAULT_N,
            steps=n if is_int(n := found.get("steps"), MIN_STEPS, MAX_STEPS) else DEFAULT_STEPS,
            choose_neighbours=found.get("choose_neighbours") is True,
            sort_neighbours=found.get("sort_neighbours") is True,
        )


@dataclass(frozen=True, eq=False)
class Bins:
    """Two histograms over the same edges."""

    edges: Shares
    """(k + 1,) scores."""
    fakes: Shares
    """(k,) shares of the random pictures; they add up to 1."""
    reals: Shares | None
    """(k,) the same of the real pictures."""

    def place(self, score: float) -> float:
        """Where a score lies between the first edge (0) and the last (1); what lies outside counts as the end."""
        low, high = self.edges[0], self.edges[-1]
        return float(np.clip((score - low) / (high - low), 0.0, 1.0))


class Scale:
    """What scores are compared with.

    Args:
        fakes: (n,) scores of random pictures of the model, n at least 1.
        reals: (m,) scores of real pictures; None where these are not known.
    """

    def __init__(self, fakes: Scores, reals: Scores | None = None) -> None:
        self.fakes = np.sort(fakes)
        self.reals = np.sort(reals) if reals is not None and len(reals) else None

    def among_fakes(self, score: float) -> float:
        """The share of random pictures, 0 ... 100, that score lower; equal ones count half."""
        return _below(self.fakes, score)

    def among_reals(self, score: float) -> float | None:
        """The same of real pictures."""
        return _below(self.reals, score) if self.reals is not None else None

    def bins(self, count: int) -> Bins:
        """Histograms with ``count`` bins over everything but the outermost hundredth at either end."""
        kinds = [self.fakes] if self.reals is None else [self.fakes, self.reals]
        low = min(float(np.quantile(values, 0.005)) for values in kinds)
        high = max(float(np.quantile(values, 0.995)) for values in kinds)
        if not high > low:
            low, high = low - 0.5, high + 0.5
        edges = np.linspace(low, high, count + 1)
        shares = [np.histogram(np.clip(values, low, high), edges)[0] / len(values) for values in kinds]
        return Bins(edges, shares[0], shares[1] if len(shares) > 1 else None)


def _below(among: Scores, score: float) -> float:
    left, right = np.searchsorted(among, score, "left"), np.searchsorted(among, score, "right")
    return float(50.0 * (left + right) / len(among))


def told(percent: float, count: int, kind: str) -> str:
    """A rank in words: ``more than 83 % of 512 random pictures``.

    Args:
        percent: share that scores lower, 0 ... 100, of ``count`` pictures.
        kind: what these are.
    """
    if percent >= 100.0:
        return f"more than all of {count:,} {kind}"
    if percent <= 0.0:
        return f"less than any of {count:,} {kind}"
    return f"more than {short(percent)} of {count:,} {kind}"


def short(percent: float) -> str:
    """``83 %``; never rounded to all or nothing."""
    return f"{min(max(round(percent), 1), 99)} %" if 0.0 < percent < 100.0 else f"{percent:.0f} %"


class CriticState(QObject):
    """The settings in force, and whether the open model has a critic."""

    changed = Signal()
    """Of the settings."""
    available_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._settings = CriticSettings()
        self._reason = ""
        self._available = False

    @property
    def settings(self) -> CriticSettings:
        """What is in force."""
        return self._settings

    @property
    def available(self) -> bool:
        """Whether the open model has a critic."""
        return self._available

    @property
    def reason(self) -> str:
        """Why it has none, as a sentence; empty where it has one, and before that is known."""
        return self._reason

    def set(self, settings: CriticSettings) -> None:
        """Replace all settings."""
        if settings != self._settings:
            self._settings = settings
            self.changed.emit()

    def change(self, **changes: Any) -> None:
        """Replace some; see the fields of :class:`CriticSettings`."""
        self.set(replace(self._settings, **changes))

    def set_available(self, available: bool, reason: str = "") -> None:
        """There is a critic; or none, for this ``reason``."""
        if (available, reason) != (self._available, self._reason):
            self._available, self._reason = available, reason
            self.available_changed.emit()
