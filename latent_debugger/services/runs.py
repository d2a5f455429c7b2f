"""Which runs there are: those the window remembers, and what lies in the folder of runs."""

from __future__ import annotations

import os
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from gan.training.run_directory import RunConfig
from gan.training.run_reader import RunSnapshot, find_runs, is_run, read_run
from latent_debugger.errors import UserError
from latent_debugger.services.worker import Worker
from latent_debugger.state.runs import KnownRuns, RunEntry, known_runs_path, runs_folder
from latent_debugger.state.training_fields import choice_text

MOST_STEPS = 10**9
"""A step beyond this is nonsense: no run can be asked for more."""
_NAME = 60
"""Characters of a name of pictures."""
_LONGEST = 600
"""Characters of a run's message that are shown: laying out a hostile one would stop the window."""


class RunsService(QObject):
    """Keeps the list of known runs, and looks at each of them when asked to."""

    listed = Signal(object)
    """tuple of RunEntry: all known runs, those that are worked on first, then the latest."""
    added = Signal(object)
    """Path: a directory that was offered is a run, and in the list now."""
    failed = Signal(object)
    """UserError"""

    def __init__(self, parent: QObject | None = None, *, synchronous: bool = False) -> None:
        super().__init__(parent)
        self._worker = Worker("runs", self, trouble="The runs could not be read.", synchronous=synchronous)
        self._looking = self._again = False
        self._lost = ""  # what became of a damaged list; the user is told with the next look

    @Slot()
    def look(self) -> None:
        """Look at every known run; ``listed`` follows. Many calls are one look."""
        if self._looking:
            self._again = True
            return
        self._looking = True
        self._worker.submit(self._list, done=self._listed, failed=self._could_not)

    def add(self, path: Path, *, ours: bool = False, begun: bool = False) -> None:
        """Put a run into the list for good; ``added`` and ``listed`` follow, or ``failed`` where it is none.

        Args:
            ours: a window starts or resumes it.
            begun: it is about to appear: do not look whether it is there.
        """
        self._worker.submit(self._add, path, ours, begun, done=self._added, failed=self._could_not)
        self.look()

    def remove(self, path: Path) -> None:
        """Take a run from the list; its files stay."""
        self._worker.submit(self._remove, path, failed=self._could_not)
        self.look()

    def wait_idle(self, timeout_s: float) -> bool:
        """Block until everything is answered; False after ``timeout_s`` seconds."""
        return self._worker.wait_idle(timeout_s)

    def stop(self) -> None:
        """Finish what was asked for, end the thread."""
        self._worker.stop()

    def _listed(self, entries: tuple[RunEntry, ...]) -> None:
        self._looking = False
        self.listed.emit(entries)
        lost, self._lost = self._lost, ""
        if lost:
            self.failed.emit(UserError(lost))
        if self._again:
            self._again = False
            self.look()

    def _added(self, path: Path | None) -> None:
        if path is not None:
            self.added.emit(path)

    def _could_not(self, error: UserError) -> None:
        self._looking = False
        self.failed.emit(error)

    # in the worker

    def _memory(self) -> KnownRuns:
        """Read anew each time: there may be other windows."""
        known, lost = KnownRuns.recover(known_runs_path(), "The list of runs")
        self._lost = lost or self._lost
        return known

    def _keep(self, known: KnownRuns) -> None:
        if known != self._memory():
            known.save(known_runs_path())

    def _add(self, path: Path, ours: bool, begun: bool) -> Path | None:
        path = path.absolute()
        if not begun and not is_run(path):
            raise UserError(f"{path} is no run directory: it has no config.json.", "Choose the folder of a run.")
        self._keep(self._memory().with_run(path, ours=ours))
        return None if begun else path

    def _remove(self, path: Path) -> None:
        self._keep(self._memory().without(path))

    def _list(self) -> tuple[RunEntry, ...]:
        known = self._memory()
        ours, hidden = set(known.ours), set(known.hidden)
        paths = [Path(text) for text in known.paths]
        paths += [path for path in find_runs(runs_folder()) if str(path) not in hidden and path not in paths]
        entries = [look_at(path, str(path) in ours) for path in paths]
        return tuple(sorted(entries, key=lambda entry: not entry.alive))


def look_at(path: Path, ours: bool) -> RunEntry:
    """A run as it is now; with a message and nothing else where it cannot be read."""
    try:
        return entry_of(read_run(path), ours)
    except OSError as error:
        return RunEntry(path, message=os.strerror(error.errno or 0), ours=ours)
    except UserError as error:
        return RunEntry(path, message=str(error), ours=ours)


def entry_of(snapshot: RunSnapshot, ours: bool) -> RunEntry:
    """What the list shows of a run."""
    status, train = snapshot.status, snapshot.config.train
    step, state = status.get("step"), status.get("state")
    return RunEntry(
        path=snapshot.path,
        run=snapshot.run,
        state=state if state in ("running", "paused", "done", "failed") else "",
        life=snapshot.life,
        step=step if isinstance(step, int) and 0 <= step <= MOST_STEPS else 0,
        steps=train.steps,
        message=_sentence(status.get("message")),
        objective=train.objective,
        ours=ours,
        about=about_of(snapshot.config),
        note=_sentence(status.get("note")),
    )


def about_of(config: RunConfig) -> str:
    """``WGAN-GP · 64 px · 100 latent dimensions · people (6,000 pictures)``, and what it was fine-tuned from."""
    model, data = config.model, config.data
    name, count = _words(data.get("name"), _NAME), data.get("count")
    known = isinstance(count, int) and not isinstance(count, bool) and 0 <= count <= MOST_STEPS
    parts = [
        choice_text(config.train.objective),
        f"{model.image_size} px{'' if model.channels == 3 else ', grey'}",
        f"{model.z_dim:,} latent dimension{'' if model.z_dim == 1 else 's'}",
        (name or "pictures") + (f" ({count:,} pictures)" if known else ""),
    ]
    if config.parent is not None:
        parts.append(f"begun with {_words(config.parent.get('name'), _NAME) or 'another checkpoint'}")
    return " · ".join(parts)


def _sentence(value: object) -> str:
    """What a status file says, as one line of bearable length; empty where it is no text."""
    return _words(value, _LONGEST)


def _words(value: object, longest: int) -> str:
    text = value if isinstance(value, str) else ""
    words = " ".join(text[: 2 * longest].split())
    return words if len(words) <= longest else f"{words[:longest]}…"
