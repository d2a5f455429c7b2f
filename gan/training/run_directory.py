"""The run directory: the one interface between a training run and whoever watches or steers it.

Layout (docs/training-log.md shows one)::

    config.json     what is trained on what, once
    metrics.jsonl   one object a line, appended
    status.json     pid, host, state, step, message, heartbeat; replaced
    control.json    {"want": "run" | "pause" | "stop", "steps": N}; replaced by whoever steers
    checkpoints/step-NNNNNNNN.safetensors    samples/step-NNNNNNNN.png    preview_z.npy
    state/step-NNNNNNNN.safetensors          two kept, for an exact resume
"""

from __future__ import annotations

import json
import os
import socket
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from gan.checkpoints import step_name
from gan.config import ModelConfig, TrainConfig
from gan.errors import UserError
from gan.files import read_json, write_atomic, write_json

FORMAT = 1
STATES_KEPT = 2
STALE_AFTER = 30.0  # seconds without a heartbeat after which a run counts as dead even if its pid lives on
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

    @classmethod
    def new(cls, model: ModelConfig, train: TrainConfig, data: dict[str, Any]) -> RunConfig:
        """A configuration for a run that starts now."""
        return cls(str(uuid.uuid4()), model, train, data, datetime.now(UTC).isoformat(timespec="seconds"))

    def with_steps(self, steps: int) -> RunConfig:
        """The same run with another end."""
        return replace(self, train=self.train.with_changes(steps=steps))

    def to_json(self) -> dict[str, Any]:
        """The fields as plain JSON values."""
        model, train = self.model.to_json(), self.train.to_json()
        about = {"format": FORMAT, "run": self.run, "created": self.created}
        return {**about, "model": model, "train": train, "data": self.data}


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

    def states(self) -> list[Path]:
        """Resumable states, oldest first."""
        return sorted((self.path / "state").glob("step-*.safetensors"))

    def drop_old_states(self) -> None:
        """Keep the newest two."""
        for old in self.states()[:-STATES_KEPT]:
            old.unlink(missing_ok=True)

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
        return RunConfig(str(value.get("run")), model, train, value["data"], str(value.get("created")))

    def write_status(self, state: RunState, step: int, message: str = "") -> None:
        """Tell watchers how the run is; the heartbeat is seconds since 1970."""
        process = {"pid": os.getpid(), "host": socket.gethostname(), "heartbeat": time.time()}
        write_json(self.path / "status.json", {**process, "state": state, "step": step, "message": message})

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

    def is_alive(self) -> bool:
        """Whether a process is working on this run right now."""
        status = self.read_status()
        if status.get("state") not in ("running", "paused"):
            return False
        heartbeat = status.get("heartbeat")
        now = time.time()  # compared, not subtracted: a huge integer has no float
        if not isinstance(heartbeat, int | float) or not now - STALE_AFTER <= heartbeat <= now + STALE_AFTER:
            return False  # NaN is no heartbeat either
        return status.get("host") != socket.gethostname() or _process_lives(status.get("pid"))


class MetricsLog:
    """``metrics.jsonl`` opened for appending; every line is flushed whole.

    Args:
        step: lines after this step are cut off: the run is being resumed there.
    """

    def __init__(self, path: Path, step: int) -> None:
        with _told(path):
            if path.exists():
                kept = [json.dumps(line) for line in read_metrics(path) if line["step"] <= step]
                write_atomic(path, "".join(f"{line}\n" for line in kept).encode())
            self._file = open(path, "a", encoding="utf-8")  # noqa: SIM115 (closed by close())
        self._path = path

    def append(self, line: dict[str, Any]) -> None:
        """Add one line."""
        with _told(self._path):
            self._file.write(json.dumps(line) + "\n")
            self._file.flush()

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def read_metrics(path: Path) -> list[dict[str, Any]]:
    """The whole lines of a ``metrics.jsonl``; a last line without newline, or a damaged one, is ignored."""
    lines = []
    for text in path.read_text("utf-8", errors="replace").split("\n")[:-1]:
        try:
            line = json.loads(text)
        except (ValueError, RecursionError):
            continue
        if isinstance(line, dict) and isinstance(line.get("step"), int):
            lines.append(line)
    return lines


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """A full disk or a locked folder is the user's to mend."""
    try:
        yield
    except OSError as error:
        raise UserError(f"{path} cannot be written: {error.strerror or error}.", "Free some space.") from error


def _process_lives(pid: object) -> bool:
    if not isinstance(pid, int) or not 0 < pid < 2**31 or pid == os.getpid():
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
