"""A training run as a process of its own: its command line, how it is started, and what it says when it fails.

It outlives the window: its own session, output to a file rather than a pipe, and steered through the run directory.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import sysconfig
from contextlib import suppress
from pathlib import Path
from typing import Any

import gan
from gan.training.run_directory import RunDirectory
from latent_debugger.errors import UserError
from latent_debugger.state.training_fields import config_fields, spelled
from latent_debugger.state.training_plan import RunPlan, preset_values

NICE = 5
"""How much a training run stands back for the window."""
LOG = "log.txt"
_FLAGS = {"norm": "--critic-norm", "learning_rate": "--lr", "pause_on_trouble": "--breakpoints"}
_TAIL = 4096  # bytes of the log that may hold the last line
_released: list[subprocess.Popen[bytes]] = []
"""Processes that go on without the window: kept, for an abandoned Popen complains."""


def start_arguments(plan: RunPlan) -> list[str]:
    """What follows ``python -m gan`` to start the run: the preset, and whatever differs from it."""
    given = {**plan.model.to_json(), **plan.train.to_json()}
    expected = preset_values(plan.preset, plan.train.objective)
    words = ["train", str(plan.data.absolute()), "--out", str(plan.out.absolute()), "--preset", plan.preset]
    words += ["--objective", plan.train.objective]
    if plan.parent is not None:
        del expected["norm"]  # where it is not said, the parent's counts
    for field in config_fields():
        name, value = field.name, given[field.name]
        if name not in ("objective", "family") and (name not in expected or value != expected[name]):
            words += _flag(name, value)
    if plan.parent is not None:
        words += ["--from", str(plan.parent.absolute())]
    return words


def resume_arguments(out: Path, steps: int | None) -> list[str]:
    """What follows ``python -m gan`` to go on with a run."""
    return ["train", "--out", str(out.absolute()), "--resume", *([] if steps is None else ["--steps", str(steps)])]


def flag_of(name: str) -> str:
    """The command line's word for a field of a configuration."""
    return _FLAGS.get(name, "--" + name.replace("_", "-"))


def _flag(name: str, value: Any) -> list[str]:
    if isinstance(value, bool):
        return [flag_of(name) if value else flag_of(name).replace("--", "--no-", 1)]
    return [flag_of(name), spelled(value)]


class TrainingProcess:
    """``python -m gan ARGUMENTS``, started at once.

    Args:
        out: the run directory, which gets ``log.txt``.

    Raises:
        UserError: it cannot be started, or the log cannot be written.
    """

    def __init__(self, arguments: list[str], out: Path) -> None:
        self._log = out / LOG
        try:
            out.mkdir(parents=True, exist_ok=True)
            with open(self._log, "ab") as log:
                self._begins = log.tell()
                self._process = _spawn([sys.executable, "-m", "gan", *arguments], log, out)
        except OSError as error:
            raise UserError(f"The training could not be started: {error.strerror or error}.") from error
        self._directory = RunDirectory(out)

    @property
    def pid(self) -> int:
        """Its number."""
        return self._process.pid

    def ended(self) -> bool:
        """Whether it is over."""
        return self._process.poll() is not None

    @property
    def terminated(self) -> bool:
        """Whether :meth:`end_before_it_began` ended it."""
        return self._process.poll() == -signal.SIGTERM

    def end_before_it_began(self) -> None:
        """End it if it has not come to the point of training, where it looks for wishes: nothing is lost yet."""
        if os.name == "posix" and not self.ended() and self._directory.read_status().get("pid") != self.pid:
            self._process.terminate()

    def release(self) -> None:
        """From now on it is nobody's business here."""
        _released[:] = [item for item in _released if item.poll() is None]
        if not self.ended():
            _released.append(self._process)

    def problem(self) -> str:
        """One sentence that says why it failed; empty where it did not. Only after it ended."""
        code = self._process.returncode
        if not code:
            return ""
        if code == 2 and (told := self._last_line()):
            return told
        status = self._directory.read_status()
        if status.get("pid") == self.pid and status.get("state") == "failed" and status.get("message"):
            return str(status["message"])
        if code < 0:
            return f"The training process was ended from outside (signal {-code}). Resume to go on."
        return f"The training process failed ({self._last_line() or f'exit status {code}'}); {self._log} says more."

    def _last_line(self) -> str:
        try:
            with open(self._log, "rb") as file:
                end = file.seek(0, os.SEEK_END)
                file.seek(max(self._begins, end - _TAIL))
                lines = file.read().decode("utf-8", errors="replace").split("\n")
        except OSError:
            return ""
        return next((line.strip() for line in reversed(lines) if line.strip()), "")


def _spawn(command: list[str], log: Any, folder: Path) -> subprocess.Popen[bytes]:
    """In ``folder``: ``-m`` would find somebody's own gan in the folder that the window was started in."""
    env = {
        **os.environ,
        "PYTHONUNBUFFERED": "1",
        "PYTHONIOENCODING": "utf-8",
        "OMP_WAIT_POLICY": "PASSIVE",
        "NO_COLOR": "1",
    }
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS"):  # the window's own; the run has a field for its threads
        env.pop(name, None)
    for name in ("LATENT_DEBUGGER_HOME", "LATENT_DEBUGGER_CACHE"):
        if env.get(name):  # as it was meant, not from the run's folder
            env[name] = str(Path(env[name]).expanduser().absolute())
    package = str(Path(gan.__file__).resolve().parent.parent)
    if package != sysconfig.get_path("purelib"):  # it need not be installed
        env["PYTHONPATH"] = os.pathsep.join([package, *filter(None, [os.environ.get("PYTHONPATH")])])
    files = {"stdin": subprocess.DEVNULL, "stdout": log, "stderr": subprocess.STDOUT}
    options: dict[str, Any] = {**files, "env": env, "cwd": folder}
    if sys.platform == "win32":
        flags = subprocess.BELOW_NORMAL_PRIORITY_CLASS | subprocess.CREATE_NO_WINDOW
        return subprocess.Popen(command, creationflags=flags | subprocess.CREATE_NEW_PROCESS_GROUP, **options)
    process = subprocess.Popen(command, start_new_session=True, **options)
    with suppress(OSError):  # it may have ended already
        # from here rather than in the child: code between fork and exec may hang where there are threads
        os.setpriority(os.PRIO_PROCESS, process.pid, min(19, os.getpriority(os.PRIO_PROCESS, 0) + NICE))
    return process
