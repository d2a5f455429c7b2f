"""Copy check in the real window: the nearest training pictures, one verdict; and whatever can come between."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QAction, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QFileDialog, QLabel, QPushButton, QSpinBox
from pytestqt.qtbot import QtBot

from gan.checkpoints import CheckpointInfo, save_checkpoint
from gan.config import ModelConfig
from gan.data.people import make_people
from gan.images import Bytes
from gan.latent.draws import draw
from gan.models import build_generator
from gan.rendering import open_renderer
from latent_debugger.state.memorisation import MemorisationSettings, memorisation_path
from latent_debugger.wiring import memorisation, memorisation_check
from tests.flows.conftest import Driver

Make = Callable[..., Path]
Open = Callable[..., Driver]
SEED = 11


@pytest.fixture(scope="session")
def people(tmp_path_factory: pytest.TempPathFactory) -> Bytes:
    folder = tmp_path_factory.mktemp("people")
    make_people(folder, 60, 32, seed=3)
    found: Bytes = np.load(folder / "images.npy")
    return found


@pytest.fixture(autouse=True)
def few_samples(private_home: Path) -> None:
    MemorisationSettings(64).save(memorisation_path())


def write(folder: Path, images: Bytes) -> Path:
    folder.mkdir()
    np.save(folder / "images.npy", images)
    return folder


def drawn_by(model: Path, seed: int = SEED) -> Bytes:
    renderer = open_renderer(model, "cpu")
    picture: Bytes = renderer.pixels(draw(1, renderer.dim, seed))[0]
    return np.broadcast_to(picture, (*picture.shape[:2], 3)).copy()


def choose(driver: Driver, folder: Path) -> None:
    """Open the panel, and choose the training pictures."""
    driver.window.show_panel("memorisation")
    action = driver.window.memorisation.findChild(QAction, "memorisation.reference.folder")
    assert action is not None
    action.trigger()
    dialog = driver.window.findChild(QFileDialog, "dialog.open_pictures")
    assert dialog is not None
    dialog.fileSelected.emit(str(folder))
    dialog.close()
    driver.settle()


def wait_for_pictures(driver: Driver, qtbot: QtBot) -> None:
    """The canvas has to be at rest first."""
    qtbot.waitUntil(lambda: len(driver.window.memorisation.nearest.model.items) == 5)


def rows(driver: Driver) -> list[int]:
    return [near.match.index for near in driver.wiring.instruments.memorisation._near]


def held(share: float, until: list[bool]) -> Callable[..., object]:
    """Work that goes on until it is cancelled."""

    def work(*given: object) -> object:
        tell = next(item for item in given if callable(item))
        until.append(True)
        while True:
            tell(share)
            time.sleep(0.005)

    return work


def test_closed_it_costs_nothing(open_window: Open, make_model: Make) -> None:
    driver = open_window(make_model())
    driver.trigger("latent.random")
    flow = driver.wiring.instruments.memorisation
    assert not flow._rest.isActive() and not driver.wiring.instruments.service.running(memorisation.INDEX)
    assert driver.wiring.session.reference.stage == "none"


def test_a_planted_copy_is_found_first(
    open_window: Open, make_model: Make, tmp_path: Path, people: Bytes, qtbot: QtBot
) -> None:
    model = make_model()
    driver = open_window(model)
    people = people.copy()
    people[23] = drawn_by(model)
    choose(driver, write(tmp_path / "data", people))
    wait_for_pictures(driver, qtbot)
    driver.wiring.editor.random(SEED)
    flow = driver.wiring.instruments.memorisation
    qtbot.waitUntil(lambda: flow._near[0].match.distance < 1e-3)
    assert rows(driver)[0] == 23
    section = driver.window.memorisation.nearest
    assert section.model.items[0].caption == "under 1 %"
    assert section.told.text().startswith("Probably a copy") and section.told.property("warning")
    driver.wiring.editor.random(SEED + 1)
    qtbot.waitUntil(lambda: flow._near[0].match.distance > 1e-2)  # another picture, looked up by itself
    text = driver.find(QLabel, "memorisation.reference.text").text()
    assert text == "Training pictures: data, 60."  # the file does not say which they were


def test_pictures_dropped_on_the_panel_are_taken(
    open_window: Open, make_model: Make, tmp_path: Path, people: Bytes, qtbot: QtBot
) -> None:
    driver = open_window(make_model())
    driver.window.show_panel("memorisation")
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(write(tmp_path / "data", people)))])
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    panel = driver.window.memorisation
    panel.dropEvent(QDropEvent(QPointF(9, 9), Qt.DropAction.CopyAction, data, left, none))
    wait_for_pictures(driver, qtbot)


def test_a_pair_is_shown_side_by_side(
    open_window: Open, make_model: Make, tmp_path: Path, people: Bytes, qtbot: QtBot
) -> None:
    driver = open_window(make_model())
    choose(driver, write(tmp_path / "data", people))
    wait_for_pictures(driver, qtbot)
    view = driver.list_view("memorisation.nearest")
    view.setCurrentIndex(view.model().index(2, 0))
    QTest.keyClick(view, Qt.Key.Key_Return)
    dialog = driver.find(QDialog, "dialog.pair")
    assert dialog.isVisible() and dialog.left.caption == "On the canvas"
    assert dialog.right.caption == f"Training picture {rows(driver)[2] + 1}"
    view.clicked.emit(view.model().index(0, 0))
    dialogs = [found for found in driver.window.findChildren(QDialog, "dialog.pair") if found.isVisible()]
    assert dialogs == [dialog] and dialog.right.caption == f"Training picture {rows(driver)[0] + 1}"
    dialog.close()


def test_a_healthy_model_and_the_pairs(
    open_window: Open, make_model: Make, tmp_path: Path, people: Bytes, qtbot: QtBot
) -> None:
    driver = open_window(make_model())
    choose(driver, write(tmp_path / "data", people))
    wait_for_pictures(driver, qtbot)
    driver.find(QPushButton, "memorisation.check").click()
    section = driver.window.memorisation.check
    assert section.button.text() == "Cancel" and not section.samples.isEnabled()
    driver.settle()
    assert "No sign of copying: 0.0 % of 64 pictures" in section.verdict.text()
    assert section.near.rowCount() == section.twins.rowCount() == 12
    pictures = driver.wiring.instruments.memorisation.check._generated
    assert pictures and not any(image.isNull() for image in pictures.values())
    section.pairs.opened.emit(0)
    dialog = driver.find(QDialog, "dialog.pair")
    assert dialog.right.caption.startswith("Training picture") and not dialog.left.image.isNull()
    section.tabs.setCurrentIndex(1)
    section.pairs.opened.emit(3)
    assert dialog.right.caption.startswith("Generated picture") and "apart" in dialog.told.text()
    dialog.close()


def test_a_collapsed_model_is_flagged(
    open_window: Open, make_model: Make, tmp_path: Path, people: Bytes, qtbot: QtBot
) -> None:
    torch.manual_seed(1)
    config = ModelConfig(image_size=32, z_dim=4, width=4)
    generator = build_generator(config)
    with torch.no_grad():
        next(parameter for parameter in generator.parameters() if parameter.ndim > 1).zero_()
    path = tmp_path / "collapsed.safetensors"
    save_checkpoint(path, generator, CheckpointInfo(path, "dcgan", config, step=7, run="run-c"), None)
    driver = open_window(path)
    choose(driver, write(tmp_path / "data", people))
    driver.find(QPushButton, "memorisation.check").click()  # whether or not the pictures are described by now
    driver.settle()
    section = driver.window.memorisation.check
    assert "It has collapsed" in section.verdict.text() and section.verdict.property("warning")
    wait_for_pictures(driver, qtbot)  # the check has described them, if need be


def test_the_run_of_the_checkpoint_tells_its_pictures(
    open_window: Open, make_model: Make, tmp_path: Path, people: Bytes, qtbot: QtBot
) -> None:
    import json

    from gan.config import TrainConfig
    from gan.training.run_directory import RunConfig

    data, folder = write(tmp_path / "data", people), tmp_path / "run"
    config = RunConfig.new(ModelConfig(image_size=32, z_dim=12, width=4), TrainConfig(), {"path": str(data)})
    (folder / "checkpoints").mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps(config.to_json()))
    driver = open_window(make_model("run/checkpoints/step-00000007.safetensors", run=config.run))
    driver.window.show_panel("memorisation")
    wait_for_pictures(driver, qtbot)


def test_another_checkpoint_while_they_are_described(
    open_window: Open, make_model: Make, tmp_path: Path, people: Bytes, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[bool] = []
    real = memorisation.make_index
    monkeypatch.setattr(memorisation, "make_index", held(0.3, begun))
    driver = open_window(make_model())
    driver.window.show_panel("memorisation")
    driver.wiring.instruments.reference.service.choose(write(tmp_path / "data", people))
    qtbot.waitUntil(lambda: bool(begun))
    section = driver.window.memorisation.nearest
    assert section.button.text() == "Cancel" and section.bar.isVisible()
    monkeypatch.setattr(memorisation, "make_index", real)
    driver.wiring.models.open(make_model("other.safetensors", z_dim=1, seed=1, channels=1, run="run-b"))
    driver.settle()
    assert section.list.empty_text() == "Choose the training pictures above to see which of them are nearest to the" + (
        " picture on the canvas."
    )
    choose(driver, tmp_path / "data")
    wait_for_pictures(driver, qtbot)
    driver.find(QPushButton, "memorisation.check").click()
    driver.settle()
    assert "64 pictures" in driver.window.memorisation.check.verdict.text()


def test_describing_is_cancelled_and_begun_again(
    open_window: Open, make_model: Make, tmp_path: Path, people: Bytes, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[bool] = []
    real = memorisation.make_index
    monkeypatch.setattr(memorisation, "make_index", held(0.3, begun))
    driver = open_window(make_model())
    driver.window.show_panel("memorisation")
    driver.wiring.instruments.reference.service.choose(write(tmp_path / "data", people))
    qtbot.waitUntil(lambda: bool(begun))
    section = driver.window.memorisation.nearest
    driver.window.memorisation.escaped.emit()
    assert section.button.text() == "Compare" and "Press Compare" in section.list.empty_text()
    monkeypatch.setattr(memorisation, "make_index", real)
    section.button.click()
    wait_for_pictures(driver, qtbot)


def test_a_check_is_cancelled_by_button_escape_and_closing(
    open_window: Open, make_model: Make, tmp_path: Path, people: Bytes, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[bool] = []
    monkeypatch.setattr(memorisation_check, "check", held(0.4, begun))
    driver = open_window(make_model())
    choose(driver, write(tmp_path / "data", people))
    wait_for_pictures(driver, qtbot)
    section, service = driver.window.memorisation.check, driver.wiring.instruments.service
    for end in (
        section.button.click,
        driver.window.memorisation.escaped.emit,
        driver.window.docks["memorisation"].close,
    ):
        driver.window.show_panel("memorisation")
        begun.clear()
        section.button.click()
        qtbot.waitUntil(lambda: bool(begun))
        end()
        assert not service.running("memorisation.check")
        assert section.verdict.text() == "Cancelled; there is no verdict."
    driver.window.show_panel("memorisation")
    section.button.click()
    driver.close()  # while it works


def test_a_check_without_a_description_makes_one(
    open_window: Open, make_model: Make, tmp_path: Path, people: Bytes, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[bool] = []
    monkeypatch.setattr(memorisation, "make_index", held(0.3, begun))
    driver = open_window(make_model())
    driver.window.show_panel("memorisation")
    driver.wiring.instruments.reference.service.choose(write(tmp_path / "data", people))
    qtbot.waitUntil(lambda: bool(begun))
    driver.find(QPushButton, "memorisation.check").click()
    driver.settle()
    assert "64 pictures" in driver.window.memorisation.check.verdict.text()
    wait_for_pictures(driver, qtbot)
    assert len(begun) == 1


def test_the_number_of_pictures_is_remembered(open_window: Open, make_model: Make) -> None:
    driver = open_window(model := make_model())
    driver.find(QSpinBox, "memorisation.samples").setValue(256)
    driver.settle()
    driver.close()
    assert open_window(model).window.memorisation.check.samples.value() == 256


def test_behind_another_tab_nothing_is_described(
    open_window: Open, make_model: Make, tmp_path: Path, people: Bytes, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[bool] = []
    real = memorisation.make_index
    monkeypatch.setattr(memorisation, "make_index", held(0.3, begun))
    driver = open_window(make_model())
    driver.window.show_panel("memorisation")
    driver.wiring.instruments.reference.service.choose(write(tmp_path / "data", people))
    qtbot.waitUntil(lambda: bool(begun))
    service = driver.wiring.instruments.service
    driver.window.show_panel("projection")  # in the same strip of tabs
    qtbot.waitUntil(lambda: not service.running(memorisation.INDEX))
    monkeypatch.setattr(memorisation, "make_index", real)
    driver.window.show_panel("memorisation")
    wait_for_pictures(driver, qtbot)


def test_the_menu_opens_the_panel_and_checks(
    open_window: Open, make_model: Make, tmp_path: Path, people: Bytes, qtbot: QtBot
) -> None:
    driver = open_window(make_model())
    driver.trigger("memorisation.check")
    assert driver.window.docks["memorisation"].isVisible()
    assert "Draws pictures at random" in driver.window.memorisation.check.verdict.text()
    choose(driver, write(tmp_path / "data", people))
    driver.trigger("memorisation.check")
    assert "64 pictures" in driver.window.memorisation.check.verdict.text()
