"""What the program's small windows have in common: a name, one instance, Escape closes, nothing else waits."""

from __future__ import annotations

from typing import Any, Self

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QFontDatabase, QGuiApplication
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from latent_debugger.views import theme

COPIED_MS = 1500


class Dialog(QDialog):
    """Stands beside the window without blocking it, and is gone for good when it is closed.

    Args:
        name: objectName, ``dialog.what``.
        title: of the window, and what screen readers say.
    """

    def __init__(self, name: str, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setAccessibleName(title)
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(*[2 * theme.UNIT] * 4)
        self.column.setSpacing(theme.UNIT)

    @classmethod
    def present_one(cls, parent: QWidget, *args: Any) -> Self:
        """The one that is open already below ``parent``, or a new one made with ``args``; in front, in either case."""
        dialog = next((found for found in parent.findChildren(cls) if found.isVisible()), None) or cls(*args, parent)
        dialog.present()
        return dialog

    def present(self) -> None:
        """Show it, or bring it to the front."""
        if self.isVisible():
            self.raise_()
        self.show()
        self.activateWindow()

    def text(self) -> str:
        """What Copy copies."""
        return ""

    def add_buttons(self, *buttons: QPushButton | None) -> None:
        """A line of buttons, and Close at its right end; None pushes the rest to the right."""
        close = button("dialog.close", "Close", "Close this window (Esc)")
        close.clicked.connect(self.close)
        row = QHBoxLayout()
        row.setSpacing(theme.UNIT)
        for item in (*buttons, close):
            if item is None:
                row.addStretch(1)
            else:
                row.addWidget(item)
        self.column.addLayout(row)


class CopyButton(QPushButton):
    """Copies the text of the dialog it stands in, and says so for a moment."""

    def __init__(self) -> None:
        super().__init__("Copy")
        self.setObjectName("dialog.copy")
        self.setAccessibleName("Copy")
        self.setToolTip("Copy the text to the clipboard")
        self.setAutoDefault(False)
        self.clicked.connect(self._copy)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(COPIED_MS)
        self._timer.timeout.connect(self._rest)

    def _copy(self) -> None:
        dialog = self.window()
        assert isinstance(dialog, Dialog)
        QGuiApplication.clipboard().setText(dialog.text())
        self.setText("Copied")
        self._timer.start()

    def _rest(self) -> None:
        self.setText("Copy")


def button(name: str, text: str, tooltip: str) -> QPushButton:
    """A button that Return does not press from elsewhere."""
    made = QPushButton(text)
    made.setObjectName(name)
    made.setAccessibleName(text.replace("&", "").removesuffix("…"))
    made.setToolTip(tooltip)
    made.setAutoDefault(False)
    return made


def text_view(name: str, accessible: str) -> QPlainTextEdit:
    """Plain text to be read and copied, in a font of equal widths; Tab leaves it."""
    view = QPlainTextEdit()
    view.setObjectName(name)
    view.setAccessibleName(accessible)
    view.setReadOnly(True)
    view.setTabChangesFocus(True)
    view.setTextInteractionFlags(
        Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
    )
    view.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
    view.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
    return view
