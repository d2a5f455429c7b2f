from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gan.checkpoints import CheckpointInfo, save_checkpoint
from gan.config import ModelConfig, TrainConfig
from gan.data import open_dataset
from gan.models import build_generator
from gan.training.run_directory import RunConfig
from latent_debugger.services import training_pictures
from latent_debugger.services.models import load_model
from latent_debugger.services.reference import DRAWING, ReferenceService, reference_path
from latent_debugger.state.model import OpenModel
from latent_debugger.state.reference import ReferencePlaces, ReferenceState


@pytest.fixture
def state(qapp: QApplication) -> ReferenceState:
    return ReferenceState()


@pytest.fixture
def service(state: ReferenceState) -> Iterator[ReferenceService]:
    service = ReferenceService(state)
    yield service
    service.stop()


def settle(service: ReferenceService) -> None:
    assert service.wait_idle(20)
    QCoreApplication.processEvents()


def write_pictures(folder: Path, size: int = 32, seed: int = 0) -> np.ndarray:
    folder.mkdir(parents=True)
    images = np.random.default_rng(seed).integers(0, 256, (6, size, size, 3)).astype(np.uint8)
    np.save(folder / "images.npy", images)
    return images


def make_run(tmp_path: Path, data: Path, framing: str = "crop", channels: int = 3) -> OpenModel:
    """A run directory with one checkpoint, trained on ``data``."""
    config = ModelConfig(image_size=32, z_dim=4, width=4, channels=channels)
    dataset = open_dataset(data, 32, channels, framing=framing)
    about = {"name": dataset.name, "count": len(dataset.images), "sha256": dataset.sha256}
    run = RunConfig.new(config, TrainConfig(framing=framing), {"path": str(data), **about})
    folder = tmp_path / "run"
    (folder / "checkpoints").mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps(run.to_json()))
    path = folder / "checkpoints" / "step-00000003.safetensors"
    torch.manual_seed(0)
    save_checkpoint(path, build_generator(config), CheckpointInfo(path, "dcgan", config, 3, run=run.run, data=about))
    return load_model(path, "cpu").model


def test_the_run_tells_where_its_pictures_are(tmp_path: Path, service: ReferenceService, state: ReferenceState) -> None:
    images = write_pictures(tmp_path / "data")
    service.set_model(make_run(tmp_path, tmp_path / "data"))
    settle(service)
    assert state.stage == "none"  # nobody wants them
    service.want("a", True)
    settle(service)
    found = state.pictures
    assert found is not None and found.same is True and found.name == "data"
    assert np.array_equal(found.images, images) and not found.images.flags.writeable


def test_they_are_framed_as_the_run_did_it(tmp_path: Path, service: ReferenceService, state: ReferenceState) -> None:
    from PIL import Image

    (tmp_path / "data").mkdir()
    for index in range(3):
        picture = np.full((20, 60, 3), 40 * index, np.uint8)
        Image.fromarray(picture).save(tmp_path / "data" / f"{index}.png")
    service.set_model(make_run(tmp_path, tmp_path / "data", framing="pad"))
    service.want("a", True)
    settle(service)
    assert state.pictures is not None and state.pictures.same is True
    assert (state.pictures.images[:, 0] == 255).all()  # the ground
    service.choose(tmp_path / "data")  # by hand: the same way
    settle(service)
    assert state.pictures is not None and state.pictures.same is True


def test_what_the_user_chooses_goes_first_and_is_remembered(
    tmp_path: Path, service: ReferenceService, state: ReferenceState
) -> None:
    write_pictures(tmp_path / "data")
    others = write_pictures(tmp_path / "others", seed=1)
    model = make_run(tmp_path, tmp_path / "data")
    service.set_model(model)
    service.choose(tmp_path / "others")
    settle(service)
    assert state.pictures is not None and state.pictures.same is False
    assert np.array_equal(state.pictures.images, others)
    assert ReferencePlaces.load(reference_path()).get(model) is not None
    service.set_model(None)
    assert state.pictures is None
    service.want("a", True)
    service.set_model(model)
    settle(service)
    assert state.pictures is not None and state.pictures.name == "others"


