"""The checkpoints of a run as a film, and what the user wants to see of it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Self

from PySide6.QtCore import QObject, Signal

from latent_debugger.state.tolerant import TolerantFile, is_int

MAX_PINNED = 8
"""Stars on the watch list: each is one more row of pictures under every checkpoint."""

MAX_STEP = 2**53
"""No run gets that far."""


@dataclass(frozen=True)
class Stage:
    """What a run wrote at one step: a checkpoint, or a sheet of samples."""

    step: int
    """Generator updates."""
    path: Path
    stamp: tuple[int, int] = (0, 0)
    """Of the file, as it was listed: another one once it is replaced."""


@dataclass(frozen=True)
class Reel:
    """The run of the open model, as it was found on disk at one moment."""

    folder: Path
    """The run directory, or the folder that holds the checkpoints."""
    run: str
    """uuid"""
    stages: tuple[Stage, ...]
    """Its checkpoints, oldest first; perhaps none yet."""
    samples: tuple[Stage, ...] = ()
    """Its sheets of samples, oldest first."""
    alive: bool = False
    """Whether somebody is training it right now."""

    @property
    def newest(self) -> Stage | None:
        """The checkpoint of the highest step."""
        return self.stages[-1] if self.stages else None

    def row_of(self, step: int) -> int:
        """Where the checkpoint of ``step`` stands in ``stages``; -1 where there is none."""
        row = bisect_left(self.stages, step, key=lambda stage: stage.step)
        return row if row < len(self.stages) and self.stages[row].step == step else -1

    def nearest(self, step: int) -> int:
        """The row of the last checkpoint at or before ``step``, or else the first; -1 without checkpoints."""
        if not self.stages:
            return -1
        return max(0, bisect_left(self.stages, step + 1, key=lambda stage: stage.step) - 1)

    def sample(self, step: int) -> Stage | None:
        """The sheet of samples of ``step``; None where there is none."""
        return next((sheet for sheet in self.samples if sheet.step == step), None)


@dataclass(frozen=True)
class TimelineSettings(TolerantFile):
    """What is remembered from one start to the next."""

    follow: bool = False
    """Whether a new checkpoint of the open model's run takes its place."""
    pinned: tuple[str, ...] = ()
    """Ids of the stars on the watch list, at most :data:`MAX_PINNED`."""
    told_run: str = ""
    """uuid of the run of which the user was told last that it has gone on,"""
    told_step: int = 0
    """and to which step: nobody is told twice."""

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: object) -> Self:
        """Read what :meth:`to_json` wrote; it never raises."""
        found = values if isinstance(values, dict) else {}
        pinned = found.get("pinned")
        ids = [item for item in pinned if isinstance(item, str)] if isinstance(pinned, list) else []
        run, step = found.get("told_run"), found.get("told_step")
        return cls(
            follow=found.get("follow") is True,
            pinned=tuple(dict.fromkeys(ids))[:MAX_PINNED],
            told_run=run if isinstance(run, str) else "",
            told_step=step if is_int(step, 0, MAX_STEP) else 0,
        )


class TimelineState(QObject):
    """Holds the settings in force."""

    changed = Signal(object)
    """TimelineSettings: the new ones; once per change, never without one."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._settings = TimelineSettings()

    @property
    def settings(self) -> TimelineSettings:
        """What is in force."""
        return self._settings

    @property
    def follow(self) -> bool:
        """Whether a new checkpoint of the open model's run takes its place."""
        return self._settings.follow

    @property
    def pinned(self) -> tuple[str, ...]:
        """Ids of the stars on the watch list. One of a star that is gone may be among them: an undo brings it back."""
        return self._settings.pinned

    def set(self, settings: TimelineSettings) -> None:
        """Replace everything."""
        if settings != self._settings:
            self._settings = settings
            self.changed.emit(settings)

    def set_follow(self, on: bool) -> None:
        """Take new checkpoints, or stay with the one on show."""
        self.set(replace(self._settings, follow=on))

    def has_told(self, run: str, step: int) -> bool:
        """Whether the user knows that this run has gone on to ``step``, or further."""
        return self._settings.told_run == run and self._settings.told_step >= step

    def set_told(self, run: str, step: int) -> None:
        """The user was told that this run has gone on to ``step``."""
        self.set(replace(self._settings, told_run=run, told_step=step))

    def toggle_pins(self, ids: Iterable[str]) -> bool:
        """Put stars on the watch list, or take them off where all of them are on it.

        Returns:
            False, and nothing changed, when there is no room for all of them.
        """
        chosen = tuple(dict.fromkeys(ids))
        fresh = tuple(item for item in chosen if item not in self.pinned)
        pinned = (*self.pinned, *fresh) if fresh else tuple(item for item in self.pinned if item not in chosen)
        if len(pinned) > MAX_PINNED:
            return False
        self.set(replace(self._settings, pinned=pinned))
        return True

    def forget_pins(self, alive: Iterable[str]) -> None:
        """Keep those of the watch list that are among ``alive``."""
        known = set(alive)
        self.set(replace(self._settings, pinned=tuple(item for item in self.pinned if item in known)))
