"""What a run does when something is wrong: it goes back, waits with a sentence, and goes on when asked to."""

from __future__ import annotations

import errno
import json
import os
import shutil
import time
from collections import namedtuple
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from gan.checkpoints import load_checkpoint
from gan.errors import UserError
from gan.files import atomic_path, write_atomic
from gan.training import keeper as keepers
from gan.training import runner as runs
from gan.training.breakpoints import Trouble, Watch
from gan.training.run_directory import RunDirectory, read_metrics
from gan.training.runner import Report, Runner
from gan.training.state import load_state

from .conftest import MODEL, TRAIN

Hook = Callable[[], None]


def _quiet(report: Report) -> None:
    """Nobody watches."""


@pytest.fixture(autouse=True)
def everything_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A state, a line of metrics and a status after each step."""
    for name in ("METRICS_EVERY", "STATUS_EVERY", "STATE_EVERY"):
        monkeypatch.setattr(runs, name, 0.0)


@pytest.fixture
def directory(tmp_path: Path) -> RunDirectory:
    return RunDirectory(tmp_path / "run")


@pytest.fixture
def pauses(directory: RunDirectory, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[dict[str, Any]]]:
    """The status of each pause; somebody then says *run*."""
    seen: list[dict[str, Any]] = []

    def resume(seconds: float) -> None:
        seen.append(directory.read_status())
        assert len(seen) < 20, "it does not go on"
        directory.write_control("run")

    monkeypatch.setattr("gan.training.runner.time.sleep", resume)
    yield seen


def _at(step: int, runner: Runner, action: Hook) -> Callable[[], bool]:
    """Do ``action`` once, when ``step`` updates are made; never asks to stop."""
    due = [action]

    def hook() -> bool:
        if runner.trainer.step == step and due:
            due.pop()()
        return False

    return hook


def _weights(runner: Runner) -> list[torch.Tensor]:
    networks = (runner.trainer.generator, runner.trainer.critic, runner.trainer.ema.generator)
    return [value for network in networks for value in network.state_dict().values()]


def _poison(runner: Runner) -> None:
    with torch.no_grad():
        next(runner.trainer.critic.parameters())[0, 0, 0, 0] = float("nan")


class TestNotFinite:
    def test_it_goes_back_pauses_and_goes_on_as_if_nothing_had_been(
        self, data: Path, tmp_path: Path, directory: RunDirectory, pauses: list[dict[str, Any]]
    ) -> None:
        whole = runs.start(data, tmp_path / "whole", MODEL, TRAIN)
        whole.run(_quiet)
        runner = runs.start(data, directory.path, MODEL, TRAIN)
        assert runner.run(_quiet, _at(4, runner, lambda: _poison(runner)), "pause") == 6
        assert [(status["state"], status["step"]) for status in pauses] == [("paused", 4)]
        assert pauses[0]["message"] == (
            "At step 5 the wasserstein was no finite number. The run went back to step 4. "
            "Resume tries again; if that comes back, start a new run with a lower learning rate."
        )
        assert [line["step"] for line in read_metrics(directory.metrics_path)] == [1, 2, 3, 4, 5, 6]
        assert all(torch.equal(a, b) for a, b in zip(_weights(whole), _weights(runner), strict=True))
        status = directory.read_status()
        assert (status["state"], status["message"]) == ("done", "")

    def test_weights_that_no_loss_has_seen_yet_are_neither_kept_nor_shown(
        self, data: Path, directory: RunDirectory, pauses: list[dict[str, Any]]
    ) -> None:
        runner = runs.start(data, directory.path, MODEL, TRAIN)

        def report(report: Report) -> None:  # between the update and its state and checkpoint
            if report.progress.step == 3 and not pauses:
                _poison(runner)

        assert runner.run(report, on_trouble="pause") == 6
        assert pauses[0]["message"].startswith(
            "At step 3 the network was no finite number. The run went back to step 2."
        )
        for step in (0, 3, 6):
            load_checkpoint(directory.checkpoint(step), with_critic=True)
        for state in directory.states():
            load_state(state, runner.trainer)

    @pytest.mark.parametrize("careless", [False, True])
    def test_where_nobody_looks_it_fails_with_the_sentence_and_can_be_resumed(
        self, data: Path, directory: RunDirectory, careless: bool
    ) -> None:
        config = replace(TRAIN, pause_on_trouble=not careless)
        runner = runs.start(data, directory.path, MODEL, config)
        with pytest.raises(UserError, match="went back to step 4"):
            runner.run(_quiet, _at(4, runner, lambda: _poison(runner)), "pause" if careless else "stop")
        status = directory.read_status()
        assert (status["state"], status["step"]) == ("failed", 4)
        assert status["message"].startswith("At step 5 the wasserstein was no finite number.")
        again = runs.resume(directory.path)
        assert again.trainer.step == 4
        assert again.run(_quiet) == 6

    def test_metrics_never_hold_what_is_no_json(self, data: Path, directory: RunDirectory) -> None:
        config = replace(TRAIN, held_out=0.3)
        runner = runs.start(data, directory.path, MODEL, config)
        runner.trainer.held_out_estimate = lambda: float("nan")  # type: ignore[method-assign]
        runner.run(_quiet)
        for text in directory.metrics_path.read_text().splitlines():
            json.loads(text, parse_constant=pytest.fail)


@pytest.fixture
def full(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Names of folders, and files, that are on a full disk."""
    names: set[str] = set()

    def write(path: Path, content: bytes) -> None:
        if names & {path.name, path.parent.name}:
            with atomic_path(path) as temporary:
                temporary.write_bytes(content[: len(content) // 2])
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        write_atomic(path, content)

    for module in ("gan.checkpoints", "gan.images", "gan.training.state", "gan.files"):
        monkeypatch.setattr(f"{module}.write_atomic", write)
    return names


class TestFullDisk:
    @pytest.mark.parametrize("where", ["checkpoints", "samples", "state", "status.json"])
    def test_it_pauses_and_writes_again_when_there_is_room(
        self, data: Path, directory: RunDirectory, monkeypatch: pytest.MonkeyPatch, full: set[str], where: str
    ) -> None:
        seen: list[dict[str, Any]] = []
        intact: list[int] = []

        def while_paused(seconds: float) -> None:
            seen.append(directory.read_status())
            intact.append(load_checkpoint(directory.checkpoint(0)).info.step)
            if len(seen) == 1:
                directory.write_control("run")  # too early: it pauses again
            else:
                full.clear()
                directory.write_control("run")
            assert len(seen) < 20

        monkeypatch.setattr("gan.training.runner.time.sleep", while_paused)
        runner = runs.start(data, directory.path, MODEL, TRAIN)
        assert runner.run(_quiet, _at(2, runner, lambda: full.add(where)), "pause") == 6
        assert len(seen) == len(intact) == 2
        if where != "status.json":
            for status in seen:
                assert status["state"] == "paused" and "No space left" in status["message"]
                assert status["message"].endswith("Free some space, then resume: it is written again.")
        for step in (0, 3, 6):
            load_checkpoint(directory.checkpoint(step), with_critic=True)
            assert directory.sample(step).is_file()
        assert len(directory.states()) == 2 and directory.states()[-1] == directory.state(6)
        assert not list(directory.path.rglob("*.part"))
        assert directory.read_status()["state"] == "done"

    def test_where_nobody_looks_it_fails_and_what_was_there_is_intact(
        self, data: Path, directory: RunDirectory, full: set[str]
    ) -> None:
        runner = runs.start(data, directory.path, MODEL, TRAIN)
        with pytest.raises(UserError, match="No space left"):
            runner.run(_quiet, _at(2, runner, lambda: full.add("checkpoints")))
        status = directory.read_status()
        assert (status["state"], status["step"]) == ("failed", 3) and "No space left" in status["message"]
        full.clear()
        assert runs.resume(directory.path).run(_quiet) == 6
        assert load_checkpoint(directory.checkpoint(3)).info.step == 3

    def test_it_can_be_stopped_on_a_full_disk(
        self, data: Path, directory: RunDirectory, monkeypatch: pytest.MonkeyPatch, full: set[str]
    ) -> None:
        monkeypatch.setattr("gan.training.runner.time.sleep", lambda seconds: directory.write_control("stop"))
        runner = runs.start(data, directory.path, MODEL, TRAIN)
        assert runner.run(_quiet, _at(2, runner, lambda: full.add("checkpoints")), "pause") == 3
        assert directory.read_status()["state"] == "done"
        full.clear()
        assert runs.resume(directory.path).run(_quiet) == 6

    def test_the_sentence_fits_on_a_disk_without_a_single_free_block(
        self, data: Path, directory: RunDirectory, pauses: list[dict[str, Any]]
    ) -> None:
        held: list[bool] = []
        runner = runs.start(data, directory.path, MODEL, TRAIN)
        reserve = directory.path / "state" / ".reserve"
        runner.run(
            lambda report: held.append(reserve.exists()), _at(2, runner, lambda: directory.write_control("pause"))
        )
        assert all(held) and len(pauses) == 1

    def test_low_disk(
        self, data: Path, directory: RunDirectory, pauses: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        usage = namedtuple("usage", "total used free")
        runner = runs.start(data, directory.path, MODEL, TRAIN)
        free = lambda: 10_000 if runner.trainer.step else 10**9  # noqa: E731
        monkeypatch.setattr(keepers.shutil, "disk_usage", lambda path: usage(10**9, 0, free()))
        assert runner.run(_quiet, on_trouble="pause") == 6
        assert [status["step"] for status in pauses] == [3]  # told once, though it is no better at step 6
        assert pauses[0]["message"].startswith("The disk runs low: 0 MB are free")
        assert all(directory.checkpoint(step).is_file() for step in (0, 3, 6))

    def test_low_disk_where_nobody_looks(
        self, data: Path, directory: RunDirectory, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        usage = namedtuple("usage", "total used free")
        monkeypatch.setattr(keepers.shutil, "disk_usage", lambda path: usage(10**9, 0, 10_000))
        with pytest.raises(UserError, match="runs low"):
            runs.start(data, directory.path, MODEL, TRAIN).run(_quiet)
        assert runs.resume(directory.path).run(_quiet) == 6  # told once, and resumed regardless


class TestOtherTrouble:
    @pytest.fixture(params=["estimate", "samples"])
    def trouble(self, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Trouble:
        """One rule finds something at step 3, whatever it looks at."""
        trouble = Trouble("It is so.", "Do this.")
        monkeypatch.setattr(Watch, request.param, lambda self, step, value: trouble if step == 3 else None)
        return trouble

    def test_a_rule_that_finds_something_pauses_the_run(
        self, data: Path, directory: RunDirectory, pauses: list[dict[str, Any]], trouble: Trouble
    ) -> None:
        assert runs.start(data, directory.path, MODEL, TRAIN).run(_quiet, on_trouble="pause") == 6
        assert [(status["step"], status["message"]) for status in pauses] == [(3, trouble.message)]

    def test_where_nobody_looks_it_is_saved_and_fails(
        self, data: Path, directory: RunDirectory, trouble: Trouble
    ) -> None:
        with pytest.raises(UserError, match="It is so"):
            runs.start(data, directory.path, MODEL, TRAIN).run(_quiet)
        assert directory.read_status()["message"] == trouble.message
        assert runs.resume(directory.path).trainer.step == 3

    def test_who_does_not_care_is_not_bothered(
        self, data: Path, directory: RunDirectory, pauses: list[dict[str, Any]], trouble: Trouble
    ) -> None:
        config = replace(TRAIN, pause_on_trouble=False)
        assert runs.start(data, directory.path, MODEL, config).run(_quiet, on_trouble="pause") == 6
        assert not pauses

    def test_an_estimate_that_really_diverges(self, data: Path, directory: RunDirectory) -> None:
        """Weight clipping that does not clip: nothing keeps the critic from growing."""
        model = replace(MODEL, norm="none")
        config = replace(TRAIN, objective="wgan", clip=1e3, n_critic=5, learning_rate=1e-3, steps=500)
        with pytest.raises(UserError, match="The estimate diverges"):
            runs.start(data, directory.path, model, config).run(_quiet)
        told = directory.read_status()["step"]
        assert 5 <= told < 500
        assert runs.resume(directory.path, told + 3).run(_quiet) == told + 3  # not told again at once

    def test_the_rules_are_given_what_they_need(self, data: Path, directory: RunDirectory) -> None:
        runner = runs.start(data, directory.path, MODEL, TRAIN)
        runner.run(_quiet)
        watch = runner._watch
        lines = read_metrics(directory.metrics_path)
        assert watch.estimates == [line["wasserstein"] for line in lines]
        assert watch.pixels == 3 * 32 * 32
        assert 0.1 < watch.real_diversity < 1 and 0 < watch.best_diversity < 1


class TestVanishedFolder:
    def test_while_training(self, data: Path, directory: RunDirectory) -> None:
        runner = runs.start(data, directory.path, MODEL, TRAIN)

        def remove() -> None:
            runner._keeper.finish()  # or rmtree itself may stumble over what is being written
            shutil.rmtree(directory.path)

        with pytest.raises(UserError, match="has gone"):
            runner.run(_quiet, _at(2, runner, remove))
        assert not directory.path.exists()

    def test_while_paused(self, data: Path, directory: RunDirectory, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("gan.training.runner.time.sleep", lambda seconds: shutil.rmtree(directory.path))
        runner = runs.start(data, directory.path, MODEL, TRAIN)
        with pytest.raises(UserError, match="has gone"):
            runner.run(_quiet, _at(2, runner, lambda: directory.write_control("pause")))
        assert not directory.path.exists()

    def test_the_pictures_may_go_once_they_are_open_but_not_before_a_resume(
        self, data: Path, directory: RunDirectory
    ) -> None:
        runs.start(data, directory.path, MODEL, TRAIN).run(_quiet)
        shutil.rmtree(data)
        with pytest.raises(UserError, match="does not exist"):
            runs.resume(directory.path, 8)
        status = directory.read_status()
        assert (status["state"], status["step"]) == ("failed", 6) and "does not exist" in status["message"]
        assert directory.read_config().train.steps == status["steps"] == 8  # kept for when they are back


class TestSteering:
    @pytest.fixture
    def told(self, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
        """Every status that is written."""
        told: list[tuple[str, int]] = []
        write = RunDirectory.write_status

        def record(self: RunDirectory, state: Any, step: int, *rest: Any) -> None:
            told.append((state, step))
            write(self, state, step, *rest)

        monkeypatch.setattr(RunDirectory, "write_status", record)
        return told

    def test_a_stop_during_start_up_counts(self, data: Path, directory: RunDirectory) -> None:
        runner = runs.start(data, directory.path, MODEL, TRAIN)
        directory.write_control("stop")
        assert runner.run(_quiet) == 0
        status = directory.read_status()
        assert (status["state"], status["message"]) == ("done", "Stopped; resume to go on.")
        assert directory.checkpoint(0).is_file()
        # the wish was fulfilled; but one that is said to the next process counts again
        runner = runs.resume(directory.path)
        directory.write_control("stop")
        assert runner.run(_quiet) == 0
        assert runs.resume(directory.path).run(_quiet) == 6

    def test_a_stop_before_the_folder_was_a_run_counts(self, data: Path, directory: RunDirectory) -> None:
        directory.write_control("stop")
        assert runs.start(data, directory.path, MODEL, TRAIN).run(_quiet) == 0

    def test_a_pause_during_start_up_comes_before_the_first_step(
        self, data: Path, directory: RunDirectory, pauses: list[dict[str, Any]], told: list[tuple[str, int]]
    ) -> None:
        runner = runs.start(data, directory.path, MODEL, TRAIN)
        directory.write_control("pause")
        assert runner.run(_quiet) == 6
        assert [status["step"] for status in pauses] == [0]
        assert told[:2] == [("running", 0), ("paused", 0)]

    def test_the_leftover_of_a_killed_process_does_not_count(self, data: Path, directory: RunDirectory) -> None:
        runs.start(data, directory.path, MODEL, replace(TRAIN, steps=1)).run(_quiet)
        directory.write_control("stop", 3)
        long_ago = time.time() - 10**6
        os.utime(directory.control_path, (long_ago, long_ago))
        assert runs.resume(directory.path, 5).run(_quiet) == 5

    def test_nothing_says_running_between_the_wish_and_the_pause(
        self, data: Path, directory: RunDirectory, pauses: list[dict[str, Any]], told: list[tuple[str, int]]
    ) -> None:
        runner = runs.start(data, directory.path, MODEL, TRAIN)
        runner.run(_quiet, _at(3, runner, lambda: (told.clear(), directory.write_control("pause"))[0]))
        assert told[0] == ("paused", 4) and ("running", 4) in told

    def test_a_paused_run_is_extended(
        self, data: Path, directory: RunDirectory, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        wishes = iter([("pause", 9), ("run", None)])
        monkeypatch.setattr("gan.training.runner.time.sleep", lambda seconds: directory.write_control(*next(wishes)))
        runner = runs.start(data, directory.path, MODEL, TRAIN)
        assert runner.run(_quiet, _at(2, runner, lambda: directory.write_control("pause"))) == 9
        assert directory.read_config().train.steps == 9
        assert directory.read_status()["steps"] == 9

    def test_a_run_is_extended_at_the_last_moment(
        self, data: Path, directory: RunDirectory, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        runner = runs.start(data, directory.path, MODEL, TRAIN)

        def last_sheet(self: Watch, step: int, value: float) -> None:
            if step == 6:
                directory.write_control("run", 8)

        monkeypatch.setattr(Watch, "samples", last_sheet)
        assert runner.run(_quiet) == 8

    def test_a_status_tells_all(self, data: Path, directory: RunDirectory, pauses: list[dict[str, Any]]) -> None:
        before = time.time()
        runner = runs.start(data, directory.path, MODEL, TRAIN)
        status = directory.read_status()
        assert (status["state"], status["step"], status["steps"], status["message"]) == ("running", 0, 6, "Starting.")
        runner.run(_quiet, _at(2, runner, lambda: directory.write_control("pause")))
        (status,) = pauses
        assert before <= status["started"] <= status["heartbeat"] <= time.time()
        assert (status["state"], status["step"], status["steps"], status["message"]) == ("paused", 3, 6, "")
        assert status["pid"] == os.getpid()


def test_there_are_signs_of_life_during_a_burst_of_critic_updates(data: Path, directory: RunDirectory) -> None:
    heartbeats: list[float] = []
    runner = runs.start(data, directory.path, MODEL, replace(TRAIN, n_critic=5, steps=1))
    judge = runner.trainer._judge.forward

    def watched(*images: torch.Tensor) -> torch.Tensor:
        heartbeats.append(directory.read_status()["heartbeat"])
        return judge(*images)  # type: ignore[no-any-return]

    runner.trainer._judge.forward = watched  # type: ignore[method-assign]
    runner.run(_quiet)
    assert len(heartbeats) == len(set(heartbeats)) == 5


def test_metrics_have_every_column(data: Path, directory: RunDirectory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "HELD_OUT_EVERY", 0.0)
    config = replace(TRAIN, held_out=0.3)
    runs.start(data, directory.path, MODEL, config).run(_quiet)
    (line, *_) = lines = read_metrics(directory.metrics_path)
    assert line.keys() == {
        "step", "time", "images_seen", "wasserstein", "wasserstein_held_out", "critic_loss", "generator_loss",
        "critic_grad_norm", "generator_grad_norm", "penalty", "learning_rate", "augment", "images_per_second",
        "memory_mb",
    }  # fmt: skip
    assert all(np.isfinite(value) for line in lines for value in line.values() if value is not None)
    assert all(line["wasserstein_held_out"] is not None and line["penalty"] is not None for line in lines)
    assert (line["step"], line["images_seen"], line["learning_rate"]) == (1, 4, TRAIN.learning_rate)


def test_looking_at_held_out_pictures_changes_no_weight(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = replace(TRAIN, held_out=0.3)
    seldom = runs.start(data, tmp_path / "seldom", MODEL, config)
    seldom.run(_quiet)
    monkeypatch.setattr(runs, "HELD_OUT_EVERY", 0.0)
    often = runs.start(data, tmp_path / "often", MODEL, config)
    often.run(_quiet)
    assert all(torch.equal(a, b) for a, b in zip(_weights(seldom), _weights(often), strict=True))


def test_retention(data: Path, directory: RunDirectory) -> None:
    config = replace(TRAIN, steps=9, checkpoint_every=1, keep_checkpoints=2, milestone_every=4)
    runs.start(data, directory.path, MODEL, config).run(_quiet)
    for folder, suffix in (("checkpoints", ".safetensors"), ("samples", ".png")):
        names = sorted(path.name for path in (directory.path / folder).iterdir())
        assert names == [f"step-{step:08d}{suffix}" for step in (0, 4, 8, 9)]
