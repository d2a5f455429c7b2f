"""Run directories from a watcher's side: what is there, how it goes, and whether somebody is working on it.

Nothing in here imports torch, writes, or trusts what it reads: the run may be another computer's, on a shared folder,
or somebody else's. Readers are not thread-safe; give each to one thread.
"""

from __future__ import annotations

import json
import math
import os
import re
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Literal

import numpy as np
import numpy.typing as npt

from gan.training.run_directory import STALE_AFTER, RunConfig, RunDirectory, on_this_host, process_lives

MAX_COLUMNS = 64
"""Keys of a hostile metrics.jsonl beyond this many are ignored."""
_BLOCK = 4 << 20  # bytes of metrics.jsonl looked at in one go
_LONGEST_LINE = 1 << 20  # bytes; a longer one would be read again and again for its end
_REMEMBERED = 512  # bytes of the last line that was read
_STEP_FILE = re.compile(r"step-(\d{8,18})")
_FOLDERS_LOOKED_INTO = 10_000

Column = npt.NDArray[np.float64]
Life = Literal["alive", "silent", "dead", "ended"]


@dataclass(frozen=True)
class StepFile:
    """A file of one training step: a checkpoint, or a sheet of samples."""

    step: int
    path: Path
    stamp: tuple[int, int]
    """When it was written, in ns, and its size in bytes: other ones tell that it was replaced."""


@dataclass(frozen=True)
class RunSnapshot:
    """A run as it was found on disk at one moment."""

    path: Path
    run: str
    """uuid; equal to ``CheckpointInfo.run`` of its checkpoints."""
    config: RunConfig
    status: dict[str, Any]
    """``status.json`` as it was read; empty where there is none, see :mod:`gan.training.run_directory`."""
    life: Life
    checkpoints: tuple[StepFile, ...]
    """Oldest first."""
    samples: tuple[StepFile, ...]
    """Oldest first."""

    @property
    def alive(self) -> bool:
        """Whether a process works on this run right now, or holds it paused."""
        return self.life == "alive"


def is_run(path: Path) -> bool:
    """Whether ``path`` looks like a run directory (cheap: nothing is parsed)."""
    try:
        return (path / "config.json").is_file()
    except (OSError, ValueError):
        return False


def find_runs(folder: Path) -> list[Path]:
    """``folder`` itself if it is a run, and the runs directly in it, by name. A folder that is not there holds none."""
    try:
        inside = sorted(entry.path for entry in _entries(folder) if entry.is_dir())
    except OSError:
        inside = []
    return [path for path in (folder, *map(Path, inside)) if is_run(path)]


def read_run(path: Path) -> RunSnapshot:
    """Everything small about a run.

    Raises:
        UserError: ``path`` holds no run, or its ``config.json`` makes no sense.
    """
    directory = RunDirectory(path)
    config = directory.read_config()
    status = directory.read_status()
    checkpoints, samples = list_steps(path)
    return RunSnapshot(path, config.run, config, status, life_of(status), checkpoints, samples)


def read_status(path: Path) -> dict[str, Any]:
    """``status.json`` of the run at ``path``; empty where there is none, or none that makes sense."""
    return RunDirectory(path).read_status()


def list_steps(path: Path) -> tuple[tuple[StepFile, ...], tuple[StepFile, ...]]:
    """Checkpoints and sample sheets of the run at ``path``, each oldest first. Folders that are not there are empty."""
    return _step_files(path / "checkpoints", ".safetensors"), _step_files(path / "samples", ".png")


def life_of(status: dict[str, Any], now: float | None = None) -> Life:
    """What became of the process that wrote ``status``.

    ``alive``: its heartbeat is fresh and, where that can be told, its process exists (also: is this one).
    ``silent``: no heartbeat for 30 s from a process that still exists, or is on another computer.
    ``dead``: it says running or paused, but the process has gone: resume goes on from its last state.
    ``ended``: done, failed, or never begun.
    """
    if status.get("state") not in ("running", "paused"):
        return "ended"
    here = on_this_host(status)
    if here and not process_lives(status.get("pid")):
        return "dead"
    heartbeat, now = status.get("heartbeat"), time.time() if now is None else now
    if not isinstance(heartbeat, int | float) or not now - STALE_AFTER <= heartbeat <= now + STALE_AFTER:
        return "silent"  # compared, not subtracted: a huge integer has no float, and NaN is no heartbeat either
    return "alive"


