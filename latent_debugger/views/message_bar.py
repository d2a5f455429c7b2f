"""What the window has to say, without stopping anybody: one line over the top of the canvas."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton, QWidget

from gan.errors import UserError
from latent_debugger.views import icons, theme

INFO_MS = 6000
"""How long an information stays; an error stays until it is closed or replaced."""


class MessageBar(QFrame):
    """One message at a time; the newest replaces the one before."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("messageBar")
        self.setAccessibleName("Message")
        self._notices: list[str] = []
        self._icon = QLabel()
        self._label = QLabel()
        self._label.setObjectName("messageBar.text")
        self._label.setTextFormat(Qt.TextFormat.PlainText)  # a file or a run may say anything of itself
        self._label.setWordWrap(True)
        close = QToolButton()
        close.setObjectName("messageBar.close")
        close.setAccessibleName("Close message")
        close.setToolTip("Close this message")
        icons.set_icon(close, "close")
        close.clicked.connect(self.clear)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.UNIT + 4, 4, 4, 4)
        row.setSpacing(theme.UNIT)
        row.addWidget(self._icon)
        row.addWidget(self._label, 1)
        row.addWidget(close)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(INFO_MS)
        self._timer.timeout.connect(self.clear)
        theme.themed.changed.connect(self._draw_icon)
        self.clear()

    @Slot(object)
    def show_error(self, error: UserError | str) -> None:
        """Say what is wrong, and what to do about it where the error knows; stays until closed."""
        self._notices = []
        self._show("error", str(error))
        self._timer.stop()

    def show_info(self, text: str) -> None:
        """Say that something went well; goes away by itself."""
        self._notices = []
        self._show("info", text)
        self._timer.start()

    def show_notice(self, text: str) -> None:
        """Say something the user should not miss: it stays until closed, and a second one comes below the first."""
        self._notices.append(text)
        self._show("info", "\n".join(dict.fromkeys(self._notices)))
        self._timer.stop()

    def take_back(self, text: str) -> None:
        """Say ``text`` no longer: it is not true any more. What else is said stays."""
        if self.text() == text:
            self.clear()
        elif text in self._notices:
            self._notices = [notice for notice in self._notices if notice != text]
            self._label.setText("\n".join(dict.fromkeys(self._notices)))
            self.setAccessibleDescription(self.text())

    def clear(self) -> None:
        """Say nothing."""
        self._timer.stop()
        self._notices = []
        self._label.clear()
        self.hide()

    def text(self) -> str:
        """The message shown; empty when there is none."""
        return self._label.text()

    def kind(self) -> str:
        """``error`` or ``info``: the latest message's."""
        return str(self.property("kind") or "")

    def _show(self, kind: str, text: str) -> None:
        self.setProperty("kind", kind)
        self.style().unpolish(self)  # the stylesheet looks at properties only when it polishes
        self.style().polish(self)
        self._label.setText(text)
        self.setAccessibleDescription(text)
        self._draw_icon()
        self.show()

    def _draw_icon(self) -> None:
        tokens, error = theme.current(), self.kind() == "error"
        name, colour = ("warning", tokens.danger) if error else ("info", tokens.accent)
        self._icon.setPixmap(icons.pixmap(name, colour, 16, self.devicePixelRatioF()))
