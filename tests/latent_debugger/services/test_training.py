from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from PySide6.QtCore import QThread
from pytestqt.qtbot import QtBot

import gan.training.runner as runner
from gan.config import ModelConfig, TrainConfig
from gan.data import Stopped
from gan.errors import UserError
from gan.training.run_directory import RunDirectory
from latent_debugger.services import training
from latent_debugger.services.training import TrainingService
from latent_debugger.state.runs import RunEnd
from latent_debugger.state.training_plan import RunPlan

PATIENCE_MS = 30_000


class FakeRunner:
    """Stands in for gan.training.runner: it "trains" until it is stopped, or fails."""

    def __init__(self) -> None:
        self.error: Exception | None = None
        self.begun = threading.Event()
        self.started: list[Any] = []
        self.resumed: list[Any] = []
        self.gui: list[bool] = []
        self.pictures = 0

    def start(self, data: Path, out: Path, model: object, train: object, parent: object, should_stop: Any) -> Any:
        self.started.append(data)
        self._read(should_stop)
        return SimpleNamespace(run=self.run, out=out)

    def resume(self, out: Path, steps: int | None, should_stop: Any) -> Any:
        self.resumed.append((out, steps))
        self._read(should_stop)
        return SimpleNamespace(run=self.run)

    def _read(self, should_stop: Callable[[], bool]) -> None:
        for _ in range(self.pictures):
            if should_stop():
                raise Stopped
            time.sleep(0.01)

    def run(self, report: object, should_stop: Callable[[], bool], on_trouble: str) -> int:
        assert on_trouble == "pause"
        self.gui.append(QThread.currentThread().isMainThread())
        self.begun.set()
        if self.error is not None:
            raise self.error
        while not should_stop():
            time.sleep(0.01)
        return 5


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> FakeRunner:
    found = FakeRunner()
    monkeypatch.setattr(runner, "start", found.start)
    monkeypatch.setattr(runner, "resume", found.resume)
    return found


@pytest.fixture
def service(qtbot: QtBot) -> Iterator[TrainingService]:
    made = TrainingService()
    yield made
    made.stop()
    assert made.hosted() == ()


def plan(tmp_path: Path, name: str = "run", **changes: Any) -> RunPlan:
    train = TrainConfig(**{"steps": 9, **changes.pop("train", {})})
    return RunPlan(tmp_path / "data", tmp_path / name, ModelConfig(), train, **{"own_process": False, **changes})


def test_a_run_in_a_thread_ends_when_it_is_stopped(
    service: TrainingService, fake: FakeRunner, qtbot: QtBot, tmp_path: Path
) -> None:
    begun: list[Path] = []
    service.begun.connect(begun.append)
    service.start(plan(tmp_path))
    assert service.hosted() == service.in_this_process() == (tmp_path / "run",) == tuple(begun)
    assert fake.begun.wait(30)
    with qtbot.waitSignal(service.ended, timeout=PATIENCE_MS) as told:
        service.tell(tmp_path / "run", "stop")
    assert told.args == [RunEnd(tmp_path / "run", 0, False, begun=False)]
    assert service.hosted() == () and fake.gui == [False]


@pytest.mark.parametrize(
    ("error", "problem"),
    [(UserError("The disk is full.", "Free some."), "The disk is full. Free some."), (KeyError("x"), "unexpected")],
)
def test_a_failure_is_one_sentence(
    service: TrainingService,
    fake: FakeRunner,
    qtbot: QtBot,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
    problem: str,
) -> None:
    reported: list[BaseException] = []
    monkeypatch.setattr(training, "report_unexpected", reported.append)
    fake.error = error
    with qtbot.waitSignal(service.ended, timeout=PATIENCE_MS) as told:
        service.start(plan(tmp_path))
    assert problem in told.args[0].problem
    assert reported == ([] if isinstance(error, UserError) else [error])


def test_stopping_while_pictures_are_read_ends_at_once_and_is_no_failure(
    service: TrainingService, fake: FakeRunner, qtbot: QtBot, tmp_path: Path
) -> None:
    fake.pictures = 1_000_000
    service.start(plan(tmp_path))
    qtbot.waitUntil(lambda: bool(fake.started), timeout=PATIENCE_MS)
    with qtbot.waitSignal(service.ended, timeout=PATIENCE_MS) as told:
        service.tell(tmp_path / "run", "stop")
    assert told.args[0].problem == "" and not fake.begun.is_set()


