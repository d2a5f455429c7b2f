"""Picture to latent in the real window: drop, search, go there; and whatever can come between."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QPushButton, QSpinBox
from pytestqt.qtbot import QtBot

from gan.errors import UserError
from gan.latent.draws import draw
from gan.rendering import open_renderer
from latent_debugger.state.projection import ProjectionSettings, projection_path
from latent_debugger.wiring import projection
from tests.flows.conftest import Driver

Make = Callable[..., Path]
Open = Callable[..., Driver]
QUICK = ProjectionSettings(restarts=4, steps=60)


@pytest.fixture(autouse=True)
def quick_search(private_home: Path) -> None:
    QUICK.save(projection_path())


@pytest.fixture
def portrait(tmp_path: Path) -> Path:
    """A picture that no model has drawn, and that is not square."""
    rows = np.linspace(0, 255, 40, dtype=np.uint8)[:, None, None]
    path = tmp_path / "portrait.jpg"
    Image.fromarray(np.broadcast_to(rows, (40, 60, 3)).copy()).save(path)
    return path


def begin(driver: Driver, path: Path) -> None:
    """Search, and wait for the end."""
    flow(driver).open(path)
    driver.settle()


def flow(driver: Driver):  # type: ignore[no-untyped-def]
    return driver.wiring.instruments.projection


def own_picture(path: Path, model: Path, seed: int = 5) -> Path:
    """What the model itself draws, as a PNG without a latent."""
    renderer = open_renderer(model, "cpu")
    picture = renderer.pixels(draw(1, renderer.dim, seed))[0]
    Image.fromarray(picture[..., 0] if picture.shape[-1] == 1 else picture).save(path)
    return path


def slow_search(driver: Driver) -> None:
    """From now on a search takes minutes."""
    driver.find(QSpinBox, "projection.restarts").setValue(32)
    driver.find(QSpinBox, "projection.steps").setValue(1000)


def test_the_models_own_picture_is_found_and_gone_to(open_window: Open, make_model: Make, tmp_path: Path) -> None:
    model = make_model(z_dim=6)
    driver = open_window(model)
    begin(driver, own_picture(tmp_path / "own.png", model))
    panel = driver.window.projection
    errors = [float(item.caption) for item in panel.results.items]
    assert len(errors) == 4 and errors == sorted(errors) and errors[0] < 5e-3
    assert panel.told.text().startswith("Done. The best of 4 starts")
    assert panel.target.caption == "own.png" and not panel.target.image.isNull()
    shares = [share for share, _ in panel.curve.points]
    assert shares == sorted(shares)
    before = driver.z.copy()
    driver.find(QPushButton, "projection.go").click()
    driver.settle()
    assert not np.array_equal(driver.z, before)
    wanted = panel.target.image.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(wanted.constBits(), np.uint8).reshape(32, wanted.bytesPerLine())[:, :96].reshape(32, 32, 3)
    assert np.square((driver.picture().astype(float) - rows) / 255).mean() < 6e-3
    undo = driver.window.action_map["edit.undo"]
    assert undo.text() == "&Undo go to projection"
    driver.trigger("edit.undo")
    assert np.array_equal(driver.z, before)


def test_a_result_is_gone_to_by_return_and_by_double_click(open_window: Open, make_model: Make, portrait: Path) -> None:
    driver = open_window(make_model())
    begin(driver, portrait)
    view, found = driver.list_view("projection.results"), flow(driver)._found
    view.setCurrentIndex(view.model().index(2, 0))
    view.setFocus()
    QTest.keyClick(view, Qt.Key.Key_Return)
    assert np.array_equal(driver.z, found[2].z)
    view.doubleClicked.emit(view.model().index(1, 0))
    assert np.array_equal(driver.z, found[1].z)
    view.clearSelection()
    driver.find(QPushButton, "projection.go").click()
    assert np.array_equal(driver.z, found[0].z)


def test_a_picture_dropped_on_the_panel_is_searched_for(open_window: Open, make_model: Make, portrait: Path) -> None:
    driver = open_window(make_model())
    driver.window.show_panel("projection")
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(portrait))])
    panel = driver.window.projection
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    panel.dropEvent(QDropEvent(QPointF(9, 9), Qt.DropAction.CopyAction, data, left, none))
    driver.settle()
    assert panel.results.rowCount() == 4


def test_a_picture_dropped_on_the_window_is_offered(
    open_window: Open, make_model: Make, portrait: Path, tmp_path: Path
) -> None:
    driver = open_window(model := make_model())
    messages = driver.window.messages
    for path in (portrait, own_picture(tmp_path / "own.png", model)):
        driver.wiring.open_file(path)
        driver.settle()
        assert path.name in driver.message() and messages.offer() == "Search"
    messages._take_offer()
    driver.settle()
    assert driver.window.docks["projection"].isVisible()
    assert driver.window.projection.target.caption == "own.png"
    assert driver.window.projection.results.rowCount() == 4


def test_searching_again_adds_to_what_was_found(open_window: Open, make_model: Make, portrait: Path) -> None:
    driver = open_window(make_model())
    begin(driver, portrait)
    button = driver.find(QPushButton, "projection.search")
    assert button.text() == "Search again"
    button.click()
    driver.settle()
    found = flow(driver)._found
    assert len(found) == 8 == driver.window.projection.results.rowCount()
    assert len({one.z.tobytes() for one in found}) == 8


def test_a_search_cancelled_at_once_leaves_what_was_found_before(
    open_window: Open, make_model: Make, portrait: Path
) -> None:
    driver = open_window(make_model())
    begin(driver, portrait)
    best = flow(driver)._found[0]
    panel = driver.window.projection
    panel.search.click()
    panel.search.click()
    driver.settle()
    assert panel.results.rowCount() in (4, 5) and flow(driver)._best is flow(driver)._found[0]
    driver.find(QPushButton, "projection.go").click()
    if panel.results.rowCount() == 4:
        assert np.array_equal(driver.z, best.z)


def test_escape_ends_a_search_and_keeps_the_best(
    open_window: Open, make_model: Make, portrait: Path, qtbot: QtBot
) -> None:
    driver = open_window(make_model())
    driver.window.show_panel("projection")
    slow_search(driver)
    flow(driver).open(portrait)
    panel = driver.window.projection
    qtbot.waitUntil(lambda: len(panel.curve.points) > 1)
    assert panel.search.text() == "Cancel" and not panel.restarts.isEnabled()
    panel.cancel_requested.emit()  # Esc and the button
    assert panel.search.text() == "Search again" and panel.restarts.isEnabled()
    assert "Cancelled" in panel.told.text() and panel.results.rowCount() == 1
    driver.settle()
    assert not panel.best.image.isNull() and panel.go.isEnabled()


def test_closing_the_panel_ends_a_search(open_window: Open, make_model: Make, portrait: Path, qtbot: QtBot) -> None:
    driver = open_window(make_model())
    slow_search(driver)
    flow(driver).open(portrait)
    qtbot.waitUntil(lambda: len(driver.window.projection.curve.points) > 1)
    driver.window.docks["projection"].close()
    assert not driver.wiring.instruments.service.running("projection")
    driver.settle()


def test_another_checkpoint_while_it_runs(open_window: Open, make_model: Make, portrait: Path, qtbot: QtBot) -> None:
    driver = open_window(make_model())
    slow_search(driver)
    flow(driver).open(portrait)
    panel = driver.window.projection
    qtbot.waitUntil(lambda: len(panel.curve.points) > 1)
    driver.wiring.models.open(make_model("other.safetensors", z_dim=3, seed=1, channels=1, run="run-b"))
    driver.settle()
    assert panel.results.rowCount() == 0 and panel.search.text() == "Search" and panel.best.image.isNull()
    assert panel.target.image.isGrayscale() and panel.target.caption == "portrait.jpg"  # as the new one would see it
    driver.find(QSpinBox, "projection.restarts").setValue(2)
    driver.find(QSpinBox, "projection.steps").setValue(50)
    panel.search.click()
    driver.settle()
    assert panel.results.rowCount() == 2


def test_a_picture_that_has_gone_is_forgotten_at_the_next_checkpoint(
    open_window: Open, make_model: Make, portrait: Path
) -> None:
    driver = open_window(make_model())
    begin(driver, portrait)
    portrait.unlink()
    for name in ("b.safetensors", "c.safetensors"):
        driver.wiring.models.open(make_model(name, seed=2, run="run-b"))
        driver.settle()
        assert driver.message() == "" and driver.window.projection.target.image.isNull()


def test_closing_the_window_while_it_runs(open_window: Open, make_model: Make, portrait: Path, qtbot: QtBot) -> None:
    driver = open_window(make_model())
    slow_search(driver)
    flow(driver).open(portrait)
    qtbot.waitUntil(lambda: len(driver.window.projection.curve.points) > 0)
    driver.close()


@pytest.mark.parametrize("options", [{"z_dim": 1}, {"channels": 1}, {"critic": True}], ids=str)
def test_odd_models(open_window: Open, make_model: Make, tmp_path: Path, options: dict[str, object]) -> None:
    model = make_model(**options)
    driver = open_window(model)
    begin(driver, own_picture(tmp_path / "own.png", model))
    assert driver.window.projection.results.rowCount() == 4
    driver.find(QPushButton, "projection.go").click()
    driver.settle()
    assert np.isfinite(driver.z).all() and driver.message() == ""


def test_files_that_are_no_pictures(open_window: Open, make_model: Make, tmp_path: Path, portrait: Path) -> None:
    driver = open_window(make_model())
    begin(driver, portrait)
    for name, content in (("empty.png", b""), ("damaged.jpg", portrait.read_bytes()[:80]), ("gone.png", None)):
        if content is not None:
            (tmp_path / name).write_bytes(content)
        flow(driver).open(tmp_path / name)
        driver.settle()
        assert name in driver.message() and "cannot be searched for" in driver.message()
    panel = driver.window.projection
    assert panel.target.caption == "portrait.jpg" and panel.results.rowCount() == 4  # what was there stays


def test_framing_shows_the_picture_anew_without_searching(open_window: Open, make_model: Make, portrait: Path) -> None:
    driver = open_window(make_model())
    begin(driver, portrait)
    panel = driver.window.projection
    cropped = panel.target.image
    box = driver.find(QComboBox, "projection.framing")
    box.setCurrentIndex(box.findData("pad"))
    driver.settle()
    assert panel.target.image != cropped and panel.target.image.pixelColor(16, 0).lightness() == 255
    assert panel.results.rowCount() == 0 and panel.search.text() == "Search"


def test_framing_changed_while_a_picture_is_read_concerns_that_picture(
    open_window: Open, make_model: Make, portrait: Path, tmp_path: Path
) -> None:
    driver = open_window(make_model())
    begin(driver, portrait)
    other = tmp_path / "other.png"
    Image.new("RGB", (60, 20), (200, 0, 0)).save(other)
    box = driver.find(QComboBox, "projection.framing")
    flow(driver).open(other)
    box.setCurrentIndex(box.findData("pad"))  # before anything was answered
    driver.settle()
    target = driver.window.projection.target.image
    assert target.pixelColor(16, 16).red() > 150 and target.pixelColor(16, 16).green() < 60
    assert target.pixelColor(16, 0).lightness() == 255  # padded, as was asked for last
    assert driver.window.projection.results.rowCount() > 0  # and searched for, as was asked for first


def test_the_options_are_remembered(open_window: Open, make_model: Make) -> None:
    driver = open_window(model := make_model())
    driver.find(QSpinBox, "projection.steps").setValue(150)
    driver.find(QPushButton, "projection.search")
    driver.window.projection.critic.setChecked(False)
    driver.settle()
    driver.close()
    again = open_window(model)
    assert again.window.projection.settings() == ProjectionSettings(restarts=4, steps=150, critic=False)


def test_the_menu_asks_for_a_picture(open_window: Open, make_model: Make, portrait: Path) -> None:
    driver = open_window(make_model())
    driver.answer_dialog("projection.choose", "dialog.picture_to_search", portrait)
    assert driver.window.docks["projection"].isVisible()
    assert driver.window.projection.results.rowCount() == 4


def test_without_gradients_it_says_so(
    open_window: Open, make_model: Make, portrait: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    driver = open_window(make_model())

    def refuse(*_: object) -> None:
        raise UserError("This model tells no gradients, so no picture can be searched for.", "Take another.")

    monkeypatch.setattr(projection, "search", refuse)
    begin(driver, portrait)
    panel = driver.window.projection
    assert panel.told.text().startswith("This model tells no gradients") and panel.told.property("problem")
    assert panel.search.text() == "Search" and panel.search.isEnabled()


def test_without_a_model_it_says_what_to_do(open_window: Open, make_model: Make, portrait: Path) -> None:
    driver = open_window(make_model())
    driver.wiring.session.set_model(None)
    flow(driver).open(portrait)
    assert "Open a checkpoint first." in driver.message()
    panel = driver.window.projection
    assert not panel.choose.isEnabled() and not driver.window.action_map["projection.choose"].isEnabled()
