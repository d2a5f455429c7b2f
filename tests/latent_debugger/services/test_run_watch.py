"""A run on disk, seen from outside: news arrive, whoever writes and however."""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from gan.config import ModelConfig, TrainConfig
from gan.errors import UserError
from gan.files import write_json
from gan.training.run_directory import RunConfig, RunDirectory
from latent_debugger.services import run_watch
from latent_debugger.services.run_watch import RunView, RunWatch

PATIENCE_MS = 20_000


def make_run(path: Path) -> RunDirectory:
    """A run that has just been set up."""
    directory = RunDirectory(path)
    config = RunConfig.new(ModelConfig(image_size=32, z_dim=8, width=4), TrainConfig(), {"path": "pictures"})
    write_json(directory.config_path, config.to_json())
    directory.write_status("running", 0)
    return directory


def add_checkpoint(directory: RunDirectory, step: int) -> None:
    """As a trainer does it: a temporary file, then a rename."""
    path = directory.checkpoint(step)
    path.parent.mkdir(exist_ok=True)
    path.with_suffix(".part").write_bytes(b"x")
    path.with_suffix(".part").replace(path)


@pytest.fixture
def run(tmp_path: Path) -> RunDirectory:
    return make_run(tmp_path / "run")


@pytest.fixture
def make_watch(qtbot: QtBot) -> Iterator[Callable[..., tuple[RunWatch, list[RunView], list[UserError]]]]:
    """A watch, what it said, and what went wrong."""
    made: list[RunWatch] = []

    def make(**options: bool) -> tuple[RunWatch, list[RunView], list[UserError]]:
        watch, views, errors = RunWatch(**options), [], []
        watch.changed.connect(views.append)
        watch.failed.connect(errors.append)
        made.append(watch)
        return watch, views, errors

    yield make
    for watch in made:
        watch.stop()


def test_says_what_is_there_and_then_only_what_is_new(run: RunDirectory, make_watch: Callable[..., object]) -> None:
    watch, views, errors = make_watch(synchronous=True)
    watch.watch(run.path)
    assert (views[0].snapshot.run, views[0].snapshot.checkpoints) == (run.read_config().run, ())
    assert views[0].snapshot.alive
    watch.look()
    assert len(views) == 1
    add_checkpoint(run, 3)
    watch.look()
    assert [file.step for file in views[-1].snapshot.checkpoints] == [3]
    run.metrics_path.write_text('{"step": 1, "wasserstein": 0.5}\n{"step": 2, "wass')
    watch.look()
    assert views[-1].metrics["wasserstein"].tolist() == [0.5]
    assert (len(views), errors) == (3, [])
    assert watch.latest is views[-1]


def test_leaves_metrics_out_when_nobody_wants_them(run: RunDirectory, make_watch: Callable[..., object]) -> None:
    watch, views, _ = make_watch(synchronous=True, with_metrics=False)
    run.metrics_path.write_text('{"step": 1}\n')
    watch.watch(run.path)
    assert views[0].metrics == {}


def test_a_folder_that_is_no_run_fails_once_and_may_become_one(
    tmp_path: Path, make_watch: Callable[..., object]
) -> None:
    watch, views, errors = make_watch(synchronous=True)
    watch.watch(tmp_path / "run")
    watch.look()
    assert (views, len(errors)) == ([], 1)
    assert "no run directory" in str(errors[0])
    run = make_run(tmp_path / "run")
    watch.look()
    assert len(views) == 1
    shutil.rmtree(run.path)
    watch.look()
    assert len(errors) == 2 and watch.latest is None
    make_run(tmp_path / "run")
    watch.look()
    assert len(views) == 2


def test_another_run_or_none_takes_its_place(
    run: RunDirectory, tmp_path: Path, make_watch: Callable[..., object]
) -> None:
    other = make_run(tmp_path / "other")
    watch, views, _ = make_watch(synchronous=True)
    watch.watch(run.path)
    watch.watch(other.path)
    assert views[-1].snapshot.path == other.path == watch.path
    watch.watch(None)
    add_checkpoint(other, 3)
    watch.look()
    assert len(views) == 2 and watch.path is None and watch.latest is None


def test_a_rename_in_any_folder_is_noticed_without_waiting_for_the_poll(
    run: RunDirectory, make_watch: Callable[..., object], qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_watch, "POLL_MS", 10**9)
    watch, views, _ = make_watch()
    watch.watch(run.path)
    qtbot.waitUntil(lambda: len(views) == 1, timeout=PATIENCE_MS)
    assert watch.wait_idle(20)
    for step in (1, 2, 3):  # the folder itself is new, then renames in it
        add_checkpoint(run, step)
        qtbot.waitUntil(lambda: len(views[-1].snapshot.checkpoints) == step, timeout=PATIENCE_MS)  # noqa: B023
    for step in (1, 2):
        run.write_status("running", step)  # replaced: a watch on the file would be dead after the first
        qtbot.waitUntil(lambda: views[-1].snapshot.status["step"] == step, timeout=PATIENCE_MS)  # noqa: B023


def test_the_poll_finds_what_no_folder_tells(
    run: RunDirectory, make_watch: Callable[..., object], qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_watch, "POLL_MS", 20)
    watch, views, errors = make_watch()
    watch.watch(run.path)
    qtbot.waitUntil(lambda: len(views) == 1, timeout=PATIENCE_MS)
    with open(run.metrics_path, "a") as file:
        file.write(json.dumps({"step": 1}) + "\n")
    qtbot.waitUntil(lambda: len(views[-1].metrics["step"]) == 1, timeout=PATIENCE_MS)
    with open(run.metrics_path, "a") as file:  # appended: no folder changes
        file.write(json.dumps({"step": 2}) + "\n")
    qtbot.waitUntil(lambda: len(views[-1].metrics["step"]) == 2, timeout=PATIENCE_MS)
    status = run.read_status()
    write_json(run.path / "status.json", {**status, "heartbeat": time.time() - 1000})
    qtbot.waitUntil(lambda: views[-1].snapshot.life == "silent", timeout=PATIENCE_MS)
    assert errors == []


def test_an_unreadable_folder_is_a_sentence(make_watch: Callable[..., object]) -> None:
    watch, _, errors = make_watch(synchronous=True)
    watch.watch(Path("x" * 5000))
    assert isinstance(errors[0], UserError) and os.linesep not in str(errors[0])


def test_nothing_runs_before_it_is_asked_for_nor_after_it_was_stopped(
    run: RunDirectory, make_watch: Callable[..., object]
) -> None:
    watch, views, _ = make_watch()
    assert watch.wait_idle(0)
    watch.watch(run.path)
    watch.stop()
    watch.watch(run.path)
    watch.look()
    assert views == [] and watch.path is None
