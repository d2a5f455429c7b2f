"""The run directory: the one interface between a training run and whoever watches or steers it.

Layout (docs/training-log.md shows one)::

    config.json     what is trained on what, once
    metrics.jsonl   one object a line, appended
    status.json     pid, host, state, step, message, heartbeat; replaced
    control.json    {"want": "run" | "pause" | "stop", "steps": N}; replaced by whoever steers
    checkpoints/step-NNNNNNNN.safetensors    samples/step-NNNNNNNN.png    preview_z.npy
    state/step-NNNNNNNN.safetensors          two kept, for an exact resume
    state/.lock     locked by the process that trains, until it ends, however it ends
"""

from __future__ import annotations

import errno
import json
import os
import re
import socket
import stat
import time
import uuid
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from filelock import BaseFileLock, FileLock, Timeout

from gan.config import ModelConfig, TrainConfig
from gan.errors import UserError
from gan.files import atomic_path, read_json, step_name, write_atomic, write_json

FORMAT = 1
STATES_KEPT = 2
NEWEST = 5
LOCK_PATIENCE = 2.0  # seconds
RESERVE = 128 * 1024  # bytes
_LONGEST_LINE = 1 << 20  # bytes; no log has a longer one
_TAIL = 16 * 1024  # bytes of a log that hold its last lines
STALE_AFTER = 30.0  # seconds without a heartbeat after which a run counts as dead even if its pid lives on
# control.json is not among them: somebody else may be writing it right now
_UNFINISHED = re.compile(
    r"\.(step-\d+\.(safetensors|png)|(status|config)\.json|metrics\.jsonl|preview_z\.npy|\.reserve)\..*\.part"
)
_NOT_OURS = "Ask the owner for write permission, or go on with a copy of the whole run."
Want = Literal["run", "pause", "stop"]
RunState = Literal["running", "paused", "done", "failed"]


@dataclass(frozen=True)
class RunConfig:
    """The content of ``config.json``."""

    run: str
    """uuid"""
    model: ModelConfig
    train: TrainConfig
    data: dict[str, Any]
    """path, name, count, sha256 of the training pictures."""
    created: str = ""
    parent: dict[str, Any] | None = None
    """path, name, step, sha256 of the checkpoint that the run was fine-tuned from."""

    @classmethod
    def new(
        cls, model: ModelConfig, train: TrainConfig, data: dict[str, Any], parent: dict[str, Any] | None = None
    ) -> RunConfig:
        """A configuration for a run that starts now."""
        return cls(str(uuid.uuid4()), model, train, data, datetime.now(UTC).isoformat(timespec="seconds"), parent)

    def with_steps(self, steps: int) -> RunConfig:
        """The same run with another end."""
        return replace(self, train=self.train.with_changes(steps=steps))

    def to_json(self) -> dict[str, Any]:
        """The fields as plain JSON values."""
        model, train = self.model.to_json(), self.train.to_json()
        about = {"format": FORMAT, "run": self.run, "created": self.created}
        return {**about, "model": model, "train": train, "data": self.data, "parent": self.parent}


