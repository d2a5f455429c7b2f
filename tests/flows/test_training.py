"""Training from the window: set up, start, watch, steer, close."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent, QGuiApplication
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFileDialog,
    QLabel,
    QLineEdit,
    QListView,
    QPushButton,
    QToolButton,
)

from gan.checkpoints import read_info
from gan.training.run_directory import RunDirectory, process_lives
from latent_debugger.services import training_pictures
from latent_debugger.state.runs import runs_folder
from latent_debugger.views import message_bar
from latent_debugger.views.training_extend import ExtendQuestion

from .conftest import Driver
from .runs import FakeRun
from .test_imported import write as foreign_generator

PATIENCE_MS = 90_000
TINY = {
    "objective": "wgan", "image_size": 32, "z_dim": 12, "width": 4, "batch": 4, "n_critic": 1, "steps": 6,
    "checkpoint_every": 3, "previews": 4, "threads": 1, "precision": "fp32", "held_out": 0.2,
}  # fmt: skip


@pytest.fixture(autouse=True)
def _news_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else it would go while a slow machine is still about to look at it."""
    monkeypatch.setattr(message_bar, "NEWS_MS", 10**6)


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    folder = tmp_path / "faces"
    folder.mkdir()
    np.save(folder / "images.npy", np.random.RandomState(0).randint(0, 256, (20, 32, 32, 3), np.uint8))
    return folder


class Trainer:
    """What a user does in the Training panel."""

    def __init__(self, driver: Driver) -> None:
        self.d, self.flow, self.panel = driver, driver.wiring.training, driver.window.training

    def fill(self, pictures: Path, *, here: bool = True, **changes: object) -> None:
        self.d.trigger("train.start")
        self.line("training.data", str(pictures))
        for name, value in {**TINY, **changes}.items():
            self.field(name, value)
        mode = self.panel.findChild(QComboBox, "training.mode")
        mode.setCurrentIndex(mode.findData(not here))

    def line(self, name: str, text: str) -> None:
        field = self.panel.findChild(QLineEdit, name)
        field.setText(text)
        field.textEdited.emit(text)

    def field(self, name: str, value: object) -> None:
        editor = self.panel.form.rows[name].editor
        assert editor.objectName() == f"training.{name}"
        match editor:
            case QComboBox():
                editor.setCurrentIndex(editor.findData(value))
                editor.activated.emit(editor.currentIndex())
            case QCheckBox():
                editor.setChecked(bool(value))
            case _:
                self.line(f"training.{name}", str(value))

    def press(self, name: str) -> None:
        self.panel.findChild(QPushButton, name).click()
        if name == "training.start":  # its folder is looked at first
            self.d.settle()

    def start(self, pictures: Path, **changes: object) -> Path:
        self.fill(pictures, **changes)
        out = Path(self.panel.findChild(QLineEdit, "training.out").text())
        self.press("training.start")
        return out

    def state(self, out: Path) -> str:
        return str(RunDirectory(out).read_status().get("state"))

    def wait_for(self, condition: Callable[[], bool]) -> None:
        self.d.qtbot.waitUntil(condition, timeout=PATIENCE_MS)

    def wait_until_it_learns(self, out: Path) -> None:
        self.wait_for(lambda: int(RunDirectory(out).read_status().get("step") or 0) > 0)
        self.wait_for(lambda: (entry := self.entry(out)) is not None and entry.state == "running")

    def wait_until_over(self, out: Path) -> None:
        self.wait_for(lambda: not self.flow.service.hosted(out))
        self.d.settle()

    def entry(self, out: Path):  # type: ignore[no-untyped-def]
        return self.d.wiring.session.runs.find(out)

    def answer(self, name: str) -> None:
        button = self.d.window.findChild(QPushButton, name)
        assert button is not None, name
        button.click()


