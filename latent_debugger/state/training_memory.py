"""What the form for a new run, and the panel *Dataset*, held last: found again after a restart."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

from gan.presets import DEFAULT_PRESET, PRESETS
from latent_debugger.state.paths import home
from latent_debugger.state.tolerant import TolerantFile
from latent_debugger.state.training_fields import ConfigField, Value, config_fields

MAX_TEXT = 4096
"""Characters of a path or a value; longer ones are no user's."""


def form_path() -> Path:
    """The file of :class:`FormMemory`."""
    return home() / "training-form.json"


def pile_path() -> Path:
    """The file of :class:`PileMemory`."""
    return home() / "dataset.json"


@dataclass(frozen=True)
class FormMemory(TolerantFile):
    """The form for a new run."""

    data: str = ""
    """Where the pictures are, as it was typed; empty for nothing."""
    preset: str = DEFAULT_PRESET
    edited: dict[str, Value] = field(default_factory=dict)
    """The fields that the user changed, by name: a value, or the text of a number."""
    own_process: bool = True
    follow: bool = True

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: object) -> Self:
        """Read what :meth:`to_json` wrote; it never raises."""
        found = values if isinstance(values, dict) else {}
        edited, preset = found.get("edited"), found.get("preset")
        known = edited if isinstance(edited, dict) else {}
        return cls(
            data=_text(found.get("data")),
            preset=preset if isinstance(preset, str) and preset in PRESETS else DEFAULT_PRESET,
            edited={item.name: known[item.name] for item in config_fields() if _fits(item, known.get(item.name))},
            own_process=found.get("own_process") is not False,
            follow=found.get("follow") is not False,
        )


@dataclass(frozen=True)
class PileMemory(TolerantFile):
    """The pictures that were looked through last."""

    source: str = ""
    """An absolute path; empty for none."""

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: object) -> Self:
        """Read what :meth:`to_json` wrote; it never raises."""
        found = values if isinstance(values, dict) else {}
        return cls(_text(found.get("source")))


def _text(value: object) -> str:
    fits = isinstance(value, str) and len(value) <= MAX_TEXT and value.isprintable()
    return value if fits and isinstance(value, str) else ""


def _fits(item: ConfigField, value: object) -> bool:
    if item.kind == "choice":
        return any(value == choice and type(value) is type(choice) for choice in item.choices)
    if item.kind == "switch":
        return isinstance(value, bool)
    return bool(_text(value))
