"""The small windows: what they show, that there is one of each, and that Copy copies it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QAbstractButton, QComboBox, QLabel, QPlainTextEdit, QTableWidget, QWidget
from pytestqt.qtbot import QtBot

from latent_debugger.state.model_info import Layer, ModelInfo
from latent_debugger.state.settings import Preferences, Settings
from latent_debugger.views.dialog import Dialog
from latent_debugger.views.model_info_dialog import ModelInfoDialog
from latent_debugger.views.preferences_dialog import PreferencesDialog
from latent_debugger.views.report_dialog import ReportDialog
from latent_debugger.views.unexpected_dialog import MAX_DETAILS, UnexpectedDialog

INFO = ModelInfo(
    "people64",
    (("Family", "dcgan"), ("Parameters", "1,100,227")),
    (Layer("project", "Linear", (4096,), 409_600), Layer("to_image", "ConvTranspose2d", (3, 64, 64), 1539)),
    ("The file says <b>nothing</b> of its data.",),
)


@pytest.fixture
def parent(qtbot: QtBot) -> Iterator[QWidget]:
    widget = QWidget()
    qtbot.addWidget(widget)
    widget.show()
    yield widget
    for dialog in widget.findChildren(Dialog):
        dialog.close()


def press(dialog: QWidget, name: str) -> None:
    button = dialog.findChild(QAbstractButton, name)
    assert button is not None, name
    button.click()


def test_there_is_one_of_each_until_it_is_closed(qtbot: QtBot, parent: QWidget) -> None:
    first = ReportDialog.present_one(parent)
    assert first.isVisible() and not first.isModal()
    assert ReportDialog.present_one(parent) is first or first.isHidden()
    qtbot.keyClick(first, Qt.Key.Key_Escape)
    assert not first.isVisible()
    assert ReportDialog.present_one(parent) is not first


def test_the_report_can_be_copied_once_it_is_there(parent: QWidget) -> None:
    dialog = ReportDialog.present_one(parent)
    copy = dialog.findChild(QAbstractButton, "dialog.copy")
    assert not copy.isEnabled()
    dialog.set_text("versions\n" + "line\n" * 300)
    copy.click()
    assert QGuiApplication.clipboard().text() == dialog.text() and copy.text() == "Copied"
    view = dialog.findChild(QPlainTextEdit, "report.text")
    assert view.verticalScrollBar().value() == view.verticalScrollBar().maximum() > 0


def test_many_errors_are_counted_and_each_told_once(parent: QWidget) -> None:
    dialog = UnexpectedDialog.present_one(parent)
    text = dialog.findChild(QLabel, "unexpected.text")
    dialog.add("Traceback\nZeroDivisionError: first")
    assert "times" not in text.text()
    for _ in range(1000):
        dialog.add("Traceback\nZeroDivisionError: second")
    assert "1001 times" in text.text()
    assert dialog.text().count("ZeroDivisionError") == 2 and "(1000 times)" in dialog.text()
    for number in range(2 * MAX_DETAILS):
        dialog.add(f"error {number}")
    assert dialog.text().count("error ") == MAX_DETAILS - 2


def test_details_are_folded_until_asked_for(qtbot: QtBot, parent: QWidget) -> None:
    dialog = UnexpectedDialog.present_one(parent)
    dialog.add("Traceback\nKeyError: 'a'")
    view = dialog.findChild(QPlainTextEdit, "unexpected.traceback")
    assert not view.isVisible()
    folded = dialog.height()
    press(dialog, "unexpected.details")
    assert view.isVisible() and "KeyError" in view.toPlainText() and dialog.height() > folded
    dialog.add("Traceback\nIndexError: b")
    assert "IndexError" in view.toPlainText()
    press(dialog, "unexpected.details")
    assert not view.isVisible() and dialog.height() < folded + 40
    press(dialog, "dialog.copy")
    assert "KeyError" in QGuiApplication.clipboard().text() and "IndexError" in QGuiApplication.clipboard().text()


def test_model_information(parent: QWidget) -> None:
    dialog = ModelInfoDialog.present_one(parent)
    dialog.set_info(INFO)
    dialog.set_info(INFO)
    QCoreApplication.processEvents()
    labels = [label.text() for label in dialog.findChildren(QLabel) if label.isVisible()]
    assert {"people64", "dcgan", "1,100,227", INFO.warnings[0]} <= set(labels)
    table = dialog.findChild(QTableWidget, "model_info.layers")
    assert [table.item(1, column).text() for column in range(4)] == [
        "to_image", "ConvTranspose2d", "3 × 64 × 64", "1,539",
    ]  # fmt: skip
    press(dialog, "dialog.copy")
    assert QGuiApplication.clipboard().text() == INFO.as_text()


@pytest.fixture
def preferences(qapp: object) -> Preferences:
    return Preferences()


def test_every_setting_has_a_field_and_takes_effect_at_once(parent: QWidget, preferences: Preferences) -> None:
    dialog = PreferencesDialog(preferences, ("auto", "cpu", "cuda:0", "cuda:1"), parent)
    dialog.present()
    fields = {
        name: dialog.findChild(QWidget, f"preferences.{name}") for name in Settings().to_json() if name != "hints_done"
    }
    assert None not in fields.values()
    assert all(field.accessibleName() and field.toolTip() for field in fields.values())
    for name, text in (("theme", "Light"), ("device", "NVIDIA GPU 1")):
        combo = fields[name]
        assert isinstance(combo, QComboBox)
        combo.setCurrentIndex(combo.findText(text))
        combo.activated.emit(combo.currentIndex())
    fields["smooth"].setChecked(True)
    fields["reduced_motion"].setChecked(True)
    fields["slider_range"].setValue(4.5)
    fields["default_sigma"].setValue(0.75)
    fields["autosave_s"].setValue(30)
    wanted = Settings(
        theme="light", smooth=True, reduced_motion=True, slider_range=4.5, default_sigma=0.75, autosave_s=30,
        device="cuda:1",
    )  # fmt: skip
    assert preferences.settings == wanted
    preferences.change(hints_done=("star",))
    press(dialog, "preferences.defaults")
    assert preferences.settings == Settings(hints_done=("star",)), "hints are no preference"
    assert fields["autosave_s"].value() == 1 and not fields["smooth"].isChecked()


def test_the_dialog_follows_changes_made_elsewhere_and_rounds_nothing(
    parent: QWidget, preferences: Preferences
) -> None:
    preferences.change(default_sigma=0.12345, device="cuda:3")
    dialog = PreferencesDialog(preferences, ("auto", "cpu"), parent)
    seen: list[Settings] = []
    preferences.changed.connect(seen.append)
    preferences.change(theme="dark")
    combo = dialog.findChild(QComboBox, "preferences.theme")
    assert combo.currentData() == "dark"
    assert dialog.findChild(QComboBox, "preferences.device").currentText() == "cuda:3 (not present)"
    dialog.findChild(QWidget, "preferences.smooth").setChecked(True)
    assert preferences.settings.default_sigma == 0.12345 and len(seen) == 2
    dialog.deleteLater()