def test_a_run_in_this_process_from_pictures_to_the_canvas(
    open_window: Callable[..., Driver], make_model: Callable[..., Path], pictures: Path
) -> None:
    d = open_window(make_model())
    t, z = Trainer(d), d.z.copy()
    out = t.start(pictures)
    assert out == runs_folder() / "faces"
    status = d.window.findChild(QToolButton, "status.training")
    t.wait_for(lambda: "faces" in status.text())
    t.wait_until_over(out)
    assert RunDirectory(out).read_status()["pid"] == os.getpid()
    assert t.entry(out).told() == "done · 6 of 6"
    assert d.message() == "faces is done: 6 steps."
    assert d.window.messages._timer.isActive(), "it goes by itself"
    assert not status.isVisible()
    newest = RunDirectory(out).checkpoint(6)
    assert read_info(newest).objective == "wgan"
    t.wait_for(lambda: d.wiring.session.model.path == newest)
    assert np.array_equal(d.z, z)
    preview = t.panel.run.preview
    t.wait_for(lambda: preview.step == 6 and preview.real_count > 0)
    assert "training" in t.panel.run.charts.text()
    assert [action for action in ("pause", "stop") if d.window.action_map[f"train.{action}"].isEnabled()] == []

    d.trigger("train.extend")
    dialog = d.window.findChild(ExtendQuestion, "dialog.extend")
    assert "step 6 of 6" in dialog.findChild(QLabel, "extend.about").text()
    dialog.steps.setValue(9)
    t.answer("extend.accept")
    t.wait_for(lambda: d.message() != "faces is done: 6 steps.")  # no longer true
    t.wait_for(lambda: RunDirectory(out).checkpoint(9).exists())
    t.wait_until_over(out)
    assert d.message() == "faces is done: 9 steps."
    t.wait_for(lambda: t.entry(out).told() == "done · 9 of 9")


def test_pause_resume_extend_and_stop(
    open_window: Callable[..., Driver], make_model: Callable[..., Path], pictures: Path
) -> None:
    d = open_window(make_model())
    t, actions = Trainer(d), d.window.action_map
    out = t.start(pictures, steps=1_000_000, checkpoint_every=1_000_000)
    t.wait_until_it_learns(out)
    d.trigger("train.pause")
    t.wait_for(lambda: t.entry(out).state == "paused")
    assert actions["train.pause"].text() == "Resume"
    reached = RunDirectory(out).read_status()["step"]
    d.trigger("train.pause")
    t.wait_for(lambda: t.entry(out).state == "running" and t.entry(out).step > reached)
    d.trigger("train.extend")
    dialog = d.window.findChild(ExtendQuestion, "dialog.extend")
    assert dialog.steps.value() == 2_000_000 and dialog.steps.text() == "2,000,000"
    t.answer("extend.accept")
    t.wait_for(lambda: t.entry(out).steps == 2_000_000)
    d.trigger("train.stop")
    t.wait_until_over(out)
    t.wait_for(lambda: t.entry(out).word == "stopped")
    assert t.state(out) == "done"
    assert actions["train.pause"].isEnabled() and actions["train.pause"].text() == "Resume"
    step = RunDirectory(out).read_status()["step"]

    d.trigger("train.pause")  # goes on where it was
    t.wait_for(lambda: RunDirectory(out).read_status()["step"] > step)
    d.trigger("train.stop")
    t.wait_until_over(out)


def test_a_run_with_another_latent_size_says_why_the_picture_is_another(
    open_window: Callable[..., Driver], make_model: Callable[..., Path], pictures: Path
) -> None:
    d = open_window(make_model(z_dim=12))
    t = Trainer(d)
    out = t.start(pictures, z_dim=20, steps=1_000_000, checkpoint_every=1_000_000)
    t.wait_for(lambda: d.message().startswith("faces has 20 latent dimensions, and the model before it 12"))
    assert len(d.z) == 20
    d.trigger("train.stop")
    t.wait_until_over(out)


def test_wrong_values_say_so_at_their_fields(open_window: Callable[..., Driver], pictures: Path) -> None:
    t = Trainer(open_window())
    t.fill(pictures, batch=1, z_dim="many")
    t.press("training.start")
    assert not t.flow.service.hosted()
    assert t.panel.findChild(QLabel, "training.batch.problem").text() == "Must lie between 2 and 65536, not 1."
    assert "number" in t.panel.findChild(QLabel, "training.z_dim.problem").text()
    t.line("training.data", "")
    t.press("training.start")
    assert t.panel.findChild(QLabel, "training.problem").text() == "Choose pictures first."


