from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QMainWindow
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
