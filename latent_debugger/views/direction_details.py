"""The chosen direction: what it is, how far to trust it, and pictures along it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QToolButton, QVBoxLayout, QWidget

from gan.latent.directions import MAX_NAME, Direction
from latent_debugger.state.directions import KnownDirection
from latent_debugger.views import icons, theme
from latent_debugger.views.direction_strip import DirectionStrip

_METHODS = {"sefa": "SeFa", "pca": "Activation PCA", "local": "Local axis", "file": "From a file"}
_SHARES = {
    "sefa": "of what the first layer amplifies",
    "pca": "of the variance of an early layer",
    "local": "of the change of pixels around one latent",
}


def facts(direction: Direction) -> str:
    """What is known of it, in one line."""
    if direction.method == "attribute":
        parts = [f"Learnt from {direction.labels} stars"]
        if direction.accuracy is not None:
            spread = f" ± {100 * direction.deviation:.0f}" if direction.deviation is not None else ""
            parts.append(f"{100 * direction.accuracy:.0f}{spread} % right when left out")
        return " · ".join(parts)
    parts = [_METHODS.get(direction.method, "From a file")]
    if direction.share is not None:
        parts.append(f"{direction.share:.1%} {_SHARES.get(direction.method, 'of the change')}")
    return " · ".join(parts)


class DirectionDetails(QWidget):
    """Shows one direction, or that none is chosen.

    Signals:
        renamed(name): another name was typed.
        save_requested(): write this one to a file.
        place_chosen(index): go where this picture of the strip stands.
    """

    renamed = Signal(str)
    save_requested = Signal()
    place_chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.name = QLineEdit()
        self.name.setObjectName("direction.name")
        self.name.setAccessibleName("Name of the direction")
        self.name.setToolTip("Its name; F2 in the list comes here")
        self.name.setMaxLength(MAX_NAME)
        self.facts, self.warning = _label("direction.facts", "quiet"), _label("direction.warning", "warning")
        self.strip = DirectionStrip()
        self.save = _tool("direction.saveOne", "export", "Save this direction", "Save this direction, to share it")
        self._buttons = QHBoxLayout()
        self._buttons.setSpacing(0)
        self._shown: KnownDirection | None = None
        unit = theme.UNIT
        top, column = QHBoxLayout(), QVBoxLayout(self)
        top.setSpacing(unit // 2)
        top.addWidget(self.name, 1)
        top.addLayout(self._buttons)
        self._buttons.addWidget(self.save)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(unit)
        column.addLayout(top)
        column.addWidget(self.facts)
        column.addWidget(self.strip)
        column.addWidget(self.warning)
        column.addStretch(1)
        self.setMinimumWidth(240)
        self.name.editingFinished.connect(self._rename)
        self.save.clicked.connect(self._save)
        self.strip.chosen.connect(self.place_chosen)
        self.set_direction(None)

    def add_actions(self, *actions: QAction) -> None:
        """Give the window's actions their buttons."""
        for action in actions:
            button = _tool(f"{action.objectName()}Button", "", action.text().replace("&", ""), action.toolTip())
            button.setDefaultAction(action)
            self._buttons.addWidget(button)

    def set_direction(self, item: KnownDirection | None) -> None:
        """Show this one; None for none."""
        before, self._shown = self._shown, item
        if item is None or before is None or before.id != item.id or not self.name.isModified():
            self.name.setText(item.direction.name if item is not None else "")
        self.facts.setText(facts(item.direction) if item is not None else "")
        warning = item.direction.warning if item is not None else ""
        self.warning.setText(warning)
        self.warning.setVisible(bool(warning))

    def set_remark(self, text: str) -> None:
        """Why there are no pictures along it, in place of the warning; empty for the warning again."""
        warning = self._shown.direction.warning if self._shown is not None else ""
        self.warning.setText(text or warning)
        self.warning.setVisible(bool(text or warning))

    @Slot()
    def _rename(self) -> None:
        if self._shown is None or not self.name.isModified():
            return
        self.name.setModified(False)
        text = " ".join(self.name.text().split())
        if not text:
            self.name.setText(self._shown.direction.name)
        elif text != self._shown.direction.name:
            self.renamed.emit(text)

    @Slot()
    def _save(self) -> None:
        self.save_requested.emit()


def _label(name: str, look: str) -> QLabel:
    label = QLabel()
    label.setObjectName(name)
    label.setProperty(look, True)
    label.setTextFormat(Qt.TextFormat.PlainText)  # a file may call a direction anything
    label.setWordWrap(True)
    label.setFont(theme.numbers_font(label.font()))
    return label


def _tool(name: str, icon: str, says: str, tooltip: str) -> QToolButton:
    button = QToolButton()
    button.setObjectName(name)
    button.setAccessibleName(says)
    button.setToolTip(tooltip)
    button.setAutoRaise(True)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    if icon:
        icons.set_icon(button, icon)
    return button
