from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QAbstractButton, QLabel, QWidget

from latent_debugger.views.adapter_dialog import AdapterDialog


@pytest.fixture
def dialog(qtbot):
    parent = QWidget()
    qtbot.addWidget(parent)
    parent.show()
    dialog = AdapterDialog(parent)
    dialog.taken = []
    dialog.chosen.connect(lambda path, name: dialog.taken.append((path, name)))
    dialog.present()
    yield dialog
    parent.close()


def go(dialog):
    return dialog.findChild(QAbstractButton, "adapter.open")


def status(dialog):
    return dialog.findChild(QLabel, "adapter.status").text()


def test_both_have_to_be_named(dialog):
    assert not go(dialog).isEnabled() and not status(dialog)
    dialog.set_name("  ")
    dialog.set_file(Path("/w.pth"))
    assert not go(dialog).isEnabled()
    dialog.set_name(" mine ")
    assert go(dialog).isEnabled() and status(dialog) == "This will run the code of mine."
    go(dialog).click()
    assert dialog.taken == [(Path("/w.pth"), "mine")] and not dialog.isVisible()


def test_installed_adapters_are_offered_and_what_is_written_stays(dialog):
    dialog.set_adapters(["a", "b"], "a")
    assert dialog.name.currentText() == "a" and dialog.name.count() == 2
    dialog.set_name("my.module:Vae")
    dialog.set_adapters(["a", "b", "c"], "a")
    assert dialog.name.currentText() == "my.module:Vae" and dialog.name.count() == 3
    dialog.set_adapters([], "")
    assert dialog.name.currentText() == "my.module:Vae"


def test_the_classes_of_a_file_are_offered(dialog):
    dialog.set_adapters(["a"], "a")
    file = Path("/x/mine.py")
    dialog.set_classes(file, ["Vae", "Gan"])
    assert dialog.name.currentText() == f"{file}:Vae" and "2 classes" in status(dialog)
    assert [dialog.name.itemText(row) for row in range(dialog.name.count())] == [f"{file}:Vae", f"{file}:Gan", "a"]
    dialog.set_classes(file, ["Vae", "Gan"])
    assert dialog.name.count() == 3
    dialog.set_classes(Path("/x/empty.py"), [])
    assert "no class" in status(dialog) and dialog.name.currentText() == f"{file}:Vae"
