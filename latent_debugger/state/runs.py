"""The runs that the window knows of: a list for the eye, and the file that finds them again after a restart."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

from PySide6.QtCore import QObject, Signal

from latent_debugger.state.paths import home
from latent_debugger.state.tolerant import TolerantFile

MAX_RUNS = 200


def runs_folder() -> Path:
    """Where new runs go unless the user says otherwise."""
    return home() / "runs"


def known_runs_path() -> Path:
    """The file of :class:`KnownRuns`."""
    return home() / "runs.json"


@dataclass(frozen=True)
class RunEntry:
    """A run as one line of the list."""

    path: Path
    run: str = ""
    """uuid; empty where the directory cannot be read, or has nothing in it yet."""
    state: str = ""
    """running, paused, done or failed, as the run says; ``starting`` before it says anything."""
    life: str = "ended"
    """alive, silent, dead or ended: what became of its process (:func:`gan.training.run_reader.life_of`)."""
    step: int = 0
    steps: int = 0
    """Where it ends."""
    message: str = ""
    objective: str = ""
    ours: bool = False
    """Started or resumed from a window on this computer."""
    about: str = ""
    """What is trained on what, in a few words."""
    note: str = ""
    """What is worth knowing of how its process began; a whole sentence."""

    @property
    def name(self) -> str:
        """The folder's."""
        return self.path.name

    @property
    def alive(self) -> bool:
        """Whether somebody works on it, or holds it paused."""
        return self.life == "alive" or self.state == "starting"

    @property
    def finished(self) -> bool:
        """Whether it reached its last step."""
        return self.state == "done" and self.step >= self.steps > 0

    @property
    def word(self) -> str:
        """Its state in one word or two."""
        if self.state == "starting":
            return "starting"
        if not self.run:
            return "not readable"
        if self.life == "silent":
            return "no sign of life"
        if self.life == "dead":
            return "interrupted"
        if self.state == "done" and not self.finished:
            return "stopped"
        return self.state or "not begun"

    def told(self) -> str:
        """``running · 1,200 of 20,000``"""
        return f"{self.word} · {self.step:,} of {self.steps:,}" if self.steps else self.word


@dataclass(frozen=True)
class RunEnd:
    """How the process or thread of a run ended."""

    path: Path
    step: int
    finished: bool
    """It reached its last step."""
    problem: str = ""
    """One sentence where it failed, else empty."""
    begun: bool = True
    """There is a run in the directory; else it failed, or was stopped, before there was one."""


@dataclass(frozen=True)
class KnownRuns(TolerantFile):
    """What is remembered of runs; the runs themselves say the rest."""

    paths: tuple[str, ...] = ()
    """Run directories, the latest first."""
    ours: tuple[str, ...] = ()
    """Those that a window started or resumed."""
    hidden: tuple[str, ...] = ()
    """Those in the runs folder that the user took from the list."""

    def with_run(self, path: Path, *, ours: bool = False) -> Self:
        """A copy in which ``path`` is the latest."""
        text = str(path)
        return replace(
            self,
            paths=_first(text, self.paths),
            ours=_first(text, self.ours) if ours else self.ours,
            hidden=tuple(item for item in self.hidden if item != text),
        )

    def without(self, path: Path) -> Self:
        """A copy that shows ``path`` no more, wherever it is."""
        text = str(path)
        return replace(
            self,
            paths=tuple(item for item in self.paths if item != text),
            ours=tuple(item for item in self.ours if item != text),
            hidden=_first(text, self.hidden),
        )

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {"paths": list(self.paths), "ours": list(self.ours), "hidden": list(self.hidden)}

    @classmethod
    def from_json(cls, values: object) -> Self:
        """Read what :meth:`to_json` wrote; it never raises."""
        found = values if isinstance(values, dict) else {}
        return cls(*(_texts(found.get(name)) for name in ("paths", "ours", "hidden")))


class RunList(QObject):
    """The runs on show, those that are worked on first."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._entries: tuple[RunEntry, ...] = ()

    @property
    def entries(self) -> tuple[RunEntry, ...]:
        """All of them."""
        return self._entries

    def set(self, entries: tuple[RunEntry, ...]) -> None:
        """Show these, in this order."""
        if entries != self._entries:
            self._entries = entries
            self.changed.emit()

    def put(self, entry: RunEntry) -> None:
        """Replace the entry of the same path; a new one goes to the top."""
        others = tuple(item for item in self._entries if item.path != entry.path)
        if len(others) == len(self._entries):
            self.set((entry, *others))
        else:
            self.set(tuple(entry if item.path == entry.path else item for item in self._entries))

    def find(self, path: Path | None) -> RunEntry | None:
        """The entry of the run at ``path``."""
        return next((entry for entry in self._entries if entry.path == path), None)


def _first(text: str, others: tuple[str, ...]) -> tuple[str, ...]:
    return (text, *(item for item in others if item != text))[:MAX_RUNS]


def _texts(value: object) -> tuple[str, ...]:
    items = value if isinstance(value, list) else []
    fit = (item for item in items if isinstance(item, str) and item and "\0" not in item)
    return tuple(dict.fromkeys(item for item in fit if item.isprintable()))[:MAX_RUNS]
