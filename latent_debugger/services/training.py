"""Hosting training runs: each in a thread that watches over a process of its own, or that trains itself.

Whatever the window shows of a run it reads from the run directory, whoever trains there; this is only about starting
runs, telling them what to do, and knowing how they ended.
"""

from __future__ import annotations

import atexit
import logging
import os
import sys
import threading
from contextlib import suppress
from functools import partial
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QObject, Qt, QThread, Signal, Slot

from gan.config import TrainConfig
from gan.data import Stopped
from gan.training.run_directory import RunDirectory, Want
from latent_debugger.errors import UserError, report_unexpected
from latent_debugger.services.training_process import (
    NICE,
    TrainingProcess,
    resume_arguments,
    start_arguments,
)
from latent_debugger.services.worker import Worker
from latent_debugger.state.runs import RunEnd
from latent_debugger.state.training_plan import RunPlan

log = logging.getLogger(__name__)

_LOOK_S = 0.5  # between two looks at the process


class TrainingThread(QThread):
    """Hosts one run until it ends.

    Args:
        out: the run directory.
        plan: what to start there; None goes on with the run that is there.
        steps: where a run that goes on ends now; None leaves that as it is.
        own_process: supervise ``python -m gan train``; else train in this very thread.
    """

    over = Signal(object)
    """RunEnd: the run ended. Not emitted after :meth:`release`."""

    def __init__(self, out: Path, plan: RunPlan | None, steps: int | None, *, own_process: bool) -> None:
        super().__init__()
        self.setObjectName(f"training {out.name}")
        self.path, self.own_process = out, own_process
        self._plan, self._steps = plan, steps
        self._stop, self._release, self._wake = threading.Event(), threading.Event(), threading.Event()

    def stop(self) -> None:
        """Let the run save and end."""
        self._stop.set()
        self._wake.set()

    def release(self) -> None:
        """Let a process of its own go on alone; a run in this thread can only be stopped."""
        (self._release if self.own_process else self._stop).set()
        self._wake.set()

    def run(self) -> None:
        problem = ""
        try:
            train = self._settings()
            self._forget_wishes()
            problem = self._supervise(train) if self.own_process else self._train(train)
        except UserError as error:
            problem = str(error)
        except Exception as error:
            report_unexpected(error)
            problem = "The training met an unexpected error; the log says more."
        if not (self.own_process and self._release.is_set()):
            self.over.emit(self._end(problem))

    def _settings(self) -> TrainConfig:
        from gan.training.engine import check_machines

        train = self._plan.train if self._plan is not None else RunDirectory(self.path).read_config().train
        check_machines(train)
        return train

    def _forget_wishes(self) -> None:
        """What somebody wanted of an earlier process here must not pause or stop this one; nor does it touch a living
        one, which is not taken over."""
        directory = RunDirectory(self.path)
        if self._plan is None and directory.control_path.exists() and not directory.is_alive():
            directory.write_control("run")

    def _end(self, problem: str) -> RunEnd:
        directory = RunDirectory(self.path)
        step = directory.read_status().get("step")
        step = step if isinstance(step, int) else 0
        try:
            steps = directory.read_config().train.steps
        except UserError:
            return RunEnd(self.path, step, False, problem, begun=False)
        return RunEnd(self.path, step, step >= steps, problem)

    def _supervise(self, train: TrainConfig) -> str:
        plan = self._plan
        arguments = start_arguments(plan) if plan is not None else resume_arguments(self.path, self._steps)
        process = TrainingProcess([*arguments, "--on-trouble", "pause"], self.path)
        log.info("process %d trains %s", process.pid, self.path)
        told = False
        while not process.ended():
            if self._stop.is_set():
                if not told:
                    RunDirectory(self.path).write_control("stop")
                    told = True
                if train.devices == 1:  # of several processes, the others would wait for this one
                    process.end_before_it_began()
            if self._release.is_set():
                process.release()
                return ""
            self._wake.wait(_LOOK_S)
            self._wake.clear()
        return "" if self._stop.is_set() and process.terminated else process.problem()

    def _train(self, train: TrainConfig) -> str:
        """In this very thread; the networks' work happens outside Python's lock."""
        if sys.platform == "linux":  # threads have a priority of their own there, and those of OpenMP inherit it
            with suppress(OSError):
                os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICE)
        if train.devices > 1 or train.nodes > 1:  # each device gets a process, which would be another window here
            raise UserError("A run on several devices needs a process of its own.", "Choose a separate process.")
        from gan.training import runner as runs

        plan = self._plan
        try:
            if plan is None:
                runner = runs.resume(self.path, self._steps, should_stop=self._stop.is_set)
            else:
                runner = runs.start(
                    plan.data, plan.out, plan.model, plan.train, plan.parent, should_stop=self._stop.is_set
                )
        except Stopped:
            return ""
        runner.run(lambda _: None, self._stop.is_set, on_trouble="pause")
        return ""


