"""The cards: what they ask for, what they show, what choosing one does to the others."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QAbstractButton, QWidget

from gan.importers.choices import Choices
from latent_debugger.views.drawn_as_dialog import DrawnAsDialog

START = Choices("tanh", "-1..1", "running")


def plain(colour: str) -> QImage:
    image = QImage(4, 4, QImage.Format.Format_RGB32)
    image.fill(QColor(colour))
    return image


@pytest.fixture
def dialog(qtbot):
    parent = QWidget()
    qtbot.addWidget(parent)
    parent.show()
    dialog = DrawnAsDialog("netG.pth", parent)
    dialog.asked, dialog.taken = [], []
    dialog.wanted.connect(dialog.asked.append)
    dialog.chosen.connect(dialog.taken.append)
    dialog.present()
    yield dialog
    parent.close()


def card(dialog: DrawnAsDialog, name: str) -> QAbstractButton:
    found = dialog.findChild(QAbstractButton, f"drawn_as.{name}")
    assert found is not None, name
    return found


def colour(dialog: DrawnAsDialog, name: str) -> str:
    return card(dialog, name).icon().pixmap(104).toImage().pixelColor(52, 52).name()


def test_nothing_can_be_chosen_before_it_is_known(dialog):
    assert not card(dialog, "use").isEnabled() and not dialog.asked
    dialog.say("It cannot be opened.")
    assert not card(dialog, "use").isEnabled()


def test_every_answer_is_asked_for_once(dialog):
    dialog.set_picture(START, plain("red"))
    dialog.set_choices(START, "DCGAN")
    assert START not in dialog.asked and len(set(dialog.asked)) == len(dialog.asked) == 4
    assert Choices("sigmoid", "0..1", "running") in dialog.asked  # the range goes along
    for name in ("activation.tanh", "output_range.-1..1", "batch_stats.running"):
        assert card(dialog, name).isChecked() and colour(dialog, name) == "#ff0000"
    dialog.set_picture(Choices("none", "-1..1", "running"), plain("blue"))
    assert colour(dialog, "activation.none") == "#0000ff" != colour(dialog, "activation.sigmoid")


def test_choosing(dialog, qtbot):
    dialog.set_choices(START, "DCGAN")
    before = len(dialog.asked)
    card(dialog, "activation.sigmoid").click()
    assert dialog.choices == Choices("sigmoid", "0..1", "running")
    assert card(dialog, "output_range.0..1").isChecked() and not card(dialog, "output_range.-1..1").isChecked()
    assert len(dialog.asked) > before
    card(dialog, "output_range.-1..1").click()
    assert dialog.choices == Choices("sigmoid", "-1..1", "running")
    card(dialog, "use").click()
    assert dialog.taken == [Choices("sigmoid", "-1..1", "running")] and not dialog.isVisible()


def test_the_keyboard_says_what_it_shows(dialog, qtbot):
    dialog.set_choices(START, "DCGAN")
    qtbot.waitUntil(card(dialog, "activation.tanh").hasFocus)
    qtbot.keyClick(card(dialog, "activation.tanh"), Qt.Key.Key_Right)
    for name in ("tanh", "sigmoid", "none"):
        assert card(dialog, f"activation.{name}").isChecked() == (dialog.choices.activation == name)
    assert card(dialog, "activation.sigmoid").hasFocus()
    qtbot.keyClick(card(dialog, "activation.sigmoid"), Qt.Key.Key_Space)
    assert dialog.choices == Choices("sigmoid", "0..1", "running")
    qtbot.keyClick(dialog, Qt.Key.Key_Return)
    assert dialog.taken == [dialog.choices] and not dialog.isVisible()


def test_escape_chooses_nothing(dialog, qtbot):
    dialog.set_choices(START, "DCGAN")
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.taken and not dialog.isVisible()


def test_what_cannot_be_drawn_cannot_be_chosen(dialog):
    dialog.set_choices(START, "DCGAN")
    dialog.set_picture(Choices("none", "-1..1", "running"), None)
    assert not card(dialog, "activation.none").isEnabled() and card(dialog, "activation.sigmoid").isEnabled()
    assert "cannot" in card(dialog, "activation.none").toolTip()


def test_only_what_can_be_chosen_is_offered(dialog):
    dialog.set_choices(Choices(output_range="0..1"), "ONNX")
    names = {found.objectName() for found in dialog.findChildren(QAbstractButton)}
    assert {"drawn_as.output_range.0..1", "drawn_as.output_range.-1..1"} <= names
    assert not any(name.startswith(("drawn_as.activation", "drawn_as.batch")) for name in names)
