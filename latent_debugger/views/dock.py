"""A panel's frame: slim title with two quiet buttons, nothing else."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QApplication,
    QDockWidget,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QWidget,
)

from latent_debugger.views import theme, wheel
from latent_debugger.views.actions import ActionSpec, dress
from latent_debugger.views.quiet import tool

TITLE_HEIGHT = 28


class Dock(QDockWidget):
    """One panel that can float, close and move; its toggle action is dressed as ``spec``.

    Args:
        panel: what it holds.
        spec: ``view.NAME`` gives the objectName ``dock.NAME``, which saved layouts know it by.
    """

    def __init__(self, panel: QWidget, spec: ActionSpec, parent: QWidget | None = None) -> None:
        title = spec.text.replace("&", "")
        super().__init__(title, parent)
        self.setObjectName(spec.id.replace("view.", "dock."))
        self.setAccessibleName(title)
        self.setTitleBarWidget(_Title(self))
        panel.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)  # or a plain QWidget would let the ground through
        for field in panel.findChildren(QAbstractSpinBox):
            field.findChild(QLineEdit).setTextMargins(4, 0, 0, 0)  # the stylesheet's padding does not reach inside
        wheel.guard(panel)
        self.setWidget(panel)
        # Qt's own toggle action was not made by Python, so PySide may invalidate its wrapper while it lives on
        own = self.toggleViewAction()
        self.toggle = dress(QAction(self), spec)
        self.toggle.setChecked(own.isChecked())
        own.toggled.connect(self.toggle.setChecked)
        self._in_front = False
        self.visibilityChanged.connect(self._note_front)
        self.toggle.triggered.connect(self._toggle)
        self.topLevelChanged.connect(self._outline)

    @Slot(bool)
    def _note_front(self, on: bool) -> None:
        self._in_front = on

    @Slot(bool)
    def _toggle(self, on: bool) -> None:
        """Open or close; but a panel behind another tab was asked for to be seen, so it comes to the front."""
        if not on and not self._in_front and self.isVisible():
            self.toggle.setChecked(True)
            self.raise_()
        else:
            self.toggleViewAction().trigger()

    def _outline(self, floating: bool) -> None:
        """A floating panel has no frame of its own and would melt into the window behind it."""
        for part in (self.titleBarWidget(), self.widget()):
            part.setProperty("floating", floating)
            part.style().unpolish(part)  # the stylesheet looks at properties only when it polishes
            part.style().polish(part)


class _Title(QWidget):
    """Presses on it fall through to the dock, which is how it is dragged."""

    def __init__(self, dock: QDockWidget) -> None:
        super().__init__(dock)
        self.setObjectName("dockTitle")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedHeight(TITLE_HEIGHT)
        name = QLabel(dock.windowTitle())
        name.setObjectName("dockTitleText")
        name.setFont(theme.caption_font())
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.UNIT, 0, theme.UNIT // 2, 0)
        row.setSpacing(0)
        row.addWidget(name, 1)
        floating = tool(f"{dock.objectName()}.float", f"Detach or attach {dock.windowTitle()}", "float")
        floating.clicked.connect(self._detach)
        closing = tool(f"{dock.objectName()}.close", f"Close {dock.windowTitle()}", "close")
        closing.clicked.connect(dock.close)
        row.addWidget(floating)
        row.addWidget(closing)

    def _detach(self) -> None:
        dock = self.parent()
        assert isinstance(dock, QDockWidget)
        focused = QApplication.focusWidget()
        place, size = dock.mapToGlobal(QPoint(0, 0)), dock.size()
        dock.setFloating(not dock.isFloating())
        if dock.isFloating():  # exactly where it was: Qt would leave room for a frame that it has not
            dock.resize(size)
            dock.move(place)
        if focused is not None and dock.isAncestorOf(focused):  # the new parent has passed it on to some other panel
            dock.activateWindow()
            focused.setFocus()
