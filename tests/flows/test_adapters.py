"""Somebody opens a conditional model with code of their own, walks through its classes, and comes back the next day."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QComboBox, QFileDialog, QLabel, QToolButton

from gan.adapters import GROUP
from latent_debugger.views.adapter_dialog import AdapterDialog
from latent_debugger.views.model_info_dialog import ModelInfoDialog

CODE = """
import pathlib
import torch
from gan.adapters import Capabilities
RAN = pathlib.Path(__file__).with_suffix(".ran")
RAN.write_text(RAN.read_text() + "x" if RAN.exists() else "x")
class Net(torch.nn.Module):
    pass
class Conditional:
    capabilities = Capabilities(labels=("cat", "dog", "owl"), critic=True)
    def load(self, path, device):
        state = torch.load(path, map_location=device, weights_only=True)
        self.paint, self.embedding = state["paint"], state["embedding"]
        return len(self.paint)
    def images(self, latents, space, label):
        w = latents + self.embedding[label]
        return torch.tanh(w @ self.paint).view(-1, 1, 8, 8)
    def scores(self, images, label):
        return images.flatten(1).mean(1) + label
"""
LABELS = ("cat", "dog", "owl")


@pytest.fixture
def weights(tmp_path):
    torch.manual_seed(3)
    torch.save({"paint": torch.randn(6, 64), "embedding": 2 * torch.randn(3, 6)}, tmp_path / "pets.pth")
    return tmp_path / "pets.pth"


@pytest.fixture
def code(tmp_path):
    path = tmp_path / "my adapter.py"
    path.write_text(CODE)
    return path


def runs(code):
    ran = code.with_suffix(".ran")
    return len(ran.read_text()) if ran.exists() else 0


def wanted(weights, z, label):
    """The picture (H, W, 3), by the formula in CODE."""
    state = torch.load(weights, weights_only=True)
    flat = torch.tanh((torch.from_numpy(z.copy()) + state["embedding"][LABELS.index(label)]) @ state["paint"])
    grey = ((flat.view(8, 8).numpy() + 1) * 127.5).round().clip(0, 255)
    return np.repeat(grey[..., None], 3, axis=2)


def shows(d, weights, label):
    return np.abs(d.picture().astype(int) - wanted(weights, d.z, label)).max() <= 1


def lit(d):
    return d.window.canvas.star.accessibleName() == "This picture is starred"


def ask(d):
    d.trigger("file.open_with_adapter")
    return d.window.findChild(AdapterDialog)


def choose(d, dialog, button, name, path):
    dialog.findChild(QAbstractButton, button).click()
    chooser = d.window.findChild(QFileDialog, name)
    chooser.fileSelected.emit(str(path))
    chooser.close()
    d.settle()


def open_with(d, code, weights):
    dialog = ask(d)
    choose(d, dialog, "adapter.python", "dialog.open_python", code)
    choose(d, dialog, "adapter.choose", "dialog.open_adapted", weights)
    dialog.findChild(QAbstractButton, "adapter.open").click()
    d.settle()


def classes(d):
    return d.find(QComboBox, "latent.label")


def pick(d, label):
    box = classes(d)
    box.setFocus()
    while box.currentText() != label:
        before = box.currentIndex()
        down = LABELS.index(label) > before
        d.qtbot.keyClick(box, Qt.Key.Key_Down if down else Qt.Key.Key_Up)
        assert box.currentIndex() != before
        d.settle()


def test_nothing_runs_before_the_button(open_window, make_model, code, weights):
    d = open_window(make_model())
    dialog = ask(d)
    go = dialog.findChild(QAbstractButton, "adapter.open")
    assert not go.isEnabled() and not classes(d).isVisible()
    choose(d, dialog, "adapter.python", "dialog.open_python", code)
    assert dialog.name.currentText() == f"{code}:Conditional", "the class with images() comes first, and alone"
    choose(d, dialog, "adapter.choose", "dialog.open_adapted", weights)
    assert go.isEnabled() and "will run" in dialog.findChild(QLabel, "adapter.status").text()
    assert runs(code) == 0 and d.wiring.session.model.dim == 12
    go.click()
    d.settle()
    assert runs(code) == 1 and not d.message() and len(d.sliders()) == 6 and shows(d, weights, "cat")


def test_the_class_is_a_step_that_can_be_undone(open_window, make_model, code, weights):
    d = open_window(make_model())
    open_with(d, code, weights)
    box = classes(d)
    assert box.isVisible() and [box.itemText(row) for row in range(box.count())] == list(LABELS)
    d.trigger("neighbours.sample")
    z = d.z.copy()
    near = [d.list_view("neighbourList").model().index(0, 0).data(Qt.ItemDataRole.DecorationRole)]
    pick(d, "owl")
    assert shows(d, weights, "owl") and np.array_equal(d.z, z)
    near.append(d.list_view("neighbourList").model().index(0, 0).data(Qt.ItemDataRole.DecorationRole))
    assert near[0] is None or near[0].toImage() != near[1].toImage(), "the neighbours are owls now"
    d.trigger("latent.random")
    assert shows(d, weights, "owl") and "owl" not in d.window.action_map["edit.undo"].text()
    d.trigger("edit.undo")
    assert "label owl" in d.window.action_map["edit.undo"].text()
    d.trigger("edit.undo")
    assert box.currentText() == "dog" and shows(d, weights, "dog")
    d.trigger("edit.undo")
    assert box.currentText() == "cat" and shows(d, weights, "cat") and np.array_equal(d.z, z)
    d.trigger("edit.redo")
    assert box.currentText() == "dog" and shows(d, weights, "dog")
    assert runs(code) == 1, "another class loads nothing"


def test_stars_keep_their_class(open_window, make_model, code, weights):
    d = open_window(make_model())
    open_with(d, code, weights)
    pick(d, "dog")
    d.trigger("bookmark.add")
    dog = d.picture()
    pick(d, "owl")
    assert not lit(d)
    d.trigger("bookmark.add")
    assert [star.label for star in d.stars()] == ["dog", "owl"] and d.stars()[0].z == d.stars()[1].z
    assert d.stars()[0].thumbnail and d.stars()[0].thumbnail != d.stars()[1].thumbnail
    d.trigger("latent.random")
    count = d.wiring.session.undo.count()
    d.window.bookmarks.recall_requested.emit(d.stars()[0].id)
    d.settle()
    assert classes(d).currentText() == "dog" and np.array_equal(d.picture(), dog) and lit(d)
    assert d.wiring.session.undo.count() == count + 1
    d.trigger("edit.undo")
    assert classes(d).currentText() == "owl" and shows(d, weights, "owl")


def test_files_keep_the_class(open_window, make_model, code, weights, tmp_path):
    d = open_window(make_model())
    open_with(d, code, weights)
    for label in ("dog", "owl"):
        pick(d, label)
        d.trigger("bookmark.add")
    d.answer_dialog("bookmark.export", "dialog.export", tmp_path / "pets.npy")
    assert json.loads((tmp_path / "pets.json").read_text())["labels"] == ["dog", "owl"]
    d.answer_dialog("file.save_picture", "dialog.save_picture", tmp_path / "owl.png")
    for star in d.stars():
        d.window.bookmarks.delete_requested.emit((star.id,))
    d.settle()
    d.trigger("latent.random")
    pick(d, "cat")
    d.answer_dialog("bookmark.import", "dialog.import", tmp_path / "pets.npy")
    assert [star.label for star in d.stars()] == ["dog", "owl"]
    assert not d.stars()[0].thumbnail, "of a class that is not on show"
    d.window.file_dropped.emit(tmp_path / "owl.png")
    d.settle()
    assert classes(d).currentText() == "owl" and shows(d, weights, "owl") and d.z.tobytes() == d.stars()[1].z
    assert d.stars()[1].thumbnail


def test_the_next_start_runs_nothing_by_itself(open_window, make_model, code, weights, private_home):
    d = open_window(make_model())
    open_with(d, code, weights)
    pick(d, "owl")
    d.trigger("latent.random")
    z = d.z.copy()
    d.close()
    assert json.loads((private_home / "adapters.json").read_text())["files"][str(weights)]["label"] == "owl"
    again = open_window()
    assert runs(code) == 1 and "adapter" in again.message() and str(code) in again.message()
    assert again.wiring.session.model.name == "people64" and not classes(again).isVisible()
    again.find(QToolButton, "messageBar.offer").click()
    again.settle()
    assert runs(code) == 2 and np.array_equal(again.z, z) and shows(again, weights, "owl")
    again.trigger("file.reload")
    assert runs(code) == 3 and shows(again, weights, "owl") and classes(again).currentText() == "owl"


def test_recent_files_and_files_that_cannot_be_opened_otherwise(open_window, make_model, code, weights):
    model = make_model()
    d = open_window(model)
    open_with(d, code, weights)
    d.answer_dialog("file.open", "dialog.open", model)
    assert d.wiring.session.model.dim == 12 and runs(code) == 1
    d.window.recent_chosen.emit(weights)
    d.settle()
    assert d.wiring.session.model.dim == 12 and runs(code) == 1 and "adapter" in d.message()
    d.answer_dialog("file.open", "dialog.open", weights)
    assert runs(code) == 1 and "before" in d.message() and d.wiring.session.model.dim == 12
    d.find(QToolButton, "messageBar.offer").click()
    d.settle()
    assert runs(code) == 2 and shows(d, weights, "cat")


def test_what_goes_wrong_is_a_sentence_and_the_model_stays(open_window, make_model, code, weights, tmp_path):
    d = open_window(make_model())
    before = d.picture()
    for name, file, told in (
        (f"{code}:Nobody", weights, "AttributeError"),
        ("no_such_module:A", weights, "ModuleNotFoundError"),
        (f"{code}:Conditional", tmp_path / "gone.pth", "is not a file"),
        (f"{code}:Net", weights, "capabilities"),
    ):
        dialog = ask(d)
        dialog.set_name(name)
        dialog.set_file(file)
        dialog.findChild(QAbstractButton, "adapter.open").click()
        d.settle()
        assert told in d.message() and d.window.messages.kind() == "error", name
        assert np.array_equal(d.picture(), before)
    code.write_text("raise SystemExit(3)")
    open_with(d, code, weights)
    dialog = d.window.findChild(AdapterDialog) or ask(d)
    dialog.set_name(f"{code}:A")
    dialog.set_file(weights)
    dialog.findChild(QAbstractButton, "adapter.open").click()
    d.settle()
    assert "SystemExit" in d.message()


def test_installed_adapters_are_listed_and_not_imported(open_window, make_model, weights, tmp_path, monkeypatch):
    package = tmp_path / "site"
    (package / "mine-1.0.dist-info").mkdir(parents=True)
    (package / "mine-1.0.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: mine\nVersion: 1.0\n")
    (package / "mine-1.0.dist-info" / "entry_points.txt").write_text(f"[{GROUP}]\npets = pets_adapter:Conditional\n")
    (package / "pets_adapter.py").write_text(CODE)
    monkeypatch.syspath_prepend(package)
    d = open_window(make_model())
    dialog = ask(d)
    assert dialog.name.currentText() == "pets" and runs(package / "pets_adapter.py") == 0
    dialog.set_file(weights)
    dialog.findChild(QAbstractButton, "adapter.open").click()
    d.settle()
    assert runs(package / "pets_adapter.py") == 1 and shows(d, weights, "cat")
    d.trigger("view.model_info")
    told = d.window.findChild(ModelInfoDialog)
    assert "the adapter pets" in told.text() and "6 dimensions" in told.text()


def test_instruments_see_the_class(open_window, make_model, code, weights):
    d = open_window(make_model())
    open_with(d, code, weights)
    seen, service = [], d.wiring.instruments.service

    def look():
        def work(subject, watch):
            with torch.no_grad():
                return subject.critic(subject.generator(torch.zeros(1, 6))).item(), subject.info.label

        service.run("test.look", work, seen.append, seen.append)
        d.settle()

    look()
    before = runs(code)
    pick(d, "owl")
    look()
    pick(d, "cat")
    look()
    assert [label for _, label in seen] == ["cat", "owl", "cat"] and seen[0] == seen[2] and runs(code) == before
    truth = wanted(weights, np.zeros(6, np.float32), "owl").mean() / 127.5 - 1
    assert seen[1][0] == pytest.approx(truth + 2, abs=0.02)


def test_one_dimension_and_no_classes(open_window, make_model, code, tmp_path):
    code.write_text(CODE.replace('labels=("cat", "dog", "owl"), critic=True', ""))
    torch.save({"paint": torch.ones(1, 64), "embedding": torch.zeros(3, 1)}, tmp_path / "one.pth")
    d = open_window(make_model())
    open_with(d, code, tmp_path / "one.pth")
    assert not d.message() and len(d.sliders()) == 1 and not classes(d).isVisible()
    d.trigger("latent.random")
    d.trigger("bookmark.add")
    assert d.stars()[0].label == "" and d.stars()[0].thumbnail
    d.trigger("neighbours.sample")


def test_the_window_closes_while_an_adapter_works(open_window, make_model, code, weights):
    code.write_text(CODE.replace("state = torch", "__import__('time').sleep(0.5); state = torch"))
    d = open_window(make_model())
    dialog = ask(d)
    dialog.set_name(f"{code}:Conditional")
    dialog.set_file(weights)
    dialog.findChild(QAbstractButton, "adapter.open").click()
    d.close()


def test_a_class_is_chosen_while_pictures_are_on_their_way(open_window, make_model, code, weights):
    d = open_window(make_model())
    open_with(d, code, weights)
    d.window.action_map["neighbours.sample"].trigger()
    for label in ("dog", "owl", "cat", "dog") * 5:
        d.window.action_map["latent.random"].trigger()
        d.window.latents.label_field.chosen.emit(label)
    d.settle()
    assert shows(d, weights, "dog") and classes(d).currentText() == "dog"
    for _ in range(40):
        d.window.action_map["edit.undo"].trigger()
    d.settle()
    assert shows(d, weights, "cat") and classes(d).currentText() == "cat"