@pytest.mark.parametrize("here", [True, pytest.param(False, marks=pytest.mark.slow)])
def test_a_folder_without_pictures_is_one_sentence_and_the_form_stays(
    open_window: Callable[..., Driver], tmp_path: Path, here: bool
) -> None:
    d = open_window()
    t, empty = Trainer(d), tmp_path / "empty"
    empty.mkdir()
    out = t.start(empty, here=here)
    t.wait_until_over(out)
    assert d.message().startswith(f"{out.name}: {empty}")
    assert "no usable picture" in d.message() and "\n" not in d.message()
    assert t.panel.page == "form" and t.panel.form.data.text() == str(empty)
    assert t.entry(out) is None
    told = t.panel.findChild(QLabel, "training.data.problem")
    assert told.isVisible() and "no usable picture" in told.text() and t.panel.form.data.property("wrong")


def test_a_path_that_leads_nowhere_is_told_at_its_field(open_window: Callable[..., Driver], tmp_path: Path) -> None:
    t = Trainer(open_window())
    t.fill(tmp_path / "nowhere")
    told = t.panel.findChild(QLabel, "training.data.problem")
    t.wait_for(lambda: "nowhere does not exist" in told.text())
    t.press("training.start")
    assert not t.flow.service.hosted() and t.panel.form.focusWidget() is t.panel.form.data
    (tmp_path / "nowhere").mkdir()
    t.press("training.start")  # it is there by now, and looked at again
    t.wait_for(told.isHidden)


def test_a_folder_that_holds_a_run_is_told_at_its_field(
    open_window: Callable[..., Driver], pictures: Path, tmp_path: Path
) -> None:
    run = FakeRun(tmp_path / "innocent")
    run.write_status("done", 5)
    d = open_window()
    t = Trainer(d)
    t.fill(pictures)
    t.line("training.out", str(run.path))
    told = t.panel.findChild(QLabel, "training.out.problem")
    t.wait_for(lambda: told.text().startswith("This folder already holds a run."))
    assert "--" not in told.text()
    t.press("training.start")
    assert t.panel.page == "form" and t.panel.form.focusWidget() is t.panel.form.out
    assert t.panel.findChild(QLabel, "training.problem").text() == "The run folder cannot be used."
    t.line("training.out", str(tmp_path / "other"))
    assert told.isHidden()


def test_a_folder_that_comes_to_hold_a_run_is_looked_at_before_the_start(
    open_window: Callable[..., Driver], pictures: Path, tmp_path: Path
) -> None:
    d = open_window()
    t = Trainer(d)
    t.fill(pictures)
    t.line("training.out", str(tmp_path / "innocent"))
    t.wait_for(lambda: not t.flow.form._glance_out.isActive())
    d.settle()
    run = FakeRun(tmp_path / "innocent")
    run.checkpoint(3)
    run.write_status("done", 3)
    before = {path: path.read_bytes() for path in run.path.rglob("*") if path.is_file()}
    t.press("training.start")
    told = t.panel.findChild(QLabel, "training.out.problem")
    assert told.isVisible() and told.text().startswith("This folder already holds a run.")
    assert not t.flow.service.hosted() and not t.flow.run_view.starting and t.entry(run.path) is None
    assert t.panel.page == "form"
    assert run.path not in d.wiring.session.model.path.parents, "its checkpoint is not jumped to"
    assert {path: path.read_bytes() for path in run.path.rglob("*") if path.is_file()} == before


def test_a_run_taken_from_the_list_does_not_lend_its_name(open_window: Callable[..., Driver], pictures: Path) -> None:
    FakeRun(runs_folder() / "faces").write_status("done", 5)
    d = open_window()
    t = Trainer(d)
    t.wait_for(lambda: t.entry(runs_folder() / "faces") is not None)
    d.wiring.training.runs.remove(runs_folder() / "faces")
    t.wait_for(lambda: t.entry(runs_folder() / "faces") is None)
    t.fill(pictures)
    t.wait_for(lambda: t.panel.form.out.text() == str(runs_folder() / "faces-2"))
    assert t.panel.findChild(QLabel, "training.out.problem").isHidden()


