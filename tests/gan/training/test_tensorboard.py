from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from gan.errors import UserError
from gan.training import runner as runs
from gan.training.run_directory import RunDirectory, read_metrics

from .conftest import MODEL, TRAIN

CONFIG = replace(TRAIN, tensorboard=True)


def test_events_repeat_the_metrics_and_the_sheets(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    accumulator = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    monkeypatch.setattr(runs, "METRICS_EVERY", 0.0)
    out = tmp_path / "run"
    runs.start(data, out, MODEL, replace(CONFIG, steps=4)).run(lambda report: None)
    runs.resume(out, 6).run(lambda report: None)
    events = accumulator.EventAccumulator(str(out / "tensorboard")).Reload()
    lines = read_metrics(RunDirectory(out).metrics_path)
    assert len(lines) == 6
    for name in ("wasserstein", "critic_loss", "images_seen"):
        scalars = events.Scalars(name)
        assert [scalar.step for scalar in scalars] == [line["step"] for line in lines]
        assert [scalar.value for scalar in scalars] == pytest.approx([line[name] for line in lines], rel=1e-6)
    assert {0, 3, 6} <= {image.step for image in events.Images("samples")}


def test_without_the_package_nothing_is_begun(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith("torch.utils.tensorboard")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "tensorboard", None)
    with pytest.raises(UserError, match="pip install tensorboard"):
        runs.start(data, tmp_path / "run", MODEL, CONFIG)
    assert not (tmp_path / "run").exists()
