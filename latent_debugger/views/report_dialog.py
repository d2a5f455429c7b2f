"""Help > Report a problem: everything somebody needs to know to help, to be read and copied."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel, QWidget

from latent_debugger.views.dialog import CopyButton, Dialog, text_view

_INTRODUCTION = (
    "Nothing is sent from here. Copy this text and send it to whoever you have the program from, and say what you did, "
    "what you expected and what happened. It holds no pictures and no folders of yours; read it before you send it."
)
_WAIT = "Collecting…"


class ReportDialog(Dialog):
    """Shows the report; ``objectName`` dialog.report."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("dialog.report", "Report a problem", parent)
        words = QLabel(_INTRODUCTION)
        words.setWordWrap(True)
        self._text = text_view("report.text", "Report")
        self._text.setPlainText(_WAIT)
        self._copy = CopyButton()
        self._copy.setEnabled(False)
        self.column.addWidget(words)
        self.column.addWidget(self._text, 1)
        self.add_buttons(None, self._copy)
        self.resize(720, 480)

    def text(self) -> str:
        """What is shown."""
        return self._text.toPlainText()

    def set_text(self, text: str) -> None:
        """Show the report, its end in view: that is where the trouble is."""
        self._text.setPlainText(text)
        self._copy.setEnabled(True)
        bar = self._text.verticalScrollBar()
        bar.setValue(bar.maximum())
