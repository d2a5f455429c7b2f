from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from gan.checkpoints import load_checkpoint, read_info
from gan.config import TrainConfig
from gan.rendering import open_renderer
from gan.training import runner
from gan.training.breakpoints import Trouble, Watch
from gan.training.run_directory import RunDirectory, read_metrics

from .conftest import Command

TINY = ("--image-size", 32, "--z-dim", 4, "--width", 2, "--batch", 4, "--threads", 1, "--device", "cpu")
PLENTY = 60.0  # seconds until a test gives up waiting for another process


def _names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def _step(step: int) -> str:
    return f"step-{step:08d}"


def test_a_run_from_a_folder_of_pictures(gan: Command, pictures: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    answer = gan("train", pictures, "--out", out, *TINY, "--steps", 5, "--checkpoint-every", 2, "--seed", 3)
    assert (answer.status, answer.out) == (0, "")
    assert "Ctrl-C saves" in answer.err and "step 5/5" in answer.err and f"Saved {out} at step 5." in answer.err
    for word in ("W ", "images/s", "ETA"):
        assert word in answer.err
    assert _names(out) == [
        "checkpoints", "config.json", "control.json", "metrics.jsonl", "preview_z.npy", "samples", "state",
        "status.json",
    ]  # fmt: skip
    assert _names(out / "checkpoints") == [f"{_step(step)}.safetensors" for step in (0, 2, 4, 5)]
    assert _names(out / "samples") == [f"{_step(step)}.png" for step in (0, 2, 4, 5)]
    status = json.loads((out / "status.json").read_text())
    assert status.keys() == {"pid", "host", "state", "step", "steps", "message", "heartbeat", "started"}
    assert (status["state"], status["step"], status["steps"]) == ("done", 5, 5)
    assert read_metrics(out / "metrics.jsonl")[-1]["step"] == 5
    info = json.loads(gan("info", out, "--json").out)
    assert (info["step"], info["objective"], info["data"]["count"]) == (5, "wgan-gp", 8)
    assert gan("sample", out, "--n", 2, "--out", tmp_path / "o.npy").status == 0


def test_the_same_words_give_the_same_weights(gan: Command, pictures: Path, tmp_path: Path) -> None:
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        words = (*TINY, "--steps", 2, "--precision", "fp32", "--seed", seed)
        gan("train", pictures, "--out", tmp_path / name, *words)
    z = np.ones((1, 4), np.float32)
    a, b, c = (open_renderer(tmp_path / name, "cpu").raw(z) for name in "abc")
    assert np.array_equal(a, b) and not np.array_equal(a, c)


def test_every_flag_reaches_the_configuration_and_wins_over_the_preset(
    gan: Command, pictures: Path, tmp_path: Path
) -> None:
    flags = {
        "preset": "paper-wgan", "steps": 2, "batch": 3, "image-size": 32, "z-dim": 5, "channels": 1, "width": 3,
        "critic-norm": "none", "upsampling": "resize", "n-critic": 2, "lr": 0.001, "lr-decay": "linear",
        "decay-from": 0.25, "beta1": 0.1, "beta2": 0.2, "clip": 0.03, "gradient-penalty": 4.0, "ema-half-life": 7,
        "augment": "diffaugment", "held-out": 0.3, "precision": "bf16", "threads": 1, "device": "cpu", "devices": 1,
        "nodes": 1, "checkpoint-every": 9, "keep-checkpoints": 3, "milestone-every": 5, "previews": 5, "seed": 11,
    }  # fmt: skip
    words = [word for name, value in flags.items() for word in (f"--{name}", value)]
    switches = ("--flip", "--tensorboard", "--no-breakpoints", "--no-burst")
    assert gan("train", pictures, "--out", tmp_path / "run", *words, *switches).status == 0
    config = RunDirectory(tmp_path / "run").read_config()
    assert config.train == TrainConfig.for_objective(
        "wgan", steps=2, batch=3, n_critic=2, learning_rate=0.001, lr_decay="linear", decay_from=0.25, beta1=0.1,
        beta2=0.2, clip=0.03, gradient_penalty=4.0, ema_half_life=7, augment="diffaugment", held_out=0.3,
        precision="bf16", threads=1, device="cpu", devices=1, nodes=1, checkpoint_every=9, keep_checkpoints=3,
        milestone_every=5, previews=5, seed=11, flip=True, tensorboard=True, pause_on_trouble=False, burst=False,
    )  # fmt: skip
    model = config.model
    assert (model.image_size, model.z_dim, model.channels, model.width, model.norm) == (32, 5, 1, 3, "none")
    assert model.upsampling == "resize"
    assert list((tmp_path / "run" / "tensorboard").iterdir())


def test_no_flag_gives_the_default_preset(gan: Command, pictures: Path, tmp_path: Path) -> None:
    gan(
        "train",
        pictures,
        "--out",
        tmp_path / "run",
        *TINY,
        "--steps",
        1,
        "--objective",
        "dcgan",
        "--critic-norm",
        "batch",
    )
    config = RunDirectory(tmp_path / "run").read_config()
    assert (config.train.objective, config.train.beta1, config.train.learning_rate) == ("dcgan", 0.5, 2e-4)
    gan("train", pictures, "--out", tmp_path / "other", *TINY, "--steps", 1)
    config = RunDirectory(tmp_path / "other").read_config()
    assert (config.train.objective, config.train.beta1, config.model.norm) == ("wgan-gp", 0.0, "layer")


def test_resume(gan: Command, pictures: Path, tmp_path: Path) -> None:
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    words = (*TINY, "--precision", "fp32", "--checkpoint-every", 3)
    gan("train", pictures, "--out", whole, *words, "--steps", 6)
    gan("train", pictures, "--out", parts, *words, "--steps", 2)
    answer = gan("train", "--out", parts, "--resume", "--steps", 6)
    assert answer.status == 0 and "from step 2" in answer.err and "at step 6" in answer.err
    z = np.ones((2, 4), np.float32)
    assert np.array_equal(open_renderer(whole, "cpu").raw(z), open_renderer(parts, "cpu").raw(z))
    assert RunDirectory(parts).read_config().train.steps == 6
    again = gan("train", "--out", parts, "--resume")  # nothing is left to do
    assert again.status == 0 and "at step 6" in again.err


def test_a_folder_with_brackets_in_its_name(gan: Command, pictures: Path, tmp_path: Path) -> None:
    """The terminal library would take them for markup."""
    out = tmp_path / "run [/bold] [red]x"
    answer = gan("train", pictures, "--out", out, *TINY, "--steps", 1)
    assert answer.status == 0 and f"Saved {out} at step 1." in answer.err


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--image-size", 50], "image_size"),
        (["--image-size", 512], "image_size"),
        (["--z-dim", 0], "z_dim"),
        (["--z-dim", 1025], "z_dim"),
        (["--channels", 2], "channels"),
        (["--width", 0], "width"),
        (["--critic-norm", "group"], "norm"),
        (["--critic-norm", "batch"], "norm must be layer or none"),
        (["--preset", "huge"], "'huge'"),
        (["--objective", "lsgan"], "objective"),
        (["--steps", 0], "steps"),
        (["--steps", -5], "steps"),
        (["--steps", 10**30], "steps"),
        (["--steps", "many"], "--steps"),
        (["--batch", 1], "batch"),
        (["--n-critic", 0], "n_critic"),
        (["--lr", 0], "learning_rate"),
        (["--lr", "nan"], "learning_rate"),
        (["--lr", "-1e-4"], "learning_rate"),
        (["--ema-half-life", -1], "ema_half_life"),
        (["--precision", "fp16"], "precision"),
        (["--threads", -1], "threads"),
        (["--checkpoint-every", 0], "checkpoint_every"),
        (["--seed", -1], "seed"),
        (["--seed", 2**32], "seed"),
        (["--held-out", 0.6], "held_out"),
        (["--augment", "much"], "augment"),
        (["--lr-decay", "steep"], "lr_decay"),
        (["--upsampling", "magic"], "upsampling"),
        (["--keep-checkpoints", -1], "keep_checkpoints"),
        (["--on-trouble", "panic"], "--on-trouble is stop or pause"),
        (["--from", "nothing.safetensors"], "nothing.safetensors cannot be opened"),
        (["--device", "toaster"], "'toaster' is no device"),
        (["--device", "cuda:99"], "cuda:99"),
    ],
)
def test_bad_values(gan: Command, pictures: Path, tmp_path: Path, words: list, sentence: str) -> None:
    assert sentence in gan("train", pictures, "--out", tmp_path / "run", *TINY, *words).refusal
    assert not list(tmp_path.iterdir())  # not even an empty run


