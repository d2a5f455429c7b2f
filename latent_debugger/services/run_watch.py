"""Watching one run directory, whoever writes it: this window, a shell, or a cluster through a shared folder.

A watch on a *file* dies with the first os.replace, so the directories are watched; and because no network folder tells
of another computer's changes, a slow poll looks as well.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

from PySide6.QtCore import QFileSystemWatcher, QObject, QTimer, Signal, Slot

from gan.errors import UserError
from gan.training.run_reader import Column, MetricsTail, RunSnapshot, read_run
from latent_debugger.services.worker import Worker

DEBOUNCE_MS = 100
"""After a change in a directory: what belongs together (a checkpoint, its samples, the status) is read together."""
POLL_MS = 1500
"""Between two looks at a run that somebody works on."""
REST_MS = 6000
"""Between two looks at a run that nobody works on."""


@dataclass(frozen=True, eq=False)
class RunView:
    """A run as it was found on disk at one moment."""

    snapshot: RunSnapshot
    metrics: dict[str, Column] = field(default_factory=dict)
    """Column name -> (n,) float64, read-only, sorted by the column ``step``, which is always there; no column at all
    where the watch was told to leave them out."""


class RunWatch(QObject):
    """Reads a run directory, in a thread of its own, whenever something in it changed. It watches one run at a time.

    Args:
        name: of its thread.
        with_metrics: whether ``metrics.jsonl`` is read too.
        synchronous: no thread and no timers: :meth:`watch` and :meth:`look` emit before they return. For tests.
    """

    changed = Signal(object)
    """RunView: the run that is watched looks like this now. The first one follows each :meth:`watch`."""
    failed = Signal(object)
    """UserError: there is no run to be read. Emitted once; when it can be read again, ``changed`` says so."""

    def __init__(
        self,
        parent: QObject | None = None,
        *,
        name: str = "run watch",
        with_metrics: bool = True,
        synchronous: bool = False,
    ) -> None:
        super().__init__(parent)
        self._with_metrics = with_metrics
        self._worker = Worker(name, self, trouble="The run could not be read.", synchronous=synchronous)
        self._reader: _Reader | None = None
        self._reading = self._again = self._stopped = False
        self._latest: RunView | None = None
        self._has_failed = False
        self._folders = QFileSystemWatcher(self)
        self._folders.directoryChanged.connect(self._look_soon)
        self._soon, self._poll = QTimer(self), QTimer(self)
        for timer, interval in ((self._soon, DEBOUNCE_MS), (self._poll, POLL_MS)):
            timer.setSingleShot(True)
            timer.setInterval(interval)
            timer.timeout.connect(self.look)

    @property
    def path(self) -> Path | None:
        """The run that is watched."""
        return self._reader.path if self._reader is not None else None

    @property
    def latest(self) -> RunView | None:
        """What was emitted last for this run; None before that, and while it cannot be read."""
        return self._latest

    def watch(self, path: Path | None) -> None:
        """Watch another run, or none, which costs nothing. The same one again is looked at again."""
        if self._stopped:
            return
        if path != self.path:
            self._unwatch()
            self._reader = None if path is None else _Reader(path, self._with_metrics)
            self._reading = False  # the answer of the reader before is not waited for
        self.look()

    @Slot()
    def look(self) -> None:
        """Look at the run now; ``changed`` follows if there is news."""
        reader = self._reader
        if reader is None or self._stopped:
            return
        if self._reading:
            self._again = True
            return
        self._soon.stop()
        self._poll.stop()
        self._reading, self._again = True, False

        def done(view: RunView) -> None:
            if reader is self._reader:
                self._show(view)

        def failed(error: UserError) -> None:
            if reader is self._reader:
                self._fail(error)

        self._worker.submit(reader.read, done=done, failed=failed)

    def wait_idle(self, timeout_s: float) -> bool:
        """Block until what was asked for is read and emitted; False after ``timeout_s`` seconds."""
        return self._worker.wait_idle(timeout_s)

    def stop(self) -> None:
        """Watch nothing any more, finish the look in hand, end the thread."""
        self._stopped = True
        self._unwatch()
        self._reader = None
        self._worker.stop()

    @Slot()
    def _look_soon(self) -> None:
        if not self._soon.isActive():  # not restarted: a folder that changes all the time is read all the same
            self._soon.start()

    def _show(self, view: RunView) -> None:
        before, self._latest, self._has_failed = self._latest, view, False
        self._watch_folders(view.snapshot.path)
        self._rest(POLL_MS if view.snapshot.life in ("alive", "silent") else REST_MS)
        if before is None or not _same(before, view):
            self.changed.emit(view)

    def _fail(self, error: UserError) -> None:
        first, self._has_failed, self._latest = not self._has_failed, True, None
        self._rest(POLL_MS)  # a shared folder may come back
        if first:
            self.failed.emit(error)

    def _rest(self, pause_ms: int) -> None:
        self._reading = False
        if self._worker.synchronous:
            return
        if self._again:
            self._look_soon()
        self._poll.start(pause_ms)

    def _watch_folders(self, run: Path) -> None:
        """Only called after the run was read: to look for a folder that does not answer would stop the window."""
        if self._worker.synchronous:
            return
        watched = set(self._folders.directories())
        missing = [str(path) for path in (run, run / "checkpoints", run / "samples") if str(path) not in watched]
        if missing:
            self._folders.addPaths(missing)  # those that do not exist yet are not added, and tried again next time
            if watched != set(self._folders.directories()):
                self._look_soon()  # what came between the reading and the watching would have been missed

    def _unwatch(self) -> None:
        self._soon.stop()
        self._poll.stop()
        if self._folders.directories():
            self._folders.removePaths(self._folders.directories())
        self._latest, self._has_failed, self._again = None, False, False


class _Reader:
    """Reads one run; used by one thread."""

    def __init__(self, path: Path, with_metrics: bool) -> None:
        self.path = path
        self._metrics = MetricsTail(path / "metrics.jsonl") if with_metrics else None
        self._columns = self._metrics.columns if self._metrics is not None else {}

    def read(self) -> RunView:
        try:
            snapshot = read_run(self.path)
        except OSError as error:
            raise UserError(f"{self.path} cannot be read: {os.strerror(error.errno or 0)}.") from error
        if self._metrics is not None and self._metrics.poll():
            self._columns = self._metrics.columns  # the same object as long as nothing changed
        return RunView(snapshot, self._columns)


def _same(before: RunView, after: RunView) -> bool:
    return before.metrics is after.metrics and before.snapshot == after.snapshot
