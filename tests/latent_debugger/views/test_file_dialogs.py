"""The dialogs ask for the right files, and a picture's size comes back."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from latent_debugger.views import file_dialogs


@pytest.fixture
def parent(qtbot: QtBot) -> QWidget:
    widget = QWidget()
    qtbot.addWidget(widget)
    return widget


def test_under_a_private_home_dialogs_are_qts_own(parent: QWidget, tmp_path: Path) -> None:
    dialog = file_dialogs.open_checkpoint(parent, tmp_path)
    assert dialog.testOption(QFileDialog.Option.DontUseNativeDialog)
    assert dialog.objectName() == "dialog.open"


def test_every_kind_of_checkpoint_is_listed(parent: QWidget, tmp_path: Path) -> None:
    checkpoints, everything = file_dialogs.open_checkpoint(parent, tmp_path).nameFilters()
    assert checkpoints == "Checkpoints (*.safetensors *.pth *.pt *.ckpt *.bin *.tar *.pkl *.onnx)"
    assert everything == "All files (*)"


def test_choosing_a_checkpoint(parent: QWidget, qtbot: QtBot, tmp_path: Path) -> None:
    wanted = tmp_path / "a.safetensors"
    wanted.touch()
    dialog = file_dialogs.open_checkpoint(parent, tmp_path)
    with qtbot.waitSignal(dialog.fileSelected) as chosen:
        dialog.open()
        dialog.findChild(QLineEdit, "fileNameEdit").setText(str(wanted))
        dialog.accept()
    assert chosen.args == [str(wanted)]


def test_saving_adds_the_suffix(parent: QWidget, qtbot: QtBot, tmp_path: Path) -> None:
    dialog = file_dialogs.export_vectors(parent, tmp_path)
    with qtbot.waitSignal(dialog.fileSelected) as chosen:
        dialog.open()
        dialog.findChild(QLineEdit, "fileNameEdit").setText(str(tmp_path / "stars"))
        dialog.accept()
    assert chosen.args == [str(tmp_path / "stars.npy")]


@pytest.mark.parametrize("scale", file_dialogs.SCALES)
def test_the_size_of_a_picture(parent: QWidget, tmp_path: Path, scale: int) -> None:
    dialog = file_dialogs.save_picture(parent, tmp_path, 64)
    assert file_dialogs.scale_of(dialog) == 8
    wanted = next(entry for entry in dialog.nameFilters() if f"×{scale}," in entry)
    assert f"{64 * scale} × {64 * scale}" in wanted
    dialog.selectNameFilter(wanted)
    assert file_dialogs.scale_of(dialog) == scale
