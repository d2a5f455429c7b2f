"""Every checkpoint of a run under the same latents, seen and gone to from the window."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QFileDialog, QSlider

from gan.checkpoints import read_info
from gan.config import ModelConfig, TrainConfig
from gan.images import Bytes
from gan.latent.vectors import load_vectors
from gan.rendering import open_renderer
from gan.training import runner
from latent_debugger.views.thumbnails import Role
from latent_debugger.views.timeline_model import CURRENT

from .conftest import Driver
from .runs import FakeRun

Open = Callable[..., Driver]
PATIENCE_MS = 30_000
STEPS = (0, 500, 1000, 1500)


@pytest.fixture
def run(tmp_path: Path) -> FakeRun:
    made = FakeRun(tmp_path / "people")
    for step in STEPS:
        made.checkpoint(step)
    return made


def pixels(image: QImage) -> Bytes:
    rgb = image.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(rgb.constBits(), np.uint8).reshape(rgb.height(), rgb.bytesPerLine())
    return rows[:, : rgb.width() * 3].reshape(rgb.height(), rgb.width(), 3).copy()


def show(d: Driver, page: str = "film", steps: int = len(STEPS)) -> None:
    """Open the panel and wait until it is full."""
    d.window.show_panel("timeline")
    d.window.timeline.set_page(page)
    d.qtbot.waitUntil(lambda: len(d.window.timeline.film.steps) == steps, timeout=PATIENCE_MS)
    wait_for_frames(d)


def wait_for_frames(d: Driver) -> None:
    d.settle()
    strip, film = d.window.timeline.strip, d.window.timeline.film

    def complete() -> bool:
        first, last = strip.columns_in_view()
        return last >= first and not any(film.missing(column) for column in range(first, last + 1))

    if d.window.timeline.page == "film":
        d.qtbot.waitUntil(complete, timeout=PATIENCE_MS)
    d.settle()


def frame(d: Driver, row: int, column: int) -> Bytes:
    picture = d.window.timeline.film.index(row, column).data(Role.PICTURE)
    assert isinstance(picture, QImage)
    return pixels(picture)


def test_the_film_shows_the_latent_under_every_checkpoint(open_window: Open, run: FakeRun) -> None:
    d = open_window(run.directory.checkpoint(500))
    assert d.wiring.timeline.film.forwards == 0, "a closed panel costs nothing"
    show(d)
    for column, step in enumerate(STEPS):
        assert np.array_equal(frame(d, 0, column), run.picture(step, d.z))
    d.trigger("latent.random")
    wait_for_frames(d)
    for column, step in enumerate(STEPS):
        assert np.array_equal(frame(d, 0, column), run.picture(step, d.z))
    assert d.window.timeline.scrubber.label.text() == "step 500 · 2 of 4"
    d.window.docks["timeline"].close()
    before = d.wiring.timeline.film.forwards
    d.trigger("latent.random")
    assert d.wiring.timeline.film.forwards == before
    assert d.wiring.follow.source.reel is None


def test_scrubbing_opens_each_checkpoint_under_the_same_latent(open_window: Open, run: FakeRun) -> None:
    d = open_window(run.directory.checkpoint(500))
    show(d)
    z, undo = d.z.copy(), d.wiring.session.undo.count()
    slider = d.find(QSlider, "timeline.scrubber")
    assert isinstance(slider, QSlider) and (slider.maximum(), slider.value()) == (3, 1)
    for key, step in ((Qt.Key.Key_Right, 1000), (Qt.Key.Key_End, 1500), (Qt.Key.Key_Home, 0)):
        d.qtbot.keyClick(slider, key)
        d.qtbot.waitUntil(lambda: d.wiring.session.model.step == step, timeout=PATIENCE_MS)  # noqa: B023
        d.settle()
        assert np.array_equal(d.picture(), run.picture(step, z))
    d.trigger("timeline.later")
    d.trigger("timeline.later")
    assert d.wiring.session.model.step == 1000 and slider.value() == 2
    assert np.array_equal(d.z, z) and d.wiring.session.undo.count() == undo
    for position in (0, 3, 1, 2, 0, 3):  # faster than anything loads: the last one wins
        slider.setValue(position)
    d.qtbot.waitUntil(lambda: d.wiring.session.model.step == 1500, timeout=PATIENCE_MS)
    d.settle()
    assert d.wiring.session.model.step == 1500 and slider.value() == 3
    d.window.timeline.strip.chosen.emit(1)
    d.qtbot.waitUntil(lambda: d.wiring.session.model.step == 500, timeout=PATIENCE_MS)


def test_new_checkpoints_appear_and_going_back_stops_following(open_window: Open, run: FakeRun) -> None:
    d = open_window(run.directory.checkpoint(1500))
    d.trigger("train.follow")
    show(d)
    run.checkpoint(2000)
    d.qtbot.waitUntil(lambda: d.window.timeline.film.steps == (*STEPS, 2000), timeout=PATIENCE_MS)
    d.qtbot.waitUntil(lambda: d.wiring.session.model.step == 2000, timeout=PATIENCE_MS)
    wait_for_frames(d)
    assert np.array_equal(frame(d, 0, 4), run.picture(2000, d.z))
    assert d.window.timeline.scrubber.slider.value() == 4
    d.trigger("timeline.earlier")
    assert d.wiring.session.model.step == 1500
    assert not d.window.action_map["train.follow"].isChecked(), "whoever goes back wants to stay there"


def test_a_checkpoint_that_was_half_copied_or_is_replaced_is_drawn_again(open_window: Open, run: FakeRun) -> None:
    path = run.directory.checkpoint(500)
    whole, other = path.read_bytes(), FakeRun(run.path.parent / "other").checkpoint(2000).read_bytes()
    path.write_bytes(whole[:-100])
    d = open_window(run.directory.checkpoint(0))
    show(d)
    film, source = d.window.timeline.film, d.wiring.follow.source
    assert film.index(0, 1).data(Role.BADGE) == "damaged"
    d.trigger("timeline.later")
    assert d.wiring.session.model.step == 0
    for content in (whole, other):
        path.write_bytes(content)
        expected = run.picture(500, d.z)
        source.look()
        assert source.wait_idle(20)
        wait_for_frames(d)
        assert film.index(0, 1).data(Role.BADGE) == "" and np.array_equal(frame(d, 0, 1), expected)
    path.write_bytes(whole)
    source.look()
    assert source.wait_idle(20)
    d.trigger("timeline.later")
    assert d.wiring.session.model.step == 500, "it is passed over no longer"


def test_going_to_an_earlier_sample_stops_following(open_window: Open, run: FakeRun) -> None:
    d = open_window(run.directory.checkpoint(1500))
    d.trigger("train.follow")
    show(d)
    d.window.timeline.wall.tile_chosen.emit(500, 2)
    d.qtbot.waitUntil(lambda: d.wiring.session.model.step == 500, timeout=PATIENCE_MS)
    assert not d.window.action_map["train.follow"].isChecked()


def test_pinned_stars_have_lines_of_their_own(open_window: Open, run: FakeRun) -> None:
    d = open_window(run.directory.checkpoint(500))
    show(d)
    assert not d.window.action_map["timeline.pin"].isEnabled()
    d.trigger("latent.random")
    d.trigger("bookmark.add")
    star = d.stars()[0]
    d.window.bookmarks.select((star.id,))
    d.trigger("timeline.pin")
    d.trigger("latent.random")
    wait_for_frames(d)
    assert [row.key for row in d.window.timeline.film.rows] == [CURRENT, star.id]
    for column, step in enumerate(STEPS):
        assert np.array_equal(frame(d, 1, column), run.picture(step, star.latent))
    # a double click goes to the star under that checkpoint
    d.window.timeline.strip.opened.emit(1, 2)
    d.qtbot.waitUntil(lambda: d.wiring.session.model.step == 1000, timeout=PATIENCE_MS)
    d.settle()
    assert np.array_equal(d.z, star.latent)
    d.trigger("edit.undo")
    assert not np.array_equal(d.z, star.latent)
    # it is remembered, and can be taken off again
    d.close()
    d = open_window()
    show(d)
    assert [row.name for row in d.window.timeline.film.rows] == ["Canvas", star.name]
    d.window.bookmarks.select((star.id,))
    d.trigger("timeline.pin")
    wait_for_frames(d)
    assert len(d.window.timeline.film.rows) == 1
    d.trigger("timeline.pin")
    wait_for_frames(d)
    d.window.timeline.frame_menu(1, 0).actions()[-1].trigger()
    wait_for_frames(d)
    assert len(d.window.timeline.film.rows) == 1


def test_two_checkpoints_are_compared(open_window: Open, run: FakeRun) -> None:
    d = open_window(run.directory.checkpoint(1500))
    show(d, "compare")
    compare = d.window.timeline.compare
    assert compare.steps == (0, 1500)
    wipe = compare.wipe

    def shown() -> bool:
        steps, pictures = compare.steps, wipe._pictures
        return steps is not None and all(
            not p.isNull() and np.array_equal(pixels(p), run.picture(step, d.z))
            for step, p in zip(steps, pictures, strict=True)
        )

    d.qtbot.waitUntil(shown, timeout=PATIENCE_MS)
    d.trigger("timeline.earlier")
    assert compare.steps == (0, 1000)
    d.qtbot.waitUntil(shown, timeout=PATIENCE_MS)
    d.trigger("latent.random")
    d.qtbot.waitUntil(shown, timeout=PATIENCE_MS)
    compare.swap.click()
    assert compare.steps == (1000, 0)
    d.qtbot.waitUntil(shown, timeout=PATIENCE_MS)
    # A is left of the divider, B right of it
    wipe.resize(200, 200)
    grabbed, place = wipe.grab().toImage(), wipe.picture_rect()
    middle = int(place.center().y() + 40)
    for x, picture in ((place.left() + 20, wipe._pictures[0]), (place.right() - 20, wipe._pictures[1])):
        scale = place.width() / picture.width()
        expected = picture.pixelColor(int((x - place.left()) / scale), int((middle - place.top()) / scale))
        assert grabbed.pixelColor(int(x), middle).rgb() == expected.rgb()


def test_bundled_stages_are_a_timeline_without_a_run(open_window: Open, run: FakeRun, tmp_path: Path) -> None:
    folder = tmp_path / "bundled"
    folder.mkdir()
    for step in STEPS[:3]:
        source = run.directory.checkpoint(step)
        (folder / source.name).write_bytes(source.read_bytes())
    other = FakeRun(tmp_path / "other").checkpoint(700)
    (folder / other.name).write_bytes(other.read_bytes())
    (folder / "step-00000800.safetensors").write_bytes(b"no checkpoint")
    d = open_window(folder / "step-00000500.safetensors")
    show(d, steps=3)
    assert d.window.timeline.film.steps == STEPS[:3]
    assert np.array_equal(frame(d, 0, 2), run.picture(1000, d.z))
    d.window.timeline.set_page("samples")
    d.settle()
    assert "run directories" in d.window.timeline.wall.list.empty_text()


def test_a_damaged_checkpoint_is_marked_and_the_others_are_drawn(open_window: Open, run: FakeRun) -> None:
    damaged = run.directory.checkpoint(1000)
    damaged.write_bytes(damaged.read_bytes()[:-100])
    d = open_window(run.directory.checkpoint(500))
    show(d)
    assert d.window.timeline.film.index(0, 2).data(Role.BADGE) == "damaged"
    assert np.array_equal(frame(d, 0, 3), run.picture(1500, d.z))
    d.trigger("timeline.later")
    assert d.wiring.session.model.step == 500 and "damaged" in d.message()
    assert d.window.timeline.scrubber.slider.value() == 1
    d.trigger("timeline.later")
    assert d.wiring.session.model.step == 1500, "one cannot get past it otherwise"


def test_without_a_run_the_panel_says_what_to_do(open_window: Open, make_model: Callable[..., Path]) -> None:
    d = open_window(make_model(run=None))
    d.window.show_panel("timeline")
    d.settle()
    assert d.window.timeline.empty.isVisible() and "Open a run" in d.window.timeline.empty.text()


@pytest.fixture
def trained(tmp_path: Path) -> Path:
    """A real, tiny training run."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    np.save(folder / "images.npy", np.random.RandomState(0).randint(0, 256, (20, 32, 32, 3), np.uint8))
    model = ModelConfig(image_size=32, z_dim=8, width=4, norm="layer")
    train = TrainConfig(steps=6, batch=4, checkpoint_every=3, previews=6, threads=1, precision="fp32", device="cpu")
    runner.start(folder, tmp_path / "run", model, train).run(lambda report: None)
    return tmp_path / "run"


