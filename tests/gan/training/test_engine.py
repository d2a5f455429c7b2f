from __future__ import annotations

import os
import socket
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
from .two_processes import config, train, weights

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What two processes, connected by gloo, made of the same trainings."""
    out = tmp_path_factory.mktemp("two")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    shared = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port), "WORLD_SIZE": "2", "NODE_RANK": "0"}
    processes = []
    for rank in range(2):
        environment = {**os.environ, **shared, "LOCAL_RANK": str(rank), "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
        command = [sys.executable, two_processes.__file__, str(out)]
        processes.append(subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True))
    errors = [process.communicate(timeout=100)[1] for process in processes]
    assert [process.returncode for process in processes] == [0, 0], errors
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
