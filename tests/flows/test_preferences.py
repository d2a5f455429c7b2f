"""What the user prefers is in force at once and at the next start; bugs are told once; everything by keyboard."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QDialog,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QScrollBar,
    QTableWidget,
    QWidget,
)

from latent_debugger.state.paths import log_folder, session_path, settings_path
from latent_debugger.state.settings import Settings
from latent_debugger.state.snapshot import SessionSnapshot
from latent_debugger.views import theme

from .conftest import Driver

Open = Callable[..., Driver]


def dialog(d: Driver, name: str) -> QDialog:
    found = [item for item in d.window.findChildren(QDialog, name) if item.isVisible()]
    assert len(found) == 1, (name, found)
    return found[0]


def test_preferences_are_in_force_at_once_and_at_the_next_start(
    open_window: Open, make_model: Callable[..., Path]
) -> None:
    d = open_window(make_model())
    d.trigger("edit.preferences")
    shown = dialog(d, "dialog.preferences")
    combo = shown.findChild(QComboBox, "preferences.theme")
    combo.setCurrentIndex(combo.findData("light"))
    combo.activated.emit(combo.currentIndex())
    shown.findChild(QAbstractButton, "preferences.smooth").setChecked(True)
    shown.findChild(QAbstractButton, "preferences.reduced_motion").setChecked(True)
    shown.findChild(QWidget, "preferences.slider_range").setValue(4.5)
    shown.findChild(QWidget, "preferences.default_sigma").setValue(0.75)
    shown.findChild(QWidget, "preferences.autosave_s").setValue(30)
    assert theme.current() is theme.LIGHT and d.window.action_map["view.theme_light"].isChecked()
    assert d.window.action_map["view.smooth"].isChecked() and not d.window.isAnimated()
    assert d.window.latents.slider_range() == 4.5 and d.wiring.session.neighbours.sigma == 0.75
    d.wiring.session.neighbours.set_sigma(1.5)
    d.qtbot.mouseDClick(d.window.neighbours.sigma_slider, Qt.MouseButton.LeftButton)
    assert d.wiring.session.neighbours.sigma == 0.75
    d.wiring.session.neighbours.set_sigma(1.5)
    d.trigger("neighbours.reset_sigma")
    assert d.wiring.session.neighbours.sigma == 0.75
    # and the other way round
    d.window.findChild(QWidget, "latent.range").setValue(5.0)
    d.trigger("view.smooth")
    assert shown.findChild(QWidget, "preferences.slider_range").value() == 5.0
    assert not shown.findChild(QAbstractButton, "preferences.smooth").isChecked()
    forwards = d.wiring.services.render.forwards
    d.settle()
    assert d.wiring.services.render.forwards == forwards
    d.close()
    wanted = Settings("light", False, True, 5.0, 0.75, 30)
    assert Settings.load(settings_path()) == wanted
    again = open_window()
    assert again.wiring.session.preferences.settings == wanted
    assert theme.current() is theme.LIGHT and again.window.latents.slider_range() == 5.0
    assert not again.window.isAnimated()
    again.trigger("edit.preferences")
    dialog(again, "dialog.preferences").findChild(QAbstractButton, "preferences.defaults").click()
    assert again.wiring.session.preferences.settings == Settings() and again.window.isAnimated()


def test_a_theme_on_the_command_line_is_for_this_time_only(open_window: Open, make_model: Callable[..., Path]) -> None:
    d = open_window(make_model(), "--theme", "light")
    assert theme.current() is theme.LIGHT
    d.close()
    assert Settings.load(settings_path()).theme == "system"


def test_damaged_settings_and_those_of_an_older_version(open_window: Open, make_model: Callable[..., Path]) -> None:
    path = make_model()
    session_path().write_text(json.dumps({"theme": "light", "slider_range": 6}))  # before settings.json existed
    d = open_window(path)
    assert theme.current() is theme.LIGHT and d.window.latents.slider_range() == 6
    d.close()
    settings_path().write_bytes(b'{"theme": "light", "autosave_s": "soon", "device": "cuda:9", "slider_range": 7}')
    d = open_window(path)
    assert d.wiring.session.preferences.settings == Settings(theme="light", slider_range=7, device="cuda:9")
    assert d.wiring.session.model is not None and d.wiring.session.model.device == "cpu"
    assert d.message() == ""


def test_choosing_the_device_keeps_the_latent(open_window: Open, make_model: Callable[..., Path]) -> None:
    d = open_window(make_model())
    d.trigger("latent.random")
    z = d.z
    d.trigger("edit.preferences")
    combo = dialog(d, "dialog.preferences").findChild(QComboBox, "preferences.device")
    combo.setCurrentIndex(combo.findData("cpu"))
    combo.activated.emit(combo.currentIndex())
    d.settle()
    assert (d.z == z).all() and d.wiring.session.model is not None and d.wiring.session.model.device == "cpu"


def fail() -> None:
    raise ZeroDivisionError("in a slot")


@pytest.fixture
def expected(caplog: pytest.LogCaptureFixture) -> Callable[[], None]:
    """Called at the end of a test that made errors on purpose."""
    return caplog.clear


def test_many_unexpected_errors_give_one_dialog_and_the_program_goes_on(
    open_window: Open, make_model: Callable[..., Path], expected: Callable[[], None]
) -> None:
    d = open_window(make_model())
    d.wiring.memory.set_interval(300)
    d.trigger("latent.random")
    for _ in range(20):
        QTimer.singleShot(0, fail)
    thread = threading.Thread(target=fail, name="worker")
    thread.start()
    thread.join()
    d.settle()
    shown = dialog(d, "dialog.unexpected")
    assert not shown.isModal()
    assert "21 times" in shown.findChild(QLabel, "unexpected.text").text()
    assert not shown.findChild(QPlainTextEdit, "unexpected.traceback").isVisible()
    assert (SessionSnapshot.load(session_path()).latent == d.z).all(), "the state is saved at once"
    shown.findChild(QAbstractButton, "dialog.copy").click()
    copied = QGuiApplication.clipboard().text()
    assert "ZeroDivisionError: in a slot" in copied and "(20 times)" in copied
    d.trigger("latent.random")  # the application goes on
    shown.close()
    QTimer.singleShot(0, fail)
    d.settle()
    assert not [item for item in d.window.findChildren(QDialog, "dialog.unexpected") if item.isVisible()]
    assert "in a slot" in d.message(), "what was dismissed does not come back as a dialog"
    expected()


def test_an_error_while_saving_does_not_go_round_in_circles(
    open_window: Open, make_model: Callable[..., Path], monkeypatch: pytest.MonkeyPatch, expected: Callable[[], None]
) -> None:
    d = open_window(make_model())
    with monkeypatch.context() as patched:  # monkeypatch.undo() would also give the user's own home back
        patched.setattr(d.window, "save_layout", fail)
        QTimer.singleShot(0, fail)
        d.settle()
        shown = dialog(d, "dialog.unexpected")
        assert "times" not in shown.findChild(QLabel, "unexpected.text").text()
    expected()


def test_the_report_names_no_folder(open_window: Open, make_model: Callable[..., Path], tmp_path: Path) -> None:
    d = open_window(make_model())
    d.answer_dialog("file.open", "dialog.open", tmp_path / "secret folder" / "missing.safetensors")
    d.trigger("help.report")
    text = dialog(d, "dialog.report").findChild(QPlainTextEdit, "report.text").toPlainText()
    for part in ("Python", "torch", "PySide6", "System", "on cpu", "model.safetensors", "32 px"):
        assert part in text, part
    assert str(tmp_path) not in text and "secret folder" not in text
    assert (log_folder() / "latent-debugger.log").parent.is_dir()


def test_model_information_follows_the_model(open_window: Open, make_model: Callable[..., Path]) -> None:
    d = open_window(make_model("one.safetensors"))
    d.trigger("view.model_info")
    shown = dialog(d, "dialog.model_info")
    assert shown.findChild(QLabel, "model_info.name").text() == "one"
    assert shown.findChild(QTableWidget, "model_info.layers").rowCount() > 5
    d.answer_dialog("file.open", "dialog.open", make_model("two.safetensors", seed=1))
    assert shown.findChild(QLabel, "model_info.name").text() == "two"


def test_the_palette_runs_any_command(open_window: Open, make_model: Callable[..., Path]) -> None:
    d = open_window(make_model())
    z = d.z
    d.qtbot.keyClick(d.window, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    field = QApplication.focusWidget()
    assert isinstance(field, QLineEdit) and field.objectName() == "palette.field"
    d.qtbot.keyClicks(field, "zero")
    d.qtbot.keyClick(field, Qt.Key.Key_Return)
    d.settle()
    assert (z != 0).any() and (d.z == 0).all()
    assert not field.isVisible()


CONTROLS = (QAbstractButton, QLineEdit, QAbstractSpinBox, QComboBox, QAbstractSlider, QAbstractItemView)


def test_tab_reaches_every_control_in_order(open_window: Open, make_model: Callable[..., Path]) -> None:
    d = open_window(make_model())
    for name in ("bookmark.add", "latent.random", "bookmark.add", "neighbours.sample"):
        d.trigger(name)
    d.qtbot.wait(150)  # rows take their place in the order a moment after they were laid out
    d.window.activateWindow()
    first = d.window.findChild(QWidget, "header.file.open")
    first.setFocus()
    stops = [first]
    while len(stops) < 300:
        d.qtbot.keyClick(stops[-1], Qt.Key.Key_Tab)
        QCoreApplication.processEvents()  # rows complete themselves when they scroll into view
        here = QApplication.focusWidget()
        assert here is not None
        if here is first:
            break
        assert here not in stops, f"Tab goes in a circle at {here.objectName() or here.accessibleName()}"
        stops.append(here)
    wanted = [
        item
        for item in d.window.findChildren(QWidget)
        if isinstance(item, CONTROLS) and item.isVisible() and item.isEnabled() and not isinstance(item, QScrollBar)
        and item.focusPolicy() != Qt.FocusPolicy.NoFocus and item.parentWidget() not in stops
    ]  # fmt: skip
    missed = [item.objectName() or item.accessibleName() for item in wanted if item not in stops]
    assert not missed, missed
    assert all(item.accessibleName() for item in stops)
    panels = [next((n for n, dock in d.window.docks.items() if dock.isAncestorOf(item)), "header") for item in stops]
    order = [name for i, name in enumerate(panels) if i == 0 or name != panels[i - 1]]
    assert order == ["header", "latents", "neighbours", "bookmarks"]
    names = [item.objectName() or item.accessibleName() for item in stops]
    assert names.index("latent.range") < names.index("z 0") < names.index("z 11") < names.index("latent.seed")


def test_the_focus_can_be_seen(open_window: Open, make_model: Callable[..., Path]) -> None:
    d = open_window(make_model())
    d.trigger("bookmark.add")
    d.trigger("neighbours.sample")
    d.window.activateWindow()
    elsewhere = d.window.canvas
    for item in d.window.findChildren(QWidget):
        tabs = item.focusPolicy() & Qt.FocusPolicy.TabFocus and item.focusProxy() is None
        if not (tabs and item.isVisible() and item.isEnabled() and isinstance(item, CONTROLS)):
            continue
        elsewhere.setFocus()
        QCoreApplication.processEvents()
        before = item.grab().toImage()
        item.setFocus(Qt.FocusReason.TabFocusReason)
        QCoreApplication.processEvents()
        assert item.grab().toImage() != before, item.objectName() or item.accessibleName()


def test_f6_goes_round_the_panels(open_window: Open, make_model: Callable[..., Path]) -> None:
    d = open_window(make_model())
    d.trigger("bookmark.add")
    d.window.activateWindow()
    d.window.canvas.setFocus()
    parts = {"canvas": d.window.centralWidget(), **d.window.docks}
    visited = []
    for _ in range(4):
        d.trigger("view.next_panel")
        here = QApplication.focusWidget()
        assert here is not None and not isinstance(here, QLineEdit), "single letters stay commands"
        visited.append(next(name for name, part in parts.items() if part.isAncestorOf(here)))
    assert visited == ["latents", "neighbours", "bookmarks", "canvas"]
    d.trigger("view.previous_panel")
    assert d.window.docks["bookmarks"].isAncestorOf(QApplication.focusWidget())
    d.window.docks["neighbours"].close()
    d.trigger("view.previous_panel")
    assert d.window.docks["latents"].isAncestorOf(QApplication.focusWidget())
