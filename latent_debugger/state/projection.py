"""How pictures are searched for: what the panel *Projection* remembers."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, Self, get_args

from latent_debugger.state.paths import home
from latent_debugger.state.tolerant import TolerantFile, choice, is_int

TargetFraming = Literal["run", "crop", "pad", "fit"]
MIN_RESTARTS, MAX_RESTARTS, RESTARTS = 1, 32, 8
MIN_STEPS, MAX_STEPS, STEPS = 50, 1000, 400


@dataclass(frozen=True)
class ProjectionSettings(TolerantFile):
    """Options of a search."""

    restarts: int = RESTARTS
    """Latents to start from, 1 ... 32."""
    steps: int = STEPS
    """Steps from each, 50 ... 1000."""
    critic: bool = True
    """Whether to compare in the critic's early features, too, where the checkpoint has one."""
    framing: TargetFraming = "run"
    """How other shapes become squares; ``run``: as the training run did it, or cropped where that is not known."""

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: object) -> Self:
        """Read what :meth:`to_json` wrote; it never raises."""
        found = values if isinstance(values, dict) else {}
        restarts, steps = found.get("restarts"), found.get("steps")
        framings: tuple[TargetFraming, ...] = get_args(TargetFraming)
        return cls(
            restarts=restarts if is_int(restarts, MIN_RESTARTS, MAX_RESTARTS) else RESTARTS,
            steps=steps if is_int(steps, MIN_STEPS, MAX_STEPS) else STEPS,
            critic=found.get("critic") is not False,
            framing=choice(found.get("framing"), framings),
        )


def projection_path() -> Path:
    """Where they are kept."""
    return home() / "projection.json"