def test_a_run_that_goes_on_can_be_stopped_while_its_pictures_are_read(
    service: TrainingService, fake: FakeRunner, qtbot: QtBot, tmp_path: Path
) -> None:
    fake.pictures = 1_000_000
    (tmp_path / "run").mkdir()
    fake_config(RunDirectory(tmp_path / "run"))
    service.resume(tmp_path / "run", own_process=False)
    qtbot.waitUntil(lambda: bool(fake.resumed), timeout=PATIENCE_MS)
    with qtbot.waitSignal(service.ended, timeout=PATIENCE_MS) as told:
        service.tell(tmp_path / "run", "stop")
    assert told.args[0].problem == "" and not fake.begun.is_set()


def test_what_was_wanted_of_an_earlier_process_is_forgotten(
    service: TrainingService, fake: FakeRunner, qtbot: QtBot, tmp_path: Path
) -> None:
    directory = RunDirectory(tmp_path / "run")
    (tmp_path / "run").mkdir()
    directory.write_control("pause")
    fake_config(directory)
    service.resume(tmp_path / "run", 50, own_process=False)
    assert fake.begun.wait(30)
    assert '"run"' in directory.control_path.read_text()
    assert fake.resumed == [(tmp_path / "run", 50)]


def test_what_is_wanted_of_a_living_process_stays(
    service: TrainingService,
    fake: FakeRunner,
    qtbot: QtBot,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    directory = RunDirectory(tmp_path / "run")
    (tmp_path / "run").mkdir()
    fake_config(directory)
    directory.write_control("pause")
    with monkeypatch.context() as other:
        other.setattr(os, "getpid", lambda: 1)  # pid 1 always lives
        directory.write_status("paused", 3)
    fake.error = UserError("Process 1 is training it right now.")
    with qtbot.waitSignal(service.ended, timeout=PATIENCE_MS):
        service.resume(tmp_path / "run", own_process=False)
    assert '"pause"' in directory.control_path.read_text()


def test_one_run_at_a_time_in_this_process_and_one_host_for_each(
    service: TrainingService, fake: FakeRunner, tmp_path: Path
) -> None:
    told: list[UserError] = []
    service.failed.connect(told.append)
    service.start(plan(tmp_path))
    service.start(plan(tmp_path))
    service.start(plan(tmp_path, "other"))
    assert [str(error).split(".")[0] for error in told] == [
        "run is being trained already",
        "This process is training run already",
    ]
    assert service.hosted() == (tmp_path / "run",)


def test_several_devices_need_a_process_of_their_own(
    service: TrainingService, fake: FakeRunner, qtbot: QtBot, tmp_path: Path
) -> None:
    with qtbot.waitSignal(service.ended, timeout=PATIENCE_MS) as told:
        service.start(plan(tmp_path, train={"devices": 2}))
    assert "several devices" in told.args[0].problem and not fake.started


@pytest.mark.parametrize("own_process", [True, False])
def test_several_machines_are_not_started_from_a_window(
    service: TrainingService,
    fake: FakeRunner,
    qtbot: QtBot,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    own_process: bool,
) -> None:
    monkeypatch.setattr(training, "TrainingProcess", lambda *_: pytest.fail("a process was started"))
    with qtbot.waitSignal(service.ended, timeout=PATIENCE_MS) as told:
        service.start(plan(tmp_path, train={"nodes": 2}, own_process=own_process))
    assert told.args[0].problem.startswith("A run on 2 machines is started on each of them") and not fake.started


def test_a_wish_for_a_run_elsewhere_is_written_for_it(service: TrainingService, tmp_path: Path) -> None:
    (tmp_path / "far").mkdir()
    for want in ("pause", "run", "stop"):
        service.tell(tmp_path / "far", want, 7)  # type: ignore[arg-type]
        assert service.wait_idle(20)
        assert RunDirectory(tmp_path / "far").control_path.read_text().split() == [
            "{", '"want":', f'"{want}",', '"steps":', "7", "}",
        ]  # fmt: skip


def test_stop_waits_for_the_thread_and_nothing_starts_after_it(
    service: TrainingService, fake: FakeRunner, tmp_path: Path
) -> None:
    service.start(plan(tmp_path))
    assert fake.begun.wait(30)
    service.stop()
    assert service.hosted() == ()
    service.start(plan(tmp_path))
    assert service.hosted() == ()


def test_a_service_that_is_deleted_stops_its_runs(qtbot: QtBot, fake: FakeRunner, tmp_path: Path) -> None:
    import shiboken6

    service = TrainingService()
    service.start(plan(tmp_path))
    assert fake.begun.wait(30)
    thread = next(iter(service._threads.values()))
    shiboken6.delete(service)
    assert thread.isFinished()


def fake_config(directory: RunDirectory) -> None:
    from gan.files import write_json
    from gan.training.run_directory import RunConfig

    write_json(directory.config_path, RunConfig.new(ModelConfig(), TrainConfig(), {"path": "x"}).to_json())
