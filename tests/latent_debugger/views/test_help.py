"""F1 leaves nothing out."""

from __future__ import annotations

from itertools import pairwise

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from latent_debugger.views.actions import ACTIONS, DOCK_ACTIONS, dress
from latent_debugger.views.gestures import GESTURES
from latent_debugger.views.help import ShortcutsDialog


def test_every_shortcut_and_every_gesture_is_told(qtbot: QtBot) -> None:
    owner = QObject()
    actions = {spec.id: dress(QAction(owner), spec) for spec in (*ACTIONS, *DOCK_ACTIONS)}
    dialog = ShortcutsDialog(actions)
    qtbot.addWidget(dialog)
    told = [label.text() for label in dialog.findChildren(QLabel)]
    for spec in (*ACTIONS, *DOCK_ACTIONS):
        name = spec.text.replace("&", "").rstrip("…")
        if spec.shortcut:
            keys = QKeySequence(spec.shortcut).toString(QKeySequence.SequenceFormat.NativeText)
            assert any(pair == (name, keys) for pair in pairwise(told)), spec.id
    for title, lines in GESTURES.items():
        assert title in told
        assert all(line in pairwise(told) for line in lines)
    assert "" not in told, "no line without keys"
