"""The checkpoints that belong to the one on show: of a run directory, live, or of a plain folder."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from gan.checkpoints import load_checkpoint, save_checkpoint
from gan.config import ModelConfig, TrainConfig
from gan.files import write_json
from gan.training.run_directory import RunConfig, RunDirectory
from latent_debugger.services.timeline import ReelSource, siblings
from latent_debugger.services.worker import Worker
from latent_debugger.state.timeline import Reel

Make = Callable[..., Path]


@pytest.fixture
def source(qapp: QApplication) -> Iterator[ReelSource]:
    worker = Worker("files", synchronous=True)
    made = ReelSource(worker, synchronous=True)
    made.seen = []  # type: ignore[attr-defined]
    made.changed.connect(made.seen.append)  # type: ignore[attr-defined]
    yield made
    made.stop()
    worker.stop()


@pytest.fixture
def make_stage(make_checkpoint: Make) -> Make:
    """Writes a checkpoint that names its run: make_stage(name, step, run=)."""

    def make(name: str, step: int, run: str | None = "run-a") -> Path:
        path = make_checkpoint(name, step=step)
        loaded = load_checkpoint(path)
        save_checkpoint(path, loaded.generator, replace(loaded.info, run=run))
        return path

    return make


def make_run(path: Path, run: str) -> RunDirectory:
    directory = RunDirectory(path)
    config = replace(RunConfig.new(ModelConfig(), TrainConfig(), {"path": "x"}), run=run)
    write_json(directory.config_path, config.to_json())
    directory.write_status("running", 0)
    return directory


def test_a_run_directory_tells_checkpoints_samples_and_life(
    source: ReelSource, make_stage: Make, tmp_path: Path
) -> None:
    run = make_run(tmp_path / "run", "run-a")
    first = make_stage("run/checkpoints/step-00000005.safetensors", 5)
    source.show(first, "run-a")
    assert source.reel is None, "nobody wants to know"
    source.want("panel", True)
    assert source.reel is not None
    assert ([s.step for s in source.reel.stages], source.reel.samples, source.reel.alive) == ([5], (), True)
    second = make_stage("run/checkpoints/step-00000010.safetensors", 10)
    (run.path / "samples").mkdir()
    run.sample(10).write_bytes(b"x")
    source.look()
    assert [s.path for s in source.reel.stages] == [first, second]
    assert [s.step for s in source.reel.samples] == [10]
    run.write_status("done", 10)
    source.look()
    assert not source.reel.alive
    told = len(source.seen)  # type: ignore[attr-defined]
    source.look()
    source.show(second, "run-a")
    assert len(source.seen) == told, "the same run, and no news"  # type: ignore[attr-defined]
    source.want("follow", True)
    source.want("panel", False)
    assert source.reel is not None
    source.want("follow", False)
    assert source.reel is None


def test_a_folder_without_a_run_gives_the_checkpoints_of_the_same_run(
    source: ReelSource, make_stage: Make, tmp_path: Path
) -> None:
    stages = [make_stage(f"people64/step-{step:08d}.safetensors", step) for step in (20, 0, 7)]
    make_stage("people64/step-00000009.safetensors", 9, run="run-b")
    make_stage("people64/step-00000010.safetensors", 10, run=None)
    (tmp_path / "people64" / "step-00000011.safetensors").write_bytes(b"damaged")
    (tmp_path / "people64" / "step-00000012.safetensors").mkdir()
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "people64" / "step-00000013.safetensors")
    source.want("panel", True)
    source.show(stages[0], "run-a")
    assert source.reel == siblings(tmp_path / "people64", "run-a")
    assert [s.step for s in source.reel.stages] == [0, 7, 20] and not source.reel.samples
    assert all(s.stamp == (s.path.stat().st_mtime_ns, s.path.stat().st_size) for s in source.reel.stages)
    fresh = make_stage("people64/step-00000030.safetensors", 30)
    source.show(fresh, "run-a")
    assert source.reel is not None and source.reel.newest is not None and source.reel.newest.step == 30
    source.show(tmp_path / "people64" / "step-00000009.safetensors", "run-b")
    assert [s.step for s in source.reel.stages] == [9]
    source.show(stages[0], None)
    assert source.reel is None


def test_a_checkpoint_that_strayed_into_the_directory_of_another_run(
    source: ReelSource, make_stage: Make, tmp_path: Path
) -> None:
    make_run(tmp_path / "run", "run-a")
    stray = make_stage("run/checkpoints/step-00000005.safetensors", 5, run="run-b")
    source.want("panel", True)
    source.show(stray, "run-b")
    assert source.reel == Reel(stray.parent, "run-b", source.reel.stages)
    assert [s.path for s in source.reel.stages] == [stray]


def test_a_run_directory_that_is_none_any_more(source: ReelSource, make_stage: Make) -> None:
    left = make_stage("run/checkpoints/step-00000005.safetensors", 5)
    source.want("panel", True)
    source.show(left, "run-a")
    assert source.reel is not None and [s.path for s in source.reel.stages] == [left]
