"""Bad luck for real: a trainer that is killed, a disk that is full."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from gan.checkpoints import load_checkpoint
from gan.training import runner as runs
from gan.training.run_directory import RunDirectory, read_metrics
from gan.training.run_reader import list_steps
from gan.training.runner import Report

from .conftest import MODEL, TRAIN

KILLS = 50
CONFIG = replace(TRAIN, steps=10**6, checkpoint_every=3, keep_checkpoints=4, milestone_every=50, held_out=0.2)


def _quiet(report: Report) -> None:
    """Nobody watches."""


class Driver:
    """Talks to ``fault_driver.py``."""

    def __init__(self, out: Path) -> None:
        words = [sys.executable, str(Path(__file__).with_name("fault_driver.py")), str(out)]
        environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3]), "OMP_WAIT_POLICY": "PASSIVE"}
        self.process = subprocess.Popen(
            words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
        )
        assert self._read() == "ready"

    def start(self, steps: int) -> int:
        """Start a trainer; its process id."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{steps}\n")
        self.process.stdin.flush()
        return int(self._read())

    def ended(self) -> int:
        """Wait for it to end; its status as ``os.waitpid`` tells it."""
        return int(self._read())

    def close(self) -> None:
        """End the driver."""
        self.process.kill()
        for stream in (self.process.stdin, self.process.stdout):
            assert stream is not None
            stream.close()
        self.process.wait()

    def _read(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()


@pytest.fixture
def directory(data: Path, tmp_path: Path) -> RunDirectory:
    """A run that has been set up and not begun."""
    runs.start(data, tmp_path / "run", MODEL, CONFIG)
    directory = RunDirectory(tmp_path / "run")
    directory.write_status("failed", 0, "Not begun.")  # or this process would count as working on it
    return directory


@pytest.fixture
def driver(directory: RunDirectory) -> Iterator[Driver]:
    driver = Driver(directory.path)
    yield driver
    driver.close()


def _assert_whole(directory: RunDirectory) -> int:
    """Everything that can be read makes sense; the newest checkpoint's step."""
    checkpoints, samples = list_steps(directory.path)
    newest = -1
    if checkpoints:
        newest = load_checkpoint(checkpoints[-1].path, with_critic=True).info.step
        assert newest == checkpoints[-1].step
    assert {file.step for file in samples} <= {file.step for file in checkpoints}
    assert not checkpoints or directory.states()[-1] >= directory.state(newest)
    assert len(checkpoints) <= 1 + 4 + 1 + newest // 50
    assert directory.read_config().model == MODEL
    json.loads((directory.path / "status.json").read_bytes())
    if directory.metrics_path.exists():
        steps = [line["step"] for line in read_metrics(directory.metrics_path)]
        assert steps == list(range(1, len(steps) + 1))  # a line for each step: none is lost, none is there twice
    return newest


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="forks, and sends POSIX signals")
def test_killed_at_fifty_random_moments(driver: Driver, directory: RunDirectory, data: Path, tmp_path: Path) -> None:
    moments = random.Random(0)
    reached = [_assert_whole(directory)]
    for _ in range(KILLS):
        began = time.monotonic()
        pid = driver.start(10**6)
        time.sleep(moments.uniform(0, 0.5))
        if moments.random() < 0.7:  # most of them while it trains, however slow the machine is
            deadline = time.monotonic() + 60
            while directory.read_status().get("pid") != pid and time.monotonic() < deadline:
                time.sleep(moments.uniform(0.01, 0.05))
            time.sleep(moments.uniform(0, time.monotonic() - began))
        os.kill(pid, signal.SIGKILL)
        assert driver.ended() == signal.SIGKILL
        reached.append(_assert_whole(directory))
        assert reached[-1] >= reached[-2]
    assert len(set(reached)) > 5, reached  # it got on in between

    end = reached[-1] + 5
    driver.start(end)
    assert driver.ended() == 0
    assert _assert_whole(directory) == end
    assert directory.read_status()["state"] == "done"
    assert not list(directory.path.rglob("*.part"))
    # fifty deaths later, it is the run that nobody disturbed
    undisturbed = runs.start(data, tmp_path / "undisturbed", MODEL, replace(CONFIG, steps=end))
    undisturbed.run(_quiet)
    survivor = load_checkpoint(directory.checkpoint(end), with_critic=True)
    assert survivor.critic is not None
    for mine, theirs in (
        (survivor.generator, undisturbed.trainer.ema.generator),
        (survivor.critic, undisturbed.trainer.critic),
    ):
        for name, value in mine.state_dict().items():
            assert name.endswith("num_batches_tracked") or torch.equal(value, theirs.state_dict()[name]), name


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system with room for some checkpoints."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = shutil.which("mount")
    words = [mount or "", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(place)]
    if mount is None or subprocess.run(words, capture_output=True, check=False).returncode:
        pytest.skip("nobody may mount a file system here")
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)


@pytest.mark.slow
def test_a_disk_that_is_really_full(data: Path, small_disk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    directory = RunDirectory(small_disk / "run")
    monkeypatch.setattr(runs, "STATE_EVERY", 0.0)
    monkeypatch.setattr(runs, "METRICS_EVERY", 0.0)
    seen: list[dict[str, Any]] = []

    def while_paused(seconds: float) -> None:
        status = directory.read_status()
        assert status["state"] == "paused"
        seen.append(status)
        assert len(seen) < 50
        checkpoints = list_steps(directory.path)[0]
        for file in checkpoints:
            load_checkpoint(file.path, with_critic=True)
        if "No space left" in status["message"]:
            for file in checkpoints[1:-1]:  # the user makes room
                file.path.unlink()
                directory.sample(file.step).unlink(missing_ok=True)
        directory.write_control("run")

    monkeypatch.setattr("gan.training.runner.time.sleep", while_paused)
    config = replace(TRAIN, steps=150, checkpoint_every=1)
    assert runs.start(data, directory.path, MODEL, config).run(_quiet, on_trouble="pause") == 150
    messages = [status["message"] for status in seen]
    assert messages[0].startswith("The disk runs low")
    assert any("No space left" in message for message in messages)
    assert directory.read_status()["state"] == "done"
    assert load_checkpoint(directory.checkpoint(150)).info.step == 150
    assert [line["step"] for line in read_metrics(directory.metrics_path)] == list(range(1, 151))
