"""The run directory's contract, as a watcher or another program sees it."""

from __future__ import annotations

import errno
import json
import os
import shutil
import socket
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from gan.checkpoints import load_checkpoint, read_info
from gan.config import ModelConfig, TrainConfig
from gan.data import Stopped
from gan.errors import UserError
from gan.images import Bytes, sheet
from gan.latent.vectors import load_vectors
from gan.rendering import open_renderer
from gan.training import keeper, run_directory, steering
from gan.training import runner as runs
from gan.training.run_directory import RunDirectory, read_metrics
from gan.training.runner import Report
from gan.training.set_up import open_pictures, sentence_of

from .conftest import MODEL, TRAIN


def _quiet(report: Report) -> None:
    """Nobody watches."""


def test_a_whole_run(data: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    reports: list[Report] = []
    assert runs.start(data, out, MODEL, TRAIN).run(reports.append) == 6
    directory = RunDirectory(out)
    config = directory.read_config()
    assert (config.model, config.train) == (MODEL, TRAIN)
    assert config.data["count"] == 20
    assert [p.name for p in sorted((out / "checkpoints").iterdir())] == [
        f"step-{step:08d}.safetensors" for step in (0, 3, 6)
    ]
    assert len(directory.states()) == 2
    status = directory.read_status()
    assert (status["state"], status["step"], status["pid"]) == ("done", 6, os.getpid())
    assert reports[-1].progress.step == read_metrics(directory.metrics_path)[-1]["step"] == 6
    info = read_info(directory.checkpoint(6))
    assert (info.step, info.images_seen, info.run, info.objective) == (6, 24, config.run, "wgan-gp")
    assert info.data["sha256"] == config.data["sha256"]
    assert load_checkpoint(directory.checkpoint(6), with_critic=True).critic is not None


@pytest.mark.parametrize(("field", "value", "told"), [("z_dim", 9, "z_dim 9"), ("image_size", 64, "image_size 64")])
def test_a_configuration_of_other_networks_is_named(
    data: Path, tmp_path: Path, field: str, value: int, told: str
) -> None:
    out = tmp_path / "run"
    runs.start(data, out, MODEL, replace(TRAIN, steps=2)).run(_quiet)
    before = RunDirectory(out).read_status()
    config = json.loads((out / "config.json").read_text())
    was = config["model"][field]
    config["model"][field] = value
    (out / "config.json").write_text(json.dumps(config))
    with pytest.raises(UserError, match=rf"config.json says {told} \(it was trained with {was}\)\. Put that back"):
        runs.resume(out, steps=4)
    assert RunDirectory(out).read_status() == before
    (out / "checkpoints" / "step-00000002.safetensors").write_bytes(b"damaged")  # an older one tells
    with pytest.raises(UserError, match="was trained with"):
        runs.resume(out, steps=4)


def test_a_new_end_is_kept_while_the_pictures_are_away(data: Path, tmp_path: Path) -> None:
    out, away = tmp_path / "run", tmp_path / "away"
    runs.start(data, out, MODEL, replace(TRAIN, steps=2)).run(_quiet)
    before = RunDirectory(out).read_config()
    data.rename(away)
    with pytest.raises(UserError):
        runs.resume(out, steps=4)
    assert RunDirectory(out).read_config() == before.with_steps(4)
    status = RunDirectory(out).read_status()
    assert (status["state"], status["step"], status["steps"]) == ("failed", 2, 4)
    away.rename(data)
    assert runs.resume(out).run(_quiet) == 4


def test_nothing_is_said_where_nothing_was_lost(data: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    runs.start(data, out, MODEL, replace(TRAIN, steps=2)).run(_quiet)
    assert runs.resume(out, steps=4).run(_quiet) == 4
    assert "note" not in RunDirectory(out).read_status()


@pytest.mark.parametrize("stop_after", [None, 3])
def test_the_last_line_has_a_held_out_value(data: Path, tmp_path: Path, stop_after: int | None) -> None:
    out = tmp_path / "run"
    runner = runs.start(data, out, MODEL, replace(TRAIN, held_out=0.2))
    runner.run(_quiet, lambda: runner.trainer.step == stop_after)
    line = read_metrics(out / "metrics.jsonl")[-1]
    assert line["step"] == (stop_after or 6) and np.isfinite(line["wasserstein_held_out"])


def test_samples_are_the_windows_own_pixels(data: Path, tmp_path: Path) -> None:
    runs.start(data, tmp_path / "run", MODEL, TRAIN).run(_quiet)
    directory = RunDirectory(tmp_path / "run")
    for step in (0, 3, 6):
        with Image.open(directory.sample(step)) as image:
            shown, about = np.asarray(image), json.loads(image.info["latent-debugger-sheet"])
        assert (about["columns"], about["tile"]) == (2, 32)
        latents = load_vectors(directory.preview_z_path, MODEL.z_dim)
        expected = open_renderer(directory.checkpoint(step), "cpu").pixels(latents)
        assert np.array_equal(shown, sheet(expected, 2))


def test_resume_equals_an_uninterrupted_run(data: Path, tmp_path: Path) -> None:
    runs.start(data, tmp_path / "whole", MODEL, TRAIN).run(_quiet)
    out = tmp_path / "parts"
    runs.start(data, out, MODEL, replace(TRAIN, steps=2)).run(_quiet)
    # a trainer that was killed may have left a longer log than its state, and half a line
    with open(out / "metrics.jsonl", "a") as file:
        file.write('{"step": 5, "wasserstein": 1.0}\n{"step": 6, "wass')
    assert runs.resume(out, steps=6).run(_quiet) == 6
    lines = read_metrics(out / "metrics.jsonl")
    assert [line["step"] for line in lines] == sorted({line["step"] for line in lines})
    assert lines[-1]["step"] == 6
    note = RunDirectory(out).read_status()["note"]
    assert note == "Continued from step 2; 3 updates made since then were lost."
    whole, parts = (open_renderer(tmp_path / name, "cpu") for name in ("whole", "parts"))
    latents = load_vectors(out / "preview_z.npy")
    assert np.array_equal(whole.raw(latents), parts.raw(latents))


def test_a_damaged_newest_state_costs_only_its_steps(data: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    runs.start(data, out, MODEL, replace(TRAIN, steps=2)).run(_quiet)
    newest = RunDirectory(out).states()[-1]
    newest.write_bytes(newest.read_bytes()[:1000])
    again = runs.resume(out, steps=4)
    assert again.trainer.step == 0
    assert again.run(_quiet) == 4


def test_control_stops_extends_and_pauses(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "METRICS_EVERY", 0.0)
    monkeypatch.setattr(steering, "PAUSE_POLL", 0.001)
    directory = RunDirectory(tmp_path / "run")
    seen: list[str] = []

    def steer(report: Report) -> None:
        if report.progress.step == 2:
            directory.write_control("run", steps=50)
        if report.progress.step == 7:
            directory.write_control("pause")
        if report.progress.step == 9:
            directory.write_control("stop")

    def while_paused(seconds: float) -> None:
        seen.append(directory.read_status()["state"])
        directory.write_control("run")

    monkeypatch.setattr("gan.training.runner.time.sleep", while_paused)
    assert runs.start(data, directory.path, MODEL, TRAIN).run(steer) == 9
    assert seen == ["paused"]
    assert directory.read_status()["state"] == "done"
    assert directory.checkpoint(9).is_file()
    # the old wish to stop does not end the run that is resumed
    assert runs.resume(directory.path, steps=11).run(_quiet) == 11


@pytest.mark.parametrize(
    "junk",
    [
        b"",
        b"{",
        b"[]",
        b'{"want": 3, "steps": "many"}',
        b'{"want": "run", "steps": -4}',
        pytest.param(b"[" * 100_000, id="nested"),
    ],
)
def test_nonsense_in_the_control_file_is_ignored(data: Path, tmp_path: Path, junk: bytes) -> None:
    runner = runs.start(data, tmp_path / "run", MODEL, TRAIN)

    def scribble() -> bool:
        (tmp_path / "run" / "control.json").write_bytes(junk)
        return False

    assert runner.run(_quiet, scribble) == 6


def test_failure_is_told_in_the_status(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    runner = runs.start(data, tmp_path / "run", MODEL, TRAIN)

    def broken(position: int) -> None:
        raise UserError("The disk is full.")

    monkeypatch.setattr(runner.trainer, "_critic_step", broken)
    with pytest.raises(UserError, match="full"):
        runner.run(_quiet)
    status = RunDirectory(tmp_path / "run").read_status()
    assert (status["state"], status["message"]) == ("failed", "The disk is full.")


def test_what_cannot_be_started_or_resumed(data: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    with pytest.raises(UserError, match=r"config\.json"):
        runs.resume(out)
    runs.start(data, out, MODEL, TRAIN).run(_quiet)
    with pytest.raises(UserError, match=r"already holds a run\. Choose another folder, or resume that run"):
        runs.start(data, out, MODEL, TRAIN)
    pictures = np.load(data / "images.npy")
    np.save(data / "images.npy", 255 - pictures)
    with pytest.raises(UserError, match="not those"):
        runs.resume(out)
    (out / "config.json").write_text('{"model": {"image_size": 31}, "train": {}, "data": {}}')
    with pytest.raises(UserError, match="image_size"):
        runs.resume(out)


def test_a_run_that_lives_is_not_taken_over(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "run"
    runs.start(data, out, MODEL, replace(TRAIN, steps=1)).run(_quiet)
    directory = RunDirectory(out)
    monkeypatch.setattr(os, "getpid", lambda: 1)  # pid 1 always lives
    directory.write_status("running", 1)
    monkeypatch.undo()
    with pytest.raises(UserError, match="Process 1 is training"):
        runs.resume(out, steps=2)


def test_of_two_that_resume_in_the_same_moment_one_goes_on(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "run"
    runs.start(data, out, MODEL, replace(TRAIN, steps=1)).run(_quiet)
    monkeypatch.setattr(run_directory, "LOCK_PATIENCE", 0.0)
    first = runs.resume(out, steps=2)
    # its status says this process, which is no reason to refuse: only the lock is left
    with pytest.raises(UserError, match="Another process is working on"):
        runs.resume(out, steps=3)
    assert first.run(_quiet) == 2
    assert runs.resume(out, steps=3).run(_quiet) == 3


def test_of_two_that_start_in_the_same_folder_one_goes_on(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, others = tmp_path / "run", []

    def meanwhile(*args: object) -> None:  # when the first has read its pictures, and found the folder free
        monkeypatch.undo()
        monkeypatch.setattr(run_directory, "LOCK_PATIENCE", 0.0)
        others.append(runs.start(data, out, MODEL, replace(TRAIN, steps=1)))

    monkeypatch.setattr(runs, "take_parent", meanwhile)
    with pytest.raises(UserError, match="Another process is working on"):
        runs.start(data, out, MODEL, TRAIN)
    assert others[0].run(_quiet) == 1
    with pytest.raises(UserError, match="already holds a run"):
        runs.start(data, out, MODEL, TRAIN)


def test_a_file_system_without_locks_is_no_reason_not_to_train(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fcntl = pytest.importorskip("fcntl")

    def no_locks(*args: object) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(fcntl, "flock", no_locks)
    assert runs.start(data, tmp_path / "run", MODEL, replace(TRAIN, steps=1)).run(_quiet) == 1


def test_a_lock_of_another_user_is_told(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "run"
    runs.start(data, out, MODEL, replace(TRAIN, steps=1)).run(_quiet)
    really_open = os.open

    def denied(path: object, *args: int, **kwargs: Any) -> int:
        if str(path).endswith(".lock"):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        return really_open(path, *args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(os, "open", denied)
    with pytest.raises(UserError, match=r"may not be written to: its files are another user's .*\.lock"):
        runs.resume(out, steps=2)


def test_a_folder_that_cannot_be_written_to_is_told_before_the_training(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "run"
    runs.start(data, out, MODEL, replace(TRAIN, steps=1)).run(_quiet)
    status = (out / "status.json").read_bytes()
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path).name != "checkpoints")
    with pytest.raises(UserError, match=r"checkpoints may not be written to\. Ask the owner"):
        runs.resume(out, steps=2)
    assert (out / "status.json").read_bytes() == status


@pytest.mark.skipif(os.name != "posix", reason="permissions of a group")
@pytest.mark.parametrize(("folder", "expected"), [(0o775, 0o664), (0o755, 0o644), (0o700, 0o600)])
def test_whoever_may_write_in_the_folder_may_lock_it(tmp_path: Path, folder: int, expected: int) -> None:
    (tmp_path / "state").mkdir()
    (tmp_path / "state").chmod(folder)
    lock = RunDirectory(tmp_path).lock()
    assert lock is not None
    lock.release()
    assert (tmp_path / "state" / ".lock").stat().st_mode & 0o777 == expected


@pytest.mark.parametrize("status", [{"heartbeat": 10**400}, {"heartbeat": float("nan")}, {"pid": 10**30}, {"pid": "1"}])
def test_a_hostile_status_is_no_living_run(data: Path, tmp_path: Path, status: dict[str, object]) -> None:
    out = tmp_path / "run"
    runs.start(data, out, MODEL, replace(TRAIN, steps=1)).run(_quiet)
    lines = (out / "metrics.jsonl").read_text()
    (out / "metrics.jsonl").write_text(lines + "[" * 100_000 + "\n")
    now = {"state": "running", "pid": 1, "heartbeat": time.time(), "host": socket.gethostname()}
    (out / "status.json").write_text(json.dumps({**now, **status}))
    assert runs.resume(out, steps=2).run(_quiet) == 2


def test_a_run_whose_every_state_is_damaged_is_not_begun_again(data: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    runs.start(data, out, MODEL, replace(TRAIN, steps=2)).run(_quiet)
    for state in RunDirectory(out).states():
        state.write_bytes(state.read_bytes()[:1000])
    metrics = (out / "metrics.jsonl").read_bytes()
    with pytest.raises(UserError, match="damaged"):
        runs.resume(out, steps=4)
    assert (out / "metrics.jsonl").read_bytes() == metrics


def test_a_run_without_its_states_is_not_begun_again(data: Path, tmp_path: Path) -> None:
    """Somebody copied the checkpoints only, or made room: beginning again would write over all of them."""
    out = tmp_path / "run"
    runs.start(data, out, MODEL, replace(TRAIN, steps=2)).run(_quiet)
    shutil.rmtree(out / "state")
    before = {path: path.read_bytes() for path in (*RunDirectory(out).checkpoints(), out / "metrics.jsonl")}
    with pytest.raises(UserError, match="has checkpoints, but no training state to go on from"):
        runs.resume(out, steps=4)
    assert {path: path.read_bytes() for path in before} == before
    assert RunDirectory(out).read_status()["step"] == 2


@pytest.mark.skipif(os.name != "posix", reason="named pipes")
def test_pipes_in_place_of_checkpoints_and_states_are_not_waited_for(data: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    runs.start(data, out, MODEL, replace(TRAIN, steps=2)).run(_quiet)
    directory = RunDirectory(out)
    for path in (directory.checkpoint(2), directory.state(2)):
        path.unlink()
        os.mkfifo(path)
    assert runs.resume(out, steps=2).trainer.step == 0  # from the state before


def test_a_run_that_ends_well_has_not_failed_because_its_wishes_cannot_be_taken_away(
    data: Path, tmp_path: Path
) -> None:
    runner = runs.start(data, tmp_path / "run", MODEL, replace(TRAIN, steps=1))
    runner.directory.control_path.unlink()
    runner.directory.control_path.mkdir()
    (runner.directory.control_path / "x").touch()
    assert runner.run(_quiet) == 1
    assert runner.directory.read_status()["state"] == "done"


def test_an_extended_run_remembers_its_new_end(data: Path, tmp_path: Path) -> None:
    runner = runs.start(data, tmp_path / "run", MODEL, TRAIN)
    directory = RunDirectory(tmp_path / "run")
    directory_extended = False

    def extend() -> bool:
        nonlocal directory_extended
        if not directory_extended:
            directory_extended = True
            directory.write_control("run", steps=8)
        return False

    assert runner.run(_quiet, extend) == 8
    assert directory.read_config().train.steps == 8


def test_pictures_are_framed_as_the_run_says(tmp_path: Path) -> None:
    """A resumed run finds the same pictures only if it frames them in the same way."""
    folder = tmp_path / "wide"
    folder.mkdir()
    for index in range(4):
        Image.new("RGB", (64, 32), (0, 60 * index, 0)).save(folder / f"{index}.png")
    config = TrainConfig(steps=1, batch=2, framing="pad", ground="#ff0000", device="cpu", previews=1)
    runner = runs.start(folder, tmp_path / "run", ModelConfig(image_size=32, z_dim=2, width=2), config)
    assert runner.run(_quiet) == 1
    again = open_pictures(folder, runner.config.model, runner.config.train)
    assert tuple(again.images[1, 0, 0]) == (255, 0, 0) and tuple(again.images[1, 16, 16]) == (0, 60, 0)
    assert runs.resume(tmp_path / "run", 2).run(_quiet) == 2


def test_a_resume_that_is_stopped_while_pictures_are_read_leaves_the_run_as_it_was(
    tmp_path: Path, pictures: Bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LATENT_DEBUGGER_CACHE", str(tmp_path / "cache"))
    folder, out = tmp_path / "files", tmp_path / "run"
    folder.mkdir()
    for index, picture in enumerate(pictures):
        Image.fromarray(picture).save(folder / f"{index:02}.png")
    runs.start(folder, out, MODEL, TRAIN).run(_quiet)
    shutil.rmtree(tmp_path / "cache")
    read: list[int] = []
    with pytest.raises(Stopped):
        runs.resume(out, 9, lambda done, total: read.append(done), lambda: len(read) > 2)
    assert 2 < len(read) < len(pictures)
    status = RunDirectory(out).read_status()
    assert (status["state"], status["step"], status["message"]) == ("done", 6, runs.STOPPED)
    assert runs.resume(out).run(_quiet) == 9


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (UserError("It is so.", "Do this."), "It is so. Do this."),
        (KeyboardInterrupt(), "It was interrupted."),
        (MemoryError(), "MemoryError."),
        (ValueError("odd"), "ValueError: odd"),
    ],
)
def test_what_is_said_of_a_run_that_failed(error: BaseException, sentence: str) -> None:
    assert sentence_of(error) == sentence


def test_a_checkpoint_has_its_state_before_it_can_be_seen(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or a run that is killed would go on from a step before its newest checkpoint."""
    directory, seen = RunDirectory(tmp_path / "run"), []
    save = keeper.save_checkpoint

    def save_and_look(path: Path, *args: Any) -> None:
        seen.append((path.name, directory.states()[-1].name))
        save(path, *args)

    monkeypatch.setattr(keeper, "save_checkpoint", save_and_look)
    runs.start(data, directory.path, MODEL, TRAIN).run(_quiet)
    assert [checkpoint for checkpoint, _ in seen] == [f"step-{step:08d}.safetensors" for step in (0, 3, 6)]
    assert all(state == checkpoint for checkpoint, state in seen)


def test_a_run_does_not_go_among_its_pictures(data: Path, tmp_path: Path, pictures: Bytes) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    for index, picture in enumerate(pictures):
        Image.fromarray(picture).save(folder / f"{index:02}.png")
    for out in (folder, folder / "run", tmp_path / "run" / ".." / "files" / "a" / "run"):
        with pytest.raises(UserError, match="lies among the pictures"):
            runs.start(folder, out, MODEL, TRAIN)
    assert len(list(folder.iterdir())) == len(pictures)
    assert runs.start(data, data / "run", MODEL, TRAIN).run(_quiet) == 6, "an array is one file"
    assert runs.resume(data / "run", 7).run(_quiet) == 7