def test_every_tile_of_the_samples_becomes_the_current_picture(open_window: Open, trained: Path) -> None:
    d = open_window(trained)
    assert d.wiring.session.model.step == 6
    show(d, "samples", steps=3)
    wall = d.window.timeline.wall
    d.qtbot.waitUntil(lambda: wall.step == 6, timeout=PATIENCE_MS)
    latents = load_vectors(trained / "preview_z.npy")
    before = d.z.copy()
    for step, index in ((3, 4), (0, 1), (6, 5), (6, 2)):
        d.window.timeline.stage_chosen.emit(step // 3)
        d.qtbot.waitUntil(lambda: wall.step == step, timeout=PATIENCE_MS)  # noqa: B023
        d.settle()
        undo = d.wiring.session.undo.index()
        tile = wall.tiles.index(index).data(Role.PICTURE)
        d.qtbot.mouseClick(
            wall.list.viewport(), Qt.MouseButton.LeftButton, pos=wall.list.visualRect(wall.tiles.index(index)).center()
        )
        d.qtbot.waitUntil(lambda: np.array_equal(d.z, latents[index]), timeout=PATIENCE_MS)  # noqa: B023
        d.settle()
        assert d.wiring.session.model.step == step
        assert np.array_equal(d.picture(), pixels(tile)), "the same pixels"
        assert d.wiring.session.undo.index() == undo + 1
        assert read_info(d.wiring.session.model.path).step == step
        checkpoint = open_renderer(trained / "checkpoints" / f"step-{step:08d}.safetensors", "cpu")
        assert np.array_equal(d.picture(), checkpoint.pixels(latents[index][np.newaxis])[0])
    for _ in range(4):
        d.trigger("edit.undo")
    assert np.array_equal(d.z, before)


def test_a_sample_of_a_checkpoint_that_is_gone_still_gives_its_latent(open_window: Open, run: FakeRun) -> None:
    d = open_window(run.directory.checkpoint(500))
    show(d, "samples")
    run.directory.checkpoint(1000).unlink()
    d.qtbot.waitUntil(lambda: 1000 not in d.window.timeline.film.steps, timeout=PATIENCE_MS)
    d.window.timeline.wall.tile_chosen.emit(1000, 3)
    d.settle()
    assert np.array_equal(d.z, run.previews[3])
    assert "no longer kept" in d.message() and d.wiring.session.model.step == 500


@pytest.mark.parametrize(("kind", "name"), [("strip", "film_strip"), ("gif", "film_gif")])
def test_the_film_is_exported(open_window: Open, run: FakeRun, tmp_path: Path, kind: str, name: str) -> None:
    d = open_window(run.directory.checkpoint(500))
    d.trigger(f"timeline.export_{kind}")  # there is nothing to export yet, but the panel opens
    d.qtbot.waitUntil(lambda: len(d.window.timeline.film.steps) == len(STEPS), timeout=PATIENCE_MS)
    target = tmp_path / "exported"
    d.answer_dialog(f"timeline.export_{kind}", f"dialog.{name}", target)
    d.qtbot.waitUntil(lambda: "Saved" in d.message(), timeout=PATIENCE_MS)
    suffix = ".png" if kind == "strip" else ".gif"
    with Image.open(target.with_suffix(suffix)) as image:
        assert getattr(image, "n_frames", 1) == (1 if kind == "strip" else len(STEPS))


def test_an_export_can_be_cancelled_and_the_window_closed_meanwhile(
    open_window: Open, run: FakeRun, tmp_path: Path
) -> None:
    d = open_window(run.directory.checkpoint(500))
    show(d)
    for close in (False, True):
        d.window.action_map["timeline.export_gif"].trigger()
        dialog = d.window.findChild(QFileDialog, "dialog.film_gif")
        assert dialog is not None
        dialog.fileSelected.emit(str(tmp_path / "film.gif"))
        dialog.close()
        if close:
            d.close()
        else:
            d.wiring.timeline._export._job.cancel()
            d.settle()
            assert "Cancelled" in d.message() or "Saved" in d.message()


def test_a_sample_of_another_run_can_be_gone_to(open_window: Open, run: FakeRun, tmp_path: Path) -> None:
    other = FakeRun(tmp_path / "other", z_dim=20)
    other.checkpoint(100)
    d = open_window(run.directory.checkpoint(500))
    d.wiring.timeline.steps.open_sample(other.path, 100, 2)
    d.qtbot.waitUntil(lambda: np.array_equal(d.z, other.previews[2]), timeout=PATIENCE_MS)
    d.settle()
    assert np.array_equal(d.picture(), other.picture(100, other.previews[2]))
    d.wiring.timeline.steps.open_sample(other.path, 100, 77)
    d.settle()
    assert "only 6" in d.message()