def test_a_resume_that_is_refused_leaves_the_run_as_it_is(open_window: Callable[..., Driver], tmp_path: Path) -> None:
    run = FakeRun(tmp_path / "busy")
    run.write_status("done", 7)
    lock = run.directory.lock()
    assert lock is not None
    d = open_window()
    t = Trainer(d)
    d.window.show_panel("training")
    t.flow.runs.add(run.path)
    t.wait_for(lambda: t.panel.page == "run" and t.panel.run.entry.step == 7)
    d.settle()
    t.flow._actions.modes[run.path] = False
    d.trigger("train.pause")
    state = t.panel.findChild(QLabel, "training.run.state")
    t.wait_for(lambda: "Another process is working on" in d.message())
    t.wait_for(lambda: not t.flow.service.hosted(run.path))
    d.settle()
    assert state.text() == t.entry(run.path).told() == "stopped · 7 of 20,000"
    assert d.window.action_map["train.pause"].isEnabled()
    lock.release()


def test_how_a_run_ended_is_not_told_while_it_starts_again(open_window: Callable[..., Driver], tmp_path: Path) -> None:
    run = FakeRun(tmp_path / "again")
    run.directory.write_status("failed", 7, "The disk is full.")
    d = open_window()
    t = Trainer(d)
    d.window.show_panel("training")
    t.flow.runs.add(run.path)
    t.wait_for(lambda: t.panel.page == "run" and t.panel.run.entry.step == 7)
    told = t.panel.findChild(QLabel, "training.run.message")
    t.wait_for(lambda: told.text() == "The disk is full." and told.isVisible())
    t.flow.service.begun.emit(run.path)
    t.wait_for(lambda: t.panel.run.entry.state == "starting")
    assert told.isHidden()


def test_the_new_end_of_a_run_whose_pictures_are_away_is_kept(
    open_window: Callable[..., Driver], tmp_path: Path
) -> None:
    run = FakeRun(tmp_path / "far")
    run.write_status("done", 7)
    d = open_window()
    t = Trainer(d)
    d.window.show_panel("training")
    t.flow.runs.add(run.path)
    t.wait_for(lambda: t.panel.page == "run" and t.panel.run.entry.step == 7)
    t.flow._actions.modes[run.path] = False
    d.trigger("train.extend")
    d.window.findChild(ExtendQuestion, "dialog.extend").steps.setValue(30_000)
    t.answer("extend.accept")
    t.wait_for(lambda: d.message().startswith("far: "))
    t.wait_for(lambda: t.entry(run.path).told() == "failed · 7 of 30,000")
    t.wait_for(lambda: t.panel.findChild(QLabel, "training.run.state").text() == "failed · 7 of 30,000")
    assert RunDirectory(run.path).read_config().train.steps == 30_000


def test_the_form_is_found_again_after_a_restart(open_window: Callable[..., Driver], pictures: Path) -> None:
    d = open_window()
    t = Trainer(d)
    t.fill(pictures, batch=7)
    values = t.panel.form.values()
    d.window.docks["training"].close()
    d.close()
    d = open_window()
    assert not d.window.training.is_built, "a closed panel costs nothing"
    d.trigger("train.start")
    t = Trainer(d)
    t.wait_for(lambda: t.panel.form.data.text() == str(pictures))
    assert t.panel.form.values() == values and t.panel.form.mode.currentData() is False
    assert t.panel.form.out.text() == str(runs_folder() / "faces")


def test_closing_while_this_process_trains_asks_and_saves(
    open_window: Callable[..., Driver], make_model: Callable[..., Path], pictures: Path
) -> None:
    d = open_window(make_model())
    t = Trainer(d)
    out = t.start(pictures, steps=1_000_000, checkpoint_every=1_000_000)
    t.wait_until_it_learns(out)
    assert not d.window.close() and d.window.isVisible()
    assert d.window.findChild(QPushButton, "close.go_on") is None  # it could not
    t.answer("close.stay")
    assert d.window.isVisible() and t.state(out) == "running"
    assert not d.window.close()
    t.answer("close.stop")
    t.wait_for(lambda: not d.window.isVisible())
    status = RunDirectory(out).read_status()
    assert status["state"] == "done" and status["step"] > 0
    assert RunDirectory(out).states()[-1].stem == f"step-{status['step']:08d}"


