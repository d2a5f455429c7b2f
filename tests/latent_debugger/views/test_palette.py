from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from latent_debugger.views.palette import Palette

Opened = tuple[Palette, list[str], QLineEdit]


@pytest.fixture
def opened(qtbot: QtBot) -> Iterator[Opened]:
    """A palette over a window that has a text field, which had the focus; and what was triggered."""
    window, field, triggered = QWidget(), QLineEdit(), []
    QVBoxLayout(window).addWidget(field)
    qtbot.addWidget(window)
    window.resize(800, 600)
    window.show()
    window.activateWindow()
    field.setFocus()
    qtbot.waitUntil(field.hasFocus)
    actions = []
    for name, text, keys in (
        ("file.save_picture", "&Save picture…", "Ctrl+S"),
        ("edit.undo", "&Undo salt && pepper", "Ctrl+Z"),
        ("neighbours.sample", "&Sample neighbours", "N"),
        ("view.smooth", "S&mooth picture", "Ctrl+M"),
        ("edit.redo", "&Redo", "Ctrl+Y"),
    ):
        action = QAction(text, window)
        action.setObjectName(name)
        action.setShortcut(keys)
        action.triggered.connect(lambda _=False, name=name: triggered.append(name))
        actions.append(action)
    actions[-1].setEnabled(False)
    recent = QAction("people64.safetensors", window)
    recent.triggered.connect(lambda: triggered.append("recent"))
    window.addActions(actions)
    palette = Palette(window)
    palette.open_with(actions, [recent])
    yield palette, triggered, field
    palette.hide()


def names(palette: Palette) -> list[str]:
    return [palette.list.item(row).text() for row in range(palette.list.count())]


def test_it_offers_what_is_enabled_and_recent_files(opened: Opened) -> None:
    palette, _, _ = opened
    assert names(palette) == [
        "Save picture", "Undo salt & pepper", "Sample neighbours", "Smooth picture", "people64.safetensors",
    ]  # fmt: skip
    assert palette.field.hasFocus()
    spoken = palette.list.item(2).data(Qt.ItemDataRole.AccessibleTextRole)
    assert spoken == "Neighbours, Sample neighbours, N"


def test_a_few_letters_and_return(qtbot: QtBot, opened: Opened) -> None:
    palette, triggered, field = opened
    qtbot.keyClicks(palette.field, "sanei")
    assert names(palette)[0] == "Sample neighbours"
    qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    assert triggered == ["neighbours.sample"] and not palette.isVisible() and field.hasFocus()


def test_the_area_can_be_typed_too(qtbot: QtBot, opened: Opened) -> None:
    palette, _, _ = opened
    qtbot.keyClicks(palette.field, "view smo")
    assert names(palette) == ["Smooth picture"]


def test_recent_files_are_found(qtbot: QtBot, opened: Opened) -> None:
    palette, triggered, _ = opened
    qtbot.keyClicks(palette.field, "people")
    qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    assert triggered == ["recent"]


def test_arrows_choose_and_wrap(qtbot: QtBot, opened: Opened) -> None:
    palette, triggered, _ = opened
    for key, row in ((Qt.Key.Key_Up, 4), (Qt.Key.Key_Down, 0), (Qt.Key.Key_Down, 1), (Qt.Key.Key_PageDown, 4)):
        qtbot.keyClick(palette.field, key)
        assert palette.list.currentRow() == row
    qtbot.keyClick(palette.field, Qt.Key.Key_PageUp)
    qtbot.keyClick(palette.field, Qt.Key.Key_Down)
    qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    assert triggered == ["edit.undo"]


def test_escape_goes_back(qtbot: QtBot, opened: Opened) -> None:
    palette, triggered, field = opened
    qtbot.keyClick(palette.field, Qt.Key.Key_Escape)
    assert not palette.isVisible() and triggered == [] and field.hasFocus()


def test_a_click_elsewhere_leaves_it(qtbot: QtBot, opened: Opened) -> None:
    palette, triggered, field = opened
    qtbot.mouseClick(palette, Qt.MouseButton.LeftButton)
    assert palette.isVisible()
    qtbot.mouseClick(field.parentWidget(), Qt.MouseButton.LeftButton)
    assert not palette.isVisible() and triggered == []


def test_a_click_on_a_command_does_it(qtbot: QtBot, opened: Opened) -> None:
    palette, triggered, _ = opened
    place = palette.list.visualItemRect(palette.list.item(3)).center()
    qtbot.mouseClick(palette.list.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert triggered == ["view.smooth"] and not palette.isVisible()


def test_no_shortcut_of_the_window_fires_while_it_is_open(qtbot: QtBot, opened: Opened) -> None:
    palette, triggered, _ = opened
    qtbot.keyClick(palette.field, Qt.Key.Key_N)
    qtbot.keyClick(palette.field, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    assert triggered == [] and palette.field.text() == "n"


def test_nothing_found_is_said_and_return_does_nothing(qtbot: QtBot, opened: Opened) -> None:
    palette, triggered, _ = opened
    qtbot.keyClicks(palette.field, "qqqq")
    assert names(palette) == ["No command is called that."]
    qtbot.keyClick(palette.field, Qt.Key.Key_Down)
    qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    assert triggered == [] and palette.isVisible()


def test_it_opens_again_as_new(qtbot: QtBot, opened: Opened) -> None:
    palette, triggered, field = opened
    qtbot.keyClicks(palette.field, "smooth")
    palette.hide()
    palette.open_with([])
    assert palette.field.text() == "" and names(palette) == ["No command is called that."]
    qtbot.keyClick(palette.field, Qt.Key.Key_Escape)
    assert field.hasFocus() and triggered == []
