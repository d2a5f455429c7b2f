"""A hint takes what room there is, and never asks for more."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QToolButton
from pytestqt.qtbot import QtBot

from latent_debugger.state.hints import HINTS, next_hint
from latent_debugger.views.hint_strip import HintStrip


@pytest.fixture
def strip(qtbot: QtBot) -> HintStrip:
    made = HintStrip()
    qtbot.addWidget(made)
    made.resize(400, 28)
    made.show()
    return made


def test_hints_come_one_after_another() -> None:
    assert next_hint(()) is HINTS[0] and next_hint(("random", "sample")) is HINTS[1]
    assert next_hint([hint.id for hint in HINTS]) is None
    assert all(len(hint.told("Ctrl+D")) <= 36 for hint in HINTS)


def test_it_says_what_to_do_and_can_be_closed(strip: HintStrip, qtbot: QtBot) -> None:
    close = strip.findChild(QToolButton, "hint.close")
    assert not close.isVisible() and strip.text() == ""
    strip.set_hint("Press R for another picture")
    assert strip.text() == strip.accessibleDescription() == "Press R for another picture" and close.isVisible()
    with qtbot.waitSignal(strip.dismissed):
        qtbot.mouseClick(close, Qt.MouseButton.LeftButton)
    strip.set_done()
    assert strip.text() and not close.isVisible(), "what was done needs no closing"
    strip.set_hint("")
    assert not strip.findChild(QLabel, "hint.text").isVisible()


def test_it_moves_nothing(strip: HintStrip) -> None:
    strip.set_hint("Press R for another picture")
    words = strip.findChild(QLabel, "hint.text")
    place = words.geometry()
    strip.set_done()
    assert words.geometry() == place
    assert strip.minimumSizeHint().width() == 0
    for width, shows in ((300, True), (210, True), (120, False), (10, False), (300, True)):
        strip.resize(width, 28)
        strip.grab()
        assert words.isVisible() == shows and (words.width() < width or not shows)