@pytest.mark.parametrize("paused", [False, True])
def test_a_window_torn_down_while_it_trains_saves_first(
    open_window: Callable[..., Driver], make_model: Callable[..., Path], pictures: Path, paused: bool
) -> None:
    d = open_window(make_model())
    t = Trainer(d)
    out = t.start(pictures, steps=1_000_000, checkpoint_every=1_000_000)
    t.wait_until_it_learns(out)
    if paused:
        d.trigger("train.pause")
        t.wait_for(lambda: t.state(out) == "paused")
    d.close()  # the question is not waited for
    assert t.state(out) == "done"


def test_a_run_that_somebody_else_trains_is_watched_through_its_directory(
    open_window: Callable[..., Driver], make_model: Callable[..., Path], tmp_path: Path
) -> None:
    run = FakeRun(tmp_path / "elsewhere")
    run.checkpoint(3)
    run.write_status("running", 3)
    d = open_window(make_model())
    t = Trainer(d)
    d.answer_dialog("train.watch", "dialog.watch_run", run.path)
    t.wait_for(lambda: t.entry(run.path) is not None and t.entry(run.path).told() == "running · 3 of 20,000")
    assert t.panel.page == "run" and t.panel.run.entry.path == run.path
    t.wait_for(lambda: t.panel.run.preview.step == 3)
    d.trigger("train.stop")
    assert json.loads(RunDirectory(run.path).control_path.read_text())["want"] == "stop"
    run.directory.write_status("paused", 3, "The disk is nearly full.")
    t.wait_for(lambda: d.message() == "elsewhere is paused. The disk is nearly full.")
    run.directory.write_status("failed", 4, "The disk is full.")
    t.wait_for(lambda: d.message() == "elsewhere: The disk is full.")
    t.wait_for(lambda: t.entry(run.path).told() == "failed · 4 of 20,000")
    assert d.window.close()  # not ours: nobody is asked


def test_two_runs_are_compared(
    open_window: Callable[..., Driver], make_model: Callable[..., Path], tmp_path: Path
) -> None:
    d = open_window(make_model())
    t = Trainer(d)
    for name, value in (("one", 5.0), ("two", 7.0)):
        run = FakeRun(tmp_path / name)
        run.write_status("done", 9)
        log = "".join(json.dumps({"step": s, "wasserstein": value, "time": s}) + "\n" for s in range(1, 10))
        run.directory.metrics_path.write_text(log)
        t.flow.runs.add(run.path)
        t.wait_for(lambda run=run: t.flow.run_view.path == run.path)  # type: ignore[misc]
    d.window.show_panel("training")
    charts = t.panel.run.charts
    t.wait_for(lambda: charts.text() == "step 9: training 7")
    t.wait_for(lambda: charts.compare.findText("one") > 0)
    charts.compare.setCurrentIndex(charts.compare.findText("one"))
    charts.compare.activated.emit(charts.compare.currentIndex())
    t.wait_for(lambda: charts.text() == "step 9: training 7, one: training 5")
    charts.compare.setCurrentIndex(0)
    charts.compare.activated.emit(0)
    assert charts.text() == "step 9: training 7"


def test_every_sample_can_be_gone_to_with_the_same_pixels(
    open_window: Callable[..., Driver], make_model: Callable[..., Path], tmp_path: Path
) -> None:
    run = FakeRun(tmp_path / "elsewhere")
    run.checkpoint(3)
    run.checkpoint(7)
    run.write_status("done", 7)
    d = open_window(make_model())
    t, preview = Trainer(d), d.window.training
    d.answer_dialog("train.watch", "dialog.watch_run", run.path)
    preview = d.window.training.run.preview
    t.wait_for(lambda: preview.step == 7)
    before = d.z.copy()
    place = preview.tile_rect(4).center()
    d.qtbot.mouseClick(preview, Qt.MouseButton.LeftButton, pos=place)
    t.wait_for(lambda: np.array_equal(d.z, run.previews[4]))
    d.settle()
    assert d.wiring.session.model.path == run.directory.checkpoint(7)
    assert np.array_equal(d.picture(), run.picture(7, run.previews[4]))
    d.trigger("edit.undo")
    assert np.array_equal(d.z, before)
    preview.setFocus()
    d.qtbot.keyClick(preview, Qt.Key.Key_Right)
    d.qtbot.keyClick(preview, Qt.Key.Key_Return)
    t.wait_for(lambda: np.array_equal(d.z, run.previews[5]))


