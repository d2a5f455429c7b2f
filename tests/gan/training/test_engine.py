from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from gan.config import TrainConfig
from gan.errors import UserError
from gan.training import engine as engines
from gan.training.engine import Engine, open_engine

from . import two_processes
from .together import ROOT, two_processes_run
from .two_processes import config, train, weights


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What two processes, connected by gloo, made of the same trainings."""
    out = tmp_path_factory.mktemp("two")
    two_processes_run(two_processes, out)
    return out


@pytest.mark.parametrize("objective", ["wgan-gp", "wgan", "dcgan"])
def test_two_processes_train_as_one_with_the_whole_batch(objective: str, two: Path) -> None:
    """A gradient penalty with a backward pass of its own fails here: its gradient would stay each process's own."""
    alone = weights(train(config(objective)))
    begun = weights(train(config(objective).with_changes(seed=1)))
    with np.load(two / f"{objective}-0.npz") as file:
        first = dict(file)
    with np.load(two / f"{objective}-1.npz") as file:
        second = dict(file)
    for name, value in alone.items():
        assert np.abs(first[name] - value).max() < 1e-12, name
        assert np.array_equal(first[name], second[name]), name
        assert value.dtype == np.float64
    assert any(np.abs(alone[name] - begun[name]).max() > 1e-6 for name in alone)  # it was no training of nothing


class _Fabric:
    """As much of Fabric as an engine looks at."""

    device = torch.device("cpu")

    def __init__(self, rank: int, processes: int) -> None:
        self.global_rank, self.world_size = rank, processes


def test_shares_are_a_partition_of_the_batch() -> None:
    parts = [Engine(_Fabric(rank, 3), False).share(12) for rank in range(3)]  # type: ignore[arg-type]
    assert [k for part in parts for k in range(12)[part]] == list(range(12))


def test_a_batch_that_cannot_be_divided_is_told_once() -> None:
    with pytest.raises(
        UserError, match=r"16 cannot be divided among 3 processes\. Choose a batch .* of 3, such as 15\."
    ):
        Engine(_Fabric(0, 3), False).share(16)  # type: ignore[arg-type]
    with pytest.raises(SystemExit):
        Engine(_Fabric(1, 3), False).share(16)  # type: ignore[arg-type]


@pytest.mark.parametrize(("precision", "dtype"), [("fp32", torch.float32), ("bf16", torch.bfloat16)])
def test_precision(precision: str, dtype: torch.dtype) -> None:
    engine = open_engine(TrainConfig(device="cpu", precision=precision))  # type: ignore[arg-type]
    layer = torch.nn.Linear(2, 2)
    with engine.autocast():
        assert layer(torch.ones(1, 2)).dtype == dtype
        with engine.full_precision():
            assert layer(torch.ones(1, 2)).dtype == torch.float32
    assert (engine.is_main, engine.processes, engine.device) == (True, 1, torch.device("cpu"))


def test_a_window_cannot_start_other_processes() -> None:
    """Fabric would start this very program again, here pytest."""
    with pytest.raises(UserError, match="python -m gan train"):
        open_engine(TrainConfig(device="cpu", devices=2))


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, (2, 1, False)),
        ({"LOCAL_RANK": "1"}, (2, 1, True)),
        ({"TORCHELASTIC_RUN_ID": "x", "LOCAL_WORLD_SIZE": "4", "WORLD_SIZE": "8"}, (4, 2, True)),
        ({"SLURM_NTASKS": "8", "SLURM_PROCID": "3", "SLURM_NNODES": "2"}, (4, 2, True)),
        ({"SLURM_NTASKS": "1", "SLURM_PROCID": "0"}, (2, 1, False)),
    ],
)
def test_who_started_the_processes(
    environment: dict[str, str], expected: tuple[int, int, bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LOCAL_RANK", "TORCHELASTIC_RUN_ID", "SLURM_NTASKS", "SLURM_PROCID", "SLURM_NNODES"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert engines._processes(TrainConfig(devices=2)) == expected


NAMES = ("LOCAL_RANK", "TORCHELASTIC_RUN_ID", "SLURM_NTASKS", "SLURM_PROCID", "SLURM_NNODES", "MASTER_ADDR")


def test_machines_that_nobody_started_together_are_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(UserError, match="A run on 2 machines is started on each of them, by torchrun or SLURM"):
        open_engine(TrainConfig(device="cpu", nodes=2))
    monkeypatch.setenv("MASTER_ADDR", "first-machine")
    engines.check_machines(TrainConfig(nodes=2))
    monkeypatch.setattr(os, "environ", {"TORCHELASTIC_RUN_ID": "x", "LOCAL_WORLD_SIZE": "1", "WORLD_SIZE": "2"})
    engines.check_machines(TrainConfig())


@pytest.mark.parametrize(
    "environment",
    [
        {"TORCHELASTIC_RUN_ID": "x"},
        {"TORCHELASTIC_RUN_ID": "x", "LOCAL_WORLD_SIZE": "0", "WORLD_SIZE": "2"},
        {"SLURM_NTASKS": "many"},
        {"SLURM_NTASKS": "4", "SLURM_PROCID": "0", "SLURM_NNODES": ""},
    ],
)
def test_an_environment_that_makes_no_sense_is_one_sentence(
    environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "environ", environment)
    with pytest.raises(UserError, match="does not say how many processes"):
        open_engine(TrainConfig(device="cpu"))


def test_neither_help_nor_the_trainer_module_imports_fabric() -> None:
    """It takes more than a second, which the window and every other command should not wait."""
    lines = (
        "import sys",
        "import gan.cli, gan.cli.train, gan.training.runner, latent_debugger.application",
        "assert 'lightning_fabric' not in sys.modules",
    )
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, "-c", "\n".join(lines)], env=environment, check=True, timeout=100)


def test_more_processes_than_cores_are_refused_at_once() -> None:
    with pytest.raises(UserError, match="more than this machine's"):
        open_engine(TrainConfig(device="cpu", devices=1024))
