from __future__ import annotations

import inspect
import json
import os
import shlex
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import typer

import gan
from gan.cli import train as cli
from gan.config import ModelConfig, TrainConfig
from gan.presets import PRESETS
from gan.training.run_directory import RunDirectory
from latent_debugger.errors import UserError
from latent_debugger.services import training_process
from latent_debugger.services.training_process import (
    TrainingProcess,
    flag_of,
    resume_arguments,
    start_arguments,
)
from latent_debugger.state.training_fields import config_fields
from latent_debugger.state.training_plan import RunPlan, check, preset_values

Started = tuple[Path, Path, ModelConfig, TrainConfig, Path | None]


@pytest.fixture
def run_cli(monkeypatch: pytest.MonkeyPatch) -> Callable[[list[str]], Started]:
    """What ``gan train`` makes of its arguments, without training."""
    import gan.training.runner as runner

    started: list[Any] = []
    monkeypatch.setattr(runner, "start", lambda *args: started.append(args[:5]))
    monkeypatch.setattr(cli, "_run", lambda *args: None)
    app = typer.Typer(pretty_exceptions_enable=False)
    app.command()(cli.train)

    def run(words: list[str]) -> Started:
        assert words[0] == "train"
        app(words[1:], standalone_mode=False)
        return started.pop()  # type: ignore[no-any-return]

    return run


def plan_of(values: dict[str, Any], preset: str = "small-cpu", **changes: Any) -> RunPlan:
    model, train, wrong = check(values)
    assert not wrong
    return RunPlan(Path("/my pictures"), Path("/runs/a b"), model, train, preset, **changes)


@pytest.mark.parametrize("preset", PRESETS)
def test_the_command_line_starts_the_run_that_was_planned(run_cli: Callable[[list[str]], Started], preset: str) -> None:
    plan = plan_of(preset_values(preset), preset)
    words = start_arguments(plan)
    assert words == [
        "train",
        "/my pictures",
        "--out",
        "/runs/a b",
        "--preset",
        preset,
        "--objective",
        plan.train.objective,
    ]
    assert run_cli(words) == (plan.data, plan.out, plan.model, plan.train, None)


OTHERS: dict[str, Any] = {
    "image_size": 128, "z_dim": 33, "channels": 1, "width": 12, "norm": "none", "upsampling": "resize",
    "steps": 77, "batch": 20, "n_critic": 4, "burst": True, "learning_rate": 3.5e-5, "lr_decay": "linear",
    "decay_from": 0.25, "beta1": 0.1, "beta2": 0.95, "clip": 0.02, "gradient_penalty": 7.0, "ema_half_life": 0,
    "flip": True, "augment": "diffaugment", "held_out": 0.125, "precision": "fp32", "threads": 3, "device": "cpu",
    "devices": 2, "nodes": 2, "checkpoint_every": 123, "keep_checkpoints": 5, "milestone_every": 1000,
    "tensorboard": True, "pause_on_trouble": False, "previews": 9, "framing": "pad", "ground": "#112233", "seed": 42,
}  # fmt: skip


def test_every_field_has_a_flag_that_carries_its_value(run_cli: Callable[[list[str]], Started]) -> None:
    assert {field.name for field in config_fields()} == {*OTHERS, "objective", "family"}
    for name, value in OTHERS.items():
        plan = plan_of({**preset_values("small-cpu"), name: value})
        assert flag_of(name) in " ".join(start_arguments(plan)).replace("--no-", "--"), name
        assert run_cli(start_arguments(plan))[2:4] == (plan.model, plan.train), name


@pytest.mark.parametrize("objective", ["wgan", "wgan-gp", "dcgan"])
def test_all_of_them_together(run_cli: Callable[[list[str]], Started], objective: str) -> None:
    values = {**preset_values("small-cpu", objective), **OTHERS}
    plan = plan_of(values)
    words = shlex.split(shlex.join(start_arguments(plan)))  # as it goes through a shell
    assert run_cli(words) == (plan.data, plan.out, plan.model, plan.train, None)


def test_a_model_to_begin_with_is_named(run_cli: Callable[[list[str]], Started], checkpoint: Path) -> None:
    parent = {"image_size": 32, "z_dim": 8, "width": 4}  # what the form takes over from it
    plan = plan_of({**preset_values("small-cpu"), **parent}, parent=checkpoint)
    assert start_arguments(plan)[-2:] == ["--from", str(checkpoint)]
    assert run_cli(start_arguments(plan)) == (plan.data, plan.out, plan.model, plan.train, checkpoint)


def test_paths_are_absolute_for_the_process_works_in_the_run_folder() -> None:
    plan = replace(
        plan_of(preset_values("small-cpu")), data=Path("here"), out=Path("there"), parent=Path("m.safetensors")
    )
    words = start_arguments(plan)
    found = [words[1], words[words.index("--out") + 1], words[words.index("--from") + 1]]
    assert found == [str(Path(name).absolute()) for name in ("here", "there", "m.safetensors")]


