"""Somebody wants to know which dimensions matter, and sees pictures before going there."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PySide6.QtCore import QCoreApplication, QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QAction, QCursor, QEnterEvent, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from gan.checkpoints import CheckpointInfo, load_checkpoint, save_checkpoint
from gan.exporters.onnx import export_onnx
from gan.instruments.sensitivity import JacobianProbe
from gan.instruments.subject import open_subject
from gan.latent.draws import draw
from latent_debugger.state.arrangement import ArrangementSettings
from latent_debugger.state.sensitivity import Figures
from latent_debugger.views.latent_row import LatentRow
from latent_debugger.wiring.sensitivity import SensitivityFlow

from .conftest import Driver
from .test_adapters import LABELS, code, open_with, pick, weights  # noqa: F401
from .test_imported import write


def flow(d: Driver) -> SensitivityFlow:
    return d.wiring.instruments.sensitivity


def switch_on(d: Driver) -> Figures:
    d.trigger("sensitivity.show")
    return measured(d)


def measured(d: Driver) -> Figures:
    """Wait for the figures of the latent of now, and of its dead dimensions."""
    d.qtbot.waitUntil(lambda: flow(d).figures is not None)
    d.settle()
    found = flow(d).figures
    assert found is not None
    return found


def reference(path: Path, z: np.ndarray) -> np.ndarray:
    subject = open_subject(path)
    return JacobianProbe(subject.generator, subject.dim).sensitivity(z).norms


def row(d: Driver, dim: int) -> LatentRow:
    return d.window.latents.list.rows[dim]


def point_at(d: Driver, dim: int) -> None:
    """As Qt tells of a pointer that comes in."""
    place = QPointF(100, 10)
    QCoreApplication.sendEvent(row(d, dim), QEnterEvent(place, place, place))


def leave(d: Driver, dim: int) -> None:
    QCoreApplication.sendEvent(row(d, dim), QEvent(QEvent.Type.Leave))


def shown(d: Driver) -> list[int]:
    return [row.dim for row in sorted(d.window.latents.list.rows, key=lambda row: row.y()) if not row.isHidden()]


@pytest.fixture
def endless(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Measuring takes for ever, unless it is ended; how often it was begun and ended."""
    counts = [0, 0]

    def sensitivity(self: JacobianProbe, z: np.ndarray, tell: Any = None, **options: Any) -> None:
        counts[0] += 1
        deadline = time.monotonic() + 20
        try:
            while time.monotonic() < deadline:
                options["found"](0.1, np.full(self.dim, np.nan, np.float32))
                time.sleep(0.005)
        finally:
            counts[1] += 1

    monkeypatch.setattr(JacobianProbe, "sensitivity", sensitivity)
    return counts


def test_it_costs_nothing_until_it_is_switched_on(open_window, make_model, monkeypatch):
    monkeypatch.setattr(JacobianProbe, "__init__", lambda *_: pytest.fail("something was measured"))
    d = open_window(make_model())
    d.trigger("latent.random")
    d.qtbot.wait(300)
    d.settle()
    assert flow(d).figures is None and not d.window.latents.list.words(row(d, 0))


def test_figures_follow_the_latent(open_window, make_model):
    path = make_model()
    d = open_window(path)
    d.trigger("latent.random")
    found = switch_on(d)
    np.testing.assert_allclose(found.norms, reference(path, d.z), rtol=1e-4)
    assert "of the strongest" in d.window.latents.list.words(row(d, 3))
    d.trigger("latent.random")
    assert flow(d).figures is None, "these are of the latent before"
    np.testing.assert_allclose(measured(d).norms, reference(path, d.z), rtol=1e-4)
    d.trigger("sensitivity.show")
    assert flow(d).figures is None and not d.window.latents.list.words(row(d, 3))


def test_nothing_is_measured_while_a_slider_is_held(open_window, make_model):
    d = open_window(make_model())
    switch_on(d)
    slider = d.sliders()[0]
    slider.setSliderDown(True)
    slider.setValue(1500)
    d.qtbot.wait(400)
    d.settle()
    assert flow(d).figures is None
    slider.setSliderDown(False)
    measured(d)


