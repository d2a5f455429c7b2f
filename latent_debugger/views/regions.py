"""F6: the keyboard goes from the picture to each panel and back, to where it last was in each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from PySide6.QtCore import QObject, Qt, Slot
from PySide6.QtWidgets import (
    QAbstractItemView,
    QAbstractSlider,
    QApplication,
    QDockWidget,
    QLineEdit,
    QWidget,
)
from shiboken6 import isValid


class Regions(QObject):
    """Moves the focus between ``parts`` of a window; hidden ones are passed over."""

    def __init__(self, parts: Sequence[QWidget], parent: QObject) -> None:
        super().__init__(parent)
        self._parts = tuple(parts)
        self._last: dict[QWidget, QWidget] = {}
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        app.focusChanged.connect(self._remember)

    @Slot()
    def next(self) -> None:
        """Focus the part after the one that has the focus."""
        self._go(1)

    @Slot()
    def previous(self) -> None:
        """Focus the part before the one that has the focus."""
        self._go(-1)

    def _go(self, step: int) -> None:
        regions = [part for part in self._parts if not part.isHidden()]
        here = QApplication.focusWidget()
        at = next((i for i, part in enumerate(regions) if here is not None and part.isAncestorOf(here)), -1)
        start = at if at >= 0 else (-1 if step > 0 else 0)
        for k in range(1, len(regions) + 1):
            part = regions[(start + k * step) % len(regions)]
            if part.visibleRegion().isEmpty():
                part.raise_()  # it is behind a tab
            target = self._target(part)
            if target is not None:
                target.window().activateWindow()
                target.setFocus(Qt.FocusReason.TabFocusReason)
                return

    def _target(self, part: QWidget) -> QWidget | None:
        """Where the focus last was, else the first list with something in it, else the first
        slider or list, else the first control that takes no letters."""
        last = self._last.get(part)
        if last is not None and isValid(last) and last.isVisible() and last.isEnabled():
            return last
        choices = list(reachable(part.widget() if isinstance(part, QDockWidget) else part))
        filled = [item for item in choices if isinstance(item, QAbstractItemView) and item.model().rowCount()]
        main = [item for item in choices if isinstance(item, QAbstractSlider | QAbstractItemView)]
        quiet = [item for item in choices if not isinstance(item, QLineEdit)]
        return next(iter((*filled, *main, *quiet, *choices)), None)

    @Slot(QWidget, QWidget)
    def _remember(self, old: QWidget | None, new: QWidget | None) -> None:
        for part in self._parts:
            if new is not None and isValid(part) and part.isAncestorOf(new):
                self._last[part] = new


def reachable(root: QWidget) -> Iterator[QWidget]:
    """Everything below ``root`` that Tab stops at now, in its order."""
    item = root.nextInFocusChain()
    while item is not root:
        stops = item.focusPolicy() & Qt.FocusPolicy.TabFocus and item.isVisible() and item.isEnabled()
        if stops and item.focusProxy() is None and root.isAncestorOf(item):
            yield item
        item = item.nextInFocusChain()