def test_switches_can_be_switched_off(run_cli: Callable[[list[str]], Started], monkeypatch: pytest.MonkeyPatch) -> None:
    on = replace(PRESETS["small-cpu"], train={**PRESETS["small-cpu"].train, "flip": True, "burst": True})
    monkeypatch.setitem(PRESETS, "small-cpu", on)
    plan = plan_of({**preset_values("small-cpu"), "flip": False, "burst": False})
    assert run_cli(start_arguments(plan))[3] == plan.train


def test_resuming_names_the_run_and_its_new_end() -> None:
    assert resume_arguments(Path("/r"), None) == ["train", "--out", "/r", "--resume"]
    assert resume_arguments(Path("/r"), 5) == ["train", "--out", "/r", "--resume", "--steps", "5"]
    assert {"resume", "steps", "on_trouble"} <= set(inspect.signature(cli.train).parameters)


# the process itself: any other Python will do


@pytest.fixture
def run_python(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[str], TrainingProcess]:
    spawn = training_process._spawn

    def start(code: str) -> TrainingProcess:
        monkeypatch.setattr(training_process, "_spawn", lambda command, *rest: spawn([command[0], "-c", code], *rest))
        return TrainingProcess([], tmp_path / "run")

    return start


def wait(process: TrainingProcess) -> None:
    deadline = time.monotonic() + 60
    while not process.ended():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_success_is_no_problem(run_python: Callable[[str], TrainingProcess], tmp_path: Path) -> None:
    process = run_python("print('working')")
    wait(process)
    assert process.problem() == ""
    assert (tmp_path / "run" / "log.txt").read_text() == "working\n"


def test_it_finds_our_package_and_no_other(run_python: Callable[[str], TrainingProcess], tmp_path: Path) -> None:
    (tmp_path / "gan").mkdir()
    process = run_python("import os, gan; print(os.path.realpath(gan.__file__)); print(os.getcwd())")
    wait(process)
    found, folder = (tmp_path / "run" / "log.txt").read_text().split()
    assert Path(found) == Path(gan.__file__).resolve() and Path(folder).resolve() == (tmp_path / "run").resolve()


def test_a_relative_home_stays_where_it_is(
    run_python: Callable[[str], TrainingProcess], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LATENT_DEBUGGER_HOME", "home")
    process = run_python("import os; print(os.environ['LATENT_DEBUGGER_HOME'])")
    wait(process)
    assert (tmp_path / "run" / "log.txt").read_text().strip() == str(tmp_path / "home")


def test_a_users_mistake_is_its_last_line(run_python: Callable[[str], TrainingProcess], tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "log.txt").write_text("an older run\n")
    process = run_python("import sys; print('a'); print('There are no pictures.', file=sys.stderr); sys.exit(2)")
    wait(process)
    assert process.problem() == "There are no pictures."
    assert (tmp_path / "run" / "log.txt").read_text().startswith("an older run\n")


def test_a_crash_says_where_to_read_more(run_python: Callable[[str], TrainingProcess], tmp_path: Path) -> None:
    process = run_python("1 / 0")
    wait(process)
    assert "ZeroDivisionError" in process.problem() and str(tmp_path / "run" / "log.txt") in process.problem()


@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_a_process_that_was_killed_can_be_resumed(run_python: Callable[[str], TrainingProcess]) -> None:
    process = run_python("import os, signal; os.kill(os.getpid(), signal.SIGKILL)")
    wait(process)
    assert "signal 9" in process.problem() and "Resume" in process.problem()


@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_only_a_process_that_has_not_begun_is_ended(
    run_python: Callable[[str], TrainingProcess], tmp_path: Path
) -> None:
    process = run_python("import time; time.sleep(60)")
    status = RunDirectory(tmp_path / "run")
    status.path.mkdir(exist_ok=True)
    (status.path / "status.json").write_text(json.dumps({"pid": process.pid, "state": "running"}))
    process.end_before_it_began()
    assert not process.ended() and not process.terminated
    (status.path / "status.json").unlink()
    process.end_before_it_began()
    wait(process)
    assert process.terminated


@pytest.mark.skipif(os.name != "posix", reason="priorities are numbers there")
def test_it_stands_back_and_has_a_session_of_its_own(run_python: Callable[[str], TrainingProcess]) -> None:
    process = run_python("import time; time.sleep(60)")
    try:
        assert os.getsid(process.pid) == process.pid
        assert os.getpriority(os.PRIO_PROCESS, process.pid) > os.getpriority(os.PRIO_PROCESS, 0)
    finally:
        process._process.kill()
        wait(process)


def test_a_released_process_goes_on_without_complaint(run_python: Callable[[str], TrainingProcess]) -> None:
    process = run_python("import time; time.sleep(60)")
    popen = process._process
    process.release()
    del process
    assert popen.poll() is None
    popen.kill()
    popen.wait()


def test_a_run_folder_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="could not be started"):
        TrainingProcess([], tmp_path / "file" / "run")
