"""Directions as sliders: found, learnt, moved along, locked, saved and remembered, in the real window."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent, QImage
from PySide6.QtWidgets import QFileDialog, QPushButton, QSlider, QWidget

from gan.files import write_atomic
from gan.images import Bytes
from gan.latent.directions import Direction, save_directions, unit
from gan.latent.draws import draw
from gan.rendering import open_renderer
from latent_debugger.services.direction_files import remembered_at
from latent_debugger.state.directions import KnownDirection
from latent_debugger.views.direction_strip import COUNT

from .conftest import Driver

Open = Callable[..., Driver]
Make = Callable[..., Path]


def show(d: Driver) -> None:
    d.window.show_panel("directions")
    d.qtbot.waitUntil(d.window.directions.isVisible)
    d.settle()


def find(d: Driver, method: str = "sefa", count: int = 4) -> tuple[KnownDirection, ...]:
    d.wiring.session.directions.set(method=method, count=count)
    d.trigger("direction.find")
    assert d.window.messages.kind() != "error" or not d.message(), d.message()
    return directions(d)


def directions(d: Driver) -> tuple[KnownDirection, ...]:
    return d.wiring.session.directions.all


def places(d: Driver) -> np.ndarray:
    return d.wiring.session.directions.places(d.z)


def sliders(d: Driver) -> list[QSlider]:
    panel = d.find(QWidget, "directionPanel")
    assert isinstance(panel, QWidget)
    return panel.findChildren(QSlider)


def button(d: Driver, name: str) -> QPushButton:
    found = d.find(QPushButton, name)
    assert isinstance(found, QPushButton)
    return found


def pixels(image: QImage) -> Bytes:
    rgb = image.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(rgb.constBits(), np.uint8).reshape(rgb.height(), rgb.bytesPerLine())
    return rows[:, : rgb.width() * 3].reshape(rgb.height(), rgb.width(), 3).copy()


def wait_for_strip(d: Driver) -> None:
    strip = d.window.directions.strip

    def complete() -> bool:
        d.settle()
        return len(strip.pictures()) == COUNT and not any(picture.isNull() for picture in strip.pictures())

    d.qtbot.waitUntil(complete)


def test_finding_moving_and_undoing(open_window: Open, make_model: Make) -> None:
    d = open_window(make_model())
    d.trigger("latent.random")
    show(d)
    button(d, "direction.findButton").click()
    d.settle()
    assert [s.accessibleName() for s in sliders(d)] == [f"SeFa {k + 1}" for k in range(10)]
    assert len(d.sliders()) == 12, "the latent panel has its own"
    before, steps = d.z, d.wiring.session.undo.count()
    slider = sliders(d)[0]
    slider.setSliderDown(True)
    for position in (200, 900, 1500):
        slider.setSliderPosition(position)
    slider.setSliderDown(False)
    d.settle()
    np.testing.assert_allclose(places(d)[0], 1.5, atol=1e-5)
    np.testing.assert_allclose(d.z - before, (d.z - before) @ directions(d)[0].direction.vector
                               * directions(d)[0].direction.vector, atol=1e-5)  # fmt: skip
    assert d.wiring.session.undo.count() == steps + 1
    d.trigger("edit.undo")
    assert d.z.tobytes() == before.tobytes()
    np.testing.assert_allclose(slider.value() / 1000, np.clip(places(d)[0], -3, 3), atol=1e-3)
    d.trigger("edit.undo")
    assert directions(d) == ()


def test_raw_sliders_and_draws_move_the_direction_sliders(open_window: Open, make_model: Make) -> None:
    d = open_window(make_model())
    show(d)
    find(d)
    d.trigger("latent.random")
    shown = [slider.value() / 1000 for slider in sliders(d)]
    np.testing.assert_allclose(shown, np.clip(places(d), -3, 3), atol=1e-3)


def test_what_is_locked_stays(open_window: Open, make_model: Make) -> None:
    d = open_window(make_model())
    d.trigger("latent.random")
    show(d)
    one, *_ = find(d)
    rows = d.window.directions.list.rows
    rows[0].lock.click()
    d.settle()
    assert not sliders(d)[0].isEnabled()
    held = places(d)[0]
    for action in ("latent.random", "latent.zero", "latent.random"):
        d.trigger(action)
        np.testing.assert_allclose(places(d)[0], held, atol=1e-5)
    d.trigger("neighbours.sample")
    request = d.wiring.neighbours._request
    assert request is not None
    np.testing.assert_allclose(request.latents @ one.direction.vector, held, atol=1e-5)
    d.wiring.editor.lock_all(True)
    z = d.z
    rows[1].edited.emit(1, 2.0, None)
    d.settle()
    assert d.z.tobytes() == z.tobytes() and "lies within what is locked" in d.message()
    np.testing.assert_allclose(sliders(d)[1].value() / 1000, np.clip(places(d)[1], -3, 3), atol=1e-3)
    d.wiring.editor.lock_all(False)
    rows[1].lock.click()
    d.settle()
    assert len(d.wiring.session.latent.held) == 2
    d.trigger("latent.unlock_all")
    assert len(d.wiring.session.latent.held) == 0


def test_the_strip_shows_the_pictures_it_goes_to(open_window: Open, make_model: Make) -> None:
    model = make_model()
    d = open_window(model)
    d.trigger("latent.random")
    show(d)
    find(d)
    wait_for_strip(d)
    strip = d.window.directions.strip
    assert strip.places == (-3, -2, -1, 0, 1, 2, 3)
    strip.chosen.emit(5)
    d.settle()
    np.testing.assert_allclose(places(d)[0], 2.0, atol=1e-5)
    assert np.abs(pixels(strip.pictures()[5]).astype(int) - d.picture().astype(int)).max() <= 1
    forwards = d.wiring.services.render.forwards
    d.window.directions.moved.emit(directions(d)[0].id, 0.5, None)
    d.qtbot.wait(300)
    d.settle()
    assert d.wiring.services.render.forwards == forwards + 1, "only the canvas: the strip is the same"


def test_a_panel_that_is_closed_or_behind_a_tab_costs_nothing(open_window: Open, make_model: Make) -> None:
    d = open_window(make_model())
    show(d)
    find(d)
    wait_for_strip(d)
    d.window.docks["directions"].close()
    d.settle()
    shut = d.wiring.services.render.forwards
    d.wiring.editor.set_value(0, 1.5)
    d.qtbot.wait(300)
    d.settle()
    assert d.wiring.services.render.forwards == shut + 1
    show(d)
    wait_for_strip(d)
    d.window.show_panel("paths")
    d.settle()
    forwards = d.wiring.services.render.forwards
    d.wiring.editor.set_value(0, 1.25)
    d.qtbot.wait(300)
    d.settle()
    assert d.wiring.services.render.forwards == forwards + 1
    show(d)
    np.testing.assert_allclose(sliders(d)[0].value() / 1000, np.clip(places(d)[0], -3, 3), atol=1e-3)


def test_learning_from_tagged_stars(open_window: Open, make_model: Make) -> None:
    d = open_window(make_model())
    show(d)
    truth = 3
    for seed in range(16):
        d.wiring.editor.random(seed)
        d.settle()
        d.trigger("bookmark.add")
    d.window.directions.finder.attribute.setEditText("glasses")
    stars = d.stars()
    for sign, name in ((1, "direction.plusButton"), (-1, "direction.minusButton")):
        d.window.bookmarks.reveal(tuple(s.id for s in stars if sign * s.latent[truth] > 0))
        d.settle()
        button(d, name).click()
        d.settle()
    tags = {tag for star in d.stars() for tag in star.tags}
    assert tags == {"glasses+", "glasses-"}
    button(d, "direction.learnButton").click()
    d.settle()
    (learnt,) = directions(d)
    assert learnt.direction.name == "glasses" and learnt.direction.labels == 16
    assert np.abs(learnt.direction.vector).argmax() == truth and learnt.direction.vector[truth] > 0
    assert "Only 16 labels" in d.window.directions.details.warning.text()
    for _ in range(3):
        d.trigger("edit.undo")
    assert directions(d) == () and not any(star.tags for star in d.stars())


def test_stars_of_another_model_are_no_labels(open_window: Open, make_model: Make) -> None:
    d = open_window(make_model())
    for _ in range(2):
        d.trigger("latent.random")
        d.trigger("bookmark.add")
    d.wiring.session.directions.set(attribute="hat")
    d.window.bookmarks.reveal(tuple(star.id for star in d.stars()))
    d.settle()
    d.trigger("direction.tag_plus")
    d.wiring.models.open(make_model("other.safetensors", seed=3, run="run-b"))
    d.settle()
    show(d)
    assert "2 stars of other models are left out" in d.window.directions.finder.told.text()
    d.trigger("direction.learn")
    assert "No star of this model is tagged + for “hat”" in d.message()


def test_names_keeping_removing_and_orthogonalising(open_window: Open, make_model: Make) -> None:
    d = open_window(make_model())
    show(d)
    d.qtbot.waitExposed(d.window)
    one, two, *_ = find(d)
    panel = d.window.directions
    panel.set_current(two.id)
    d.trigger("direction.orthogonalise")
    assert "No direction is locked" in d.message()
    panel.lock_toggled.emit(one.id)
    d.trigger("direction.orthogonalise")
    assert abs(directions(d)[1].direction.vector @ one.direction.vector) < 1e-6
    d.trigger("direction.rename")
    field = panel.details.name
    field.selectAll()
    d.qtbot.keyClicks(field, "hair & hat")
    d.qtbot.keyClick(field, Qt.Key.Key_Return)
    d.settle()
    assert directions(d)[1].direction.name == "hair & hat"
    assert sliders(d)[1].accessibleName() == "hair & hat"
    d.trigger("direction.remove")
    assert len(directions(d)) == 3
    d.qtbot.keyClick(panel.list.rows[2].slider, Qt.Key.Key_Delete)
    d.settle()
    assert len(directions(d)) == 2
    d.trigger("edit.undo")
    d.trigger("edit.undo")
    assert len(directions(d)) == 4


def test_files_are_saved_opened_and_dropped(open_window: Open, make_model: Make, tmp_path: Path) -> None:
    d = open_window(make_model())
    show(d)
    found = find(d)
    path = tmp_path / "mine.npz"
    d.answer_dialog("direction.save", "dialog.save_directions", path)
    assert path.exists() and "Saved 4 directions" in d.message()
    d.wiring.instruments.directions.editor.remove([item.id for item in found])
    d.answer_dialog("direction.open", "dialog.open_directions", path)
    assert [item.direction.name for item in directions(d)] == [item.direction.name for item in found]
    d.wiring.open_file(path)
    d.settle()
    assert len(directions(d)) == 8 and len(d.stars()) == 0
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    event = QDropEvent(
        QPointF(50, 50), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    )
    d.window.directions.dropEvent(event)
    d.settle()
    assert len(directions(d)) == 12
    np.savez(tmp_path / "stars.npz", z=draw(2, 12, 0))
    d.wiring.open_file(tmp_path / "stars.npz")
    d.settle()
    assert len(d.stars()) == 2, "other archives are stars, as before"


def test_files_that_do_not_fit_are_refused(open_window: Open, make_model: Make, tmp_path: Path) -> None:
    d = open_window(make_model())
    foreign = tmp_path / "foreign.npz"
    save_directions(foreign, [Direction("x", unit(draw(1, 12, 0)[0]), "sefa")], run="elsewhere")
    d.wiring.open_file(foreign)
    d.settle()
    assert "found in another model" in d.message() and len(directions(d)) == 1
    save_directions(foreign, [Direction("x", unit(draw(1, 7, 0)[0]), "sefa")])
    d.wiring.open_file(foreign)
    d.settle()
    assert "7 dimensions, but the model takes 12" in d.message()
    write_atomic(foreign, b"rubbish")
    d.wiring.instruments.directions.files.open(foreign)
    d.settle()
    assert "holds no directions" in d.message() and len(directions(d)) == 1


def test_each_model_remembers_its_directions(open_window: Open, make_model: Make) -> None:
    first, second = make_model(), make_model("other.safetensors", seed=5, run=None, z_dim=9)
    d = open_window(first)
    show(d)
    one, two, *_ = find(d)
    d.window.directions.range.setValue(4.5)
    d.window.directions.lock_toggled.emit(one.id)
    d.window.directions.keep_toggled.emit(two.id)
    d.wiring.models.open(second)
    d.settle()
    assert directions(d) == () and len(d.wiring.session.latent.held) == 0
    find(d, count=2)
    d.close()
    d = open_window(first)
    assert [item.direction.name for item in directions(d)] == [f"SeFa {k + 1}" for k in range(4)]
    assert [item.locked for item in directions(d)] == [True, False, False, False]
    assert [item.kept for item in directions(d)] == [False, True, False, False]
    assert len(d.wiring.session.latent.held) == 1 and d.wiring.session.directions.settings.range == 4.5
    d.wiring.models.open(second)
    d.settle()
    assert len(directions(d)) == 2
    key = d.wiring.session.directions.key
    assert key is not None
    d.close()
    remembered_at(key).write_bytes(b"rubbish")
    d = open_window(second)
    assert directions(d) == () and "were damaged" in d.message()


@pytest.mark.parametrize("how", [{"z_dim": 1}, {"channels": 1}, {"critic": True}])
@pytest.mark.parametrize("method", ["sefa", "pca", "local"])
def test_small_models(open_window: Open, make_model: Make, how: dict[str, int], method: str) -> None:
    d = open_window(make_model(**how))
    d.trigger("latent.random")
    show(d)
    d.wiring.session.directions.set(method=method, count=3)
    d.trigger("direction.find")
    assert len(directions(d)) == min(3, len(d.z))
    if len(d.z) == 1:
        assert "no more than 1 direction" in d.message()
    wait_for_strip(d)
    assert d.window.directions.details.facts.text()


def test_cancelling_switching_and_closing_while_it_works(
    open_window: Open, make_model: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    import threading

    from latent_debugger.wiring import directions as flow

    first, second = make_model(), make_model("second.safetensors", seed=2)
    d = open_window(first)
    show(d)
    started = threading.Event()

    def endless(method: str, n: int, z: object, subject: object, tell: Callable[[float], None]) -> list[Direction]:
        started.set()
        while True:
            threading.Event().wait(0.005)
            tell(0.5)

    monkeypatch.setattr(flow, "search", endless)
    service = d.wiring.instruments.service

    def begin() -> None:
        started.clear()
        button(d, "direction.findButton").click()
        d.qtbot.waitUntil(started.is_set)
        assert service.running(flow.FIND)

    begin()
    cancel = button(d, "direction.cancelButton")
    d.qtbot.waitUntil(cancel.isVisible)
    cancel.click()
    d.settle()
    assert not service.running(flow.FIND) and not cancel.isVisible() and directions(d) == ()
    begin()
    d.wiring.models.open(second)
    d.settle()
    assert not service.running(flow.FIND) and directions(d) == ()
    begin()
    d.window.show_panel("timeline")
    d.qtbot.wait(50)
    assert service.running(flow.FIND), "behind a tab it goes on"
    d.window.docks["directions"].close()
    d.settle()
    assert not service.running(flow.FIND), "closing the panel ends it"
    show(d)
    begin()
    d.close()


def test_without_a_model(open_window: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    from latent_debugger import application

    monkeypatch.setattr(application, "bundled_model", lambda: None)
    d = open_window()
    show(d)
    assert "Open a checkpoint" in d.window.directions.list.empty.text()
    assert not button(d, "direction.findButton").isEnabled()
    d.wiring.instruments.directions.find()
    assert "no model" in d.message()
    assert d.window.findChild(QFileDialog) is None


def test_another_projects_model_has_all_kinds_of_directions(open_window: Open, tmp_path: Path) -> None:
    from .test_imported import write

    d = open_window(write(tmp_path / "netG.pth"))
    d.trigger("latent.random")
    show(d)
    for n, method in enumerate(("sefa", "pca", "local"), 1):
        assert len(find(d, method, 2)) == 2 * n


def test_an_onnx_model_has_local_axes_and_says_why_not_more(
    open_window: Open, make_model: Make, tmp_path: Path
) -> None:
    pytest.importorskip("onnx")
    pytest.importorskip("onnxruntime")
    from gan.checkpoints import load_checkpoint
    from gan.exporters.onnx import export_onnx

    path = tmp_path / "g.onnx"
    export_onnx(path, load_checkpoint(make_model()))
    d = open_window(path)
    d.trigger("latent.random")
    show(d)
    for method, reason in (("sefa", "begins with a linear layer"), ("pca", "does not allow")):
        d.wiring.session.directions.set(method=method)
        d.trigger("direction.find")
        assert reason in d.message() and "local axes" in d.message() and directions(d) == ()
    d.window.messages.clear()
    assert len(find(d, "local", 3)) == 3


def test_another_step_of_the_run_keeps_them_and_draws_anew(open_window: Open, make_model: Make) -> None:
    d = open_window(make_model())
    d.trigger("latent.random")
    show(d)
    found = find(d)
    wait_for_strip(d)
    before = [pixels(picture) for picture in d.window.directions.strip.pictures()]
    later = make_model("later.safetensors", seed=8)
    d.wiring.models.open(later)
    d.settle()
    assert directions(d) == found
    strip, renderer = d.window.directions.strip, open_renderer(later, "cpu")
    place = strip.places[-1]
    wanted = d.z + (place - d.z @ found[0].direction.vector) * found[0].direction.vector

    def drawn() -> bool:
        d.settle()
        shown = pixels(strip.pictures()[-1]).astype(int)
        return bool(np.abs(shown - renderer.pixels(wanted[None].astype(np.float32))[0]).max() <= 2)

    d.qtbot.waitUntil(drawn)
    assert any(not np.array_equal(old, pixels(new)) for old, new in zip(before, strip.pictures(), strict=True))


def test_detaching_the_panel_does_not_end_a_search(
    open_window: Open, make_model: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    import threading

    from latent_debugger.services.direction_search import search
    from latent_debugger.wiring import directions as flow

    d = open_window(make_model())
    show(d)
    go_on = threading.Event()

    def patient(method: str, n: int, z: np.ndarray, subject: object, tell: Callable[[float], None]) -> list[Direction]:
        while not go_on.wait(0.005):
            tell(0.5)
        return search(method, n, z, subject, tell)  # type: ignore[arg-type]

    monkeypatch.setattr(flow, "search", patient)
    button(d, "direction.findButton").click()
    d.window.docks["directions"].setFloating(True)
    d.qtbot.wait(50)
    d.window.docks["directions"].setFloating(False)
    d.qtbot.wait(50)
    go_on.set()
    d.settle()
    assert len(directions(d)) == 10
