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


def test_news_goes_by_itself_while_somebody_is_there_and_what_must_stay_stays(
    messages: MessageBar, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = False
    monkeypatch.setattr(messages, "isActiveWindow", lambda: there)
    messages.show_notice("The library is damaged.")
    messages.show_notice("cats is done: 300 steps.", lasts=False)
    assert messages._timer.isActive() and messages._timer.interval() == message_bar.NEWS_MS
    messages._timer.timeout.emit()
    assert "cats" in messages.text() and messages._timer.isActive(), "nobody could have read it"
    there = True
    messages._timer.timeout.emit()
    assert messages.text() == "The library is damaged." and messages.isVisible()
    messages.clear()
    messages.show_notice("cats is done: 300 steps.", lasts=False)
    messages._timer.timeout.emit()
    assert not messages.isVisible()


def test_an_offer_is_taken_once_and_replaced_by_what_comes_next(messages: MessageBar, qtbot: QtBot) -> None:
    taken: list[str] = []
    messages.show_offer("This run has gone on.", "Show it", lambda: taken.append("show"))
    button = messages.findChild(QToolButton, "messageBar.offer")
    assert button is not None and button.isVisible() and button.text() == messages.offer() == "Show it"
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert taken == ["show"] and not messages.isVisible() and messages.offer() == ""
    messages.show_offer("This run has gone on.", "Show it", lambda: taken.append("again"))
    messages.show_info("Exported.")
    assert not button.isVisible() and messages.offer() == "" and taken == ["show"]


def test_an_offer_leaves_the_notices_where_they_are(messages: MessageBar, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(messages, "isActiveWindow", lambda: True)
    messages.show_notice("The library is damaged.")
    messages.show_offer("One.", "Show it", lambda: None)
    messages.show_offer("Two.", "Follow again", lambda: None)
    assert messages.text() == "The library is damaged.\nTwo." and messages.offer() == "Follow again"
    messages._timer.timeout.emit()
    assert messages.text() == "The library is damaged." and messages.offer() == ""
    messages.show_offer("Three.", "Show it", lambda: None)
    messages.take_back("Three.")
    assert messages.text() == "The library is damaged." and messages.offer() == ""


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