class MetricsTail:
    """Follows a ``metrics.jsonl``: each :meth:`poll` reads only what was added.

    A last line without newline waits until it is whole; a damaged line is ignored. When a resumed run cuts its log, or
    another file takes its place, the rows after the cut go too.

    Args:
        path: the file; it may not exist yet.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._edition = self._inode = self._offset = self._rows = 0
        self._clear()

    @property
    def columns(self) -> dict[str, Column]:
        """Column name -> (n,) float64; all equally long and sorted by ``step``, NaN where a line had no number.

        There is always a column ``step``. The arrays are read-only views, which later polls do not change.
        """
        return {name: _view(column, self._rows) for name, column in self._columns.items()}

    def poll(self) -> bool:
        """Read what is new; True when ``columns`` changed."""
        try:
            if not self.path.is_file():  # a pipe would be waited for, for ever
                raise FileNotFoundError
            with open(self.path, "rb") as file:
                stat = os.fstat(file.fileno())
                replaced = stat.st_ino != self._inode or stat.st_size < self._offset or not self._continues(file)
                if not replaced and stat.st_size == self._offset:
                    return False
                had_rows = self._rows > 0
                if replaced:
                    self._clear()
                    self._inode = stat.st_ino
                before = self._edition
                for lines in self._whole_lines(file):
                    self._add(lines)
        except OSError:
            had_rows = self._rows > 0
            self._clear()
            return had_rows
        return (replaced and had_rows) or self._edition != before

    def _continues(self, file: IO[bytes]) -> bool:
        """Whether what was read last still stands there: a copied run may be overwritten in place."""
        file.seek(self._offset - len(self._last))
        return file.read(len(self._last)) == self._last

    def _clear(self) -> None:
        self._inode = self._offset = self._rows = 0
        self._last = b""
        self._columns: dict[str, Column] = {"step": np.empty(0)}

    def _whole_lines(self, file: IO[bytes]) -> Iterator[list[bytes]]:
        file.seek(self._offset)
        rest = b""
        while block := file.read(_BLOCK):
            *lines, rest = (rest + block).split(b"\n")
            self._offset += sum(map(len, lines)) + len(lines)
            if lines:
                self._last = lines[-1][-_REMEMBERED:] + b"\n"
            if len(rest) > _LONGEST_LINE:  # no log has such a line: what is left of it will be a damaged one
                self._offset += len(rest)
                self._last, rest = rest[-_REMEMBERED:], b""
            yield lines

    def _add(self, lines: list[bytes]) -> None:
        rows = [row for row in _parse(lines) if _has_step(row)]
        steps = [row["step"] for row in rows]
        cuts = [index for index in range(1, len(rows)) if steps[index] <= steps[index - 1]]
        for first, last in zip([0, *cuts], [*cuts, len(rows)], strict=True):
            self._add_rows(steps[first:last], rows[first:last])

    def _add_rows(self, steps: list[int], rows: list[dict[str, Any]]) -> None:
        """Rows in the order of their steps."""
        if not rows:
            return
        known = self._columns["step"]
        if self._rows and steps[0] <= known[self._rows - 1]:  # the run went back to an earlier state and on from there
            self._rows = int(np.searchsorted(known[: self._rows], steps[0]))
            self._resize(len(known))
        start, end = self._rows, self._rows + len(rows)
        if end > len(known):
            self._resize(2 * end + 1024)
        for name, values in _columns_of(rows):
            if name not in self._columns:
                if len(self._columns) >= MAX_COLUMNS or np.isnan(values).all():
                    continue
                self._columns[name] = np.full(len(self._columns["step"]), np.nan)
            self._columns[name][start:end] = values
        self._rows = end
        self._edition += 1

    def _resize(self, size: int) -> None:
        """Into new arrays: those handed out before keep what they show. Free rows are NaN."""
        for name, column in self._columns.items():
            self._columns[name] = np.full(size, np.nan)
            self._columns[name][: self._rows] = column[: self._rows]


def _view(column: Column, rows: int) -> Column:
    view = column[:rows]
    view.flags.writeable = False
    return view


def _parse(lines: list[bytes]) -> list[Any]:
    """The JSON values of ``lines``, without those that are damaged."""
    try:
        together: list[Any] = json.loads(b"[" + b",".join(lines) + b"]")  # three times as fast as one by one
        if len(together) == len(lines):
            return together
    except (ValueError, RecursionError):
        pass
    found = []
    for line in lines:
        with suppress(ValueError, RecursionError):
            found.append(json.loads(line))
    return found


def _has_step(row: object) -> bool:
    step = row.get("step") if isinstance(row, dict) else None
    return isinstance(step, int) and not isinstance(step, bool) and abs(step) < 2**53


def _columns_of(rows: list[dict[str, Any]]) -> Iterator[tuple[str, Column]]:
    """Each name with one number a row."""
    names = tuple(rows[0])
    if all(tuple(row) == names for row in rows):  # a trainer's own log: everything else is slow in comparison
        columns: Iterable[tuple[str, Any]] = zip(names, zip(*(row.values() for row in rows), strict=True), strict=True)
    else:
        every = dict.fromkeys(name for row in rows for name in row)
        columns = ((name, [row.get(name) for row in rows]) for name in every)
    for name, values in columns:
        try:
            plain = {type(value) for value in values} <= {int, float, type(None)}
            yield name, np.array(values if plain else list(map(_number, values)), np.float64)  # None becomes NaN
        except OverflowError:
            yield name, np.array(list(map(_number, values)), np.float64)


def _number(value: object) -> float:
    """A number as float; NaN for anything else, and for an integer that no float holds."""
    if type(value) is float:
        return value
    if type(value) is int and abs(value) < 2**1000:
        return float(value)
    return math.nan


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    with os.scandir(folder) as entries:
        return [entry for entry, _ in zip(entries, range(_FOLDERS_LOOKED_INTO), strict=False)]


def _step_files(folder: Path, suffix: str) -> tuple[StepFile, ...]:
    found = []
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                match = _STEP_FILE.fullmatch(entry.name.removesuffix(suffix)) if entry.name.endswith(suffix) else None
                if match and entry.is_file():
                    with suppress(FileNotFoundError):  # it was taken away meanwhile
                        stat = entry.stat()
                        stamp = stat.st_mtime_ns, stat.st_size
                        found.append(StepFile(int(match[1]), folder / entry.name, stamp))
    except OSError:
        return ()
    return tuple(sorted(found, key=lambda file: file.step))
