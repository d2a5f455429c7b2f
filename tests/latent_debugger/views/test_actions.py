"""Every action can be found, read and reached."""

from __future__ import annotations

from collections import Counter

import pytest
from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QApplication

from latent_debugger.views import icons
from latent_debugger.views.actions import ACTIONS, DOCK_ACTIONS, MENUS, build_actions, dress

EVERY = (*ACTIONS, *DOCK_ACTIONS)


@pytest.mark.parametrize("spec", EVERY, ids=lambda spec: spec.id)
def test_every_action_is_complete(qapp: QApplication, spec) -> None:  # type: ignore[no-untyped-def]
    action = dress(QAction(), spec)
    assert action.objectName() == spec.id
    assert spec.menu in MENUS
    assert action.text()
    assert action.shortcut().isEmpty() == (not spec.shortcut)
    assert action.shortcut().toString(QKeySequence.SequenceFormat.NativeText) in action.toolTip()
    assert len(action.toolTip()) > len(action.text())
    assert not spec.icon or spec.icon in icons.SHAPES
    assert bool(spec.icon) != action.icon().isNull()


def test_ids_and_shortcuts_are_unique(qapp: QApplication) -> None:
    assert not [name for name, n in Counter(spec.id for spec in EVERY).items() if n > 1]
    keys = Counter(QKeySequence(key).toString() for spec in EVERY for key in (spec.shortcut, *spec.also) if key)
    assert "" not in keys, "a shortcut Qt cannot read"
    assert not [key for key, n in keys.items() if n > 1]


def test_mnemonics_are_unique_in_their_menu() -> None:
    for area in MENUS:
        letters = Counter(
            spec.text[spec.text.index("&") + 1].lower() for spec in EVERY if spec.menu == area and "&" in spec.text
        )
        assert not [letter for letter, n in letters.items() if n > 1], area


def test_build_actions_knows_them_by_id(qapp: QApplication) -> None:
    parent = QObject()
    actions = build_actions(parent)
    assert list(actions) == [spec.id for spec in ACTIONS]
    assert all(action.parent() is parent for action in actions.values())
