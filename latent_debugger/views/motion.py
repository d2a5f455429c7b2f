"""Reduced motion: whatever Qt would slide or fade in appears at once."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QMainWindow, QWidget

_EFFECTS = (
    Qt.UIEffect.UI_AnimateMenu,
    Qt.UIEffect.UI_FadeMenu,
    Qt.UIEffect.UI_AnimateCombo,
    Qt.UIEffect.UI_AnimateTooltip,
    Qt.UIEffect.UI_FadeTooltip,
    Qt.UIEffect.UI_AnimateToolBox,
)
_desktop: dict[Qt.UIEffect, bool] = {}  # what the desktop wants, once it was overruled


def set_reduced(window: QMainWindow, reduced: bool) -> None:
    """Let ``window`` and the application move things, as the desktop wishes, or never."""
    window.setAnimated(not reduced)
    if reduced and not _desktop:
        _desktop.update({effect: QApplication.isEffectEnabled(effect) for effect in _EFFECTS})
    if reduced or _desktop:
        for effect in _EFFECTS:
            QApplication.setEffectEnabled(effect, not reduced and _desktop[effect])
    if not reduced:
        _desktop.clear()


def is_reduced(widget: QWidget) -> bool:
    """Whether the window that ``widget`` belongs to keeps still; without a window nothing was said against motion."""
    found: QWidget | None = widget
    while found is not None and not isinstance(found, QMainWindow):
        found = found.parentWidget()
    return isinstance(found, QMainWindow) and not found.isAnimated()
