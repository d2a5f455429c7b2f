"""Hot reload: what a run writes is on the canvas, and nothing else of the window has moved."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QToolButton

from gan.latent.draws import draw
from latent_debugger.state.paths import timeline_path
from latent_debugger.views import message_bar
from latent_debugger.views.thumbnails import Role
from latent_debugger.wiring import follow
from latent_debugger.wiring.timeline_steps import NOT_FOLLOWED

from .conftest import Driver
from .runs import FakeRun

Open = Callable[..., Driver]
PATIENCE_MS = 30_000


@pytest.fixture(autouse=True)
def _offers_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else they would go while a slow machine is still about to look at them."""
    monkeypatch.setattr(message_bar, "OFFER_MS", 10**6)


@pytest.fixture
def run(tmp_path: Path) -> FakeRun:
    made = FakeRun(tmp_path / "people")
    made.checkpoint(0)
    made.checkpoint(500)
    return made


def thumbnail(d: Driver, row: int) -> np.ndarray:
    """What the list of stars shows (H, W, 3)."""
    image = d.window.bookmarks.model.index(row).data(Role.PICTURE).convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : image.width() * 3].reshape(image.height(), image.width(), 3).copy()


def wait_for_step(d: Driver, step: int) -> None:
    d.qtbot.waitUntil(lambda: d.wiring.session.model.step == step, timeout=PATIENCE_MS)
    d.settle()


def test_a_new_checkpoint_is_on_the_canvas_under_the_same_latent(open_window: Open, run: FakeRun) -> None:
    d = open_window(run.directory.checkpoint(500))
    d.trigger("latent.random")
    d.trigger("bookmark.add")
    d.sliders()[3].setValue(1234)
    d.wiring.editor.toggle_lock(5)
    d.settle()
    z, sliders, locks = d.z.copy(), [s.value() for s in d.sliders()], d.wiring.session.latent.locks.copy()
    undo = [d.wiring.session.undo.text(i) for i in range(d.wiring.session.undo.count())]
    d.trigger("train.follow")
    assert d.wiring.session.model.step == 500
    for step in (1000, 1500):
        run.checkpoint(step)
        wait_for_step(d, step)
        assert np.array_equal(d.picture(), run.picture(step, z))
    assert np.array_equal(d.z, z) and np.array_equal(d.wiring.session.latent.locks, locks)
    assert [s.value() for s in d.sliders()] == sliders
    assert [d.wiring.session.undo.text(i) for i in range(d.wiring.session.undo.count())] == undo
    (star,) = d.stars()
    assert star.belongs_to(d.wiring.session.model)
    d.trigger("edit.undo")  # the lock
    d.trigger("edit.undo")
    assert d.z[3] != pytest.approx(1.234)


def test_switched_on_it_goes_to_the_newest_and_switched_off_it_stays(open_window: Open, run: FakeRun) -> None:
    d = open_window(run.directory.checkpoint(0))
    run.checkpoint(1000)
    d.trigger("train.follow")
    wait_for_step(d, 1000)
    d.trigger("train.follow")
    run.checkpoint(1500)
    d.wiring.follow.source.look()
    d.settle()
    assert d.wiring.session.model.step == 1000
    assert d.wiring.follow.source.reel is None, "nobody wants to know, so nobody looks"


