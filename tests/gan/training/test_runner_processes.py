"""Several processes share a run: one writes, all train, and all go back together."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from gan.training.run_directory import RunDirectory, read_metrics

from . import two_runners
from .together import two_processes_run


@pytest.mark.slow
def test_two_processes_resume_and_go_back_together(data: Path, tmp_path: Path) -> None:
    two_processes_run(two_runners, data, tmp_path)

    calm, spoilt = (RunDirectory(tmp_path / name) for name in ("calm", "spoilt"))
    for directory in (calm, spoilt):
        assert directory.read_status()["state"] == "done"
        assert [line["step"] for line in read_metrics(directory.metrics_path)] == [1, 2, 3, 4, 5, 6]
        first, second = (arrays(tmp_path / f"{directory.path.name}-{rank}.npz") for rank in range(2))
        assert all(np.array_equal(first[name], second[name]) for name in first)
        assert all(np.isfinite(first[name]).all() for name in first)
    undisturbed, gone_back = (arrays(tmp_path / f"{name}-1.npz") for name in ("calm", "spoilt"))
    for name in undisturbed:
        assert np.array_equal(undisturbed[name], gone_back[name]), name


def arrays(path: Path) -> dict[str, np.ndarray]:
    """What an ``.npz`` holds, the file closed again."""
    with np.load(path) as file:
        return dict(file)