def test_runs_are_found_again_and_forgotten_without_touching_them(
    open_window: Callable[..., Driver], make_model: Callable[..., Path], tmp_path: Path
) -> None:
    here, elsewhere = FakeRun(runs_folder() / "here"), FakeRun(tmp_path / "elsewhere")
    for run in (here, elsewhere):
        run.write_status("done", 5)
    first = open_window(make_model())
    first.wiring.training.take(elsewhere.path)
    first.settle()
    first.close()

    second = open_window()
    second.window.show_panel("training")
    t = Trainer(second)
    t.wait_for(lambda: {e.name for e in second.wiring.session.runs.entries} == {"here", "elsewhere"})
    view = second.list_view("training.runs")
    assert isinstance(view, QListView)
    for run in (here, elsewhere):
        second.wiring.training.run_view.view(run.path)
        second.trigger("train.forget")
        t.wait_for(lambda run=run: t.entry(run.path) is None)  # type: ignore[misc]
    second.close()

    third = open_window()
    third.window.show_panel("training")
    third.settle()
    assert third.wiring.session.runs.entries == () and third.window.training.page == "empty"
    assert here.directory.config_path.exists() and elsewhere.directory.config_path.exists()


def test_what_is_dropped_on_the_panel_is_a_run_or_pictures(
    open_window: Callable[..., Driver], pictures: Path, tmp_path: Path
) -> None:
    run = FakeRun(tmp_path / "run")
    run.write_status("done", 5)
    d = open_window()
    d.window.show_panel("training")
    t = Trainer(d)
    for path in (pictures, run.path):
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(path))])
        where, keys = QPointF(20, 20), Qt.KeyboardModifier.NoModifier
        d.window.training.dropEvent(QDropEvent(where, Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, keys))
        d.settle()
    assert t.panel.form.data.text() == str(pictures)
    t.wait_for(lambda: t.panel.page == "run" and t.panel.run.entry.path == run.path)


def test_the_built_in_pictures_are_drawn_for_the_form(
    open_window: Callable[..., Driver], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training_pictures, "PEOPLE", 5)
    d = open_window()
    t = Trainer(d)
    d.trigger("train.start")
    t.field("image_size", 32)
    t.press("training.people")
    t.wait_for(lambda: t.panel.form.data.text() == str(training_pictures.people_folder(32)))
    assert np.load(training_pictures.people_folder(32) / "images.npy").shape == (5, 32, 32, 3)
    assert Path(t.panel.form.out.text()).name == "people-32"


def test_the_window_closes_while_pictures_are_drawn(
    open_window: Callable[..., Driver], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training_pictures, "PEOPLE", 10**6)
    d = open_window()
    t = Trainer(d)
    d.trigger("train.start")
    t.field("image_size", 32)
    t.press("training.people")
    t.wait_for(lambda: d.wiring.training.form._drawing is not None)
    d.close()
    assert not (training_pictures.people_folder(32) / "images.npy").exists()


def test_the_command_of_a_run_can_be_copied(open_window: Callable[..., Driver], pictures: Path) -> None:
    d = open_window()
    t = Trainer(d)
    t.fill(pictures)
    t.press("training.command")
    words = shlex.split(QGuiApplication.clipboard().text())
    assert words[:5] == ["python", "-m", "gan", "train", str(pictures)]
    assert words[words.index("--z-dim") + 1] == "12" and not t.flow.service.hosted()


