"""Two windows on one run: both watch it, both may steer it, and neither is in the other's way."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtGui import QAction

from gan.config import ModelConfig, TrainConfig
from gan.training import runner
from latent_debugger.state.paths import timeline_path
from latent_debugger.state.timeline import TimelineSettings

from .conftest import Driver
from .runs import FakeRun

Open = Callable[..., Driver]
PATIENCE_MS = 60_000


def wait(d: Driver, condition: Callable[[], bool]) -> None:
    d.qtbot.waitUntil(condition, timeout=PATIENCE_MS)


def view(d: Driver, run: Path) -> None:
    """Show the run in the Training panel."""
    d.wiring.training.runs.add(run)
    d.window.show_panel("training")
    wait(d, lambda: d.wiring.training.run_view.path == run)
    wait(d, lambda: d.wiring.session.runs.find(run) is not None)


def test_both_follow_and_each_keeps_its_latent(open_window: Open, tmp_path: Path) -> None:
    run = FakeRun(tmp_path / "people")
    run.checkpoint(0)
    run.write_status("running", 0)
    one, two = open_window(run.path), open_window(run.path)
    for d in (one, two):
        wait(d, d.window.action_map["train.follow"].isChecked)
    one.trigger("latent.random")
    assert not np.array_equal(one.z, two.z)
    run.checkpoint(500)
    for d in (one, two):
        wait(d, lambda: d.wiring.session.model.step == 500)  # noqa: B023
        d.settle()
        assert np.array_equal(d.picture(), run.picture(500, d.z))
    one.window.show_panel("timeline")
    wait(one, lambda: len(one.window.timeline.film.steps) == 2)
    one.trigger("timeline.earlier")
    run.checkpoint(1000)
    wait(two, lambda: two.wiring.session.model.step == 1000)
    one.settle()
    assert one.wiring.session.model.step == 0, "going back in one window is nothing to the other"
    assert two.window.action_map["train.follow"].isChecked()
    one.close()
    run.checkpoint(1500)
    wait(two, lambda: two.wiring.session.model.step == 1500)
    assert isinstance(TimelineSettings.load(timeline_path()), TimelineSettings)


@pytest.fixture
def stopped(tmp_path: Path) -> Path:
    """A real run that can be resumed."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    np.save(folder / "images.npy", np.random.RandomState(0).randint(0, 256, (20, 32, 32, 3), np.uint8))
    model = ModelConfig(image_size=32, z_dim=8, width=4, norm="layer")
    train = TrainConfig(steps=10**6, batch=4, checkpoint_every=10**6, previews=4, threads=1, precision="fp32")
    made = runner.start(folder, tmp_path / "run", model, train)
    made.run(lambda report: None, lambda: made.trainer.step >= 2)
    return tmp_path / "run"


def test_one_trains_and_the_other_steers(open_window: Open, stopped: Path) -> None:
    one, two = open_window(stopped), open_window(stopped)
    for d in (one, two):
        view(d, stopped)
    one.wiring.training.service.resume(stopped, own_process=False)
    other = two.wiring.session.runs
    wait(two, lambda: (entry := other.find(stopped)) is not None and entry.state == "running" and entry.step > 2)
    pause = two.window.findChild(QAction, "train.pause")
    wait(two, lambda: pause.isEnabled() and pause.text() == "&Pause")
    pause.trigger()
    wait(one, lambda: one.wiring.session.runs.find(stopped).state == "paused")
    assert two.window.close(), "it is not trained by this window, so nothing is asked"
    one.window.action_map["train.pause"].trigger()  # Resume
    wait(one, lambda: one.wiring.session.runs.find(stopped).state == "running")
    one.window.action_map["train.stop"].trigger()
    wait(one, lambda: not one.wiring.training.service.hosted())
    one.settle()
    assert one.wiring.session.runs.find(stopped).word == "stopped"
