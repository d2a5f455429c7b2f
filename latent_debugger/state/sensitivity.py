"""What the dimensions of the latent do to the picture on show, and whether the user wants to see it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from dataclasses import replace as changed
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, Signal

from latent_debugger.state.latent import Mask
from latent_debugger.state.tolerant import TolerantFile


@dataclass(frozen=True)
class SensitivitySettings(TolerantFile):
    """What is remembered from one start to the next."""

    show: bool = False
    """Whether each dimension's sensitivity is measured whenever the latent rests; that takes processor time."""
    heat_map: bool = True
    """Whether the picture shows where the dimension under the pointer acts, once sensitivities are measured."""
    previews: bool = True
    """Whether a rest of the pointer shows pictures over a slider's range, or a star or neighbour large."""

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: object) -> Self:
        """Read what :meth:`to_json` wrote; it never raises."""
        found = values if isinstance(values, dict) else {}
        return cls(
            show=found.get("show") is True,
            heat_map=found.get("heat_map") is not False,
            previews=found.get("previews") is not False,
        )


class SensitivityState(QObject):
    """Holds the settings in force."""

    changed = Signal(object)
    """SensitivitySettings: the new ones; once per change, never without one."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._settings = SensitivitySettings()

    @property
    def settings(self) -> SensitivitySettings:
        """What is in force."""
        return self._settings

    def set(self, settings: SensitivitySettings) -> None:
        """Replace everything."""
        if settings != self._settings:
            self._settings = settings
            self.changed.emit(settings)

    def set_show(self, on: bool) -> None:
        """Measure, or do not."""
        self.set(changed(self._settings, show=on))

    def set_heat_map(self, on: bool) -> None:
        """Show where a dimension acts, or do not."""
        self.set(changed(self._settings, heat_map=on))

    def set_previews(self, on: bool) -> None:
        """Show pictures before one goes there, or do not."""
        self.set(changed(self._settings, previews=on))


@dataclass(frozen=True, eq=False)
class Figures:
    """What was measured at one latent."""

    norms: npt.NDArray[np.float32]
    """(dim,) how far the picture moves in pixel space for each unit of the dimension; NaN where it is not known yet."""
    dead: Mask
    """(dim,) True where the dimension changes no picture."""
    exact: bool
    """Whether ``dead`` is read from the weights, so that it holds everywhere; else it was tried out."""

    def shares(self) -> list[float]:
        """(dim,) of the strongest dimension's sensitivity, 0 to 1; 0 where it is not known."""
        known = np.where(np.isfinite(self.norms), self.norms, 0.0)
        strongest = float(known.max(initial=0.0))
        return (known / strongest if strongest > 0 else known).tolist()  # type: ignore[no-any-return]

    def words(self, dim: int) -> str:
        """What is known of one dimension, in a sentence without its name or full stop."""
        if self.dead[dim]:
            return "changes no picture" if self.exact else "changed no picture that was tried"
        if not np.isfinite(self.norms[dim]):
            return "is being measured"
        return f"moves this picture by {self.norms[dim]:.3g} per unit, {self.shares()[dim]:.0%} of the strongest"