def test_another_step_of_the_run_keeps_them(tmp_path: Path, service: ReferenceService, state: ReferenceState) -> None:
    write_pictures(tmp_path / "data")
    model = make_run(tmp_path, tmp_path / "data")
    service.want("a", True)
    service.set_model(model)
    settle(service)
    before = state.pictures
    assert before is not None
    service.set_model(replace(model, step=4, sha256="d" * 64))
    assert state.pictures is before
    service.set_model(replace(model, run=None))
    assert state.pictures is None


def test_without_a_clue_there_are_none(checkpoint: Path, service: ReferenceService, state: ReferenceState) -> None:
    service.set_model(load_model(checkpoint, "cpu").model)
    service.want("a", True)
    settle(service)
    assert state.stage == "none" and not state.trouble and not state.hint


def test_a_model_of_the_people_says_that_they_can_be_drawn(
    tmp_path: Path, service: ReferenceService, state: ReferenceState
) -> None:
    config, path = ModelConfig(image_size=32, z_dim=4, width=4), tmp_path / "people.safetensors"
    save_checkpoint(path, build_generator(config), CheckpointInfo(path, "dcgan", config, 3, data={"name": "people"}))
    service.set_model(load_model(path, "cpu").model)
    service.want("a", True)
    settle(service)
    assert state.stage == "none" and "built-in people" in state.hint


def test_pictures_that_have_gone_are_told(tmp_path: Path, service: ReferenceService, state: ReferenceState) -> None:
    write_pictures(tmp_path / "data")
    model = make_run(tmp_path, tmp_path / "data")
    (tmp_path / "data" / "images.npy").unlink()
    (tmp_path / "data").rmdir()
    errors: list[object] = []
    service.failed.connect(errors.append)
    service.set_model(model)
    service.want("a", True)
    settle(service)
    assert state.stage == "none" and "does not exist" in state.trouble
    assert not errors  # nobody has asked for them
    service.choose(tmp_path / "data")
    settle(service)
    assert "does not exist" in state.trouble and len(errors) == 1


def test_the_built_in_people_are_drawn_and_found_again(
    checkpoint: Path,
    service: ReferenceService,
    state: ReferenceState,
    monkeypatch: pytest.MonkeyPatch,
    qtbot: QtBot,
) -> None:
    monkeypatch.setattr(training_pictures, "PEOPLE", 40)
    told: list[str] = []
    state.advanced.connect(lambda doing, done, total: told.append(doing))
    service.set_model(load_model(checkpoint, "cpu").model)
    service.draw_people()
    qtbot.waitUntil(lambda: state.pictures is not None)  # in a running event loop, which tells things in order
    assert state.pictures is not None and len(state.pictures) == 40 and state.pictures.same is None
    assert DRAWING in told


def test_drawing_can_be_cancelled(
    checkpoint: Path, service: ReferenceService, state: ReferenceState, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training_pictures, "PEOPLE", 1_000_000)
    service.set_model(load_model(checkpoint, "cpu").model)
    service.draw_people()
    assert state.stage == "looking"
    service.cancel()
    assert state.stage == "none"
    settle(service)
    assert not (training_pictures.people_folder(32) / "images.npy").exists()


def test_nobody_wants_them_any_more(tmp_path: Path, service: ReferenceService, state: ReferenceState) -> None:
    write_pictures(tmp_path / "data")
    service.want("a", True)
    service.set_model(make_run(tmp_path, tmp_path / "data"))
    service.want("a", False)
    settle(service)
    assert state.stage == "none"
    service.want("b", True)
    settle(service)
    assert state.pictures is not None


def test_grey_models_compare_with_grey_pictures(
    tmp_path: Path, service: ReferenceService, state: ReferenceState
) -> None:
    write_pictures(tmp_path / "data")
    service.set_model(make_run(tmp_path, tmp_path / "data", channels=1))
    service.want("a", True)
    settle(service)
    assert state.pictures is not None and state.pictures.images.shape == (6, 32, 32, 1)
    assert state.pictures.same is True