def test_the_form_asks_for_folders_and_files(open_window: Callable[..., Driver], tmp_path: Path) -> None:
    d = open_window()
    t = Trainer(d)
    d.trigger("train.start")
    form = t.panel.form
    for signal_, dialog, chosen in (
        (form.folder_requested, "dialog.open_pictures", tmp_path / "cats"),
        (form.file_requested, "dialog.open_picture_file", tmp_path / "dogs.zip"),
    ):
        signal_.emit()
        found = d.window.findChild(QFileDialog, dialog)
        found.fileSelected.emit(str(chosen))
        found.close()
        assert form.data.text() == str(chosen)
    form.out_requested.emit()
    place = d.window.findChild(QFileDialog, "dialog.run_place")
    place.fileSelected.emit(str(tmp_path / "big disk"))
    place.close()
    assert form.out.text() == str(tmp_path / "big disk" / "dogs")


def test_pictures_kept_in_the_dataset_panel_are_set_up(open_window: Callable[..., Driver], tmp_path: Path) -> None:
    d = open_window()
    manifest = tmp_path / "cats.manifest.jsonl"
    d.wiring.dataset.train_requested.emit(manifest)
    form = d.window.training.form
    assert d.window.training.page == "form" and form.data.text() == str(manifest)
    assert Path(form.out.text()).name == "cats"


def test_a_run_dropped_on_the_window_is_listed_even_before_its_first_checkpoint(
    open_window: Callable[..., Driver], make_model: Callable[..., Path], tmp_path: Path
) -> None:
    run = FakeRun(tmp_path / "young")
    d = open_window(make_model())
    d.window.file_dropped.emit(run.path)
    Trainer(d).wait_for(lambda: d.wiring.session.runs.find(run.path) is not None)
    assert d.wiring.session.runs.find(run.path).told() == "not begun · 0 of 20,000"


def test_fine_tuning_takes_the_networks_of_the_open_model(
    open_window: Callable[..., Driver], make_model: Callable[..., Path], pictures: Path
) -> None:
    model = make_model(z_dim=12)
    d = open_window(model)
    t = Trainer(d)
    t.fill(pictures, image_size=64, z_dim=77)
    d.trigger("train.fine_tune")
    t.wait_for(lambda: t.panel.form.parent_choice.currentData() == model)
    assert t.panel.form.rows["z_dim"].value() == "12" and not t.panel.form.rows["z_dim"].isEnabled()
    t.press("training.start")
    out = runs_folder() / "faces"
    t.wait_until_over(out)
    info = read_info(RunDirectory(out).checkpoint(6))
    assert info.parent == read_info(model).sha256 and info.config.z_dim == 12


def test_another_projects_model_is_not_offered_for_fine_tuning(
    open_window: Callable[..., Driver], make_model: Callable[..., Path], pictures: Path, tmp_path: Path
) -> None:
    model = make_model(z_dim=12)
    d = open_window(model)
    t = Trainer(d)
    t.fill(pictures)
    t.wait_for(lambda: t.panel.form.parent_choice.count() == 2)
    assert d.window.action_map["train.fine_tune"].isEnabled()
    d.answer_dialog("file.open", "dialog.open", foreign_generator(tmp_path / "netG.pth"))
    assert d.wiring.session.model.name == "netG"
    assert not d.window.action_map["train.fine_tune"].isEnabled()
    assert t.panel.form.parent_choice.count() == 1 and t.panel.form.parent_choice.currentData() is None


