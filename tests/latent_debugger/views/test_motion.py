from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QDockWidget, QLabel, QMainWindow
from pytestqt.qtbot import QtBot

from latent_debugger.views import motion


@pytest.mark.parametrize("wish", [True, False])
def test_reduced_motion_comes_and_goes(qtbot: QtBot, wish: bool) -> None:
    window = QMainWindow()
    qtbot.addWidget(window)
    effect = Qt.UIEffect.UI_FadeTooltip
    before = QApplication.isEffectEnabled(effect)
    QApplication.setEffectEnabled(effect, wish)
    wished = QApplication.isEffectEnabled(effect)  # without a desktop nothing moves anyway
    motion.set_reduced(window, True)
    motion.set_reduced(window, True)
    assert not window.isAnimated() and not QApplication.isEffectEnabled(effect)
    motion.set_reduced(window, False)
    assert window.isAnimated() and QApplication.isEffectEnabled(effect) == wished
    QApplication.setEffectEnabled(effect, before)


def test_a_widget_knows_whether_its_window_keeps_still_also_in_a_floating_panel(qtbot: QtBot) -> None:
    window, label = QMainWindow(), QLabel()
    qtbot.addWidget(window)
    assert not motion.is_reduced(label)
    dock = QDockWidget("panel", window)
    dock.setWidget(label)
    window.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, dock)
    dock.setFloating(True)
    assert not motion.is_reduced(label)
    motion.set_reduced(window, True)
    assert motion.is_reduced(label)
    motion.set_reduced(window, False)