@dataclass(frozen=True)
class RunDirectory:
    """Paths, and small files that are replaced atomically."""

    path: Path

    @property
    def config_path(self) -> Path:
        """``config.json``"""
        return self.path / "config.json"

    @property
    def metrics_path(self) -> Path:
        """``metrics.jsonl``"""
        return self.path / "metrics.jsonl"

    @property
    def control_path(self) -> Path:
        """``control.json``"""
        return self.path / "control.json"

    @property
    def preview_z_path(self) -> Path:
        """``preview_z.npy``: the latents of every sample sheet."""
        return self.path / "preview_z.npy"

    def checkpoint(self, step: int) -> Path:
        """Where the checkpoint of ``step`` is, or will be."""
        return self.path / "checkpoints" / f"{step_name(step)}.safetensors"

    def sample(self, step: int) -> Path:
        """Where the sample sheet of ``step`` is, or will be."""
        return self.path / "samples" / f"{step_name(step)}.png"

    def state(self, step: int) -> Path:
        """Where the resumable state of ``step`` is, or will be."""
        return self.path / "state" / f"{step_name(step)}.safetensors"

    def checkpoints(self) -> list[Path]:
        """Every checkpoint, oldest first."""
        return sorted((self.path / "checkpoints").glob("step-*.safetensors"))

    def states(self) -> list[Path]:
        """Resumable states, oldest first."""
        return sorted((self.path / "state").glob("step-*.safetensors"))

    def drop_old_states(self, newest: int) -> None:
        """Keep the two at and before ``newest``; a later one could not be read, or the run would have gone on there."""
        past = [state for state in self.states() if state.name <= self.state(newest).name]
        for old in past[:-STATES_KEPT]:
            with suppress(OSError):  # it is in the way of nobody
                old.unlink(missing_ok=True)

    def drop_unfinished(self) -> None:
        """Delete what a killed process had begun to write and not put in its place."""
        for folder in (self.path, *(self.path / name for name in ("checkpoints", "samples", "state"))):
            for path in folder.glob(".*.part"):
                if _UNFINISHED.fullmatch(path.name):
                    with suppress(OSError):
                        path.unlink(missing_ok=True)

    def hold_reserve(self) -> None:
        """Keep some disk occupied, so that a run on a full one can still say that it is full."""
        reserve = self._reserve
        if not reserve.exists():
            with suppress(UserError):
                write_atomic(reserve, os.urandom(RESERVE))  # random: some file systems store zeros in no space at all

    def release_reserve(self) -> None:
        """Make room for ``status.json`` and ``control.json``."""
        with suppress(OSError):
            self._reserve.unlink(missing_ok=True)

    @property
    def _reserve(self) -> Path:
        return self.path / "state" / ".reserve"

    def read_config(self) -> RunConfig:
        """Read ``config.json``.

        Raises:
            UserError: it is missing or makes no sense.
        """
        if not self.config_path.is_file():
            raise UserError(f"{self.path} is no run directory: it has no config.json.", "Start a run there first.")
        value = read_json(self.config_path)
        if not isinstance(value, dict) or not isinstance(value.get("data"), dict):
            raise UserError(f"{self.config_path} does not describe a run.")
        model, train = ModelConfig.from_json(value.get("model")), TrainConfig.from_json(value.get("train"))
        parent = value["parent"] if isinstance(value.get("parent"), dict) else None
        return RunConfig(str(value.get("run")), model, train, value["data"], str(value.get("created")), parent)

    def write_status(
        self,
        state: RunState,
        step: int,
        message: str = "",
        steps: int | None = None,
        started: float | None = None,
        note: str = "",
    ) -> None:
        """Tell watchers how the run is.

        Args:
            message: what a user should know; a whole sentence.
            steps: where the run will end.
            started: when this process began to work on it, in seconds since 1970, like the heartbeat.
            note: what is worth knowing of how this process began; a whole sentence.
        """
        process = {"pid": os.getpid(), "host": socket.gethostname(), "heartbeat": time.time(), "started": started}
        about = {"state": state, "step": step, "steps": steps, "message": message, **({"note": note} if note else {})}
        write_json(self.path / "status.json", {**process, **about})

    def read_status(self) -> dict[str, Any]:
        """``status.json``, empty where there is none yet."""
        try:
            value = read_json(self.path / "status.json")
        except UserError:
            return {}
        return value if isinstance(value, dict) else {}

    def write_control(self, want: Want, steps: int | None = None) -> None:
        """Ask a run to go on, pause or stop, and optionally for another number of steps."""
        write_json(self.control_path, {"want": want, **({} if steps is None else {"steps": steps})})

    def lock(self) -> BaseFileLock | None:
        """Keep every other process from working on this run until the lock is released, or this process ends.

        The folder is made where it is missing. None on a file system that knows no locks, where the heartbeat alone
        has to do.

        Raises:
            UserError: another one has it, the folder cannot be made, or its files belong to somebody else.
        """
        folder = self.path / "state"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            # whoever may write in the folder may lock it, whatever our umask
            mode = stat.S_IMODE(folder.stat().st_mode) & 0o666
        except OSError as error:
            told = f"The folder {self.path} cannot be made: {error.strerror or error}."
            raise UserError(told, "Choose another place.") from error
        lock = FileLock(folder / ".lock", mode=mode, thread_local=False, fallback_to_soft=False)
        try:
            # whoever says in status.json that it is done holds the lock for a moment more
            return lock.acquire(timeout=LOCK_PATIENCE).lock
        except Timeout:
            raise UserError(f"Another process is working on {self.path} right now.", "Stop it first.") from None
        except PermissionError as error:
            told = f"{self.path} may not be written to: its files are another user's ({folder / '.lock'})."
            raise UserError(told, _NOT_OURS) from error
        except (OSError, NotImplementedError):
            return None

    def check_writable(self) -> None:
        """Whether this user may write in each folder of the run.

        Raises:
            UserError: not in this one; to learn that when a checkpoint is due would be late.
        """
        for folder in (self.path, *(self.path / name for name in ("checkpoints", "samples", "state"))):
            if folder.is_dir() and not os.access(folder, os.W_OK | os.X_OK):
                raise UserError(f"{folder} may not be written to.", _NOT_OURS)

    def is_alive(self) -> bool:
        """Whether a process is working on this run right now."""
        status = self.read_status()
        if status.get("state") not in ("running", "paused"):
            return False
        heartbeat = status.get("heartbeat")
        now = time.time()  # compared, not subtracted: a huge integer has no float
        if not isinstance(heartbeat, int | float) or not now - STALE_AFTER <= heartbeat <= now + STALE_AFTER:
            return False  # NaN is no heartbeat either
        # this very process may hold the run it is asked about only because an earlier attempt in it failed
        return not on_this_host(status) or (status.get("pid") != os.getpid() and process_lives(status.get("pid")))