@pytest.mark.slow
def test_a_process_of_its_own_survives_the_window_and_is_found_again(
    open_window: Callable[..., Driver], make_model: Callable[..., Path], pictures: Path
) -> None:
    d = open_window(make_model())
    t = Trainer(d)
    out = t.start(pictures, here=False, steps=1_000_000, checkpoint_every=1000)
    t.wait_until_it_learns(out)
    pid = RunDirectory(out).read_status()["pid"]
    assert pid != os.getpid()
    if hasattr(os, "getpriority"):
        assert os.getpriority(os.PRIO_PROCESS, pid) > os.getpriority(os.PRIO_PROCESS, 0)
    assert not d.window.close()
    t.answer("close.go_on")
    t.wait_for(lambda: not d.window.isVisible())
    step = RunDirectory(out).read_status()["step"]
    t.wait_for(lambda: RunDirectory(out).read_status()["step"] > step)
    d.close()

    again = open_window()
    t = Trainer(again)
    t.wait_for(lambda: t.entry(out) is not None and t.entry(out).alive)
    label = again.window.findChild(QToolButton, "status.training")
    t.wait_for(lambda: label.text().startswith("training faces · ") and "left" in label.text())
    assert not again.window.close()  # started from a window: nothing is left running unnoticed
    t.answer("close.stay")
    again.window.show_panel("training")
    t.flow.run_view.view(out)
    again.trigger("train.stop")
    t.wait_for(lambda: t.state(out) == "done")
    t.wait_for(lambda: again.message().startswith("faces is saved and stopped at step"))


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_kill_9_of_the_trainer_is_one_sentence_and_resumed(
    open_window: Callable[..., Driver], make_model: Callable[..., Path], pictures: Path
) -> None:
    d = open_window(make_model())
    t = Trainer(d)
    out = t.start(pictures, here=False, steps=1_000_000, checkpoint_every=1_000_000)
    t.wait_until_it_learns(out)
    os.kill(RunDirectory(out).read_status()["pid"], signal.SIGKILL)
    t.wait_until_over(out)
    t.wait_for(lambda: t.entry(out).word == "interrupted")
    assert d.message().startswith("faces: ") and "esume" in d.message()
    states = RunDirectory(out).states()
    d.trigger("train.pause")  # says Resume
    t.wait_for(lambda: t.entry(out).state == "running")
    t.wait_for(lambda: RunDirectory(out).read_status()["step"] > int(states[-1].stem.removeprefix("step-")))
    lost = t.panel.findChild(QLabel, "training.run.message")
    t.wait_for(lambda: lost.isVisible() and lost.text().startswith("Continued from step "))
    assert "made since then were lost." in lost.text()
    assert "Continued from step" in (out / "log.txt").read_text()
    d.trigger("train.stop")
    t.wait_until_over(out)
    assert t.state(out) == "done"


@pytest.mark.slow
def test_kill_9_of_the_window_leaves_the_run_alone(
    open_window: Callable[..., Driver], make_model: Callable[..., Path], pictures: Path, tmp_path: Path
) -> None:
    script = tmp_path / "window.py"
    script.write_text(
        "import sys\nfrom pathlib import Path\n"
        "from latent_debugger.application import build\n"
        "app, window = build([sys.argv[1]])\n"
        "from gan.config import ModelConfig, TrainConfig\n"
        "from latent_debugger.state.training_plan import RunPlan\n"
        "model = ModelConfig(image_size=32, z_dim=12, width=4)\n"
        "train = TrainConfig(steps=10**6, batch=4, threads=1, checkpoint_every=1000)\n"
        "plan = RunPlan(Path(sys.argv[2]), Path(sys.argv[3]), model, train)\n"
        "window.property('wiring').training._start(plan)\n"
        "app.exec()\n"
    )
    out = runs_folder() / "orphan"
    command = [sys.executable, str(script), str(make_model()), str(pictures), str(out)]
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    window = subprocess.Popen(command, env=env)
    deadline = time.monotonic() + PATIENCE_MS / 1000
    while not RunDirectory(out).read_status().get("step") and time.monotonic() < deadline:
        time.sleep(0.2)
    window.send_signal(signal.SIGKILL)
    window.wait()
    status = RunDirectory(out).read_status()
    assert status["step"] > 0 and process_lives(status["pid"])

    d = open_window()
    t = Trainer(d)
    t.wait_for(lambda: t.entry(out) is not None and t.entry(out).alive)
    d.window.show_panel("training")
    t.flow.run_view.view(out)
    t.wait_for(lambda: t.entry(out).step > status["step"])
    d.trigger("train.stop")
    t.wait_for(lambda: t.state(out) == "done")
    t.wait_for(lambda: not t.entry(out).alive)


def test_opening_the_panel_builds_no_chart_before_there_is_something_to_draw(
    open_window: Callable[..., Driver], tmp_path: Path
) -> None:
    d = open_window()
    d.window.show_panel("training")
    d.settle()
    assert d.window.training.page == "empty"
    assert d.window.findChild(QFileDialog) is None
    assert d.window.training.run.charts._chart is None
