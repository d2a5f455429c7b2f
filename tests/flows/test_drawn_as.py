"""Somebody opens a generator whose file does not tell how it is drawn, and chooses among pictures."""

from __future__ import annotations

import json
from fractions import Fraction

import numpy as np
import torch
from PySide6.QtWidgets import QAbstractButton, QLabel

from gan.importers.choices import Choices
from gan.rendering import open_renderer
from latent_debugger.views.drawn_as_dialog import DrawnAsDialog
from latent_debugger.views.model_info_dialog import ModelInfoDialog

from .test_imported import write


def unknown(path):
    """The same generator under a name that suggests no activation."""
    state = torch.load(write(path), weights_only=True)
    torch.save({name.replace("main.", "painter."): tensor for name, tensor in state.items()}, path)
    return path


def dialog_of(d):
    dialogs = [dialog for dialog in d.window.findChildren(DrawnAsDialog) if dialog.isVisible()]
    return dialogs[0] if dialogs else None


def press(d, name):
    found = dialog_of(d).findChild(QAbstractButton, name)
    assert found is not None and found.isEnabled(), name
    found.click()
    d.settle()


def picture_as(d, path, choices):
    return open_renderer(path, "cpu", choices).pixels(d.z[None])[0]


def test_what_the_file_does_not_tell_is_asked_once(open_window, make_model, tmp_path, private_home):
    d = open_window(make_model())
    before = d.picture()
    path = unknown(tmp_path / "netG.pth")
    d.answer_dialog("file.open", "dialog.open", path)
    assert "activation" in d.message() and "--" not in d.message() and np.array_equal(d.picture(), before)
    dialog = dialog_of(d)
    assert dialog.choices == Choices("tanh", "-1..1", "running") and not dialog.isModal()
    press(d, "drawn_as.activation.sigmoid")
    assert dialog.choices == Choices("sigmoid", "0..1", "running")
    press(d, "drawn_as.use")
    assert dialog_of(d) is None and not d.message() and len(d.sliders()) == 6
    assert np.array_equal(d.picture(), picture_as(d, path, Choices("sigmoid")))
    d.trigger("view.model_info")
    told = d.window.findChild(ModelInfoDialog)
    assert "sigmoid, numbers 0..1" in told.text()
    told.close()
    moved = path.rename(tmp_path / "moved.pth")
    d.answer_dialog("file.open", "dialog.open", moved)
    assert dialog_of(d) is None and not d.message() and d.wiring.session.model.name == "moved"
    (said,) = json.loads((private_home / "drawn-as.json").read_text()).values()
    assert said == {"activation": "sigmoid", "output_range": "0..1", "batch_stats": "running"}
    d.close()
    again = open_window()
    assert again.wiring.session.model.choices.activation == "sigmoid" and dialog_of(again) is None


def test_another_answer_for_the_open_model(open_window, tmp_path):
    path = write(tmp_path / "netG.pth")
    d = open_window(path)
    d.trigger("file.drawn_as")
    assert dialog_of(d).choices == Choices("tanh", "-1..1", "running")
    cards = dialog_of(d).findChildren(QAbstractButton)
    icons = {card.objectName(): card.icon().pixmap(144).toImage() for card in cards if "." in card.objectName()[9:]}
    assert len(icons) == 7 and icons["drawn_as.activation.tanh"] == icons["drawn_as.batch_stats.running"]
    assert len({icons[f"drawn_as.activation.{name}"].cacheKey() for name in ("tanh", "sigmoid", "none")}) == 3
    assert icons["drawn_as.activation.tanh"] != icons["drawn_as.activation.none"]
    press(d, "drawn_as.batch_stats.batch")
    press(d, "drawn_as.use")
    assert np.array_equal(d.picture(), picture_as(d, path, Choices(batch_stats="batch")))
    assert d.wiring.session.model.choices.batch_stats == "batch"
    d.trigger("file.reload")
    assert d.wiring.session.model.choices.batch_stats == "batch"


def test_changing_ones_mind(open_window, make_model, tmp_path, private_home):
    path = unknown(tmp_path / "netG.pth")
    d = open_window(make_model())
    d.answer_dialog("file.open", "dialog.open", path)
    dialog_of(d).close()
    d.settle()
    assert d.wiring.session.model.dim == 12 and not (private_home / "drawn-as.json").exists()
    d.answer_dialog("file.open", "dialog.open", path)
    assert dialog_of(d) is not None
    path.unlink()
    press(d, "drawn_as.use")
    assert "cannot be opened" in d.message() and d.wiring.session.model.dim == 12


def test_warnings_stay_in_the_model_information(open_window, tmp_path):
    d = open_window(write(tmp_path / "netG.pth", value=Fraction(1, 3)))
    warning = d.message()
    assert "Fraction" in warning
    d.window.messages.clear()
    d.trigger("view.model_info")
    dialog = d.window.findChild(ModelInfoDialog)
    shown = [label.text() for label in dialog.findChildren(QLabel) if label.isVisible()]
    assert warning in shown and "Note" in shown and "tanh, numbers -1..1, statistics of training" in shown
    assert warning in dialog.text()


def test_our_own_format_leaves_nothing_to_choose(open_window, make_model):
    d = open_window(make_model())
    assert not d.window.action_map["file.drawn_as"].isEnabled()
