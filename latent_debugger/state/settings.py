"""What the user prefers, whatever model is open: a small file of its own beside the session's."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, replace
from typing import Any, Self

from PySide6.QtCore import QObject, Signal

from gan.latent.neighbours import DEFAULT_SIGMA, MAX_SIGMA
from latent_debugger.state.hints import IDS
from latent_debugger.state.tolerant import TolerantFile, choice, is_int, number

THEMES = ("system", "light", "dark")
DEFAULT_RANGE, MIN_RANGE, MAX_RANGE = 3.0, 0.5, 20.0
DEFAULT_AUTOSAVE_S, MIN_AUTOSAVE_S, MAX_AUTOSAVE_S = 1, 1, 300
_DEVICE = re.compile(r"auto|cpu|mps|cuda(:\d{1,2})?")


@dataclass(frozen=True)
class Settings(TolerantFile):
    """The preferences. A file that lacks a field, or holds nonsense in it, gets the default for that field only."""

    theme: str = "system"
    """system, light or dark."""
    smooth: bool = False
    """Whether the enlarged picture is interpolated."""
    reduced_motion: bool = False
    """Whether panels, menus and tooltips appear without moving or fading."""
    slider_range: float = DEFAULT_RANGE
    """Sliders run from minus this to this; 0.5 to 20."""
    default_sigma: float = DEFAULT_SIGMA
    """The noise that neighbours start with and can go back to, in standard deviations; 0 to 2."""
    autosave_s: int = DEFAULT_AUTOSAVE_S
    """Seconds, 1 to 300, after which a change of the session is on the disk at the latest."""
    device: str = "auto"
    """Where pictures are computed: auto, cpu, mps, cuda or cuda:N. It may be gone when the file is read again."""
    hints_done: tuple[str, ...] = ()
    """The hints for newcomers that were followed or closed; see :mod:`latent_debugger.state.hints`."""

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {**asdict(self), "hints_done": list(self.hints_done)}

    @classmethod
    def from_json(cls, values: object) -> Self:
        """Read what :meth:`to_json` wrote; it never raises."""
        found = values if isinstance(values, dict) else {}
        device = found.get("device")
        seconds = found.get("autosave_s")
        hints = found.get("hints_done")
        return cls(
            theme=choice(found.get("theme"), THEMES),
            smooth=found.get("smooth") is True,
            reduced_motion=found.get("reduced_motion") is True,
            slider_range=number(found.get("slider_range"), MIN_RANGE, MAX_RANGE, DEFAULT_RANGE),
            default_sigma=number(found.get("default_sigma"), 0.0, MAX_SIGMA, DEFAULT_SIGMA),
            autosave_s=seconds if is_int(seconds, MIN_AUTOSAVE_S, MAX_AUTOSAVE_S) else DEFAULT_AUTOSAVE_S,
            device=device if isinstance(device, str) and _DEVICE.fullmatch(device) else "auto",
            hints_done=tuple(hint for hint in IDS if hint in hints) if isinstance(hints, list) else (),
        )


class Preferences(QObject):
    """Holds the settings in force. Whoever lets the user change one, changes it here; whoever shows one, listens."""

    changed = Signal(object)
    """Settings: the new ones; once per change, never without one."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._settings = Settings()

    @property
    def settings(self) -> Settings:
        """What is in force."""
        return self._settings

    def set(self, settings: Settings) -> None:
        """Replace all of them."""
        if settings != self._settings:
            self._settings = settings
            self.changed.emit(settings)

    def change(self, **changes: Any) -> None:
        """Replace the fields named."""
        self.set(replace(self._settings, **changes))
