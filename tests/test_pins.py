"""Why versions are pinned, measured."""

from __future__ import annotations

import sys

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot


def test_qt_calls_do_not_eat_references_to_none(qtbot: QtBot) -> None:
    """PySide6 6.12.0 drops one at most void calls on CPython < 3.12, and the process aborts after some thousands."""
    widget, thing = QWidget(), QObject()
    qtbot.addWidget(widget)
    before = sys.getrefcount(None)
    for _ in range(1000):
        widget.update()
        widget.setToolTip("")
        thing.setObjectName("x")
    assert abs(sys.getrefcount(None) - before) < 100
