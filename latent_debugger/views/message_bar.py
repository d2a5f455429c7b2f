"""What the window has to say, without stopping anybody: one line over the top of the canvas."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, QTimer, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton, QWidget

from gan.errors import UserError
from latent_debugger.views import icons, theme

INFO_MS = 6000
"""How long an information stays; an error stays until it is closed or replaced."""
OFFER_MS = 15_000
"""How long one with a button stays: it has to be read, thought about and reached."""
NEWS_MS = 10_000
"""How long news stays, counted while somebody is there to read it."""


class MessageBar(QFrame):
    """One message at a time; the newest replaces the one before."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("messageBar")
        self.setAccessibleName("Message")
        self._notices: list[str] = []
        self._news: set[str] = set()  # those of the notices that go by themselves
        self._do: Callable[[], object] | None = None
        self._offered = ""  # what the button belongs to
        self._icon = QLabel()
        self._label = QLabel()
        self._label.setObjectName("messageBar.text")
        self._label.setTextFormat(Qt.TextFormat.PlainText)  # a file or a run may say anything of itself
        self._label.setWordWrap(True)
        self._offer = QToolButton()
        self._offer.setObjectName("messageBar.offer")
        self._offer.setProperty("offer", True)
        self._offer.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._offer.clicked.connect(self._take_offer)
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
        row.addWidget(self._offer)
        row.addWidget(close)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(INFO_MS)
        self._timer.timeout.connect(self._lapse)
        theme.themed.changed.connect(self._draw_icon)
        self.clear()

    @Slot(object)
    def show_error(self, error: UserError | str) -> None:
        """Say what is wrong, and what to do about it where the error knows; stays until closed."""
        self._forget()
        self._show("error", str(error))

    def show_info(self, text: str) -> None:
        """Say that something went well; goes away by itself."""
        self._forget()
        self._show("info", text)
        self._timer.start(INFO_MS)

    def show_offer(self, text: str, label: str, do: Callable[[], object]) -> None:
        """Say something below the notices, with a button ``label`` that calls ``do()`` in the GUI thread; goes away by
        itself. There is one at a time."""
        self._notices = [notice for notice in self._notices if notice != self._offered]
        self._offer.setText(label)
        self._add(text, lasts=False, offer=do)

    def show_notice(self, text: str, *, lasts: bool = True) -> None:
        """Say something the user should not miss: a second one comes below the first.

        Args:
            lasts: it stays until it is closed; else it goes after a while in which the window was in use.
        """
        self._add(text, lasts=lasts, offer=self._do)

    def take_back(self, text: str) -> None:
        """Say ``text`` no longer: it is not true any more. What else is said stays."""
        if self.text() == text:
            self.clear()
        elif text in self._notices:
            self._keep([notice for notice in self._notices if notice != text])

    def clear(self) -> None:
        """Say nothing."""
        self._forget()
        self._label.clear()
        self.hide()

    def text(self) -> str:
        """The message shown; empty when there is none."""
        return self._label.text()

    def kind(self) -> str:
        """``error`` or ``info``: the latest message's."""
        return str(self.property("kind") or "")

    def _add(self, text: str, *, lasts: bool, offer: Callable[[], object] | None) -> None:
        notices, news = [*self._notices, text], self._news - {text} if lasts else self._news | {text}
        offered = text if offer is not self._do else self._offered
        self._forget()
        self._notices, self._news, self._do, self._offered = notices, news & set(notices), offer, offered
        self._show("info", "\n".join(dict.fromkeys(notices)))
        if self._news:
            self._timer.start(NEWS_MS if offer is None else OFFER_MS)

    def offer(self) -> str:
        """What the button says; empty when there is none."""
        return self._offer.text() if self._do is not None else ""

    @Slot()
    def _take_offer(self) -> None:
        do = self._do
        self._keep([notice for notice in self._notices if notice != self._offered])
        if do is not None:
            do()

    @Slot()
    def _lapse(self) -> None:
        if self._news and not self.window().isActiveWindow():
            self._timer.start(NEWS_MS)  # who is away finds it on coming back
            return
        self._keep([notice for notice in self._notices if notice not in self._news])

    def _keep(self, notices: list[str]) -> None:
        self._notices = notices
        self._news &= set(notices)
        if not notices:
            self.clear()
            return
        if self._offered not in notices:
            self._do = None
        self._offer.setVisible(self._do is not None)
        self._label.setText("\n".join(dict.fromkeys(notices)))
        self.setAccessibleDescription(self.text())

    def _forget(self) -> None:
        self._timer.stop()
        self._notices, self._news, self._do, self._offered = [], set(), None, ""

    def _show(self, kind: str, text: str) -> None:
        self.setProperty("kind", kind)
        self.style().unpolish(self)  # the stylesheet looks at properties only when it polishes
        self.style().polish(self)
        self._label.setText(text)
        self._offer.setVisible(self._do is not None)
        self.setAccessibleDescription(text)
        self._draw_icon()
        self.show()

    def _draw_icon(self) -> None:
        tokens, error = theme.current(), self.kind() == "error"
        name, colour = ("warning", tokens.danger) if error else ("info", tokens.accent)
        self._icon.setPixmap(icons.pixmap(name, colour, 16, self.devicePixelRatioF()))