def test_a_damaged_checkpoint_is_passed_over_and_taken_when_it_is_whole(
    open_window: Open, run: FakeRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    d = open_window(run.directory.checkpoint(500))
    d.wiring.follow._retry.setInterval(50)
    monkeypatch.setattr(follow, "ATTEMPTS", 1000)
    d.trigger("train.follow")
    whole = run.checkpoint(2000).read_bytes()
    run.directory.checkpoint(2000).write_bytes(whole[: len(whole) // 2])
    run.checkpoint(1500)
    wait_for_step(d, 1500)
    assert d.message() == ""
    run.directory.checkpoint(2000).write_bytes(whole)
    wait_for_step(d, 2000)
    assert d.message() == ""


def test_it_never_steals_from_a_checkpoint_of_another_run(open_window: Open, run: FakeRun, tmp_path: Path) -> None:
    other = FakeRun(tmp_path / "other")
    for step in (0, 100, 200):
        other.checkpoint(step)
    d = open_window(run.directory.checkpoint(500))
    d.trigger("train.follow")
    d.wiring.open_file(other.directory.checkpoint(100))
    d.settle()
    run.checkpoint(1000)
    d.qtbot.waitUntil(lambda: d.wiring.follow.source.reel is not None, timeout=PATIENCE_MS)
    d.settle()
    assert d.wiring.session.model.path == other.directory.checkpoint(100)
    other.checkpoint(300)  # but this is news of the run on show
    wait_for_step(d, 300)


@pytest.mark.parametrize("alive", [True, False])
def test_a_run_directory_is_followed_if_it_is_alive(open_window: Open, run: FakeRun, alive: bool) -> None:
    run.write_status("running" if alive else "done", 500)
    d = open_window(run.path)
    assert d.wiring.session.model.step == 500
    d.qtbot.waitUntil(lambda: not d.wiring.follow._folder_opened, timeout=PATIENCE_MS)
    d.settle()
    assert d.window.action_map["train.follow"].isChecked() == alive
    if alive:
        run.checkpoint(1000)
        wait_for_step(d, 1000)


def test_a_run_can_be_opened_by_dialog_and_by_dropping_it(open_window: Open, run: FakeRun, tmp_path: Path) -> None:
    other = FakeRun(tmp_path / "other")
    other.checkpoint(100)
    d = open_window(other.path)
    d.answer_dialog("file.open_run", "dialog.open_run", run.path)
    assert d.wiring.session.model.path == run.directory.checkpoint(500)
    d.window.file_dropped.emit(other.path)
    d.settle()
    assert d.wiring.session.model.path == other.directory.checkpoint(100)


def test_a_run_that_has_no_checkpoint_yet_is_awaited(open_window: Open, run: FakeRun, tmp_path: Path) -> None:
    d = open_window(run.path)
    z = d.z.copy()
    fresh = FakeRun(tmp_path / "fresh")
    d.wiring.follow.follow_run(fresh.path)
    fresh.checkpoint(0)
    d.qtbot.waitUntil(lambda: d.wiring.session.model.run == fresh.config.run, timeout=PATIENCE_MS)
    fresh.checkpoint(10)
    wait_for_step(d, 10)
    assert np.array_equal(d.z, z)


def test_it_is_remembered(open_window: Open, run: FakeRun) -> None:
    d = open_window(run.directory.checkpoint(500))
    d.trigger("train.follow")
    d.close()
    d = open_window()
    assert d.window.action_map["train.follow"].isChecked()
    d.qtbot.waitUntil(lambda: d.wiring.follow.source.reel is not None, timeout=PATIENCE_MS)
    run.checkpoint(1000)
    wait_for_step(d, 1000)
    assert [Path(a.data()).name for a in d.window._recent.actions()] == ["step-00000500.safetensors"]
    d.close()
    d = open_window()
    assert d.wiring.session.model.step == 1000, "the step is remembered, though it is no recent file"


def test_following_while_a_slider_is_dragged(open_window: Open, run: FakeRun) -> None:
    d = open_window(run.directory.checkpoint(500))
    d.trigger("train.follow")
    slider = d.sliders()[0]
    slider.setSliderDown(True)
    slider.setValue(500)
    run.checkpoint(1000)
    wait_for_step(d, 1000)
    slider.setValue(900)
    slider.setSliderDown(False)
    d.settle()
    assert d.z[0] == pytest.approx(0.9)
    assert np.array_equal(d.picture(), run.picture(1000, d.z))
    d.trigger("edit.undo")
    assert np.array_equal(d.z, draw(1, 12, 4)[0]), "one drag is one step, whatever was loaded meanwhile"


def test_stars_in_view_show_what_they_are_under_the_new_checkpoint(open_window: Open, run: FakeRun) -> None:
    d = open_window(run.directory.checkpoint(500))
    d.trigger("latent.random")
    d.trigger("bookmark.add")
    (star,) = d.stars()
    assert np.array_equal(thumbnail(d, 0), run.picture(500, star.latent))
    d.trigger("latent.random")
    d.trigger("train.follow")
    run.checkpoint(1000)
    wait_for_step(d, 1000)
    expected = run.picture(1000, star.latent)
    d.qtbot.waitUntil(lambda: np.array_equal(thumbnail(d, 0), expected), timeout=PATIENCE_MS)
    assert d.stars() == (star,), "what is on the disk stays"
    d.wiring.open_file(run.directory.checkpoint(500))
    d.settle()
    expected = run.picture(500, star.latent)
    d.qtbot.waitUntil(lambda: np.array_equal(thumbnail(d, 0), expected), timeout=PATIENCE_MS)


def test_what_came_while_the_window_was_closed_is_shown_at_the_start(open_window: Open, run: FakeRun) -> None:
    run.write_status("done", 2000)
    d = open_window(run.directory.checkpoint(500))
    d.trigger("train.follow")
    z = d.z.copy()
    d.close()
    run.checkpoint(2000)
    d = open_window()
    wait_for_step(d, 2000)
    assert np.array_equal(d.z, z) and np.array_equal(d.picture(), run.picture(2000, z))
    assert d.message() == "" and d.window.action_map["train.follow"].isChecked()


def test_without_follow_one_line_says_once_that_the_run_has_gone_on(open_window: Open, run: FakeRun) -> None:
    d = open_window(run.directory.checkpoint(500))
    assert d.message() == "" and d.wiring.follow.source.reel is None
    d.close()
    run.checkpoint(2000)
    d = open_window()
    d.qtbot.waitUntil(lambda: d.message() == "This run has gone on to step 2,000.", timeout=PATIENCE_MS)
    d.settle()
    assert d.wiring.session.model.step == 500 and d.wiring.follow.source.reel is None, "nobody goes on looking"
    d.close()
    d = open_window()
    d.settle()
    d.qtbot.waitUntil(lambda: not d.wiring.follow._unasked, timeout=PATIENCE_MS)
    assert d.message() == "", "nobody is told twice"
    run.checkpoint(3000)
    d.wiring.open_file(run.directory.checkpoint(0))
    d.qtbot.waitUntil(lambda: d.message() == "This run has gone on to step 3,000.", timeout=PATIENCE_MS)
    d.find(QToolButton, "messageBar.offer").click()
    wait_for_step(d, 3000)
    assert d.message() == "" and not d.window.action_map["train.follow"].isChecked()


def test_a_step_that_was_opened_on_purpose_stays(open_window: Open, run: FakeRun) -> None:
    d = open_window(run.directory.checkpoint(500))
    d.trigger("train.follow")
    d.wiring.open_file(run.directory.checkpoint(0))
    d.qtbot.waitUntil(lambda: d.message() == "This run has gone on to step 500.", timeout=PATIENCE_MS)
    d.settle()
    assert d.wiring.session.model.step == 0
    run.checkpoint(1000)
    wait_for_step(d, 1000)


def test_going_back_says_that_follow_is_off_and_how_to_go_on(open_window: Open, run: FakeRun) -> None:
    d = open_window(run.directory.checkpoint(500))
    d.trigger("train.follow")
    d.window.show_panel("timeline")
    d.qtbot.waitUntil(lambda: d.wiring.follow.source.reel is not None, timeout=PATIENCE_MS)
    d.trigger("timeline.earlier")
    wait_for_step(d, 0)
    assert d.message() == NOT_FOLLOWED and d.window.messages.offer() == "Follow again"
    run.checkpoint(1000)
    d.find(QToolButton, "messageBar.offer").click()
    wait_for_step(d, 1000)
    assert d.window.action_map["train.follow"].isChecked() and d.message() == ""


def test_damaged_settings_are_set_aside_and_told(open_window: Open, run: FakeRun) -> None:
    timeline_path().parent.mkdir(parents=True, exist_ok=True)
    timeline_path().write_text('{"follow": tr')
    d = open_window(run.directory.checkpoint(500))
    assert "was damaged and begins anew" in d.message()