def test_bad_data_and_places(gan: Command, pictures: Path, tmp_path: Path) -> None:
    (tmp_path / "file.txt").touch()
    (tmp_path / "empty").mkdir()
    run = tmp_path / "run"
    assert "does not exist" in gan("train", tmp_path / "none", "--out", run, *TINY).refusal
    assert "no data set" in gan("train", tmp_path / "file.txt", "--out", run, *TINY).refusal
    assert "no usable picture" in gan("train", tmp_path / "empty", "--out", run, *TINY).refusal
    assert "DATA is missing" in gan("train", "--out", run).refusal
    assert "--out is missing" in gan("train", pictures).refusal
    assert "cannot be made" in gan("train", pictures, "--out", tmp_path / "file.txt" / "run", *TINY).refusal
    assert not run.exists()
    assert "config.json" in gan("train", "--out", tmp_path / "empty", "--resume").refusal


def test_resume_takes_everything_but_steps_from_the_run(gan: Command, pictures: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    gan("train", pictures, "--out", out, *TINY, "--steps", 1)
    for words in (["--lr", 0.1], ["--seed", 0], ["--no-flip"], ["--preset", "small-cpu"], ["--z-dim", 4], [pictures]):
        assert "config.json" in gan("train", *words, "--out", out, "--resume").refusal
    assert "steps" in gan("train", "--out", out, "--resume", "--steps", 0).refusal
    assert "already holds a run" in gan("train", pictures, "--out", out, *TINY).refusal
    assert read_info(out / "checkpoints" / f"{_step(1)}.safetensors").step == 1


def test_fine_tuning_takes_the_architecture_of_its_parent(gan: Command, pictures: Path, tmp_path: Path) -> None:
    parent, child = tmp_path / "parent", tmp_path / "child"
    gan("train", pictures, "--out", parent, *TINY, "--critic-norm", "none", "--steps", 2)
    words = ("--batch", 4, "--threads", 1, "--device", "cpu", "--steps", 1)
    assert gan("train", pictures, "--out", child, "--from", parent, *words).status == 0
    assert RunDirectory(child).read_config().model == RunDirectory(parent).read_config().model
    first = read_info(child / "checkpoints" / f"{_step(0)}.safetensors")
    assert first.parent == read_info(parent / "checkpoints" / f"{_step(2)}.safetensors").sha256
    z = np.ones((1, 4), np.float32)
    begun, theirs = (open_renderer(path, "cpu").raw(z) for path in (first.path, parent))
    assert np.array_equal(begun, theirs)
    answer = gan("train", pictures, "--out", tmp_path / "other", "--from", parent, *words, "--z-dim", 7)
    assert "has 4 latent dimensions (z_dim), but the new run asks for 7" in answer.refusal
    assert "config.json" in gan("train", "--out", child, "--resume", "--from", parent).refusal


def test_fine_tuning_with_another_objective_takes_a_critic_that_suits_it(
    gan: Command, pictures: Path, tmp_path: Path
) -> None:
    parent, child = tmp_path / "parent", tmp_path / "child"
    gan("train", pictures, "--out", parent, *TINY, "--objective", "wgan", "--critic-norm", "batch", "--steps", 1)
    words = ("--batch", 4, "--threads", 1, "--device", "cpu", "--steps", 1)
    assert gan("train", pictures, "--out", child, "--from", parent, *words).status == 0  # wgan-gp, the default
    assert RunDirectory(child).read_config().model.norm == "layer"
    words = (*words, "--preset", "small-cpu", "--objective", "wgan")
    assert gan("train", pictures, "--out", tmp_path / "same", "--from", parent, *words).status == 0
    assert RunDirectory(tmp_path / "same").read_config().model.norm == "batch"


def test_another_projects_model_cannot_be_trained_further(gan: Command, pictures: Path, tmp_path: Path) -> None:
    foreign, converted = tmp_path / "netG.pth", tmp_path / "converted.safetensors"
    main = nn.Sequential(  # pytorch/examples' layout
        nn.ConvTranspose2d(6, 8, 4, 1, 0, bias=False),
        nn.BatchNorm2d(8),
        nn.ReLU(),
        nn.ConvTranspose2d(8, 3, 4, 2, 1, bias=False),
    )
    torch.save({f"main.{name}": tensor for name, tensor in main.state_dict().items()}, foreign)
    assert gan("convert", foreign, "--out", converted).status == 0
    for path in (foreign, converted):
        answer = gan("train", pictures, "--out", tmp_path / "run", "--from", path, *TINY)
        assert f"{path.name} is another project's model, which cannot be trained further here" in answer.refusal
    assert not (tmp_path / "run").exists()


def test_networks_that_do_not_suit_the_objective_are_refused_before_pictures_are_read(
    gan: Command, pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "open_pictures", lambda *_: pytest.fail("they were read"))
    answer = gan("train", pictures, "--out", tmp_path / "run", *TINY, "--critic-norm", "batch")
    assert "norm must be layer or none" in answer.refusal


def test_trouble_is_one_line_and_status_2(
    gan: Command, pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trouble = Trouble("The estimate diverges.", "Resume to watch on.")
    monkeypatch.setattr(Watch, "estimate", lambda self, step, value: trouble if step == 2 else None)
    out = tmp_path / "run"
    answer = gan("train", pictures, "--out", out, *TINY, "--steps", 2, "--precision", "fp32")
    assert answer.status == 2 and "Traceback" not in answer.err
    assert answer.err.splitlines()[-1] == trouble.message
    status = RunDirectory(out).read_status()
    assert (status["state"], status["step"], status["message"]) == ("failed", 2, trouble.message)
    assert gan("train", "--out", out, "--resume", "--steps", 4).status == 0
    words = (*TINY, "--steps", 2, "--precision", "fp32", "--no-breakpoints")
    assert gan("train", pictures, "--out", tmp_path / "careless", *words).status == 0


@pytest.fixture
def trainer(pictures: Path, tmp_path: Path) -> Iterator[Callable[[], subprocess.Popen[str]]]:
    """Starts ``python -m gan train`` without an end, as a program of its own, and waits for its second checkpoint."""
    started: list[subprocess.Popen[str]] = []

    def start() -> subprocess.Popen[str]:
        words = [*TINY, "--steps", 10**6, "--checkpoint-every", 5, "--precision", "fp32"]
        command = [sys.executable, "-m", "gan", "train", pictures, "--out", tmp_path / "run", *words]
        process = subprocess.Popen([str(word) for word in command], stderr=subprocess.PIPE, text=True)
        started.append(process)
        deadline = time.monotonic() + PLENTY
        while not (tmp_path / "run" / "samples" / f"{_step(5)}.png").exists():
            assert process.poll() is None, process.stderr.read() if process.stderr else ""
            assert time.monotonic() < deadline
            time.sleep(0.02)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()
        if process.stderr is not None:
            process.stderr.close()


@pytest.mark.skipif(os.name != "posix", reason="sends POSIX signals")
def test_ctrl_c_saves_and_resume_goes_on(
    gan: Command, pictures: Path, tmp_path: Path, trainer: Callable[[], subprocess.Popen[str]]
) -> None:
    out = tmp_path / "run"
    process = trainer()
    # meanwhile nobody else may train in that folder, while looking is free
    assert f"Process {process.pid} is training" in gan("train", "--out", out, "--resume").refusal
    assert "already holds a run" in gan("train", pictures, "--out", out, *TINY).refusal
    assert gan("info", out).status == 0
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=PLENTY)
    assert process.returncode == 0, err
    assert "Traceback" not in err
    status = RunDirectory(out).read_status()
    reached = status["step"]
    assert status["state"] == "done" and reached >= 5
    assert f"at step {reached}." in err
    assert (out / "checkpoints" / f"{_step(reached)}.safetensors").exists()
    answer = gan("train", "--out", out, "--resume", "--steps", reached + 2)
    assert answer.status == 0
    assert f"from step {reached} " in answer.err and f"at step {reached + 2}." in answer.err
    steps = [line["step"] for line in read_metrics(out / "metrics.jsonl")]
    assert steps == sorted(set(steps)) and steps[-1] == reached + 2


def test_a_stop_that_is_asked_for_while_it_starts_up_counts(pictures: Path, tmp_path: Path) -> None:
    """Importing PyTorch alone takes seconds."""
    out = tmp_path / "run"
    command = [sys.executable, "-m", "gan", "train", pictures, "--out", out, *TINY, "--steps", 10**6]
    with subprocess.Popen([str(word) for word in command], stderr=subprocess.PIPE, text=True) as process:
        RunDirectory(out).write_control("stop")
        _, err = process.communicate(timeout=PLENTY)
    assert process.returncode == 0, err
    status = RunDirectory(out).read_status()
    assert (status["state"], status["step"]) == ("done", 0)
    assert (out / "checkpoints" / f"{_step(0)}.safetensors").exists()


@pytest.mark.skipif(os.name != "posix", reason="sends POSIX signals")
def test_after_kill_the_last_checkpoint_loads_and_resume_goes_on(
    gan: Command, tmp_path: Path, trainer: Callable[[], subprocess.Popen[str]]
) -> None:
    out = tmp_path / "run"
    process = trainer()
    process.kill()
    process.communicate()
    assert RunDirectory(out).read_status()["state"] == "running"  # nobody was left to say otherwise
    steps = [load_checkpoint(path).info.step for path in sorted((out / "checkpoints").glob("*.safetensors"))]
    goal = max(steps) + 3
    answer = gan("train", "--out", out, "--resume", "--steps", goal)
    assert answer.status == 0 and f"at step {goal}." in answer.err
    status = RunDirectory(out).read_status()
    assert (status["state"], status["step"], status["pid"]) == ("done", goal, os.getpid())
    assert (out / "checkpoints" / f"{_step(goal)}.safetensors").exists()
