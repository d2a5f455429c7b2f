from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from latent_debugger.views.seed_field import SeedField


@pytest.fixture
def field(qtbot: QtBot) -> SeedField:
    field = SeedField()
    qtbot.addWidget(field)
    return field


@pytest.mark.parametrize("seed", [0, 42, 2**31, 2**32 - 1])
def test_return_submits_the_seed(field: SeedField, qtbot: QtBot, seed: int) -> None:
    QTest.keyClicks(field, str(seed))
    with qtbot.waitSignal(field.submitted) as submitted:
        QTest.keyClick(field, Qt.Key.Key_Return)
    assert submitted.args == [seed]


@pytest.mark.parametrize(("typed", "text"), [("-5", "5"), ("4294967296", "429496729"), ("1a2", "12")])
def test_only_seeds_can_be_typed(field: SeedField, typed: str, text: str) -> None:
    QTest.keyClicks(field, typed)
    assert field.text() == text


def test_only_plain_digits_count(field: SeedField) -> None:
    field.setText("٣")
    assert field.seed() is None
    field.setText(" 3 ")
    assert field.seed() == 3


def test_nothing_is_no_seed(field: SeedField, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(field.submitted):
        QTest.keyClick(field, Qt.Key.Key_Return)
    assert field.seed() is None


def test_showing_a_seed_submits_nothing(field: SeedField, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(field.submitted):
        field.set_seed(7)
        assert field.seed() == 7
        field.set_seed(None)
    assert field.text() == ""
