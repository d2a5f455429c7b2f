"""From star to star, played, measured, calculated with, and taken out of the window as files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import QAction, QDragEnterEvent, QDropEvent, QImage
from PySide6.QtWidgets import QFileDialog, QPushButton, QSlider

from gan.images import Bytes
from gan.instruments.paths import arithmetic, mean
from gan.latent.draws import draw
from gan.latent.vectors import load_vectors, save_vectors
from gan.rendering import open_renderer
from latent_debugger.state import path as state_path
from latent_debugger.state import path_editor
from latent_debugger.state.path import Key
from latent_debugger.views.path_export_dialog import PathExportDialog
from latent_debugger.views.star_list import STARS_MIME
from latent_debugger.views.thumbnails import Role
from latent_debugger.wiring import path_keys
from latent_debugger.wiring.path_speed import CANCELLED

from .conftest import Driver

Open = Callable[..., Driver]
Make = Callable[..., Path]
SEEDS = (3, 5, 8, 13)


def star(d: Driver, *seeds: int) -> None:
    for seed in seeds:
        d.wiring.editor.random(seed)
        d.settle()
        d.trigger("bookmark.add")


def path_of(d: Driver, *seeds: int) -> None:
    """Star these seeds and make a path of them."""
    star(d, *seeds)
    d.window.bookmarks.list.selectAll()
    d.trigger("path.add_stars")


def pixels(image: QImage) -> Bytes:
    rgb = image.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(rgb.constBits(), np.uint8).reshape(rgb.height(), rgb.bytesPerLine())
    return rows[:, : rgb.width() * 3].reshape(rgb.height(), rgb.width(), 3).copy()


def tile(d: Driver, row: int) -> Bytes:
    image = d.window.paths.track.keys.index(row).data(Role.PICTURE)
    assert isinstance(image, QImage)
    return pixels(image)


def slider(d: Driver) -> QSlider:
    found = d.find(QSlider, "path.slider")
    assert isinstance(found, QSlider)
    return found


def names(d: Driver) -> list[str]:
    return [key.name for key in d.wiring.instruments.paths.state.plan.keys]


def test_from_star_to_star(open_window: Open, make_model: Make) -> None:
    model = make_model()
    d = open_window(model)
    assert d.window.docks["paths"].isHidden()
    path_of(d, *SEEDS)
    assert names(d) == ["Star 1", "Star 2", "Star 3", "Star 4"] and d.window.docks["paths"].isVisible()
    renderer = open_renderer(model, "cpu")
    for row, seed in enumerate(SEEDS):
        assert np.array_equal(tile(d, row), renderer.pixels(draw(1, 12, seed))[0])
    before, steps = d.z.copy(), d.wiring.session.undo.count()
    assert slider(d).maximum() == 3000
    slider(d).setSliderDown(True)
    for position in (200, 900, 1500):
        slider(d).setValue(position)
    slider(d).setSliderDown(False)
    d.settle()
    route = d.wiring.instruments.paths.state.plan.route()
    assert route is not None
    np.testing.assert_array_equal(d.z, route.at(1.5))
    assert np.array_equal(d.picture(), renderer.pixels(d.z[np.newaxis])[0])
    assert d.window.paths.track.time.text() == "1.50 of 3.00 s"
    assert d.wiring.session.undo.count() == steps + 1, "one drag is one step"
    d.trigger("edit.undo")
    assert np.array_equal(d.z, before)
    d.window.paths.track.strip.opened.emit(1)
    d.settle()
    assert np.array_equal(d.z, draw(1, 12, SEEDS[1])[0])
    assert d.wiring.session.latent.origin.parent == d.stars()[1].id, "at a key frame it is the star"


def test_key_frames_are_moved_timed_and_taken_out_and_all_that_is_undone(open_window: Open, make_model: Make) -> None:
    d = open_window(make_model())
    path_of(d, *SEEDS)
    strip, settings = d.window.paths.track.strip, d.window.paths.track.settings
    strip.setFocus()
    strip.select([0])
    d.qtbot.keyClick(strip, Qt.Key.Key_Right, Qt.KeyboardModifier.AltModifier)
    assert names(d) == ["Star 2", "Star 1", "Star 3", "Star 4"] and strip.rows() == [1]
    settings.seconds.setValue(2.5)
    settings.easing.setCurrentIndex(1)
    settings.easing.activated.emit(1)
    d.settle()
    keys = d.wiring.instruments.paths.state.plan.keys
    assert [key.seconds for key in keys] == [1, 2.5, 1, 1] and keys[1].easing == "smooth"
    assert d.window.paths.track.keys.timing(1) == "2.5 s · eased" and slider(d).maximum() == 4500
    settings.loop.click()
    d.settle()
    assert slider(d).maximum() == 5500
    d.qtbot.keyClick(strip, Qt.Key.Key_Delete)
    assert names(d) == ["Star 2", "Star 3", "Star 4"]
    for _ in range(5):
        d.trigger("edit.undo")
    assert names(d) == ["Star 1", "Star 2", "Star 3", "Star 4"]
    assert not settings.loop.isChecked() and {key.seconds for key in d.wiring.instruments.paths.state.plan.keys} == {
        1.0
    }
    d.trigger("path.clear")
    assert not names(d) and not d.window.action_map["path.play"].isEnabled()
    d.trigger("edit.undo")
    assert len(names(d)) == 4


def test_a_full_path_says_so(open_window: Open, make_model: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (state_path, path_editor, path_keys):
        monkeypatch.setattr(module, "MAX_KEYS", 2)
    d = open_window(make_model())
    path_of(d, *SEEDS[:3])
    assert names(d) == ["Star 1", "Star 2"] and "2 were added" in d.message()
    d.trigger("path.add_current")
    assert names(d) == ["Star 1", "Star 2"] and "The path is full" in d.message()


def test_playing_is_one_step_and_escape_takes_it_back(open_window: Open, make_model: Make) -> None:
    d = open_window(make_model())
    path_of(d, 3, 5)
    d.window.paths.track.settings.seconds.setValue(0.3)
    d.wiring.editor.random(99)
    d.settle()
    before, steps = d.z.copy(), d.wiring.session.undo.count()
    player = d.wiring.instruments.paths.player
    seen: list[float] = []
    player.moved.connect(seen.append)
    d.window.paths.setFocus()
    d.window.paths.track.strip.setFocus()
    d.qtbot.keyClick(d.window.paths.track.strip, Qt.Key.Key_Space)
    assert player.playing
    d.qtbot.waitUntil(lambda: not player.playing)
    d.settle()
    np.testing.assert_array_equal(d.z, draw(1, 12, 5)[0])
    assert seen == sorted(seen) and seen[-1] == pytest.approx(0.3)
    assert d.wiring.session.undo.count() == steps + 1 and "play" in d.wiring.session.undo.undoText()
    d.trigger("edit.undo")
    assert np.array_equal(d.z, before)
    d.window.paths.track.settings.loop.click()
    d.settle()
    d.trigger("path.play")
    d.qtbot.waitUntil(lambda: max(seen) > 0.5)  # once around, and on
    d.qtbot.waitUntil(lambda: seen[-1] < 0.3)
    d.qtbot.keyClick(d.window.paths.track.strip, Qt.Key.Key_Escape)
    assert not player.playing and np.array_equal(d.z, before)


def test_whoever_changes_the_latent_ends_the_play_and_so_does_closing_the_panel(
    open_window: Open, make_model: Make
) -> None:
    d = open_window(make_model())
    path_of(d, 3, 5)
    d.window.paths.track.settings.loop.click()
    player = d.wiring.instruments.paths.player
    d.trigger("path.play")
    d.qtbot.waitUntil(lambda: player.time > 0.05)
    d.wiring.editor.random(77)
    assert not player.playing
    d.settle()
    assert np.array_equal(d.z, draw(1, 12, 77)[0])
    d.trigger("path.play")
    assert player.playing
    d.window.docks["paths"].close()
    assert not player.playing
    d.settle()


def test_the_speed_is_measured_and_can_be_made_constant(open_window: Open, make_model: Make) -> None:
    d = open_window(make_model())
    path_of(d, *SEEDS)
    panel, paths = d.window.paths.track, d.wiring.instruments.paths
    assert "usual speed" in panel.reading.text()
    chart = panel.chart
    assert chart is not None and chart.isVisible()
    chart.moved.emit(1.25)
    assert paths.player.time == 1.25
    panel.settings.even.click()
    d.settle()
    assert "Smooth" in panel.reading.text() and not panel.settings.easing.isEnabled()
    renderer = open_renderer(d.wiring.session.model.path, "cpu")
    raw = []
    for position in range(0, 3001, 200):
        paths.player.go(position / 1000)
        raw.append(renderer.raw(d.z[np.newaxis])[0])
    steps = np.sqrt(np.mean(np.square(np.diff(np.stack(raw), axis=0)), axis=(1, 2, 3)))
    assert steps.std() / steps.mean() < 0.35
    panel.strip.opened.emit(2)
    d.settle()
    np.testing.assert_allclose(d.z, draw(1, 12, SEEDS[2])[0], atol=0.02)


def test_measuring_can_be_given_up(open_window: Open, make_model: Make) -> None:
    d = open_window(make_model())
    path_of(d, *SEEDS)
    d.window.paths.track.settings.seconds.setValue(60.0)
    d.wiring.instruments.paths.speed.measure_now()
    assert d.window.paths.track.cancel.isVisible()
    d.window.paths.track.cancel.click()
    d.settle()
    assert d.window.paths.track.reading.text() == CANCELLED and not d.window.paths.track.cancel.isVisible()
    d.window.paths.track.settings.seconds.setValue(0.5)
    d.settle()
    assert "usual speed" in d.window.paths.track.reading.text()


def test_stars_are_dropped_where_they_shall_stand(open_window: Open, make_model: Make) -> None:
    d = open_window(make_model())
    star(d, *SEEDS)
    d.window.show_panel("paths")
    d.settle()
    data = QMimeData()
    data.setData(STARS_MIME, "\n".join(item.id for item in d.stars()[:2]).encode())
    plain = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    for target in (d.window.paths, d.window.paths.track.strip):
        enter = QDragEnterEvent(QPoint(1, 5), Qt.DropAction.CopyAction, data, *plain)
        target.dragEnterEvent(enter)
        assert enter.isAccepted()
        target.dropEvent(QDropEvent(QPointF(1, 5), Qt.DropAction.CopyAction, data, *plain))
        d.settle()
    assert names(d) == ["Star 1", "Star 2"] * 2
    d.trigger("path.add_current")
    assert names(d)[-1] == "Star 4", "the picture on the canvas is starred"
    d.trigger("latent.random")
    d.trigger("path.add_current")
    assert names(d)[-1].startswith("Seed ")


def test_star_arithmetic(open_window: Open, make_model: Make) -> None:
    model = make_model()
    d = open_window(model)
    d.trigger("path.arithmetic")
    assert "Star some pictures" in d.window.paths.arithmetic.told.text()
    star(d, *SEEDS)
    page, ids = d.window.paths.arithmetic, [item.id for item in d.stars()]
    page.choose((ids[0], ids[1], ids[2]))
    d.settle()
    a, b, c = (draw(1, 12, seed)[0] for seed in SEEDS[:3])
    wanted, renderer = arithmetic([a, c], [b]), open_renderer(model, "cpu")
    for shown, z in zip(page.tiles, (a, b, c, wanted), strict=True):
        assert shown.picture is not None
        assert np.array_equal(pixels(shown.picture), renderer.pixels(z[np.newaxis])[0])
    go = d.find(QPushButton, "path.arithmetic.go")
    assert isinstance(go, QPushButton)
    before = d.z.copy()
    go.click()
    d.settle()
    assert np.array_equal(d.z, wanted) and d.wiring.session.undo.undoText() == "Star 1 − Star 2 + Star 3"
    d.trigger("edit.undo")
    assert np.array_equal(d.z, before)
    d.window.bookmarks.list.selectAll()
    page.choose(("selected", "", ""))
    d.settle()
    page.go.click()
    np.testing.assert_array_equal(d.z, mean([item.latent for item in d.stars()]))
    page.choose((ids[0], ids[0], ""))
    d.settle()
    assert "cancel" in page.told.text() and not page.go.isEnabled()
    page.choose((ids[0], "", ids[1]))
    page.keep.click()
    assert names(d) == ["Star 1 + Star 2"]


def export(d: Driver, target: Path, kind: str, scale: int = 2) -> None:
    d.trigger("path.export_film")
    dialog = d.window.findChild(PathExportDialog, "dialog.export_path")
    assert dialog is not None
    dialog.kind.setCurrentIndex(dialog.kind.findData(kind))
    dialog.scale.setCurrentIndex(dialog.scale.findData(scale))
    dialog.fps.setValue(10)
    assert "pictures" in dialog.told.text()
    dialog.export.click()
    files = d.window.findChild(QFileDialog, "dialog.save_path")
    assert files is not None
    files.fileSelected.emit(str(target))
    files.close()


def test_it_leaves_the_window_as_a_film(open_window: Open, make_model: Make, tmp_path: Path) -> None:
    model = make_model()
    d = open_window(model)
    path_of(d, 3, 5)
    for kind in ("mp4", "gif", "png"):
        export(d, tmp_path / f"walk {kind}", kind)
        d.settle()
        assert "Saved" in d.message() and f"walk {kind}" in d.message()
    with av.open(str(tmp_path / "walk mp4.mp4")) as film:
        assert len([0 for _ in film.decode(video=0)]) == 11
    with Image.open(tmp_path / "walk gif.gif") as gif:
        assert gif.n_frames == 11 and gif.size == (64, 64)
    route, renderer = d.wiring.instruments.paths.state.plan.route(), open_renderer(model, "cpu")
    assert route is not None
    for number, z in enumerate(route.frames(10)):
        shown = np.asarray(Image.open(tmp_path / "walk png" / f"{number:05d}.png"))
        assert np.array_equal(shown, renderer.pixels(z[np.newaxis])[0].repeat(2, 0).repeat(2, 1))
    d.answer_dialog("path.export_latents", "dialog.save_path", tmp_path / "walk")
    np.testing.assert_array_equal(load_vectors(tmp_path / "walk.npy"), np.stack(list(route.frames(10))))
    d.trigger("path.clear")
    d.answer_dialog("path.open_latents", "dialog.open_key_frames", tmp_path / "walk.npy")
    assert len(names(d)) == 11 and names(d)[1] == "0.100 s"
    save_vectors(tmp_path / "other.npy", draw(2, 5, 0))
    d.answer_dialog("path.open_latents", "dialog.open_key_frames", tmp_path / "other.npy")
    assert "5 dimensions" in d.message() and len(names(d)) == 11


@pytest.mark.parametrize("close", [False, True])
def test_a_film_can_be_cancelled_and_the_window_closed_meanwhile(
    open_window: Open, make_model: Make, tmp_path: Path, close: bool
) -> None:
    d = open_window(make_model())
    path_of(d, 3, 5)
    d.window.paths.track.settings.seconds.setValue(60.0)
    export(d, tmp_path / "out" / "walk", "mp4", scale=16)
    assert d.wiring.instruments.paths.export.job.running
    if close:
        d.close()
    else:
        d.wiring.instruments.paths.export.job.cancel()
        d.settle()
        assert "Cancelled" in d.message() and not d.wiring.instruments.paths.export.job.running
    assert not list(tmp_path.glob("out/*"))


def test_the_path_is_there_again_and_a_closed_panel_costs_nothing(open_window: Open, make_model: Make) -> None:
    model = make_model()
    d = open_window(model)
    path_of(d, *SEEDS)
    d.window.paths.track.settings.loop.click()
    d.window.docks["paths"].close()
    d.settle()
    d.close()
    d = open_window(model)
    assert names(d) == ["Star 1", "Star 2", "Star 3", "Star 4"]
    assert d.wiring.instruments.paths.state.plan.loop and d.window.docks["paths"].isHidden()
    assert not d.wiring.instruments.paths._pictures.images and d.window.paths.track.chart is None
    d.window.show_panel("paths")
    d.settle()
    assert tile(d, 3).any() and d.window.paths.track.chart is not None


def test_another_model_draws_the_same_path_and_other_latents_have_their_own(
    open_window: Open, make_model: Make
) -> None:
    d = open_window(make_model())
    path_of(d, *SEEDS)
    other, five = make_model("other.safetensors", seed=4, run="b"), make_model("five.safetensors", z_dim=5, run="c")
    d.trigger("path.play")
    d.wiring.instruments.paths.speed.measure_now()
    d.wiring.open_file(other)  # while it plays and measures
    d.settle()
    d.wiring.instruments.paths.player.pause()
    d.settle()
    assert np.array_equal(tile(d, 0), open_renderer(other, "cpu").pixels(draw(1, 12, SEEDS[0]))[0])
    d.trigger("path.play")
    d.wiring.open_file(five)
    d.settle()
    assert not names(d) and not d.wiring.instruments.paths.player.playing
    d.trigger("path.add_current")
    assert len(names(d)) == 1
    d.wiring.open_file(other)
    d.settle()
    assert len(names(d)) == 4


@pytest.mark.parametrize("options", [{"z_dim": 1}, {"channels": 1}, {"critic": True}], ids=str)
def test_every_model_has_paths(open_window: Open, make_model: Make, tmp_path: Path, options: dict[str, int]) -> None:
    d = open_window(make_model(**options))
    path_of(d, 3, 5)
    d.window.paths.track.settings.even.click()
    d.settle()
    slider(d).setValue(500)
    export(d, tmp_path / "walk", "mp4", scale=1)
    d.settle()
    assert (tmp_path / "walk.mp4").exists()
    d.trigger("path.arithmetic")
    page, ids = d.window.paths.arithmetic, [item.id for item in d.stars()]
    page.choose((ids[0], ids[1], ""))
    d.settle()
    assert page.go.isEnabled() and page.tiles[3].picture is not None


def test_closing_the_window_while_it_plays_and_measures(open_window: Open, make_model: Make) -> None:
    d = open_window(make_model())
    path_of(d, *SEEDS)
    d.window.paths.track.settings.seconds.setValue(50.0)
    d.trigger("path.play")
    d.wiring.instruments.paths.speed.measure_now()
    d.close()


def test_without_a_model_nothing_can_be_asked_for(open_window: Open, tmp_path: Path) -> None:
    d = open_window(tmp_path / "missing.safetensors")
    if d.wiring.session.model is not None:
        pytest.skip("a bundled model was opened instead")
    d.window.show_panel("paths")
    d.settle()
    for name in ("add_stars", "add_current", "play", "clear", "export_film", "export_latents", "open_latents"):
        action = d.window.findChild(QAction, f"path.{name}")
        assert action is not None and not action.isEnabled()


def test_a_very_long_path_is_said_to_be_too_long(open_window: Open, make_model: Make) -> None:
    d = open_window(make_model())
    paths = d.wiring.instruments.paths
    z = d.z.astype("<f4").tobytes()
    paths.keys.add([Key(z, "x", None, 60.0)] * 60)
    d.settle()
    d.trigger("path.export_film")
    dialog = d.window.findChild(PathExportDialog, "dialog.export_path")
    assert dialog is not None
    dialog.fps.setValue(60)
    assert "100000" in dialog.told.text() and not dialog.export.isEnabled()
    dialog.close()
    assert "hardly change" in d.window.paths.track.reading.text()


def test_a_damaged_file_of_paths_is_set_aside_and_said_so(
    open_window: Open, make_model: Make, private_home: Path
) -> None:
    file = private_home / "key-frames.json"
    file.write_bytes(b"{broken")
    d = open_window(make_model())
    assert "paths was damaged" in d.message()
    path_of(d, 3)
    d.close()
    assert file.exists() and len(list(private_home.glob("key-frames*"))) == 2
