from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from gan.config import ModelConfig, TrainConfig
from latent_debugger.errors import UserError
from latent_debugger.services import training_pictures
from latent_debugger.services.progress import CancelledError, Progress
from latent_debugger.services.training_pictures import check_place, draw_people, model_of, real_pictures


def test_real_pictures_are_those_of_the_data(tmp_path: Path) -> None:
    images = np.random.RandomState(0).randint(0, 256, (30, 32, 32, 3), np.uint8)
    np.save(tmp_path / "images.npy", images)
    found = real_pictures(tmp_path, ModelConfig(image_size=32), TrainConfig())
    assert found.shape == (24, 32, 32, 3)
    assert np.array_equal(found[0], images[0]) and np.array_equal(found[-1], images[-1])
    with pytest.raises(UserError):
        real_pictures(tmp_path / "gone", ModelConfig(), TrainConfig())


def test_people_are_drawn_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training_pictures, "PEOPLE", 4)
    folder = draw_people(32, Progress())
    images = np.load(folder / "images.npy")
    assert images.shape == (4, 32, 32, 3)
    stamp = (folder / "images.npy").stat().st_mtime_ns
    assert draw_people(32, Progress()) == folder and (folder / "images.npy").stat().st_mtime_ns == stamp


def test_drawing_can_be_ended_and_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    progress = Progress()
    progress.cancel()
    with pytest.raises(CancelledError):
        draw_people(32, progress)
    assert not (training_pictures.people_folder(32) / "images.npy").exists()


def test_a_run_goes_where_there_is_none(tmp_path: Path) -> None:
    for free in (tmp_path, tmp_path / "new" / "run"):
        check_place(free)
    assert not (tmp_path / "new").exists()
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(UserError, match="already holds a run"):
        check_place(tmp_path)
    with pytest.raises(UserError, match="is a file"):
        check_place(tmp_path / "config.json")


def test_the_networks_of_a_checkpoint_are_known(checkpoint: Path) -> None:
    assert model_of(checkpoint) == ModelConfig(image_size=32, z_dim=8, width=4)