class TrainingService(QObject):
    """Starts runs, steers them, and says how they ended."""

    begun = Signal(object)
    """Path: a thread hosts this run now; there may be nothing in its directory yet."""
    ended = Signal(object)
    """RunEnd: of a run that was hosted here."""
    failed = Signal(object)
    """UserError: what was asked for cannot be done."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._threads: dict[Path, TrainingThread] = {}
        self._worker = Worker("training", self, trouble="The run could not be told.")
        self._stopped = False
        # a thread must never be destroyed while it runs, whether the window is closed, deleted, or simply left
        self._let_go = partial(_let_go, self._threads)
        self.destroyed.connect(self._let_go)
        atexit.register(self._let_go)
        app = QCoreApplication.instance()
        if app is not None:
            app.aboutToQuit.connect(self.stop)

    def hosted(self, path: Path | None = None) -> tuple[Path, ...]:
        """The runs that threads host: all, or ``path`` if it is one."""
        return tuple(self._threads) if path is None else tuple(found for found in self._threads if found == path)

    def in_this_process(self) -> tuple[Path, ...]:
        """Those of them that cannot go on without this program."""
        return tuple(path for path, thread in self._threads.items() if not thread.own_process)

    def start(self, plan: RunPlan) -> None:
        """Begin a run; ``begun`` follows at once, and ``ended`` some day."""
        self._host(plan.out, plan, None, plan.own_process)

    def resume(self, path: Path, steps: int | None = None, *, own_process: bool = True) -> None:
        """Go on with a run that has ended or was interrupted.

        Args:
            steps: where it ends now; None leaves that as it is.
        """
        self._host(path, None, steps, own_process)

    def tell(self, path: Path, want: Want, steps: int | None = None) -> None:
        """Ask a run that is alive, whoever started it, to go on, pause, or save and end."""
        thread = self._threads.get(path)
        if thread is not None and want == "stop":
            thread.stop()
        else:
            self._worker.submit(RunDirectory(path).write_control, want, steps, failed=self.failed.emit)

    def wait_idle(self, timeout_s: float) -> bool:
        """Block until every wish is written; runs go on. False after ``timeout_s`` seconds."""
        return self._worker.wait_idle(timeout_s)

    @Slot()
    def stop(self) -> None:
        """Save and end what trains in this process, let the others go on, wait for the threads."""
        if not self._stopped:
            self._stopped = True
            self._worker.stop()
            self._let_go()
            atexit.unregister(self._let_go)

    def _host(self, out: Path, plan: RunPlan | None, steps: int | None, own_process: bool) -> None:
        if self._stopped:
            return
        if out in self._threads:
            self.failed.emit(UserError(f"{out.name} is being trained already.", "Stop it first."))
            return
        if not own_process and (others := self.in_this_process()):
            self.failed.emit(
                UserError(f"This process is training {others[0].name} already.", "Choose a separate process.")
            )
            return
        thread = self._threads[out] = TrainingThread(out, plan, steps, own_process=own_process)
        thread.over.connect(self._end, Qt.ConnectionType.QueuedConnection)
        thread.start(QThread.Priority.LowPriority)
        self.begun.emit(out)

    @Slot(object)
    def _end(self, end: RunEnd) -> None:
        thread = self._threads.pop(end.path, None)
        if thread is not None:
            thread.wait()
            log.info("the run %s ended at step %d. %s", end.path, end.step, end.problem)
            self.ended.emit(end)


def _let_go(threads: dict[Path, TrainingThread], _: object = None) -> None:
    for thread in threads.values():
        thread.release()
    for thread in threads.values():
        thread.wait()
    threads.clear()
