"""Damaged and hostile run directories, watched from the window: a sentence at most, never an exception."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QApplication, QLineEdit, QToolTip

from gan.training.run_directory import RunDirectory
from latent_debugger.state.runs import RunEntry
from latent_debugger.views.charts.specs import CHARTS

from .conftest import Driver
from .runs import FakeRun
from .test_training import Trainer, pictures

__all__ = ["pictures"]  # a fixture
PATIENCE_MS = 60_000
LOG = [
    '{"step": 1, "time": 1, "wasserstein": 1e308, "critic_loss": -1e308, "images_per_second": 1e308}',
    '{"step": 2, "time": 2, "wasserstein": -1e308, "critic_loss": 1e308, "images_per_second": Infinity}',
    '{"step": -5, "time": NaN, "wasserstein": NaN}',
    '{"step": NaN}', '{"step": 1e400}', '{"step": "x"}', '{"step": true}', "[]", "null", "\x00\x01", "{" * 5000,
    f'{{"step": 3, "time": {"9" * 4000}, "wasserstein": {"9" * 4000}}}',
    '{"step": 4, "time": -1e308, "wasserstein": -1e308, "wasserstein_held_out": 1e308, "images_per_second": NaN}',
    '{"step": 5, "time": 1e308, "wasserstein": 1e308, "wasserstein_held_out": -1e308, "memory_mb": -1e308}',
    '{"step": 9007199254740991, "wasserstein": 1e308, "time": 5e-324}',
]  # fmt: skip
STATUSES = [
    {"state": "running", "step": 10**4000, "steps": -1, "pid": os.getpid(), "message": ["x"], "heartbeat": 1e308},
    {"state": "paused", "step": -3, "pid": -1, "heartbeat": None, "message": "<img src=x>\n" * 20_000},
    {"state": "failed", "step": True, "message": "<b>bold</b> " + "long " * 100_000},
]


@pytest.fixture
def run(tmp_path: Path) -> FakeRun:
    made = FakeRun(tmp_path / "hostile")
    made.checkpoint(3)
    made.write_status("running", 3)
    made.directory.metrics_path.write_text('{"step": 1, "wasserstein": 1.0, "time": 1}\n')
    return made


@pytest.fixture
def watching(open_window: Callable[..., Driver], run: FakeRun) -> Driver:
    """The run is in view in the open panel."""
    d = open_window()
    d.window.resize(1400, 900)
    d.window.show_panel("training")
    d.wiring.training.runs.add(run.path)
    preview = d.window.training.run.preview
    d.qtbot.waitUntil(lambda: d.wiring.training.run_view.path == run.path and preview.step == 3, timeout=PATIENCE_MS)
    return d


def look(d: Driver) -> None:
    d.wiring.training.run_view.look()
    d.wiring.training.runs.look()
    d.settle()
    d.window.grab()


def entry(d: Driver, run: FakeRun) -> RunEntry:
    found = d.wiring.session.runs.find(run.path)
    assert found is not None
    return found


@pytest.mark.parametrize("status", STATUSES, ids=["huge", "markup", "long"])
def test_a_log_and_a_status_of_nonsense(watching: Driver, run: FakeRun, status: dict[str, object]) -> None:
    (run.path / "status.json").write_text(json.dumps(status))
    for lines in (LOG[:4], LOG[:-1], LOG):
        run.directory.metrics_path.write_text("\n".join(lines) + "\n", "utf-8")
        look(watching)
    for spec in CHARTS:
        watching.window.training.run.charts.show_chart(spec.key)
        watching.window.grab()
    assert len(entry(watching, run).message) < 1000 and len(watching.message()) < 1000


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", '{"data": {}}', '{"data": {}, "model": {"z_dim": "x"}}', '{"data": 7}']
)
def test_a_damaged_description_of_a_run(watching: Driver, run: FakeRun, text: str) -> None:
    run.directory.config_path.write_text(text)
    look(watching)
    assert entry(watching, run).word == "not readable" and entry(watching, run).message.endswith(".")


def test_a_run_that_vanishes_while_it_is_watched(watching: Driver, run: FakeRun) -> None:
    shutil.rmtree(run.path)
    look(watching)
    assert entry(watching, run).message.endswith("Start a run there first.")


def test_samples_and_pictures_that_are_none(watching: Driver, run: FakeRun) -> None:
    value = json.loads(run.directory.config_path.read_text())
    contents = (b"", b"hello", run.directory.sample(3).read_bytes()[:200])
    for step, (content, data) in enumerate(zip(contents, ("a\0b", 7, "x" * 5000), strict=True), start=9):
        run.directory.sample(step).write_bytes(content)
        value["data"]["path"], value["run"] = data, str(step)
        run.directory.config_path.write_text(json.dumps(value))
        look(watching)
    assert watching.window.training.run.preview.step == 3


@pytest.mark.skipif(os.name != "posix", reason="named pipes")
def test_pipes_in_place_of_files_are_not_waited_for(watching: Driver, run: FakeRun) -> None:
    for path in (run.directory.metrics_path, run.path / "status.json", run.directory.sample(5)):
        path.unlink(missing_ok=True)
        os.mkfifo(path)
    look(watching)
    assert entry(watching, run).word == "not begun"


def test_a_tooltip_over_a_preview_without_pictures(
    open_window: Callable[..., Driver], monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr(QToolTip, "showText", lambda place, text, widget: told.append(text))
    d = open_window()
    d.window.show_panel("training")
    d.window.training.build()
    preview = d.window.training.run.preview
    preview.set_samples(5, np.zeros((1, 8, 8, 3), np.uint8))
    place = preview.tile_rect(0).center()
    event = QHelpEvent(QHelpEvent.Type.ToolTip, place, preview.mapToGlobal(place))
    QApplication.sendEvent(preview, event)
    preview.clear()
    QApplication.sendEvent(preview, event)
    assert len(told) == 2 and told[0].startswith("Sample 1 at step 5") and told[1] == ""


@pytest.mark.parametrize("here", [True, pytest.param(False, marks=pytest.mark.slow)])
def test_a_place_that_cannot_be_written_is_one_sentence(
    open_window: Callable[..., Driver], pictures: Path, tmp_path: Path, here: bool
) -> None:
    d = open_window()
    t = Trainer(d)
    (tmp_path / "file").write_text("in the way")
    t.fill(pictures, here=here)
    out = tmp_path / "file" / "run"
    t.line("training.out", str(out))
    assert t.panel.findChild(QLineEdit, "training.out").text() == str(out)
    t.press("training.start")
    t.wait_until_over(out)
    assert "Not a directory" in d.message() and "\n" not in d.message()
    assert t.panel.page == "form"


@pytest.mark.parametrize("here", [True, pytest.param(False, marks=pytest.mark.slow)])
def test_stopping_a_run_that_has_not_begun(
    open_window: Callable[..., Driver], make_model: Callable[..., Path], pictures: Path, here: bool
) -> None:
    d = open_window(make_model())
    t = Trainer(d)
    out = t.start(pictures, here=here, steps=1_000_000, checkpoint_every=1_000_000)
    t.flow.service.tell(out, "stop")
    t.wait_until_over(out)
    assert not RunDirectory(out).is_alive() and "stopped" in d.message()


def test_closing_the_window_while_a_run_starts(open_window: Callable[..., Driver], pictures: Path) -> None:
    d = open_window()
    t = Trainer(d)
    out = t.start(pictures, steps=1_000_000, checkpoint_every=1_000_000)
    assert not d.window.close()
    t.answer("close.stop")
    t.wait_for(lambda: not d.window.isVisible())
    assert not RunDirectory(out).is_alive()


def test_the_folder_of_a_run_that_goes_on_is_deleted(open_window: Callable[..., Driver], pictures: Path) -> None:
    d = open_window()
    t = Trainer(d)
    out = t.start(pictures, steps=1_000_000, checkpoint_every=1_000_000)
    t.wait_until_it_learns(out)
    gone = out.rename(out.with_name("gone"))
    t.wait_until_over(out)
    assert d.message().startswith("faces: The run's folder") and "\n" not in d.message()
    assert RunDirectory(gone).states() and not out.exists()


def test_a_run_is_paused_held_against_others_closed_and_its_pictures_move(
    open_window: Callable[..., Driver], pictures: Path
) -> None:
    d = open_window()
    t = Trainer(d)
    out = t.start(pictures, steps=1_000_000, checkpoint_every=1_000_000)
    t.wait_until_it_learns(out)
    d.trigger("train.pause")
    t.wait_for(lambda: t.entry(out).state == "paused")
    command = [sys.executable, "-m", "gan", "train", "--out", str(out), "--resume"]
    answer = subprocess.run(command, capture_output=True, text=True, cwd=Path(__file__).parents[2])
    assert answer.returncode == 2 and answer.stderr.count("\n") == 1 and "right now" in answer.stderr
    assert t.state(out) == "paused"
    assert not d.window.close()
    t.answer("close.stop")
    t.wait_for(lambda: not d.window.isVisible())
    assert t.state(out) == "done"
    d.close()

    pictures.rename(pictures.with_name("moved"))
    again = open_window()
    t = Trainer(again)
    t.flow.service.resume(out, own_process=False)
    t.wait_until_over(out)
    assert again.message().startswith("faces: ") and "does not exist" in again.message()
    assert RunDirectory(out).states()