def test_sorting_by_it_switches_it_on_and_rows_hold_still_under_the_keyboard(open_window, make_model):
    d = open_window(make_model())
    d.trigger("latent.random")
    action = next(a for a in d.window.latents.arrange.choices() if a.text() == "Sort by sensitivity")
    action.trigger()
    found = measured(d)
    assert d.window.action_map["sensitivity.show"].isChecked()
    assert shown(d) == np.argsort(-found.norms, kind="stable").tolist()
    before = shown(d)
    row(d, before[0]).take_focus()
    QTest.keyClick(row(d, before[0]).slider, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    d.wiring.editor.go_to(draw(1, 12, 99)[0], d.wiring.session.latent.origin, "elsewhere")
    found = measured(d)
    assert shown(d) == before, "somebody steps through the rows"
    d.window.canvas.setFocus()
    assert shown(d) == np.argsort(-found.norms, kind="stable").tolist() != before


def test_weak_dimensions_are_folded_away(open_window, make_model):
    d = open_window(make_model(z_dim=20))
    d.trigger("latent.random")
    d.window.latents.arrange.choices()
    action = next(a for a in d.window.latents.arrange.choices() if a.text() == "Fold all but the strongest 16")
    action.trigger()
    found = measured(d)
    assert sorted(shown(d)) == sorted(np.argsort(-found.norms)[:16].tolist())
    d.wiring.session.arrangement.set_folded("weak", False)
    assert len(shown(d)) == 20
    d.trigger("sensitivity.show")
    assert shown(d) == list(range(20)), "without figures nothing is weak"


def test_where_a_dimension_acts_is_laid_over_the_picture(open_window, make_model):
    d = open_window(make_model())
    d.trigger("latent.random")
    switch_on(d)
    heat = d.window.canvas.heat
    point_at(d, 5)
    d.qtbot.waitUntil(lambda: heat.text.startswith("z 5 "))
    assert heat.shown and "of the strongest" in heat.text
    leave(d, 5)
    d.qtbot.waitUntil(lambda: not heat.shown)
    point_at(d, 6)
    d.qtbot.waitUntil(lambda: heat.text.startswith("z 6 "))
    d.trigger("latent.random")
    assert not heat.shown, "another picture"
    measured(d)
    d.qtbot.waitUntil(lambda: heat.text.startswith("z 6 ")), "the pointer is still there"
    QTest.keyClick(row(d, 6).slider, Qt.Key.Key_Right)
    measured(d)
    d.qtbot.wait(150)
    assert not heat.shown, "whoever moves a slider wants to see the picture"
    leave(d, 6)
    point_at(d, 6)
    d.qtbot.waitUntil(lambda: heat.text.startswith("z 6 "))
    d.trigger("sensitivity.heat_map")
    assert not heat.shown
    d.trigger("sensitivity.heat_map")
    leave(d, 6)
    row(d, 2).take_focus()
    d.qtbot.waitUntil(lambda: heat.text.startswith("z 2 "))


def test_dead_dimensions_are_found(open_window, make_model):
    path = make_model()
    found = load_checkpoint(path)
    with torch.no_grad():
        found.generator.project.weight[:, [3, 8]] = 0
    save_checkpoint(path, found.generator, CheckpointInfo(path, "dcgan", found.info.config, step=7, run="run-a"))
    d = open_window(path)
    switch_on(d)
    d.qtbot.waitUntil(lambda: bool(flow(d).figures.dead.any()))
    assert np.flatnonzero(flow(d).figures.dead).tolist() == [3, 8]
    assert d.window.latents.list.words(row(d, 3)) == "z 3 changes no picture"
    point_at(d, 3)
    d.qtbot.wait(150)
    assert not d.window.canvas.heat.shown
    d.trigger("latent.random")
    assert np.flatnonzero(measured(d).dead).tolist() == [3, 8]


def test_another_checkpoint_is_measured_and_pale_bars_stay_until_then(open_window, make_model):
    d = open_window(make_model())
    switch_on(d)
    other = make_model("other.safetensors", seed=1)
    d.wiring.models.open(other)
    assert d.wiring.services.models.wait_idle(20)
    QCoreApplication.processEvents()
    assert flow(d).figures is None and "of the strongest" in d.window.latents.list.words(row(d, 0))
    np.testing.assert_allclose(measured(d).norms, reference(other, d.z), rtol=1e-4)
    d.wiring.models.open(make_model("third.safetensors", z_dim=5, seed=2, run="run-c"))
    d.qtbot.waitUntil(lambda: d.wiring.session.latent.dim == 5)
    assert flow(d).figures is None and not d.window.latents.list.words(row(d, 0))
    assert len(measured(d).norms) == 5


@pytest.mark.parametrize("options", [{"z_dim": 1}, {"channels": 1}, {"z_dim": 130}])
def test_small_grey_and_large_models(open_window, make_model, options):
    path = make_model(**options)
    d = open_window(path)
    d.trigger("latent.random")
    np.testing.assert_allclose(switch_on(d).norms, reference(path, d.z), rtol=1e-4)
    point_at(d, 0)
    d.qtbot.waitUntil(lambda: d.window.canvas.heat.shown)


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_models_of_other_projects(open_window, tmp_path, channels):
    d = open_window(write(tmp_path / "netG.pth", channels))
    assert (switch_on(d).norms > 0).all()
    point_at(d, 0)
    d.qtbot.waitUntil(lambda: d.window.canvas.heat.shown)
    assert not d.window.canvas.grab().isNull()


def test_a_model_without_gradients(open_window, make_model, tmp_path):
    pytest.importorskip("onnx")
    pytest.importorskip("onnxruntime")
    native = make_model()
    export_onnx(tmp_path / "g.onnx", load_checkpoint(native))
    d = open_window(tmp_path / "g.onnx")
    d.trigger("latent.random")
    np.testing.assert_allclose(switch_on(d).norms, reference(native, d.z), rtol=0.05)


def test_a_model_with_code_of_ones_own_and_its_classes(open_window, make_model, code, weights):  # noqa: F811
    def true(label: str) -> np.ndarray:
        state = torch.load(weights, weights_only=True)
        paint = state["paint"]
        flat = torch.tanh((torch.from_numpy(d.z.copy()) + state["embedding"][LABELS.index(label)]) @ paint)
        return (paint * (1 - flat.square())).norm(dim=1).numpy()

    d = open_window(make_model())
    open_with(d, code, weights)
    d.trigger("latent.random")
    np.testing.assert_allclose(switch_on(d).norms, true("cat"), rtol=0.01)
    pick(d, "owl")
    np.testing.assert_allclose(measured(d).norms, true("owl"), rtol=0.01)


def test_a_model_that_cannot_be_measured_is_said_once(open_window, make_model, monkeypatch):
    from gan.errors import UserError

    asked = []

    def refuse(*args: Any, **options: Any) -> None:
        asked.append(args)
        raise UserError("It cannot be measured.")

    monkeypatch.setattr(JacobianProbe, "sensitivity", refuse)
    d = open_window(make_model())
    d.trigger("sensitivity.show")
    d.qtbot.waitUntil(lambda: "cannot be measured" in d.message())
    d.trigger("latent.random")
    d.qtbot.wait(300)
    d.settle()
    assert len(asked) == 1 and flow(d).figures is None


def test_a_move_another_model_and_the_switch_end_it(open_window, make_model, endless):
    d = open_window(make_model())
    action = d.window.findChild(QAction, "sensitivity.show")
    action.trigger()
    d.qtbot.waitUntil(lambda: endless[0] == 1)
    d.wiring.editor.random(1)
    d.qtbot.waitUntil(lambda: endless == [2, 1])
    d.wiring.models.open(make_model("other.safetensors", z_dim=7, seed=1, run="run-b"))
    d.qtbot.waitUntil(lambda: endless == [3, 2])
    action.trigger()
    d.qtbot.waitUntil(lambda: endless == [3, 3])
    action.trigger()
    d.qtbot.waitUntil(lambda: endless == [4, 3])
    d.window.docks["latents"].close()
    d.qtbot.waitUntil(lambda: endless == [4, 4])
    d.settle()
    d.wiring.editor.random(2)
    d.qtbot.wait(300)
    assert endless == [4, 4], "nobody can see it"


def test_the_window_closes_while_it_works(open_window, make_model, endless):
    d = open_window(make_model())
    d.window.findChild(QAction, "sensitivity.show").trigger()
    d.qtbot.waitUntil(lambda: endless[0] == 1)
    d.close()
    assert endless == [1, 1]


def test_it_is_remembered(open_window, make_model):
    path = make_model()
    d = open_window(path)
    switch_on(d)
    d.trigger("sensitivity.heat_map")
    d.trigger("view.previews")
    d.wiring.session.arrangement.set_weak("25%")
    d.wiring.session.arrangement.set_sort("sensitivity")
    d.close()
    d = open_window(path)
    actions = d.window.action_map
    assert [actions[name].isChecked() for name in ("sensitivity.show", "sensitivity.heat_map", "view.previews")] == [
        True,
        False,
        False,
    ]
    assert d.wiring.session.arrangement.settings == ArrangementSettings(sort="sensitivity", weak="25%")
    measured(d)


# previews


@pytest.fixture(autouse=True)
def pointer_at_home() -> Iterator[None]:
    yield
    QCursor.setPos(0, 0)


def hover(d: Driver, dim: int) -> None:
    """Let the pointer come in and rest on a slider."""
    slider = row(d, dim).slider
    QCursor.setPos(0, 0)
    QApplication.processEvents()
    leave(d, dim)
    QCursor.setPos(slider.mapToGlobal(slider.rect().center()))
    point_at(d, dim)


def test_a_rest_on_a_slider_shows_pictures_over_its_range(open_window, make_model):
    d = open_window(make_model())
    d.trigger("latent.random")
    strip = d.wiring.instruments.previews.strip
    hover(d, 4)
    d.qtbot.waitUntil(strip.isVisible)
    d.qtbot.waitUntil(lambda: strip.pending() == 0)
    assert strip.dim == 4 and strip.values[0] == -3 and strip.values[-1] == 3 and len(strip.values) == 9
    assert QApplication.focusWidget() is not strip
    before, steps = d.z.copy(), d.wiring.session.undo.count()
    QTest.mouseClick(strip, Qt.MouseButton.LeftButton, pos=strip.tile_rect(6).center())
    d.settle()
    assert d.z[4] == 1.5 and d.wiring.session.undo.count() == steps + 1
    assert strip.isVisible() and strip.mark_x() == strip.tile_rect(6).center().x() + 0.5
    d.trigger("edit.undo")
    assert np.array_equal(d.z, before)
    QTest.keyClick(d.window, Qt.Key.Key_Escape)
    assert not strip.isVisible()


def test_pictures_are_those_of_the_renderer_and_leave_with_the_pointer(open_window, make_model):
    d = open_window(make_model())
    d.trigger("latent.random")
    strip = d.wiring.instruments.previews.strip
    hover(d, 0)
    d.qtbot.waitUntil(lambda: strip.isVisible() and strip.pending() == 0)
    seen = [strip.picture(i) for i in range(9)]
    latents = np.repeat(d.z[None], 9, axis=0)
    latents[:, 0] = strip.values
    for image, z in zip(seen, latents, strict=True):
        d.wiring.editor.go_to(z, d.wiring.session.latent.origin, "there")
        d.settle()
        assert image == d.window.canvas.picture
    QCursor.setPos(0, 0)
    leave(d, 0)
    d.qtbot.waitUntil(lambda: not strip.isVisible())


def test_previews_stay_away_from_a_hand_that_works(open_window, make_model):
    d = open_window(make_model())
    strip = d.wiring.instruments.previews.strip
    slider = d.sliders()[2]
    slider.setSliderDown(True)
    hover(d, 2)
    d.qtbot.wait(600)
    assert not strip.isVisible()
    slider.setSliderDown(False)
    leave(d, 2)
    d.trigger("view.previews")
    hover(d, 2)
    d.qtbot.wait(600)
    assert not strip.isVisible()
    d.trigger("view.previews")
    leave(d, 2)
    hover(d, 2)
    d.qtbot.waitUntil(strip.isVisible)
    QTest.mousePress(slider, Qt.MouseButton.LeftButton, pos=QPoint(30, 12))
    assert not strip.isVisible()
    QTest.mouseRelease(slider, Qt.MouseButton.LeftButton, pos=QPoint(30, 12))


def test_the_key_shows_the_dimension_in_focus(open_window, make_model):
    d = open_window(make_model())
    strip = d.wiring.instruments.previews.strip
    d.window.canvas.setFocus()
    d.trigger("latent.preview")
    assert not strip.isVisible() and "Click a dimension" in d.message()
    row(d, 3).take_focus()
    d.trigger("latent.preview")
    assert strip.isVisible() and strip.dim == 3
    QTest.keyClick(row(d, 3).slider, Qt.Key.Key_Right)
    assert strip.isVisible() and strip.mark_x() > strip.tile_rect(4).center().x() + 0.5, "its own value is marked"
    d.trigger("latent.random")
    assert not strip.isVisible(), "its pictures are others now"
    d.trigger("latent.preview")
    row(d, 4).take_focus()
    assert not strip.isVisible()
    d.trigger("latent.preview")
    d.wiring.models.open(make_model("other.safetensors", z_dim=5, seed=1, run="run-b"))
    d.settle()
    assert not strip.isVisible()


def test_rows_that_come_to_lie_below_a_resting_pointer_show_nothing(open_window, make_model):
    QCursor.setPos(100, 200)
    d = open_window(make_model())
    strip = d.wiring.instruments.previews.strip
    for dim in range(3):
        point_at(d, dim)
        d.qtbot.wait(450)
        assert not strip.isVisible()


def test_a_locked_dimension_is_shown_but_not_moved(open_window, make_model):
    d = open_window(make_model())
    d.wiring.editor.toggle_lock(1)
    row(d, 1).take_focus()
    d.trigger("latent.preview")
    strip, before = d.wiring.instruments.previews.strip, d.z.copy()
    QTest.mouseClick(strip, Qt.MouseButton.LeftButton, pos=strip.tile_rect(6).center())
    assert strip.isVisible() and np.array_equal(d.z, before)


def move_over(view: Any, tile: int) -> None:
    place = QPointF(view.visualRect(view.model().index(tile, 0)).center())
    buttons = Qt.MouseButton.NoButton
    event = QMouseEvent(
        QEvent.Type.MouseMove, place, view.viewport().mapToGlobal(place), buttons, buttons, Qt.KeyboardModifier(0)
    )
    QCoreApplication.sendEvent(view.viewport(), event)


@pytest.mark.parametrize("name", ["neighbourList", "bookmarkList"])
def test_a_rest_on_a_star_or_a_neighbour_shows_it_large(
    open_window: Callable[..., Driver], make_model: Callable[..., Path], name: str
) -> None:
    d = open_window(make_model())
    d.trigger("latent.random")
    d.trigger("bookmark.add")
    d.trigger("neighbours.sample")
    view, large = d.list_view(name), d.wiring.instruments.previews.large
    move_over(view, 0)
    d.qtbot.waitUntil(large.isVisible)
    d.settle()
    assert large.image.width() == 32
    if name == "bookmarkList":
        assert large.image == d.window.canvas.picture
    QCoreApplication.sendEvent(view.viewport(), QEvent(QEvent.Type.Leave))
    assert not large.isVisible()
    move_over(view, 0)
    d.qtbot.waitUntil(large.isVisible)
    QTest.keyClick(d.window, Qt.Key.Key_Escape)
    assert not large.isVisible()


def test_the_window_closes_below_its_previews(open_window, make_model):
    d = open_window(make_model())
    row(d, 0).take_focus()
    d.trigger("latent.preview")
    assert d.wiring.instruments.previews.strip.isVisible()
    d.close()
