"""What the message bar and the status bar say."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QToolButton
from pytestqt.qtbot import QtBot

from gan.errors import UserError
from latent_debugger.state.model import OpenModel
from latent_debugger.views import message_bar
from latent_debugger.views.message_bar import MessageBar
from latent_debugger.views.status_bar import StatusBar

MODEL = OpenModel(
    path=Path("people64.safetensors"), name="people64", dim=100, space="z", image_size=64, channels=3, step=20000,
    run=None, sha256="0" * 64, device="cpu", objective="wgan-gp",
)  # fmt: skip


@pytest.fixture
def messages(qtbot: QtBot) -> MessageBar:
    bar = MessageBar()
    qtbot.addWidget(bar)
    return bar


def test_an_error_stays_until_it_is_closed(messages: MessageBar, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    messages.show_info("Exported.")
    messages.show_error(UserError("The file is damaged.", "Choose another one."))
    assert messages.isVisible()
    assert (messages.text(), messages.kind()) == ("The file is damaged. Choose another one.", "error")
    assert not messages._timer.isActive()
    close = messages.findChild(QToolButton, "messageBar.close")
    qtbot.mouseClick(close, Qt.MouseButton.LeftButton)
    assert not messages.isVisible()
    assert messages.text() == ""


def test_an_information_goes_by_itself(messages: MessageBar, qtbot: QtBot) -> None:
    messages.show_info("Exported 3 stars.")
    assert (messages.text(), messages.kind()) == ("Exported 3 stars.", "info")
    assert messages._timer.isActive()
    assert messages._timer.interval() == message_bar.INFO_MS
    messages._timer.timeout.emit()
    assert not messages.isVisible()


def test_a_closed_information_does_not_take_the_next_message_with_it(messages: MessageBar) -> None:
    messages.show_info("One.")
    messages.clear()
    assert not messages._timer.isActive()


def test_notices_add_up_until_they_are_closed(messages: MessageBar) -> None:
    for text in ("One.", "Two.", "One."):
        messages.show_notice(text)
    assert messages.text() == "One.\nTwo." and not messages._timer.isActive()
    messages.clear()
    messages.show_notice("Three.")
    assert messages.text() == "Three."
    messages.show_error("Four.")
    messages.show_notice("Five.")
    assert messages.text() == "Five."


def test_status_reads_as_one_line(qtbot: QtBot) -> None:
    status = StatusBar()
    qtbot.addWidget(status)
    assert status.text() == "No model"
    status.set_model(MODEL)
    assert status.text() == "people64 · step 20000 · cpu"
    status.set_timing(0.91, 4.02, 0)
    status.set_norm(9.81, 41.2)
    assert status.text() == "people64 · step 20000 · cpu · model 0.9 ms · frame 4 ms · 0 dropped · |z| 9.8 (41 %)"
    status.set_model(None)
    assert status.text() == "No model"


@pytest.mark.parametrize(
    ("value", "text"), [(0.0, "0 ms"), (0.04, "0 ms"), (3.44, "3.4 ms"), (9.97, "10 ms"), (523.6, "524 ms")]
)
def test_milliseconds_have_two_digits(qtbot: QtBot, value: float, text: str) -> None:
    status = StatusBar()
    qtbot.addWidget(status)
    status.set_timing(value, 1.0, 2)
    assert status.text() == f"No model · model {text} · frame 1 ms · 2 dropped"