class MetricsLog:
    """``metrics.jsonl`` opened for appending; every line is written whole, or not at all.

    Args:
        step: lines after this step are cut off: the run is being resumed there.

    Attributes:
        newest: the last five lines that were not cut off.
    """

    def __init__(self, path: Path, step: int) -> None:
        self._path = path
        self.newest: list[dict[str, Any]] = []
        self.cut(step)

    def cut(self, step: int) -> None:
        """Take away the lines after ``step``: the run goes on from there."""
        with _told(self._path):
            if self._path.exists() and not self._path.is_file():  # a pipe would be waited for, for ever
                raise UserError(f"{self._path} is no file.", "Move it away.")
            if self._path.exists():
                newest: deque[dict[str, Any]] = deque(maxlen=NEWEST)
                with atomic_path(self._path) as temporary, open(temporary, "wb") as file:
                    for line in _lines(self._path):
                        if line["step"] <= step:
                            file.write(f"{json.dumps(line)}\n".encode())
                            newest.append(line)
                self.newest = list(newest)
        self._size = self._path.stat().st_size if self._path.exists() else 0

    def append(self, line: dict[str, Any]) -> None:
        """Add one line."""
        data = (json.dumps(line) + "\n").encode()
        # opened anew for each line: on some shared file systems others only see what was closed
        with _told(self._path), open(self._path, "ab", buffering=0) as file:
            try:
                if file.write(data) != len(data):
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            except OSError:
                file.truncate(self._size)  # half a line would spoil the next
                raise
            self._size += len(data)


def read_metrics(path: Path) -> list[dict[str, Any]]:
    """The whole lines of a ``metrics.jsonl``; a last line without newline, or a damaged one, is ignored."""
    return list(_lines(path))


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    """One after the other: the log of a long run fills hundreds of megabytes."""
    with open(path, "rb") as file:
        while text := file.readline(_LONGEST_LINE):
            with suppress(ValueError, RecursionError):
                line = json.loads(text) if text.endswith(b"\n") else None
                if isinstance(line, dict) and isinstance(line.get("step"), int):
                    yield line


def last_step(directory: RunDirectory) -> int:
    """How far a run has come, by its log and its status, whatever of that it can go on from; 0 where neither tells.

    Only the end of the log is read.
    """
    steps = [directory.read_status().get("step")]
    with suppress(OSError):
        if directory.metrics_path.is_file():
            with open(directory.metrics_path, "rb") as file:
                file.seek(max(0, file.seek(0, os.SEEK_END) - _TAIL))
                lines = file.read().decode("utf-8", errors="replace").split("\n")[:-1]
            for text in lines[-NEWEST:]:
                with suppress(ValueError, RecursionError):
                    line = json.loads(text)
                    steps.append(line.get("step") if isinstance(line, dict) else None)
    return max((step for step in steps if isinstance(step, int) and 0 <= step <= 10**9), default=0)


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """A full disk or a locked folder is the user's to mend."""
    try:
        yield
    except OSError as error:
        hint = "Free some space." if error.errno in (errno.ENOSPC, errno.EDQUOT) else ""
        raise UserError(f"{path} cannot be written: {error.strerror or error}.", hint) from error


def on_this_host(status: dict[str, Any]) -> bool:
    """Whether the process that wrote ``status`` ran on this computer."""
    return bool(status.get("host") == socket.gethostname())


def process_lives(pid: object) -> bool:
    """Whether this computer has a process ``pid``; on Windows always true, for want of a harmless way to ask."""
    if not isinstance(pid, int) or isinstance(pid, bool) or not 0 < pid < 2**31:
        return False
    if os.name != "posix":
        return True  # os.kill would end it on Windows; the heartbeat has to do
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
