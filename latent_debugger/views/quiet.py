"""Quiet parts of a panel's head: buttons that are icons, and tabs for its pages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QTabBar, QToolButton, QWidget

from latent_debugger.views import icons


def tool(name: str, says: str, icon: str = "") -> QToolButton:
    """A button that is an icon; ``says`` is its tooltip and its accessible name."""
    button = QToolButton()
    button.setObjectName(name)
    button.setAccessibleName(says)
    button.setToolTip(says)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    button.setAutoRaise(True)
    if icon:
        icons.set_icon(button, icon)
    return button


def tool_menu(name: str, says: str, icon: str, actions: Sequence[QAction], parent: QWidget) -> QToolButton:
    """One that opens a menu of ``actions``, which ``parent`` owns."""
    menu = QMenu(parent)
    menu.addActions(list(actions))
    button = tool(name, says, icon)
    button.setMenu(menu)
    button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
    return button


def page_tabs(name: str, says: str, pages: Iterable[tuple[str, str]], padding: str = "4px 10px") -> QTabBar:
    """Tabs for ``pages``: titles and tooltips."""
    tabs = QTabBar()
    tabs.setObjectName(name)
    tabs.setAccessibleName(says)
    tabs.setDrawBase(False)
    tabs.setExpanding(False)
    tabs.setStyleSheet(f"QTabBar {{ background: transparent; }} QTabBar::tab {{ padding: {padding}; }}")
    for title, tooltip in pages:
        tabs.setTabToolTip(tabs.addTab(title), tooltip)
    return tabs
